"""What a worker of ours starts for each flow run: Prefect's engine, tied to the life of that worker."""

import fcntl
import os
import runpy
import threading
from pathlib import Path

from nightreel.cli.prefect_worker import LOCK


def main() -> None:
    """Run the flow run that the environment names."""
    lock = os.environ.get(LOCK)
    if lock:
        threading.Thread(target=_end_with, args=(Path(lock),), name="tether", daemon=True).start()
    runpy.run_module("prefect.engine", run_name="__main__", alter_sys=True)


def _end_with(lock: Path) -> None:
    """End this process at once when nobody holds *lock* any more: whatever must survive is on disk already."""
    with lock.open("r") as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        os._exit(1)


if __name__ == "__main__":
    main()
