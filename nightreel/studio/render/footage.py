"""A clip's shot: it moves by itself, so the camera stands still.

The clip fills the picture as long as that cuts nothing off its subject; else the subject is shown whole, and the clip
itself, large and out of focus, lies behind it. It plays from where its segment says and is held on its last picture
when it is over; an animation begins again.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Protocol

import numpy as np

from nightreel.studio.render import picture, pixels
from nightreel.studio.render.framing import CLOSE, Photo, Stage, View, room_of
from nightreel.studio.render.picture import STILL, Move, Window
from nightreel.studio.render.pixels import Bytes
from nightreel.studio.render.plan import Shot
from nightreel.studio.render.plate import Planes, Plate
from nightreel.studio.render.subject import find_subject

_LOOKED_AT = 768  # pixels
_SMALLER = 1.25  # a clip that is larger than its place by more is scaled down first
_LARGER = 0.8  # and one that is smaller than it by more is made twice as fine
_SOFT = 16  # what lies behind is made so many times smaller
_BLUR = 2.5  # and blurred by so many of those pixels
_DIM = 0.72  # and so bright
_BLACK = 16


class Reader(Protocol):
    """Gives a clip's pictures by their time."""

    def at(self, second: Fraction) -> tuple[int, Planes]:
        """Return the picture that is on at *second*, and a number that is its own."""
        ...


@dataclass(frozen=True, slots=True)
class _Framed:
    """Where a clip's picture stands: the view of it, and whether that reaches beyond it."""

    view: View
    beyond: bool


class _Own(threading.local):
    """What each thread has of its own: where it reads, and the last picture that it made ready.

    Threads make different parts of a video: on one reader they would wind it back and forth.
    """

    def __init__(self, open_reader: Callable[[], Reader]) -> None:
        self.reader = open_reader()
        self.kept: tuple[int, tuple[int, ...], Plate] | None = None


class Footage:
    """Draws a clip's pictures, for any number of threads."""

    def __init__(
        self, shot: Shot, open_reader: Callable[[], Reader], fps: int, canvas: tuple[int, int], stage: Stage
    ) -> None:
        self._shot, self._fps = shot, fps
        self._own = _Own(open_reader)
        _, planes = self._own.reader.at(self._time((shot.first + shot.end) // 2))
        self._framed = _framed(planes, canvas[0] / canvas[1], stage)

    def draw(self, number: int, into: Planes, move: Move = STILL, window: Window | None = None) -> None:
        """Fill *into*, or its *window*, with frame *number*'s picture."""
        plate = self._plate(number, into.y.shape)
        view = self._framed.view
        if self._framed.beyond:
            height, width = into.y.shape
            view = View(width / 2, height / 2, width)
        picture.draw(plate, view, into, move, window)

    def _time(self, number: int) -> Fraction:
        return Fraction(self._shot.start, 1000) + Fraction(number - self._shot.first, self._fps)

    def _plate(self, number: int, shape: tuple[int, ...]) -> Plate:
        """Return the picture made ready for a canvas of *shape*; a clip of fewer frames a second shows it again."""
        own = self._own
        which, planes = own.reader.at(self._time(number))
        if own.kept is None or own.kept[:2] != (which, shape):
            own.kept = which, shape, _prepared(planes, self._framed, shape)
        return own.kept[2]


def _framed(planes: Planes, aspect: float, stage: Stage) -> _Framed:
    """Choose the view of a clip, by the subject of one of its pictures."""
    height, width = planes.y.shape
    room = room_of(Photo(width, height, find_subject(_small(planes))), aspect, stage)
    crop = min(width, height * aspect)
    needed = max(crop, min(room.needed(CLOSE), max(width, height * aspect)))
    view = room.inside(needed)
    return _Framed(view, needed > crop)


def _small(planes: Planes) -> Bytes:
    """Return a picture as RGB, no larger than its subject is looked for at."""
    tall, wide = planes.u.shape
    share = min(1.0, _LOOKED_AT / 2 / max(tall, wide))
    tall, wide = max(8, round(tall * share)), max(8, round(wide * share))
    halves = (pixels.shrink(plane, wide, tall) for plane in (planes.u, planes.v))
    return pixels.rgb(pixels.shrink(planes.y, 2 * wide, 2 * tall), *halves)


def _prepared(planes: Planes, framed: _Framed, shape: tuple[int, ...]) -> Plate:
    plate = _scaled(planes, framed.view, shape[1])
    if not framed.beyond:
        return plate
    _, whole = picture.blank(shape[1], shape[0])
    _lay_behind(planes, whole)
    window = _place(planes, framed.view, shape)
    picture.draw(plate, framed.view, whole, window=window)
    return Plate(whole, 0.0, 0.0, 1.0, fine=1, left=True)


def _scaled(planes: Planes, view: View, width: int) -> Plate:
    """Return a clip's picture at about the size that it is seen in."""
    step = view.width / width
    plate = Plate(planes, 0.0, 0.0, 1.0, fine=1, left=True)
    if step < _LARGER:
        return replace(plate, planes=replace(planes, y=pixels.doubled(planes.y)), fine=2)
    if step <= _SMALLER:
        return plate
    height = round(planes.u.shape[0] / step)
    scale = height / planes.u.shape[0]
    smaller = round(planes.u.shape[1] * scale)
    y, u, v = ((planes.y, 2), (planes.u, 1), (planes.v, 1))
    made = Planes(*(pixels.shrink(plane, size * smaller, size * height) for plane, size in (y, u, v)))
    return replace(plate, planes=made, scale=scale)


def _place(planes: Planes, view: View, shape: tuple[int, ...]) -> Window:
    """Return where on the canvas a clip's picture stands."""
    height, width = shape
    scale = width / view.width
    left, top = width / 2 - view.x * scale, height / 2 - view.y * scale
    right, bottom = left + planes.y.shape[1] * scale, top + planes.y.shape[0] * scale
    return Window(
        max(0, _even(left)), max(0, _even(top)), min(width, _even(right)), min(height, _even(bottom))
    )  # fmt: skip


def _even(edge: float) -> int:
    return 2 * round(edge / 2)


def _lay_behind(planes: Planes, into: Planes) -> None:
    """Fill *into* with the clip's picture: its middle, out of focus and darker."""
    height, width = into.y.shape
    tall, wide = planes.y.shape
    across, down = min(wide, tall * width // height) // 2 * 2, min(tall, wide * height // width) // 2 * 2
    left, top = (wide - across) // 4 * 2, (tall - down) // 4 * 2
    middle = Window(left, top, left + across, top + down).of(planes)
    for source, plane, level in zip(
        (middle.y, middle.u, middle.v), (into.y, into.u, into.v), (_BLACK, 128, 128), strict=True
    ):
        small = pixels.shrink(source, max(2, plane.shape[1] // _SOFT), max(2, plane.shape[0] // _SOFT))
        soft = pixels.blur(small.astype(np.float32), _BLUR)
        dimmed = soft if level != _BLACK else (soft - _BLACK) * np.float32(_DIM) + _BLACK
        plane[:] = np.rint(pixels.enlarge(dimmed, plane.shape[1], plane.shape[0]))
