"""A video's pieces: each is made once, kept in the cache, and taken from there."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from nightreel.studio.render.cache import Cache

Item = TypeVar("Item")

_JOINING = 0.01
"""The share of a render's progress that is left when all pieces are there."""


class Off(Exception):  # noqa: N818 - named for what happened
    """The work is not wanted any more: the render has failed elsewhere."""


class Progress:
    """Counts frames from any thread, and tells the share that is done, which never goes back.

    *off* is set when the work is not wanted any more.
    """

    def __init__(self, frames: int, tell: Callable[[float], None] | None) -> None:
        self.off = threading.Event()
        self._frames = frames
        self._tell = tell
        self._lock = threading.Lock()
        self._done = 0

    def done(self, frames: int) -> None:
        """Count *frames* more."""
        with self._lock:
            self._done = min(self._frames, self._done + frames)
            self._say((1 - _JOINING) * self._done / self._frames)

    def whole(self) -> None:
        """Tell that the video is there."""
        self._say(1.0)

    def counted(self, frames: Iterable[Item]) -> Iterator[Item]:
        """Yield *frames*, each counted once the next is asked for.

        Raises:
            Off: no more of them are wanted.
        """
        for frame in frames:
            if self.off.is_set():
                raise Off
            yield frame
            self.done(1)

    def _say(self, share: float) -> None:
        if self._tell is not None:
            self._tell(share)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the file: its key, its frames, and what makes it. The sound has none."""

    key: str
    first: int
    frames: int
    make: Callable[[], bytes]


class Pieces:
    """A render's pieces, by their numbers."""

    def __init__(self, pieces: Sequence[Piece], cache: Cache) -> None:
        self._pieces = pieces
        self._cache = cache
        self._keys = {piece.key for piece in pieces}
        self._lock = threading.Lock()
        self.made = 0
        """Frames that were made, not taken from the cache."""

    def missing(self) -> list[int]:
        """Return the numbers of those that are not there; of several that are the same, the first one's."""
        numbers = {piece.key: number for number, piece in reversed(list(enumerate(self._pieces)))}
        return sorted(number for key, number in numbers.items() if self._cache.get(key) is None)

    def frames(self, numbers: Iterable[int]) -> int:
        """Return how many frames those of *numbers* have."""
        return sum(self._pieces[number].frames for number in numbers)

    def make(self, number: int) -> bytes:
        """Make a piece and keep it."""
        piece = self._pieces[number]
        data = piece.make()
        self._cache.put(piece.key, data, spare=self._keys)
        with self._lock:
            self.made += piece.frames
        return data

    def take(self, number: int) -> bytes:
        """Return a piece; one that another renderer has crowded out meanwhile is made again."""
        data = self._cache.get(self._pieces[number].key)
        return self.make(number) if data is None else data

    def pictures(self) -> Iterator[tuple[int, bytes]]:
        """Yield the pieces that have frames, in order, each with its first frame's number."""
        return ((piece.first, self.take(number)) for number, piece in enumerate(self._pieces) if piece.frames)
