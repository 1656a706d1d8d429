"""Where a view of a photo may stand: so that the product is whole, clear of titles, and nothing made up is seen.

Pure geometry in photo pixels. A view may reach beyond the photo where its background can be continued
(:mod:`nightreel.studio.render.background`): freely past a plain edge, a little past a restless one, and no more than
the product needs.
"""

import math
from dataclasses import dataclass, replace

from nightreel.studio.render.subject import CALM, Subject

CLOSE = 1.10
"""The nearest view: so many times as wide and high as the product."""

_AIR = 1.24  # a shot's widest view is at least so many times as wide and high as the product
_ZOOMABLE = 1.16  # or so many times, where more would show too much that is made up
_TIGHT = 1.06  # a product that passes the crop by no more than this fills the picture, not shrunk
_NORMAL = 0.86  # the height of STAGE
_GAP = 0.07  # what comes nearer to an edge goes on beyond it: past that edge no view may reach
_WILD = 36.0  # Lab units: what is continued from such an edge, or a wilder one, shows most
_ACROSS = (0.30, 0.16)  # of the photo's side: how far a view may pass edges of CALM and of _WILD unrest
_DOWN = (0.55, 0.30)  # and below and above, where titles mostly lie
_CHOICES = 24
_TALE = 0.15  # what a view loses by showing less of the photo's scenery
_OFF = 4.0  # and by a product that is off its stage
_WHOLE = 0.80  # a product that is less than this on its stage is shown in part


@dataclass(frozen=True, slots=True)
class Stage:
    """The part of the picture that the product keeps to, in shares: 0, 0 is its top left corner."""

    left: float = 0.0
    top: float = 0.04
    right: float = 1.0
    bottom: float = 0.90

    @property
    def middle(self) -> tuple[float, float]:
        """The stage's centre."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


STAGE = Stage()
"""Where the product stands with no title beside it: a little above the middle."""


@dataclass(frozen=True, slots=True)
class View:
    """A window on the photo: its middle and its width, in photo pixels."""

    x: float
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class Axis:
    """A photo along one of its sides, as a view of some length sees it; in photo pixels.

    Attributes:
        extent: the photo's side.
        begin, end: where the product is.
        free: how far views may go unseen: the photo, and beyond its plain edges.
        reach: how far they may go at all.
        focus: where the eye goes, if the product is seen only in part.
        stage: the part of the view that the product keeps to, in shares.
    """

    extent: float
    begin: float
    end: float
    free: tuple[float, float]
    reach: tuple[float, float]
    focus: float = 0.0
    stage: tuple[float, float] = (0.0, 1.0)

    @property
    def product(self) -> float:
        """The product's middle."""
        return (self.begin + self.end) / 2

    def ideal(self, length: float) -> float:
        """Return the middle of the view that has the product in the middle of its stage."""
        return self.product + (0.5 - (self.stage[0] + self.stage[1]) / 2) * length

    def keeping(self, length: float, air: float) -> tuple[float, float]:
        """Return the least and the most middle of a view with the product on its stage, *air* times as large."""
        more = (air - 1) / 2 * (self.end - self.begin)
        return (
            self.end + more + (0.5 - self.stage[1]) * length,
            self.begin - more + (0.5 - self.stage[0]) * length,
        )

    def place(self, length: float) -> float:
        """Return the best middle of a view: on the photo, if the product is on its stage so, else as little off."""
        middle = clamped(self.ideal(length), length, self.free)
        least, most = self.keeping(length, CLOSE)
        middle = min(max(middle, least), most) if least <= most else (least + most) / 2
        return clamped(middle, length, self.reach)

    def fill(self, length: float) -> float:
        """Return the middle of the view on the photo that has what it is about nearest to the stage's middle."""
        ideal = self.ideal(length) - self.product + self.focus
        return clamped(ideal, length, (0.0, self.extent))

    def inside(self, length: float) -> float:
        """Return the middle of the view with the product nearest to its place, that shows nothing but the photo."""
        return clamped(self.ideal(length), length, (0.0, self.extent))

    def beyond(self, middle: float, length: float) -> float:
        """Return the share of a view that lies where the photo's continuation may be seen."""
        low, high = middle - length / 2, middle + length / 2
        return (max(0.0, self.free[0] - low) + max(0.0, high - self.free[1])) / length

    def staged(self, middle: float, length: float) -> float:
        """Return the share of the product that is on its stage."""
        low, high = (middle + (edge - 0.5) * length for edge in self.stage)
        return max(0.0, min(self.end, high) - max(self.begin, low)) / (self.end - self.begin)


@dataclass(frozen=True, slots=True)
class Photo:
    """What the camera needs to know of a photo."""

    width: int
    height: int
    subject: Subject


