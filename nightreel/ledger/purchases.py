"""Purchases: prompts, which are what is paid for.

The intent of one, with its reservation, is committed before the first byte of the request. From then on it is open
until an answer, the state, or a person tells what came of it; while it is open it keeps its reservation, and its
session takes no other prompt.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select, update

from nightreel.errors import LedgerError
from nightreel.ledger import movements
from nightreel.ledger.movements import For
from nightreel.ledger.notes import guard, note
from nightreel.ledger.records import OPEN_PURCHASES, Claim, PurchaseRecord, PurchaseStatus
from nightreel.ledger.schema import purchase, session
from nightreel.ledger.store import Row, Store, Transaction
from nightreel.models import digest

_P = purchase.c


class Intent(NamedTuple):
    """A prompt about to be sent.

    Attributes:
        session_id: our id of the session.
        kind: first_cut or edit.
        credits: what the tariff says; reserved.
        before: fingerprint of the state before it.
    """

    session_id: str
    kind: str
    prompt: str
    credits: int
    before: Mapping[str, Any]


class Purchases:
    """Intend, then tell what came of it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, purchase_id: str) -> PurchaseRecord:
        """Return a purchase."""
        async with self._store.read() as tx:
            row = await tx.row(select(purchase).where(_P.id == purchase_id))
        if row is None:
            raise KeyError(purchase_id)
        return PurchaseRecord(**row)

    async def of(self, *, clip_id: str = "", session_id: str = "") -> list[PurchaseRecord]:
        """Return the purchases for a clip, or in a session, oldest first."""
        chosen = _P.clip_id == clip_id if clip_id else _P.session_id == session_id
        async with self._store.read() as tx:
            rows = await tx.rows(select(purchase).where(chosen).order_by(_P.attempt, _P.seq))
        return [PurchaseRecord(**row) for row in rows]

    async def spent(self, purchase_id: str) -> int:
        """Return what a purchase has cost."""
        async with self._store.read() as tx:
            return await movements.spent_by(tx, purchase_id=purchase_id)

    async def open(self, account_id: str) -> list[PurchaseRecord]:
        """Return the purchases of an account of which nobody knows what came, oldest first."""
        async with self._store.read() as tx:
            found = (
                select(purchase)
                .where(_P.account_id == account_id, _P.status.in_(OPEN_PURCHASES))
                .order_by(_P.sent_at)
            )
            return [PurchaseRecord(**row) for row in await tx.rows(found)]

    async def others(self, bought: PurchaseRecord) -> int:
        """Return the credits of the account's other purchases that were in flight at some time since *bought*."""
        since = (_P.status.in_(OPEN_PURCHASES)) | (_P.ended_at > bought.sent_at)
        async with self._store.read() as tx:
            return await tx.number(
                select(func.sum(_P.credits)).where(_P.account_id == bought.account_id, _P.id != bought.id, since)
            )

    async def intend(self, claim: Claim, intent: Intent) -> PurchaseRecord:
        """Record a prompt that is about to be sent, and reserve its credits: in one transaction.

        Raises:
            BudgetExceeded, CreditsExhausted: nothing may be spent; nothing was written.
            LedgerError: the session has a prompt already whose outcome is open.
            LeaseLost: the clip is another runner's now.
        """
        purchase_id = f"buy_{uuid.uuid4().hex}"
        async with self._store.write() as tx:
            await guard(tx, claim)
            seq = await _next(tx, intent.session_id)
            values = {
                **intent._asdict(),
                "before": dict(intent.before),
                "id": purchase_id,
                "account_id": claim.account_id,
                "clip_id": claim.clip_id,
                "run_id": claim.run_id,
                "seq": seq,
                "attempt": 1 + await tx.number(select(func.max(_P.attempt)).where(_P.clip_id == claim.clip_id)),
                "prompt_hash": digest(intent.prompt),
                "status": PurchaseStatus.INTENT,
                "verified": False,
                "by_person": False,
                "sent_at": tx.now,
            }
            await tx.run(insert(purchase).values(**values))
            what = For(claim.account_id, claim.run_id, purchase_id=purchase_id)
            await movements.reserve(tx, what, intent.credits)
            body = {"session": intent.session_id, "seq": seq, "prompt_hash": digest(intent.prompt)}
            await note(tx, claim, "purchase", purchase_id, PurchaseStatus.INTENT, credits=intent.credits, **body)
        return await self.get(purchase_id)

    async def unknown(self, claim: Claim, purchase_id: str, why: str) -> PurchaseRecord:
        """Record that nobody knows what came of it; the reservation stays."""
        return await self._set(claim, purchase_id, PurchaseStatus.UNKNOWN, why)

    async def person(self, claim: Claim, purchase_id: str, why: str) -> PurchaseRecord:
        """Record that a person has to decide; the reservation stays."""
        return await self._set(claim, purchase_id, PurchaseStatus.PERSON, why)

    async def done(
        self, claim: Claim, purchase_id: str, draft: Mapping[str, Any], *, reply: str = "", by_person: bool = False
    ) -> PurchaseRecord:
        """Record that it was made, with the draft as read back, and settle its reservation."""
        async with self._store.write() as tx:
            await guard(tx, claim)
            await _close(tx, claim, purchase_id, PurchaseStatus.DONE, charged=True)
            values = {"draft": dict(draft), "reply": reply, "by_person": by_person}
            await tx.run(update(purchase).where(_P.id == purchase_id).values(**values))
        return await self.get(purchase_id)

    async def not_made(
        self,
        claim: Claim,
        purchase_id: str,
        status: PurchaseStatus,
        why: str,
        *,
        charged: bool = False,
        by_person: bool = False,
        reply: str = "",
    ) -> PurchaseRecord:
        """Record that nothing was made (failed, unsent, not made); its reservation is released, unless *charged*."""
        async with self._store.write() as tx:
            await guard(tx, claim)
            await _close(tx, claim, purchase_id, status, charged=charged, why=why)
            values = {"by_person": by_person, "reply": reply}
            await tx.run(update(purchase).where(_P.id == purchase_id).values(**values))
        return await self.get(purchase_id)

    async def verified(
        self, claim: Claim, purchase_id: str, draft: Mapping[str, Any], warnings: Sequence[str] = ()
    ) -> PurchaseRecord:
        """Record that the draft is as it was asked for; it is the one that will be exported."""
        async with self._store.write() as tx:
            await guard(tx, claim)
            await tx.run(update(purchase).where(_P.id == purchase_id).values(draft=dict(draft), verified=True))
            await note(
                tx, claim, "purchase", purchase_id, "verified", draft_hash=digest(draft), warnings=list(warnings)
            )
        return await self.get(purchase_id)

    async def _set(self, claim: Claim, purchase_id: str, status: PurchaseStatus, why: str) -> PurchaseRecord:
        async with self._store.write() as tx:
            await guard(tx, claim)
            row = await _locked(tx, purchase_id)
            if row["status"] not in OPEN_PURCHASES:
                raise LedgerError(f"Purchase {purchase_id} has ended as {row['status']}.")
            if row["status"] != status:
                await tx.run(update(purchase).where(_P.id == purchase_id).values(status=status, note=why))
                await note(tx, claim, "purchase", purchase_id, status, why=why)
        return await self.get(purchase_id)


