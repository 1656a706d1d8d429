"""From a prompt's intent to what came of it: sent at most once, then read back, whoever asked for it.

Whatever happens after the first byte (the stream breaks, the process is killed, the service answers with an error in
the middle), the state is read, never the prompt sent again; only when it is as before 15 minutes after the send, the
purchase is released. Who may buy again then, and how often, is the asker's matter.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from nightreel.clips.buying import at_work, priced, was_charged
from nightreel.clips.evidence import Verdict, before, compare
from nightreel.clips.prepare import NOT_SENT, UNKNOWN
from nightreel.clips.work import Tools, looked, stop_spending
from nightreel.errors import (
    AgentFailed,
    CreditsExhausted,
    NeedsPerson,
    NightreelError,
    ServiceError,
    SessionNotFound,
)
from nightreel.ledger.purchases import Intent
from nightreel.ledger.records import Claim, PurchaseRecord, PurchaseStatus, SessionRecord
from nightreel.nemo import Reply, wire
from nightreel.nemo.stream import OnEvent

_HINT = "See `nightreel reconcile`: it shows the evidence and takes your decision."

_LOOKS = 2
"""Looks at a state that is as before, after which an answer that somebody reads counts as having changed nothing."""


@dataclass(frozen=True)
class Asker:
    """Who has sent a prompt.

    Attributes:
        name: what people call the clip or the talk.
        claim: whose purchases these are.
        tell: told in a few words what is waited for.
        reads: somebody reads the answer: one that changed nothing ends the prompt, without fifteen minutes' wait.
    """

    name: str
    claim: Claim
    tell: Callable[[str], None]
    reads: bool = False


async def intend(
    asker: Asker, tools: Tools, session: SessionRecord, prompt: str, state: wire.State
) -> PurchaseRecord:
    """Write down that *prompt* is about to be sent, and reserve its price; *state* is the session's before it.

    Raises:
        BudgetExceeded, CreditsExhausted: nothing (more) may be spent.
        RunStopped: somebody asked to stop.
    """
    kind, price = await priced(tools, session)
    seen = await tools.ledger.credits.observe(
        tools.account_id, tools.nemo.credits, run_id=asker.claim.run_id, needed=price
    )
    if seen.balance.available <= 0 < price:
        raise CreditsExhausted("The account has no credits left.", hint=tools.nemo.top_up, code=2001)
    tools.stopping.check()
    intent = Intent(session.id, kind, prompt, price, before(state, seen.balance))
    return await tools.ledger.purchases.intend(asker.claim, intent)


async def carry_out(
    asker: Asker, tools: Tools, purchase: PurchaseRecord, remote_id: str, on_event: OnEvent
) -> PurchaseRecord:
    """Send an intended prompt, once, and return what came of it.

    Raises:
        NeedsPerson: what came of it cannot be read.
        ServiceError: the service said no; credits are released unless it took them.
    """
    started = tools.clock.monotonic()
    purchases, claim = tools.ledger.purchases, asker.claim
    try:
        reply = await tools.nemo.send(remote_id, purchase.prompt, on_event, before=tools.stopping.check)
    except NOT_SENT as error:
        await purchases.not_made(claim, purchase.id, PurchaseStatus.UNSENT, error.message)
        raise
    except UNKNOWN as error:
        purchase = await purchases.unknown(claim, purchase.id, error.message)
        return await resolve(asker, tools, purchase, started, wait=tools.patience.look)
    except SessionNotFound as error:
        raise await _ask_person(asker, tools, purchase, error.message) from error
    except asyncio.CancelledError:
        with suppress(NightreelError):  # then the intent stands, which says as much
            await purchases.unknown(claim, purchase.id, "the run was stopped while the prompt was under way")
        raise
    except (AgentFailed, CreditsExhausted) as error:
        return await _failed(asker, tools, purchase, started, error)
    except ServiceError as error:
        await purchases.not_made(claim, purchase.id, PurchaseStatus.FAILED, error.message)
        raise
    if asker.reads and (ended := await _answered(asker, tools, purchase, reply)):
        return ended
    return await resolve(asker, tools, purchase, started, reply=reply.text)


async def resolve(
    asker: Asker,
    tools: Tools,
    purchase: PurchaseRecord,
    started: float,
    *,
    wait: float = 0.0,
    reply: str = "",
) -> PurchaseRecord:
    """Read the state until it tells what came of *purchase*; *started* is the send on the monotonic clock.

    Raises:
        NeedsPerson: it cannot be read.
    """
    if purchase.status is PurchaseStatus.PERSON:
        raise NeedsPerson(f"{asker.name}: {purchase.note}", hint=_HINT)
    patience, clock = tools.patience, tools.clock
    while True:
        if wait:
            asker.tell("reading what came of the prompt")
            await tools.stopping.unless(clock.sleep(wait))
            await tools.ledger.claims.extend(asker.claim)
        elapsed = clock.monotonic() - started
        late = elapsed >= patience.not_made + patience.give_up
        verdict, state = await _look(asker, tools, purchase, last=late)
        if verdict is Verdict.MADE and state is not None:
            return await tools.ledger.purchases.done(asker.claim, purchase.id, state.draft, reply=reply)
        if state is not None and elapsed >= patience.not_made and (late or not await at_work(tools, purchase)):
            return await _conclude(asker, tools, purchase, verdict)
        if purchase.status is PurchaseStatus.INTENT:
            purchase = await tools.ledger.purchases.unknown(
                asker.claim, purchase.id, "the state does not show it yet"
            )
        wait = patience.look_again if wait else patience.look


async def _answered(asker: Asker, tools: Tools, purchase: PurchaseRecord, reply: Reply) -> PurchaseRecord | None:
    """End a prompt that was answered and changed nothing; None if it changed something, or may yet."""
    for look in range(_LOOKS):
        if look:
            await tools.stopping.unless(tools.clock.sleep(tools.patience.stage_poll))
        verdict, _ = await _look(asker, tools, purchase)
        if verdict is not Verdict.AS_BEFORE or await at_work(tools, purchase):
            return None
    took = await was_charged(tools, purchase) is not False  # what cannot be told counts as spent
    why = "it was answered, and changed nothing"
    return await tools.ledger.purchases.not_made(
        asker.claim, purchase.id, PurchaseStatus.NOT_MADE, why, charged=took, reply=reply.text
    )


async def _failed(
    asker: Asker, tools: Tools, purchase: PurchaseRecord, started: float, error: AgentFailed | CreditsExhausted
) -> PurchaseRecord:
    """After an error that may have come in the middle of the work: what is there, and was it charged?"""
    if empty := isinstance(error, CreditsExhausted):
        await stop_spending(tools, error, purchase.before.get("available"))
    verdict, _ = await _look(asker, tools, purchase)
    if verdict is Verdict.AS_BEFORE:
        took = False if empty else await was_charged(tools, purchase)
        if took is not None:
            status = PurchaseStatus.FAILED
            await tools.ledger.purchases.not_made(asker.claim, purchase.id, status, error.message, charged=took)
            raise error
    purchase = await tools.ledger.purchases.unknown(asker.claim, purchase.id, error.message)
    return await resolve(asker, tools, purchase, started)


async def _look(
    asker: Asker, tools: Tools, purchase: PurchaseRecord, *, last: bool = False
) -> tuple[Verdict, wire.State | None]:
    """Compare the state with the one before; what cannot be read is unclear (raised, when it is the *last* try)."""
    session = await tools.ledger.sessions.get(purchase.session_id)
    try:
        state = await looked(tools.nemo.state(session.remote_id or ""), last=last)
    except SessionNotFound as error:
        raise await _ask_person(asker, tools, purchase, f"the session is gone: {error.message}") from error
    return (compare(purchase.before, state) if state else Verdict.UNCLEAR), state


async def _conclude(asker: Asker, tools: Tools, purchase: PurchaseRecord, verdict: Verdict) -> PurchaseRecord:
    """Fifteen minutes after the send: not made, when the state is as before; the second time a person is asked."""
    if verdict is not Verdict.AS_BEFORE:
        raise await _ask_person(asker, tools, purchase, "the state changed, but shows no timeline")
    if await at_work(tools, purchase):
        raise await _ask_person(asker, tools, purchase, "the state is as before, and credits are still held for it")
    if not asker.reads and await _left_no_trace_before(tools, purchase):
        raise await _ask_person(asker, tools, purchase, "a second prompt in a row left no trace")
    why = "the state is as before, 15 minutes after the send"
    return await tools.ledger.purchases.not_made(asker.claim, purchase.id, PurchaseStatus.NOT_MADE, why)


async def _left_no_trace_before(tools: Tools, purchase: PurchaseRecord) -> bool:
    earlier = await tools.ledger.purchases.of(clip_id=purchase.clip_id or "", session_id=purchase.session_id)
    return any(one.status is PurchaseStatus.NOT_MADE and not one.by_person for one in earlier)


async def _ask_person(asker: Asker, tools: Tools, purchase: PurchaseRecord, why: str) -> NeedsPerson:
    await tools.ledger.purchases.person(asker.claim, purchase.id, why)
    return NeedsPerson(f"{asker.name}: what came of the prompt cannot be read: {why}.", hint=_HINT)
