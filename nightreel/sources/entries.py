"""What every source is made of: entries with an identity, in a person's order."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

Kind = Literal["file", "folder", "link", "other"]

_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class Entry:
    """One thing in a source.

    Attributes:
        path: absolute; in a bucket, where the local copy stands once :meth:`local` has fetched it.
        name: relative to the source, with slashes, as people read it.
        kind: what it is; links are named, never followed.
        key: the name to ask the source by, as it is written there.
        stamp: while it is the same, so is the content: size, time and inode, or a bucket's ETag; "" tells nothing.
        fetch: has the content at *path*; None where it is there already.
        peek: returns so many of its first bytes, without the rest; None where they can be read at *path*.
    """

    path: Path
    name: str
    kind: Kind
    key: str = ""
    stamp: str = ""
    fetch: Callable[[], None] | None = None
    peek: Callable[[int], bytes] | None = None

    @property
    def here(self) -> bool:
        """Whether the content is at *path* already; what has no stamp (the web's) may have changed since."""
        return self.fetch is None or (bool(self.stamp) and self.path.exists())

    def local(self) -> Path:
        """Return *path* with the content in it; a bucket's is downloaded unless it was before. May block.

        Raises:
            InputError: it cannot be downloaded, or is no longer what was listed.
            DiskFull: no space is left for it.
        """
        if self.fetch is not None and not self.here:
            self.fetch()
        return self.path


class Source(Protocol):
    """Where a catalog is: a folder, or a bucket."""

    @property
    def title(self) -> str:
        """What people call it."""
        ...

    def entries(self, under: str = "") -> tuple[Entry, ...]:
        """List what is in the folder *under* (a key), hidden things left out, in natural order.

        Raises:
            SourceError: it cannot be listed.
        """
        ...

    def file(self, name: str) -> Entry:
        """Return the photo that a feed calls *name*.

        Raises:
            PhotoRejected: it points outside, passes through a link, or is not there.
        """
        ...

    def local(self, key: str) -> Path | None:
        """Return where the text file *key* can be read; None if it is not there, or behind a link.

        Raises:
            SourceError: it cannot be downloaded.
        """
        ...


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return the sort key of *name*: numbers by value, letters whatever their case, a tie by the name itself."""
    parts = _DIGITS.split(name.casefold())
    keys = ((1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts)
    return (*keys, (2, 0, name))
