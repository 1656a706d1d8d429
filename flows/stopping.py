"""A run that is cancelled, or whose worker is told to end: nothing new is begun, what is paid for is finished."""

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import AsyncGenerator, Callable
from types import FrameType

from prefect import get_client
from prefect.runtime import flow_run

from nightreel.clips import Stopping
from nightreel.clock import SystemClock

Handler = Callable[[int, FrameType | None], object] | int | signal.Handlers | None

GRACE = 20.0
"""Seconds until Prefect's own way takes over, which cancels what is under way; ten more, and its worker kills."""


@contextlib.asynccontextmanager
async def draining(stopping: Stopping, *, outermost: bool = False) -> AsyncGenerator[None]:
    """Have SIGTERM ask *stopping* to stop within the block, where Prefect's engine runs this process for a worker.

    Prefect takes the signal for itself whenever a flow begins, so each flow takes it back. A process of somebody
    else's (`nightreel run`) does that in its own way.
    """
    stopping.listen()
    if not _on_worker():
        yield
        return
    loop, hurry = asyncio.get_running_loop(), asyncio.Event()

    def drain(_number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stopping.ask)
        loop.call_soon_threadsafe(hurry.set)

    before = signal.signal(signal.SIGTERM, drain)
    hurrying = asyncio.create_task(_hurry(hurry, before))
    try:
        yield
    finally:
        hurrying.cancel()
        signal.signal(signal.SIGTERM, before)
    if outermost and hurry.is_set() and await _cancelling():
        signal.raise_signal(signal.SIGTERM)  # to Prefect: there is no state to end in but the worker's


def _on_worker() -> bool:
    return bool(os.environ.get("PREFECT__FLOW_RUN_ID")) and threading.current_thread() is threading.main_thread()


async def _hurry(asked: asyncio.Event, before: Handler) -> None:
    """After a grace, give the signal to Prefect."""
    await asked.wait()
    await SystemClock().sleep(GRACE)
    signal.signal(signal.SIGTERM, before)
    signal.raise_signal(signal.SIGTERM)


async def _cancelling() -> bool:
    """Whether the current flow run is being cancelled, and not only its worker told to end."""
    async with get_client() as client:
        state = (await client.read_flow_run(flow_run.id)).state if flow_run.id else None
    return state is not None and state.is_cancelling()
