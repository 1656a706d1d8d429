"""What was found in files that have not changed since: a small SQLite table; an unchanged catalog decodes nothing.

A file that is as it was (path, size, times, inode) is not even opened; one that was only moved, copied or touched is
hashed, and its content is known. It is a cache: whatever is wrong with it, it is begun anew.
"""

import json
import os
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from nightreel.errors import PhotoRejected
from nightreel.images.files import Opened, stamp_of
from nightreel.images.orders import Found, Unfit
from nightreel.images.photos import RECIPE, claims, photo_of
from nightreel.models import Photo

_TABLES = """
    DROP TABLE IF EXISTS seen;
    CREATE TABLE IF NOT EXISTS looked (
        path BLOB PRIMARY KEY, stamp TEXT NOT NULL, recipe INTEGER NOT NULL, sha256 TEXT NOT NULL,
        size INTEGER NOT NULL, kind TEXT NOT NULL, found TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS looked_content ON looked (sha256, recipe);
"""
_ROW = "SELECT sha256, size, kind, found FROM looked WHERE"

Row = tuple[str, int, str, str]


class Seen:
    """Verdicts by path, size, times and inode; safe to use from several threads and processes."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        try:
            self._db = _open(file)
        except sqlite3.OperationalError:  # busy, or not writable: remember for this run alone
            self._db = _open(Path(":memory:"))
        except sqlite3.DatabaseError:
            for leftover in file.parent.glob(f"{file.name}*"):
                leftover.unlink(missing_ok=True)
            self._db = _open(file)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def recall(self, path: Path, name: str) -> Photo | None:
        """Return what was found in the file at *path*, or None when it must be looked at; the file is not opened.

        Raises:
            PhotoRejected: it was looked at, and is not fit.
        """
        try:
            stamp = stamp_of(path.lstat())
        except OSError:
            return None  # whoever opens it says what is wrong
        row = self._find("path = ? AND stamp = ? AND recipe = ?", (os.fsencode(path), stamp, RECIPE))
        return _photo(row, path, name) if row else None

    def recall_content(self, opened: Opened, sha256: str) -> Photo | None:
        """Return what was found in another file of the same content; the file *opened* is remembered with it.

        Raises:
            PhotoRejected: it was looked at, and is not fit.
        """
        row = self._find("sha256 = ? AND recipe = ? LIMIT 1", (sha256, RECIPE))
        if row is None:
            return None
        self._write(opened, row)
        return _photo(row, opened.path, opened.name)

    def keep(self, opened: Opened, photo: Photo) -> None:
        """Remember *photo*; what is said of its name is left out, since another file may be called otherwise."""
        warnings = photo.warnings[len(claims(opened.name, photo.kind)) :]
        found = Found(photo.width, photo.height, warnings, photo.alpha, photo.fingerprint, photo.about)
        self._write(opened, (photo.sha256, photo.size, photo.kind, found.written()))

    def keep_unfit(self, opened: Opened, sha256: str, unfit: Unfit) -> None:
        """Remember that the file is not fit, and why."""
        self._write(opened, (sha256, opened.size, "", json.dumps([unfit.words, unfit.hint])))

    def _find(self, where: str, values: Sequence[object]) -> Row | None:
        with self._lock, suppress(sqlite3.DatabaseError):
            return self._db.execute(f"{_ROW} {where}", values).fetchone()
        return None

    def _write(self, opened: Opened, row: Row) -> None:
        values = (os.fsencode(opened.path), opened.stamp, RECIPE, *row)
        with self._lock, suppress(sqlite3.DatabaseError):  # a busy or full cache only costs a second look
            self._db.execute("INSERT OR REPLACE INTO looked VALUES (?, ?, ?, ?, ?, ?, ?)", values)


def _photo(row: Row, path: Path, name: str) -> Photo:
    sha256, size, kind, found = row
    said = json.loads(found)
    if not kind:
        words, hint = said
        raise PhotoRejected(f"{name} {words}", hint=hint)
    return photo_of(path, name, size, kind, sha256, Found.read(said))


def _open(file: Path) -> sqlite3.Connection:
    db = sqlite3.connect(file, isolation_level=None, check_same_thread=False, timeout=5.0)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.executescript(_TABLES)
    except BaseException:
        db.close()
        raise
    return db
