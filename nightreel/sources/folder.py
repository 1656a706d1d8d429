"""A catalog's folder: listed in a person's order, and never left through a link or a `..`."""

import os
import stat
import unicodedata
from pathlib import Path, PurePosixPath

from nightreel.errors import PhotoRejected, SourceError
from nightreel.names import ignored, readable
from nightreel.sources.entries import Entry, Kind, natural


class Folder:
    """The folder *root*, which is all that may be read of this machine.

    Raises:
        SourceError: it does not exist, or is no folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().absolute()
        if not self.root.is_dir():
            raise SourceError(f"{root} is no folder." if self.root.exists() else f"There is no folder {root}.")

    @property
    def title(self) -> str:
        """What people call it."""
        return str(self.root)

    def entries(self, under: str = "") -> tuple[Entry, ...]:
        """List the folder *under* (relative), hidden things left out, in natural order: photo 2 before photo 10.

        Raises:
            SourceError: it cannot be listed.
        """
        place = self.root / under
        prefix = f"{under}/" if under else ""
        try:
            with os.scandir(place) as found:
                entries = [_entry(prefix, item) for item in found if not ignored(item.name)]
        except OSError as error:
            raise SourceError(f"{place} cannot be listed: {os.strerror(error.errno or 0)}.") from None
        return tuple(sorted((entry for entry in entries if entry), key=lambda entry: natural(entry.name)))

    def file(self, name: str) -> Entry:
        """Return the photo that a feed calls *name*, relative to the root.

        Raises:
            PhotoRejected: it points outside, passes through a link, or is not there.
        """
        relative = within(name)
        inner = str(relative)
        try:
            if self._linked(relative):
                raise PhotoRejected(f"{name} is behind a link.", hint="Put the photo itself there.")
            place = f"{self.root}/{inner}"
            found = os.lstat(place)
        except OSError:
            raise PhotoRejected(f"{name} does not exist.", hint=self._suggestion(relative)) from None
        if stat.S_ISLNK(found.st_mode):
            raise PhotoRejected(f"{name} is behind a link.", hint="Put the photo itself there.")
        return Entry(Path(place), name, _kind(found.st_mode), inner, _stamp(found))

    def _linked(self, relative: PurePosixPath) -> bool:
        """Tell whether a folder on the way to *relative* is a link."""
        place = str(self.root)
        for part in relative.parts[:-1]:
            place = f"{place}/{part}"
            if stat.S_ISLNK(os.lstat(place).st_mode):
                return True
        return False

    def local(self, key: str) -> Path | None:
        """Return the path of the text file *key*; None if a folder on the way to it is a link, or is not there."""
        place = self.root / key
        inner = place.parent
        return place if inner == self.root or (inner.is_dir() and not inner.is_symlink()) else None

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


def within(name: str) -> PurePosixPath:
    """Return *name*, as a feed writes it, as a path within the catalog.

    Raises:
        PhotoRejected: it points outside.
    """
    relative = PurePosixPath(name.replace("\\", "/"))
    if relative.is_absolute() or ".." in relative.parts or not relative.parts or "\0" in name:
        raise PhotoRejected(f"{name} points outside the catalog.", hint="Name photos relative to the feed.")
    return relative


def _entry(prefix: str, item: os.DirEntry[str]) -> Entry | None:
    try:
        found = item.stat(follow_symlinks=False)
    except OSError:  # gone since the folder was listed
        return None
    key = f"{prefix}{item.name}"
    return Entry(Path(item.path), readable(key), _kind(found.st_mode), key, _stamp(found))


def _kind(mode: int) -> Kind:
    if stat.S_ISLNK(mode):
        return "link"
    if stat.S_ISDIR(mode):
        return "folder"
    return "file" if stat.S_ISREG(mode) else "other"


def _stamp(found: os.stat_result) -> str:
    return f"{found.st_size}-{found.st_mtime_ns}-{found.st_ino}"
