"""Files that appear whole: a part file beside the place, put on the disk, then moved into the place."""

import errno
import fcntl
import glob
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_FULL = {errno.ENOSPC, errno.EDQUOT}
_BEGUN: set[Path] = set()
"""The part files that this process is writing."""


@contextmanager
def whole(
    to: Path, *, mode: int = 0o666, keep: bool = False, lasting: bool = True
) -> Generator[BinaryIO, None, None]:
    """Open a file that takes *to*'s place at the end of the block, and leaves nothing behind when that fails.

    A reader finds the old file or the new one, never a piece. The part file has a random name: two writers, of one
    process too, never share one.

    Args:
        to: the place; its folder is made if it is not there.
        mode: of the file, less what the umask takes.
        keep: a file that stands there stays, and the new one is dropped.
        lasting: it is put on the disk before it is there; else a power cut may leave it empty or torn, but the disk
            is not waited for.

    Raises:
        OSError: the folder cannot be written, or the disk is full.
    """
    with _written(to, mode=mode, keep=keep, lasting=lasting) as (_, file):
        yield file


@contextmanager
def whole_at(to: Path) -> Generator[Path, None, None]:
    """Give a part file as :func:`whole` does, by its path: for writers that open it themselves.

    Raises:
        OSError: the folder cannot be written, or the disk is full.
    """
    with _written(to, mode=0o666, keep=False, lasting=True) as (part, _):
        yield part


def give_up() -> None:
    """Remove the part files of this process, which is about to end without leaving their blocks."""
    for part in tuple(_BEGUN):
        part.unlink(missing_ok=True)


@contextmanager
def _written(to: Path, *, mode: int, keep: bool, lasting: bool) -> Generator[tuple[Path, BinaryIO], None, None]:
    """Give a part file of *to*, by its path and open, which takes its place at the end of the block."""
    to.parent.mkdir(parents=True, exist_ok=True)
    part, file = _begun(to, mode)
    try:
        _BEGUN.add(part)
        with file:
            yield part, file
            file.flush()
            if lasting:
                os.fsync(file.fileno())
            _place(part, to, keep=keep)
        if lasting:
            sync_folder(to.parent)
    finally:
        part.unlink(missing_ok=True)
        _BEGUN.discard(part)


def _begun(to: Path, mode: int) -> tuple[Path, BinaryIO]:
    """Return a new part file of *to*, locked for as long as it is open: so nobody takes it for a dead writer's."""
    while True:
        part = part_of(to)
        file = os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb")
        fcntl.flock(file, fcntl.LOCK_EX)
        if part.exists():
            return part, file
        file.close()  # swept in the moment before it was locked


def sweep(folder: Path, of: str = "") -> None:
    """Remove the part files in *folder*, of all files or the one called *of*, whose writers have ended meanwhile."""
    for part in folder.glob(f".{glob.escape(of) or '*'}.*.part"):
        with suppress(OSError), part.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            part.unlink()


def write_whole(to: Path, data: bytes, *, mode: int = 0o666, keep: bool = False, lasting: bool = True) -> Path:
    """Write *data* to *to* as :func:`whole` does; return *to*.

    Raises:
        OSError: the folder cannot be written, or the disk is full.
    """
    with whole(to, mode=mode, keep=keep, lasting=lasting) as file:
        file.write(data)
    return to


def part_of(to: Path) -> Path:
    """Return a new name for a part file of *to*: hidden, in the same folder."""
    return to.with_name(f".{to.name}.{secrets.token_hex(4)}.part")


def sync_folder(folder: Path) -> None:
    """Put on the disk what *folder* lists: without that, a renamed file may not survive a power cut."""
    with suppress(OSError):  # not every file system can
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def is_full(error: OSError) -> bool:
    """Whether *error* says that no space is left: on the disk, or of a quota."""
    return error.errno in _FULL


def _place(part: Path, to: Path, *, keep: bool) -> None:
    if not keep:
        part.replace(to)
        return
    with suppress(FileExistsError):
        os.link(part, to)  # unlike a rename, it never replaces what another process just put there
