"""Which files are photos: in folders, however deep, by their names and by their content; no link is followed."""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nightreel.errors import PhotoRejected
from nightreel.images.files import open_photo
from nightreel.images.kinds import HEAD_BYTES, KINDS, claimed_kind, kind_of
from nightreel.names import encodable, ignored


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A folder that cannot be listed, and why."""

    path: Path
    reason: str


def files_in(paths: Iterable[Path]) -> Iterator[Path | Unlisted]:
    """Yield the files among *paths*, and the photos in their folders; a link is a file, wherever it leads."""
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            yield from _under(path)
        else:
            yield path


def count_files(paths: Iterable[Path]) -> int:
    """Return how many :func:`files_in` would yield, opening only those whose names claim nothing."""
    return sum(1 for _ in files_in(paths))


def _under(folder: Path) -> Iterator[Path | Unlisted]:
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        reason = f"{encodable(str(folder))} cannot be listed: {os.strerror(error.errno or 0)}."
        yield Unlisted(path=folder, reason=reason)
        return
    folders = [entry for entry in entries if entry.is_dir(follow_symlinks=False) and not ignored(entry.name)]
    yield from (Path(entry) for entry in entries if entry not in folders and _is_photo(entry))
    for entry in folders:
        yield from _under(Path(entry))


def _is_photo(entry: os.DirEntry[str]) -> bool:
    if ignored(entry.name) or entry.is_dir(follow_symlinks=False):
        return False
    if claimed_kind(entry.name):
        return True
    if not stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
        return False
    try:
        with open_photo(Path(entry), entry.name) as opened:
            return kind_of(opened.head(HEAD_BYTES)) in KINDS
    except PhotoRejected:
        return False
