"""`nightreel plan`: what a run would make, skip, reject and cost."""

from typing import TYPE_CHECKING

import typer

from nightreel.cli.options import (
    Budget,
    EngineChoice,
    Formats,
    Json,
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
    from nightreel.nights import Night


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
    rehearse: Rehearse = False,
    rate: Rate = None,
    as_json: Json = False,
) -> None:
    """What a run would make, skip, reject and cost; sends nothing.

    Compares the catalog with the journal: new, changed (and what changed), unchanged, unfit (and why), vanished.
    """
    request = request_of(source, to, engine, formats, prompt, budget, only, remake, rehearse=rehearse, rate=rate)
    night = run_async(_plan(request))
    if as_json:
        out.print_json(night.plan.model_dump_json())
    else:
        show(night)


async def _plan(request: Request) -> "Night":
    from nightreel.nights import plan_night
    from nightreel.runtime import open_runtime

    async with open_runtime(settings_of(request)) as runtime:
        return await plan_night(request, runtime)


def show(night: "Night") -> None:
    """Print the plan as a table, and its sum."""
    rows = [
        (
            item.product,
            item.format.value if item.format else "",
            item.status,
            str(item.credits) if item.makes else "",
            item.reason,
        )
        for item in night.plan.items
    ]
    out.print(table("", ("product", "format", "status", "credits", ""), rows, right=("credits",)))
    for note in night.catalog.notes:
        err.print(note, style="yellow", markup=False)
    out.print(f"\n{in_words(night)}", markup=False)


def in_words(night: "Night") -> str:
    """Return the plan in a sentence: "4 to make, 2 unchanged · at most 400 credits"."""
    counts = night.plan.counts
    told = [f"{counts[status]} {status}" for status in counts]
    told += [f"{len(night.missing)} to deliver again"] if night.missing else []
    words = f"{', '.join(told) or 'Nothing in the catalog'} · at most {night.plan.credits} credits"
    making = sum(item.makes for item in night.plan.items)
    if night.plan.affordable < making:
        words += f" · the budget reaches for {night.plan.affordable} of {making}"
    return words
