"""Verification: the state shows what was asked for, its second stage too."""

from nightreel.clips.verdict import Judgement, judge
from nightreel.clips.work import EDIT, Job, Tools, bought, looked, report, step
from nightreel.errors import DraftRejected, LedgerError, NeedsPerson, SessionNotFound
from nightreel.ledger.records import PurchaseRecord, PurchaseStatus
from nightreel.models import Engine, Step, Timeline
from nightreel.nemo import summarise, wire

_UNREAD = Judgement(faults=("an answer to the question what it shows",))


@step(Step.VERIFY)
async def verify(job: Job, tools: Tools) -> Timeline:
    """Read the session's state until it shows what was asked for; keep that draft for the export.

    Music and title come by themselves, shortly after the cut; they are waited for. On the cloud what has not come by
    then is a warning (only documented names count), and what no waiting brings, as a photo that was left out, is one
    at once; the studio is held to everything.

    Raises:
        DraftRejected: the draft is not what was asked for.
    """
    purchase = await made(job, tools)
    if purchase.verified:
        return summarise(wire.State(draft=purchase.draft or {}))
    if purchase.kind == EDIT:  # whoever asked for the change saw what there was; the brief does not bind it
        state = await _state(job, tools, purchase)
        await tools.ledger.journal.recut(job.claim)
        await tools.ledger.purchases.verified(job.claim, purchase.id, state.draft)
        return summarise(state)
    deadline = tools.clock.monotonic() + tools.patience.stage_two
    while True:
        late = tools.clock.monotonic() >= deadline
        state = await looked(_state(job, tools, purchase), last=late)
        found = judge(state.draft, job.clip, strict=tools.engine is Engine.LOCAL) if state else _UNREAD
        if state and (not found.awaited or (late and not found.faults)):
            await tools.ledger.purchases.verified(job.claim, purchase.id, state.draft, found.warnings)
            return summarise(state)
        if late:
            raise _rejected(job, found)
        report(job, tools, Step.VERIFY, note="waiting for " + "; ".join(found.awaited))
        await tools.stopping.unless(tools.clock.sleep(tools.patience.stage_poll))


async def made(job: Job, tools: Tools) -> PurchaseRecord:
    """Return the clip's purchase that was carried out."""
    purchase = await bought(job, tools)
    if purchase is None or purchase.status is not PurchaseStatus.DONE:
        raise LedgerError(f"{job.clip.name} has no finished prompt.", hint="Generate it first.")
    return purchase


async def _state(job: Job, tools: Tools, purchase: PurchaseRecord) -> wire.State:
    session = await tools.ledger.sessions.get(purchase.session_id)
    try:
        return await tools.nemo.state(session.remote_id or "")
    except SessionNotFound as error:
        raise NeedsPerson(
            f"{job.clip.name} was paid for, and its session is gone.", hint="To buy it again, use --remake."
        ) from error


def _rejected(job: Job, found: Judgement) -> DraftRejected:
    return DraftRejected(
        f"{job.clip.name}: the draft is not what was asked for: {'; '.join(found.faults)}.",
        hint="Look at it in the editor, or have it made again with --remake.",
    )
