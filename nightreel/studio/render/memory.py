"""Work that takes much memory for a moment: bounded, and what is free goes back to the system."""

import ctypes
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager

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
    """Bounds what such work takes at a time; threads keep freed memory to themselves, so it is given back around it.

    Args:
        room: millions of pixels that may be worked on at once.
    """

    def __init__(self, room: float = 24.0) -> None:
        self._room = self._free = room
        self._changed = threading.Condition()
        self._trim = getattr(_LIBC, "malloc_trim", None)  # glibc's alone

    @contextmanager
    def taking(self, much: float) -> Generator[None]:
        """Wait until so *much* of the room is free, or all of it, and hold that for the time of a block."""
        much = min(much, self._room)
        with self._changed:
            self._changed.wait_for(lambda: self._free >= much)
            self._free -= much
        self._give_back()
        try:
            yield
        finally:
            self._give_back()
            with self._changed:
                self._free += much
                self._changed.notify_all()

    def _give_back(self) -> None:
        if self._trim is not None:
            self._trim(0)
