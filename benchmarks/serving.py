"""What a user waits for, and what it takes: a whole video, an edit of it, many videos; on the clock, at `high`."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import mean
from time import monotonic

from benchmarks.children import Spent, run
from benchmarks.figures import Figure
from benchmarks.jobs import PHOTOS, draft_of, job_of, tag_of
from nightreel.studio.render.share import usable_cores

_SECONDS = 30
_MOST_WAIT = 15.0
_MOST_MEMORY = 500.0
_LEAST_GAIN = 5.0
_SHORT = 10
_STARTS = range(5_000, 25_000, 2_600)
"""When the tag is shown, in ms: what it takes hangs on how it lies over shots and segments."""

_EDITS = {
    "a new tag shown 4 s": ([tag_of(start, 4_000) for start in _STARTS], _LEAST_GAIN),
    "a new tag shown 4 s in the middle, which moves no product": (
        [tag_of(start, 4_000, "center", "title") for start in _STARTS], None
    ),
    "a new tag on throughout": ([tag_of(0, 30_000)], None),
}  # fmt: skip


def measure() -> Iterator[Figure]:
    """Yield this subject's figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield from _one(folder)
        yield from _memory(folder)
        yield from _many(folder)


def _one(folder: Path) -> Iterator[Figure]:
    """Render a video, then edits of it, each as if it were the only one."""
    cache, kept = folder / "cache", folder / "kept"
    plain = draft_of(PHOTOS, seconds=_SECONDS, title=True)
    first = _render(job_of(plain, folder / "first.mp4", cache=str(cache)))
    shutil.copytree(cache, kept)
    yield Figure("30 s of 8 photos", first.wall, "s", _MOST_WAIT, first.wall <= _MOST_WAIT)
    yield Figure("30 s of 8 photos, processor time", first.seconds, "CPU s", None, holds=True)
    for what, (tags, goal) in _EDITS.items():
        walls: list[float] = []
        for tag in tags:
            shutil.rmtree(cache)
            shutil.copytree(kept, cache)
            draft = draft_of(PHOTOS, seconds=_SECONDS, title=True, tag=tag)
            walls.append(_render(job_of(draft, folder / "edit.mp4", cache=str(cache))).wall)
        gain, worst = first.wall / mean(walls), first.wall / max(walls)
        yield Figure(f"times as fast, {what}", gain, "x", goal, goal is None or gain >= goal, "first render")
        if len(tags) > 1:
            yield Figure(f"at the least, {what}", worst, "x", None, holds=True, against="first render")


def _memory(folder: Path) -> Iterator[Figure]:
    for count in (4, 100):
        photos = [f"{PHOTOS[number % len(PHOTOS)]}#{number}" for number in range(count)]
        spent = _render(job_of(draft_of(photos, seconds=_SECONDS, title=True), folder / "memory.mp4"))
        yield Figure(f"peak memory, {count} photos", spent.memory, "MB", _MOST_MEMORY, spent.memory <= _MOST_MEMORY)


def _many(folder: Path) -> Iterator[Figure]:
    """Render jobs as the studio does: one a core at once, with a cache in common; each of other photos."""
    for waiting in (1, 2, 4):
        cache = str(folder / f"cache{waiting}")
        jobs = [
            job_of(draft_of(PHOTOS[turn : turn + 4], seconds=_SHORT), folder / f"{waiting}.{turn}.mp4", cache=cache)
            for turn in range(waiting)
        ]
        began = monotonic()
        with ThreadPoolExecutor(usable_cores()) as pool:
            list(pool.map(_render, jobs))
        each = (monotonic() - began) / waiting
        yield Figure(f"10 s videos an hour, {waiting} waiting", 3600 / each, "", None, holds=True)


def _render(job: Path) -> Spent:
    return run([sys.executable, "-m", "nightreel.studio.renderer", str(job)])
