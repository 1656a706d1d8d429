"""The paid step: one prompt, sent at most once for one purchase, and read back.

The purchase and its reservation are committed before the first byte. Whatever happens then (the stream breaks, the
process is killed, the service answers with an error in the middle), the state is read, never the prompt sent again;
only when it is as before 15 minutes after the send, the purchase is released and a new one is made, once. A second
time a person decides.
"""

import asyncio
from contextlib import suppress
from functools import partial

from nightreel.clips.buying import at_work, priced, require_space, since, was_charged
from nightreel.clips.evidence import Verdict, before, compare
from nightreel.clips.prepare import NOT_SENT, UNKNOWN, opened, uploaded
from nightreel.clips.work import Job, Tools, bought, looked, report, step, stop_spending
from nightreel.errors import (
    AgentFailed,
    CreditsExhausted,
    NeedsPerson,
    NightreelError,
    ServiceError,
    SessionNotFound,
)
from nightreel.ledger.purchases import Intent
from nightreel.ledger.records import PurchaseRecord, PurchaseStatus, SessionRecord
from nightreel.models import Step, Timeline
from nightreel.nemo import AgentEvent, EventKind, summarise, wire

_HINT = "See `nightreel reconcile`: it shows the evidence and takes your decision."


@step(Step.GENERATE)
async def generate(job: Job, tools: Tools) -> Timeline:
    """Have the service make the clip's timeline; return it as read back from the state.

    Safe to run again at any time: what was sent is in the journal, what came of it is looked up.

    Raises:
        BudgetExceeded, CreditsExhausted: nothing (more) may be spent.
        NeedsPerson: what came of the prompt cannot be read.
        AgentFailed, RequestRefused…: the service said no; credits are released unless it took them.
    """
    while True:
        last = await bought(job, tools)
        if last is None or last.status in {PurchaseStatus.FAILED, PurchaseStatus.UNSENT, PurchaseStatus.NOT_MADE}:
            await _refuse_to_pay_again(job, tools)
            last = await _buy(job, tools)
        elif last.status.open:
            last = await _resolve(job, tools, last, tools.clock.monotonic() - since(tools, last))
        if last.status is PurchaseStatus.DONE:
            return summarise(wire.State(draft=last.draft or {}))


async def _refuse_to_pay_again(job: Job, tools: Tools) -> None:
    """See that no earlier prompt of the clip was charged, though nothing came of it: the next might fare alike."""
    if spent := await tools.ledger.journal.spent_on(job.clip_id):
        raise NeedsPerson(
            f"{job.clip.name}: {spent} credits were taken, and nothing came of it.",
            hint="To buy it again, use --remake.",
        )


async def _buy(job: Job, tools: Tools) -> PurchaseRecord:
    """Intend, send, and tell what came of it."""
    require_space(tools)
    session, state = await _before(job, tools)
    kind, price = await priced(tools, session)
    ledger = tools.ledger
    seen = await ledger.credits.observe(tools.account_id, tools.nemo.credits, run_id=job.claim.run_id, needed=price)
    if seen.balance.available <= 0 < price:
        raise CreditsExhausted("The account has no credits left.", hint=tools.nemo.top_up, code=2001)
    intent = Intent(session.id, kind, job.clip.prompt, price, before(state, seen.balance))
    tools.stopping.check()
    tools.exports.check()
    purchase = await ledger.purchases.intend(job.claim, intent)
    return await _send(job, tools, purchase, session.remote_id or "")


async def _send(job: Job, tools: Tools, purchase: PurchaseRecord, remote_id: str) -> PurchaseRecord:
    started = tools.clock.monotonic()
    purchases = tools.ledger.purchases

    try:
        reply = await tools.nemo.send(
            remote_id, purchase.prompt, partial(_tell, job, tools), before=tools.stopping.check
        )
    except NOT_SENT as error:
        await purchases.not_made(job.claim, purchase.id, PurchaseStatus.UNSENT, error.message)
        raise
    except UNKNOWN as error:
        purchase = await purchases.unknown(job.claim, purchase.id, error.message)
        return await _resolve(job, tools, purchase, started, wait=tools.patience.look)
    except SessionNotFound as error:
        raise await _ask_person(job, tools, purchase, error.message) from error
    except asyncio.CancelledError:
        with suppress(NightreelError):  # then the intent stands, which says as much
            await purchases.unknown(job.claim, purchase.id, "the run was stopped while the prompt was under way")
        raise
    except (AgentFailed, CreditsExhausted) as error:
        return await _failed(job, tools, purchase, started, error)
    except ServiceError as error:
        await purchases.not_made(job.claim, purchase.id, PurchaseStatus.FAILED, error.message)
        raise
    return await _resolve(job, tools, purchase, started, reply=reply.text)


