"""Movements of credits inside a caller's transaction: reserve, then settle or release, once.

What is spent and what is reserved are sums over entries that never change; a budget is checked in the transaction
that reserves, with the account's row locked, so that no two can both have the last credits.
"""

from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, insert, or_, select

from nightreel.errors import BudgetExceeded, CreditsExhausted, LedgerError
from nightreel.ledger.schema import account, budget, ledger_entry, purchase, render
from nightreel.ledger.store import Row, Transaction

_E = ledger_entry.c

SET_BY = {"run": "--budget", "day": "NIGHTREEL_BUDGET_PER_DAY", "account": "NIGHTREEL_BUDGET"}
"""What people set a budget by, by its scope."""


class For(NamedTuple):
    """What credits are reserved for."""

    account_id: str
    run_id: str | None = None
    purchase_id: str | None = None
    render_id: str | None = None


async def reserve(tx: Transaction, what: For, credits_: int) -> int:
    """Reserve *credits_*; return the reservation's id.

    Raises:
        BudgetExceeded: a budget of the run, the day or the account would be passed; nothing was written.
        CreditsExhausted: the service said before that the account is empty.
    """
    if credits_ < 0:
        raise ValueError(f"a reservation is not negative: {credits_}")
    row = await tx.locked(select(account).where(account.c.id == what.account_id))
    if row is None:
        raise LedgerError(f"The account {what.account_id} is not in the ledger.")
    if row["stopped_at"] is not None and credits_ > 0:
        raise CreditsExhausted(
            f"Spending on {what.account_id} is stopped: {row['stopped_reason'].rstrip('.')}.",
            hint="Top up: it goes on when there are more credits than there were. Or: `nightreel credits --resume`.",
            code=2001,
        )
    for limit in await _budgets(tx, what):
        await _check(tx, what, limit, credits_)
    return await _append(tx, what, kind="reserve", reserved=credits_, day=day_of(tx.now))


async def settle(tx: Transaction, reservation: int, credits_: int | None = None, note: str = "") -> None:
    """Close a reservation as spent: wholly, or *credits_* of it. Doing the same again changes nothing.

    Raises:
        LedgerError: it was closed otherwise, or more would be spent than was reserved.
    """
    row = await _reservation(tx, reservation)
    spent = row["reserved"] if credits_ is None else credits_
    if not 0 <= spent <= row["reserved"]:
        raise LedgerError(f"Reservation {reservation} holds {row['reserved']} credits; {spent} cannot be settled.")
    await _close(tx, row, "settle", spent, note)


async def release(tx: Transaction, reservation: int, note: str = "") -> None:
    """Close a reservation as not spent. Doing the same again changes nothing.

    Raises:
        LedgerError: it was settled.
    """
    await _close(tx, await _reservation(tx, reservation), "release", 0, note)


async def adjust(tx: Transaction, what: For, credits_: int, note: str) -> None:
    """Post what the service took beside our settlements (negative: what it gave back, or a top-up)."""
    await tx.locked(select(account.c.id).where(account.c.id == what.account_id))
    await _append(tx, what, kind="adjust", spent=credits_, note=note, day=day_of(tx.now))


async def reservation_of(tx: Transaction, *, purchase_id: str = "", render_id: str = "") -> int | None:
    """Return the reservation made for a purchase or a render."""
    of = _E.purchase_id == purchase_id if purchase_id else _E.render_id == render_id
    found = await tx.row(select(_E.id).where(of, _E.kind == "reserve"))
    return int(found["id"]) if found else None


async def open_reservations(tx: Transaction, account_id: str) -> int:
    """Return how many reservations of more than nothing are open."""
    closing = ledger_entry.alias()
    closed = select(closing.c.id).where(closing.c.reservation_id == _E.id).exists()
    return await tx.number(
        select(func.count())
        .select_from(ledger_entry)
        .where(_E.account_id == account_id, _E.kind == "reserve", _E.reserved > 0, ~closed)
    )


def day_of(at: datetime) -> str:
    """Return the day that a budget counts *at* to: in UTC."""
    return at.astimezone(UTC).date().isoformat()


def counted() -> ColumnElement[int]:
    """What an entry counts against a budget.

    Of adjustments only those count that a run has to answer for and that took credits: a top-up, or what somebody
    else does with the account, gives a run no more to spend and takes nothing from it.
    """
    aside = and_(_E.kind == "adjust", or_(_E.run_id.is_(None), _E.spent < 0))
    return _E.reserved + case((aside, 0), else_=_E.spent)


