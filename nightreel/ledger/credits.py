"""The ledger of credits, for callers that have no transaction of their own."""

import uuid
from collections.abc import Awaitable, Callable
from typing import Literal

from sqlalchemy import delete, func, insert, or_, select, update

from nightreel.ledger import movements
from nightreel.ledger.movements import For
from nightreel.ledger.notes import ensure_account
from nightreel.ledger.records import BudgetRecord, CreditsSummary, LedgerEntry, Observation
from nightreel.ledger.schema import account, budget, ledger_entry, run
from nightreel.ledger.store import Store, Transaction
from nightreel.models import Credits

Scope = Literal["run", "day", "account"]
_E = ledger_entry.c
_GOING = {"stopped_at": None, "stopped_reason": "", "stopped_available": None}


class CreditsLedger:
    """Reserve, settle, release, adjust; budgets; the account's balance."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def open_account(self, engine: str, name: str) -> str:
        """Make the account if it is not there; return its id: `<engine>:<name>`."""
        async with self._store.write() as tx:
            return await ensure_account(tx, engine, name)

    async def set_budget(self, account_id: str, scope: Scope, credits_: int | None, *, run_id: str = "") -> None:
        """Limit what may be spent and reserved: in one run, in each day (UTC), or ever; None takes the limit away."""
        async with self._store.write() as tx:
            await set_budget(tx, account_id, scope, credits_, run_id=run_id)

    async def reserve(self, what: For, credits_: int) -> int:
        """Reserve *credits_*; return the reservation's id. For a purchase, `Purchases.intend` does it.

        Raises:
            BudgetExceeded: a budget of the run, the day or the account would be passed.
            CreditsExhausted: spending on the account is stopped.
        """
        async with self._store.write() as tx:
            return await movements.reserve(tx, what, credits_)

    async def settle(self, reservation: int, credits_: int | None = None, note: str = "") -> None:
        """Close a reservation as spent: wholly, or *credits_* of it."""
        async with self._store.write() as tx:
            await movements.settle(tx, reservation, credits_, note)

    async def release(self, reservation: int, note: str = "") -> None:
        """Close a reservation as not spent."""
        async with self._store.write() as tx:
            await movements.release(tx, reservation, note)

    async def adjust(self, what: For, credits_: int, note: str) -> None:
        """Post what the service took beside our settlements."""
        async with self._store.write() as tx:
            await movements.adjust(tx, what, credits_, note)

    async def stop(self, account_id: str, reason: str, available: int | None = None) -> None:
        """Stop all spending on the account, in all runners at once: the service said 2001.

        Args:
            account_id: the account.
            reason: what the service said.
            available: credits that were available then, as far as they were seen: with more, spending goes on.
        """
        async with self._store.write() as tx:
            row = await tx.locked(select(account).where(account.c.id == account_id)) or {}
            seen = [value for value in (available, row.get("stopped_available")) if value is not None]
            stop = {"stopped_at": tx.now, "stopped_reason": reason, "stopped_available": min(seen, default=None)}
            await tx.run(update(account).where(account.c.id == account_id).values(**stop))

    async def resume(self, account_id: str) -> None:
        """Let spending go on, whatever the balance says: a person decided so."""
        async with self._store.write() as tx:
            await tx.run(update(account).where(account.c.id == account_id).values(**_GOING))

    async def observe(
        self, account_id: str, read: Callable[[], Awaitable[Credits]], *, run_id: str | None = None, needed: int = 1
    ) -> Observation:
        """Read the balance at the service by *read*, and take note of it.

        Only a quiet reading tells more: nothing of ours in flight, and no movement while it was read. What is missing
        since the last quiet one, beside what we settled, is posted as an adjustment: of the run, when both readings
        were its own. Spending that was stopped goes on when *needed* credits are available, and more than there were
        when it was stopped.
        """
        async with self._store.read() as tx:
            mark = await _mark(tx, account_id)
        balance = await read()
        async with self._store.write() as tx:
            if balance.available >= max(1, needed):
                then = account.c.stopped_available
                risen = (account.c.id == account_id, or_(then.is_(None), then < balance.available))
                await tx.run(update(account).where(*risen).values(**_GOING))
            return await _take_note(tx, account_id, balance, run_id, mark)

    async def summary(self, account_id: str, last: int = 20) -> CreditsSummary:
        """Return the account's credits, with the *last* movements."""
        async with self._store.read() as tx:
            row = await tx.row(select(account).where(account.c.id == account_id)) or {}
            ours = _E.account_id == account_id
            today = _E.day == movements.day_of(tx.now)
            newest = select(ledger_entry).where(ours).order_by(_E.id.desc()).limit(last)
            return CreditsSummary(
                account_id=account_id,
                balance=row.get("balance"),
                reserved=await tx.number(select(func.sum(_E.reserved)).where(ours)),
                spent=await tx.number(select(func.sum(_E.spent)).where(ours)),
                spent_today=await tx.number(select(func.sum(_E.spent)).where(ours, today)),
                drift=await tx.number(select(func.sum(_E.spent)).where(ours, _E.kind == "adjust")),
                stopped=row.get("stopped_reason") or "",
                stopped_available=row.get("stopped_available"),
                entries=tuple(LedgerEntry(**entry) for entry in await tx.rows(newest)),
            )

    async def budgets(self, account_id: str, run_id: str = "") -> tuple[BudgetRecord, ...]:
        """Return the limits that bind, with what is used of each: the account's, the day's, the (last) run's."""
        async with self._store.read() as tx:
            newest = select(run.c.id).where(run.c.account_id == account_id).order_by(run.c.started_at.desc()).limit(1)
            run_id = run_id or (await tx.row(newest) or {}).get("id", "")
            scopes: dict[Scope, str] = {"account": "", "day": "", "run": run_id}
            return tuple([await _budget(tx, account_id, scope, name) for scope, name in scopes.items()])

    async def spent_by(self, *, run_id: str = "", clip_id: str = "") -> int:
        """Return what a run, or one clip of it, has spent."""
        async with self._store.read() as tx:
            return await movements.spent_by(tx, run_id=run_id, clip_id=clip_id)

    async def spent_by_clip(self, run_id: str) -> dict[str, int]:
        """Return what a run has spent on each of its clips, by the clip's id."""
        async with self._store.read() as tx:
            return await movements.spent_by_clip(tx, run_id)

    async def reserved_by(self, run_id: str) -> int:
        """Return what a run still has reserved: prompts and exports whose outcome is open."""
        async with self._store.read() as tx:
            return await tx.number(select(func.sum(_E.reserved)).where(_E.run_id == run_id))


