"""Where the camera looks: for each photo a path that keeps the product in the picture.

Pure geometry in photo pixels. A view may reach beyond the photo where its background can be continued
(:mod:`nightreel.studio.render.plate`); it never does where that would show.
"""

import math
from dataclasses import dataclass, replace

from nightreel.studio.draft import Motion
from nightreel.studio.render.subject import CALM, Subject

_CLOSE = 1.10  # the nearest view: so many times as wide and high as the product
_AIR = 1.24  # a shot's widest view is at least so many times as wide and high as the product
_ZOOM_A_SECOND = 0.030
_ZOOM = (1.06, 1.16)  # least and most zoom of a shot
_PAN_A_SECOND = 0.028
_PAN = (0.05, 0.12)  # least and most travel of a shot, in shares of the view
_REVEAL_A_SECOND = 0.11
_PAN_ZOOM = 1.05  # a pan comes a little nearer, too
_BUSIEST = 20.0  # Lab units: along such an edge whole things stand
_BUSY = 0.5  # of the photo's side: a busy background is continued by no more than this, and only
_LEAVES = 15.0  # Lab units: across, what is continued from such an edge shows; below it mostly lies under titles
_LITTLE = 0.06
_GAP = 0.07  # where the product keeps such a share of the photo away from the edge
_CUT = 1.12  # a product that passes the widest view by more than this (its air included) is travelled along
_TIGHT = 1.06  # a product that passes the crop by no more than this fills the picture, not shrunk
_NORMAL = 0.88  # the height of STAGE


@dataclass(frozen=True, slots=True)
class Stage:
    """The part of the picture that the product keeps to, in shares: 0, 0 is its top left corner."""

    left: float = 0.0
    top: float = 0.02
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


@dataclass(frozen=True, slots=True)
class Photo:
    """What the camera needs to know of a photo."""

    width: int
    height: int
    subject: Subject
    stage: Stage = STAGE


def plan_path(photo: Photo, aspect: float, motion: Motion, seconds: float, *, stage: Stage = STAGE) -> Path:
    """Return the camera's path over *photo* for a picture of *aspect* (width over height).

    *stage* is the part of the picture that the product should keep to.
    """
    photo = replace(photo, stage=stage)
    widest, cut = widest_view(photo, aspect)
    if cut:
        return _reveal(photo, aspect, motion, widest, seconds)
    if motion in (Motion.ZOOM_IN, Motion.ZOOM_OUT, Motion.HOLD):
        return _zoom(photo, aspect, motion, widest, seconds)
    return _pan(photo, aspect, motion, widest, seconds)


def widest_view(photo: Photo, aspect: float) -> tuple[float, bool]:
    """Return the width of a shot's widest view, and whether it cuts the product.

    The largest crop that holds the product; the photo with its background continued where no crop does.
    """
    crop = min(photo.width, photo.height * aspect)
    needed = _needed(photo, aspect, _AIR)
    if needed <= crop * _TIGHT:
        return crop, False
    left, top, right, bottom = _reach(photo.subject)
    subject = photo.subject
    wide, high = photo.width * (1 + left + right), photo.height * (1 + top + bottom) * aspect
    gap = min(subject.left, 1 - subject.right) if wide < high else min(subject.top, 1 - subject.bottom)
    widest = min(needed, wide, high)
    return widest, needed > widest * _CUT and gap < _GAP


def _reach(subject: Subject) -> tuple[float, float, float, float]:
    """Return how far a view may pass the photo's left, top, right and bottom unseen, in shares of its size."""
    unrest = subject.unrest
    return (
        _beyond(unrest.left, subject.left, across=True),
        _beyond(unrest.top, subject.top, across=False),
        _beyond(unrest.right, 1 - subject.right, across=True),
        _beyond(unrest.bottom, 1 - subject.bottom, across=False),
    )


def _beyond(unrest: float, gap: float, *, across: bool) -> float:
    if unrest < CALM:
        return math.inf
    if unrest >= _BUSIEST or gap <= _GAP:
        return 0.0
    return max(_LITTLE, _BUSY * (1 - (unrest - CALM) / (_LEAVES - CALM))) if across else _BUSY


def _reveal(photo: Photo, aspect: float, motion: Motion, widest: float, seconds: float) -> Path:
    """Return a slow travel along what a crop would hide: for close-ups, whose edges cannot be continued."""
    backwards = motion in (Motion.PAN_LEFT, Motion.PAN_UP, Motion.ZOOM_OUT)
    across = photo.width / photo.height > aspect
    middle = _aimed(photo, aspect, widest)
    length, extent = (widest, photo.width) if across else (widest / aspect, photo.height)
    travel = min(_REVEAL_A_SECOND * seconds * length, extent - length)
    place = middle.x if across else middle.y
    begin, end = _within(place - travel / 2, place + travel / 2, length, (0.0, extent))
    if backwards:
        begin, end = end, begin
    if across:
        return Path(View(begin, middle.y, widest), View(end, middle.y, widest))
    return Path(View(middle.x, begin, widest), View(middle.x, end, widest))


