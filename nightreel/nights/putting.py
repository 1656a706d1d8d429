"""A night's results into a bucket: videos and what stands beside them, then the report that names them."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

from nightreel.clips.files import Places, all_names, places_of
from nightreel.delivery import FEEDS
from nightreel.errors import SettingsError
from nightreel.models import Clip, Request
from nightreel.report import ClipReport
from nightreel.settings import Settings
from nightreel.sources import Outbox

REHEARSAL_MARK = "REHEARSAL.txt"
"""Stands in a folder, or a bucket, whose videos are a rehearsal's."""

REPORTS = ("report.html", "report.json")
LATER = "Nothing was put into {}: the run was stopped. The same command puts what was made."


def outbox_of(request: Request, settings: Settings) -> Outbox | None:
    """Return the bucket that *request* wants its results in; None if it wants them in the folder alone.

    Raises:
        SourceError: it is no address of a bucket.
    """
    return Outbox(request.put, settings) if request.put else None


def travels_by(request: Request, settings: Settings) -> str:
    """Return the bucket that workers pass results on by; "" where nobody but the night's own machine makes any."""
    return request.put if settings.fan_out == "workers" else ""


async def require_kind(outbox: Outbox, out: Path, *, rehearse: bool) -> None:
    """See that the bucket answers, and that placeholders never pass for videos there: a rehearsal marks its prefix.

    Raises:
        SourceError: it does not answer, or does not take the mark.
        SettingsError: it holds what is of the other kind.
    """
    marked = await asyncio.to_thread(outbox.has, REHEARSAL_MARK)
    if marked and not rehearse:
        said = f"{outbox.address} holds a rehearsal's placeholders."
        raise SettingsError(said, hint="Name another prefix with --put, or remove what is there.")
    if not rehearse or marked:
        await asyncio.to_thread(outbox.require)
        return
    if await asyncio.to_thread(outbox.has_any):
        said = f"{outbox.address} is not empty, and holds no rehearsal."
        raise SettingsError(said, hint="Name a prefix of its own with --put.")
    await asyncio.to_thread(outbox.put, {REHEARSAL_MARK: out / REHEARSAL_MARK})


async def put_results(outbox: Outbox, clips: Iterable[ClipReport], out: Path) -> str:
    """Put the videos of *clips* and what stands beside them; return what came of it, as a sentence.

    What the bucket has of an older cut, and that one alone, is taken out of it.

    Raises:
        NightreelError: the bucket does not take them.
    """
    standing = [(out / clip.video, found) for clip in clips if (found := beside(clip, out))]
    files = {path.relative_to(out).as_posix(): path for _, found in standing for path in found}
    count = await asyncio.to_thread(outbox.put, files)
    names = {path.relative_to(out).as_posix() for video, _ in standing for path in all_names(Places.beside(video))}
    await asyncio.to_thread(outbox.take_back, names - files.keys())
    return f"Put into {outbox.address}: {count} files; {len(files) - count} were there."


async def take_back(outbox: Outbox, clips: Iterable[Clip], out: Path) -> str:
    """Take whatever may stand in the bucket of *clips* out of it; return what came of it, as a sentence or nothing.

    Raises:
        NightreelError: the bucket does not let them go.
    """
    keys = {path.relative_to(out).as_posix() for clip in clips for path in all_names(places_of(clip, out))}
    count = await asyncio.to_thread(outbox.take_back, keys) if keys else 0
    return f"Taken out of {outbox.address}: {count} files." if count else ""


async def put_report(outbox: Outbox, out: Path) -> None:
    """Put the report, which names what was put before, and the supplemental feeds.

    Raises:
        NightreelError: the bucket does not take it.
    """
    names = [*REPORTS, *(feed.file for feed in FEEDS)]
    await asyncio.to_thread(outbox.put, {name: out / name for name in names if (out / name).is_file()})


def beside(clip: ClipReport, out: Path) -> list[Path]:
    """Return the video of *clip*, and the files in its folder that are called after it."""
    video = out / clip.video
    if not clip.video or not video.is_file():
        return []
    return sorted(path for path in video.parent.iterdir() if path.name.startswith(video.stem) and path.is_file())
