"""The camera: towards the product, never away from it, and never where the photo's end would be seen."""

import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from nightreel.studio.draft import Motion
from nightreel.studio.render.camera import Path, plan_path
from nightreel.studio.render.framing import STAGE, Axis, Photo, Room, Stage, View, frame, room_of
from nightreel.studio.render.subject import Edges, Subject

_SHARE = st.floats(0, 0.95)
_ASPECT = st.sampled_from([9 / 16, 4 / 5, 1.0, 16 / 9])
_MOVES = st.sampled_from([motion for motion in Motion if motion is not Motion.HOLD])
_SECONDS = st.floats(0.5, 12)
_STAGES = st.sampled_from([STAGE, Stage(left=0.415), Stage(bottom=0.6), Stage(top=0.3, bottom=0.9)])


@st.composite
def _photos(draw: st.DrawFn) -> Photo:
    left, top = draw(_SHARE), draw(_SHARE)
    right, bottom = draw(st.floats(left + 0.05, 1)), draw(st.floats(top + 0.05, 1))
    unrest = Edges(*(draw(st.floats(0, 40)) for _ in range(4)))
    focus = draw(st.floats(0, 1)), draw(st.floats(0, 1))
    subject = Subject(left, top, right, bottom, unrest, focus)
    return Photo(draw(st.integers(200, 6_000)), draw(st.integers(200, 6_000)), subject)


def _sides(room: Room, view: View) -> list[tuple[Axis, float, float]]:
    return [room.along(view, across=across) for across in (True, False)]


def _off(room: Room, view: View, *, whole: bool) -> float:
    """Return how far the product (in a close-up: what it is about) is from its place, in shares of the picture."""
    shares: list[float] = []
    for axis, length, middle in _sides(room, view):
        aim = axis.ideal(length) + (0 if whole else axis.focus - axis.product)
        shares.append((middle - aim) / length)
    return math.hypot(*shares)


def _views(path: Path) -> list[View]:
    return [path.at(step / 20) for step in range(21)]


@given(_photos(), _ASPECT, _STAGES, _MOVES, _SECONDS)
def test_the_camera_comes_to_the_product_and_never_leaves_it(
    photo: Photo, aspect: float, stage: Stage, motion: Motion, seconds: float
) -> None:
    """From moment to moment the product comes nearer to its place in the picture, or stays where it is."""
    room = room_of(photo, aspect, stage)
    whole = frame(room).whole
    off = [_off(room, view, whole=whole) for view in _views(plan_path(photo, aspect, motion, seconds, stage=stage))]
    assert all(later <= earlier + 1e-6 for earlier, later in pairwise(off))


@given(_photos(), _ASPECT, _STAGES, _MOVES, _SECONDS)
def test_the_camera_leaves_the_photo_only_where_its_background_goes_on(
    photo: Photo, aspect: float, stage: Stage, motion: Motion, seconds: float
) -> None:
    """Past a restless edge no view reaches farther than it may be continued, unless it is larger than all that is."""
    room = room_of(photo, aspect, stage)
    path = plan_path(photo, aspect, motion, seconds, stage=stage)
    widest = max(path.start, path.end, key=lambda view: view.width)
    for view in _views(path):
        for (axis, length, middle), (_, most, _) in zip(_sides(room, view), _sides(room, widest), strict=True):
            low, high = axis.reach
            if most <= high - low:
                assert low - 1e-6 * length <= middle - length / 2
                assert middle + length / 2 <= high + 1e-6 * length


@given(_photos(), _ASPECT, _STAGES, _MOVES, _SECONDS)
def test_a_close_up_shows_nothing_but_the_photo(
    photo: Photo, aspect: float, stage: Stage, motion: Motion, seconds: float
) -> None:
    """Where the product is seen only in part, the photo fills the picture."""
    room = room_of(photo, aspect, stage)
    if frame(room).whole:
        return
    for view in _views(plan_path(photo, aspect, motion, seconds, stage=stage)):
        for axis, length, middle in _sides(room, view):
            assert -1e-6 * axis.extent <= middle - length / 2
            assert middle + length / 2 <= axis.extent * (1 + 1e-6)


@given(st.tuples(*[st.floats(0.15, 0.4)] * 4), st.integers(200, 6_000), _ASPECT, _STAGES, _MOVES, _SECONDS)
def test_something_always_moves(
    gaps: tuple[float, ...], side: int, aspect: float, stage: Stage, motion: Motion, seconds: float
) -> None:
    """Before a plain background, a shot that is not to hold still zooms or travels."""
    subject = Subject(gaps[0], gaps[1], 1 - gaps[2], 1 - gaps[3], Edges(5, 5, 5, 5))
    path = plan_path(Photo(side, side, subject), aspect, motion, seconds, stage=stage)
    zoomed = max(path.start.width, path.end.width) / min(path.start.width, path.end.width)
    travelled = math.hypot(path.start.x - path.end.x, path.start.y - path.end.y) / path.start.width
    assert zoomed >= 1.02 or travelled >= 0.03


@given(_photos(), _ASPECT, st.floats(0, 1), st.floats(0, 1), _MOVES)
def test_the_camera_never_jumps(photo: Photo, aspect: float, one: float, other: float, motion: Motion) -> None:
    """A small step in time is a small step on the path."""
    path = plan_path(photo, aspect, motion, 4)
    here, there = path.at(one), path.at(other)
    for name in ("x", "y", "width"):
        whole = abs(getattr(path.start, name) - getattr(path.end, name))
        step = abs(getattr(here, name) - getattr(there, name))
        assert step <= 1.6 * whole * abs(one - other) + 1e-6


def test_plain_photos_get_the_motion_that_was_asked_for() -> None:
    """On a seamless background there is room for every motion; a pan goes the way that its name says."""
    subject = Subject(0.35, 0.35, 0.65, 0.65, Edges(1, 1, 1, 1))
    paths = {motion: plan_path(Photo(3_000, 3_000, subject), 1.0, motion, 4) for motion in Motion}
    assert paths[Motion.ZOOM_IN].start.width > paths[Motion.ZOOM_IN].end.width
    assert paths[Motion.ZOOM_OUT].start.width < paths[Motion.ZOOM_OUT].end.width
    assert paths[Motion.PAN_RIGHT].start.x < paths[Motion.PAN_RIGHT].end.x
    assert paths[Motion.PAN_LEFT].start.x > paths[Motion.PAN_LEFT].end.x
    assert paths[Motion.PAN_DOWN].start.y < paths[Motion.PAN_DOWN].end.y
    assert paths[Motion.PAN_UP].start.y > paths[Motion.PAN_UP].end.y
    assert paths[Motion.HOLD].start == paths[Motion.HOLD].end


def test_scenery_is_shown_rather_than_made_up() -> None:
    """Beside a title, a product in a busy scene is shown from nearer: the photo reaches the picture's edge."""
    subject = Subject(0.4, 0.4, 0.7, 0.7, Edges(30, 30, 30, 30))
    room = room_of(Photo(2_000, 2_000, subject), 16 / 9, Stage(left=0.415))
    assert room.beyond(room.place(2_000)) > 0.02
    assert room.beyond(room.place(frame(room).width)) < 0.001
