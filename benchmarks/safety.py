"""What safety costs: how often a clip commits to the journal, and how long its steps wait for that.

Clips are made in a rehearsal, one after the other. A commit of ours reads, checks and writes several rows; beside it
stands the least that a durable commit can cost on the same disk: one row, by the bare driver, just as synchronous.
"""

import asyncio
import os
import sqlite3
import tempfile
import time
from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from PIL import Image
from pydantic import SecretStr

from benchmarks.figures import Figure
from nightreel import clips
from nightreel.catalog.clips import clips_of
from nightreel.images import probe
from nightreel.ledger.store import Store, Transaction
from nightreel.models import Brief, Clip, Format, Product, Step
from nightreel.runtime import open_runtime
from nightreel.settings import Settings

_CLIPS = 5
_RATE = 1000
_BARE = 50
_STEPS = len(Step)


@dataclass
class _Spent:
    """Milliseconds of each commit and of each read."""

    commits: list[float] = field(default_factory=list[float])
    reads: list[float] = field(default_factory=list[float])

    @property
    def step(self) -> float:
        """Milliseconds that a step of a clip waits for the journal."""
        return (sum(self.commits) + sum(self.reads)) / _CLIPS / _STEPS


def measure(postgres: str = os.environ.get("NIGHTREEL_TEST_POSTGRES", "")) -> Iterator[Figure]:
    """Yield this subject's figures; *postgres* is the URL of an empty database."""
    with tempfile.TemporaryDirectory() as name:
        bare = median(_bare_commits(Path(name) / "bare.db"))
        spent = asyncio.run(_make(Path(name), ""))
        yield Figure("journal commits a clip", len(spent.commits) / _CLIPS, "", None, holds=True)
        yield Figure("a commit of the journal, SQLite", median(spent.commits), "ms", None, holds=True)
        ratio = median(spent.commits) / bare
        yield Figure("times a bare durable commit", ratio, "x", None, holds=True, against=f"one row, {bare:.2g} ms")
        yield Figure("a step waits for the journal, SQLite", spent.step, "ms", None, holds=True)
    if not postgres:
        yield Figure("a step waits for the journal, PostgreSQL", None, "ms", None, None, "PostgreSQL (missing)")
        return
    with tempfile.TemporaryDirectory() as name:
        spent = asyncio.run(_make(Path(name), postgres))
        yield Figure("a step waits for the journal, PostgreSQL", spent.step, "ms", None, holds=True)


def _bare_commits(file: Path) -> Iterator[float]:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, body TEXT)")
        for _ in range(_BARE):
            began = time.perf_counter()
            connection.execute("INSERT INTO entry (body) VALUES ('intent')")
            yield 1000 * (time.perf_counter() - began)


async def _make(folder: Path, database: str) -> _Spent:
    """Make clips in a rehearsal; return what the journal took of it."""
    spent = _Spent()
    settings = Settings(
        home=folder / "home",
        config_home=folder / "config",
        database_url=SecretStr(database),
        rehearse=True,
        rate=_RATE,
    )
    with _timed(spent):
        async with open_runtime(settings) as runtime:
            for number in range(_CLIPS):
                order = clips.Order(run_id="run_bench", out=folder / "out")
                await clips.make(_clip(folder / f"P{number}", number), order, runtime.tools)
    return spent


@contextmanager
def _timed(spent: _Spent) -> Generator[None]:
    read, write = Store.read, Store.write

    @asynccontextmanager
    async def timed_read(self: Store) -> AsyncGenerator[Transaction, None]:
        began = time.perf_counter()
        async with read(self) as tx:
            yield tx
        spent.reads.append(1000 * (time.perf_counter() - began))

    @asynccontextmanager
    async def timed_write(self: Store) -> AsyncGenerator[Transaction, None]:
        began = time.perf_counter()
        async with write(self) as tx:
            yield tx
        spent.commits.append(1000 * (time.perf_counter() - began))

    Store.read, Store.write = timed_read, timed_write
    try:
        yield
    finally:
        Store.read, Store.write = read, write


def _clip(folder: Path, number: int) -> Clip:
    folder.mkdir()
    Image.radial_gradient("L").resize((320, 400)).convert("RGB").rotate(10 * number).save(folder / "0.jpg")
    photo = probe(folder / "0.jpg", "0.jpg")
    brief = Brief(seconds=3, formats=(Format.SQUARE,), title=folder.name)
    (clip,) = clips_of(Product(id=folder.name, photos=(photo,), brief=brief))
    return clip
