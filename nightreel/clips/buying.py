"""What every purchase asks: what it costs, whether it was charged, whether the service is still at it."""

import shutil

from nightreel.clips.evidence import charged
from nightreel.clips.work import Tools, looked
from nightreel.errors import DiskFull
from nightreel.ledger.records import PurchaseRecord, PurchaseStatus, SessionRecord

MIN_FREE = 64 * 1024 * 1024
"""Bytes that must be free where videos are kept before anything is bought."""


async def was_charged(tools: Tools, purchase: PurchaseRecord) -> bool | None:
    """Whether the balance says that a prompt which failed was charged; None where it cannot be told."""
    now = await tools.nemo.credits()
    fell = int(purchase.before.get("balance", 0)) - (now.available + now.held)
    return charged(fell, purchase.credits, await tools.ledger.purchases.others(purchase))


async def at_work(tools: Tools, purchase: PurchaseRecord) -> bool:
    """Whether the service holds credits that no other prompt of ours explains: then it may yet carry this one out."""
    balance = await looked(tools.nemo.credits(), last=False)
    others = await tools.ledger.purchases.open(tools.account_id)
    return balance is None or balance.held > sum(one.credits for one in others if one.id != purchase.id)


async def priced(tools: Tools, session: SessionRecord) -> tuple[str, int]:
    """Return what the session's next prompt is, `first_cut` or `edit`, and its price in credits."""
    done = await tools.ledger.purchases.of(session_id=session.id)
    if any(one.status is PurchaseStatus.DONE for one in done):
        return "edit", tools.tariff.edit
    return "first_cut", tools.tariff.first_cut


def since(tools: Tools, purchase: PurchaseRecord) -> float:
    """Return the seconds since a send of an earlier process: by the wall clock, there is no other.

    It may have jumped: more than what "not made" takes is not believed, and what comes after is waited for here.
    """
    return min(max(0.0, (tools.clock.now() - purchase.sent_at).total_seconds()), tools.patience.not_made)


def require_space(tools: Tools) -> None:
    """See that there is room for a video.

    Raises:
        DiskFull: there is none.
    """
    tools.masters.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(tools.masters).free
    if free < MIN_FREE:
        raise DiskFull(f"{tools.masters} has {free // 2**20} MB left.", hint="Make room and run again.")