async def set_budget(
    tx: Transaction, account_id: str, scope: Scope, credits_: int | None, *, run_id: str = ""
) -> None:
    """Set or take away one budget, with the account locked: a reservation sees the old one or the new one."""
    await tx.locked(select(account.c.id).where(account.c.id == account_id))
    name = run_id if scope == "run" else ""
    here = (budget.c.account_id == account_id, budget.c.scope == scope, budget.c.name == name)
    await tx.run(delete(budget).where(*here))
    if credits_ is not None:
        values = {
            "id": uuid.uuid4().hex,
            "account_id": account_id,
            "scope": scope,
            "name": name,
            "credits": credits_,
            "set_at": tx.now,
        }
        await tx.run(insert(budget).values(**values))


async def _budget(tx: Transaction, account_id: str, scope: Scope, name: str) -> BudgetRecord:
    here = (budget.c.account_id == account_id, budget.c.scope == scope, budget.c.name == name)
    row = await tx.row(select(budget.c.credits).where(*here))
    used = await movements.used(tx, account_id, scope, run_id=name)
    return BudgetRecord(scope=scope, credits=row["credits"] if row else None, used=used)


async def _mark(tx: Transaction, account_id: str) -> int:
    return await tx.number(select(func.max(_E.id)).where(_E.account_id == account_id))


async def _take_note(
    tx: Transaction, account_id: str, balance: Credits, run_id: str | None, mark: int
) -> Observation:
    row = await tx.locked(select(account).where(account.c.id == account_id))
    moved = mark != await _mark(tx, account_id)
    if row is None or balance.held or moved or await movements.open_reservations(tx, account_id):
        return Observation(balance=balance, quiet=False, adjusted=0)
    total = balance.available + balance.held
    spent = await tx.number(select(func.sum(_E.spent)).where(_E.account_id == account_id))
    drift = 0
    if row["balance"] is not None:
        fell, settled = row["balance"] - total, spent - row["balance_spent"]
        drift = fell - settled
        if drift:
            own = run_id if run_id == row["balance_run"] else None
            note = f"the balance fell by {fell}, {settled} were settled"
            await movements.adjust(tx, For(account_id, own), drift, note)
    reading = {"balance": total, "balance_spent": spent + drift, "balance_run": run_id, "balance_at": tx.now}
    await tx.run(update(account).where(account.c.id == account_id).values(**reading))
    return Observation(balance=balance, quiet=True, adjusted=drift)
