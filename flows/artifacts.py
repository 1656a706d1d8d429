"""What a run shows in Prefect's UI: the plan before, how far it is, the clips and the sums after."""

import asyncio
import contextlib
import html
import logging
from collections.abc import AsyncGenerator, Generator, Iterable
from typing import Any

from prefect.artifacts import (
    acreate_markdown_artifact,
    acreate_progress_artifact,
    acreate_table_artifact,
    aupdate_progress_artifact,
)

from flows.events import heard
from flows.pictures import Shown, covers
from nightreel import nights
from nightreel.clips import Order
from nightreel.clock import SystemClock
from nightreel.nights import Night
from nightreel.report import ClipReport, RunReport
from nightreel.runtime import Runtime

log = logging.getLogger("nightreel.flows")

ROWS = 500
"""A table artifact is one JSON value in Prefect's database; `report.html` has them all."""

PLANNED = 50
"""Lines of the plan that are shown one by one."""

EVERY = 5.0
"""Seconds between looks at the journal for the progress."""

_MARKS = {"made": "✓", "delivered again": "✓", "unchanged": "=", "needs person": "?", "skipped": "–", "failed": "✗"}


async def show_plan(night: Night) -> None:
    """Show what the run is about to do, and what it costs at most."""
    if heard():
        await show(_plan(night), "nightreel-plan", "What this run does")


async def show_end(report: RunReport, shown: Shown) -> None:
    """Show what became of every clip, and the sums."""
    with _showing():
        await _show_end(report, shown)


async def show(told: str, key: str, description: str) -> None:
    """Show *told*, which is Markdown."""
    with _showing():
        if heard():
            await acreate_markdown_artifact(told, key=key, description=description)


@contextlib.contextmanager
def _showing() -> Generator[None]:
    """Let nothing that cannot be shown fail a run: videos, journal and report stand."""
    try:
        yield
    except Exception:
        log.exception("It cannot be shown in Prefect's UI.")


async def _show_end(report: RunReport, shown: Shown) -> None:
    if not heard():
        return
    rows = [_row(clip, shown) for clip in report.clips[:ROWS]]
    if rows:
        await acreate_table_artifact(rows, key="nightreel-clips", description=_shown(len(report.clips), "clips"))
    told = await asyncio.to_thread(_summary, report, shown)
    await show(told, "nightreel-summary", "What came of this run")


@contextlib.asynccontextmanager
async def progress(order: Order, clips: int, runtime: Runtime) -> AsyncGenerator[None]:
    """Show, while the block runs, how many of *clips* have ended; by the journal, whoever makes them."""
    if not heard() or not clips:
        yield
        return
    shown = await acreate_progress_artifact(0.0, key="nightreel-progress", description=f"{clips} clips")
    watching = asyncio.create_task(_follow(shown, order, clips, runtime))
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        with _showing():
            await aupdate_progress_artifact(shown, _percent(await _ended(order, runtime), clips))


async def _follow(shown: Any, order: Order, clips: int, runtime: Runtime) -> None:  # noqa: ANN401 - Prefect's UUID
    last, clock = 0.0, SystemClock()
    while True:
        await clock.sleep(EVERY)
        now = _percent(await _ended(order, runtime), clips)
        if now >= last + 1:
            last = now
            await aupdate_progress_artifact(shown, now)


async def _ended(order: Order, runtime: Runtime) -> int:
    return await runtime.ledger.journal.ended(order.run_id)


def _percent(ended: int, clips: int) -> float:
    return round(min(100.0, 100.0 * ended / clips), 1)


# --------------------------------------------------------------------------- in words


def _plan(night: Night) -> str:
    planned = night.plan
    lines = [f"### {night.request.source}", "", "| | clips |", "|---|---|"]
    lines += [f"| {status} | {count} |" for status, count in planned.counts.items()]
    lines += [f"| to deliver again | {len(night.missing)} |"] if night.missing else []
    lines += ["", f"At most **{planned.credits} credits**{_budget(night)}.", ""]
    told = [item for item in planned.items if item.status != "unchanged"]
    lines += [f"- **{plain(item.product)}** {item.status}{_why(item.reason)}" for item in told[:PLANNED]]
    lines += [f"- … and {len(told) - PLANNED} more"] if len(told) > PLANNED else []
    return "\n".join((*lines, *(f"> {plain(note)}" for note in night.catalog.notes[:PLANNED])))


def _budget(night: Night) -> str:
    if night.request.budget is None:
        return ""
    return f" of a budget of {night.request.budget}, which reaches for {night.plan.affordable} clips"


def _why(reason: str) -> str:
    return f": {plain(reason)}" if reason else ""


def _row(clip: ClipReport, shown: Shown) -> dict[str, Any]:
    return {
        "clip": clip.name,
        "status": f"{_MARKS.get(clip.status, '')} {clip.status.value}",
        "credits": clip.credits,
        "seconds": clip.seconds,
        "video": shown.link("video", clip.video),
        "cover": shown.link("cover", clip.cover),
        "why": clip.reason,
        "next": clip.hint,
    }


def _summary(report: RunReport, shown: Shown) -> str:
    sums = report.credits
    lines = [f"### {plain(nights.in_words(report))}", "", "| credits | |", "|---|---|"]
    told = (
        ("planned", sums.planned),
        ("spent", sums.actual),
        ("reserved", sums.reserved),
        ("drift", sums.drift),
        ("budget", sums.budget),
        ("available", sums.available),
    )
    lines += [f"| {name} | {value} |" for name, value in told if value is not None]
    lines += ["", f"Report: {shown.link('report.html', 'report.html')}", ""]
    lines += _trouble(report.clips)
    return "\n".join((*lines, "", *covers(report.clips, shown), "", *(f"> {plain(it)}" for it in report.notes)))


def _trouble(clips: Iterable[ClipReport]) -> list[str]:
    """Tell what was not made, and what to do about it."""
    bad = [clip for clip in clips if clip.reason]
    lines = [f"- {_MARKS.get(it.status, '')} **{plain(it.name)}**: {plain(it.reason)} {plain(it.hint)}" for it in bad]
    return [*lines[:PLANNED], f"- … and {len(bad) - PLANNED} more"] if len(bad) > PLANNED else lines


def _shown(count: int, what: str) -> str:
    return f"{count} {what}" if count <= ROWS else f"The first {ROWS} of {count} {what}; report.html has all"


def plain(words: str) -> str:
    """Return *words* as Markdown shows them as they are, HTML and all: a catalog's or service's are anybody's."""
    said = html.escape(words, quote=False).replace("\n", " ")
    return "".join(f"\\{sign}" if sign in "\\`*_[]|" else sign for sign in said)