def _tell(job: Job, tools: Tools, event: AgentEvent) -> None:
    """Tell whoever watches what the agent does; a ping alone is no news."""
    if event.kind is EventKind.WAITING:
        report(job, tools, Step.GENERATE, note=event.text)
    elif event.kind is not EventKind.HEARTBEAT:
        report(job, tools, Step.GENERATE, note=event.name.replace("_", " ") or "the editor is at work")


async def _failed(
    job: Job, tools: Tools, purchase: PurchaseRecord, started: float, error: AgentFailed | CreditsExhausted
) -> PurchaseRecord:
    """After an error that may have come in the middle of the work: what is there, and was it charged?"""
    if empty := isinstance(error, CreditsExhausted):
        await stop_spending(tools, error, purchase.before.get("available"))
    verdict, _ = await _look(job, tools, purchase)
    if verdict is Verdict.AS_BEFORE:
        took = False if empty else await was_charged(tools, purchase)
        if took is not None:
            status = PurchaseStatus.FAILED
            await tools.ledger.purchases.not_made(job.claim, purchase.id, status, error.message, charged=took)
            raise error
    purchase = await tools.ledger.purchases.unknown(job.claim, purchase.id, error.message)
    return await _resolve(job, tools, purchase, started)


async def _resolve(
    job: Job,
    tools: Tools,
    purchase: PurchaseRecord,
    started: float,
    *,
    wait: float = 0.0,
    reply: str = "",
) -> PurchaseRecord:
    """Read the state until it tells what came of *purchase*; *started* is the send on the monotonic clock."""
    if purchase.status is PurchaseStatus.PERSON:
        raise NeedsPerson(f"{job.clip.name}: {purchase.note}", hint=_HINT)
    patience, clock = tools.patience, tools.clock
    while True:
        if wait:
            report(job, tools, Step.GENERATE, note="reading what came of the prompt")
            await tools.stopping.unless(clock.sleep(wait))
            await tools.ledger.claims.extend(job.claim)
        elapsed = clock.monotonic() - started
        late = elapsed >= patience.not_made + patience.give_up
        verdict, state = await _look(job, tools, purchase, last=late)
        if verdict is Verdict.MADE and state is not None:
            return await tools.ledger.purchases.done(job.claim, purchase.id, state.draft, reply=reply)
        if state is not None and elapsed >= patience.not_made and (late or not await at_work(tools, purchase)):
            return await _conclude(job, tools, purchase, verdict)
        if purchase.status is PurchaseStatus.INTENT:
            purchase = await tools.ledger.purchases.unknown(job.claim, purchase.id, "the state does not show it yet")
        wait = patience.look_again if wait else patience.look


async def _look(
    job: Job, tools: Tools, purchase: PurchaseRecord, *, last: bool = False
) -> tuple[Verdict, wire.State | None]:
    """Compare the state with the one before; what cannot be read is unclear (raised, when it is the *last* try)."""
    session = await tools.ledger.sessions.get(purchase.session_id)
    try:
        state = await looked(tools.nemo.state(session.remote_id or ""), last=last)
    except SessionNotFound as error:
        raise await _ask_person(job, tools, purchase, f"the session is gone: {error.message}") from error
    return (compare(purchase.before, state) if state else Verdict.UNCLEAR), state


async def _conclude(job: Job, tools: Tools, purchase: PurchaseRecord, verdict: Verdict) -> PurchaseRecord:
    """Fifteen minutes after the send: not made, when the state is as before; the second time a person is asked."""
    if verdict is not Verdict.AS_BEFORE:
        raise await _ask_person(job, tools, purchase, "the state changed, but shows no timeline")
    if await at_work(tools, purchase):
        raise await _ask_person(job, tools, purchase, "the state is as before, and credits are still held for it")
    earlier = await tools.ledger.purchases.of(clip_id=job.clip_id)
    if any(one.status is PurchaseStatus.NOT_MADE and not one.by_person for one in earlier):
        raise await _ask_person(job, tools, purchase, "a second prompt in a row left no trace")
    why = "the state is as before, 15 minutes after the send"
    return await tools.ledger.purchases.not_made(job.claim, purchase.id, PurchaseStatus.NOT_MADE, why)


async def _ask_person(job: Job, tools: Tools, purchase: PurchaseRecord, why: str) -> NeedsPerson:
    await tools.ledger.purchases.person(job.claim, purchase.id, why)
    return NeedsPerson(f"{job.clip.name}: what came of the prompt cannot be read: {why}.", hint=_HINT)


async def _before(job: Job, tools: Tools) -> tuple[SessionRecord, wire.State]:
    """Return the session with its photos, and its state; one that is gone is replaced: nothing was bought in it."""
    await uploaded(job, tools)
    session = await opened(job, tools)
    try:
        return session, await tools.nemo.state(session.remote_id or "")
    except SessionNotFound as error:
        await tools.ledger.sessions.leave(job.claim, session.id, error.message, gone=True)
    await uploaded(job, tools)
    session = await opened(job, tools)
    return session, await tools.nemo.state(session.remote_id or "")
