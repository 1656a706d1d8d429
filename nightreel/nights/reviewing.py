"""A review is carried out: what was approved is marked, what shall be different is bought, what was rejected goes.

Each decision is a deed of the journal: carried out once, whoever applies it how often; one that broke off goes on.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from nightreel import clips
from nightreel.clips import Job, Order, places_of
from nightreel.clips.change import change, last_purchase
from nightreel.clips.files import all_names, plain_errors
from nightreel.errors import ConfigurationError, DraftRejected, NightreelError, RunStopped
from nightreel.ledger.deeds import Deed
from nightreel.ledger.records import ClipRecord
from nightreel.ledger.records import ClipStatus as Standing
from nightreel.models import Clip, Delivery, Request, Value
from nightreel.nights.handing import Place, Ready, hand_over, put_into_feeds
from nightreel.nights.planning import STOPS, plan_night
from nightreel.nights.putting import outbox_of, put_report, put_results, take_back
from nightreel.nights.telling import delivery_of, reviewed
from nightreel.report import ClipReport, Review, RunReport, left_out, made, write_report
from nightreel.reviews import Decision, ReviewFile
from nightreel.runtime import Runtime

REJECTED = "Rejected in review."
MEANS = {"approve": Review.APPROVED, "change": Review.CHANGED, "reject": Review.REJECTED}

Came = Literal["approved", "changed", "rejected", "done before", "left", "failed"]


class Applied(Value):
    """What came of a decision.

    Attributes:
        name: the clip's.
        came: what became of it; *left* where the catalog or the video is another by now.
        why: of what was left or failed, as a sentence.
        exit_code: what it asks of the command's.
    """

    name: str
    came: Came
    why: str = ""
    credits: int = 0
    exit_code: int = 0


class Outcome(Value):
    """What came of a whole review; *notes* are of what was handed over or taken back."""

    applied: tuple[Applied, ...] = ()
    notes: tuple[str, ...] = ()
    failed: int = 0

    @property
    def exit_code(self) -> int:
        """The first that holds of 2, 3, 4 and 1, else 0."""
        codes = {one.exit_code for one in self.applied} | {self.failed}
        return next((code for code in (2, 3, 4, 1) if code in codes), 0)


class _Known(NamedTuple):
    """What decisions are held against: the catalog's clips, the journal's, and what was decided before."""

    clips: Mapping[str, Clip]
    records: Mapping[str, ClipRecord]
    deeds: Mapping[str, Deed]


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
    return await _end(tuple(applied), await _known(planned, runtime), request, order, runtime)


async def _request(review: ReviewFile, runtime: Runtime) -> Request:
    run = await runtime.ledger.journal.run(review.run_id)
    if run is None or run.account_id != runtime.tools.account_id:
        raise ConfigurationError(
            f"The journal of {runtime.tools.account_id} knows no run {review.run_id}.",
            hint="Apply it where the night ran, with the same NIGHTREEL_HOME and --engine.",
        )
    return Request.model_validate(run.options).model_copy(update={"remake": (), "out": Path(run.out)})


async def _known(planned: Mapping[str, Clip], runtime: Runtime) -> _Known:
    tools = runtime.tools
    records = {one.key: one for one in await runtime.ledger.journal.clips(tools.engine, tools.account)}
    return _Known(planned, records, await runtime.ledger.deeds.of(tools.account_id, "review"))


def _settled(decision: Decision, known: _Known) -> Applied | None:
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
        source=f"review of {review.run_id}",
        out=str(request.out),
        budget=budget,
        budget_per_day=settings.budget_per_day,
        budget_in_all=settings.budget,
    )
    return Order(run_id=run_id, out=request.out.absolute(), budget=budget)


# ------------------------------------------------------------------------------- decisions


async def _carried_out(
    waiting: Sequence[Decision], known: _Known, order: Order, runtime: Runtime, told: Callable[[Applied], None]
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


async def _approve(decision: Decision, known: _Known, order: Order, runtime: Runtime) -> Applied:
    """Mark a video; one that was rejected before is delivered again, which costs nothing."""
    record = known.records[decision.key]
    deed = await _deed(decision, record, known, order, runtime)
    if record.status is Standing.GIVEN_UP:
        await clips.make(known.clips[decision.key], order, runtime.tools)
    await runtime.ledger.deeds.end(deed, runtime.tools.account_id, order.run_id)
    return Applied(name=decision.name, came="approved")


async def _reject(decision: Decision, known: _Known, order: Order, runtime: Runtime) -> Applied:
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


async def _change(decision: Decision, known: _Known, order: Order, runtime: Runtime) -> Applied:
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


_DO: Mapping[str, Callable[[Decision, _Known, Order, Runtime], Awaitable[Applied]]] = {
    "approve": _approve,
    "change": _change,
    "reject": _reject,
}


async def _deed(
    decision: Decision, record: ClipRecord, known: _Known, order: Order, runtime: Runtime, job: Job | None = None
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


# ------------------------------------------------------------------------------- afterwards


async def _end(
    applied: tuple[Applied, ...], known: _Known, request: Request, order: Order, runtime: Runtime
) -> Outcome:
    """Hand over and take back, and tell of it in the report."""
    decided = reviewed(known.deeds)
    ready = [
        Ready(clip, record, _told(clip, record, decided, order.out))
        for key, clip in known.clips.items()
        if (record := known.records.get(key)) and record.status is Standing.MADE and record.master_sha256
    ]
    ready = [one for one in ready if places_of(one.clip, order.out).video.is_file()]
    place = Place(order.run_id, order.out, f"{runtime.clock.now():%Y-%m-%d}")
    handed = await hand_over(ready, known.records.values(), runtime, place)
    report = await asyncio.to_thread(_reported, ready, known, order.out)
    notes, failed = list(handed.notes), handed.failed
    try:
        if report is not None and runtime.settings.base_url:
            await put_into_feeds(report.clips, order.out, runtime.settings.base_url, whole=False)
        if report is not None and (bucket := outbox_of(request, runtime.settings)):
            gone = [
                known.clips[key] for key, record in known.records.items() if _dropped(record) and key in known.clips
            ]
            notes += [said for said in (await take_back(bucket, gone, order.out),) if said]
            notes.append(await put_results(bucket, report.clips, order.out))
            await put_report(bucket, order.out)
    except NightreelError as error:
        notes.append(str(error))
        failed = 1
    return Outcome(applied=applied, notes=tuple(notes), failed=failed)


def _dropped(record: ClipRecord) -> bool:
    return record.status is Standing.GIVEN_UP


def _told(clip: Clip, record: ClipRecord, decided: Mapping[tuple[str, str], Review], out: Path) -> ClipReport:
    delivery = delivery_of(clip, record, out, 0)
    review = decided.get((record.id, delivery.sha256), Review.NONE)
    return made(clip, delivery, out, review=review)


def _reported(ready: Sequence[Ready], known: _Known, out: Path) -> RunReport | None:
    """Write the report anew with what the review has changed; return it, None where there is none to be changed."""
    try:
        report = RunReport.model_validate_json((out / "report.json").read_bytes())
    except (OSError, ValueError):
        return None
    now = {one.clip.key: one.told for one in ready}
    gone = {key for key, record in known.records.items() if _dropped(record)}

    def renewed(clip: ClipReport) -> ClipReport:
        if clip.key in gone and clip.key in known.clips:
            told = left_out(known.clips[clip.key], REJECTED)
            return told.model_copy(update={"key": clip.key, "review": Review.REJECTED})
        if clip.key not in now:
            return clip
        kept = {"status": clip.status, "credits": clip.credits, "took": clip.took}
        return now[clip.key].model_copy(update=kept if clip.video else {})

    changed = report.model_copy(update={"clips": tuple(renewed(clip) for clip in report.clips)})
    if changed != report:
        with plain_errors(out):
            write_report(changed, out)
    return changed


def _silent(_applied: Applied) -> None:
    return
