"""Work that takes much memory for a moment: one piece at a time, and what is free goes back to the system."""

import ctypes
import threading
from typing import Self


class Heavy:
    """A lock around such work; threads keep freed memory to themselves, so it is given back before and after."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's alone

    def __enter__(self) -> Self:
        self._lock.acquire()
        self._give_back()
        return self

    def __exit__(self, *_: object) -> None:
        self._give_back()
        self._lock.release()

    def _give_back(self) -> None:
        if self._trim is not None:
            self._trim(0)
