"""A person's decision about a prompt of which nothing tells what came."""

from typing import Any

from nightreel.clips.work import Tools
from nightreel.errors import ConfigurationError, SessionNotFound
from nightreel.ledger.records import PurchaseRecord, PurchaseStatus


async def decide(purchase_id: str, tools: Tools, *, made: bool) -> PurchaseRecord:
    """Record what a person found out about a prompt; the next run goes on with its clip.

    If it was made, its credits are settled and the draft is read once more; else they are released, and the next run
    may buy it again.

    Raises:
        ConfigurationError: no such prompt waits for a person.
        ClipClaimed: a runner is at work on its clip.
    """
    ledger = tools.ledger
    waiting = {bought.id: bought for bought in await ledger.purchases.open(tools.account_id)}
    bought = waiting.get(purchase_id)
    if bought is None:
        raise ConfigurationError(f"No open prompt is called {purchase_id}.", hint="`nightreel reconcile` lists them.")
    if bought.status is not PurchaseStatus.PERSON:
        raise ConfigurationError(
            f"What came of {purchase_id} can still be looked up.",
            hint="`nightreel run` does; decide if it asks you to.",
        )
    draft = await _draft(bought, tools) if made else {}
    claim = (
        await ledger.claims.hold(bought.clip_id)
        if bought.clip_id is not None
        else await ledger.claims.talk(tools.engine, tools.account, bought.run_id)
    )
    try:
        if made:
            return await ledger.purchases.done(claim, bought.id, draft, by_person=True)
        return await ledger.purchases.not_made(
            claim, bought.id, PurchaseStatus.NOT_MADE, "a person found that it was not made", by_person=True
        )
    finally:
        await ledger.claims.release(claim)


async def _draft(bought: PurchaseRecord, tools: Tools) -> dict[str, Any]:
    """Return the session's draft; an empty one where the session is gone: verification says what to do then."""
    session = await tools.ledger.sessions.get(bought.session_id)
    try:
        return (await tools.nemo.state(session.remote_id or "")).draft
    except SessionNotFound:
        return {}
