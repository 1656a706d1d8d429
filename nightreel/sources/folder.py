"""A catalog's folder: listed in a person's order, and never left through a link or a `..`."""

import os
import re
import stat
import unicodedata
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from nightreel.errors import PhotoRejected, SourceError

Kind = Literal["file", "folder", "link", "other"]

_IGNORED = {"__macosx", "thumbs.db", "desktop.ini", "lost+found"}
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class Entry:
    """One thing in a folder.

    Attributes:
        path: absolute.
        name: relative to the source, with slashes, as people read it.
        kind: what it is; links are named, never followed.
    """

    path: Path
    name: str
    kind: Kind


class Folder:
    """The folder *root*, which is all that may be read of this machine.

    Raises:
        SourceError: it does not exist, or is no folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().absolute()
        if not self.root.is_dir():
            raise SourceError(f"{root} is no folder." if self.root.exists() else f"There is no folder {root}.")

    def entries(self, under: str = "") -> tuple[Entry, ...]:
        """List the folder *under* (relative), hidden things left out, in natural order: photo 2 before photo 10.

        Raises:
            SourceError: it cannot be listed.
        """
        place = self.root / under
        try:
            with os.scandir(place) as found:
                names: list[tuple[str, Kind]] = [
                    (item.name, _kind(item)) for item in found if not _ignored(item.name)
                ]
        except OSError as error:
            raise SourceError(f"{place} cannot be listed: {os.strerror(error.errno or 0)}.") from None
        prefix = f"{under}/" if under else ""
        entries = (Entry(place / name, readable(f"{prefix}{name}"), kind) for name, kind in names)
        return tuple(sorted(entries, key=lambda entry: natural(entry.name)))

    def file(self, name: str) -> Path:
        """Return the path of the photo that a feed calls *name*, relative to the root.

        Raises:
            PhotoRejected: it points outside, passes through a link, or is not there.
        """
        relative = PurePosixPath(name.replace("\\", "/"))
        if relative.is_absolute() or ".." in relative.parts or not relative.parts or "\0" in name:
            raise PhotoRejected(f"{name} points outside the catalog.", hint="Name photos relative to the feed.")
        place = self.root
        for part in relative.parts:
            place = place / part
            if place.is_symlink():
                raise PhotoRejected(f"{name} is behind a link.", hint="Put the photo itself there.")
        if not os.path.lexists(place):
            raise PhotoRejected(f"{name} does not exist.", hint=self._suggestion(relative))
        return place

    def _suggestion(self, relative: PurePosixPath) -> str:
        """Name a file that differs only by case or by how its accents are composed."""
        parent = self.root / relative.parent
        if not parent.is_dir():
            return ""
        wanted = unicodedata.normalize("NFC", relative.name).casefold()
        for found in sorted(parent.iterdir()):
            if unicodedata.normalize("NFC", found.name).casefold() == wanted:
                return f"There is {readable(str(relative.parent / found.name))}: names must match to the letter."
        return ""


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return the sort key of *name*: numbers by value, letters whatever their case, a tie by the name itself."""
    parts = _DIGITS.split(name.casefold())
    keys = ((1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts)
    return (*keys, (2, 0, name))


def readable(name: str) -> str:
    """Return *name* with what is no text in it replaced: for messages and reports, not for opening."""
    text = name.encode(errors="surrogateescape").decode(errors="replace")
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(char) == "Cc" else char for char in text)


def _kind(item: os.DirEntry[str]) -> Kind:
    mode = item.stat(follow_symlinks=False).st_mode
    if stat.S_ISLNK(mode):
        return "link"
    if stat.S_ISDIR(mode):
        return "folder"
    return "file" if stat.S_ISREG(mode) else "other"


def _ignored(name: str) -> bool:
    return name.startswith(".") or name.lower() in _IGNORED
