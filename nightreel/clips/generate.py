"""The paid step: one prompt, sent at most once for one purchase, and read back.

The purchase and its reservation are committed before the first byte. Whatever happens then (the stream breaks, the
process is killed, the service answers with an error in the middle), the state is read, never the prompt sent again;
only when it is as before 15 minutes after the send, the purchase is released and a new one is made, once. A second
time a person decides.
"""

from functools import partial

from nightreel.clips.buying import require_space, since
from nightreel.clips.outcome import Asker, carry_out, intend, resolve
from nightreel.clips.prepare import opened, uploaded
from nightreel.clips.work import Job, Tools, bought, report, step
from nightreel.errors import NeedsPerson, SessionNotFound
from nightreel.ledger.records import PurchaseRecord, PurchaseStatus, SessionRecord
from nightreel.models import Step, Timeline
from nightreel.nemo import AgentEvent, EventKind, summarise, wire


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
            last = await resolve(_asker(job, tools), tools, last, tools.clock.monotonic() - since(tools, last))
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
    tools.exports.check()
    asker = _asker(job, tools)
    purchase = await intend(asker, tools, session, job.clip.prompt, state)
    return await carry_out(asker, tools, purchase, session.remote_id or "", partial(_tell, job, tools))


def _asker(job: Job, tools: Tools) -> Asker:
    return Asker(job.clip.name, job.claim, lambda words: report(job, tools, Step.GENERATE, note=words))


def _tell(job: Job, tools: Tools, event: AgentEvent) -> None:
    """Tell whoever watches what the agent does; a ping alone is no news."""
    if event.kind is EventKind.WAITING:
        report(job, tools, Step.GENERATE, note=event.text)
    elif event.kind is not EventKind.HEARTBEAT:
        report(job, tools, Step.GENERATE, note=event.name.replace("_", " ") or "the editor is at work")


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
