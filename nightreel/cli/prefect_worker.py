"""The worker of `nightreel up`, as a child process: `python -m nightreel.cli.prefect_worker POOL LIMIT LOCK`.

It is Prefect's own process worker, on a tether. While it lives it holds LOCK, and each flow run that it starts ends
when that lock is free (`prefect_engine`): so a worker that is killed leaves no run behind that nobody looks after.
"""

import asyncio
import contextlib
import fcntl
import os
import shlex
import signal
import socket
import sys
import threading
import warnings
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

from nightreel import tether

if TYPE_CHECKING:
    import anyio.abc
    from prefect.client.schemas.objects import FlowRun
    from prefect.workers.process import ProcessJobConfiguration, ProcessWorker, ProcessWorkerResult

LOCK = "NIGHTREEL_WORKER_LOCK"
"""Variable that tells a flow run whose end is its own."""

ENGINE = "nightreel.cli.prefect_engine"
"""What each flow run begins with."""

PATIENCE = 30.0
"""Seconds in which flow runs that are told to stop finish what is paid for."""


def command() -> str:
    """Return the command of a flow run, by the interpreter that runs this."""
    return shlex.join([sys.executable, "-m", ENGINE])


def interpreter_of(given: str | None) -> str:
    """Return the interpreter that a *given* command of ours names; "" of a command of somebody else's, or none."""
    named, ours, more = (given or "").rpartition(f" -m {ENGINE}")
    return named.strip("'") if ours and not more else ""


class Ending:
    """Whether we are told to end, and how many flow runs are still at work."""

    def __init__(self) -> None:
        self.told = threading.Event()
        self.alone = threading.Event()
        self.alone.set()
        self._runs = 0

    @contextlib.contextmanager
    def counting(self) -> Generator[None]:
        """Count a flow run in for the block."""
        self._runs += 1
        self.alone.clear()
        try:
            yield
        finally:
            self._runs -= 1
            if not self._runs:
                self.alone.set()

    def farewell(self) -> None:
        """Tell the flow runs, which are of our process group, to stop; end when they have, or by force."""
        self.told.set()
        os.killpg(0, signal.SIGTERM)
        self.alone.wait(PATIENCE)
        os.kill(os.getpid(), signal.SIGINT)
        threading.Event().wait(PATIENCE / 2)
        os._exit(1)


def main() -> None:
    """Work until the parent lets go of the tether."""
    pool, limit, lock = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    ending = Ending()
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        os.environ[LOCK] = str(lock)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        tether.end_with_parent(ending.farewell)
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_work(pool, limit, ending))


async def _work(pool: str, limit: int, ending: Ending) -> None:
    worker = _worker_class(ending)(work_pool_name=pool, name=f"nightreel on {socket.gethostname()}", limit=limit)
    tether.say_ready()
    await worker.start()


def _worker_class(ending: Ending) -> "type[ProcessWorker]":
    """Return Prefect's process worker, which runs all by its own interpreter, wherever the pool's was registered.

    It counts its runs, and takes no more of them when it is told to end.
    """
    from prefect.workers.process import ProcessWorker

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it takes the place of the original

        class Worker(ProcessWorker):
            async def get_and_submit_flow_runs(self) -> "list[FlowRun]":
                return [] if ending.told.is_set() else await super().get_and_submit_flow_runs()

            async def run(
                self,
                flow_run: "FlowRun",
                configuration: "ProcessJobConfiguration",
                task_status: "anyio.abc.TaskStatus[int] | None" = None,
            ) -> "ProcessWorkerResult":
                if interpreter_of(configuration.command):
                    configuration.command = command()
                with ending.counting():
                    return await super().run(flow_run, configuration, task_status)

    return Worker


if __name__ == "__main__":
    main()
