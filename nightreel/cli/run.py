"""`nightreel run`: the main job."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, cast

import typer
from rich.text import Text

from nightreel.cli import logs
from nightreel.cli.options import (
    Budget,
    EngineChoice,
    Formats,
    Json,
    Map,
    Only,
    Out,
    Prompt,
    Put,
    Rate,
    Rehearse,
    Remake,
    Source,
    Verbose,
    Yes,
    request_of,
)
from nightreel.cli.plan import in_words
from nightreel.cli.prefect_api import PrefectApi
from nightreel.cli.shell import INTERRUPTED, Signals, Stopped, err, out
from nightreel.cli.view import LiveView, table
from nightreel.clock import ScaledClock
from nightreel.models import Request
from nightreel.settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from prefect.client.schemas import State

    from nightreel.nights import Night
    from nightreel.report import RunReport
    from nightreel.runtime import Runtime


FROM_MEMORY = 0.5
"""Seconds in which a catalog that has not changed is read: then no server is needed at all."""

SHOWN_NOTES = 5
"""So many of the report's notes are printed; what came of `--put` is among the last."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(run)


def run(
    source: Source,
    to: Out = None,
    engine: EngineChoice = None,
    formats: Formats = None,
    prompt: Prompt = "",
    budget: Budget = None,
    only: Only = None,
    remake: Remake = None,
    mapping: Map = None,
    put: Put = "",
    rehearse: Rehearse = False,
    rate: Rate = None,
    yes: Yes = False,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Make every video that the catalog asks for and that is not made yet.

    One video for each product and format: `DIR/<product>/<product>_<format>.mp4`, beside it its cover and record,
    and `DIR/report.html`. Run again, and only what is new or changed is made; stopped, it goes on where it was.

    Ctrl-C once finishes what is paid for and begins nothing new; twice stops at once.

    `--rehearse` tries a whole night for nothing: sessions, prompts, waits, exports and downloads happen as at the
    service, at `--rate` times its speed; only the videos are placeholders, in `rehearsal/`. What was rehearsed is
    still to be made. A second rehearsal finds the first one's videos unchanged, as a second night would;
    `nightreel clean` forgets them.
    """
    logs.set_up(verbose=verbose)
    request = request_of(
        source,
        to,
        engine,
        formats,
        prompt,
        budget,
        only,
        remake,
        rehearse=rehearse,
        rate=rate,
        put=put,
        mapping=mapping,
    )
    signals = Signals()
    report = signals.run(_run(request, signals, yes=yes, verbose=verbose))
    if as_json:
        out.print_json(report.model_dump_json())
    else:
        show(report, request.out)
    if report.exit_code == INTERRUPTED:
        raise Stopped(signals.exit_code)
    raise typer.Exit(report.exit_code)


async def _run(request: Request, signals: Signals, *, yes: bool, verbose: bool) -> "RunReport":
    """Plan, while Prefect's server comes up; make what there is to make, or say that there is nothing."""
    from nightreel.runtime import open_runtime

    settings = settings_of(request)
    prefect = PrefectApi(settings.shared_dir, verbose=verbose)
    try:
        async with open_runtime(settings) as runtime:
            tell_rehearsal(runtime)
            with err.status("Reading the catalog…"):
                night = await _plan(request, runtime, prefect)
            err.print(in_words(night), markup=False)
            with signals.asking():
                _confirm(night, yes=yes)
            return await make_night(night, runtime, prefect, signals)
    finally:
        prefect.drop_unused()


def tell_rehearsal(runtime: "Runtime") -> None:
    """Say so, if it is one."""
    if isinstance(runtime.clock, ScaledClock):
        err.print(f"A rehearsal, at {runtime.clock.rate:g} times the speed: the videos are placeholders.")


async def make_night(night: "Night", runtime: "Runtime", prefect: PrefectApi, signals: Signals) -> "RunReport":
    """Make what there is to make, or find that there is nothing; return the report."""
    from nightreel import nights

    if not night.work:
        started = runtime.clock.now()
        return await nights.end(night, await nights.begin(night, runtime), started, runtime)
    with err.status("Starting…"):
        prefect.start()
        await runtime.warm_up()
        await prefect.ready()
    try:
        with signals.draining(runtime.tools.stopping):
            return await _make(night.request, len(night.work), runtime)
    finally:
        if signals.exit_code:
            await _tell_open(runtime)


async def _plan(request: Request, runtime: "Runtime", prefect: PrefectApi) -> "Night":
    """Plan; if that takes a while, there are new photos to look at, and Prefect's server may come up meanwhile."""
    from nightreel import nights

    planning = asyncio.create_task(nights.plan_night(request, runtime))
    try:
        done, _ = await asyncio.wait({planning}, timeout=FROM_MEMORY)
        if not done:
            prefect.start()
        return await planning
    finally:
        planning.cancel()


def _confirm(night: "Night", *, yes: bool) -> None:
    """Ask before anything is bought again."""
    again = [item for item in night.plan.items if item.status == "remake"]
    if again and not yes:
        names = ", ".join(item.clip.name for item in again if item.clip)
        cost = sum(item.credits for item in again)
        typer.confirm(f"Buy {names} again for {cost} credits?", abort=True, err=True)


async def _make(request: Request, clips: int, runtime: "Runtime") -> "RunReport":
    """Run the flow under the live view; return its report."""
    from flows.catalog import catalog_to_video

    with LiveView(err, clips, runtime.clock) as view:
        runtime.audience.sinks.append(view)
        try:
            # Prefect's types say that an async flow's state is not awaited; it is.
            state = await cast("Awaitable[State]", catalog_to_video(request, return_state=True))
        finally:
            runtime.audience.sinks.remove(view)
    came_of_it = await state.aresult(raise_on_failure=False)
    if isinstance(came_of_it, BaseException):
        raise came_of_it
    return cast("RunReport", came_of_it)


async def _tell_open(runtime: "Runtime") -> None:
    """Say what a stopped run leaves open."""
    from nightreel.ledger.records import PurchaseStatus

    left = await runtime.ledger.purchases.open(runtime.tools.account_id)
    if under_way := sum(bought.status is not PurchaseStatus.PERSON for bought in left):
        err.print(f"Prompts under way: {under_way}. The next run looks up what came of them.")


def show(report: "RunReport", folder: Path) -> None:
    """Print what was made, what was not and why, the sums, and where the report is."""
    made = [clip for clip in report.clips if clip.video]
    rows = [
        (
            clip.product,
            clip.format.value if clip.format else "",
            f"{clip.seconds:.1f}" if clip.seconds else "",
            str(clip.credits),
            str(folder / clip.video),
        )
        for clip in made
    ]
    if rows:
        columns = ("product", "format", "seconds", "credits", "file")
        out.print(table("", columns, rows, right=("seconds", "credits")))
    for clip in report.clips:
        if not clip.video:
            line = Text("✗ ", style="red") + Text(f"{clip.name}  ", style="bold") + Text(clip.reason)
            out.print(line + Text(f"  → {clip.hint}", style="dim") if clip.hint else line)
    for note in report.notes[-SHOWN_NOTES:]:
        out.print(note, style="dim", markup=False)
    out.print(f"\n{_sum(report)}", markup=False)
    out.print(f"Report: {folder / 'report.html'}", markup=False)


def _sum(report: "RunReport") -> str:
    from nightreel.nights import in_words as told

    if report.outcome == "nothing new":
        return "Nothing to do: every video is made and unchanged. Nothing was sent, nothing rendered."
    return told(report)
