"""How a night grows: many clips in flight under Prefect, and a large catalog of which little has changed.

Clips are rehearsed: a session takes what the service takes, and nothing of it is work of this machine. So what a clip
takes longer among many than among few is what our own work, Prefect's and the checks' included, adds to it. A few of
the many, from the night's beginning to its end, are made again among few: each product takes its own time.
"""

import asyncio
import csv
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PIL import Image

from benchmarks.children import Spent, run
from benchmarks.figures import Figure
from benchmarks.made import have_made
from nightreel.models import Request
from nightreel.nights import begin, plan_night
from nightreel.runtime import open_runtime
from nightreel.settings import Settings

_RATE = 15
"""At it a clip takes about 20 s: five minutes at the service."""

_AT_ONCE = 32
_FEW = 8
_EACH = 10
"""One in so many clips is made among few, too."""

_LEAST_SHARE = 0.95
_PRODUCTS, _CHANGED = 10_000, 20
_MOST_WAIT = 5.0


@dataclass(frozen=True)
class _Night:
    """What a rehearsed night took: of its process, and each clip, in real seconds."""

    spent: Spent
    seconds: Mapping[str, float]


def measure(many: int = 200, fewer: int = 50) -> Iterator[Figure]:
    """Yield this subject's figures, of a night of *many* clips and one of *fewer*."""
    with tempfile.TemporaryDirectory() as name:
        alone = _night(Path(name) / "alone", range(0, many, _EACH), _FEW)
        half = _night(Path(name) / "half", range(fewer), _AT_ONCE)
        whole = _night(Path(name) / "whole", range(many), _AT_ONCE)
    ideal, taken = (sum(night.seconds[product] for product in alone.seconds) for night in (alone, whole))
    share = ideal / taken
    against, what = f"the same clips, {_FEW} in flight", f"{many} clips, {_AT_ONCE} in flight"
    yield Figure(f"share of the ideal, {what}", share, "", _LEAST_SHARE, share >= _LEAST_SHARE, against)
    later = (taken - ideal) / len(alone.seconds)
    yield Figure("a clip among them takes longer by", later, "s", None, holds=True, against=against)
    work = whole.spent.seconds / many
    yield Figure("processor time a clip, Prefect and studio included", work, "CPU s", None, holds=True)
    for count, night in ((fewer, half), (many, whole)):
        yield Figure(
            f"peak memory of a night's largest process, {count} clips", night.spent.memory, "MB", None, holds=True
        )
    with tempfile.TemporaryDirectory() as name:
        yield from asyncio.run(_catalog(Path(name)))


def _night(folder: Path, numbers: Iterable[int], at_once: int) -> _Night:
    spent = rehearse(folder, numbers, at_once, _RATE)
    return _Night(spent, dict(_durations(folder / "home" / "rehearsal" / "nightreel.db")))


def rehearse(folder: Path, numbers: Iterable[int], at_once: int, rate: int) -> Spent:
    """Rehearse a night of products of these *numbers* in a process of its own; everything stays in *folder*."""
    for number in numbers:
        product = folder / "catalog" / f"P{number:04d}"
        product.mkdir(parents=True)
        Image.radial_gradient("L").resize((320, 400)).rotate(number).convert("RGB").save(product / "0.jpg")
    (folder / "catalog" / "brief.yaml").write_text("seconds: 3\nformats: [1x1]\n", encoding="utf-8")
    arguments = ["run", folder / "catalog", "--out", folder / "out", "--rehearse", "--rate", rate]
    code = f"""
import os, sys
os.environ |= {{"NIGHTREEL_HOME": {str(folder / "home")!r}, "NIGHTREEL_CLIPS_AT_ONCE": "{at_once}"}}
from nightreel.cli.main import invoke
sys.exit(invoke({[str(argument) for argument in arguments]!r}))
"""
    return run([sys.executable, "-c", code])


def _durations(journal: Path) -> Iterator[tuple[str, float]]:
    """Yield what each product's clip took from its claim to its delivery, in real seconds."""
    statement = """
        SELECT c.product, min(j.at), max(j.at) FROM journal_entry j JOIN clip c ON c.id = j.clip_id
        WHERE j.event IN ('claimed', 'made') AND c.status = 'made' GROUP BY c.id
    """
    with closing(sqlite3.connect(journal)) as connection:
        for product, first, last in connection.execute(statement):
            yield product, (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds() / _RATE


# --------------------------------------------------------------------------- a large catalog, hardly changed


async def _catalog(folder: Path) -> Iterator[Figure]:
    """Have a large catalog of which all but a few is made; measure until the first of those is begun."""
    source = _feed(folder)
    settings = Settings(home=folder / "home", config_home=folder / "config")
    request = Request(source=str(source), out=folder / "out")
    async with open_runtime(settings) as runtime:
        night = await plan_night(request, runtime)
        await have_made(night.work[_CHANGED:], request.out, runtime)
    took: list[float] = []
    for _ in range(2):
        began = time.perf_counter()
        async with open_runtime(settings) as runtime:
            night = await plan_night(request, runtime)
            await begin(night, runtime)
        took.append(time.perf_counter() - began)
    both = sum(took)  # the command plans, and so does the flow
    what = f"{_PRODUCTS} products, {_CHANGED} changed"
    return iter(
        (
            Figure(f"until the first request, {what}", both, "s", _MOST_WAIT, both <= _MOST_WAIT),
            Figure(f"clips that become tasks, {what}", len(night.work), "", _CHANGED, len(night.work) == _CHANGED),
        )
    )


def _feed(folder: Path) -> Path:
    source = folder / "catalog"
    source.mkdir()
    Image.radial_gradient("L").resize((320, 400)).convert("RGB").save(source / "photo.jpg")
    with (source / "feed.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("id", "title", "price", "image_link"))
        rows.writerows(
            (f"P{number:05d}", f"Product {number}", "9.99 EUR", "photo.jpg") for number in range(_PRODUCTS)
        )
    return source
