"""Journal and ledger: the durable memory of what was sent, what came of it and what it cost.

::

    async with open_ledger(settings, clock) as ledger:
        run_id = await ledger.journal.begin_run("local", "studio", budget=1000)
        claim = await ledger.claims.claim(clip, "local", "studio", run_id)
        ...
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from nightreel.clock import Clock, SystemClock
from nightreel.ledger.audit import audit
from nightreel.ledger.claims import Claims
from nightreel.ledger.credits import CreditsLedger
from nightreel.ledger.deeds import Deeds
from nightreel.ledger.diary import Diary
from nightreel.ledger.journal import Journal
from nightreel.ledger.migrating import migrate
from nightreel.ledger.purchases import Purchases
from nightreel.ledger.records import Claim
from nightreel.ledger.renders import Renders
from nightreel.ledger.sessions import Sessions
from nightreel.ledger.store import Store
from nightreel.settings import Settings, make_home

__all__ = ["Claim", "Ledger", "open_ledger", "open_store"]


@dataclass(frozen=True)
class Ledger:
    """Everything that is written down. One object a process."""

    store: Store
    journal: Journal
    claims: Claims
    sessions: Sessions
    purchases: Purchases
    renders: Renders
    credits: CreditsLedger
    deeds: Deeds
    diary: Diary

    @classmethod
    def over(cls, store: Store) -> "Ledger":
        """Stand on an open store whose schema is up to date."""
        return cls(
            store,
            Journal(store),
            Claims(store),
            Sessions(store),
            Purchases(store),
            Renders(store),
            CreditsLedger(store),
            Deeds(store),
            Diary(store),
        )

    async def audit(self) -> list[str]:
        """Return what does not agree within the books, as sentences; nothing when all is well."""
        return await audit(self.store)


@asynccontextmanager
async def open_store(url: str, clock: Clock) -> AsyncGenerator[Store, None]:
    """Open the database at *url*, upgrade its schema, and close it at the end."""
    store = Store(url, clock)
    try:
        await migrate(store)
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def open_ledger(settings: Settings, clock: Clock | None = None) -> AsyncGenerator[Ledger, None]:
    """Open journal and ledger where *settings* say.

    Raises:
        SchemaError: the database is newer than this version, or broken.
        LedgerError: it cannot be reached.
        SettingsError: the home folder cannot be made.
    """
    make_home(settings)
    async with open_store(settings.database, clock or SystemClock()) as store:
        yield Ledger.over(store)
