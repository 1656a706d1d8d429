"""A run that is cancelled, or whose worker is told to end: nothing new is begun, what is paid for is finished."""

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import AsyncGenerator

from nightreel.clips import Stopping
from nightreel.clock import SystemClock

GRACE = 20.0
"""Seconds until Prefect's own way takes over, which cancels what is under way; ten more, and its worker kills."""


@contextlib.asynccontextmanager
async def draining(stopping: Stopping) -> AsyncGenerator[None]:
    """Have SIGTERM ask *stopping* to stop within the block, where Prefect's engine runs this process for a worker.

    Prefect takes the signal for itself whenever a flow begins, so it is taken back in each. A process of somebody
    else's (`nightreel run`) does that in its own way.
    """
    stopping.listen()
    if not os.environ.get("PREFECT__FLOW_RUN_ID") or threading.current_thread() is not threading.main_thread():
        yield
        return
    before, loop = signal.getsignal(signal.SIGTERM), asyncio.get_running_loop()

    def drain() -> None:
        stopping.ask()
        hurrying.append(asyncio.create_task(_hurry()))

    async def _hurry() -> None:
        await SystemClock().sleep(GRACE)
        loop.remove_signal_handler(signal.SIGTERM)
        signal.signal(signal.SIGTERM, before)
        signal.raise_signal(signal.SIGTERM)

    hurrying: list[asyncio.Task[None]] = []
    loop.add_signal_handler(signal.SIGTERM, drain)
    try:
        yield
    finally:
        for task in hurrying:
            task.cancel()
        loop.remove_signal_handler(signal.SIGTERM)
        signal.signal(signal.SIGTERM, before)
