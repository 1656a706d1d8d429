"""Work that takes much memory for a moment: one piece at a time, and what is free goes back to the system."""

import ctypes
import threading
from collections.abc import Callable
from typing import Self

_LIBC = ctypes.CDLL(None)
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENAS = -1, -3, -8  # of glibc's mallopt
_SPARE = 16 << 20  # bytes: some frames' worth stays ours, or each new frame would ask the system for its pages
_LARGE = 12 << 20  # bytes: more than a frame or a plane of the encoder, for which new pages would cost too often


def keep_little() -> None:
    """Have this process give large pieces of memory back as soon as they are free, and all threads use one heap.

    Left alone, glibc soon keeps what photos took, in a heap for each thread.
    """
    mallopt: Callable[[int, int], int] | None = getattr(_LIBC, "mallopt", None)  # glibc's alone
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGE)
        mallopt(_TRIM_THRESHOLD, _SPARE)
        mallopt(_ARENAS, 1)


class Heavy:
    """A lock around such work; threads keep freed memory to themselves, so it is given back before and after."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._trim = getattr(_LIBC, "malloc_trim", None)  # glibc's alone

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
