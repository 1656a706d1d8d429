"""A layer: a grey of one level that lies over the picture where its mask says, ready for every frame."""

import numpy as np

from nightreel.studio.render import pixels
from nightreel.studio.render.pixels import Bytes
from nightreel.studio.render.plate import Planes

_NEUTRAL = 128


class Layer:
    """Lays a grey of *level* over planes at (*x*, *y*), both even, by *opacity*.

    At its full strength, where it is for most of its time, everything but the laying itself is done beforehand.
    """

    def __init__(self, opacity: Bytes, x: int, y: int, level: int) -> None:
        self._opacity = opacity
        self._place = x, y
        self._level = level
        self._full: _Stamp | None = None

    def lay(self, planes: Planes, strength: float, down: float = 0.0) -> None:
        """Lay it over *planes*, in place: *strength* of its opacity, *down* pixels lower."""
        if strength <= 0:
            return
        if strength >= 1 and not down:
            self._full = self._full or _Stamp(self._opacity, planes, self._place, self._level)
            self._full.lay(planes)
            return
        opacity = pixels.shifted(self._opacity, down) if down else self._opacity
        if strength < 1:
            opacity = pixels.scaled(opacity, strength)
        _Stamp(opacity, planes, self._place, self._level).lay(planes)


class _Stamp:
    """A layer's three planes, clipped to the picture: what is left of it, and what is added."""

    def __init__(self, opacity: Bytes, planes: Planes, place: tuple[int, int], level: int) -> None:
        x, y = place
        height, width = planes.y.shape
        opacity = np.ascontiguousarray(opacity[: height - y, : width - x])
        rows, columns = opacity.shape
        half = pixels.shrink(opacity, columns // 2, rows // 2)
        self._luma = slice(y, y + rows), slice(x, x + columns)
        self._chroma = slice(y // 2, y // 2 + rows // 2), slice(x // 2, x // 2 + columns // 2)
        self._keeps = 255 - opacity, 255 - half
        self._adds = pixels.scaled(opacity, level / 255), pixels.scaled(half, _NEUTRAL / 255)

    def lay(self, planes: Planes) -> None:
        """Lay it over *planes*, in place."""
        pixels.lay_over(planes.y[self._luma], self._keeps[0], self._adds[0])
        for plane in (planes.u, planes.v):
            pixels.lay_over(plane[self._chroma], self._keeps[1], self._adds[1])
