"""Open a photo's file safely: a regular file, no link, within the size limit, and the same from first byte to last.

A folder of photos is somebody else's: a fifo would block for ever, a link may lead anywhere, a file may still be
growing. So the file is opened once, everything is read through that one descriptor, and at the end its size and
times must be what they were.
"""

import errno
import hashlib
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nightreel.errors import PhotoChanged, PhotoRejected
from nightreel.models import MAX_FILE_BYTES

_CHUNK = 1 << 20
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_REASONS = {
    errno.ELOOP: ("is a link.", "Put the photo itself there."),
    errno.ENOENT: ("does not exist.", ""),
    errno.ENOTDIR: ("does not exist.", ""),
    errno.EACCES: ("may not be read.", "Give yourself permission to read it."),
    errno.EPERM: ("may not be read.", "Give yourself permission to read it."),
}


@dataclass(frozen=True)
class Opened:
    """A photo's file, open.

    Attributes:
        fd: the descriptor; its position is shared by all who read through it.
        path, name: as in :class:`~nightreel.models.Photo`.
        size: bytes.
        stamp: size, times, inode and device: while it is the same, so is the content.
    """

    fd: int
    path: Path
    name: str
    size: int
    stamp: str

    def head(self, count: int) -> bytes:
        """Return the first *count* bytes."""
        return os.pread(self.fd, count, 0)

    def rewound(self) -> int:
        """Return the descriptor, set to the file's start."""
        os.lseek(self.fd, 0, os.SEEK_SET)
        return self.fd

    def sha256(self) -> str:
        """Hash the whole content, a chunk at a time."""
        hasher, offset = hashlib.sha256(), 0
        while chunk := os.pread(self.fd, _CHUNK, offset):
            hasher.update(chunk)
            offset += len(chunk)
        return hasher.hexdigest()

    def settled(self) -> None:
        """Make sure that the file is still the one that was opened.

        Raises:
            PhotoChanged: it was written to meanwhile.
        """
        if stamp_of(os.fstat(self.fd)) != self.stamp:
            raise PhotoChanged(
                f"{self.name} changed while it was read.", hint="Run again when it is written to its end."
            )


@contextmanager
def open_photo(path: Path, name: str) -> Generator[Opened]:
    """Open the photo at *path*, which people know as *name*.

    Raises:
        PhotoRejected: no regular file, empty, over 200 MB, or not readable.
    """
    try:
        _require_regular(path.lstat(), name)
        fd = os.open(path, _FLAGS)
    except OSError as error:
        what, hint = _REASONS.get(error.errno or 0, (f"cannot be read: {os.strerror(error.errno or 0)}.", ""))
        raise PhotoRejected(f"{name} {what}", hint=hint) from None
    try:
        found = os.fstat(fd)
        _require_regular(found, name)
        _require_size(found.st_size, name)
        yield Opened(fd, path, name, found.st_size, stamp_of(found))
    finally:
        os.close(fd)


def stamp_of(found: os.stat_result) -> str:
    """Return size, times, inode and device in one: while it is the same, so is the content."""
    parts = (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_dev)
    return "-".join(str(part) for part in parts)


def _require_regular(found: os.stat_result, name: str) -> None:
    if stat.S_ISLNK(found.st_mode):
        what, hint = _REASONS[errno.ELOOP]
        raise PhotoRejected(f"{name} {what}", hint=hint)
    if stat.S_ISDIR(found.st_mode):
        raise PhotoRejected(f"{name} is a folder, not a photo.")
    if not stat.S_ISREG(found.st_mode):
        raise PhotoRejected(f"{name} is no regular file (a pipe, socket or device).")


def _require_size(size: int, name: str) -> None:
    if size == 0:
        raise PhotoRejected(f"{name} is empty.")
    if size > MAX_FILE_BYTES:
        raise PhotoRejected(
            f"{name} is {size / 1024 / 1024:.0f} MB; at most {MAX_FILE_BYTES // 1024 // 1024} MB are taken.",
            hint="Save it smaller.",
        )
