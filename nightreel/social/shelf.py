"""Where posts are laid out for whoever posts them: a folder a day and platform."""

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Protocol

from nightreel.clips.files import copy_whole, plain_errors

OUTBOX = "outbox"
WITHDRAWN = "withdrawn"


class Shelf(Protocol):
    """What a drop asks of the outbox."""

    async def put(self, files: Sequence[Path], day: date, platform: str) -> str:
        """Lay out a clip's *files*, its video first; return where the video is. Again, it changes nothing."""
        ...

    async def withdraw(self, video: str) -> None:
        """Take the clip whose video is at *video* away; one that is not there any more is no matter."""
        ...


class FolderShelf:
    """`outbox/<day>/<platform>/` below the output folder; what is withdrawn goes to `outbox/withdrawn/`."""

    def __init__(self, out: Path) -> None:
        self._root = out.absolute() / OUTBOX

    async def put(self, files: Sequence[Path], day: date, platform: str) -> str:
        """Copy *files*, each whole, unless they stand there as they are.

        Raises:
            DiskFull, ConfigurationError: the folder cannot be written to.
        """
        folder = self._root / day.isoformat() / platform
        await asyncio.to_thread(_copy, files, folder)
        return (folder / files[0].name).relative_to(self._root).as_posix()

    async def withdraw(self, video: str) -> None:
        """Move the video and what is called after it.

        Raises:
            ConfigurationError: the folder cannot be written to.
        """
        await asyncio.to_thread(self._move, video)

    def _move(self, video: str) -> None:
        place = self._root / video
        to = self._root / WITHDRAWN / Path(video).parent
        with plain_errors(self._root):
            for file in sorted(place.parent.glob(f"{place.stem}.*")):
                to.mkdir(parents=True, exist_ok=True)
                file.replace(to / file.name)
            for folder in (place.parent, place.parent.parent):
                with suppress(OSError):  # others are still in it
                    folder.rmdir()


def _copy(files: Sequence[Path], folder: Path) -> None:
    with plain_errors(folder):
        for file in reversed(files):  # the video comes last: whoever sees it finds the rest
            if not _same(file, folder / file.name):
                copy_whole(file, folder / file.name)


def _same(one: Path, other: Path) -> bool:
    if not other.is_file() or one.stat().st_size != other.stat().st_size:
        return False
    return _hash(one) == _hash(other)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
