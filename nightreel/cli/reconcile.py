"""`nightreel reconcile`: prompts of which nobody knows what came, and a person's decision."""

from typing import TYPE_CHECKING, Annotated

import typer

from nightreel.cli.options import EngineChoice, Json, Rehearse
from nightreel.cli.shell import out, run_async
from nightreel.cli.view import table
from nightreel.settings import Settings, load_settings

if TYPE_CHECKING:
    from nightreel.ledger import Ledger
    from nightreel.ledger.records import PurchaseRecord


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(reconcile)


def reconcile(
    made: Annotated[
        list[str] | None,
        typer.Option("--made", metavar="ID", help="This prompt was carried out: settle its credits."),
    ] = None,
    not_made: Annotated[
        list[str] | None,
        typer.Option("--not-made", metavar="ID", help="This prompt was not carried out: release its credits."),
    ] = None,
    engine: EngineChoice = None,
    rehearse: Rehearse = False,
    as_json: Json = False,
) -> None:
    """Prompts of which nobody knows what came; with an ID, decide about one.

    Those called `person` wait for you: look at the session and at the balance, then say what you found. The others
    are looked up by the next run. Until then their credits stay reserved.
    """
    decisions = {**dict.fromkeys(made or (), True), **dict.fromkeys(not_made or (), False)}
    if both := set(made or ()) & set(not_made or ()):
        raise typer.BadParameter(f"{', '.join(sorted(both))} cannot be made and not made.")
    left = run_async(_reconcile(load_settings(engine=engine, rehearse=rehearse or None), decisions))
    if as_json:
        fields = {"id", "kind", "credits", "status", "note", "sent_at", "prompt"}
        out.print_json(
            data=[{"clip": clip, **bought.model_dump(mode="json", include=fields)} for clip, bought in left]
        )
        return
    if not left:
        out.print("What came of every prompt is known.")
        return
    rows = [
        (bought.id, clip, f"{bought.sent_at:%Y-%m-%d %H:%M}", str(bought.credits), bought.status.value, bought.note)
        for clip, bought in left
    ]
    out.print(table("", ("id", "clip", "sent (UTC)", "credits", "status", ""), rows, right=("credits",)))


async def _reconcile(settings: Settings, decisions: dict[str, bool]) -> "list[tuple[str, PurchaseRecord]]":
    """Carry out *decisions*; return what is still open, each with its clip's name."""
    from nightreel.clips import decide
    from nightreel.runtime import open_runtime

    async with open_runtime(settings) as runtime:
        for purchase_id, made in decisions.items():
            await decide(purchase_id, runtime.tools, made=made)
        still = await runtime.ledger.purchases.open(runtime.tools.account_id)
        return [(await _name(bought, runtime.ledger), bought) for bought in still]


async def _name(bought: "PurchaseRecord", ledger: "Ledger") -> str:
    if bought.clip_id is None:
        return ""
    clip = await ledger.journal.clip(bought.clip_id)
    return f"{clip.product} {clip.format}"