@dataclass(frozen=True, slots=True)
class Room:
    """Where views of a photo may stand, for a picture of *aspect* (width over height).

    Attributes:
        cut_off: whether the product reaches a restless edge: what the photo shows is only a part of it.
    """

    aspect: float
    across: Axis
    down: Axis
    cut_off: bool

    def place(self, width: float) -> View:
        """Return the best view of *width*."""
        return View(self.across.place(width), self.down.place(width / self.aspect), width)

    def fill(self, width: float) -> View:
        """Return the best view of *width* that shows nothing but the photo."""
        return View(self.across.fill(width), self.down.fill(width / self.aspect), width)

    def inside(self, width: float) -> View:
        """Return the best view of *width* on the photo; a larger one has all of the photo in it."""
        return View(self.across.inside(width), self.down.inside(width / self.aspect), width)

    def needed(self, air: float) -> float:
        """Return the width of the view that holds the product, with so much *air*."""
        across, down = self.across, self.down
        wide = (across.end - across.begin) / (across.stage[1] - across.stage[0])
        high = (down.end - down.begin) * self.aspect * _NORMAL / (down.stage[1] - down.stage[0])
        return air * max(wide, high)

    def along(self, view: View, *, across: bool) -> tuple[Axis, float, float]:
        """Return one side of the photo, and *view*'s length and middle along it."""
        return (self.across, view.width, view.x) if across else (self.down, view.width / self.aspect, view.y)

    def beyond(self, view: View) -> float:
        """Return how much of *view* lies where the continuation may be seen; half of it counts below and above."""
        return self.across.beyond(view.x, view.width) + self.down.beyond(view.y, view.width / self.aspect) / 2

    def staged(self, view: View) -> float:
        """Return the share of the product that is on its stage."""
        return self.across.staged(view.x, view.width) * self.down.staged(view.y, view.width / self.aspect)


def room_of(photo: Photo, aspect: float, stage: Stage = STAGE) -> Room:
    """Return the room of *photo*, with the product to be kept to *stage*."""
    subject, unrest = photo.subject, photo.subject.unrest
    across = _axis(photo.width, (subject.left, subject.right), (unrest.left, unrest.right), _ACROSS)
    down = _axis(photo.height, (subject.top, subject.bottom), (unrest.top, unrest.bottom), _DOWN)
    gaps = subject.left, subject.top, 1 - subject.right, 1 - subject.bottom
    edges = unrest.left, unrest.top, unrest.right, unrest.bottom
    return Room(
        aspect,
        replace(across, focus=subject.focus[0] * photo.width, stage=(stage.left, stage.right)),
        replace(down, focus=subject.focus[1] * photo.height, stage=(stage.top, stage.bottom)),
        cut_off=any(gap <= _GAP and edge >= CALM for gap, edge in zip(gaps, edges, strict=True)),
    )


@dataclass(frozen=True, slots=True)
class Framing:
    """A shot's widest view's width, and whether the product is whole in it; a close-up's is not."""

    width: float
    whole: bool


def frame(room: Room) -> Framing:
    """Choose a shot's widest view.

    The largest crop that holds the product, or what it needs where no crop does; narrower where less that is made up
    is seen then. Where the product cannot be on its stage, the photo fills the picture.
    """
    crop = min(room.across.extent, room.down.extent * room.aspect)
    asked = room.needed(_AIR)
    widest = crop if asked <= crop * _TIGHT else asked
    least = min(widest, room.needed(_ZOOMABLE))
    best = min(_weighed(room, widest, (least / widest) ** (step / _CHOICES)) for step in range(_CHOICES + 1))
    view = room.place(best[1])
    if room.staged(view) < _WHOLE or (room.cut_off and room.beyond(view) > 0):
        return Framing(crop, whole=False)
    return Framing(best[1], whole=True)


def _weighed(room: Room, widest: float, share: float) -> tuple[float, float]:
    """Return what speaks against a view of a *share* of the *widest* one, and its width."""
    view = room.place(widest * share)
    return room.beyond(view) + _OFF * (1 - room.staged(view)) - _TALE * math.log(share), view.width


def _axis(extent: int, box: tuple[float, float], unrest: tuple[float, float], most: tuple[float, float]) -> Axis:
    begin, end = box[0] * extent, max(box[1] * extent, box[0] * extent + 1)
    low, high = _reach(unrest[0], box[0], most), _reach(unrest[1], 1 - box[1], most)
    free = (-math.inf if low == math.inf else 0.0, math.inf if high == math.inf else float(extent))
    return Axis(extent, begin, end, free, (-low * extent, (1 + high) * extent))


def _reach(unrest: float, gap: float, most: tuple[float, float]) -> float:
    """Return how far a view may pass an edge, in shares of the photo's side."""
    if unrest < CALM:
        return math.inf
    if gap <= _GAP:
        return 0.0
    wild = min(1.0, (unrest - CALM) / (_WILD - CALM))
    return most[0] + (most[1] - most[0]) * wild


def clamped(middle: float, length: float, bounds: tuple[float, float]) -> float:
    """Keep a view within *bounds*; where it is larger than they are, keep them in the view."""
    low, high = sorted((bounds[0] + length / 2, bounds[1] - length / 2))
    return min(max(middle, low), high)
