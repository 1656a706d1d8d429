"""What renders have made, on the disk, by what decides it: bounded, and shared by any number of renderers.

Each stands in a file of its own that appears whole; a digest at its end tells whether it still is, so that nobody
waits for the disk. What was used longest ago goes first.
"""

import hashlib
import os
import threading
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from nightreel.files import sweep, write_whole

MOST_BYTES = 2 * 1024**3
"""What a cache may take on the disk if it is not told otherwise."""

_DIGEST = hashlib.sha256().digest_size
_BOX = (8 + _DIGEST).to_bytes(4, "big") + b"free"
"""The digest's place is a box that players skip: each video's piece is an MP4 that can be looked at."""

_SPARE = 32
"""A full cache makes one part in so many free at once: looking it through takes time."""


class Cache:
    """The pieces in *folder* whose names end in *suffix*, at most *most* bytes of them."""

    def __init__(self, folder: Path, most: int = MOST_BYTES, suffix: str = ".mp4") -> None:
        self._folder = folder
        self._most = most
        self._suffix = suffix
        self._lock = threading.Lock()
        self._unseen = 0  # bytes that may be put before the folder is looked through again
        folder.mkdir(parents=True, exist_ok=True)
        sweep(folder)

    def get(self, key: str) -> bytes | None:
        """Return a piece, and note that it was used; none if it is not there. A damaged one is thrown away."""
        path = self._path(key)
        try:
            data = path.read_bytes()
            os.utime(path)
        except FileNotFoundError:
            return None
        piece, end = data[: -len(_BOX) - _DIGEST], data[-len(_BOX) - _DIGEST :]
        if end == _BOX + hashlib.sha256(piece).digest():
            return piece
        path.unlink(missing_ok=True)
        return None

    def put(self, key: str, piece: bytes, spare: Collection[str] = ()) -> None:
        """Keep *piece*; what is too much then goes, but for those to *spare*.

        Raises:
            OSError: the folder cannot be written, or the disk is full.
        """
        write_whole(self._path(key), piece + _BOX + hashlib.sha256(piece).digest(), lasting=False)
        with self._lock:
            self._unseen -= len(piece) + len(_BOX) + _DIGEST
            if self._unseen < 0:
                free = self._most - self._trim(spare)
                self._unseen = min(free, self._most // _SPARE)

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}{self._suffix}"

    def _trim(self, spare: Collection[str]) -> int:
        """Remove what was used longest ago if there is too much; return how many bytes there are."""
        found: list[tuple[int, int, Path]] = []
        for path in self._folder.glob(f"*{self._suffix}"):
            with suppress(FileNotFoundError):  # another renderer's trimming
                status = path.stat()
                found.append((status.st_mtime_ns, status.st_size, path))
        whole = sum(size for _, size, _ in found)
        enough = self._most - self._most // _SPARE if whole > self._most else whole
        for _, size, path in sorted(found):
            if whole <= enough:
                break
            if path.stem not in spare:
                path.unlink(missing_ok=True)
                whole -= size
        return whole
