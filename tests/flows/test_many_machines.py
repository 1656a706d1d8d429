"""Many machines: Prefect on PostgreSQL and Redis, journal in PostgreSQL, photos and results in a bucket.

Each worker has a home, a process group and settings of its own, and shares no folder with the night; one is killed.
The studio is a rehearsing one: everything happens as at night, and its bill is read at the end.
"""

import asyncio
import contextlib
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import NullPool, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from nightreel.cli.up import lasting_environment
from tests.unit.sources.conftest import NAME, Server

User = Any
Help = Any

POSTGRES = os.environ.get("NIGHTREEL_TEST_POSTGRES", "")
REDIS = os.environ.get("NIGHTREEL_TEST_REDIS", "")
ROOT = Path(__file__).parents[2]
CLIPS = 12

pytestmark = pytest.mark.skipif(
    not (POSTGRES and REDIS), reason="NIGHTREEL_TEST_POSTGRES and NIGHTREEL_TEST_REDIS are not both set"
)


@pytest.fixture
def databases() -> Iterator[dict[str, str]]:
    """Give two empty databases: Prefect's and the journal."""
    names = {word: f"test_{word}_{uuid.uuid4().hex[:12]}" for word in ("prefect", "nightreel")}
    for name in names.values():
        asyncio.run(_do(f"CREATE DATABASE {name}"))
    yield {word: make_url(POSTGRES).set(database=name).render_as_string() for word, name in names.items()}
    for name in names.values():
        asyncio.run(_do(f"DROP DATABASE {name} WITH (FORCE)"))


async def _do(statement: str, database: str = POSTGRES) -> list[Any]:
    engine = create_async_engine(make_url(database), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    async with engine.connect() as connection:
        found = await connection.execute(text(statement))
        return list(found) if found.returns_rows else []


class Machines:
    """The machines: where Prefect runs, and the workers."""

    def __init__(self, user: User, databases: dict[str, str], stack: contextlib.ExitStack) -> None:
        self._user = user
        self._stack = stack
        self.folder: Path = user.folder
        self.journal = databases["nightreel"]
        self.environment = {
            **lasting_environment(user.folder / "prefect"),
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": databases["prefect"],
            "PREFECT_WORKER_QUERY_SECONDS": "2",
            **_redis(),
        }

    def start(self, name: str, *command: str, **variables: str) -> subprocess.Popen[bytes]:
        """Start `python -m COMMAND` as a machine would: in a process group and a home of its own."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("NIGHTREEL_", "PREFECT_"))}
        home = self._user.folder / name
        _share_the_time(home, self._user.folder / "studio")
        given = {"NIGHTREEL_HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "PYTHONPATH": _path()}
        with (home / "log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                env={**kept, **self.environment, **self._user.environment, **given, **variables},
                cwd=self._user.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._stack.callback(_end, process)
        return process

    def owners(self) -> dict[int, int]:
        """Return how many clips with a prompt under way each process holds, by its id."""
        held = "SELECT c.owner FROM clip c JOIN purchase p ON p.clip_id = c.id WHERE p.status = 'intent'"
        with contextlib.suppress(SQLAlchemyError):
            pids = [int(owner.split("/")[-2]) for (owner,) in asyncio.run(_do(held, self.journal)) if owner]
            return {pid: pids.count(pid) for pid in pids}
        return {}


def _share_the_time(home: Path, studio: Path) -> None:
    """Have the same time on a machine as on all others: a rehearsal's is kept with its studio."""
    (home / "rehearsal").mkdir(parents=True, mode=0o700)
    (home / "rehearsal" / "studio").symlink_to(studio)


def _path() -> str:
    return os.pathsep.join((str(ROOT), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))))


def _redis() -> dict[str, str]:
    place = make_url(REDIS)
    return {
        "PREFECT_MESSAGING_BROKER": "prefect_redis.messaging",
        "PREFECT_MESSAGING_CACHE": "prefect_redis.messaging",
        "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "prefect_redis.ordering",
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect_redis.lease_storage",
        "PREFECT_REDIS_MESSAGING_HOST": str(place.host),
        "PREFECT_REDIS_MESSAGING_PORT": str(place.port),
        "PREFECT_SERVER_DOCKET_URL": f"{REDIS}/1",
    }


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextlib.contextmanager
def _prefect(machines: Machines, helper: Help) -> Generator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    server = machines.start("server", "prefect", "server", "start", "--port", port)

    def answers() -> bool:
        assert server.poll() is None, (machines.folder / "server" / "log").read_text()[-3000:]
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", int(port))).close()
            return True
        return False

    helper.until(answers)
    yield f"http://127.0.0.1:{port}/api"


