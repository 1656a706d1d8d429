"""Making pictures: a view of a plate, sub-pixel exact, on all three planes, or on a part of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nightreel.studio.render import pixels
from nightreel.studio.render.framing import View
from nightreel.studio.render.pixels import Bytes
from nightreel.studio.render.plate import Planes, Plate


@dataclass(frozen=True, slots=True)
class Move:
    """How a picture stands on the canvas: so many pixels to the right and down, enlarged about its middle."""

    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the canvas, in pixels: from *left*, *top* to before *right*, *bottom*; all even."""

    left: int
    top: int
    right: int
    bottom: int

    def of(self, planes: Planes) -> Planes:
        """Return that part of *planes*; it is no copy."""
        rows, columns = slice(self.top, self.bottom), slice(self.left, self.right)
        half = slice(self.top // 2, self.bottom // 2), slice(self.left // 2, self.right // 2)
        return Planes(planes.y[rows, columns], planes.u[half], planes.v[half])

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it."""
        return self.right <= self.left or self.bottom <= self.top


STILL = Move()
_OFF, _OFF_CHROMA = 1 / 128, 1 / 50
"""By so many of their own pixels luma and chroma may stand off."""


def blank(width: int, height: int) -> tuple[Bytes, Planes]:
    """Return a new buffer as the encoder takes it, and its planes."""
    buffer = np.empty((height * 3 // 2, width), np.uint8)
    return buffer, planes_of(buffer)


def planes_of(buffer: Bytes) -> Planes:
    """Return the planes of a *buffer* as the encoder takes it; they are no copies."""
    height, width = buffer.shape[0] * 2 // 3, buffer.shape[1]
    luma, quarter, half = width * height, width * height // 4, (height // 2, width // 2)
    flat = buffer.reshape(-1)
    return Planes(buffer[:height], flat[luma : luma + quarter].reshape(half), flat[luma + quarter :].reshape(half))


def whole(planes: Planes) -> Window:
    """Return the window that is all of *planes*."""
    return Window(0, 0, planes.y.shape[1], planes.y.shape[0])


def draw(plate: Plate, view: View, into: Planes, move: Move = STILL, window: Window | None = None) -> None:
    """Fill *into*, or its *window*, with what *view* sees of *plate*.

    Chroma samples lie on the left luma column of their pair, as H.264 has it by default, and between two rows; those
    of a photo's plate lie in the middle of four pixels.
    """
    height, width = into.y.shape
    window = window or Window(0, 0, width, height)
    part = window.of(into)
    step = view.width / width * plate.scale / move.zoom
    x, y = (view.x - plate.x) * plate.scale, (view.y - plate.y) * plate.scale
    column = x + step * (0.5 + window.left - width / 2 - move.x)
    row = y + step * (0.5 + window.top - height / 2 - move.y)
    fine, rim = plate.fine, plate.rim
    pixels.warp(plate.planes.y, part.y, fine * step, (fine * column - 0.5, fine * row - 0.5), fine * rim, _OFF)
    half = (column + (0.5 if plate.left else 0.0)) / 2 - 0.5, (row + step / 2) / 2 - 0.5
    for plane, filled in ((plate.planes.u, part.u), (plate.planes.v, part.v)):
        pixels.warp(plane, filled, step, half, rim, _OFF_CHROMA)


def pairs(one: Planes, other: Planes) -> Iterator[tuple[Bytes, Bytes]]:
    """Yield the planes of two pictures, side by side."""
    return zip((one.y, one.u, one.v), (other.y, other.u, other.v), strict=True)
