"""credits_report: what there is, what was spent and reserved, and which budgets bind."""

from collections.abc import Sequence
from typing import Annotated

from prefect import flow
from prefect.artifacts import acreate_markdown_artifact
from prefect.client.schemas import State
from prefect.states import Completed
from pydantic import BaseModel, Field

from flows import events
from nightreel.ledger.records import BudgetRecord, CreditsSummary
from nightreel.models import Credits, Engine
from nightreel.runtime import open_runtime
from nightreel.settings import load_settings

LAST = 30
"""Entries that are shown."""


class Asking(BaseModel):
    """Whose credits."""

    engine: Annotated[
        Engine | None, Field(title="Made by", description="Nothing: as the settings of the worker say.")
    ] = None


OURS = Asking()


@flow(name="credits-report", retries=0, persist_result=False)
async def credits_report(of: Asking = OURS) -> State:
    """Read the balance, and show it beside the ledger; rings a bell when little is left."""
    async with open_runtime(load_settings(engine=of.engine)) as runtime:
        books = runtime.ledger.credits
        account = await books.open_account(runtime.tools.engine, runtime.tools.account)
        balance = (await books.observe(account, runtime.tools.nemo.credits)).balance
        told = _told(balance, await books.summary(account, LAST), await books.budgets(account))
        await acreate_markdown_artifact(told, key="nightreel-credits", description=account)
        words = f"{balance.available} credits available"
        if balance.available < runtime.settings.credits_low:
            events.tell(events.CREDITS_LOW, "account", account, f"{account} has {balance.available} credits left.")
    return Completed(message=words)


def _told(balance: Credits, summary: CreditsSummary, budgets: Sequence[BudgetRecord]) -> str:
    lines = ["| credits | |", "|---|---|", f"| available | {balance.available} |", f"| held | {balance.held} |"]
    sums = {"reserved": summary.reserved, "spent today": summary.spent_today, "spent": summary.spent}
    lines += [f"| {name} | {value} |" for name, value in {**sums, "drift": summary.drift}.items()]
    lines += [f"\n**Spending is stopped:** {summary.stopped}"] if summary.stopped else []
    lines += ["", "| budget of | credits | used | left |", "|---|---|---|---|"]
    lines += [f"| {it.scope} | {it.credits} | {it.used} | {it.left} |" for it in budgets if it.credits is not None]
    lines += ["", "| at (UTC) | entry | reserved | spent |", "|---|---|---|---|"]
    entries = (f"| {it.at:%Y-%m-%d %H:%M} | {it.kind} | {it.reserved:+d} | {it.spent:+d} |" for it in summary.entries)
    return "\n".join((*lines, *entries))
