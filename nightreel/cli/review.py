"""`nightreel review`: what was decided on the report's page is carried out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from nightreel.cli import logs
from nightreel.cli.options import EngineChoice, Json, Rate, Rehearse, Verbose
from nightreel.cli.shell import err, out, run_async
from nightreel.settings import Settings, load_settings

if TYPE_CHECKING:
    from nightreel.nights.concluding import Applied, Outcome
    from nightreel.reviews import ReviewFile

_MARKS = {"approved": "✓", "changed": "✎", "rejected": "✗", "done before": "·", "left": "!", "failed": "!"}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    review = typer.Typer(no_args_is_help=True, help="A night's videos, approved on the report's page.")
    review.command()(apply)
    app.add_typer(review, name="review")


def apply(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The review.json that the page saved.")],
    budget: Annotated[
        int | None, typer.Option("--budget", metavar="N", min=0, help="Spend at most N credits on changes.")
    ] = None,
    engine: EngineChoice = None,
    rehearse: Rehearse = False,
    rate: Rate = None,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Carry out what was decided on a night's report.

    Open `report.html`, choose Review, and go through the night by keyboard: **j** and **k** move, **a** approves,
    **c** asks for a change in plain words, **r** rejects. Save `review.json`, and apply it here.

    What was approved is marked. A change is sent to the editor in the video's own session, and paid for as an edit;
    the new video takes the old one's place. What was rejected is taken out of the output folder and the outbox.
    Applied again, nothing is bought or sent twice; what broke off goes on.
    """
    from nightreel.reviews import read_review

    logs.set_up(verbose=verbose)
    review = read_review(file)
    settings = load_settings(engine=engine, rehearse=rehearse or None, rate=rate)
    outcome = run_async(_apply(review, settings, budget, quiet=as_json))
    if as_json:
        out.print_json(outcome.model_dump_json())
    else:
        _show(outcome)
    raise typer.Exit(outcome.exit_code)


async def _apply(review: "ReviewFile", settings: Settings, budget: int | None, *, quiet: bool) -> "Outcome":
    from nightreel.nights import reviewing
    from nightreel.runtime import open_runtime

    async with open_runtime(settings) as runtime:
        if any(one.verdict != "reject" for one in review.decisions):
            await runtime.warm_up()
        with err.status("Carrying out the review…"):
            return await reviewing.apply(review, runtime, budget=budget, told=None if quiet else _line)


def _line(one: "Applied") -> None:
    cost = f"  {one.credits} credits" if one.credits else ""
    why = f"  {one.why}" if one.why else ""
    out.print(Text(f"{_MARKS[one.came]} {one.name}  {one.came}{cost}{why}"), soft_wrap=True)


def _show(outcome: "Outcome") -> None:
    """Say what needed nothing, and the sum."""
    for one in outcome.applied:
        if one.came == "left":
            _line(one)
    counts = {came: sum(one.came == came for one in outcome.applied) for came in _MARKS}
    out.print(", ".join(f"{count} {came}" for came, count in counts.items() if count) or "Nothing was decided.")
    for note in outcome.notes:
        out.print(note, style="dim", markup=False, soft_wrap=True)
