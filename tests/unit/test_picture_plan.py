"""The frame plan: pure properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.errors import RenderError
from nightreel.studio.draft import Draft, Motion, Segment, Transition, TransitionKind, VideoMeta, VideoTrack
from nightreel.studio.render.plan import plan_frames

_TRANSITION = st.builds(Transition, kind=st.sampled_from(TransitionKind), d=st.integers(0, 2_000))
_SEGMENT = st.builds(
    Segment[VideoMeta],
    d=st.integers(1, 9_000),
    m=st.builds(VideoMeta, asset=st.just("a"), motion=st.sampled_from(Motion), transition=_TRANSITION),
)


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
