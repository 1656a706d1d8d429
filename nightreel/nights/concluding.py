"""After a review: what is ready is handed over, what was rejected taken back, and the report tells of both."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from nightreel.clips import Order, places_of
from nightreel.clips.files import plain_errors
from nightreel.errors import NightreelError
from nightreel.ledger.deeds import Deed
from nightreel.ledger.records import ClipRecord
from nightreel.ledger.records import ClipStatus as Standing
from nightreel.models import Clip, Request, Value
from nightreel.nights.handing import Place, Ready, hand_over, put_into_feeds
from nightreel.nights.putting import outbox_of, put_report, put_results, take_back
from nightreel.nights.telling import delivery_of, reviewed
from nightreel.report import ClipReport, Review, RunReport, left_out, made, write_report
from nightreel.runtime import Runtime

REJECTED = "Rejected in review."

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


class Known(NamedTuple):
    """What decisions are held against: the catalog's clips, the journal's, and what was decided before."""

    clips: Mapping[str, Clip]
    records: Mapping[str, ClipRecord]
    deeds: Mapping[str, Deed]


async def conclude(
    applied: tuple[Applied, ...], known: Known, request: Request, order: Order, runtime: Runtime
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


def _reported(ready: Sequence[Ready], known: Known, out: Path) -> RunReport | None:
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
