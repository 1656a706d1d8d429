"""A bucket that reads like a folder: listed once, as a stream; an object is downloaded when its content is wanted.

Names in a bucket are anybody's: they are keys here, never paths. A local copy stands under a hash of what it is (key,
size, ETag or time), so an object that has not changed is never downloaded again, and no name can lead anywhere.
"""

import hashlib
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from obstore.exceptions import InvalidPathError
from obstore.store import ObjectStore

from nightreel.errors import InputError, PhotoChanged, PhotoRejected, SourceError
from nightreel.files import sweep
from nightreel.sources.download import download
from nightreel.sources.entries import Entry, ignored, natural, readable
from nightreel.sources.folder import within
from nightreel.sources.relisting import is_path
from nightreel.sources.stores import FAILS, Address, trouble

if TYPE_CHECKING:
    from obstore import ObjectMeta

    Relist = Callable[[], Iterable[ObjectMeta]]

MAX_OBJECTS = 200_000
"""More than that under one prefix is a mistake: each takes half a kilobyte of memory."""

DEPTH = 2
"""Levels that are listed: products and their photos. A key may have five hundred, each a folder."""

_NAME = re.compile(r"[0-9a-f]{32}")
_BAD_KEY = re.compile(r'Error parsing Path "(.*?)": |Path "(.*?)" contained', re.DOTALL)


