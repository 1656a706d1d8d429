"""What is told of a subject without a table of its own: entries of the journal; whoever reads them sums them up."""

from collections.abc import Sequence

from sqlalchemy import select

from nightreel.ledger import owner
from nightreel.ledger.notes import ensure_account, note
from nightreel.ledger.records import Claim, JournalEntry
from nightreel.ledger.schema import journal_entry
from nightreel.ledger.store import Store


class Diary:
    """Tell, and read what was told."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def tell(
        self,
        engine: str,
        account: str,
        subject: str,
        subject_id: str,
        event: str,
        **body: object,
    ) -> None:
        """Append an entry; it is never changed."""
        async with self._store.write() as tx:
            account_id = await ensure_account(tx, engine, account)
            who = Claim(account_id=account_id, run_id=None, clip_id=None, owner=owner.name(), fence=0)
            await note(tx, who, subject, subject_id, event, **body)

    async def read(self, account_id: str, subject: str, subject_id: str) -> Sequence[JournalEntry]:
        """Return what was told of a subject, oldest first."""
        here = (
            journal_entry.c.subject == subject,
            journal_entry.c.subject_id == subject_id,
            journal_entry.c.account_id == account_id,
        )
        async with self._store.read() as tx:
            rows = await tx.rows(select(journal_entry).where(*here).order_by(journal_entry.c.id))
        return [JournalEntry(**row) for row in rows]
