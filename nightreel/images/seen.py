"""What was found in files that have not changed since: a small SQLite table; an unchanged catalog decodes nothing.

It is a cache: whatever is wrong with it, it is begun anew.
"""

import os
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path

from nightreel.errors import PhotoRejected
from nightreel.images.files import Opened
from nightreel.images.photos import RECIPE
from nightreel.models import Photo

_TABLE = """
    CREATE TABLE IF NOT EXISTS seen (
        path BLOB PRIMARY KEY, stamp TEXT NOT NULL, recipe INTEGER NOT NULL,
        photo TEXT NOT NULL, reason TEXT NOT NULL, hint TEXT NOT NULL
    ) WITHOUT ROWID
"""


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

    def recall(self, opened: Opened) -> Photo | None:
        """Return what was found in this very file, or None when it must be looked at.

        Raises:
            PhotoRejected: it was looked at, and is not fit.
        """
        query = "SELECT photo, reason, hint FROM seen WHERE path = ? AND stamp = ? AND recipe = ?"
        row = None
        with self._lock, suppress(sqlite3.DatabaseError):
            row = self._db.execute(query, (os.fsencode(opened.path), opened.stamp, RECIPE)).fetchone()
        if row is None:
            return None
        photo, reason, hint = row
        if reason:
            raise PhotoRejected(f"{opened.name} {reason}", hint=hint)
        found = Photo.model_validate_json(photo)
        return found.model_copy(update={"path": opened.path, "name": opened.name})

    def keep(self, opened: Opened, photo: Photo) -> None:
        """Remember *photo*."""
        text = photo.model_copy(update={"path": Path(), "name": ""}).model_dump_json()
        self._write(opened, text, "", "")

    def keep_rejected(self, opened: Opened, error: PhotoRejected) -> None:
        """Remember that the file is not fit, and why."""
        self._write(opened, "", error.message.removeprefix(f"{opened.name} "), error.hint)

    def _write(self, opened: Opened, photo: str, reason: str, hint: str) -> None:
        row = (os.fsencode(opened.path), opened.stamp, RECIPE, photo, reason, hint)
        with self._lock, suppress(sqlite3.DatabaseError):  # a busy or full cache only costs a second look
            self._db.execute("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?, ?)", row)


def _open(file: Path) -> sqlite3.Connection:
    db = sqlite3.connect(file, isolation_level=None, check_same_thread=False, timeout=5.0)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute(_TABLE)
    except BaseException:
        db.close()
        raise
    return db
