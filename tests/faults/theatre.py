"""Where runners are killed: a rehearsing studio, and victims that are forked from a process that has all modules.

The fork server is what makes it quick: a victim starts in a hundredth of a second instead of in one and a half.
"""

import multiprocessing
import os
import shutil
import sqlite3
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, TypeVar

import httpx
from PIL import Image

from nightreel import tether
from nightreel.catalog.clips import clips_of
from nightreel.images import probe
from nightreel.models import Brief, Clip, Format, Product
from nightreel.studio import server
from nightreel.studio.keeper import local_token
from nightreel.studio.rehearsal import CLOCK
from tests.faults import checker, victim
from tests.faults.victim import Part

RATE = 2000.0
"""Seconds of a rehearsal in one of ours: fifteen minutes take half of one."""

_PATIENCE = 120.0
_AT_ONCE = 4
T = TypeVar("T")
R = TypeVar("R")

forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(["tests.faults.victim", "nightreel.studio.server", "tests.faults.preloaded"])


def _serve(arguments: Sequence[str], log: Path, ready: Any) -> None:  # noqa: ANN401 - a multiprocessing connection
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as errors:
        os.dup2(errors.fileno(), 2)
    os.environ[tether.READY_FD] = str(os.dup(ready.fileno()))
    os._exit(server.main(arguments))


@contextmanager
def stage(folder: Path, *options: str, clips: int = 4, rate: float = RATE) -> Generator["Stage"]:
    """Set a stage up in *folder*, with a studio of its own and so many clips to make."""
    with studio(folder / "studio", "--rate", str(rate), *options) as url:
        yield Stage(folder / "cases", folder / "studio", url, small_clips(folder / "photos", clips))


@contextmanager
def studio(data: Path, *options: str) -> Generator[str]:
    """Run a rehearsing studio on *data*; gives where it listens."""
    reading, writing = forks.Pipe(duplex=False)
    arguments = ["--data", str(data), "--rehearse", *options]
    process = forks.Process(target=_serve, args=(arguments, data.with_suffix(".log"), writing), daemon=True)
    process.start()
    writing.close()
    try:
        with os.fdopen(os.dup(reading.fileno()), encoding="utf-8") as pipe:
            url = pipe.readline().strip()
        assert url, data.with_suffix(".log").read_text(encoding="utf-8")
        yield url
    finally:
        process.terminate()
        process.join(_PATIENCE)


@dataclass(frozen=True)
class Stage:
    """A studio, and folders for cases.

    Attributes:
        data: the studio's own folder.
        clips: what cases make.
    """

    folder: Path
    data: Path
    url: str
    clips: tuple[Clip, ...]

    def case(self, name: str, part: Part | None = None) -> Part:
        """Return *part* (by default: the first clip, by an anonymous account) as a new case, in the studio's time."""
        folder = self.folder / name
        here = folder / "home" / "rehearsal" / "studio"
        here.mkdir(parents=True)
        shutil.copy(self.data / CLOCK, here)
        return replace(part or Part(clips=self.clips[:1]), folder=folder, url=self.url)

    @property
    def token(self) -> str:
        """The bearer of the studio's local account, which has plenty of credits."""
        return local_token(self.data).get_secret_value()

    def books(self) -> checker.Studio:
        """Return what the studio's own books say."""
        bill = httpx.get(f"{self.url}/studio/bill", headers={"Authorization": f"Bearer {self.token}"}).json()
        with closing(sqlite3.connect(f"file:{self.data / 'studio.db'}?mode=ro", uri=True)) as connection:
            renders = dict(connection.execute("SELECT id, session FROM renders").fetchall())
            prompts = dict(connection.execute("SELECT session, count(*) FROM runs GROUP BY session").fetchall())
        return checker.Studio(bill, prompts, renders)

    def complaints(self, part: Part) -> list[str]:
        """Return what is wrong with a finished case."""
        return checker.complaints(part.folder, self.books(), len(part.clips))


def start(part: Part) -> ForkServerProcess:
    """Start a victim."""
    process = forks.Process(target=victim.play, args=(part,), daemon=True)
    process.start()
    return process


def end(process: ForkServerProcess) -> int:
    """Wait for a victim's end; return its exit code, -9 when it was killed."""
    process.join(_PATIENCE)
    if process.exitcode is None:
        process.kill()
        raise AssertionError("a runner did not end")
    return process.exitcode


def run(part: Part) -> int:
    """Run a victim to its end."""
    return end(start(part))


def finish(part: Part, tries: int = 4) -> dict[str, str]:
    """Run *part* again, unharmed, until it makes everything; return what the last run said of its clips."""
    said: dict[str, str] = {}
    for _ in range(tries):
        assert run(replace(part, fatal=0, at="", name="again")) == 0, (part.folder / "again.log").read_text()
        said = replace(part, name="again").came()
        if not any(said.values()):
            break
    return said


def spread(work: Callable[[T], R], over: Iterable[T]) -> list[R]:
    """Do *work* on everything, so much at once as keeps two cores busy: victims mostly wait."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(work, over))


def small_clips(folder: Path, number: int) -> tuple[Clip, ...]:
    """Return clips to make, each of one small photo and three seconds."""
    return tuple(_small_clip(folder / f"P{each}", each) for each in range(number))


def _small_clip(folder: Path, number: int) -> Clip:
    folder.mkdir(parents=True)
    picture = Image.radial_gradient("L").resize((160, 200)).point([level // 2 + 10 * number for level in range(256)])
    picture.save(folder / "0.jpg")
    photo = probe(folder / "0.jpg", f"{folder.name}/0.jpg")
    brief = Brief(seconds=3, formats=(Format.SQUARE,), title=f"Product {number}")
    (clip,) = clips_of(Product(id=folder.name, photos=(photo,), brief=brief))
    return clip
