"""A whole render: draft and photos in, a finished file out, or none.

The video's sound and its segments are pieces. Each is made once, by whichever thread is free, and kept in a cache;
the file is joined from them. So a render that was cut short goes on where it was, and one of a changed draft makes
the segments that the change touches.
"""

import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import av.error

from nightreel.errors import RenderError
from nightreel.files import is_full, sweep, whole_at
from nightreel.studio.draft import Draft
from nightreel.studio.render.cache import MOST_BYTES, Cache
from nightreel.studio.render.crew import Crew
from nightreel.studio.render.darkroom import Darkroom
from nightreel.studio.render.encoder import Coding, coding_of, encode_picture
from nightreel.studio.render.joining import join
from nightreel.studio.render.pieces import Piece, Pieces, Progress
from nightreel.studio.render.plan import FramePlan, plan_frames
from nightreel.studio.render.reel import Reel
from nightreel.studio.render.segments import Segment, cut, digests_of, key_of_sound
from nightreel.studio.render.share import Share, usable_cores
from nightreel.studio.render.titles import Titles


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished video: its length in seconds and frames, its size in bytes, how many frames were made for it."""

    seconds: float
    frames: int
    size: int
    made: int


@dataclass(frozen=True, slots=True)
class Means:
    """What a render may use.

    Attributes:
        cache: a folder that keeps the video's pieces for the next render; renders that have it in common share the
            cores fairly. Without one, nothing is kept.
        cache_bytes: what that folder may take on the disk.
        fonts: a folder with the user's own fonts.
        cores: how many to share; 0 takes all that this process may use. The video is the same with any number.
    """

    cache: Path | None = None
    cache_bytes: int = MOST_BYTES
    cores: int = 0
    fonts: Path | None = None


_ALL = Means()
_LEAST_SIDE = 360
"""Pixels: a preview is made no smaller."""


def render(
    draft: Draft,
    assets: Mapping[str, Path],
    out: Path,
    *,
    quality: str | Coding = "high",
    progress: Callable[[float], None] | None = None,
    means: Means = _ALL,
) -> Rendered:
    """Render *draft* to the MP4 *out*, which appears whole or not at all; its folder is made if it is not there.

    Args:
        draft: the timeline.
        assets: the files of photos, clips and music, by the ids that the draft names.
        out: the file; an older one is replaced at the end.
        quality: "high", "medium" or "low", "draft" for a fast preview at half the size, or settings of your own.
        progress: told the share that is done, 0..1.
        means: what may be used for it.

    Raises:
        RenderError: with a reason for people: a file is missing or broken, there is nothing to show, no space…
    """
    coding = coding_of(quality) if isinstance(quality, str) else quality
    draft = _shrunk(draft, coding.shrink)
    plan = plan_frames(draft)
    told = Progress(plan.frames, progress)
    cores = means.cores or usable_cores()
    told.done(0)
    sweep(out.parent, of=out.name)
    try:
        with _folder(means.cache) as folder, Share(folder, cores) as share:
            cache = Cache(folder, means.cache_bytes * 7 // 8)  # the rest is the darkroom's
            means = replace(means, cache=folder, cores=cores)
            crew = Crew(share.workers, cores, told.off)
            pieces = Pieces(_cut(draft, plan, assets, coding, told, means, crew), cache)
            missing = pieces.missing()
            told.done(plan.frames - pieces.frames(missing))
            crew.carry_out(missing, pieces.make)
            with whole_at(out) as part:
                join(pieces.pictures(), pieces.take(-1), plan.fps, part)
    except (OSError, av.error.FFmpegError) as error:
        raise _unwritten(out, error) from error
    told.whole()
    return Rendered(plan.seconds, plan.frames, out.stat().st_size, pieces.made)


def _cut(
    draft: Draft,
    plan: FramePlan,
    assets: Mapping[str, Path],
    coding: Coding,
    told: Progress,
    means: Means,
    crew: Crew,
) -> list[Piece]:
    """Return the segments in order, and the sound last."""
    digests = digests_of(assets, draft.assets)
    titles = Titles(draft, means.fonts)
    darkroom = Darkroom(means.cache, digests, means.cache_bytes // 8)
    reel = Reel(draft, plan, assets, titles, at_once=means.cores, darkroom=darkroom)
    size = (draft.m.width, draft.m.height)

    def sound() -> bytes:
        from nightreel.studio.audio import soundtrack  # noqa: PLC0415 - an edit's sound is there mostly, and starting counts
        from nightreel.studio.render.sound import finished  # noqa: PLC0415 - the same

        return finished(soundtrack(draft, plan.seconds, assets))

    def picture(segment: Segment) -> bytes:
        frames = crew.frames(reel.frame, segment.first, segment.end)
        return encode_picture(told.counted(frames), size, plan.fps, coding)

    segments = cut(draft, plan, titles, digests, coding)
    return [
        *(Piece(it.key, it.first, it.end - it.first, partial(picture, it)) for it in segments),
        Piece(key_of_sound(draft, plan.seconds, digests), 0, 0, sound),
    ]


def _shrunk(draft: Draft, times: int) -> Draft:
    """Return *draft* on a smaller canvas, if that still shows something; all that is on it is placed in shares."""
    width, height = draft.m.width, draft.m.height
    if times == 1 or min(width, height) < times * _LEAST_SIDE:
        return draft
    smaller = {"width": width // times // 4 * 4, "height": height // times // 4 * 4}
    return draft.model_copy(update={"m": draft.m.model_copy(update=smaller)})


@contextmanager
def _folder(cache: Path | None) -> Generator[Path]:
    """Give the folder of the cache, or one for the time being."""
    if cache is not None:
        yield cache
        return
    with tempfile.TemporaryDirectory(prefix="nightreel-") as name:
        yield Path(name)


def _unwritten(out: Path, error: OSError | av.error.FFmpegError) -> RenderError:
    if isinstance(error, OSError) and is_full(error):
        return RenderError(
            f"{out.name}: no space is left on the disk for the video.",
            hint="Free some (`nightreel clean` removes what can be made again) and export once more.",
        )
    return RenderError(f"{out.name}: the video could not be written ({error}).")
