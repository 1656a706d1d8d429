"""`nightreel status`, `credits`, `report`: what the journal, the ledger and the last report say."""

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
    from nightreel.ledger.records import ClipRecord, CreditsSummary
    from nightreel.models import Credits


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(status)
    app.command(name="credits")(credits_)
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


def credits_(
    engine: EngineChoice = None,
    rehearse: Rehearse = False,
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask the service for the balance.")] = False,
    as_json: Json = False,
) -> None:
    """Credits: available and held at the service; reserved, spent and drift in our ledger; the last entries."""
    summary, balance = run_async(_credits(load_settings(engine=engine, rehearse=rehearse or None), offline=offline))
    if as_json:
        told = {"balance": balance.model_dump() if balance else None, "ledger": summary.model_dump(mode="json")}
        out.print_json(data=told)
        return
    rows = [
        ("available", str(balance.available) if balance else "not asked"),
        ("held", str(balance.held) if balance else "not asked"),
        ("reserved", str(summary.reserved)),
        ("spent today", str(summary.spent_today)),
        ("spent", str(summary.spent)),
        ("drift", str(summary.drift)),
    ]
    out.print(table(summary.account_id, ("", "credits"), rows, right=("credits",)))
    if summary.stopped:
        out.print(f"\nSpending is stopped: {summary.stopped}", markup=False)
    if summary.entries:
        entries = [
            (f"{entry.at:%Y-%m-%d %H:%M:%S}", entry.kind, f"{entry.reserved:+d}", f"{entry.spent:+d}", entry.note)
            for entry in summary.entries
        ]
        columns = ("at (UTC)", "entry", "reserved", "spent", "")
        out.print()
        out.print(table("Last entries", columns, entries, right=("reserved", "spent")))


async def _credits(settings: Settings, *, offline: bool) -> "tuple[CreditsSummary, Credits | None]":
    from nightreel.runtime import open_runtime

    async with open_runtime(settings) as runtime:
        account = await runtime.ledger.credits.open_account(settings.engine, settings.account_name)
        balance = None
        if not offline:
            balance = (await runtime.ledger.credits.observe(account, runtime.tools.nemo.credits)).balance
        return await runtime.ledger.credits.summary(account), balance


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
