"""A review's own report: one clip that waits for a person, with its preview and all that was said of it."""

from datetime import datetime
from pathlib import Path

from nightreel import quality
from nightreel.clips.files import plain_errors
from nightreel.cuts.sitting import Cut, Sitting
from nightreel.errors import NeedsPerson
from nightreel.report import ClipReport, CreditsReport, RunReport, not_made, write_report


def report(sitting: Sitting, cut: Cut, note: str, now: datetime) -> Path:
    """Write `report.html` and `report.json` beside the cut's preview, which plays in place; return the page's path.

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
            exit_code=NeedsPerson.exit_code,
            clips=(_clip(sitting, cut, cover),),
            credits=CreditsReport(actual=cut.credits, budget=sitting.job.order.budget),
            notes=(cut.shows, *(f"Changed: {change}" for change in sitting.changes), *([note] if note else [])),
        )
        return write_report(told, sitting.folder)


def _clip(sitting: Sitting, cut: Cut, cover: Path) -> ClipReport:
    clip = sitting.job.clip
    reason = f"Cut {cut.number} waits for a person; this is its preview."
    waiting = not_made(
        clip.product, NeedsPerson, reason, "Answer it in Prefect.", title=clip.title, format=clip.format
    )
    shown = {
        "video": cut.preview.name,
        "cover": cover.name,
        "seconds": quality.length_of(cut.preview),
        "size": cut.preview.stat().st_size,
        "credits": cut.credits,
    }
    return waiting.model_copy(update=shown)