async def _budgets(tx: Transaction, what: For) -> list[Row]:
    """Return the budgets that bind, the widest first (account, day, run): it is the one to tell of."""
    here = and_(budget.c.scope == "run", budget.c.name == (what.run_id or ""))
    binding = select(budget).where(budget.c.account_id == what.account_id, or_(here, budget.c.scope != "run"))
    return await tx.rows(binding.order_by(budget.c.scope))


async def used(tx: Transaction, account_id: str, scope: str, *, run_id: str = "") -> int:
    """Return what counts against the budget of the account, of today, or of a run."""
    of = [_E.account_id == account_id]
    if scope == "run":
        of.append(_E.run_id == run_id)
    elif scope == "day":
        of.append(_E.day == day_of(tx.now))
    return await tx.number(select(func.sum(counted())).where(*of))


async def _check(tx: Transaction, what: For, limit: Row, wanted: int) -> None:
    count = await used(tx, what.account_id, limit["scope"], run_id=what.run_id or "")
    if count + wanted > limit["credits"]:
        raise BudgetExceeded(
            f"The {limit['scope']}'s budget of {limit['credits']} credits does not allow {wanted} more: "
            f"{count} are spent or reserved.",
            hint=f"What was made is kept; to go on, raise {SET_BY[limit['scope']]} and run again.",
        )


async def _reservation(tx: Transaction, reservation: int) -> Row:
    row = await tx.row(select(ledger_entry).where(_E.id == reservation, _E.kind == "reserve"))
    if row is None:
        raise LedgerError(f"There is no reservation {reservation}.")
    return row


async def _close(tx: Transaction, opened: Row, kind: str, spent: int, note: str) -> None:
    await tx.locked(select(account.c.id).where(account.c.id == opened["account_id"]))
    closing = await tx.row(select(ledger_entry).where(_E.reservation_id == opened["id"]))
    if closing is None:
        what = For(opened["account_id"], opened["run_id"], opened["purchase_id"], opened["render_id"])
        day, back = opened["day"], -int(opened["reserved"])
        await _append(tx, what, kind=kind, reserved=back, spent=spent, note=note, day=day, closes=opened["id"])
    elif (closing["kind"], closing["spent"]) != (kind, spent):
        raise LedgerError(
            f"Reservation {opened['id']} was closed by {closing['kind']} of {closing['spent']} credits; "
            f"it cannot be closed by {kind} of {spent}."
        )


async def _append(  # noqa: PLR0913 - the columns of an entry
    tx: Transaction,
    what: For,
    *,
    kind: str,
    day: str,
    reserved: int = 0,
    spent: int = 0,
    note: str = "",
    closes: int | None = None,
) -> int:
    values = {
        **what._asdict(),
        "reservation_id": closes,
        "kind": kind,
        "reserved": reserved,
        "spent": spent,
        "day": day,
        "note": note,
        "at": tx.now,
    }
    result = await tx.run(insert(ledger_entry).values(**values).returning(_E.id))
    return int(result.scalar_one())


async def spent_by_clip(tx: Transaction, run_id: str) -> dict[str, int]:
    """Return what was spent in a run on each clip, prompts and exports together, by the clip's id."""
    of = func.coalesce(purchase.c.clip_id, render.c.clip_id)
    joined = ledger_entry.outerjoin(purchase, _E.purchase_id == purchase.c.id).outerjoin(
        render, _E.render_id == render.c.id
    )
    sums = select(of.label("clip_id"), func.sum(_E.spent).label("spent")).select_from(joined)
    rows = await tx.rows(sums.where(_E.run_id == run_id, of.is_not(None)).group_by(of))
    return {row["clip_id"]: int(row["spent"]) for row in rows}


async def spent_by(tx: Transaction, *, run_id: str = "", clip_id: str = "", purchase_id: str = "") -> int:
    """Return what was spent in a run, or for a clip (all its prompts and exports), or for both, or on one prompt."""
    of: list[ColumnElement[bool]] = []
    if run_id:
        of.append(_E.run_id == run_id)
    if purchase_id:
        of.append(_E.purchase_id == purchase_id)
    if clip_id:
        prompts = select(purchase.c.id).where(purchase.c.clip_id == clip_id)
        exports = select(render.c.id).where(render.c.clip_id == clip_id)
        of.append(or_(_E.purchase_id.in_(prompts), _E.render_id.in_(exports)))
    return await tx.number(select(func.sum(_E.spent)).where(*of))
