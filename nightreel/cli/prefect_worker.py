"""The worker of `nightreel up`, as a child process: `python -m nightreel.cli.prefect_worker POOL LIMIT LOCK`.

It is Prefect's own process worker, on a tether. While it lives it holds LOCK, and each flow run that it starts ends
when that lock is free (`prefect_engine`): so a worker that is killed leaves no run behind that nobody looks after.
"""

import asyncio
import fcntl
import os
import signal
import socket
import sys
from pathlib import Path

from nightreel import tether

LOCK = "NIGHTREEL_WORKER_LOCK"
"""Variable that tells a flow run whose end is its own."""


def main() -> None:
    """Work until the parent lets go of the tether; then flow runs are told to stop, and waited for."""
    pool, limit, lock = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        os.environ[LOCK] = str(lock)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        tether.end_with_parent(_farewell)
        asyncio.run(_work(pool, limit))


def _farewell() -> None:
    """Tell the flow runs, which are of our process group, to stop; we end when they have, or by force."""
    os.killpg(0, signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGINT)


async def _work(pool: str, limit: int) -> None:
    from prefect.workers.process import ProcessWorker

    worker = ProcessWorker(work_pool_name=pool, name=f"nightreel on {socket.gethostname()}", limit=limit)
    tether.say_ready()
    await worker.start()


if __name__ == "__main__":
    main()
