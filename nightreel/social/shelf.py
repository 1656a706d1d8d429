"""Where posts are laid out for whoever posts them: the outbox, a folder a day and platform."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from nightreel.clips.files import plain_errors
from nightreel.delivery import Parcel, place
from nightreel.settings import Settings

OUTBOX = "outbox"
WITHDRAWN = "withdrawn"


class Shelf(Protocol):
    """What a drop asks of the outbox."""

    async def put(self, parcel: Parcel) -> tuple[str, ...]:
        """Lay *parcel* out; return its files, the video last. Again, it changes nothing."""
        ...

    async def withdraw(self, files: Sequence[str]) -> None:
        """Take *files* away; those that are not there any more are no matter."""
        ...


class FolderShelf:
    """`<day>/<platform>/` below the outbox; what is withdrawn goes to `withdrawn/` there."""

    def __init__(self, outbox: Path) -> None:
        self._root = outbox.expanduser().absolute()

    @classmethod
    def of(cls, settings: Settings, out: Path) -> "FolderShelf":
        """Return the outbox of the settings, or the one in *out*: there a rehearsal's placeholders stay."""
        return cls(Path(settings.outbox) if settings.outbox and not settings.rehearse else out / OUTBOX)

    async def put(self, parcel: Parcel) -> tuple[str, ...]:
        """Place *parcel*, each file whole.

        Raises:
            DiskFull, ConfigurationError: the folder cannot be written to.
        """
        with plain_errors(self._root):
            return await asyncio.to_thread(place, self._root, parcel)

    async def withdraw(self, files: Sequence[str]) -> None:
        """Move *files*, the video first: nothing is half there.

        Raises:
            ConfigurationError: the folder cannot be written to.
        """
        with plain_errors(self._root):
            await asyncio.to_thread(self._move, files)

    def _move(self, files: Sequence[str]) -> None:
        for name in reversed(files):
            file, to = self._root / name, self._root / WITHDRAWN / name
            if file.is_file():
                to.parent.mkdir(parents=True, exist_ok=True)
                file.replace(to)
            for folder in (file.parent, file.parent.parent):
                with suppress(OSError):  # others are still in it
                    folder.rmdir()
