"""Making pictures: a view of a plate, sub-pixel exact, on all three planes; and the transitions between two."""

import numpy as np

from nightreel.studio.draft import TransitionKind
from nightreel.studio.render import pixels
from nightreel.studio.render.framing import View
from nightreel.studio.render.pixels import Bytes, Floats
from nightreel.studio.render.plate import Planes, Plate

_BLACK = (16, 128, 128)
_WHITE = (235, 128, 128)
_FEATHER = 0.18  # of the width: a wipe's soft edge


def blank(width: int, height: int) -> tuple[Bytes, Planes]:
    """Return a new buffer as the encoder takes it, and its planes."""
    buffer = np.empty((height * 3 // 2, width), np.uint8)
    flat = buffer.reshape(-1)
    luma, quarter = width * height, width * height // 4
    half = (height // 2, width // 2)
    u = flat[luma : luma + quarter].reshape(half)
    v = flat[luma + quarter :].reshape(half)
    return buffer, Planes(buffer[:height], u, v)


def draw(plate: Plate, view: View, into: Planes, *, shift: float = 0.0) -> None:
    """Fill *into* with what *view* sees of *plate*, *shift* pixels to the right of where it would be.

    Chroma samples lie on the left luma column of their pair, as H.264 has it by default, and between two rows;
    the plate's lie in the middle of four pixels. The plate's luma is twice as fine as the plate.
    """
    height, width = into.y.shape
    step = view.width / width * plate.scale
    x, y = (view.x - plate.x) * plate.scale, (view.y - plate.y) * plate.scale
    column = x + step * (0.5 - width / 2 - shift)
    row = y + step * (0.5 - height / 2)
    pixels.warp(plate.planes.y, into.y, 2 * step, 2 * column - 0.5, 2 * row - 0.5)
    column_half, row_half = column / 2 - 0.5, (row + step / 2) / 2 - 0.5
    pixels.warp(plate.planes.u, into.u, step, column_half, row_half)
    pixels.warp(plate.planes.v, into.v, step, column_half, row_half)


def eased(share: float) -> float:
    """Return *share* of a transition with a smooth start and stop."""
    return share * share * (3 - 2 * share)


def dip(planes: Planes, share: float, kind: TransitionKind) -> None:
    """Fade *planes* in place towards black or white: *share* of it, 0..1."""
    for plane, level in zip(_three(planes), _WHITE if kind is TransitionKind.DIP_WHITE else _BLACK, strict=True):
        pixels.mix(plane, np.full_like(plane, level), share, plane)


def cross_fade(before: Planes, now: Planes, share: float) -> None:
    """Mix *before* into *now*, in place."""
    for old, new in zip(_three(before), _three(now), strict=True):
        pixels.mix(old, new, share, new)


def wipe(before: Planes, now: Planes, share: float) -> None:
    """Lay *now* over *before* from the left, with a soft edge, in place in *now*."""
    for old, new in zip(_three(before), _three(now), strict=True):
        pixels.mix_by(old, new, _front(new.shape, share), new)


def slide(before: Planes, now: Planes, edge: int) -> None:
    """Put *before* left of the column *edge*, in place in *now*."""
    now.y[:, :edge] = before.y[:, :edge]
    now.u[:, : edge // 2] = before.u[:, : edge // 2]
    now.v[:, : edge // 2] = before.v[:, : edge // 2]


def _front(shape: tuple[int, ...], share: float) -> Floats:
    columns = (np.arange(shape[1], dtype=np.float32) + 0.5) / shape[1]
    ramp = np.clip((share * (1 + _FEATHER) - columns) / _FEATHER, 0, 1)
    return np.ascontiguousarray(np.broadcast_to(ramp * ramp * (3 - 2 * ramp), shape[:2]), np.float32)


def _three(planes: Planes) -> tuple[Bytes, Bytes, Bytes]:
    return planes.y, planes.u, planes.v
