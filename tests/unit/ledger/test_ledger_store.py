"""The database: its schema, its upgrades, what it refuses."""

import asyncio
import errno
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, delete, text, update
from sqlalchemy.exc import DBAPIError

from nightreel.clock import ManualClock, SystemClock
from nightreel.errors import LedgerError, SchemaError, SettingsError
from nightreel.ledger import Ledger, migrating, open_ledger, open_store
from nightreel.ledger.movements import For
from nightreel.ledger.schema import journal_entry, ledger_entry, metadata
from nightreel.ledger.store import Store
from nightreel.models import Clip
from nightreel.settings import Settings


async def test_migrations_make_the_schema_that_the_code_describes(store: Store) -> None:
    """After all migrations the database differs in nothing from the tables in schema.py."""

    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with store.read() as tx:
        assert await tx.connection.run_sync(differences) == []


def test_the_newest_migration_is_the_one_that_is_looked_for() -> None:
    """HEAD names the last migration in the folder, and there is one line of them."""
    assert ScriptDirectory.from_config(migrating.configuration()).get_heads() == [migrating.HEAD]


@pytest.mark.parametrize("table", [ledger_entry, journal_entry], ids=lambda table: str(table.name))
async def test_entries_are_immutable(ledger: Ledger, clip: Clip, table: object) -> None:
    """The database itself refuses to change or to delete an entry of the ledger or of the journal."""
    await ledger.claims.claim(clip, "local", "studio", None)
    await ledger.credits.reserve(For("local:studio"), 5)
    chosen = ledger_entry if table is ledger_entry else journal_entry
    for statement in (update(chosen).values(account_id="local:studio"), delete(chosen)):
        with pytest.raises(DBAPIError, match="immutable"):
            async with ledger.store.write() as tx:
                await tx.run(statement)


async def test_a_reservation_is_closed_once_by_the_databases_own_rule(ledger: Ledger) -> None:
    """A second closing entry for one reservation breaks a unique key, whatever the code does."""
    account = await ledger.credits.open_account("local", "studio")
    reservation = await ledger.credits.reserve(For(account), 5)
    await ledger.credits.settle(reservation)
    with pytest.raises(DBAPIError):
        async with ledger.store.write() as tx:
            await tx.run(
                text(
                    "INSERT INTO ledger_entry (account_id, reservation_id, kind, reserved, spent, day, note, at) "
                    "SELECT account_id, reservation_id, kind, reserved, spent, day, note, at FROM ledger_entry "
                    "WHERE kind = 'settle'"
                )
            )


async def test_many_may_open_a_new_database_at_once(url: str) -> None:
    """Several processes that find an empty database upgrade it once."""

    async def open_it() -> None:
        async with open_store(url, SystemClock()):
            pass

    await asyncio.gather(*(open_it() for _ in range(4)))


async def test_a_newer_schema_is_refused(store: Store, url: str) -> None:
    """A journal that a newer version has upgraded is not touched."""
    async with store.write() as tx:
        await tx.run(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaError, match="9999"):
        async with open_store(url, SystemClock()):
            pass


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    """A broken journal is a clear error, and stays as it is."""
    file = tmp_path / "nightreel.db"
    file.write_bytes(b"this is no database, whatever its name says" * 50)
    with pytest.raises(SchemaError, match=r"nightreel\.db"):
        async with open_store(f"sqlite:///{file}", SystemClock()):
            pass


async def test_the_first_schema_is_brought_up_to_date(url: str) -> None:
    """A database that the first version has made, and written to, is opened by this one, on each server."""

    def first(connection: Connection) -> None:
        config = migrating.configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")

    store = Store(url, SystemClock())
    async with store.write() as tx:
        await tx.connection.run_sync(first)
        columns = "id, engine, name, created_at, stopped_at, stopped_reason"
        values = "'cloud:own', 'cloud', 'own', :now, :now, 'too few credits'"
        await tx.run(text(f"INSERT INTO account ({columns}) VALUES ({values})").bindparams(now=tx.now))  # noqa: S608
    await store.close()
    async with open_store(url, SystemClock()) as store:
        summary = await Ledger.over(store).credits.summary("cloud:own")
    assert (summary.stopped, summary.stopped_available) == ("too few credits", None)


