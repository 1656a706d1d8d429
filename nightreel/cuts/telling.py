"""A review's own report: a clip that waits for a person, then what came of it, with its preview and what was said."""

from datetime import datetime
from pathlib import Path

from nightreel import quality
from nightreel.clips.files import plain_errors
from nightreel.cuts.answers import Verdict
from nightreel.cuts.sitting import Cut, Sitting
from nightreel.errors import NeedsPerson
from nightreel.report import ClipReport, ClipStatus, CreditsReport, RunReport, left_out, not_made, write_report
from nightreel.report import Review as Reviewed


def report(sitting: Sitting, cut: Cut, note: str, now: datetime, verdict: Verdict | None = None) -> Path:
    """Write `report.html` and `report.json` beside the cut's preview, which plays in place; return the page's path.

    Args:
        sitting: the review.
        cut: the last.
        note: what came of the last change, or of the review.
        now: the time.
        verdict: the last word; None while a person is waited for.

    Raises:
        DiskFull, ConfigurationError: the folder cannot be written to.
    """
    with plain_errors(sitting.folder):
        cover = quality.cover(cut.preview, cut.preview.with_suffix(".jpg"))
        told = RunReport(
            run_id=sitting.job.order.run_id,
            engine=sitting.tools.engine,
            source=sitting.job.clip.product,
            started=now,
            ended=now,
            exit_code=0 if verdict else NeedsPerson.exit_code,
            clips=(_clip(sitting, cut, cover, verdict),),
            credits=CreditsReport(actual=cut.credits, budget=sitting.job.order.budget),
            notes=(cut.shows, *(f"Changed: {change}" for change in sitting.changes), *([note] if note else [])),
        )
        return write_report(told, sitting.folder)


def _clip(sitting: Sitting, cut: Cut, cover: Path, verdict: Verdict | None) -> ClipReport:
    clip = sitting.job.clip
    told = left_out(clip, f"Cut {cut.number} was rejected.")
    if verdict is None:
        reason, answer = f"Cut {cut.number} waits for a person; this is its preview.", "Answer it in Prefect."
        told = not_made(clip.product, NeedsPerson, reason, answer, title=clip.title, format=clip.format)
    elif verdict is Verdict.APPROVE:
        told = told.model_copy(update={"status": ClipStatus.MADE, "review": Reviewed.APPROVED, "reason": ""})
    shown = {
        "video": cut.preview.name,
        "cover": cover.name,
        "seconds": quality.length_of(cut.preview),
        "size": cut.preview.stat().st_size,
        "credits": cut.credits,
    }
    return told.model_copy(update=shown)