class Bucket:
    """The objects under an address.

    Args:
        address: where.
        store: opened there; keys are relative to the address.
        cache: where local copies are kept; of this source alone.
        feed: the key of the feed that is meant; "" if the folder's own is.
        relist: lists everything, keys that are no paths as well; None where nobody can.

    Attributes:
        notes: what people should know of the listing, once there is one.
    """

    def __init__(
        self, address: Address, store: ObjectStore, cache: Path, feed: str = "", relist: "Relist | None" = None
    ) -> None:
        self.address = address
        self.feed = feed
        self.notes: tuple[str, ...] = ()
        self._relist = relist
        self._store = store
        self._cache = cache

    @property
    def title(self) -> str:
        """What people call it."""
        return str(self.address)

    def entries(self, under: str = "") -> tuple[Entry, ...]:
        """List what is in the folder *under*, at the top or a product's, hidden things left out, in natural order.

        Raises:
            SourceError: it cannot be listed.
        """
        return self._folders.get(under, ())

    def file(self, name: str) -> Entry:
        """Return the photo that a feed calls *name*.

        Raises:
            PhotoRejected: it points outside, or is not there.
        """
        key = str(within(name))
        found = self._objects.get(key)
        if found is None:
            raise PhotoRejected(f"{name} does not exist.", hint=self._suggestion(key))
        return self._entry(found, name)

    def fetched(self, name: str) -> Path:
        """Return where the photo *name* can be read, downloaded if need be; nothing is listed. Blocks.

        It is one that another machine's listing had.

        Raises:
            PhotoChanged: it is gone, or changes meanwhile.
            InputError: it cannot be downloaded.
            SourceError: the bucket does not answer.
            DiskFull: no space is left for it.
        """
        key = str(within(name))
        try:
            found = self._store.head(key)
        except FileNotFoundError:
            raise PhotoChanged(f"{name} is gone.", hint="Run again.") from None
        except FAILS as error:
            raise trouble(self.address, error) from None
        return self._entry(found, name).local()

    def local(self, key: str) -> Path | None:
        """Return where the text file *key* can be read, downloaded if need be; None if it is not there.

        Raises:
            SourceError: it cannot be downloaded.
        """
        found = self._objects.get(key)
        if found is None:
            return None
        try:
            return self._entry(found, readable(key)).local()
        except InputError as error:
            raise SourceError(error.message, hint=error.hint) from None

    @cached_property
    def _objects(self) -> "dict[str, ObjectMeta]":
        """Everything that is there, by key."""
        try:
            found = self._gathered(self._listed())
        except InvalidPathError as error:
            if self._relist is None:
                raise _bad_key(self.address, error) from None
            found = self._gathered(self._usable(self._relist()))
        except FAILS as error:
            raise trouble(self.address, error) from None
        self._forget_others(found.values())
        return found

    def _listed(self) -> "Iterator[ObjectMeta]":
        # its other overload, of Arrow tables, has no types
        for batch in self._store.list(chunk_size=1000):  # pyright: ignore[reportUnknownMemberType]
            yield from batch

    def _usable(self, metas: "Iterable[ObjectMeta]") -> "Iterator[ObjectMeta]":
        """Leave out what has no usable key, and note it."""
        bad: list[str] = []
        for meta in metas:
            if is_path(meta["path"]):
                yield {**meta, "path": meta["path"].removesuffix("/")}
            else:
                bad.append(meta["path"])
        names = ", ".join(readable(key[:80]) or '""' for key in bad[:3])
        self.notes = (f"{len(bad)} objects are left out, whose keys are no paths: {names}.",)

    def _gathered(self, metas: "Iterable[ObjectMeta]") -> dict[str, "ObjectMeta"]:
        found: dict[str, ObjectMeta] = {}
        for meta in metas:
            found[meta["path"]] = meta
            if len(found) > MAX_OBJECTS:
                raise SourceError(f"{self.address} has more than {MAX_OBJECTS:,} objects.", hint="Name a prefix.")
        return found

    @cached_property
    def _folders(self) -> dict[str, tuple[Entry, ...]]:
        """What is at the top, and in each folder there. What lies deeper is asked for by name."""
        inside: dict[str, dict[str, Entry]] = {"": {}}
        for key, meta in self._objects.items():
            parts = key.split("/")
            if any(ignored(part) for part in parts):
                continue
            for depth in range(1, min(len(parts), DEPTH + 1)):
                inner = "/".join(parts[:depth])
                folder = Entry(self._cache, readable(inner), "folder", inner)
                inside.setdefault("/".join(parts[: depth - 1]), {})[inner] = folder
            if len(parts) <= DEPTH:
                inside.setdefault("/".join(parts[:-1]), {}).setdefault(key, self._entry(meta, readable(key)))
        return {
            under: tuple(sorted(entries.values(), key=lambda entry: natural(entry.name)))
            for under, entries in inside.items()
        }

    def _entry(self, meta: "ObjectMeta", name: str) -> Entry:
        path = self._cache / _identity(meta) / plain(meta["path"])
        return Entry(path, name, "file", meta["path"], _stamp(meta), partial(self._fetch, meta, path, name))

    def _fetch(self, meta: "ObjectMeta", path: Path, name: str) -> None:
        sweep(path.parent)
        download(self._store, meta, path, name)

    def _forget_others(self, listed: "Iterable[ObjectMeta]") -> None:
        """Remove the local copies of what is not in the bucket any more."""
        keep = {_identity(meta) for meta in listed}
        if self._cache.is_dir():
            for kept in self._cache.iterdir():
                if kept.name not in keep and _NAME.fullmatch(kept.name):
                    shutil.rmtree(kept, ignore_errors=True)

    def _suggestion(self, key: str) -> str:
        """Name an object whose key differs only by case."""
        near = next((found for found in self._objects if found.casefold() == key.casefold()), "")
        return f"There is {readable(near)}: names must match to the letter." if near else ""


def _stamp(meta: "ObjectMeta") -> str:
    return f"{meta['size']}-{meta['e_tag'] or meta['last_modified'].isoformat()}"


def _identity(meta: "ObjectMeta") -> str:
    return hashlib.sha256(f"{meta['path']}\n{_stamp(meta)}".encode()).hexdigest()[:32]


def plain(key: str) -> str:
    """Return the end of *key* as a file's name on any system: a feed is told by its extension, a photo by nothing."""
    name = "".join(
        char if char.isascii() and (char.isalnum() or char in "-_.") else "_" for char in PurePosixPath(key).name
    )
    return name[-60:].lstrip(".") or "object"


def _bad_key(address: Address, error: Exception) -> SourceError:
    match = _BAD_KEY.search(str(error))
    key = readable((match[1] or match[2] or "") if match else "")
    return SourceError(
        f'{address} has an object whose key cannot be used: "{key[:200]}".',
        hint='Rename or remove it, or name a deeper prefix: parts that are empty, "." or "..", or hold control '
        "characters are not taken.",
    )
