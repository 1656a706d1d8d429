"""Is a journal sound? Looks without changing anything: an older schema is not upgraded."""

from datetime import datetime

from sqlalchemy import select, text

from nightreel.ledger.audit import audit
from nightreel.ledger.migrating import HEAD, known_revisions
from nightreel.ledger.migrating import revision as revision_of
from nightreel.ledger.records import RenderStatus
from nightreel.ledger.schema import journal_entry, render
from nightreel.ledger.store import Store
from nightreel.models import Value


class Health(Value):
    """What was seen.

    Attributes:
        revision: of the schema; None for an empty database.
        problems: what is damaged or does not add up, as sentences.
    """

    revision: str | None
    problems: tuple[str, ...] = ()

    @property
    def current(self) -> bool:
        """Whether the schema is this version's."""
        return self.revision == HEAD

    @property
    def older(self) -> bool:
        """Whether this version would upgrade it."""
        return not self.current and (self.revision is None or self.revision in known_revisions())


class Exports(Value):
    """What is known of an account's earlier exports.

    Attributes:
        completed: id of the newest that was completed; "" without one.
        completed_at, forbidden_at: when that ended, and when the plan last forbade one.
    """

    completed: str = ""
    completed_at: datetime | None = None
    forbidden_at: datetime | None = None

    @property
    def forbidden(self) -> bool:
        """Whether the plan forbade the newest one."""
        return self.forbidden_at is not None and (self.completed_at is None or self.completed_at < self.forbidden_at)


async def exports(store: Store, account_id: str) -> Exports:
    """Return what is known of the account's exports."""
    done = select(render).where(render.c.account_id == account_id, render.c.status == RenderStatus.COMPLETED)
    entry = journal_entry.c
    forbade = select(entry.at).where(
        entry.account_id == account_id, entry.event == "failed", entry.body["kind"].as_string() == "ExportForbidden"
    )
    async with store.read() as tx:
        last = await tx.row(done.order_by(render.c.ended_at.desc()).limit(1)) or {}
        no = await tx.row(forbade.order_by(entry.id.desc()).limit(1)) or {}
    return Exports(completed=last.get("id", ""), completed_at=last.get("ended_at"), forbidden_at=no.get("at"))


async def examine(store: Store) -> Health:
    """Look at the database of *store*: its schema, its pages and keys (SQLite), its sums.

    Raises:
        SchemaError: it is no database of ours.
        LedgerError: it cannot be reached.
    """
    found = await revision_of(store)
    problems = await _damages(store) if store.sqlite else []
    if found == HEAD and not problems:
        problems = await audit(store)
    return Health(revision=found, problems=tuple(problems))


async def _damages(store: Store) -> list[str]:
    async with store.read() as tx:
        pages = [str(row["quick_check"]) for row in await tx.rows(text("PRAGMA quick_check(5)"))]
        keys = [f"a {row['table']} names a {row['parent']} that is not there" for row in await tx.rows(_KEYS)]
    return [page for page in pages if page != "ok"] + keys[:5]


_KEYS = text("PRAGMA foreign_key_check")
