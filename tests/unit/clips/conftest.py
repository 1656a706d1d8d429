"""A bench for the steps of a clip: a service that fails in every way, and processes of ours that die anywhere.

The service here is small and real: it keeps sessions, charges prompts, adds music and title later, renders. A fuse
stands around each request and around each commit of the journal: there a process dies, or a picture is taken of
everything that would outlive it.
"""

import asyncio
import copy
import hashlib
import json
import shutil
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import event

from nightreel import quality
from nightreel.clips import Order, Tools, Waits, make
from nightreel.clock import Clock, ManualClock
from nightreel.errors import DuplicateRender, NightreelError, RequestRefused, SessionNotFound
from nightreel.images import Ready, normalise, probe
from nightreel.ledger import open_ledger, open_store, owner
from nightreel.ledger.store import BUSY_SECONDS, Store, Transaction
from nightreel.models import Check, Clip, Credits, Delivery, Engine, Format, Photo
from nightreel.nemo import ClaimLink, Download, Reply, UploadFile, wire
from nightreel.nemo.download import MAX_VIDEO_BYTES
from nightreel.nemo.stream import OnEvent
from nightreel.nemo.upload import OnProgress
from nightreel.settings import Settings

LENGTH = 15.04
"""Seconds that every video of the service lasts, where 15 are asked for."""


class Killed(BaseException):
    """The process is gone: nothing it would have done afterwards is done."""


class Fuse:
    """Kills at the n-th point that is passed; 0 never does."""

    def __init__(self, at: int = 0) -> None:
        self.at, self.passed = at, 0

    def point(self) -> None:
        """Pass a point, or die there; whoever is dead stays dead."""
        self.passed += 1
        if self.at and self.passed >= self.at:
            raise Killed


class Camera(Fuse):
    """Pictures what would be there after a death at each point; a point at which nothing is new is left out."""

    def __init__(self, bench: "Bench") -> None:
        super().__init__()
        self.pictures: list[Bench] = []
        self._bench = bench
        self._last = ""

    def point(self) -> None:
        """Take a picture of folder, service and clock."""
        bench = self._bench
        if (now := bench.state()) != self._last:
            self._last = now
            bench.service.fuse = Fuse()  # a picture has no camera in it
            self.pictures.append(bench.twin(str(len(self.pictures))))
            bench.service.fuse = self


class FusedStore(Store):
    """A journal whose process may be killed before and after each commit.

    It does not wait for the disk: a process that is killed takes no machine with it.
    """

    fuse = Fuse()

    def __init__(self, url: str, clock: Clock, *, busy_seconds: float = BUSY_SECONDS) -> None:
        super().__init__(url, clock, busy_seconds=busy_seconds)
        event.listen(self.engine.sync_engine, "connect", _unsynced)

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[Transaction, None]:
        """Write as ever, and pass two points."""
        async with super().write() as tx:
            yield tx
            self.fuse.point()
        self.fuse.point()


def _unsynced(connection: Any, _: object) -> None:  # noqa: ANN401 - a DBAPI connection
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.close()


@dataclass
class Session:
    """What the service knows of a session."""

    assets: list[str] = field(default_factory=list[str])
    draft: dict[str, Any] = field(default_factory=dict[str, Any])
    cut_at: float | None = None
    seconds: float = 15.0


Fault = tuple[str, Callable[[], NightreelError]]
"""`before` or `after` the work, and what the client then raises."""


def _error(fault: Fault) -> NightreelError:
    return fault[1]()


def _unseen(_sent: int, _total: int) -> None:
    return


async def _at_once(progress: OnProgress) -> None:
    progress(1, 1)


async def _no_time() -> None:
    return