@pytest.fixture
def upgraded_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Give what makes this version a newer one: with one more migration, which adds a table."""
    scripts = tmp_path / "migrations"
    source = Path(migrating.__file__).with_name("migrations")
    shutil.copytree(source, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    config = migrating.configuration()
    config.set_main_option("script_location", str(scripts))
    monkeypatch.setattr(migrating, "configuration", lambda: config)

    def upgrade(revision: str) -> None:
        (scripts / "versions" / f"v{revision}_more.py").write_text(
            f'from alembic import op\nrevision = "{revision}"\ndown_revision = "{migrating.HEAD}"\n'
            f'def upgrade():\n    op.execute("CREATE TABLE more{revision} (id INTEGER)")\n'
        )
        monkeypatch.setattr(migrating, "HEAD", revision)

    return upgrade


async def test_an_upgrade_copies_the_file_first(tmp_path: Path, upgraded_to: Callable[[str], None]) -> None:
    """Before an upgrade the SQLite file is copied whole; the copy opens under the old version."""
    file, before = tmp_path / "nightreel.db", migrating.HEAD
    async with open_store(f"sqlite:///{file}", SystemClock()) as store:
        await Ledger.over(store).credits.open_account("local", "studio")
    upgraded_to("9001")
    async with open_store(f"sqlite:///{file}", SystemClock()) as store:
        assert (await Ledger.over(store).credits.summary("local:studio")).account_id == "local:studio"
    with closing(sqlite3.connect(tmp_path / f"nightreel.db.{before}.backup")) as copy:
        assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == (before,)
        assert copy.execute("SELECT id FROM account").fetchone() == ("local:studio",)


async def test_many_may_upgrade_at_once(tmp_path: Path, upgraded_to: Callable[[str], None]) -> None:
    """Of several that find an old database one upgrades it, and the copy is of the old one."""
    url, before = f"sqlite:///{tmp_path / 'nightreel.db'}", migrating.HEAD

    async def open_it() -> None:
        async with open_store(url, SystemClock()):
            pass

    await open_it()
    upgraded_to("9001")
    await asyncio.gather(*(open_it() for _ in range(4)))
    (copied,) = tmp_path.glob("*.backup")
    with closing(sqlite3.connect(copied)) as copy:
        assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == (before,)


async def test_the_newest_few_copies_are_kept(tmp_path: Path, upgraded_to: Callable[[str], None]) -> None:
    """Copies do not pile up: those of the newest upgrades stay."""
    for number in range(9001, 9006):
        async with open_store(f"sqlite:///{tmp_path / 'nightreel.db'}", SystemClock()):
            pass
        upgraded_to(str(number))
    copies = sorted(path.name for path in tmp_path.glob("*.backup"))
    assert copies == [f"nightreel.db.{number}.backup" for number in (9001, 9002, 9003)]


async def test_without_a_copy_nothing_is_upgraded(
    tmp_path: Path, upgraded_to: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the file cannot be copied it stays as it is, and the message says what to do."""
    file, before = tmp_path / "nightreel.db", migrating.HEAD
    async with open_store(f"sqlite:///{file}", SystemClock()):
        pass
    upgraded_to("9001")

    def full(*_: object) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(migrating, "backup", full)
    with pytest.raises(LedgerError, match=r"cannot be copied.*make room"):
        async with open_store(f"sqlite:///{file}", SystemClock()):
            pass
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchone() == (before,)


async def test_a_failed_upgrade_leaves_the_old_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An upgrade that breaks half-way is rolled back as a whole."""
    file = tmp_path / "nightreel.db"

    def half(*_: object, **__: object) -> None:
        raise RuntimeError("the power went")

    real = command.upgrade

    def broken(*arguments: object, **named: object) -> None:
        real(*arguments, **named)  # pyright: ignore[reportArgumentType] - passed on as they came
        half()

    monkeypatch.setattr(command, "upgrade", broken)
    with pytest.raises(RuntimeError):
        async with open_store(f"sqlite:///{file}", SystemClock()):
            pass
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == []


async def test_a_locked_database_is_a_clean_failure(tmp_path: Path) -> None:
    """A write that another program does not let in fails after a bounded wait, with nothing written."""
    file = tmp_path / "nightreel.db"
    async with open_store(f"sqlite:///{file}", SystemClock()):
        pass
    store = Store(f"sqlite:///{file}", ManualClock(), busy_seconds=0.05)
    with closing(sqlite3.connect(file, isolation_level=None)) as hog:
        hog.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerError, match="locked"):
            await Ledger.over(store).credits.open_account("local", "studio")
        hog.execute("ROLLBACK")
    await Ledger.over(store).credits.open_account("local", "studio")
    await store.close()


async def test_the_last_commit_survives_a_power_cut(tmp_path: Path) -> None:
    """SQLite writes ahead and syncs each commit: the last one is the intent."""
    async with open_ledger(Settings(home=tmp_path)) as ledger, ledger.store.read() as tx:
        assert (await tx.run(text("PRAGMA journal_mode"))).scalar() == "wal"
        assert (await tx.run(text("PRAGMA synchronous"))).scalar() == 2
    assert (tmp_path / "nightreel.db").stat().st_size > 0


@pytest.mark.parametrize("bad", ["mysql://localhost/x", "what is this"])
def test_a_foreign_database_url_is_refused(bad: str) -> None:
    """Only SQLite and PostgreSQL are taken."""
    with pytest.raises(SettingsError):
        Store(bad, SystemClock())
