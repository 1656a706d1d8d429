"""A layer: what lies over the picture where its mask says, in its own colours, ready for every frame."""

import numpy as np

from nightreel.studio.render import pixels
from nightreel.studio.render.pixels import Bytes
from nightreel.studio.render.plate import Planes

_NEUTRAL = 128


class Layer:
    """Lays *ink* over planes at (*x*, *y*), both even, by *opacity*.

    At its full strength, where it is for most of its time, everything but the laying itself is done beforehand.

    Args:
        opacity: 0..255 a pixel; its sides are even.
        x, y: where its first pixel lies.
        ink: a grey's level; or the colours, each times its opacity.
    """

    def __init__(self, opacity: Bytes, x: int, y: int, ink: int | Planes) -> None:
        self._opacity = opacity
        self._place = x, y
        self._ink = ink if isinstance(ink, Planes) else _grey(opacity, ink)
        self._full: _Stamp | None = None

    @property
    def width(self) -> int:
        """Its pixels from side to side."""
        return self._opacity.shape[1]

    def lay(self, planes: Planes, strength: float, down: float = 0.0, shown: Bytes | None = None) -> None:
        """Lay it over *planes*, in place: *strength* of its opacity, *down* pixels lower, as far as it is *shown*.

        *shown* has a value 0..255 for each column.
        """
        if strength <= 0:
            return
        if strength >= 1 and not down and shown is None:
            self._full = self._full or _Stamp(self._opacity, self._ink, planes, self._place)
            self._full.lay(planes)
            return
        parts = [self._opacity, self._ink.y, self._ink.u, self._ink.v]
        if down:
            parts = [pixels.shifted(part, down * len(part) / len(self._opacity)) for part in parts]
        if strength < 1:
            parts = [pixels.scaled(part, strength) for part in parts]
        if shown is not None:
            parts = [pixels.masked(part, shown) for part in parts]
        _Stamp(parts[0], Planes(*parts[1:]), planes, self._place).lay(planes)


def _grey(opacity: Bytes, level: int) -> Planes:
    rows, columns = opacity.shape
    half = pixels.scaled(pixels.shrink(opacity, columns // 2, rows // 2), _NEUTRAL / 255)
    return Planes(pixels.scaled(opacity, level / 255), half, half)


class _Stamp:
    """A layer's three planes, clipped to the picture: what is left of it, and what is added."""

    def __init__(self, opacity: Bytes, ink: Planes, planes: Planes, place: tuple[int, int]) -> None:
        x, y = place
        height, width = planes.y.shape
        rows, columns = min(opacity.shape[0], height - y), min(opacity.shape[1], width - x)
        half = rows // 2, columns // 2
        opacity = np.ascontiguousarray(opacity[:rows, :columns])
        self._luma = slice(y, y + rows), slice(x, x + columns)
        self._chroma = slice(y // 2, y // 2 + half[0]), slice(x // 2, x // 2 + half[1])
        self._keeps = 255 - opacity, 255 - pixels.shrink(opacity, half[1], half[0])
        self._adds = tuple(
            np.ascontiguousarray(part[:down, :across])
            for part, (down, across) in ((ink.y, (rows, columns)), (ink.u, half), (ink.v, half))
        )

    def lay(self, planes: Planes) -> None:
        """Lay it over *planes*, in place."""
        pixels.lay_over(planes.y[self._luma], self._keeps[0], self._adds[0])
        for plane, adds in zip((planes.u, planes.v), self._adds[1:], strict=True):
            pixels.lay_over(plane[self._chroma], self._keeps[1], adds)
