"""Results into a bucket and out of it: each file whole, under the name it has in the output folder, and once.

What was put is remembered with the ETag that the bucket gave it. A file is left out while the bucket lists that very
ETag and the file's content is what was put, so a put that was killed goes on where it was.
"""

import hashlib
import io
import mimetypes
import os
import posixpath
import sqlite3
import stat
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from obstore.exceptions import InvalidPathError
from obstore.store import ObjectStore

from nightreel.errors import ConfigurationError, NightreelError, SourceError
from nightreel.settings import Settings
from nightreel.sources.download import download
from nightreel.sources.stores import FAILS, Address, address_of, bare, endpoint_of, open_store, trouble

if TYPE_CHECKING:
    from obstore import ObjectMeta

AT_ONCE = 3
"""Files put or fetched at once."""

MOST = 4 * 1024**3
"""Bytes of a file that is fetched: as many as a video of the service may have."""

PART = 16 * 1024 * 1024
"""Bytes of a part; what is no larger is one request, larger files are multipart uploads, aborted when they fail."""

_TABLE = """
    CREATE TABLE IF NOT EXISTS put (
        bucket TEXT, key TEXT, stamp TEXT NOT NULL, sha256 TEXT NOT NULL, etag TEXT NOT NULL,
        PRIMARY KEY (bucket, key)
    ) WITHOUT ROWID
"""


