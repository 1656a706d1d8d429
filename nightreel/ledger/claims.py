"""Claims: one runner makes one clip at a time."""

import uuid
from dataclasses import dataclass

from sqlalchemy import func, select, update

from nightreel.errors import ClipClaimed
from nightreel.ledger import owner
from nightreel.ledger.notes import LEASE, ensure_account, guard, note
from nightreel.ledger.records import OPEN_PURCHASES, Claim, ClipStatus
from nightreel.ledger.schema import clip as clips
from nightreel.ledger.schema import purchase
from nightreel.ledger.store import Row, Store, Transaction
from nightreel.models import Clip


@dataclass(frozen=True)
class Holder:
    """Who holds a clip.

    Attributes:
        name: of the claim; each has another.
        there: False when the process is known to be no more, or its lease has run out.
    """

    name: str
    there: bool


class Claims:
    """Take, keep and give back clips."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def claim(
        self, clip: Clip, engine: str, account: str, run_id: str | None, *, remake: bool = False
    ) -> Claim:
        """Claim *clip*; with *remake*, as a new take when another run made or gave up the last one.

        A clip with a prompt of which nobody knows what came is never begun anew: it is gone on with.

        Raises:
            ClipClaimed: another runner holds it, and its lease has not run out.
        """
        async with self._store.write() as tx:
            account_id = await ensure_account(tx, engine, account)
            row = await _newest(tx, account_id, clip)
            ended = row["status"] != ClipStatus.OPEN and not await _waits(tx, row["id"])
            if remake and ended and row["run_id"] != run_id:
                await _refuse_held(tx, row)
                row = await _take(tx, account_id, clip, row["take"] + 1)
            return await _hold(tx, row, run_id)

    async def hold(self, clip_id: str) -> Claim:
        """Claim a clip by its id, for the run that it was last begun in: a person decides about it.

        Raises:
            ClipClaimed: a runner holds it.
            KeyError: there is no such clip.
        """
        async with self._store.write() as tx:
            row = await tx.locked(select(clips).where(clips.c.id == clip_id))
            if row is None:
                raise KeyError(clip_id)
            return await _hold(tx, row, row["run_id"])

    async def talk(self, engine: str, account: str, run_id: str | None = None) -> Claim:
        """Return a claim on no clip: for sessions and prompts of a talk in the editor."""
        async with self._store.write() as tx:
            account_id = await ensure_account(tx, engine, account)
        return Claim(account_id=account_id, run_id=run_id, clip_id=None, owner=owner.name(), fence=0)

    async def extend(self, claim: Claim) -> None:
        """See that the claim holds, and extend its lease when half of it is over (every write does that too).

        Raises:
            LeaseLost: another runner has taken the clip over.
        """
        held = (clips.c.id == claim.clip_id, clips.c.owner == claim.owner, clips.c.fence == claim.fence)
        async with self._store.read() as tx:
            row = await tx.row(select(clips.c.lease_until).where(*held))
            if row is not None and row["lease_until"] - tx.now > LEASE / 2:
                return
        async with self._store.write() as tx:
            await guard(tx, claim)

    async def held(self) -> int:
        """Return how many clips are being made now, by runners that are still there, of all accounts."""
        async with self._store.read() as tx:
            rows = await tx.rows(
                select(clips.c.owner).where(clips.c.owner.is_not(None), clips.c.lease_until > tx.now)
            )
        return sum(not owner.gone(row["owner"]) for row in rows)

    async def holders(self, run_id: str) -> dict[str, Holder]:
        """Return who holds which of a run's clips, by the clip's key."""
        held = (clips.c.run_id == run_id, clips.c.owner.is_not(None))
        async with self._store.read() as tx:
            rows = await tx.rows(select(clips.c.key, clips.c.owner, clips.c.lease_until).where(*held))
        return {
            row["key"]: Holder(row["owner"], there=row["lease_until"] > tx.now and not owner.gone(row["owner"]))
            for row in rows
        }

    async def release(self, claim: Claim) -> None:
        """Give the clip back, so that any runner may go on with it. A claim that was lost is let go of in silence."""
        async with self._store.write() as tx:
            row = await tx.locked(select(clips).where(clips.c.id == claim.clip_id))
            if row is not None and (row["owner"], row["fence"]) == (claim.owner, claim.fence):
                await let_go(tx, claim)
                await note(tx, claim, "clip", row["id"], "released")


async def let_go(tx: Transaction, claim: Claim) -> None:
    """Take the claim off its clip."""
    await tx.run(update(clips).where(clips.c.id == claim.clip_id).values(owner=None, lease_until=None))


async def _newest(tx: Transaction, account_id: str, clip: Clip) -> Row:
    """Return the clip's newest take, locked; make the first if there is none."""
    mine = (clips.c.account_id == account_id, clips.c.key == clip.key)
    newest = select(func.max(clips.c.take)).where(*mine).scalar_subquery()
    row = await tx.locked(select(clips).where(*mine, clips.c.take == newest))
    return row if row is not None else await _take(tx, account_id, clip, 1)


async def _take(tx: Transaction, account_id: str, clip: Clip, take: int) -> Row:
    values = {
        "id": f"clip_{uuid.uuid4().hex}",
        "account_id": account_id,
        "key": clip.key,
        "take": take,
        "product": clip.product,
        "format": clip.format.value,
        "recipe": clip.recipe,
        "prompt": clip.prompt,
        "photos": [photo.sha256 for photo in clip.photos],
        "status": ClipStatus.OPEN,
        "step": "",
        "fence": 0,
        "created_at": tx.now,
    }
    await tx.insert_once(clips, values)  # another machine may have inserted it in this moment
    here = (clips.c.account_id == account_id, clips.c.key == clip.key, clips.c.take == take)
    row = await tx.locked(select(clips).where(*here))
    assert row is not None  # noqa: S101 - just inserted, by us or by the other
    return row


async def _waits(tx: Transaction, clip_id: str) -> bool:
    """Whether what came of a prompt of the clip is still to be found out."""
    waiting = select(purchase.c.id).where(purchase.c.clip_id == clip_id, purchase.c.status.in_(OPEN_PURCHASES))
    return await tx.row(waiting) is not None


async def _refuse_held(tx: Transaction, row: Row) -> None:
    holder: str | None = row["owner"]
    if holder is not None and row["lease_until"] > tx.now and not owner.gone(holder):
        raise ClipClaimed(
            f"{row['product']} {row['format']} is being made by another runner ({holder}) "
            f"until {row['lease_until']:%H:%M:%S} UTC.",
            hint="It is left to that one.",
        )


async def _hold(tx: Transaction, row: Row, run_id: str | None) -> Claim:
    await _refuse_held(tx, row)
    held = Claim(
        account_id=row["account_id"],
        run_id=run_id,
        clip_id=row["id"],
        owner=owner.name(),
        fence=row["fence"] + 1,
    )
    made = row["status"] == ClipStatus.MADE
    changes = {
        "owner": held.owner,
        "fence": held.fence,
        "lease_until": tx.now + LEASE,
        "run_id": run_id,
        "status": row["status"] if made else ClipStatus.OPEN,
        "error": "",
        "hint": "",
    }
    await tx.run(update(clips).where(clips.c.id == row["id"]).values(**changes))
    await note(tx, held, "clip", row["id"], "claimed", take=row["take"], product=row["product"], key=row["key"])
    return held
