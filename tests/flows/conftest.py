"""Whole runs, as a user does them: `python -m nightreel …` in a home of its own, with real services and renders.

A :class:`User` has a home, an output folder and a catalog; their processes carry a mark in the environment, so that a
test can tell whether any of them is left. One finished run is shared: who needs one moves into a copy of it.
"""

import asyncio
import contextlib
import fcntl
import gc
import http.client
import json
import os
import re
import select
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
from PIL import Image, ImageDraw
from prefect.events.worker import EventsWorker
from prefect.settings import PREFECT_API_URL, temporary_settings

from nightreel import tether
from nightreel.cli.prefect_api import quiet_environment
from nightreel.clock import SystemClock
from nightreel.nemo import wire
from nightreel.studio.app import create_app
from nightreel.studio.keeper import ENDPOINT, LOCK, local_token, running
from nightreel.studio.options import StudioOptions
from tests.unit.sources.conftest import NAME, Server, serving

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0
"""Seconds after which a run counts as stuck: generous, for a busy machine."""

_MARK = "NIGHTREEL_TEST_MARK"
_JOB = re.compile(r"/jobs/(\d+)\.\d+\.json")
_PRIVATE = ("NIGHTREEL_", "NEMO_", "SKILL_SOURCE", "PREFECT_", "XDG_", "HOME", "COLUMNS")
_HEADERS = {
    wire.HEADER_SOURCE: wire.SKILL_SOURCE,
    wire.HEADER_VERSION: "1.0.0",
    wire.HEADER_PLATFORM: "unknown",
}


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    def __str__(self) -> str:
        return f"exit code {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


@dataclass
class Command:
    """A command of the user's that is under way; its output goes to files."""

    process: subprocess.Popen[bytes]
    log: Path

    def end(self, patience: float = PATIENCE) -> Done:
        """Wait for its end."""
        try:
            code = self.process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the command did not end:\n{self._done(-1)}") from None
        return self._done(code)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def _done(self, code: int) -> Done:
        read = [self.log.with_suffix(it).read_text(encoding="utf-8", errors="replace") for it in (".out", ".err")]
        return Done(code, *read)


@dataclass(frozen=True)
class Books:
    """What the studio has charged and holds, and what our ledger has reserved and spent."""

    bill: list[dict[str, Any]]
    frozen: int
    reserved: int
    spent: int

    def once_each(self, clips: int) -> None:
        """Assert that *clips* clips were charged once each, and that both sides agree on it."""
        assert [entry["credits"] for entry in self.bill] == [100] * clips, self.bill
        assert len({entry["session"] for entry in self.bill}) == clips, "two charges in one session"
        assert (self.frozen, self.reserved, self.spent) == (0, 0, 100 * clips)


