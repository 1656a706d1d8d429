"""The database under journal and ledger: SQLite in one file, or PostgreSQL where several machines share it.

A write transaction excludes every other where it must: on SQLite it begins with BEGIN IMMEDIATE (SQLAlchemy's own
way begins late, and ten readers then overspend in silence: facts/ledger.md), on PostgreSQL it locks the rows that it
decides by. `synchronous` stays FULL: the last commit before a power cut is the intent.
"""

import asyncio
import errno
import sqlite3
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sqlalchemy import Connection, CursorResult, Executable, Select, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from nightreel.clock import Clock
from nightreel.errors import DiskFull, LedgerError, SettingsError

BUSY_SECONDS = 15.0
"""How long a write waits for another process's before it fails cleanly."""

_SWITCHES = 20
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}


Row = dict[str, Any]
"""One row, by the names of its columns."""


@dataclass(frozen=True)
class Transaction:
    """One transaction, and the time that all its rows carry."""

    connection: AsyncConnection
    now: datetime

    async def run(self, statement: Executable) -> CursorResult[Any]:
        """Execute *statement*."""
        return await self.connection.execute(statement)

    async def rows(self, statement: Executable) -> list[Row]:
        """Return the rows that *statement* finds."""
        return [dict(row) for row in (await self.run(statement)).mappings()]

    async def row(self, statement: Executable) -> Row | None:
        """Return the first row that *statement* finds."""
        found = (await self.run(statement)).mappings().first()
        return dict(found) if found is not None else None

    async def locked(self, statement: Select[Any]) -> Row | None:
        """Return the first row, and keep it from all other writers until the end of the transaction."""
        return await self.row(statement.with_for_update(key_share=True))  # SQLite has locked everything already

    async def number(self, statement: Executable) -> int:
        """Return the one number that *statement* asks for; NULL is 0."""
        return int((await self.run(statement)).scalar() or 0)

    async def insert_once(self, table: Table, values: Mapping[str, Any]) -> bool:
        """Insert a row unless one with the same unique values is there; return whether it was inserted."""
        insert = sqlite.insert if self.connection.dialect.name == "sqlite" else postgresql.insert
        return (await self.run(insert(table).values(**values).on_conflict_do_nothing())).rowcount > 0


class Store:
    """One engine for one process.

    Attributes:
        file: the SQLite file; None on PostgreSQL.
    """

    def __init__(self, url: str, clock: Clock, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.clock = clock
        self.engine = _engine(url, busy_seconds)
        self.file = Path(self.engine.url.database or "") if self.sqlite else None
        self._writing = asyncio.Lock()

    @property
    def sqlite(self) -> bool:
        """Whether the database is a file of ours."""
        return self.engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[Transaction, None]:
        """Open a transaction that sees one state of the database and writes nothing."""
        with _plain_errors(self.engine):
            async with self.engine.connect() as connection:
                reader = await connection.execution_options(nightreel_reads=True)
                async with reader.begin():
                    yield Transaction(reader, self.clock.now())

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[Transaction, None]:
        """Open a transaction that is committed at its end, or rolled back by an exception.

        Raises:
            LedgerError: another process holds the database for too long; nothing was written.
            DiskFull: there is no space left; nothing was written.
        """
        with _plain_errors(self.engine):
            if not self.sqlite:
                async with self.engine.begin() as connection:
                    yield Transaction(connection, self.clock.now())
                return
            async with self._writing, self.engine.begin() as connection:
                yield Transaction(connection, self.clock.now())

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


def _engine(url: str, busy_seconds: float) -> AsyncEngine:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise SettingsError(
            "NIGHTREEL_DATABASE_URL is no database URL.",
            hint="It reads postgresql://user@host/name, or leave it unset.",
        ) from None
    driver = _DRIVERS.get(parsed.get_backend_name())
    if driver is None:
        raise SettingsError(
            f"NIGHTREEL_DATABASE_URL: {parsed.get_backend_name()} is no database we know.",
            hint="Use SQLite or PostgreSQL.",
        )
    parsed = parsed.set(drivername=driver)
    if driver != _DRIVERS["sqlite"]:
        return create_async_engine(parsed, pool_size=4, max_overflow=0, pool_pre_ping=True)
    parsed = parsed.set(
        database=unquote(parsed.database or "")
    )  # SQLAlchemy 2.0 leaves a path as it stands in the URL
    Path(parsed.database or "").parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_async_engine(
        parsed, pool_size=2, max_overflow=0, connect_args={"isolation_level": None, "timeout": busy_seconds}
    )
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, entry: ConnectionPoolEntry) -> None:  # noqa: ANN401 - a DBAPI connection
    del entry
    cursor = connection.cursor()
    _write_ahead(cursor)
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _write_ahead(cursor: Any) -> None:  # noqa: ANN401 - a DBAPI cursor
    """Have a new file written ahead; SQLite does not wait for others that do the same, so we do, by a lock."""
    for _ in range(_SWITCHES):
        with suppress(sqlite3.OperationalError):
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        cursor.execute("BEGIN IMMEDIATE")
        cursor.execute("COMMIT")
    cursor.execute("PRAGMA journal_mode=WAL")


def _begin_sqlite(connection: Connection) -> None:
    reads = connection.get_execution_options().get("nightreel_reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


class _plain_errors:  # noqa: N801 - used as a statement
    """Turns the database's own errors into ours; passes on what is a mistake in the code."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._where = engine.url.render_as_string(hide_password=True)

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, DBAPIError):
            self._translate(error)
        elif isinstance(error, OSError) and error.errno != errno.ENOSPC:
            raise LedgerError(
                f"The journal at {self._where} cannot be reached: {error.strerror or error}.",
                hint="Nothing was written; is the database running?",
            ) from error

    def _translate(self, error: DBAPIError) -> None:
        cause = error.orig.__cause__ or error.orig if error.orig else None
        text = str(error.orig)
        if "database or disk is full" in text:
            raise DiskFull(
                f"The journal at {self._where} cannot grow: the disk is full.", hint="Free some space and run again."
            ) from error
        if isinstance(cause, sqlite3.OperationalError) or error.connection_invalidated or _is_locked(error):
            raise LedgerError(
                f"The journal at {self._where} cannot be written: {text}.", hint="Nothing was sent; run again."
            ) from error


def _is_locked(error: DBAPIError) -> bool:
    """Whether PostgreSQL gave up a transaction in favour of another, or is going down (classes 40, 55, 57)."""
    state = str(getattr(error.orig, "sqlstate", "") or "")
    return state[:2] in {"40", "53", "55", "57", "08"}
