"""`nightreel status` and `report`: what the journal and the last report say."""

import sys
import webbrowser
from typing import TYPE_CHECKING, Annotated

import typer

from nightreel.cli.options import EngineChoice, Json, Out, Rehearse
from nightreel.cli.shell import out, run_async
from nightreel.cli.view import table
from nightreel.errors import ConfigurationError
from nightreel.settings import Settings, load_settings

if TYPE_CHECKING:
    from nightreel.ledger.records import ClipRecord


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(status)
    app.command()(report)


def status(engine: EngineChoice = None, rehearse: Rehearse = False, as_json: Json = False) -> None:
    """Where every clip of the account stands, as the journal has it; sends nothing."""
    records = run_async(_clips(load_settings(engine=engine, rehearse=rehearse or None)))
    if as_json:
        fields = {"product", "format", "status", "step", "error", "hint", "video", "made_at", "owner"}
        out.print_json(data=[record.model_dump(mode="json", include=fields) for record in records])
        return
    if not records:
        out.print("The journal is empty: nothing was made yet.")
        return
    rows = [
        (
            record.product,
            record.format,
            record.status.value,
            record.step,
            f"{record.made_at:%Y-%m-%d %H:%M}" if record.made_at else "",
            record.error or record.video or "",
        )
        for record in records
    ]
    out.print(table("", ("product", "format", "status", "last step", "made (UTC)", ""), rows))


async def _clips(settings: Settings) -> "list[ClipRecord]":
    from nightreel.ledger import open_ledger

    async with open_ledger(settings) as ledger:
        newest = {r.key: r for r in await ledger.journal.clips(settings.engine, settings.account_name)}
        return list(newest.values())


def report(
    to: Out = None,
    browse: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    as_json: Json = False,
) -> None:
    """The last run's report: a summary here, the page in the browser."""
    folder = to or load_settings().out
    from nightreel.cli.run import show
    from nightreel.report import RunReport

    page, data = folder / "report.html", folder / "report.json"
    if not data.is_file():
        raise ConfigurationError(
            f"There is no report in {folder}.", hint="`nightreel run` writes one; name its --out."
        )
    if as_json:
        sys.stdout.write(data.read_text(encoding="utf-8"))
        return
    try:
        last = RunReport.model_validate_json(data.read_text(encoding="utf-8"))
    except ValueError:
        raise ConfigurationError(
            f"{data} is no report that this version can read.", hint="`nightreel run` writes it anew."
        ) from None
    show(last, folder)
    if browse:
        webbrowser.open(page.absolute().as_uri())