@dataclass
class User:
    """Somebody with a home folder, a catalog and an output folder, who types commands."""

    folder: Path
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)
    environment: dict[str, str] = field(default_factory=dict[str, str])
    commands: list[Command] = field(default_factory=list[Command])

    @property
    def home(self) -> Path:
        """`NIGHTREEL_HOME`."""
        return self.folder / "home" / "nightreel"

    @property
    def data(self) -> Path:
        """The local studio's data folder."""
        return self.home / "studio"

    @property
    def out(self) -> Path:
        """The output folder."""
        return self.folder / "out"

    @property
    def catalog(self) -> Path:
        """The catalog."""
        return self.folder / "catalog"

    @property
    def token(self) -> str:
        """The bearer of the local studio's account."""
        return local_token(self.data).get_secret_value()

    def start(self, *arguments: str | Path, answer: str = "", **variables: str) -> Command:
        """Start `nightreel ARGUMENTS`; *answer* is typed in, *variables* are set for it."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith(_PRIVATE)}
        environment |= {
            "HOME": str(self.folder / "home"),
            "XDG_CONFIG_HOME": str(self.folder / "home" / "config"),
            "NIGHTREEL_HOME": str(self.home),
            "COLUMNS": "400",
            "PYTHONPATH": os.pathsep.join((str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")]))),
            _MARK: self.mark,
            **self.environment,
            **variables,
        }
        log = self.folder / f"command{len(self.commands)}"
        with log.with_suffix(".out").open("wb") as out, log.with_suffix(".err").open("wb") as err:
            process = subprocess.Popen(
                [sys.executable, "-m", "nightreel", *map(str, arguments)],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.PIPE if answer else subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
        if process.stdin is not None:
            process.stdin.write(answer.encode())
            process.stdin.close()
        self.commands.append(Command(process, log))
        return self.commands[-1]

    def do(self, *arguments: str | Path, answer: str = "", **variables: str) -> Done:
        """Run `nightreel ARGUMENTS` to its end."""
        return self.start(*arguments, answer=answer, **variables).end()

    def begin(self, *more: str | Path, **variables: str) -> Command:
        """Start `nightreel run` on the catalog, into the output folder."""
        return self.start("run", self.catalog, "--out", self.out, *more, **variables)

    def run(self, *more: str | Path, answer: str = "", **variables: str) -> Done:
        """Run `nightreel run` on the catalog, into the output folder."""
        return self.do("run", self.catalog, "--out", self.out, *more, answer=answer, **variables)

    def product(self, name: str, photos: int = 2, seconds: int = 3) -> Path:
        """Add a product with small photos, JPEG and PNG by turns, to the catalog, whose videos are so long."""
        folder = self.catalog / name
        folder.mkdir(parents=True)
        (self.catalog / "brief.yaml").write_text(f"seconds: {seconds}\nformats: [1x1]\n", encoding="utf-8")
        for number in range(photos):
            shade = sum(name.encode()) % 100 + 20 * number
            image = Image.new("RGB", (360, 480), (245, 240, 235))
            ImageDraw.Draw(image).ellipse((60, 100, 300, 380), fill=(shade, 90, 200 - shade))
            image.save(folder / f"{number}.{('jpg', 'png')[number % 2]}")
        return folder

    def video(self, product: str) -> Path:
        """Where a product's video stands."""
        return self.out / product / f"{product}_1x1.mp4"

    def report(self) -> dict[str, Any]:
        """Return the last run's `report.json`."""
        return dict(json.loads((self.out / "report.json").read_bytes()))

    def rows(self, statement: str, database: str = "nightreel.db") -> list[tuple[Any, ...]]:
        """Read journal and ledger (or another SQLite file of the home); nothing while they are not there."""
        path = f"file:{self.home / database}?mode=ro"
        try:
            with contextlib.closing(sqlite3.connect(path, uri=True, timeout=60)) as connection:
                return connection.execute(statement).fetchall()
        except sqlite3.OperationalError:
            return []

    def books(self) -> Books:
        """Return what was charged, by the studio's own answers (nobody else may run it) and by our ledger."""
        bill, frozen = asyncio.run(_ask(self.data, self.token))
        sums = "SELECT coalesce(sum(reserved), 0), coalesce(sum(spent), 0) FROM ledger_entry"
        ((reserved, spent),) = self.rows(sums)
        return Books(bill, frozen, reserved, spent)

    @contextlib.contextmanager
    def held_renders(self, clips: int = 1) -> Generator[None]:
        """Wait until so many renders have begun, and hold each still in its middle; let them go at the end."""
        held: set[int] = set()

        def enough() -> bool:
            for pid in self._renderers() - held:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGSTOP)
                    held.add(pid)
            return len(held) >= clips

        try:
            until(enough)
            yield
        finally:
            for pid in held:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def _renderers(self) -> set[int]:
        """Return the processes whose render is under way, by what the studio says of its progress."""
        url, token = running(self.data), self.token
        if url is None:
            return set()
        jobs = {pid: _JOB.search(command) for pid, command in self.processes().items()}
        ids = dict(self.rows("SELECT n, id FROM renders", "studio/studio.db"))
        return {pid for pid, job in jobs.items() if job and _progress(url, token, ids[int(job[1])]) > 0}

    def processes(self) -> dict[int, str]:
        """Return the processes of the user's commands that live, theirs too; by their mark (Linux alone tells)."""
        found: dict[int, str] = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if f"{_MARK}={self.mark}".encode() in (folder / "environ").read_bytes():
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        return found

    def alone(self, patience: float = PATIENCE) -> None:
        """Assert that within *patience* seconds no process of ours is left, and nobody holds the studio's data."""
        clock = SystemClock()
        end = clock.monotonic() + patience
        while (left := self.processes()) and clock.monotonic() < end:
            _wait_for_an_end(left, end - clock.monotonic())
        assert not left, f"left behind: {left}"
        until(self._released, patience)

    def _released(self) -> bool:
        """Whether nobody holds the studio's data; a killed process loses its environment before its files."""
        with contextlib.suppress(FileNotFoundError), (self.data / LOCK).open("rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
        return True

    def move_in(self, finished: "User") -> Self:
        """Begin with a copy of everything that another user has."""
        shutil.copytree(finished.folder, self.folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("command*"))
        return self

    @contextlib.contextmanager
    def studio(self, *options: str, data: Path | None = None) -> Generator[str]:
        """Run `nightreel studio` on the user's data folder, or on *data*; gives where it listens."""
        data = data or self.data
        command = self.start("studio", "--data", data, "--port", "0", *options)

        def url() -> str | None:
            assert command.process.poll() is None, command.end()
            with contextlib.suppress(OSError, ValueError):
                told = json.loads((data / ENDPOINT).read_bytes())
                return str(told["url"]) if told["pid"] == command.process.pid else None
            return None

        try:
            yield until(url)
        finally:
            command.send(signal.SIGTERM)
            command.end()

    def clear_up(self) -> None:
        """End whatever a failed test has left."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for command in self.commands:
            command.process.wait()


def _progress(url: str, token: str, render: str) -> float:
    """Return how far a render is, in percent; 0 while it waits or the studio does not answer."""
    place = httpx.URL(url)
    connection = http.client.HTTPConnection(place.host, place.port, timeout=60)
    try:
        headers = {**_HEADERS, "Authorization": f"Bearer {token}"}
        connection.request("GET", wire.PATH_RENDER_JOB.format(render_id=render), headers=headers)
        told: dict[str, Any] = json.loads(connection.getresponse().read()).get("data") or {}
    except (OSError, http.client.HTTPException):
        return 0.0
    finally:
        connection.close()
    return float(told.get("progress", 0)) if told.get("status") == "processing" else 0.0


async def _ask(data: Path, token: str) -> tuple[list[dict[str, Any]], int]:
    """Open the studio in this process; return `GET /studio/bill`, and the credits that it holds."""
    app = create_app(StudioOptions(data=data))
    headers = {**_HEADERS, "Authorization": f"Bearer {token}"}
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers) as studio,
    ):
        bill = (await studio.get("/studio/bill")).json()
        balance = (await studio.get(wire.PATH_BALANCE)).json()
    return bill, balance["data"]["frozen"]


def _wait_for_an_end(pids: Mapping[int, str], patience: float) -> None:
    """Wait until one of the processes has ended."""
    poll = select.poll()
    with contextlib.ExitStack() as stack:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                handle = os.pidfd_open(pid)
                stack.callback(os.close, handle)
                poll.register(handle, select.POLLIN)
        poll.poll(max(0.0, patience) * 1000)


def until(condition: Callable[[], Any], patience: float = PATIENCE) -> Any:  # noqa: ANN401 - what the condition gives
    """Ask again until *condition* holds; return what it gives."""
    clock, never = SystemClock(), threading.Event()
    end = clock.monotonic() + patience
    while not (found := condition()):
        assert clock.monotonic() < end, f"waited {patience:.0f} s in vain"
        never.wait(0.1)
    return found


class Gate:
    """Stands before a service and passes everything on, but for the requests to one path, which it holds.

    With *answered* such a request still reaches the service, and its answer is what is held back.
    """

    def __init__(self, service: str, path: str, *, answered: bool) -> None:
        self._service = httpx.URL(service)
        self._path = path.encode()
        self._answered = answered
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = [self._listener]
        self.reached = threading.Event()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                service = socket.create_connection((self._service.host, self._service.port or 80))
                self._sockets += [client, service]
                held = threading.Event()
                threading.Thread(target=self._requests, args=(client, service, held), daemon=True).start()
                threading.Thread(target=self._answers, args=(service, client, held), daemon=True).start()

    def _requests(self, client: socket.socket, service: socket.socket, held: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while piece := client.recv(65536):
                if self._path in piece.split(b"\r\n", 1)[0]:
                    held.set()
                if self._answered or not held.is_set():
                    service.sendall(piece)
                if held.is_set():
                    self.reached.set()
            service.shutdown(socket.SHUT_WR)

    def _answers(self, service: socket.socket, client: socket.socket, held: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while piece := service.recv(65536):
                if not held.is_set():
                    client.sendall(piece)
            client.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Let go of everything."""
        for each in self._sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@dataclass(frozen=True)
class Help:
    """What tests make use of: :func:`until`, :class:`Gate` and :func:`prefect_server`."""

    until: Callable[..., Any]
    gate: Callable[..., Gate]
    prefect: Callable[..., contextlib.AbstractContextManager[str]]


@pytest.fixture
def helper() -> Help:
    """Give the helpers."""
    return Help(until, Gate, prefect_server)


@pytest.fixture
def new_user(tmp_path: Path) -> Iterator[Callable[[], User]]:
    """Give a maker of users; whatever of theirs still runs when the test ends is ended."""
    users: list[User] = []

    def make() -> User:
        folder = tmp_path / f"user{len(users)}"
        folder.mkdir()
        users.append(User(folder))
        return users[-1]

    yield make
    for user in users:
        user.clear_up()


@pytest.fixture
def user(new_user: Callable[[], User], template: Path) -> User:
    """Give a user with nothing but Prefect's migrated database, which takes 15 seconds to make."""
    user = new_user()
    runs = user.home / "prefect" / "runs"
    runs.mkdir(parents=True)
    shutil.copy(template, runs)
    return user


@pytest.fixture
def owner(new_user: Callable[[], User], finished: User) -> User:
    """Give a user whose catalog of two products is made, delivered and paid for."""
    return new_user().move_in(finished)


@pytest.fixture(scope="session")
def template(finished: User) -> Path:
    """Give Prefect's migrated, empty database, as the first run has kept it."""
    return next((finished.home / "prefect" / "runs").glob("template-*.sqlite"))


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> User:
    """Give the user of the one run that all tests share: made by the first process that asks, never changed."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "finished"
    with shared.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        user = User(shared)
        if not (shared / "first.json").exists():
            _first_run(user)
    assert user.video("MUG").is_file(), f"the run that all tests share made nothing; see {shared}"
    return user


def _first_run(user: User) -> None:
    shutil.rmtree(user.folder, ignore_errors=True)
    user.folder.mkdir()
    user.product("MUG")
    user.product("LAMP", photos=3)
    done = user.run()
    user.alone()
    told = {"code": done.code, "out": done.out, "err": done.err}
    (user.folder / "first.json").write_text(json.dumps(told), encoding="utf-8")


@pytest.fixture(scope="session")
def first_run(finished: User) -> Done:
    """Give what the shared run said."""
    return Done(**json.loads((finished.folder / "first.json").read_bytes()))


@pytest.fixture(scope="session")
def prefect_api(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a Prefect server that runs already: for tests that are not about our own."""
    with prefect_server(tmp_path_factory.mktemp("prefect"), template) as url:
        yield url


@contextlib.contextmanager
def prefect_server(home: Path, template: Path) -> Generator[str]:
    """Run a Prefect server that keeps everything in *home*, from the migrated database *template*."""
    (home / "runs").mkdir(parents=True)
    shutil.copy(template, home / "runs")
    settings = {**quiet_environment(home, verbose=False), "PYTHONPATH": str(ROOT)}
    arguments = [str(home), "0", str(home / "videos")]
    child = tether.start("nightreel.cli.prefect_home", arguments, log=home / "server.log", environment=settings)
    try:
        url = asyncio.run(child.ready())
        assert url, child.last_words(20)
        yield f"{url}/api"
    finally:
        child.release()


@pytest.fixture
def shop(new_user: Callable[[], User], prefect_api: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[User]:
    """Give somebody with a mug who rehearses; flows run here, their server elsewhere."""
    user = new_user()
    user.product("MUG")
    monkeypatch.setenv("NIGHTREEL_HOME", str(user.home))
    with temporary_settings({PREFECT_API_URL: prefect_api}):
        yield user
        EventsWorker.drain_all()
    gc.collect()  # what Prefect's client leaves open is found here, where it is looked away from


@pytest.fixture
def s3() -> Iterator[Server]:
    """Serve S3, with one bucket."""
    with serving() as (server, _):
        server.backend.reset()
        server.backend.create_bucket(NAME, "us-east-1")
        yield server
