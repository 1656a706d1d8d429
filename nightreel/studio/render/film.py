"""A whole render: draft and photos in, a finished file out, or none."""

import os
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av.error

from nightreel.errors import RenderError
from nightreel.studio.audio import soundtrack
from nightreel.studio.draft import Draft
from nightreel.studio.render.ahead import Ahead
from nightreel.studio.render.encoder import Encoder
from nightreel.studio.render.plan import plan_frames
from nightreel.studio.render.reel import Reel

_AHEAD = 3


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished video: its length in seconds and frames, its size in bytes."""

    seconds: float
    frames: int
    size: int


def part_of(out: Path) -> Path:
    """Return where a render is written until it is whole."""
    return out.with_name(f".{out.name}.part")


def render(
    draft: Draft,
    assets: Mapping[str, Path],
    out: Path,
    *,
    quality: str = "high",
    progress: Callable[[float], None] | None = None,
) -> Rendered:
    """Render *draft* to the MP4 *out*, which appears whole or not at all.

    Args:
        draft: the timeline.
        assets: the photos' files, by the ids that the draft names.
        out: the file; an older one is replaced at the end.
        quality: "high", "medium" or "low".
        progress: told the share that is done, 0..1.

    Raises:
        RenderError: with a reason for people: a photo is missing or broken, there is nothing to show, no space…
    """
    plan = plan_frames(draft)
    reel = Reel(draft, plan, assets)
    if progress is not None:
        progress(0.0)
    sound = soundtrack(draft, plan.seconds)
    try:
        with _whole(out) as part:
            size = (draft.m.width, draft.m.height)
            with Ahead(reel, _AHEAD) as frames, Encoder(part, size, plan.fps, quality, sound) as encoder:
                for done, buffer in enumerate(frames, start=1):
                    encoder.add(buffer)
                    if progress is not None:
                        progress(done / plan.frames)
    except (OSError, av.error.FFmpegError) as error:
        raise RenderError(f"{out.name}: the video could not be written ({error}).") from error
    return Rendered(plan.seconds, plan.frames, out.stat().st_size)


@contextmanager
def _whole(out: Path) -> Generator[Path]:
    """Give a part file that becomes *out* when the block ends well, and goes when it does not."""
    part = part_of(out)
    try:
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    folder = os.open(out.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