async def _next(tx: Transaction, session_id: str) -> int:
    """Return the next sequence number in the session; one run in flight a session (facts/streams.md)."""
    await tx.locked(select(session.c.id).where(session.c.id == session_id))
    here = _P.session_id == session_id
    waiting = await tx.row(select(_P.id).where(here, _P.status.in_(OPEN_PURCHASES)))
    if waiting is not None:
        raise LedgerError(
            f"Session {session_id} has a prompt whose outcome is open ({waiting['id']}).",
            hint="See `nightreel reconcile`.",
        )
    return 1 + await tx.number(select(func.max(_P.seq)).where(here))


async def _locked(tx: Transaction, purchase_id: str) -> Row:
    row = await tx.locked(select(purchase).where(_P.id == purchase_id))
    if row is None:
        raise KeyError(purchase_id)
    return row


async def _close(
    tx: Transaction, claim: Claim, purchase_id: str, status: PurchaseStatus, *, charged: bool, why: str = ""
) -> None:
    row = await _locked(tx, purchase_id)
    if row["status"] not in OPEN_PURCHASES:
        raise LedgerError(f"Purchase {purchase_id} has ended as {row['status']}; it cannot become {status}.")
    reservation = await movements.reservation_of(tx, purchase_id=purchase_id)
    if reservation is not None and charged:
        await movements.settle(tx, reservation, note=why)
    elif reservation is not None:
        await movements.release(tx, reservation, why)
    values = {"status": status, "note": why, "ended_at": tx.now}
    await tx.run(update(purchase).where(_P.id == purchase_id).values(**values))
    await note(tx, claim, "purchase", purchase_id, status, charged=charged, why=why)