def test_a_night_on_two_workers_survives_the_death_of_one(
    new_user: Callable[[], User], helper: Help, databases: dict[str, str], s3: Server
) -> None:
    """One is killed (-9) with prompts under way: the other makes the rest; each clip is paid for once, in budget.

    What both have made is in the bucket, and in the night's folder, whole.
    """
    user: User = new_user()
    _fill(s3, user)
    studio_data = user.folder / "studio"
    with contextlib.ExitStack() as stack:
        machines = Machines(user, databases, stack)
        url = stack.enter_context(user.studio("--rehearse", "--rate", "60", data=studio_data))
        _share_the_time(user.home, studio_data)
        token = (studio_data / "token").read_text(encoding="utf-8")
        user.environment |= {
            "NEMO_API_URL": url,
            "NEMO_TOKEN": token,
            "NIGHTREEL_REHEARSE": "1",
            "NIGHTREEL_RATE": "60",
            "NIGHTREEL_DATABASE_URL": databases["nightreel"],
            "NIGHTREEL_FAN_OUT": "workers",
            "NIGHTREEL_BUCKET_ENDPOINT": s3.url,
            "NIGHTREEL_BUCKET_KEY": "canary-key",
            "NIGHTREEL_BUCKET_SECRET": "canary-secret",
            "PREFECT_API_URL": stack.enter_context(_prefect(machines, helper)),
        }
        registered = user.do("up", "--register")
        assert registered.code == 0, registered
        line = ("prefect", "worker", "start", "--pool", "videos", "--limit", "1")
        workers = {name: machines.start(name, *line, "--name", name) for name in ("one", "two")}
        asked = (f"s3://{NAME}/catalog", "--out", user.out, "--put", f"s3://{NAME}/videos")
        night = user.start("run", *asked, "--budget", str(100 * CLIPS))

        def both_at_work() -> int | None:
            assert night.process.poll() is None, night.end()
            return _held_by(workers["one"], machines.owners())

        helper.until(both_at_work)
        os.killpg(workers["one"].pid, signal.SIGKILL)
        done = night.end()
        assert done.code == 0, done
        assert f"{CLIPS} made" in done.out
        ((reserved, spent),) = asyncio.run(_do(_SUMS, databases["nightreel"]))
        assert (reserved, spent) == (0, 100 * CLIPS)
        _are_whole(s3, user.out, "made")
        _next_night_elsewhere(user, s3)
    bill = user.rows("SELECT session, credits FROM bill", "../../studio/studio.db")
    assert len(bill) == len({session for session, _ in bill}) == CLIPS
    assert {credits_ for _, credits_ in bill} == {100}
    assert not list((user.folder / "two" / "rehearsal" / "staging").iterdir()), "what has travelled stays behind"
    for name in workers:
        assert list((user.folder / name / "buckets").rglob("*.jpg")), f"{name} has downloaded no photo"


def _fill(s3: Server, user: User) -> None:
    """Put a catalog into the bucket; the machines have none."""
    for number in range(CLIPS):
        user.product(f"P{number:02d}")
    files = [path for path in user.catalog.rglob("*") if path.is_file()]
    s3.fill({f"catalog/{path.relative_to(user.catalog)}": path.read_bytes() for path in files})
    shutil.rmtree(user.catalog)


def _next_night_elsewhere(user: User, s3: Server) -> None:
    """A night on a machine that has nothing yet: it fetches what is made, and no worker has anything to do."""

    def shards() -> int:
        wanted = {"flows": {"name": {"any_": ["make-clips"]}}}
        url = f"{user.environment['PREFECT_API_URL']}/flow_runs/count"
        return int(httpx.post(url, json=wanted, timeout=30).raise_for_status().json())

    before, elsewhere = shards(), user.folder / "elsewhere"
    done = user.do("run", f"s3://{NAME}/catalog", "--out", elsewhere, "--put", f"s3://{NAME}/videos")
    assert done.code == 0, done
    assert "Nothing to do: every video is made and unchanged." in done.out
    assert shards() == before
    _are_whole(s3, elsewhere, "unchanged")


def _are_whole(s3: Server, out: Path, status: str) -> None:
    """See that the bucket has every clip's files and the report of it, and the night's folder the same."""
    keys = {key for key in s3.keys() if key.startswith("videos/")}  # noqa: SIM118 - it is no dict
    results = {key.removeprefix("videos/"): s3.read(key) for key in keys}
    clips = [f"P{number:02d}/P{number:02d}_1x1" for number in range(CLIPS)]
    assert {f"{clip}{end}" for clip in clips for end in (".mp4", ".jpg", ".json")} <= set(results)
    assert {
        path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()
    } == results
    report = json.loads(results["report.json"])
    assert [clip["status"] for clip in report["clips"]] == [status] * CLIPS
    for clip in report["clips"]:
        assert hashlib.sha256(results[clip["video"]]).hexdigest() == clip["sha256"]


_SUMS = "SELECT coalesce(sum(reserved), 0), coalesce(sum(spent), 0) FROM ledger_entry"


def _held_by(worker: subprocess.Popen[bytes], owners: dict[int, int]) -> int | None:
    """Return how many prompts the flow runs of *worker* have under way."""
    for pid, prompts in owners.items():
        with contextlib.suppress(ProcessLookupError):
            if os.getpgid(pid) == worker.pid:
                return prompts
    return None
