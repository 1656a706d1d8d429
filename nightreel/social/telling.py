"""What is said of a drop: in the report, and in a sentence."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from nightreel.report import ClipReport, CreditsReport, RunReport, exit_code_of
from nightreel.runtime import Runtime
from nightreel.social.planning import Planned
from nightreel.social.record import Post
from nightreel.social.withdrawing import Withdrawal


class Told(NamedTuple):
    """What there is to say."""

    planned: Sequence[Planned]
    posts: Sequence[Post]
    withdrawn: Sequence[Withdrawal]
    missing: Sequence[str]
    waiting: Sequence[str]
    notes: Sequence[str]


def notes_of(told: Told) -> list[str]:
    """Return a drop in sentences: what was laid out where, withdrawn, left out."""
    notes = list(told.notes)
    for each in told.planned:
        posts = [post for post in told.posts if post.slot == each.slot.name]
        what = ", ".join(f"{post.product} ({post.platform})" for post in posts) or "nothing"
        notes.append(f"{each.day}, {each.at:%H:%M}: {'left out by hand' if each.off else what}.")
        notes += each.notes
    notes += [f"Withdrawn from {it.post.platform}, {it.post.day}: {it.post.clip}. {it.why}" for it in told.withdrawn]
    notes += [f"{name} waits for its review." for name in dict.fromkeys(told.waiting)]
    return notes + [f"{name} was picked, and could not be made." for name in dict.fromkeys(told.missing)]


def merged(reports: Sequence[RunReport], told: Told, source: str, runtime: Runtime, started: datetime) -> RunReport:
    """Return one report of the nights that a drop was made in, and of the drop itself."""
    notes = notes_of(told)
    clips = tuple(clip for report in reports for clip in report.clips)
    said = dict.fromkeys(note for report in reports for note in report.notes)
    return RunReport(
        run_id=reports[-1].run_id if reports else "",
        engine=runtime.tools.engine,
        source=source,
        started=started,
        ended=runtime.clock.now(),
        exit_code=_exit_code(reports, clips) or bool(told.missing),
        clips=clips,
        credits=_credits([report.credits for report in reports]),
        photo_warnings=tuple(warning for report in reports for warning in report.photo_warnings),
        notes=(*notes, *(note for note in said if note not in notes)),
    )


def in_words(told: Told, new: int) -> str:
    """Return a drop in a sentence: "4 posts in the outbox, 2 of them new · 1 withdrawn"."""
    words = f"{len(told.posts)} posts in the outbox, {new} of them new"
    words += f" · {len(told.withdrawn)} withdrawn" if told.withdrawn else ""
    words += f" · {len(set(told.waiting))} wait for a review" if told.waiting else ""
    return words + (f" · {len(set(told.missing))} could not be made" if told.missing else "")


def _exit_code(reports: Sequence[RunReport], clips: Sequence[ClipReport]) -> int:
    return next((report.exit_code for report in reports if report.exit_code), 0) or exit_code_of(clips)


def _credits(sums: Sequence[CreditsReport]) -> CreditsReport:
    if not sums:
        return CreditsReport()
    budgets = [it.budget for it in sums if it.budget is not None]
    return CreditsReport(
        planned=sum(it.planned for it in sums),
        actual=sum(it.actual for it in sums),
        reserved=sum(it.reserved for it in sums),
        drift=sums[-1].drift,
        budget=budgets[0] if budgets else None,
        available=sums[-1].available,
    )
