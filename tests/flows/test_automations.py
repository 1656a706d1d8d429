"""Automations at a real Prefect server: a webhook is told of trouble, a run that falls silent is called crashed."""

import gc
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast
from uuid import UUID

import httpx
import pytest
from prefect import get_client
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas import State
from prefect.events.worker import EventsWorker
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows import events
from flows.catalog import catalog_to_video
from nightreel.cli.prefect_automations import HEARTBEAT, ensure
from nightreel.clock import SystemClock
from nightreel.models import Request

PATIENCE = 120.0
SECRET = "canary-4f1d"  # noqa: S105 - looked for where it must not stand
SILENCE = timedelta(seconds=10)
"""The least that Prefect takes; ours is twelve times as long, and nobody would wait for it here."""

WAITS = """
import asyncio, sys
from prefect import flow
from prefect.runtime import flow_run

@flow
async def waits():
    print(flow_run.id, flush=True)
    await asyncio.to_thread(sys.stdin.read)

asyncio.run(waits())
"""

pytestmark = pytest.mark.filterwarnings(
    # Prefect's client leaves some open
    "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
)


class Webhook:
    """Somebody who is told: what was posted, and where to."""

    def __init__(self) -> None:
        told = self._told = queue.SimpleQueue[tuple[str, str]]()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                told.put((self.path, self.rfile.read(int(self.headers["Content-Length"])).decode()))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
                """Print nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/{SECRET}"

    def next(self) -> str:
        """Wait for the next message; return its text."""
        path, body = self._told.get(timeout=PATIENCE)
        assert path == f"/{SECRET}"
        assert SECRET not in body
        return str(json.loads(body)["text"])


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    """Have somebody who wants to be told, at an address that is a secret."""
    hook = Webhook()
    thread = threading.Thread(target=hook.server.serve_forever)
    thread.start()
    monkeypatch.setenv("NIGHTREEL_NOTIFY_URL", hook.url)
    yield hook
    hook.server.shutdown()
    thread.join()
    hook.server.server_close()


@pytest.fixture
def server(prefect_api: str) -> Iterator[str]:
    """Have the flows of this process talk to a server."""
    with temporary_settings({PREFECT_API_URL: prefect_api}):
        yield prefect_api
        EventsWorker.drain_all()
    gc.collect()  # what Prefect's client leaves open is found here, where it is looked away from


@asynccontextmanager
async def automated() -> AsyncGenerator[PrefectClient]:
    """Have our automations at the server, and take them away again: others use it, too."""
    async with get_client() as client:
        await ensure(client, SILENCE)
        try:
            yield client
        finally:
            for automation in await client.read_automations():
                await client.delete_automation(automation.id)


async def test_trouble_is_told(server: str, webhook: Webhook, tmp_path: Path) -> None:
    """A failed run, low credits, a clip that needs a person: each is told, in words, with no secret in them."""
    del server
    gone = Request(source=str(tmp_path / "gone"), out=tmp_path / "out")
    async with automated():
        # Prefect's types say that an async flow's state is not awaited; it is.
        state = await cast("Awaitable[State]", catalog_to_video(gone, return_state=True))
        assert state.is_failed()
        said = f"SourceError: There is no folder or feed {gone.source}. Check the path."
        assert webhook.next() == f"Nightreel: a run that failed\ngone: Flow run encountered an exception: {said}"
        events.tell(events.CREDITS_LOW, "account", "cloud:own", "cloud:own has 120 credits left.")
        assert webhook.next() == "Nightreel: credits that run low\ncloud:own has 120 credits left."
        events.tell(events.NEEDS_PERSON, "clip", "MUG 9x16", "MUG 9x16: Nobody knows. `nightreel reconcile`")
        assert (
            webhook.next() == "Nightreel: a clip that needs a person\nMUG 9x16: Nobody knows. `nightreel reconcile`"
        )


async def test_a_run_that_falls_silent_is_crashed(server: str, webhook: Webhook) -> None:
    """Killed (-9) with its worker, it stays "Running" until the server misses its heartbeat; that is told, too."""
    async with automated() as client:
        with _beginning(server) as (process, run):
            await _until(partial(_heard, server, run))
            process.kill()
            assert (await client.read_flow_run(run)).state_name == "Running"
            await _until(partial(_crashed, client, run))
        name = (await client.read_flow_run(run)).name
        assert webhook.next() == f"Nightreel: a run that failed\n{name}: Its worker gives no sign of life any more."


@contextmanager
def _beginning(server: str) -> Generator[tuple[subprocess.Popen[str], UUID]]:
    """Run a flow in a process of its own, which waits for nothing; give it, and its id."""
    told = {"PREFECT_API_URL": server, "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT)}
    with subprocess.Popen(
        [sys.executable, "-c", WAITS],
        env={**os.environ, **told},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process, UUID(process.stdout.readline().strip())
        finally:
            process.kill()


async def _heard(server: str, run: UUID) -> bool:
    """Whether the server knows of a heartbeat of *run*."""
    wanted = {"event": {"name": ["prefect.flow-run.heartbeat"]}, "resource": {"id": [f"prefect.flow-run.{run}"]}}
    async with httpx.AsyncClient(timeout=30) as asking:
        answer = await asking.post(f"{server}/events/filter", json={"filter": wanted})
    return bool(answer.raise_for_status().json()["events"])


async def _crashed(client: PrefectClient, run: UUID) -> bool:
    state = (await client.read_flow_run(run)).state
    return state is not None and state.is_crashed()


async def _until(condition: Callable[[], Awaitable[bool]]) -> None:
    clock = SystemClock()
    end = clock.monotonic() + PATIENCE
    while not await condition():
        assert clock.monotonic() < end, f"waited {PATIENCE:.0f} s in vain"
        await clock.sleep(0.3)
