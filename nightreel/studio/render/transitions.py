"""How one picture gives way to the next: on the planes, sub-pixel exact where something moves.

Each transition is a function of a share, 0..1: 0 is the old picture and nothing else, 1 the new one. Only what is
seen is drawn: a push or a wipe costs about as much as one picture.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import numpy as np

from nightreel.studio.draft import Direction, TransitionKind
from nightreel.studio.render import picture, pixels
from nightreel.studio.render.picture import STILL, Move, Window
from nightreel.studio.render.pixels import Floats
from nightreel.studio.render.plate import Planes

_BLACK = (16, 128, 128)
_WHITE = (235, 128, 128)
_FEATHER = 0.14  # of the way: a wipe's soft edge
_NEARER, _FARTHER = 1.5, 0.8  # a zoom: how near the old picture comes, and how far off the new one begins
_ZOOM_FADE = (0.30, 0.70)
_BLUR = 0.022  # of the longer side: the sigma of a blur at its strongest
_BLUR_FADE = (0.20, 0.80)
_SMALL = 8  # what is blurred is made so many times smaller
_SHUTTER = 0.5  # of the frame's time: how long a whip's light is gathered
_FRAMES = 12  # and the frames that it is reckoned to take


class Drawer(Protocol):
    """Draws a picture, or a *window* of it."""

    def __call__(self, into: Planes, move: Move = STILL, window: Window | None = None) -> None:
        """Fill *into*."""
        ...


@dataclass(frozen=True, slots=True)
class Both:
    """The old picture, the new one, what is to be filled, and room for another picture."""

    before: Drawer
    now: Drawer
    into: Planes
    spare: Planes


def join(kind: TransitionKind, direction: Direction, share: float, both: Both) -> None:
    """Fill *both*'s planes with the transition's picture at *share*, 0..1."""
    _KINDS[kind](direction, share, both)


def eased(share: float) -> float:
    """Return *share* of a transition with a smooth start and stop."""
    share = min(max(share, 0.0), 1.0)
    return share * share * (3 - 2 * share)


def dipped(share: float) -> float:
    """Return how deep a dip is at *share* of a transition: 1 half-way."""
    return eased(1 - abs(2 * share - 1))


def _cut(_: Direction, share: float, both: Both) -> None:
    (both.now if share > 0 else both.before)(both.into)


def _cross_fade(_: Direction, share: float, both: Both) -> None:
    _mixed(eased(share), both.before, both.now, both)


def _dip(level: tuple[int, int, int]) -> "Join":
    def dip(_: Direction, share: float, both: Both) -> None:
        (both.before if share < 0.5 else both.now)(both.into)  # noqa: PLR2004 - half-way
        for plane, grey in zip((both.into.y, both.into.u, both.into.v), level, strict=True):
            pixels.towards(plane, grey, dipped(share))

    return dip


def _slide(direction: Direction, share: float, both: Both) -> None:
    """The new picture slides over the old one."""
    _parted(direction, eased(share), 0.0, both)


def _push(direction: Direction, share: float, both: Both) -> None:
    """The new picture pushes the old one out."""
    _parted(direction, eased(share), 1.0, both)


def _whip(direction: Direction, share: float, both: Both) -> None:
    """A push as fast as a camera is thrown round: what moves is smeared along its way."""
    here = eased(eased(share))
    _parted(direction, here, 1.0, both)
    half = 0.5 / _FRAMES
    speed = eased(eased(share + half)) - eased(eased(share - half))
    across = direction in (Direction.LEFT, Direction.RIGHT)
    for plane in (both.into.y, both.into.u, both.into.v):
        pixels.smear(plane, speed * _SHUTTER * plane.shape[1 if across else 0], across=across)


def _wipe(direction: Direction, share: float, both: Both) -> None:
    """A soft edge goes over the picture, and the new one is behind it."""
    across, forward = _way(direction)
    into = both.into
    length = into.y.shape[1 if across else 0]
    feather = _FEATHER * length
    front = eased(share) * (length + feather)
    low, high = _even(max(0.0, front - feather)), min(length, _even(front) + 2)
    place = np.arange(low, high, dtype=np.float32) + 0.5
    weights = np.clip((front - place) / feather, 0, 1)
    _meet(both, across, forward, (low, high), weights * weights * (3 - 2 * weights))


def _zoom(_: Direction, share: float, both: Both) -> None:
    """Through the old picture into the new one."""
    fade = eased((share - _ZOOM_FADE[0]) / (_ZOOM_FADE[1] - _ZOOM_FADE[0]))
    nearer = Move(zoom=_NEARER ** (share * share))
    farther = Move(zoom=_FARTHER ** ((1 - share) * (1 - share)))
    _mixed(fade, partial(both.before, move=nearer), partial(both.now, move=farther), both)


def _blur(_: Direction, share: float, both: Both) -> None:
    """The old picture goes out of focus, and the new one comes into it."""
    fade = eased((share - _BLUR_FADE[0]) / (_BLUR_FADE[1] - _BLUR_FADE[0]))
    _mixed(fade, both.before, both.now, both)
    into, sigma = both.into, dipped(share) * _BLUR * max(both.into.y.shape)
    for plane, size in ((into.y, 1), (into.u, 2), (into.v, 2)):
        pixels.defocus(plane, sigma / size, _SMALL // size)


Join = Callable[[Direction, float, Both], None]
_KINDS: dict[TransitionKind, Join] = {
    TransitionKind.CUT: _cut,
    TransitionKind.CROSS_FADE: _cross_fade,
    TransitionKind.DIP_BLACK: _dip(_BLACK),
    TransitionKind.DIP_WHITE: _dip(_WHITE),
    TransitionKind.SLIDE: _slide,
    TransitionKind.PUSH: _push,
    TransitionKind.WHIP: _whip,
    TransitionKind.WIPE: _wipe,
    TransitionKind.ZOOM: _zoom,
    TransitionKind.BLUR: _blur,
}


def _mixed(share: float, before: Callable[[Planes], None], now: Callable[[Planes], None], both: Both) -> None:
    """Mix two pictures; one that is not seen is not drawn."""
    if share <= 0 or share >= 1:
        (before if share <= 0 else now)(both.into)
        return
    before(both.spare)
    now(both.into)
    for old, new in picture.pairs(both.spare, both.into):
        pixels.mix(old, new, share, new)


def _parted(direction: Direction, share: float, goes: float, both: Both) -> None:
    """Put both pictures side by side: the new one has come in by a *share*; the old one *goes*, or stays."""
    across, forward = _way(direction)
    length = both.into.y.shape[1 if across else 0]
    front, sign = share * length, 1 if forward else -1
    old, new = (_along(sign * way, across=across) for way in (goes * front, front - length))
    low = min(_even(front), length)
    high = min(low + 2, length)
    moved = replace(both, before=partial(both.before, move=old), now=partial(both.now, move=new))
    weights = np.clip(front - np.arange(low, high, dtype=np.float32), 0, 1)
    _meet(moved, across, forward, (low, high), weights)


def _along(way: float, *, across: bool) -> Move:
    return Move(x=way) if across else Move(y=way)


def _meet(both: Both, across: bool, forward: bool, border: tuple[int, int], weights: Floats) -> None:  # noqa: FBT001
    """Draw the new picture up to a *border*, the old one beyond it, and mix them in it by *weights* of the new one.

    All is counted from where the new picture comes from.
    """
    low, high = border
    height, width = both.into.y.shape
    parts = ((both.now, both.into, 0, high), (both.before, both.into, high, width if across else height))
    for drawer, planes, begin, end in (*parts, (both.before, both.spare, low, high)):
        window = _strip(planes, across, begin, end, forward=forward)
        if not window.empty:
            drawer(planes, window=window)
    window = _strip(both.into, across, low, high, forward=forward)
    if not window.empty:
        weights = weights if forward else weights[::-1]
        _mix_along(window.of(both.spare), window.of(both.into), weights, across=across)


def _way(direction: Direction) -> tuple[bool, bool]:
    """Return whether a direction goes across, and whether the new picture grows from the left or the top."""
    return direction in (Direction.LEFT, Direction.RIGHT), direction in (Direction.RIGHT, Direction.DOWN)


def _even(length: float) -> int:
    return int(length) // 2 * 2


def _strip(planes: Planes, across: bool, begin: int, end: int, *, forward: bool) -> Window:  # noqa: FBT001 - an axis
    """Return the part of the picture from *begin* to *end*, counted from where the new picture comes from."""
    height, width = planes.y.shape
    length = width if across else height
    if not forward:
        begin, end = length - end, length - begin
    return Window(begin, 0, end, height) if across else Window(0, begin, width, end)


def _mix_along(before: Planes, now: Planes, weights: Floats, *, across: bool) -> None:
    """Mix *before* into *now* by *weights* of *now*, one a column or row."""
    half = weights.reshape(-1, 2).mean(axis=1)
    for (old, new), line in zip(picture.pairs(before, now), (weights, half, half), strict=True):
        spread = np.broadcast_to(line if across else line[:, None], new.shape)
        pixels.mix_by(old, new, np.ascontiguousarray(spread, np.float32), new)
