"""How many cores a render may keep busy: all if it is alone, its share of them if there are others.

Whoever renders holds the lock of a file in a common folder; the locks that are held are the renders at work. A lock
goes with its process, however that ends.
"""

import fcntl
import os
import secrets
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, Self

_SUFFIX = ".at-work"


class Share:
    """One render's share; a context manager that takes part for as long as it is open.

    Args:
        folder: where the renders that share the cores meet.
        cores: how many there are; 0 counts those that this process may use.
    """

    def __init__(self, folder: Path, cores: int = 0) -> None:
        self._folder = folder
        self._cores = cores or usable_cores()
        self._name = f"{os.getpid()}-{secrets.token_hex(4)}{_SUFFIX}"
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / self._name
        self._open.enter_context(_locked(path))
        self._open.callback(path.unlink, missing_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def workers(self) -> int:
        """Return how many cores are ours now: one at least."""
        names = sorted({path.name for path in self._folder.glob(f"*{_SUFFIX}") if self._at_work(path)} | {self._name})
        each, left = divmod(self._cores, len(names))
        return max(1, each + (names.index(self._name) < left))

    def _at_work(self, path: Path) -> bool:
        """Whether the render of this file goes on; what an ended one has left is removed."""
        if path.name == self._name:
            return True
        try:
            with path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink(missing_ok=True)
        except BlockingIOError:
            return True
        except FileNotFoundError:
            pass
        return False


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _locked(path: Path) -> BinaryIO:
    """Open a new file and lock it; one that was swept in the moment between is made again."""
    while True:
        file = path.open("wb")
        fcntl.flock(file, fcntl.LOCK_EX)
        if path.exists():
            return file
        file.close()
