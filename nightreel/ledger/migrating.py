"""Brings a database to this version's schema when it is opened.

An upgrade stands in one transaction that excludes other processes. In it a SQLite file is first copied, beside
itself; of the copies the newest few are kept. A PostgreSQL database is its operator's to back up (`pg_dump`, before a
new version is started): the log says so. A schema that is newer than ours is refused.
"""

import asyncio
import logging
import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select

from nightreel.errors import LedgerError, SchemaError
from nightreel.files import part_of, sync_folder
from nightreel.ledger.store import Store

HEAD = "0002"
"""The newest migration; a test holds it against the folder."""

COPIES = 3
"""So many copies from before an upgrade are kept."""

log = logging.getLogger("nightreel.ledger")

_LOCK = 0x6E726C  # any number of ours: the advisory lock that upgrades exclude each other with on PostgreSQL


async def migrate(store: Store) -> None:
    """Upgrade *store* to :data:`HEAD`; does nothing when it is there already.

    Raises:
        SchemaError: the database was written by a newer version, or is no database of ours.
        LedgerError: it cannot be copied before the upgrade; nothing was changed.
    """
    found = await revision(store)
    if found == HEAD:
        return
    _refuse_unknown(store, found)
    async with store.write() as tx:
        if not store.sqlite:
            await tx.run(select(func.pg_advisory_xact_lock(_LOCK)))
        found = await tx.connection.run_sync(_current)
        if found == HEAD:
            return  # another process was quicker
        if found is not None:
            await _secure(store, found)
        await tx.connection.run_sync(_upgrade)


async def _secure(store: Store, found: str) -> None:
    """See to it that there is a way back to the schema that was *found*."""
    if store.file is None:
        log.warning("The journal is upgraded from schema %s to %s; its backup is yours: pg_dump.", found, HEAD)
        return
    try:
        copy = await asyncio.to_thread(backup, store.file, found)
    except (OSError, sqlite3.Error) as error:
        raise LedgerError(
            f"{store.file} has to be upgraded, and cannot be copied before: {error}.",
            hint="Nothing was changed; make room beside it and run again.",
        ) from error
    log.info("The journal is upgraded from schema %s to %s; as it was it stands in %s.", found, HEAD, copy)


async def revision(store: Store) -> str | None:
    """Return the schema that *store* has; None for an empty database.

    Raises:
        SchemaError: it is no database of ours.
    """
    try:
        async with store.read() as tx:
            return await tx.connection.run_sync(_current)
    except LedgerError as error:
        if "not a database" in error.message or "malformed" in error.message:
            raise _broken(store) from error
        raise
    except Exception as error:
        if isinstance(error.__cause__, sqlite3.DatabaseError):
            raise _broken(store) from error
        raise


def _broken(store: Store) -> SchemaError:
    return SchemaError(
        f"{store.file} is no database that we can read.", hint="Move it away, or put a copy made by us in its place."
    )


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def known_revisions() -> set[str]:
    """Return the schemas that this version knows."""
    return {script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()}


def _refuse_unknown(store: Store, found: str | None) -> None:
    if found is not None and found not in known_revisions():
        raise SchemaError(
            f"The journal {store.engine.url.render_as_string(hide_password=True)} has schema {found}; "
            f"this version knows up to {HEAD}.",
            hint="Use the newer version of Nightreel that wrote it.",
        )


def _upgrade(connection: Connection) -> None:
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def configuration() -> Config:
    """Return alembic's configuration, which stands in no file."""
    config = Config()
    folder = str(Path(__file__).with_name("migrations"))
    config.set_main_option("script_location", folder.replace("%", "%%"))
    return config


def backup(file: Path, found: str) -> Path:
    """Copy the SQLite database *file*, whose schema was *found*, whole, beside itself; return the copy."""
    copy = file.with_name(f"{file.name}.{found}.backup")
    part = part_of(copy)
    try:
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(part)) as target:
            source.backup(target)
        part.replace(copy)
        sync_folder(copy.parent)
    finally:
        part.unlink(missing_ok=True)
    copies = sorted(file.parent.glob(f"{file.name}.*.backup"))  # by their schemas, which count up
    for old in copies[:-COPIES]:
        old.unlink(missing_ok=True)
    return copy
