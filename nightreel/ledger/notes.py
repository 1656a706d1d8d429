"""Writes the journal's entries, and guards every write by its claim."""

from datetime import timedelta

from sqlalchemy import insert, select, update

from nightreel.errors import LeaseLost
from nightreel.ledger.records import Claim
from nightreel.ledger.schema import account, clip, journal_entry
from nightreel.ledger.store import Row, Transaction

LEASE = timedelta(minutes=20)
"""How long a claim holds without a write: longer than a prompt may take. A process of this machine that has ended
loses its claims at once."""


async def note(tx: Transaction, claim: Claim, subject: str, subject_id: str, event: str, **body: object) -> None:
    """Append one entry to the journal: *event* is the status that *subject* took, or what was noted."""
    entry = {
        "at": tx.now,
        "account_id": claim.account_id,
        "run_id": claim.run_id,
        "clip_id": claim.clip_id,
        "subject": subject,
        "subject_id": subject_id,
        "event": event,
        "owner": claim.owner,
        "fence": claim.fence,
        "body": body,
    }
    await tx.run(insert(journal_entry).values(**entry))


async def guard(tx: Transaction, claim: Claim) -> Row:
    """Check that *claim* still holds its clip, and extend its lease; return the clip's row (empty without a clip).

    Raises:
        LeaseLost: another runner has taken the clip over.
    """
    if claim.clip_id is None:
        return {}
    row = await tx.locked(select(clip).where(clip.c.id == claim.clip_id))
    if row is None or (row["owner"], row["fence"]) != (claim.owner, claim.fence):
        raise LeaseLost(
            f"Clip {claim.clip_id} was taken over by {row['owner'] if row else 'nobody'}.",
            hint="Nothing is written here any more; the other runner goes on with it.",
        )
    await tx.run(update(clip).where(clip.c.id == claim.clip_id).values(lease_until=tx.now + LEASE))
    return row


async def ensure_account(tx: Transaction, engine: str, name: str) -> str:
    """Make the account's row if it is not there; return its id."""
    account_id = f"{engine}:{name}"
    values = {"id": account_id, "engine": engine, "name": name, "created_at": tx.now}
    await tx.insert_once(account, values)
    return account_id
