"""`nightreel plan`: what a run would make, skip, reject and cost."""

import math
from typing import TYPE_CHECKING

import typer

from nightreel.cli.options import (
    Budget,
    EngineChoice,
    Formats,
    Json,
    Map,
    Only,
    Out,
    Prompt,
    Rate,
    Rehearse,
    Remake,
    Source,
    request_of,
)
from nightreel.cli.shell import err, out, run_async
from nightreel.cli.view import table
from nightreel.models import Request
from nightreel.settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nightreel.catalog import Column, PlanItem
    from nightreel.nights import Night

FEW = 30
"""As many lines are listed whatever they say; of more, those that are unchanged are only counted."""

MOST = 200
_MINUTE = 60


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(plan)


def plan(
    source: Source,
    to: Out = None,
    engine: EngineChoice = None,
    formats: Formats = None,
    prompt: Prompt = "",
    budget: Budget = None,
    only: Only = None,
    remake: Remake = None,
    mapping: Map = None,
    rehearse: Rehearse = False,
    rate: Rate = None,
    as_json: Json = False,
) -> None:
    """What a run would make, skip, reject and cost; sends nothing.

    Compares the catalog with the journal: new, changed (which photo, which field), unchanged, older recipe, unfit
    (and why), vanished; with the credits, the time, and what the budget does not reach for. Of a feed, it tells what
    each column became. `--json` lists everything.
    """
    request = request_of(
        source, to, engine, formats, prompt, budget, only, remake, rehearse=rehearse, rate=rate, mapping=mapping
    )
    night = run_async(_plan(request))
    if as_json:
        from nightreel.nights import outlook

        typer.echo(outlook(night).model_dump_json(indent=2))
    else:
        show(night)


async def _plan(request: Request) -> "Night":
    from nightreel.nights import plan_night
    from nightreel.runtime import open_runtime

    async with open_runtime(settings_of(request)) as runtime:
        with err.status("Reading the catalog…"):
            return await plan_night(request, runtime)


def show(night: "Night") -> None:
    """Print the plan as a table, what the feed's columns became, and the sum."""
    items = [item for item in night.plan.items if item.status != "unchanged" or len(night.plan.items) <= FEW]
    rows = [_row(item) for item in items[:MOST]]
    if rows:
        out.print(table("", ("product", "format", "status", "credits", ""), rows, right=("credits",)))
    if len(items) > MOST:
        out.print(f"… and {len(items) - MOST} lines more: --json lists all.", markup=False)
    if unlisted := len(night.plan.items) - len(items):
        out.print(f"{unlisted} unchanged are not listed.", markup=False)
    if night.catalog.feed:
        _show_columns(night.catalog.feed, night.catalog.columns)
    for note in night.catalog.notes[:MOST]:
        err.print(note, style="yellow", markup=False)
    out.print(f"\n{in_words(night)}", markup=False)


def _row(item: "PlanItem") -> tuple[str, str, str, str, str]:
    reason = f"Beyond the budget. {item.reason}".rstrip() if item.beyond else item.reason
    format_ = item.format.value if item.format else ""
    return item.product, format_, item.status, str(item.credits) if item.makes else "", reason


def _show_columns(feed: str, columns: "Sequence[Column]") -> None:
    """Tell what each column became: those that keep their name together, those that are empty together."""
    used = [column for column in columns if column.filled]
    moved = [column for column in used if not column.kept]
    kept = [column.name for column in used if column.kept]
    empty = [column.name for column in columns if not column.filled]
    rows = [(column.name, f"→ {column.became}", _rows(column.filled)) for column in moved]
    rows += [(", ".join(kept), "→ fields of that name", "")] if kept else []
    rows += [(", ".join(empty), "  empty", "")] if empty else []
    out.print(table(f"\nColumns ({feed})", ("column", "became", ""), rows, headed=False))


def _rows(count: int) -> str:
    return "in 1 row" if count == 1 else f"in {count} rows"


def in_words(night: "Night") -> str:
    """Return the plan in a sentence: "4 new, 2 unchanged · at most 400 credits · about 2 min"."""
    planned = night.plan
    told = [f"{count} {status}" for status, count in planned.counts.items()]
    told += [f"{len(night.missing)} to deliver again"] if night.missing else []
    words = f"{', '.join(told) or 'Nothing in the catalog'} · at most {planned.credits} credits"
    making = sum(item.makes for item in planned.items)
    if making or night.missing:
        words += f" · about {lasting(planned.seconds)}"
    if planned.affordable < making:
        words += f" · the budget reaches for {planned.affordable} of {making}"
    return words


def lasting(seconds: float) -> str:
    """Return a time as people say it: "40 s", "3 min", "2 h 10 min"."""
    if seconds < _MINUTE:
        return f"{max(1, round(seconds))} s"
    minutes = math.ceil(seconds / _MINUTE)
    hours, rest = divmod(minutes, 60)
    return f"{minutes} min" if not hours else f"{hours} h" + (f" {rest} min" if rest else "")
