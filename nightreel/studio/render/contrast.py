"""What stands behind a text decides how it is set: dark letters on bright calm backgrounds, else white ones.

A scrim darkens the picture behind white letters by as much as they need, and no more: a picture that is dark enough
stays as it is. On a bright picture with little that is dark, a white one behind dark letters is less to be seen.
Contrast is WCAG's: (L1 + 0.05) / (L2 + 0.05) of relative luminances.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nightreel.studio.render import pixels
from nightreel.studio.render.pixels import Array, Bytes, Floats
from nightreel.studio.render.plate import Planes

DARK, WHITE = (17, 17, 17), (255, 255, 255)
"""The two inks, in sRGB."""

LEAST = 4.5
"""The contrast that every text has."""

MOST_SCRIM = 0.60
"""The most that a picture is darkened or brightened: it makes white letters readable on white."""

_SURE = 1.1  # between the moments that are looked at, a picture moves
_CALM = 0.36  # the luminance behind dark letters differs by less than this
_BRIGHT = 0.45  # the middle of the luminance of a bright picture
_STEP = 0.02
_FEW = 0.5  # per cent of the pixels that may be brighter (or darker) than what counts


@dataclass(frozen=True, slots=True)
class Tone:
    """How a text is set: in dark letters or in white ones, and how much of a white or black scrim is behind it."""

    dark: bool
    scrim: float


def tone_of(behind: Sequence[Planes]) -> Tone:
    """Choose the tone of a text from what is *behind* it, at several moments."""
    colors = np.concatenate([pixels.rgb(planes.y, planes.u, planes.v).reshape(-1, 3) for planes in behind])
    seen = luminance(colors)
    low, middle, high = (float(value) for value in np.percentile(seen, (_FEW, 50, 100 - _FEW)))
    veil = _veil(colors[seen <= low], 255.0, _DARKEST)
    if not veil and high - low < _CALM:
        return Tone(dark=True, scrim=0.0)
    scrim = _veil(colors[seen >= high], 0.0, 1.0)
    return Tone(dark=True, scrim=veil) if middle > _BRIGHT and veil < scrim else Tone(dark=False, scrim=scrim)


def _veil(colors: Bytes, towards: float, ink: float) -> float:
    """Return how much of a veil makes *ink*'s luminance readable on all of *colors*; the veil is black or white."""
    values = colors.astype(np.float32)
    for step in range(round(MOST_SCRIM / _STEP) + 1):
        veiled = luminance(values + (towards - values) * (step * _STEP))
        if min(contrast(ink, float(veiled.min())), contrast(ink, float(veiled.max()))) >= LEAST * _SURE:
            return round(step * _STEP, 2)
    return MOST_SCRIM


def luminance(colors: Array) -> Floats:
    """Return the relative luminance, 0..1, of sRGB colours (0..255; the last axis has red, green and blue)."""
    share = colors.astype(np.float32) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004 - sRGB's own
    return linear @ np.array([0.2126, 0.7152, 0.0722], np.float32)


def contrast(one: float, other: float) -> float:
    """Return the contrast of two luminances, 1..21."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def ink_on(color: tuple[int, int, int]) -> tuple[int, int, int]:
    """Return the ink that is read best on a plate of *color*."""
    behind = float(luminance(np.array(color)))
    white = contrast(1.0, behind)
    dark = contrast(float(luminance(np.array(DARK))), behind)
    if max(white, dark) < LEAST:
        return (0, 0, 0)  # between the two only the blackest black will do
    return WHITE if white >= min(dark, LEAST) else DARK


def part_of(planes: Planes, rows: slice, columns: slice) -> Planes:
    """Return a part of a small picture that begins and ends on even pixels, and is never empty."""
    rows, columns = (_even(part, whole) for part, whole in zip((rows, columns), planes.y.shape, strict=True))
    half = tuple(slice(part.start // 2, part.stop // 2) for part in (rows, columns))
    return Planes(planes.y[rows, columns], planes.u[half], planes.v[half])


def _even(part: slice, whole: int) -> slice:
    start = min(max(0, part.start // 2 * 2), whole - 2)
    return slice(start, min(max(start + 2, -(-part.stop // 2) * 2), whole))


_DARKEST = float(luminance(np.array(DARK)))