class Outbox:
    """The bucket that results are put into.

    Args:
        target: its address.
        settings: say how it is reached, and where the memory of what was put is kept.

    Raises:
        SourceError: *target* is no address of a bucket, or the settings do not do for it.
    """

    def __init__(self, target: str, settings: Settings) -> None:
        self.address: Address = address_of(target)
        self._store: ObjectStore = open_store(self.address, settings)
        self._place = f"{self.address} {endpoint_of(self.address, settings)}"
        self._memory = settings.put_memory

    def require(self) -> None:
        """See that the bucket is there and answers, before anything is made for it.

        Raises:
            SourceError: it is not, or does not.
        """
        self.has_any()

    def has_any(self) -> bool:
        """Whether there is anything. Blocks.

        Raises:
            SourceError: the bucket is not there, or does not answer.
        """
        try:
            return bool(next(iter(self._store.list(chunk_size=1)), None))  # pyright: ignore[reportUnknownMemberType]
        except InvalidPathError:
            return True
        except FAILS as error:
            raise trouble(self.address, error) from None

    def has(self, key: str) -> bool:
        """Whether *key* is there. Blocks.

        Raises:
            SourceError: the bucket does not answer.
        """
        try:
            self._store.head(key)
        except FileNotFoundError:
            return False
        except FAILS as error:
            raise trouble(self.address, error) from None
        return True

    def put(self, files: Mapping[str, Path], *, look: bool = True) -> int:
        """Put *files*, by their keys; return how many the bucket did not have yet. Blocks.

        Args:
            files: by their keys.
            look: for what is there already; it is listed for that.

        Raises:
            SourceError: the bucket does not take them. Those that were put are remembered.
            ConfigurationError: one is no regular file, or cannot be read.
        """
        there = self._etags(files) if look else {}
        with closing(_opened(self._memory)) as memory, ThreadPoolExecutor(AT_ONCE, "put") as pool:
            known = {key: self._known(memory, key) for key in files}
            puts = {pool.submit(self._put, key, path, known[key], there.get(key)): key for key, path in files.items()}
            count = 0
            for done, key in puts.items():
                try:
                    stamp, sha256, etag, new = done.result()
                except FAILS as error:
                    pool.shutdown(cancel_futures=True)
                    raise self._why(key, error) from None
                self._remember(memory, key, stamp, sha256, etag)
                count += new
        return count

    def fetch(self, places: Mapping[str, Path]) -> int:
        """Have what the bucket has of *places*, by their keys, where they say; return how many were fetched. Blocks.

        What stands there as it was put or fetched is left alone.

        Raises:
            SourceError: the bucket cannot be listed.
            InputError: a file cannot be downloaded now, or has changed meanwhile.
            DiskFull: no space is left for it.
        """
        try:
            there = self._listed(places)
        except InvalidPathError:
            said = f"{self.address} has an object whose key cannot be used, and cannot be listed."
            raise SourceError(said, hint="Remove it, or name a deeper prefix.") from None
        with closing(_opened(self._memory)) as memory, ThreadPoolExecutor(AT_ONCE, "fetch") as pool:
            wanted = {key: meta for key, meta in there.items() if not self._stands(memory, key, places[key], meta)}
            fetched = {pool.submit(self._fetch, meta, places[key], key): key for key, meta in wanted.items()}
            for done, key in fetched.items():
                try:
                    stamp, sha256 = done.result()
                except NightreelError:
                    pool.shutdown(cancel_futures=True)
                    raise
                self._remember(memory, key, stamp, sha256, bare(wanted[key]["e_tag"]))
        return len(wanted)

    def _fetch(self, meta: "ObjectMeta", to: Path, key: str) -> tuple[str, str]:
        """Download one object; return the file's stamp and its SHA-256."""
        download(self._store, meta, to, key, most=MOST, mode=0o666)
        with _open(to) as file:
            return _stamp(os.fstat(file.fileno())), hashlib.file_digest(file, "sha256").hexdigest()

    def _stands(self, memory: sqlite3.Connection, key: str, path: Path, meta: "ObjectMeta") -> bool:
        known = self._known(memory, key)
        with suppress(OSError):
            return known is not None and (known[0], known[2]) == (_stamp(path.lstat()), bare(meta["e_tag"]))
        return False

    def take_back(self, keys: Iterable[str]) -> int:
        """Remove those of *keys* that the bucket has; return how many. Blocks.

        Raises:
            SourceError: the bucket does not let them go.
        """
        there = sorted(self._etags(keys))
        for key in there:
            try:
                self._store.delete(key)
            except FileNotFoundError:  # somebody was quicker
                continue
            except FAILS as error:
                raise trouble(self.address, error) from None
        return len(there)

    def _put(self, key: str, path: Path, known: tuple[str, str, str] | None, there: str | None) -> "_Done":
        """Put one file, unless the bucket has it; what is read is one file from first to last, through one handle."""
        with _open(path) as file:
            stamp = _stamp(os.fstat(file.fileno()))
            kept = known if known and there and known[2] == there else None
            if kept and kept[0] == stamp:
                return stamp, kept[1], kept[2], False
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            if kept and kept[1] == sha256:
                return stamp, sha256, kept[2], False
            file.seek(0)
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            large = os.fstat(file.fileno()).st_size > PART
            answer = self._store.put(
                key,
                file,
                attributes={"Content-Type": kind},
                use_multipart=large,
                chunk_size=PART,
                max_concurrency=2,
            )
        return stamp, sha256, bare(answer["e_tag"]), True

    def _etags(self, keys: Iterable[str]) -> dict[str, str]:
        """Return the ETags of those *keys* that the bucket has."""
        try:
            return {key: bare(meta["e_tag"]) for key, meta in self._listed(keys).items()}
        except InvalidPathError:  # somebody else's key: then it is not known what is there, and all is put
            return {}

    def _listed(self, keys: Iterable[str]) -> "dict[str, ObjectMeta]":
        wanted, found = set(keys), dict[str, "ObjectMeta"]()
        if not wanted:
            return found
        folder = posixpath.commonpath([posixpath.dirname(key) for key in wanted])
        try:
            batches = self._store.list(folder or None, chunk_size=1000)  # pyright: ignore[reportUnknownMemberType] - as in Bucket
            for batch in batches:
                found.update((meta["path"], meta) for meta in batch if meta["path"] in wanted)
        except InvalidPathError:
            raise
        except FAILS as error:
            raise trouble(self.address, error) from None
        return found

    def _known(self, memory: sqlite3.Connection, key: str) -> tuple[str, str, str] | None:
        query = "SELECT stamp, sha256, etag FROM put WHERE bucket = ? AND key = ?"
        row = None
        with suppress(sqlite3.DatabaseError):
            row = memory.execute(query, (self._place, key)).fetchone()
        return None if row is None else (str(row[0]), str(row[1]), bare(str(row[2])))

    def _remember(self, memory: sqlite3.Connection, key: str, *what: str) -> None:
        with suppress(sqlite3.DatabaseError):  # a busy or full memory only costs another put
            memory.execute("INSERT OR REPLACE INTO put VALUES (?, ?, ?, ?, ?)", (self._place, key, *what))

    def _why(self, key: str, error: Exception) -> NightreelError:
        said = trouble(self.address, error)
        hint = f"{said.hint} The same command puts the rest.".strip()
        return type(said)(f"{key} could not be put: {said.message}", hint=hint)


_Done = tuple[str, str, str, bool]
"""A file's stamp, its SHA-256, its ETag in the bucket, and whether it was put now."""


def _opened(file: Path) -> sqlite3.Connection:
    """Open the memory; one that is broken is begun anew, one that cannot be written to is none."""
    with suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        return _connected(file)
    except sqlite3.OperationalError:
        return _connected(":memory:")
    except sqlite3.DatabaseError:
        for leftover in file.parent.glob(f"{file.name}*"):
            leftover.unlink(missing_ok=True)
        return _connected(file)


def _connected(file: Path | str) -> sqlite3.Connection:
    memory = sqlite3.connect(file, isolation_level=None, timeout=30.0)
    try:
        memory.execute("PRAGMA journal_mode = WAL")
        memory.execute(_TABLE)
    except BaseException:
        memory.close()
        raise
    return memory


def _open(path: Path) -> io.BufferedReader:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {os.strerror(error.errno or 0)}.") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise ConfigurationError(f"{path} is no regular file; only those are put.")
    return os.fdopen(handle, "rb")


def _stamp(found: os.stat_result) -> str:
    return f"{found.st_size}-{found.st_mtime_ns}-{found.st_ctime_ns}-{found.st_ino}"
