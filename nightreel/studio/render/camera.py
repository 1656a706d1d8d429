"""How the camera moves over a photo: towards the product, never away from it, and never so that it is cut.

A motion that is asked for is a wish: where the photo has no room for it, the nearest that has is taken. A zoom out
keeps the product where it is in the picture; a zoom in and a pan bring it to its place.
"""

import math
from dataclasses import dataclass, replace

from nightreel.studio.draft import Motion
from nightreel.studio.render.framing import CLOSE, STAGE, Axis, Photo, Room, Stage, View, frame, room_of

_ZOOM_A_SECOND = 0.030
_ZOOM = (1.06, 1.16)  # least and most zoom of a shot
_SEEN = 1.03  # a zoom out by less is none
_PAN_A_SECOND = 0.028
_PAN = (0.05, 0.12)  # least and most travel of a shot, in shares of the view
_REVEAL_A_SECOND = 0.05
_REVEAL = 0.20  # most travel along a close-up, in shares of the view
_PAN_ZOOM = 1.05  # a pan comes a little nearer, too
_LITTLE = 1e-9
_PANNED_AIR = 1.03  # a pan begins with the product wholly on its stage


@dataclass(frozen=True, slots=True)
class Path:
    """A move from one view to another."""

    start: View
    end: View

    def at(self, progress: float) -> View:
        """Return the view at *progress* in 0..1: slow at both ends, the zoom even to the eye."""
        eased = _ease(progress)
        if math.isclose(self.start.width, self.end.width):
            share, width = eased, self.start.width
        else:
            width = self.start.width * (self.end.width / self.start.width) ** eased
            share = (self.start.width - width) / (self.start.width - self.end.width)
        x = self.start.x + (self.end.x - self.start.x) * share
        y = self.start.y + (self.end.y - self.start.y) * share
        return View(x, y, width)


def _ease(progress: float) -> float:
    """Mix an even move with a smooth start and stop: never still, never abrupt."""
    smooth = progress * progress * (3 - 2 * progress)
    return 0.5 * progress + 0.5 * smooth


def plan_path(photo: Photo, aspect: float, motion: Motion, seconds: float, *, stage: Stage = STAGE) -> Path:
    """Return the camera's path over *photo* for a picture of *aspect* (width over height).

    *stage* is the part of the picture that the product should keep to.
    """
    room = room_of(photo, aspect, stage)
    framing = frame(room)
    if motion is Motion.HOLD:
        view = (room.place if framing.whole else room.fill)(framing.width)
        return Path(view, view)
    if not framing.whole:
        return _reveal(room, motion, framing.width, seconds)
    if motion in _NEAREST:
        path = _pan(room, motion, framing.width, seconds)
        return path or _zoom(room, _NEAREST[motion], framing.width, seconds)
    return _zoom(room, motion, framing.width, seconds)


_NEAREST = {
    Motion.PAN_RIGHT: Motion.ZOOM_IN,
    Motion.PAN_UP: Motion.ZOOM_IN,
    Motion.PAN_LEFT: Motion.ZOOM_OUT,
    Motion.PAN_DOWN: Motion.ZOOM_OUT,
}
"""What is done instead of a pan that has no room."""


def _zoom(room: Room, motion: Motion, widest: float, seconds: float) -> Path:
    far = room.place(widest)
    width = min(max(widest / _zoomed(seconds), room.needed(CLOSE)), widest)
    if motion is Motion.ZOOM_OUT:
        near = _fixed(room, far, width)
        if near.width * _SEEN <= widest:
            return Path(near, far)
    return Path(far, _closer(room, far, width))


def _closer(room: Room, far: View, width: float) -> View:
    """Return a view of *width* with the product nearer to its place than in *far*, or where *far* has it."""
    near = room.place(width)
    for there, here in zip(_off(room, far), _off(room, near), strict=True):
        if abs(here) > abs(there) + _LITTLE or here * there < -_LITTLE:
            return _fixed(room, far, width)
    return near