class FakeService:
    """A service with a memory; it outlives the runner's processes.

    Attributes:
        faults: by method and number of the call.
        delay: seconds from a prompt to its cut.
        title: what it sets as the title.
        uses: how many of the photos it uses; None for all.
        on_send, on_upload: called before a prompt's work, and while files are sent.
        stream: what a prompt's stream takes, once the work is done.
    """

    top_up = "Register the account to go on: https://nemovideo.com/?bind=anon_1"

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.fuse = Fuse()
        self.sessions: dict[str, Session] = {}
        self.renders: dict[str, str] = {}
        self.bill: list[tuple[str, str, int]] = []
        self.calls: list[str] = []
        self.faults: dict[tuple[str, int], Fault] = {}
        self.delay = 0.0
        self.balance = 10_000
        self.held = 0
        self.looks = 0
        self.title = "Clay mug"
        self.uses: int | None = None
        self.on_send: Callable[[str], None] = lambda _: None
        self.on_upload: Callable[[OnProgress], Awaitable[None]] = _at_once
        self.stream: Callable[[], Awaitable[object]] = _no_time

    @asynccontextmanager
    async def _call(self, name: str) -> AsyncGenerator[None, None]:
        self.fuse.point()
        self.calls.append(name)
        fault = self.faults.get((name, self.calls.count(name)))
        if fault is not None and fault[0] == "before":
            raise _error(fault)
        yield
        self.fuse.point()
        if fault is not None:
            raise _error(fault)

    def _session(self, session_id: str) -> Session:
        if session_id not in self.sessions:
            raise SessionNotFound("the session is gone", code=1002)
        return self.sessions[session_id]

    async def open_session(self, name: str = "project", language: str = "en") -> wire.SessionData:
        """Open one."""
        del name, language
        async with self._call("open_session"):
            session_id = f"s-{uuid.uuid4().hex}"
            self.sessions[session_id] = Session()
        return wire.SessionData(task_id="t", session_id=session_id)

    async def upload(
        self, session_id: str, files: Sequence[UploadFile], progress: OnProgress | None = None
    ) -> list[wire.UploadedFile]:
        """Take the files."""
        async with self._call("upload"):
            self._session(session_id).assets += [file.sha256 for file in files]
            await self.on_upload(progress or _unseen)
        return [wire.UploadedFile(filename=file.name) for file in files]

    async def state(self, session_id: str) -> wire.State:
        """Tell how far the edit is: nothing, the cut, and two seconds later music and title."""
        async with self._call("state"):
            session = self._session(session_id)
            age = -1.0 if session.cut_at is None else self.clock.monotonic() - session.cut_at
            draft = self._draft(session, age >= 2) if age >= 0 else {}
        return wire.State(draft=draft)

    async def claim_link(self, session: wire.SessionData) -> ClaimLink:
        """Give a link."""
        return ClaimLink(f"https://nemovideo.com/workspace/claim?ct={session.session_id}", 604_800)

    async def credits(self) -> Credits:
        """Tell the balance."""
        async with self._call("credits"):
            available = self.balance - sum(price for _, _, price in self.bill)
        return Credits(available=available - self.held, held=self.held, total=available)

    async def send(
        self,
        session_id: str,
        prompt: str,
        on_event: OnEvent | None = None,
        *,
        before: Callable[[], None] | None = None,
    ) -> Reply:
        """Charge, and cut after the delay."""
        del on_event
        if before is not None:
            before()
        self.on_send(session_id)
        async with self._call("send"):
            session = self._session(session_id)
            self.bill.append((session_id, prompt, 50 if session.cut_at is not None else 100))
            session.cut_at = self.clock.monotonic() + self.delay
            await self.stream()
        return Reply(text="")

    async def submit_render(
        self, render_id: str, session_id: str, draft: Mapping[str, Any], quality: str = "high"
    ) -> wire.RenderJob:
        """Take the job, once."""
        del quality
        async with self._call("submit_render"):
            self._session(session_id)
            assert draft["t"]
            if render_id in self.renders:
                raise DuplicateRender("known already", status=409)
            self.renders[render_id] = session_id
            self.looks = 0
        return wire.RenderJob(id=render_id, status=wire.RenderStatus.PENDING)

    async def render(self, render_id: str) -> wire.RenderJob:
        """Complete at the second look."""
        async with self._call("render"):
            if render_id not in self.renders:
                raise RequestRefused("no such render", status=404)
            self.looks += 1
            status = wire.RenderStatus.COMPLETED if self.looks > 1 else wire.RenderStatus.PROCESSING
        return wire.RenderJob(id=render_id, status=status, progress=50.0 * min(self.looks, 2))

    async def download(
        self,
        render_id: str,
        to: Path,
        url: str = "",
        max_bytes: int = MAX_VIDEO_BYTES,
        progress: OnProgress | None = None,
    ) -> Download:
        """Put the video where it is wanted."""
        del url, max_bytes, progress
        async with self._call("download"):
            if render_id not in self.renders:
                raise RequestRefused("no such render", status=404)
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_bytes(b"a video of " + self.renders[render_id].encode())
        content = to.read_bytes()
        return Download(to, len(content), hashlib.sha256(content).hexdigest())

    def _draft(self, session: Session, complete: bool) -> dict[str, Any]:  # noqa: FBT001
        used = session.assets[: self.uses]
        each = session.seconds * 1000 / len(used)
        tracks: list[dict[str, Any]] = [{"tt": 0, "sg": [{"d": each, "m": {"asset": asset}} for asset in used]}]
        if complete:
            tracks.append({"tt": 1, "sg": [{"d": session.seconds * 1000, "m": {"mood": "upbeat"}}]})
            tracks.append({"tt": 7, "sg": [{"d": 3000, "m": {"text": self.title}}]})
        return {"d": session.seconds * 1000, "m": {"width": 1080, "height": 1920}, "t": tracks}


