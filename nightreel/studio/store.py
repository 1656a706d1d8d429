"""The studio's durable state: one SQLite file, one connection, one thread, one transaction a piece of work.

Work is a plain function of a connection. Because every piece runs alone and as a whole, "look, decide, write" needs
no further care: two prompts at once cannot both find the last 100 credits.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from nightreel.errors import SchemaError

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

_FIRST = """
CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    client TEXT UNIQUE,               -- hash of the client id; NULL for the local account
    granted INTEGER NOT NULL,
    charged INTEGER NOT NULL DEFAULT 0 CHECK (charged >= 0),
    frozen INTEGER NOT NULL DEFAULT 0 CHECK (frozen >= 0),
    granted_at REAL NOT NULL,
    created_at REAL NOT NULL,
    CHECK (charged + frozen <= granted)
) STRICT;
CREATE TABLE tokens (
    hash TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id),
    expires_at REAL                   -- NULL: never
) STRICT;
CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    task TEXT NOT NULL,
    account TEXT NOT NULL REFERENCES accounts (id),
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    cut TEXT NOT NULL DEFAULT '',     -- what was asked for so far, as the agent keeps it
    draft TEXT NOT NULL DEFAULT '{}',
    created_at REAL NOT NULL
) STRICT;
CREATE INDEX sessions_by_account ON sessions (account);
CREATE TABLE claims (
    hash TEXT PRIMARY KEY,
    session TEXT NOT NULL REFERENCES sessions (id),
    expires_at REAL NOT NULL
) STRICT;
CREATE TABLE assets (
    id TEXT PRIMARY KEY,
    session TEXT NOT NULL REFERENCES sessions (id),
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    family TEXT NOT NULL,
    kind TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    width INTEGER,
    height INTEGER,
    duration REAL,
    fps REAL,
    UNIQUE (session, position)
) STRICT;
CREATE TABLE runs (
    session TEXT NOT NULL REFERENCES sessions (id),
    seq INTEGER NOT NULL,
    prompt TEXT NOT NULL,
    price INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('working', 'cut', 'done', 'failed')),
    finished TEXT NOT NULL DEFAULT '',  -- the whole draft, shown once the second stage is through
    created_at REAL NOT NULL,
    PRIMARY KEY (session, seq)
) STRICT;
CREATE INDEX runs_by_status ON runs (status);
CREATE TABLE bill (
    n INTEGER PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id),
    session TEXT NOT NULL,
    seq INTEGER NOT NULL,
    prompt_hash TEXT NOT NULL,
    credits INTEGER NOT NULL,
    at TEXT NOT NULL,
    UNIQUE (session, seq)
) STRICT;
CREATE TABLE renders (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES accounts (id),
    session TEXT NOT NULL REFERENCES sessions (id),
    draft TEXT NOT NULL,
    quality TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'processing', 'completed', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0,
    file TEXT NOT NULL DEFAULT '',
    error TEXT NOT NULL DEFAULT '',
    created_at REAL NOT NULL
) STRICT;
CREATE INDEX renders_by_status ON renders (status);
CREATE TABLE secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"""
_FAULTS = """
CREATE TABLE requests (
    endpoint TEXT NOT NULL,
    subject TEXT NOT NULL,
    n INTEGER NOT NULL,               -- how many there were
    PRIMARY KEY (endpoint, subject)
) STRICT;
CREATE TABLE incidents (
    id INTEGER PRIMARY KEY,
    endpoint TEXT NOT NULL,
    subject TEXT NOT NULL,
    n INTEGER NOT NULL,               -- the request that met the fault
    fault TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE TABLE vanished (session TEXT PRIMARY KEY REFERENCES sessions (id)) STRICT;
"""
_BEATS = """
ALTER TABLE assets ADD COLUMN beats TEXT NOT NULL DEFAULT '';  -- of a sound, in ms, with spaces between
"""
STEPS = (_FIRST, _FAULTS, _BEATS)
"""What each version adds to the one before."""

VERSION = len(STEPS)


class Store:
    """The state behind one door."""

    def __init__(self, path: Path) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="studio-store")
        self._connection = self._thread.submit(connect, path).result()

    async def run(
        self,
        work: Callable[Concatenate[sqlite3.Connection, Parameters], Result],
        *arguments: Parameters.args,
        **named: Parameters.kwargs,
    ) -> Result:
        """Carry *work* out in a transaction of its own: wholly, or (when it raises) not at all."""

        def whole() -> Result:
            with transaction(self._connection):
                return work(self._connection, *arguments, **named)

        return await asyncio.get_running_loop().run_in_executor(self._thread, whole)

    def close(self) -> None:
        """Finish what is queued and close the file."""
        self._thread.submit(self._connection.close).result()
        self._thread.shutdown()


class transaction:  # noqa: N801 - reads as a verb where it is used
    """BEGIN IMMEDIATE … COMMIT, or ROLLBACK."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *_: object) -> None:
        self._connection.execute("COMMIT" if kind is None else "ROLLBACK")


def connect(path: Path) -> sqlite3.Connection:
    """Open the file, and make the tables that it does not have yet.

    Raises:
        SchemaError: it was written by a newer studio.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA busy_timeout = 5000")
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > VERSION:
        connection.close()
        raise SchemaError(
            f"{path} was written by a newer studio (schema {version}, this one knows {VERSION}).",
            hint="Update nightreel, or give the studio another data folder with --data.",
        )
    if version < VERSION:
        steps = "".join(STEPS[version:])
        connection.executescript(f"BEGIN IMMEDIATE; {steps} PRAGMA user_version = {VERSION}; COMMIT;")
    return connection
