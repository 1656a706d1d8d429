"""The frame plan: which photo stands in which frame, how far along its move, and in what mixture.

Pure: a draft goes in, numbers come out. Boundaries are rounded from the running sum of milliseconds, never added up
from rounded lengths, so that a video is as long as its draft to within half a frame, whatever its parts.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace

from nightreel.errors import RenderError
from nightreel.studio.draft import Direction, Draft, Motion, TransitionKind


@dataclass(frozen=True, slots=True)
class Shot:
    """One photo's or clip's time on the screen, in frames.

    Attributes:
        asset: the photo's or clip's id.
        motion: how it moves.
        first: its first frame.
        end: the frame after its last, the next shot's lead included.
        lead: how many of its first frames are a transition from the shot before.
        kind: the transition's kind.
        direction: which way it goes.
        start: where in a clip it begins, in ms.
    """

    asset: str
    motion: Motion
    first: int
    end: int
    lead: int
    kind: TransitionKind
    direction: Direction = Direction.LEFT
    start: int = 0

    def progress(self, frame: int) -> float:
        """Return how far along its move the shot is at *frame*: 0 at its first, 1 at its last."""
        return (frame - self.first) / max(1, self.end - 1 - self.first)


@dataclass(frozen=True, slots=True)
class Frame:
    """What one frame shows: shot *now* and, while a transition lasts, the one *before*, mixed by *mix* in 0..1."""

    number: int
    now: int
    before: int | None = None
    mix: float = 1.0


@dataclass(frozen=True, slots=True)
class FramePlan:
    """All shots of a video, and its length in frames."""

    shots: tuple[Shot, ...]
    frames: int
    fps: int

    @property
    def seconds(self) -> float:
        """The video's length."""
        return self.frames / self.fps

    def __iter__(self) -> Iterator[Frame]:
        """Yield every frame, in order."""
        return (self.at(number) for number in range(self.frames))

    def at(self, number: int) -> Frame:
        """Return what frame *number* shows."""
        index = bisect_right(self.shots, number, key=lambda shot: shot.first) - 1
        shot = self.shots[index]
        step = number - shot.first
        if step >= shot.lead:
            return Frame(number, index)
        return Frame(number, index, index - 1, (step + 1) / (shot.lead + 1))


def frame_at(milliseconds: int, fps: int) -> int:
    """Return the frame that starts nearest to *milliseconds*; halves go up."""
    return (milliseconds * fps * 2 + 1000) // 2000


def plan_frames(draft: Draft) -> FramePlan:
    """Lay *draft*'s video segments out in frames.

    Segments that are too short for a frame are left out.

    Raises:
        RenderError: nothing is left to show.
    """
    fps = draft.m.fps
    shots: list[Shot] = []
    elapsed = 0
    for segment in draft.video:
        first, end = frame_at(elapsed, fps), frame_at(elapsed + segment.d, fps)
        elapsed += segment.d
        if end == first:
            continue
        transition = segment.m.transition
        moving = bool(shots) and transition.kind is not TransitionKind.CUT
        lead = min(frame_at(transition.d, fps), end - first - 1) if moving else 0
        meta = segment.m
        shots.append(
            Shot(meta.asset, meta.motion, first, end, lead, transition.kind, transition.direction, meta.start)
        )
    if not shots:
        raise RenderError("The draft has no photo to show.", hint="Add photos before exporting.")
    return FramePlan(_overlapping(shots), shots[-1].end, fps)


def _overlapping(shots: list[Shot]) -> tuple[Shot, ...]:
    """Let each shot go on moving while the next one comes in."""
    leads = [shot.lead for shot in shots[1:]] + [0]
    return tuple(replace(shot, end=shot.end + lead) for shot, lead in zip(shots, leads, strict=True))
