"""A person's decision: about a prompt of which nothing tells what came, or a clip that cannot be gone on with."""

from typing import Any

from nightreel.clips.findings import gather
from nightreel.clips.work import Tools
from nightreel.errors import ConfigurationError, SessionNotFound
from nightreel.ledger.records import Claim, ClipRecord, ClipStatus, PurchaseRecord, PurchaseStatus

GIVEN_UP = "a person gave it up"


async def decide(purchase_id: str, tools: Tools, *, made: bool) -> PurchaseRecord:
    """Record what a person found out about a prompt; the next run goes on with its clip.

    If it was made, its credits are settled and the draft is read once more; else they are released, and the next run
    buys it again.

    Raises:
        ConfigurationError: no such prompt waits for a person.
        ClipClaimed: a runner is at work on its clip.
    """
    bought = await _waiting(purchase_id, tools)
    draft = await _draft(bought, tools) if made else {}
    claim = await _claim(bought, tools)
    try:
        if made:
            return await tools.ledger.purchases.done(claim, bought.id, draft, by_person=True)
        return await tools.ledger.purchases.not_made(
            claim, bought.id, PurchaseStatus.NOT_MADE, "a person found that it was not made", by_person=True
        )
    finally:
        await tools.ledger.claims.release(claim)


async def give_up(purchase_id: str, tools: Tools) -> PurchaseRecord:
    """Record that a person wants the prompt's clip no more: no run makes it, unless it is remade.

    Its credits count as spent unless the balance says that they were not taken.

    Raises:
        ConfigurationError: no such prompt waits for a person.
        ClipClaimed: a runner is at work on its clip.
    """
    bought = await _waiting(purchase_id, tools)
    took = (await gather(bought, tools)).charged is not False
    claim = await _claim(bought, tools)
    try:
        ended = await tools.ledger.purchases.not_made(
            claim, bought.id, PurchaseStatus.FAILED, GIVEN_UP, charged=took, by_person=True
        )
        if claim.clip_id is not None:
            await _drop(claim, bought.clip_id or "", tools)
        return ended
    finally:
        await tools.ledger.claims.release(claim)


async def stranded(tools: Tools) -> list[ClipRecord]:
    """Return the clips that wait for a person although what came of each of their prompts is known."""
    known = await tools.ledger.journal.clips(tools.engine, tools.account)
    open_ = {bought.clip_id for bought in await tools.ledger.purchases.open(tools.account_id)}
    newest = {clip.key: clip for clip in known}
    return [clip for clip in newest.values() if clip.status is ClipStatus.PERSON and clip.id not in open_]


async def give_up_clip(clip_id: str, tools: Tools) -> None:
    """Record that a person wants a stranded clip no more.

    Raises:
        ClipClaimed: a runner is at work on it.
    """
    claim = await tools.ledger.claims.hold(clip_id)
    try:
        await _drop(claim, clip_id, tools)
    finally:
        await tools.ledger.claims.release(claim)


async def _drop(claim: Claim, clip_id: str, tools: Tools) -> None:
    clip = await tools.ledger.journal.clip(clip_id)
    hint = f"To buy it again: nightreel run --remake {clip.product}"
    await tools.ledger.journal.given_up(claim, GIVEN_UP, hint)


async def _waiting(purchase_id: str, tools: Tools) -> PurchaseRecord:
    waiting = {bought.id: bought for bought in await tools.ledger.purchases.open(tools.account_id)}
    bought = waiting.get(purchase_id)
    if bought is None:
        raise ConfigurationError(f"No open prompt is called {purchase_id}.", hint="`nightreel reconcile` lists them.")
    if bought.status is not PurchaseStatus.PERSON:
        raise ConfigurationError(
            f"What came of {purchase_id} can still be looked up.",
            hint="`nightreel run` does; decide if it asks you to.",
        )
    return bought


async def _claim(bought: PurchaseRecord, tools: Tools) -> Claim:
    if bought.clip_id is not None:
        return await tools.ledger.claims.hold(bought.clip_id)
    return await tools.ledger.claims.talk(tools.engine, tools.account, bought.run_id)


async def _draft(bought: PurchaseRecord, tools: Tools) -> dict[str, Any]:
    """Return the session's draft; an empty one where the session is gone: verification says what to do then."""
    session = await tools.ledger.sessions.get(bought.session_id)
    try:
        return (await tools.nemo.state(session.remote_id or "")).draft
    except SessionNotFound:
        return {}
