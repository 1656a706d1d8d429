"""Renders: exports. The id of one is ours, and is journalled before it is sent."""

import uuid

from sqlalchemy import func, insert, select, update

from nightreel.ledger import movements
from nightreel.ledger.movements import For
from nightreel.ledger.notes import guard, note
from nightreel.ledger.records import Claim, RenderRecord, RenderStatus
from nightreel.ledger.schema import clip, render
from nightreel.ledger.store import Store

_ENDED = (RenderStatus.COMPLETED, RenderStatus.FAILED, RenderStatus.UNSENT, RenderStatus.LOST)


class Renders:
    """Intend, then tell what came of it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, render_id: str) -> RenderRecord:
        """Return a render."""
        async with self._store.read() as tx:
            row = await tx.row(select(render).where(render.c.id == render_id))
        if row is None:
            raise KeyError(render_id)
        return RenderRecord(**row)

    async def of(self, clip_id: str) -> list[RenderRecord]:
        """Return the clip's renders, oldest first."""
        async with self._store.read() as tx:
            found = select(render).where(render.c.clip_id == clip_id).order_by(render.c.attempt)
            return [RenderRecord(**row) for row in await tx.rows(found)]

    async def of_talk(self, session_id: str) -> list[RenderRecord]:
        """Return the renders of a talk's session, oldest first."""
        here = (render.c.session_id == session_id, render.c.clip_id.is_(None))
        async with self._store.read() as tx:
            found = select(render).where(*here).order_by(render.c.attempt)
            return [RenderRecord(**row) for row in await tx.rows(found)]

    async def intend(self, claim: Claim, session_id: str, draft_hash: str, credits_: int) -> RenderRecord:
        """Record an export that is about to be sent, and reserve what the tariff asks for it (mostly nothing).

        Raises:
            BudgetExceeded, CreditsExhausted: nothing may be spent; nothing was written.
            LeaseLost: the clip is another runner's now.
        """
        render_id = f"render_{uuid.uuid4().hex}"
        async with self._store.write() as tx:
            await guard(tx, claim)
            last = select(func.max(render.c.attempt)).where(render.c.clip_id == claim.clip_id)
            values = {
                "id": render_id,
                "account_id": claim.account_id,
                "session_id": session_id,
                "clip_id": claim.clip_id,
                "run_id": claim.run_id,
                "attempt": 1 + await tx.number(last),
                "draft_hash": draft_hash,
                "credits": credits_,
                "status": RenderStatus.INTENT,
                "created_at": tx.now,
            }
            await tx.run(insert(render).values(**values))
            await tx.run(update(clip).where(clip.c.id == claim.clip_id).values(checks=None))
            if credits_:
                what = For(claim.account_id, claim.run_id, render_id=render_id)
                await movements.reserve(tx, what, credits_)
            await note(tx, claim, "render", render_id, RenderStatus.INTENT, session=session_id, draft_hash=draft_hash)
        return await self.get(render_id)

    async def became(self, claim: Claim, render_id: str, status: RenderStatus, why: str = "") -> RenderRecord:
        """Record the render's status; an ended one settles (completed) or releases what was reserved for it.

        An ended render never comes back: a late status is ignored.
        """
        async with self._store.write() as tx:
            await guard(tx, claim)
            row = await tx.locked(select(render).where(render.c.id == render_id))
            if row is not None and row["status"] not in {*_ENDED, status}:
                ended_at = tx.now if status in _ENDED else None
                values = {"status": status, "note": why, "ended_at": ended_at}
                await tx.run(update(render).where(render.c.id == render_id).values(**values))
                await note(tx, claim, "render", render_id, status, why=why)
                reservation = await movements.reservation_of(tx, render_id=render_id)
                if reservation is not None and status is RenderStatus.COMPLETED:
                    await movements.settle(tx, reservation)
                elif reservation is not None and status in _ENDED:
                    await movements.release(tx, reservation, why)
        return await self.get(render_id)

    async def lost(self, claim: Claim, render_id: str, why: str) -> None:
        """Record that a completed render cannot be had any more; what it cost stays settled."""
        async with self._store.write() as tx:
            await guard(tx, claim)
            values = {"status": RenderStatus.LOST, "note": why}
            await tx.run(update(render).where(render.c.id == render_id).values(**values))
            await note(tx, claim, "render", render_id, RenderStatus.LOST, why=why)
