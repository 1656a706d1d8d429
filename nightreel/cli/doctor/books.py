"""The books: the database, its schema, its sums, and what in them waits for somebody."""

from nightreel.cli.doctor.findings import Finding, bad, warning, well
from nightreel.clock import SystemClock
from nightreel.ledger import Ledger
from nightreel.ledger.health import Exports, Health, examine, exports
from nightreel.ledger.migrating import HEAD
from nightreel.ledger.records import PurchaseStatus
from nightreel.ledger.store import Store
from nightreel.settings import Settings

_AFTER_A_COPY = "Nothing to do: the next run upgrades it, after a copy of the file."
_BACK_UP = "Back it up (`pg_dump`) before the next run, which upgrades it."
_RESTORE = "Keep a copy of it, put the newest sound backup in its place, and report this."


async def books(settings: Settings) -> list[Finding]:
    """Look at journal and ledger; nothing is changed."""
    store = Store(settings.database, SystemClock())
    try:
        if store.file is not None and not store.file.exists():
            return [well("database", f"{store.file} (the first run makes it)")]
        health = await examine(store)
        found = [_database(store, health)]
        return [*found, *await _open(store, settings)] if health.current and not health.problems else found
    finally:
        await store.close()


def _database(store: Store, health: Health) -> Finding:
    where = store.engine.url.render_as_string(hide_password=True) if store.file is None else str(store.file)
    if health.problems:
        said = f"{where}: {'; '.join(health.problems[:5])}"
        return bad("database", said, _RESTORE)
    if health.current:
        return well("database", f"{where}: schema {HEAD}, sound, and its sums agree")
    if health.older:
        said = f"{where}: schema {health.revision or 'none yet'}, this version has {HEAD}"
        return warning("database", said, _BACK_UP if store.file is None else _AFTER_A_COPY)
    said = f"{where}: schema {health.revision}, this version knows up to {HEAD}"
    return bad("database", said, "Use the newer version of Nightreel that wrote it.")


async def _open(store: Store, settings: Settings) -> list[Finding]:
    """Tell of what waits for a person, and of spending that is stopped."""
    ledger, account = Ledger.over(store), f"{settings.engine}:{settings.account_name}"
    waiting = [it for it in await ledger.purchases.open(account) if it.status is PurchaseStatus.PERSON]
    summary = await ledger.credits.summary(account)
    found = [warning("prompts", f"{len(waiting)} wait for you", "`nightreel reconcile`")] if waiting else []
    if summary.stopped:
        said = f"spending is stopped: {summary.stopped}"
        found.append(warning("spending", said, "Top up, or `nightreel credits --resume`."))
    return found


async def exports_so_far(settings: Settings) -> Exports:
    """Return what the journal knows of earlier exports; nothing where it cannot be read."""
    store = Store(settings.database, SystemClock())
    try:
        if store.file is not None and not store.file.exists():
            return Exports()
        return await exports(store, f"{settings.engine}:{settings.account_name}")
    finally:
        await store.close()
