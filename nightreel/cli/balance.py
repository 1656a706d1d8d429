"""`nightreel credits`: what there is, what is reserved and spent, which budgets bind."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from nightreel.cli.options import EngineChoice, Json, Rehearse
from nightreel.cli.shell import out, run_async
from nightreel.cli.view import table
from nightreel.settings import Settings, load_settings

if TYPE_CHECKING:
    from nightreel.ledger.records import BudgetRecord, CreditsSummary, LedgerEntry
    from nightreel.models import Credits


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="credits")(credits_)


def credits_(
    engine: EngineChoice = None,
    rehearse: Rehearse = False,
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask the service for the balance.")] = False,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Let spending go on that was stopped when the service had no credits left."),
    ] = False,
    last: Annotated[int, typer.Option("--last", metavar="N", help="Show the last N entries.", min=0, max=9999)] = 20,
    as_json: Json = False,
) -> None:
    """Credits: available and held at the service; reserved, spent and drift in our ledger; budgets; the last entries.

    Drift is what the service took beside (or short of) our tariff. Budgets are set by `--budget` for one run, by
    `NIGHTREEL_BUDGET_PER_DAY` for each day and by `NIGHTREEL_BUDGET` for all that the account ever spends; each run
    writes them down. What would pass one is not sent.
    """
    settings = load_settings(engine=engine, rehearse=rehearse or None)
    books = run_async(_read(settings, offline=offline, resume=resume, last=last))
    if as_json:
        out.print_json(data=_told(books))
    else:
        _show(books)


@dataclass(frozen=True)
class _Books:
    """What is shown; *balance* is None when the service was not asked."""

    balance: "Credits | None"
    summary: "CreditsSummary"
    budgets: "Sequence[BudgetRecord]"


async def _read(settings: Settings, *, offline: bool, resume: bool, last: int) -> _Books:
    from nightreel.runtime import open_runtime

    async with open_runtime(settings) as runtime:
        books = runtime.ledger.credits
        account = await books.open_account(settings.engine, settings.account_name)
        if resume:
            await books.resume(account)
        balance = None if offline else (await books.observe(account, runtime.tools.nemo.credits)).balance
        return _Books(balance, await books.summary(account, last), await books.budgets(account))


def _told(books: _Books) -> dict[str, object]:
    return {
        "balance": books.balance.model_dump() if books.balance else None,
        "ledger": books.summary.model_dump(mode="json"),
        "budgets": [{**budget.model_dump(mode="json"), "left": budget.left} for budget in books.budgets],
    }


def _show(books: _Books) -> None:
    summary, balance = books.summary, books.balance
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
        out.print(f"\nSpending is stopped: {_why(summary)}", markup=False)
    _show_budgets(books.budgets)
    _show_entries(summary.entries)


def _why(summary: "CreditsSummary") -> str:
    then = summary.stopped_available
    more = f"more than {then} are" if then is not None else "enough are"
    return f"{summary.stopped} It goes on when {more} available, or by `nightreel credits --resume`."


def _show_budgets(budgets: "Sequence[BudgetRecord]") -> None:
    from nightreel.ledger.movements import SET_BY

    of = {"account": "the account, ever", "day": "the day (UTC)", "run": "the last run"}
    rows = [
        (
            of[budget.scope],
            "none" if budget.credits is None else str(budget.credits),
            str(budget.used),
            "" if budget.left is None else str(budget.left),
            SET_BY[budget.scope],
        )
        for budget in budgets
    ]
    columns = ("budget of", "credits", "used", "left", "set by")
    out.print()
    out.print(table("", columns, rows, right=("credits", "used", "left")))


def _show_entries(found: "Sequence[LedgerEntry]") -> None:
    entries = [
        (f"{entry.at:%Y-%m-%d %H:%M:%S}", entry.kind, f"{entry.reserved:+d}", f"{entry.spent:+d}", entry.note)
        for entry in found
    ]
    if entries:
        columns = ("at (UTC)", "entry", "reserved", "spent", "")
        out.print()
        out.print(table("Last entries", columns, entries, right=("reserved", "spent")))