def _off(room: Room, view: View) -> tuple[float, float]:
    """Return how far a view is from having the product in its place, in shares of the picture."""
    x = (view.x - room.across.ideal(view.width)) / view.width
    return x, (view.y - room.down.ideal(view.width / room.aspect)) * room.aspect / view.width


def _zoomed(seconds: float) -> float:
    return min(max(1 + _ZOOM_A_SECOND * seconds, _ZOOM[0]), _ZOOM[1])


def _fixed(room: Room, far: View, width: float) -> View:
    """Return the view of *width*, or the next wider, that has the product where *far* has it, on its stage."""
    across = _fitting(room.across, far.x, far.width, width)
    down = _fitting(room.down, far.y, far.width / room.aspect, width / room.aspect) * room.aspect
    share = min(1.0, max(across, down) / far.width)
    x, y = room.across.product, room.down.product
    return View(x + (far.x - x) * share, y + (far.y - y) * share, far.width * share)


def _fitting(axis: Axis, middle: float, length: float, least: float) -> float:
    """Return the least length of a view, from *least*, with the product where the view at *middle* has it."""
    at = 0.5 + (axis.product - middle) / length
    room = min(at - axis.stage[0], axis.stage[1] - at)
    half = (axis.end - axis.begin) / 2 * CLOSE
    return max(least, half / room) if room > 0 else length


def _pan(room: Room, motion: Motion, widest: float, seconds: float) -> Path | None:
    """Return a pan that ends with the product in its place; none where there is no room for one."""
    share = min(max(_PAN_A_SECOND * seconds, _PAN[0]), _PAN[1])
    least = room.needed(CLOSE)
    width = min(max(widest / (1 + share), least), widest)
    here = room.place(width)
    end = _closer(room, here, max(width / _PAN_ZOOM, min(width, least)))
    across = motion in (Motion.PAN_LEFT, Motion.PAN_RIGHT)
    onwards = 1 if motion in (Motion.PAN_RIGHT, Motion.PAN_DOWN) else -1
    starts = (_begun(room, here, way * share, across=across) for way in (onwards, -onwards))
    return next((Path(start, end) for start in starts if start and _comes(room, start, end, across=across)), None)


def _begun(room: Room, here: View, share: float, *, across: bool) -> View | None:
    """Return where a pan over a *share* of the picture to *here* begins; none if the product is off its stage there.

    No more that is made up is seen than from *here*.
    """
    axis, length, middle = room.along(here, across=across)
    low, high = sorted((axis.free[0] + length / 2, axis.free[1] - length / 2))
    least, most = axis.keeping(length, _PANNED_AIR)
    low, high = max(min(low, middle), least), min(max(high, middle), most)
    return _moved(here, min(max(middle - share * length, low), high), across=across) if low <= high else None


def _comes(room: Room, start: View, end: View, *, across: bool) -> bool:
    """Whether a pan brings the product to its place: far enough to be seen, from one side, never past it."""
    there, here = (_off(room, view)[0 if across else 1] for view in (start, end))
    return abs(there) - abs(here) >= _PAN[0] and there * here >= -_LITTLE


def _moved(view: View, middle: float, *, across: bool) -> View:
    return replace(view, x=middle) if across else replace(view, y=middle)


def _reveal(room: Room, motion: Motion, widest: float, seconds: float) -> Path:
    """Return a slow travel to what the photo is about, along what a crop hides: for close-ups."""
    end = room.fill(widest)
    across = room.across.extent / room.down.extent > room.aspect
    axis, length, middle = room.along(end, across=across)
    before, after = middle - length / 2, axis.extent - middle - length / 2
    if max(before, after) < _PAN[0] * length:
        return Path(end, room.fill(widest / _zoomed(seconds)))
    travel = min(max(_REVEAL_A_SECOND * seconds, _PAN[0]), _REVEAL) * length
    wished = 1 if motion in (Motion.PAN_RIGHT, Motion.PAN_DOWN, Motion.ZOOM_IN) else -1
    way = wished if (before if wished > 0 else after) >= _PAN[0] * length else -wished
    begin = middle - way * min(travel, before if way > 0 else after)
    return Path(_moved(end, begin, across=across), end)
