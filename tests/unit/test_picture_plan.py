"""The frame plan and the camera: pure properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.errors import RenderError
from nightreel.studio.draft import Draft, Motion, Segment, Transition, TransitionKind, VideoMeta, VideoTrack
from nightreel.studio.render.camera import Photo, plan_path
from nightreel.studio.render.plan import plan_frames
from nightreel.studio.render.subject import CALM, Edges, Subject

_TRANSITION = st.builds(Transition, kind=st.sampled_from(TransitionKind), d=st.integers(0, 2_000))
_SEGMENT = st.builds(
    Segment[VideoMeta],
    d=st.integers(1, 9_000),
    m=st.builds(VideoMeta, asset=st.just("a"), motion=st.sampled_from(Motion), transition=_TRANSITION),
)
_SHARE = st.floats(0, 0.95)


@st.composite
def _subjects(draw: st.DrawFn) -> Subject:
    left, top = draw(_SHARE), draw(_SHARE)
    right, bottom = draw(st.floats(left + 0.05, 1)), draw(st.floats(top + 0.05, 1))
    return Subject(left, top, right, bottom, Edges(*(draw(st.floats(0, 30)) for _ in range(4))))


def _draft(segments: list[Segment[VideoMeta]], fps: int) -> Draft:
    return Draft.model_validate({"m": {"fps": fps}, "t": [VideoTrack(sg=segments)]})


@given(st.lists(_SEGMENT, min_size=1, max_size=8), st.sampled_from([10, 24, 25, 30, 60]))
def test_every_frame_is_planned_once_and_the_length_is_the_draft_s(
    segments: list[Segment[VideoMeta]], fps: int
) -> None:
    """Frames run 0, 1, 2… to the draft's length within half a frame; each shows shots that are on at that time."""
    asked = sum(segment.d for segment in segments) * fps / 1000
    try:
        plan = plan_frames(_draft(segments, fps))
    except RenderError:
        assert asked < 1
        return
    frames = list(plan)
    assert [frame.number for frame in frames] == list(range(plan.frames))
    assert abs(plan.frames - asked) <= 0.5
    for frame in frames:
        for index in (frame.now,) if frame.before is None else (frame.before, frame.now):
            shot = plan.shots[index]
            assert shot.first <= frame.number < shot.end
            assert 0 <= shot.progress(frame.number) <= 1
        assert frame.before is None or frame.before == frame.now - 1
        assert 0 < frame.mix <= 1


def test_a_draft_without_photos_is_refused() -> None:
    """Nothing to show is an error with a next step, not an empty file."""
    with pytest.raises(RenderError, match="no photo to show"):
        plan_frames(_draft([], 30))


@given(
    st.integers(200, 6_000),
    st.integers(200, 6_000),
    st.sampled_from([9 / 16, 4 / 5, 1.0, 16 / 9]),
    st.sampled_from(Motion),
    st.floats(0.5, 12),
    _subjects(),
)
def test_the_camera_leaves_the_photo_only_where_its_background_goes_on(
    width: int, height: int, aspect: float, motion: Motion, seconds: float, subject: Subject
) -> None:
    """Past an edge where whole things stand no view reaches; a view larger than the photo is one that must be."""
    path = plan_path(Photo(width, height, subject), aspect, motion, seconds)
    unrest = subject.unrest
    for step in range(11):
        view = path.at(step / 10)
        sides = (
            (view.width, view.x, width, unrest.left, unrest.right, 0.5),
            (view.width / aspect, view.y, height, unrest.top, unrest.bottom, 0.5),
        )
        for length, middle, extent, low, high, most in sides:
            for edge, beyond in ((low, length / 2 - middle), (high, middle + length / 2 - extent)):
                if edge < CALM or length > extent:
                    continue
                assert beyond <= (most if edge < 20 else 0.0) * extent + 1e-6 * extent
        assert view.width <= 1.25 * max(min(width, height * aspect), width, height * aspect)


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_camera_never_jumps(one: float, other: float) -> None:
    """A small step in time is a small step on the path."""
    subject = Subject(0.3, 0.3, 0.7, 0.7, Edges(0, 0, 0, 0))
    path = plan_path(Photo(3_000, 2_000, subject), 9 / 16, Motion.ZOOM_IN, 4)
    here, there = path.at(one), path.at(other)
    whole = path.start.width - path.end.width
    assert abs(here.width - there.width) <= 1.6 * whole * abs(one - other) + 1e-6
