"""An audit of the books: the present state must be what the journal's entries tell, and the ledger must add up.

The state tables are a fold over the journal, kept beside it for speed; entries are never changed. Whoever doubts the
tables (after a crash, a restored backup, a hand in the database) derives the state anew here and compares.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select

from nightreel.errors import NeedsPerson, Permanent, QualityError, class_named
from nightreel.ledger.records import (
    ClipStatus,
    JournalEntry,
    LedgerEntry,
    PurchaseStatus,
    RenderStatus,
    SessionStatus,
)
from nightreel.ledger.schema import budget, clip, journal_entry, ledger_entry, purchase, render, session
from nightreel.ledger.store import Row, Store, Transaction

_STATUSES = {
    "purchase": frozenset(PurchaseStatus),
    "render": frozenset(RenderStatus),
    "session": frozenset(SessionStatus),
}
_TABLES = {"clip": clip, "purchase": purchase, "render": render, "session": session}


class Subject(NamedTuple):
    """Something that has a status: a clip, session, purchase or render, by its id."""

    kind: str
    id: str


def derive(entries: Iterable[JournalEntry]) -> dict[Subject, str]:
    """Return the present status of everything that *entries* (oldest first) tell of."""
    present: dict[Subject, str] = {}
    for entry in entries:
        subject = Subject(entry.subject, entry.subject_id)
        if entry.subject == "clip":
            present[subject] = _clip_after(present.get(subject, ClipStatus.OPEN), entry)
        elif entry.event in _STATUSES.get(entry.subject, ()):
            present[subject] = entry.event
    return present


def _clip_after(before: str, entry: JournalEntry) -> str:
    if entry.event == "failed":
        return str(entry.body.get("status") or _status_by_kind(before, str(entry.body.get("kind"))))
    if entry.event in {ClipStatus.MADE, ClipStatus.GIVEN_UP}:
        return entry.event
    return ClipStatus.OPEN if entry.event == "claimed" and before != ClipStatus.MADE else before


def _status_by_kind(before: str, kind: str) -> str:
    """Return the status that an error of *kind* led to: older entries do not tell it."""
    if before == ClipStatus.MADE:
        return before
    error = class_named(kind)
    if issubclass(error, NeedsPerson):
        return ClipStatus.PERSON
    return ClipStatus.FAILED if issubclass(error, Permanent | QualityError) else ClipStatus.OPEN


async def audit(store: Store) -> list[str]:
    """Return what does not agree, as sentences; nothing when all is well. One state of the database is read."""
    async with store.read() as tx:
        entries = [JournalEntry(**row) for row in await tx.rows(select(journal_entry).order_by(journal_entry.c.id))]
        movements = [LedgerEntry(**row) for row in await tx.rows(select(ledger_entry).order_by(ledger_entry.c.id))]
        found = await _statuses(tx)
        purchases = await tx.rows(select(purchase.c.id, purchase.c.status, purchase.c.credits))
        budgets = await tx.rows(select(budget))
    return [
        *_differences(derive(entries), found),
        *_unbalanced(purchases, movements),
        *(problem for limit in budgets for problem in _passed(limit, movements)),
    ]


async def _statuses(tx: Transaction) -> dict[Subject, str]:
    return {
        Subject(kind, row["id"]): row["status"]
        for kind, table in _TABLES.items()
        for row in await tx.rows(select(table.c.id, table.c.status))
    }


def _differences(told: Mapping[Subject, str], found: Mapping[Subject, str]) -> Iterator[str]:
    for subject in sorted({*told, *found}):
        says, shows = told.get(subject, "nothing"), found.get(subject, "nothing")
        if says != shows:
            yield f"{subject.kind} {subject.id}: the journal tells {says}, the table shows {shows}"


def _unbalanced(purchases: Iterable[Row], movements: Sequence[LedgerEntry]) -> Iterator[str]:
    """Each prompt has one reservation of its price: open while its outcome is, and closed once after."""
    reserved = {one.purchase_id: one for one in movements if one.kind == "reserve" and one.purchase_id}
    closed = {one.reservation_id: one for one in movements if one.reservation_id is not None}
    for row in purchases:
        reservation = reserved.get(row["id"])
        if reservation is None or reservation.reserved != row["credits"]:
            yield f"purchase {row['id']}: {row['credits']} credits are not what was reserved for it"
            continue
        closing = closed.get(reservation.id)
        status = PurchaseStatus(row["status"])
        if status.open is (closing is not None):
            yield f"purchase {row['id']} is {status}, and its reservation is {closing.kind if closing else 'open'}"
        elif status is PurchaseStatus.DONE and closing is not None and closing.kind != "settle":
            yield f"purchase {row['id']} was made, and its reservation was closed by {closing.kind}"


def _passed(limit: Row, movements: Iterable[LedgerEntry]) -> Iterator[str]:
    """No reservation ever took what was spent and reserved over a budget; one set later binds from then on."""
    used: Counter[str] = Counter()
    for one in movements:
        if not _counts(limit, one):
            continue
        period = one.day if limit["scope"] == "day" else ""
        used[period] += one.reserved + one.spent
        if one.kind == "reserve" and one.reserved and one.at >= limit["set_at"] and used[period] > limit["credits"]:
            yield (
                f"reservation {one.id} took the {limit['scope']}'s budget of {limit['credits']} credits "
                f"to {used[period]} spent or reserved"
            )


def _counts(limit: Row, one: LedgerEntry) -> bool:
    """Whether a movement counts against the budget (see `movements.counted`)."""
    if one.account_id != limit["account_id"] or (limit["scope"] == "run" and one.run_id != limit["name"]):
        return False
    return one.kind != "adjust" or (one.run_id is not None and one.spent >= 0)
