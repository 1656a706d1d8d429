"""The morning: what became of every clip, out of the journal, and the report of it."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from nightreel.catalog import Catalog, Plan, PlanItem
from nightreel.clips import Order, places_of
from nightreel.clips.files import extras_of, plain_errors, read_record, renditions_in
from nightreel.errors import (
    ClipClaimed,
    ExportForbidden,
    NightreelError,
    OutOfCredits,
    ProductRejected,
    RunStopped,
    class_named,
)
from nightreel.ledger.deeds import Deed
from nightreel.ledger.records import ClipRecord
from nightreel.ledger.records import ClipStatus as Standing
from nightreel.models import Check, Clip, Delivery
from nightreel.nemo.parsed import object_in
from nightreel.nights.gathering import gather
from nightreel.nights.handing import Handed, Place, Ready, hand_over, put_into_feeds
from nightreel.nights.planning import STOPS, Night
from nightreel.nights.putting import outbox_of, put_report, put_results
from nightreel.report import (
    ClipReport,
    ClipStatus,
    CreditsReport,
    PhotoWarning,
    Review,
    RunReport,
    exit_code_of,
    left_out,
    made,
    not_made,
    write_report,
)
from nightreel.runtime import Runtime
from nightreel.sources import Outbox

INTERRUPTED = 130
"""Exit code in the report of a run that was stopped; the command itself tells Ctrl-C (130) from SIGTERM (143)."""

NOT_BEGUN = "It was not begun: the budget or the credits are used up."
MORE = "Raise --budget or top up; the same command goes on from here."
FORBIDDEN = "It was not begun: the account's plan forbids exports, and what cannot be exported is not bought."
CHANGE = "Change the plan; the same command goes on from here, with the drafts that were made."
STOPPED = "The run was stopped before it was made."
NO_FILE = "0" * 64
AGAIN = "The same command goes on from here."
NOT_REACHED = "It was not begun: the run ended before its turn."
GO_ON = "See why the others failed; the same command goes on from here, and -v shows the log."


async def end(
    night: Night, order: Order, started: datetime, runtime: Runtime, *, interrupted: bool = False
) -> RunReport:
    """Look at the balance, record the end of the run, and write its report from the journal.

    Args:
        night: as it was planned.
        order: as it was begun.
        started: when.
        runtime: the process's.
        interrupted: somebody stopped it: it counts when something is left to be made. Nothing more is asked of the
            service then.
    """
    tools, journal = runtime.tools, runtime.ledger.journal
    records = {record.key: record for record in await journal.clips(tools.engine, tools.account)}
    trouble = await gather(night.work, order, runtime.settings) if not interrupted else ""
    costs = await runtime.ledger.credits.spent_by_clip(order.run_id)
    kinds = await journal.failures(order.run_id)
    classes = {clip_id: class_named(kind) for clip_id, kind in kinds.items()}
    stopper = next((kind for kind in classes.values() if issubclass(kind, STOPS)), NightreelError)
    stopped = RunStopped if interrupted else stopper
    times = await journal.times(order.run_id)
    reviews = reviewed(await runtime.ledger.deeds.of(tools.account_id, "review"))
    told: list[ClipReport] = []
    ready: list[Ready] = []
    left = False
    for item in night.plan.items:
        if item.status != "vanished":
            record = records.get(item.clip.key) if item.clip else None
            clip_id = record.id if record else ""
            kind = classes.get(clip_id, stopped)
            one = tell(item, order, record, costs.get(clip_id, 0), kind, _status_of(item, night))
            one = one.model_copy(update={"review": reviews.get((clip_id, one.sha256), Review.NONE)})
            if one.status is ClipStatus.MADE:
                one = one.model_copy(update={"took": times.get(clip_id)})
            told.append(one)
            if item.clip is not None and record is not None and one.video:
                ready.append(Ready(item.clip, record, one))
            left |= item.makes and kind is RunStopped and not told[-1].video
    outbox = None if interrupted else outbox_of(night.request, runtime.settings)
    handed = await _hand_over(night, order, runtime, ready, told, records.values()) if not interrupted else Handed()
    put = await _put(outbox, told, order.out)
    credits_, notes = await _credits(night, order, runtime, ask=bool(night.work) and not interrupted)
    report = RunReport(
        run_id=order.run_id,
        engine=tools.engine,
        source=night.request.source,
        started=started,
        ended=runtime.clock.now(),
        exit_code=INTERRUPTED if left else exit_code_of(told) or handed.failed or put.failed or int(bool(trouble)),
        clips=tuple(told),
        credits=credits_,
        photo_warnings=tuple(_photo_warnings(night.catalog)),
        notes=(
            *_rehearsed(runtime),
            *night.catalog.notes,
            *_vanished(night.plan),
            *notes,
            *handed.notes,
            *put.notes,
            *filter(None, [trouble]),
        ),
    )
    await journal.end_run(order.run_id, report.outcome)
    await asyncio.to_thread(_write, report, order.out)
    if outbox is not None and not put.failed:
        return await _with_report_put(report, outbox, order.out)
    return report


async def _hand_over(
    night: Night,
    order: Order,
    runtime: Runtime,
    ready: Sequence[Ready],
    told: Sequence[ClipReport],
    records: Iterable[ClipRecord],
) -> Handed:
    """Hand over what stands: outbox, webhook, feeds."""
    day = f"{runtime.clock.now():%Y-%m-%d}"
    handed = await hand_over(ready, records, runtime, Place(order.run_id, order.out, day))
    if base_url := runtime.settings.base_url:
        try:
            await put_into_feeds(told, order.out, base_url, whole=not night.request.only)
        except NightreelError as error:
            return Handed((*handed.notes, str(error)), failed=1)
    return handed


def reviewed(deeds: Mapping[str, Deed]) -> dict[tuple[str, str], Review]:
    """Return what was decided about each video: by its clip's id in the journal, and the file's hash."""
    means = {"approve": Review.APPROVED, "change": Review.CHANGED, "reject": Review.REJECTED}
    done = [deed for deed in deeds.values() if deed.done]
    files = [(deed, deed.body.get("result" if deed.body["verdict"] == "change" else "sha256")) for deed in done]
    return {(deed.clip_id, sha256): means[deed.body["verdict"]] for deed, sha256 in files if sha256}


async def _with_report_put(report: RunReport, outbox: Outbox, out: Path) -> RunReport:
    """Put the report that was just written; if that fails, it says so itself."""
    try:
        await put_report(outbox, out)
    except NightreelError as error:
        changed = {"notes": (*report.notes, str(error)), "exit_code": report.exit_code or 1}
        report = report.model_copy(update=changed)
        await asyncio.to_thread(_write, report, out)
    return report


class _Put(NamedTuple):
    """What came of putting the results into a bucket: sentences, and whether it failed (an exit code)."""

    notes: tuple[str, ...] = ()
    failed: int = 0


async def _put(outbox: Outbox | None, told: Sequence[ClipReport], out: Path) -> _Put:
    if outbox is None:
        return _Put()
    try:
        return _Put((await put_results(outbox, told, out),))
    except NightreelError as error:
        return _Put((str(error),), failed=1)


def _write(report: RunReport, out: Path) -> None:
    with plain_errors(out):
        write_report(report, out)


def tell(
    item: PlanItem,
    order: Order,
    record: ClipRecord | None,
    spent: int,
    kind: type[NightreelError],
    status: ClipStatus,
) -> ClipReport:
    """Tell what became of one line of the plan.

    Args:
        item: the line.
        order: of the run.
        record: the clip as it stands in the journal now.
        spent: what it cost in this run.
        kind: of its error; of what stopped the run, where it has none.
        status: what it is called if it stands there.
    """
    clip = item.clip
    if clip is not None and item.status == "given up":
        return left_out(clip, item.reason)
    if clip is None:
        return not_made(item.product, ProductRejected, item.reason, format=item.format)
    ours = record is not None and record.run_id == order.run_id
    if record is not None and record.status is Standing.MADE and not (ours and record.error):
        return made(clip, delivery_of(clip, record, order.out, spent), order.out, status=status)
    reason, hint = _why_not_begun(kind)
    if record is not None and ours and record.error:
        reason, hint = record.error, record.hint
    elif record is not None and record.owner and not ours:
        kind, reason, hint = ClipClaimed, f"Another runner is making it ({record.owner}).", ""
    return not_made(clip.product, kind, reason, hint, title=clip.title, format=clip.format, spent=spent)


def _why_not_begun(kind: type[NightreelError]) -> tuple[str, str]:
    """Return reason and hint for a clip that no error of its own has stopped."""
    if issubclass(kind, RunStopped):
        return STOPPED, AGAIN
    if issubclass(kind, ExportForbidden):
        return FORBIDDEN, CHANGE
    return (NOT_BEGUN, MORE) if issubclass(kind, OutOfCredits) else (NOT_REACHED, GO_ON)


def _status_of(item: PlanItem, night: Night) -> ClipStatus:
    """What a clip of the plan is called when its video stands there in the end."""
    if item.makes:
        return ClipStatus.MADE
    return ClipStatus.RESTORED if item.clip in night.missing else ClipStatus.UNCHANGED


def delivery_of(clip: Clip, record: ClipRecord, out: Path, spent: int) -> Delivery:
    """Return what stands of a made clip, as the journal and its record tell it; it cost *spent* in this run."""
    places = places_of(clip, out)
    beside = read_record(places.record)
    stands = object_in(beside.get("video"))  # of a change that is not through yet, the old video still does
    return Delivery(
        clip=clip.name,
        video=places.video,
        cover=places.cover,
        record=places.record,
        seconds=record.seconds or clip.seconds,
        size=record.master_size or int(stands.get("size", 0)),
        sha256=record.master_sha256 or str(stands.get("sha256", NO_FILE)),
        credits=spent,
        checks=tuple(Check.model_validate(check) for check in record.checks or ()),
        renditions=renditions_in(beside),
        extras=extras_of(places),
    )


async def _credits(night: Night, order: Order, runtime: Runtime, *, ask: bool) -> tuple[CreditsReport, list[str]]:
    """Sum up the run's credits; the balance is only asked for when something was sent."""
    credits_ = runtime.ledger.credits
    notes: list[str] = []
    adjusted, available = 0, None
    if ask:
        try:
            seen = await credits_.observe(runtime.tools.account_id, runtime.tools.nemo.credits, run_id=order.run_id)
            adjusted, available = seen.adjusted, seen.balance.available
        except NightreelError as error:
            notes.append(f"The balance could not be read: {error}")
    summary = await credits_.summary(runtime.tools.account_id)
    return CreditsReport(
        planned=night.plan.credits,
        actual=await credits_.spent_by(run_id=order.run_id),
        reserved=await credits_.reserved_by(order.run_id),
        drift=adjusted,
        budget=night.request.budget,
        available=available,
        spent_today=summary.spent_today,
        spent_ever=summary.spent,
    ), notes


def _rehearsed(runtime: Runtime) -> Iterable[str]:
    if runtime.settings.rehearse:
        yield "A rehearsal: the videos are placeholders, and still to be made."


def _photo_warnings(catalog: Catalog) -> Iterable[PhotoWarning]:
    for product in catalog.products:
        for photo in product.photos:
            for text in photo.warnings:
                yield PhotoWarning(product=product.id, photo=photo.name, text=text)


def _vanished(planned: Plan) -> Iterable[str]:
    for item in planned.items:
        if item.status == "vanished":
            format_ = f" {item.format.value}" if item.format else ""
            yield f"{item.product}{format_}: {item.reason} Its video is kept."


def in_words(report: RunReport) -> str:
    """Return the run in a sentence: "4 made, 0 unchanged, 1 skipped; 400 credits"."""
    counts = ((status, report.count(status)) for status in ClipStatus)
    told = [f"{count} {status.value}" for status, count in counts if count]
    return f"{', '.join(told) or 'nothing to make'}; {report.credits.actual} credits"
