"""A review is carried out: what was approved is marked, what shall be different is bought, what was rejected goes.

Each decision is a deed of the journal: carried out once, whoever applies it how often; one that broke off goes on.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from nightreel import clips
from nightreel.clips import Job, Order, places_of
from nightreel.clips.change import change, last_purchase
from nightreel.clips.files import all_names, plain_errors
from nightreel.errors import ConfigurationError, DraftRejected, NightreelError, RunStopped
from nightreel.ledger.deeds import Deed
from nightreel.ledger.records import ClipRecord
from nightreel.ledger.records import ClipStatus as Standing
from nightreel.models import Clip, Delivery, Request
from nightreel.nights.concluding import REJECTED, Applied, Known, Outcome, conclude
from nightreel.nights.planning import STOPS, plan_night
from nightreel.reviews import Decision, ReviewFile
from nightreel.runtime import Runtime
from nightreel.sources import place_of


async def apply(
    review: ReviewFile, runtime: Runtime, *, budget: int | None = None, told: Callable[[Applied], None] | None = None
) -> Outcome:
    """Carry out *review*; applied again, it changes nothing, buys nothing and sends nothing.

    Args:
        review: as the page saved it.
        runtime: the process's.
        budget: credits that its changes may cost; None means no limit.
        told: told of each decision when it is carried out.

    Raises:
        ConfigurationError: the journal does not know the night, or its catalog cannot be read.
    """
    request = await _request(review, runtime)
    night = await plan_night(request, runtime)
    planned = {item.clip.key: item.clip for item in night.plan.items if item.clip is not None}
    known = await _known(planned, runtime)
    applied: list[Applied] = []
    waiting: list[Decision] = []
    for decision in review.decisions:
        if settled := _settled(decision, known):
            applied.append(settled)
        else:
            waiting.append(decision)
    order = Order(run_id=review.run_id, out=request.out.absolute())
    if waiting:
        order = await _begun(request, review, runtime, budget)
        applied += await _carried_out(waiting, known, order, runtime, told or _silent)
        await runtime.ledger.journal.end_run(order.run_id, "made")
    return await conclude(tuple(applied), await _known(planned, runtime), request, order, runtime)


async def _request(review: ReviewFile, runtime: Runtime) -> Request:
    run = await runtime.ledger.journal.run(review.run_id)
    if run is None or run.account_id != runtime.tools.account_id:
        raise ConfigurationError(
            f"The journal of {runtime.tools.account_id} knows no run {review.run_id}.",
            hint="Apply it where the night ran, with the same NIGHTREEL_HOME and --engine.",
        )
    return Request.model_validate(run.options).model_copy(update={"remake": (), "out": Path(run.out)})


async def _known(planned: Mapping[str, Clip], runtime: Runtime) -> Known:
    tools = runtime.tools
    records = {one.key: one for one in await runtime.ledger.journal.clips(tools.engine, tools.account)}
    return Known(planned, records, await runtime.ledger.deeds.of(tools.account_id, "review"))


def _settled(decision: Decision, known: Known) -> Applied | None:
    """Say of a decision that needs nothing more why; None for one that is to be carried out."""
    deed, record = known.deeds.get(decision.id), known.records.get(decision.key)
    if deed is not None and deed.done:
        return Applied(name=decision.name, came="done before")
    if record is None or decision.key not in known.clips:
        return _left(decision, "The catalog does not ask for this video any more.")
    if deed is None and record.master_sha256 != decision.sha256:
        return _left(decision, "The video is another by now; look at it again.")
    return None


def _left(decision: Decision, why: str) -> Applied:
    return Applied(name=decision.name, came="left", why=why, exit_code=1)


async def _begun(request: Request, review: ReviewFile, runtime: Runtime, budget: int | None) -> Order:
    settings, tools = runtime.settings, runtime.tools
    run_id = await runtime.ledger.journal.begin_run(
        tools.engine,
        tools.account,
        source=place_of(request.source),
        out=str(request.out),
        options={**request.model_dump(mode="json"), "review_of": review.run_id},
        budget=budget,
        budget_per_day=settings.budget_per_day,
        budget_in_all=settings.budget,
    )
    return Order(run_id=run_id, out=request.out.absolute(), budget=budget)


# ------------------------------------------------------------------------------- decisions


async def _carried_out(
    waiting: Sequence[Decision], known: Known, order: Order, runtime: Runtime, told: Callable[[Applied], None]
) -> list[Applied]:
    """Carry out the decisions, a few at once; after an error that the next would meet as well, none is begun."""
    turn = asyncio.Semaphore(runtime.settings.clips_at_once)
    stop = asyncio.Event()

    async def one(decision: Decision) -> Applied:
        async with turn:
            if stop.is_set() or runtime.tools.stopping.asked:
                return _left(decision, "It was not begun; apply the review again.")
            try:
                done = await _DO[decision.verdict](decision, known, order, runtime)
            except NightreelError as error:
                if isinstance(error, (*STOPS, RunStopped)):
                    stop.set()
                done = Applied(name=decision.name, came="failed", why=str(error), exit_code=error.exit_code)
            told(done)
            return done

    return list(await asyncio.gather(*(one(decision) for decision in waiting)))


async def _approve(decision: Decision, known: Known, order: Order, runtime: Runtime) -> Applied:
    """Mark a video; one that was rejected before is delivered again, which costs nothing."""
    record = known.records[decision.key]
    deed = await _deed(decision, record, known, order, runtime)
    if record.status is Standing.GIVEN_UP:
        await clips.make(known.clips[decision.key], order, runtime.tools)
    await runtime.ledger.deeds.end(deed, runtime.tools.account_id, order.run_id)
    return Applied(name=decision.name, came="approved")


async def _reject(decision: Decision, known: Known, order: Order, runtime: Runtime) -> Applied:
    """Give a clip up, and take its files away; only a remake, or an approval of the same video, brings it back."""
    clip, record, tools = known.clips[decision.key], known.records[decision.key], runtime.tools
    deed = await _deed(decision, record, known, order, runtime)
    claim = await tools.ledger.claims.hold(record.id)
    try:
        hint = f"To buy it again: nightreel run --remake {clip.product}"
        await tools.ledger.journal.given_up(claim, REJECTED, hint)
    finally:
        await tools.ledger.claims.release(claim)
    with plain_errors(order.out):
        await asyncio.to_thread(_remove, clip, order.out)
    await tools.ledger.deeds.end(deed, tools.account_id, order.run_id)
    return Applied(name=decision.name, came="rejected")


async def _change(decision: Decision, known: Known, order: Order, runtime: Runtime) -> Applied:
    """Have a clip changed: one purchase, then the new video in the old one's place."""
    tools = runtime.tools
    job = await clips.claim(known.clips[decision.key], order, tools)

    async def steps(job: Job) -> Delivery:
        deed = await _deed(decision, known.records[decision.key], known, order, runtime, job)
        try:
            delivery = await change(job, tools, decision.text.strip(), str(deed.body["after"]))
        except DraftRejected:  # it was answered, and paid for: the same words would be again
            await tools.ledger.deeds.end(deed, tools.account_id, order.run_id)
            raise
        await tools.ledger.deeds.end(deed, tools.account_id, order.run_id, result=delivery.sha256)
        return delivery

    try:
        await steps(job)
    except NightreelError as error:
        await clips.fail(job, error, tools)
        raise
    except BaseException:
        await clips.give_back(job, tools)
        raise
    costs = await tools.ledger.credits.spent_by_clip(order.run_id)
    return Applied(name=decision.name, came="changed", credits=costs.get(job.clip_id, 0))


_DO: Mapping[str, Callable[[Decision, Known, Order, Runtime], Awaitable[Applied]]] = {
    "approve": _approve,
    "change": _change,
    "reject": _reject,
}


async def _deed(
    decision: Decision, record: ClipRecord, known: Known, order: Order, runtime: Runtime, job: Job | None = None
) -> Deed:
    """Return the decision's deed: the one that was begun, or a new one, begun now."""
    if (begun := known.deeds.get(decision.id)) is not None:
        return begun
    body = {"verdict": decision.verdict, "sha256": decision.sha256, "text": decision.text}
    if job is not None:
        body["after"] = await last_purchase(job, runtime.tools)
    deed = Deed(id=decision.id, kind="review", clip_id=record.id, body=body)
    await runtime.ledger.deeds.begin(deed, runtime.tools.account_id, order.run_id)
    return deed


def _remove(clip: Clip, out: Path) -> None:
    for path in all_names(places_of(clip, out)):
        path.unlink(missing_ok=True)


def _silent(_applied: Applied) -> None:
    return
