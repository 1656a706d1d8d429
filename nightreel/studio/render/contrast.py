"""What stands behind a text decides how it is set: dark letters on bright calm backgrounds, else white ones.

White letters get a scrim that darkens the picture by as much as they need, and no more: a picture that is dark enough
stays as it is. Contrast is WCAG's: (L1 + 0.05) / (L2 + 0.05) of relative luminances.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nightreel.studio.render import pixels
from nightreel.studio.render.pixels import Array, Floats
from nightreel.studio.render.plate import Planes

DARK, WHITE = (17, 17, 17), (255, 255, 255)
"""The two inks, in sRGB."""

LEAST = 4.5
"""The contrast that every text has."""

MOST_SCRIM = 0.60
"""The most that a picture is darkened: it makes white letters readable on white."""

_SURE = 1.1  # between the moments that are looked at, a picture moves
_CALM = 0.36  # the luminance behind dark letters differs by less than this
_STEP = 0.02
_FEW = 0.5  # per cent of the pixels that may be brighter (or darker) than what counts


@dataclass(frozen=True, slots=True)
class Tone:
    """How a text is set: in dark letters or in white ones, and how much the picture is darkened behind them."""

    dark: bool
    scrim: float


def tone_of(behind: Sequence[Planes]) -> Tone:
    """Choose the tone of a text from what is *behind* it, at several moments."""
    colors = np.concatenate([pixels.rgb(planes.y, planes.u, planes.v).reshape(-1, 3) for planes in behind])
    seen = luminance(colors)
    low, high = (float(value) for value in np.percentile(seen, (_FEW, 100 - _FEW)))
    if contrast(low, float(luminance(np.array(DARK)))) >= LEAST * _SURE and high - low < _CALM:
        return Tone(dark=True, scrim=0.0)
    brightest = colors[seen >= high].astype(np.float32)
    steps = round(MOST_SCRIM / _STEP)
    scrims = (step * _STEP for step in range(steps + 1))
    needed = next((scrim for scrim in scrims if _readable(brightest * (1 - scrim))), MOST_SCRIM)
    return Tone(dark=False, scrim=round(needed, 2))


def _readable(colors: Floats) -> bool:
    return contrast(1.0, float(luminance(colors).max())) >= LEAST * _SURE


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
