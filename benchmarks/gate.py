"""How fast a finished video is checked: every frame, all sound, its photos and its title, at 1080p."""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.jobs import CATALOG, PHOTOS, draft_of
from nightreel.images import Intake
from nightreel.quality import Text, Wanted, inspect_video, preset
from nightreel.studio.draft import read_draft
from nightreel.studio.render import render

SECONDS = 15
_GOAL = 10.0


def measure(rounds: int) -> Iterator[Figure]:
    """Yield how many times faster than it plays a video is checked by the master's preset."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        photos = PHOTOS[:4]
        video = folder / "video.mp4"
        draft = read_draft(draft_of(photos, seconds=SECONDS, title=True))
        render(draft, {photo: CATALOG / photo for photo in photos}, video)
        wanted = Wanted(
            canvas=(1080, 1920),
            seconds=SECONDS,
            sound=True,
            photos=_normalised(photos, folder / "photos"),
            texts=(Text(text="title", start=0.3, end=4.3),),
        )
        took = min(_taken(video, wanted) for _ in range(rounds))
    times = SECONDS / took
    yield Figure("a finished video checked, times as fast as it plays", times, "x", _GOAL, times >= _GOAL)


def _taken(video: Path, wanted: Wanted) -> float:
    begun = time.perf_counter()
    checks = inspect_video(video, wanted, preset("master"))
    assert all(check.ok for check in checks), [check for check in checks if not check.ok]  # noqa: S101 - a broken bench
    return time.perf_counter() - begun


def _normalised(photos: tuple[str, ...], cache: Path) -> tuple[Path, ...]:
    """Return the photos as a clip's are sent."""

    async def made() -> tuple[Path, ...]:
        async with Intake(cache) as intake:
            ready = [await intake.normalise(await intake.probe(CATALOG / photo, photo)) for photo in photos]
            return tuple(one.path for one in ready)

    return asyncio.run(made())