class Cache:
    """The photo cache, without threads: a run that is killed has no time for them."""

    async def probe(self, path: Path, name: str) -> Photo:
        """Look at a photo."""
        return probe(path, name)

    async def normalise(self, photo: Photo, *, background: tuple[int, int, int] | None = (255, 255, 255)) -> Ready:
        """Return the photo's normalised form, made before."""
        return normalise(photo, photo.path.parent / "cache", background=background)


@dataclass
class Bench:
    """One service, one folder, and processes that come and go."""

    folder: Path
    clock: ManualClock
    service: FakeService
    clip: Clip
    engine: Engine = Engine.LOCAL
    waits: Waits | None = None
    budget: int | None = None
    remake: bool = False
    runs: int = 0

    @property
    def account_id(self) -> str:
        """The account as the ledger names it."""
        return f"{self.engine.value}:studio"

    @property
    def out(self) -> Path:
        """The output folder."""
        return self.folder / "out"

    @asynccontextmanager
    async def process(self, fuse: Fuse | None = None) -> AsyncGenerator[Tools, None]:
        """Start a process of ours that dies by *fuse*."""
        FusedStore.fuse = self.service.fuse = fuse or Fuse()
        settings = Settings(home=self.folder / "home")
        async with open_ledger(settings, self.clock) as ledger:
            yield Tools(
                nemo=self.service,
                ledger=ledger,
                photos=Cache(),
                clock=self.clock,
                settings=settings,
                engine=self.engine,
                account="studio",
                masters=self.folder / "masters",
                waits=self.waits,
            )

    def order(self) -> Order:
        """Return the order of a new run."""
        self.runs += 1
        again = (self.clip.key,) if self.remake else ()
        return Order(run_id=f"run_{self.runs}", out=self.out, budget=self.budget, remake=again)

    async def make(self, fuse: Fuse | None = None) -> Delivery:
        """Run once, in a process of its own."""
        async with self.process(fuse) as tools:
            return await make(self.clip, self.order(), tools)

    async def until_made(self, *, killed_at: int = 0) -> Delivery:
        """Run, and run again, as somebody would who is told to; the first process may be killed at a point."""
        fuse = Fuse(killed_at)
        for _ in range(5):
            try:
                return await self.make(fuse)
            except (NightreelError, Killed):
                fuse = Fuse()
        raise AssertionError("not made in five runs")

    async def moments(self) -> "list[Bench]":
        """Run once; return the bench as each death on the way would leave it, the first and the last included."""
        camera = Camera(self)
        await self.make(camera)
        return camera.pictures

    def twin(self, name: str) -> "Bench":
        """Return a copy of everything that outlives a process."""
        there = self.folder.with_name(f"{self.folder.name}-{name}")
        shutil.copytree(self.folder, there, ignore=shutil.ignore_patterns("*-shm"))
        return copy.deepcopy(replace(self, folder=there))

    def state(self) -> str:
        """Return a hash of what outlives a process: the files on the disk, the service's memory, the time."""
        service, found = self.service, hashlib.sha256()
        memory = (service.sessions, service.renders, service.bill, service.looks, self.clock.monotonic())
        found.update(repr(memory).encode())
        for file in sorted(self.folder.rglob("*")):
            if file.is_file() and not file.name.endswith("-shm"):
                found.update(f"{file.relative_to(self.folder)} {file.stat().st_size} ".encode() + file.read_bytes())
        return found.hexdigest()

    async def check(self) -> None:
        """One clip, one charge, one video; the ledger is the bill; no two videos, no half ones, nothing reserved."""
        assert len(self.service.bill) == 1, self.service.bill
        video = self.out / "mug" / "mug_9x16.mp4"
        assert video.read_bytes().startswith(b"a video of s-")
        assert json.loads(video.with_suffix(".json").read_text())["credits"] == 100
        assert not list(self.folder.rglob("*.part"))
        async with self.process() as tools:
            summary = await tools.ledger.credits.summary(self.account_id)
            assert (summary.spent, summary.reserved) == (100, 0)
            assert await tools.ledger.purchases.open(self.account_id) == []
            made = await tools.ledger.journal.made(self.engine, "studio")
            assert made[self.clip.key].status == "made"
            known = {entry.subject_id for entry in await tools.ledger.journal.entries() if entry.subject == "render"}
            assert set(self.service.renders) <= known


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set the stage for every test."""
    set_stage(monkeypatch)
    yield
    FusedStore.fuse = Fuse()


def set_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count the journal's commits; the files of the service are no real videos, and are not looked into."""
    monkeypatch.setattr("nightreel.ledger.Store", FusedStore)

    def looked_at(path: Path, *_: object) -> tuple[Check, ...]:
        whole = path.read_bytes().startswith(b"a video of ")
        return (Check(name="content", ok=whole, found="something else", wanted="a video"),)

    def cover(path: Path, to: Path) -> Path:
        to.write_bytes(path.read_bytes()[:5])
        return to

    def length_of(_: Path) -> float:
        return LENGTH

    monkeypatch.setattr(quality, "inspect_video", looked_at)
    monkeypatch.setattr(quality, "cover", cover)
    monkeypatch.setattr(quality, "length_of", length_of)

    def gone(_: str) -> bool:
        return True  # each process of a test has ended when the next one starts

    monkeypatch.setattr(owner, "gone", gone)


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> tuple[Photo, ...]:
    """Return two probed photos."""
    return tuple(_photo(tmp_path_factory.mktemp("source"), name) for name in ("mug", "side"))


def _photo(folder: Path, name: str) -> Photo:
    path = folder / f"{name}.jpg"
    picture = Image.linear_gradient("L").resize((320, 400)).convert("RGB")
    picture.rotate(180 * (name == "side")).save(path)
    return probe(path, f"mug/{name}.jpg")


@pytest.fixture(scope="session")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty journal to copy: its schema is made once."""
    file = tmp_path_factory.mktemp("journal") / "empty.db"

    async def made() -> None:
        async with open_store(f"sqlite:///{file}", ManualClock()):
            pass

    asyncio.run(made())
    return file


@pytest.fixture
def bench(tmp_path: Path, photos: tuple[Photo, ...], journal: Path) -> Bench:
    """Return a service and a folder, and a clip of one photo to make."""
    folder = tmp_path / "bench"
    (folder / "home").mkdir(parents=True)
    shutil.copy(journal, folder / "home" / "nightreel.db")
    clock = ManualClock()
    clip = Clip(product="mug", format=Format.VERTICAL, photos=photos[:1], prompt="Create a video.", title="Clay mug")
    return Bench(folder, clock, FakeService(clock), clip)