def _zoom(photo: Photo, aspect: float, motion: Motion, widest: float, seconds: float) -> Path:
    zoom = min(max(1 + _ZOOM_A_SECOND * seconds, _ZOOM[0]), _ZOOM[1])
    far = _aimed(photo, aspect, widest)
    if motion is Motion.HOLD:
        return Path(far, far)
    near = _aimed(photo, aspect, _least(photo, aspect, widest / zoom, widest / _ZOOM[0]))
    return Path(near, far) if motion is Motion.ZOOM_OUT else Path(far, near)


def _pan(photo: Photo, aspect: float, motion: Motion, widest: float, seconds: float) -> Path:
    across = motion in (Motion.PAN_LEFT, Motion.PAN_RIGHT)
    share = min(max(_PAN_A_SECOND * seconds, _PAN[0]), _PAN[1])
    width = _least(photo, aspect, widest / (1 + share), widest)
    share = min(share, _kept_room(photo, aspect, width, across=across))
    middle = _aimed(photo, aspect, width)
    if share < _PAN[0] or middle != _ideal(photo, aspect, width):
        nearer = Motion.ZOOM_IN if motion in (Motion.PAN_RIGHT, Motion.PAN_UP) else Motion.ZOOM_OUT
        return _zoom(photo, aspect, nearer, widest, seconds)
    length = width if across else width / aspect
    place = middle.x if across else middle.y
    begin, end = _within(
        place - share * length / 2, place + share * length / 2, length, _bounds(photo, across=across)
    )
    begin, end = (
        _clamped(_kept(photo, value, length, across=across), length, _bounds(photo, across=across))
        for value in (begin, end)
    )
    if motion in (Motion.PAN_LEFT, Motion.PAN_UP):
        begin, end = end, begin
    near = _least(photo, aspect, width / _PAN_ZOOM, width)
    if across:
        return Path(View(begin, middle.y, width), View(end, middle.y, near))
    return Path(View(middle.x, begin, width), View(middle.x, end, near))


def _least(photo: Photo, aspect: float, width: float, widest: float) -> float:
    """Return *width*, or what holds the product where that is more, or *widest*."""
    return min(max(width, _needed(photo, aspect, _CLOSE)), widest)


def _kept_room(photo: Photo, aspect: float, width: float, *, across: bool) -> float:
    """Return how far a view may travel and keep the product on its stage, in shares of its length."""
    subject, stage = photo.subject, photo.stage
    if across:
        return stage.right - stage.left - _CLOSE * (subject.right - subject.left) * photo.width / width
    return stage.bottom - stage.top - _CLOSE * (subject.bottom - subject.top) * photo.height * aspect / width


def _needed(photo: Photo, aspect: float, air: float) -> float:
    """Return the width of the view that holds the product, with so much *air*."""
    subject = photo.subject
    wide = (subject.right - subject.left) * photo.width
    high = (subject.bottom - subject.top) * photo.height * aspect
    stage = photo.stage
    return air * max(wide / (stage.right - stage.left), high * _NORMAL / (stage.bottom - stage.top))


def _kept(photo: Photo, middle: float, length: float, *, across: bool) -> float:
    """Move a view's middle so that the product stays in it, if it fits."""
    subject = photo.subject
    low, high = (subject.left, subject.right) if across else (subject.top, subject.bottom)
    extent = photo.width if across else photo.height
    air = (_CLOSE - 1) / 2 * (high - low) * extent
    least, most = high * extent + air - length / 2, low * extent - air + length / 2
    return middle if least > most else min(max(middle, least), most)


def _within(begin: float, end: float, length: float, bounds: tuple[float, float]) -> tuple[float, float]:
    """Move a pan so that its views stay in *bounds*; a view that is larger may pass them."""
    low, high = bounds[0] + length / 2, bounds[1] - length / 2
    if high < low:
        return begin, end
    if high - low < end - begin:
        return low, high
    move = max(low - begin, 0) - max(end - high, 0)
    return begin + move, end + move


def _ideal(photo: Photo, aspect: float, width: float) -> View:
    """Return the view of *width* with the product in the middle of its stage."""
    (x, y), (right, down) = photo.subject.middle, photo.stage.middle
    return View(x * photo.width + (0.5 - right) * width, y * photo.height + (0.5 - down) * width / aspect, width)


def _aimed(photo: Photo, aspect: float, width: float) -> View:
    """Return the view of *width* with the product where the eye wants it, as far as the photo can be continued."""
    ideal = _ideal(photo, aspect, width)
    across, down = _bounds(photo, across=True), _bounds(photo, across=False)
    return View(_clamped(ideal.x, width, across), _clamped(ideal.y, width / aspect, down), width)


def _bounds(photo: Photo, *, across: bool) -> tuple[float, float]:
    """Return how far views may reach along one side, in photo pixels: over the photo, and beyond calm edges."""
    left, top, right, bottom = _reach(photo.subject)
    low, high, extent = (left, right, photo.width) if across else (top, bottom, photo.height)
    return -low * extent, (1 + high) * extent


def _clamped(middle: float, length: float, bounds: tuple[float, float]) -> float:
    """Keep a view within *bounds*; where it is larger than they are, keep them in the view."""
    low, high = sorted((bounds[0] + length / 2, bounds[1] - length / 2))
    return min(max(middle, low), high)
