"""Bugs that are planted into a victim to see that the checker finds them: each breaks one promise.

Each is what a plausible piece of code would do, in the place where it would stand.
"""

# pyright: reportPrivateUsage=false

import functools
import uuid
from collections.abc import Callable
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from nightreel.clips.outcome import Asker
from nightreel.clips.rendering import Wanted
from nightreel.clips.work import Tools
from nightreel.errors import OutcomeUnknown
from nightreel.ledger import movements, renders
from nightreel.ledger.movements import For
from nightreel.ledger.purchases import Intent, Purchases
from nightreel.ledger.records import Claim, PurchaseRecord, PurchaseStatus, RenderRecord, RenderStatus
from nightreel.ledger.schema import ledger_entry
from nightreel.ledger.store import Transaction
from nightreel.nemo import NemoClient

export, generate = import_module("nightreel.clips.export"), import_module("nightreel.clips.generate")
"""The modules; `nightreel.clips` has functions of these names."""


def send_again_on_unknown() -> None:
    """A retry takes a lost stream for a request that was not sent."""
    send = NemoClient.send

    @functools.wraps(send)
    async def twice(self: NemoClient, *args: Any, **more: Any) -> Any:  # noqa: ANN401 - passed on
        try:
            return await send(self, *args, **more)
        except OutcomeUnknown:
            return await send(self, *args, **more)

    NemoClient.send = twice


def send_again_after_a_crash() -> None:
    """A prompt whose answer was not seen is taken for one that was not sent."""
    resolve = vars(generate)["resolve"]

    async def sent_again(
        asker: Asker,
        tools: Tools,
        purchase: PurchaseRecord,
        started: float,
        **more: Any,  # noqa: ANN401 - passed on
    ) -> PurchaseRecord:
        if purchase.status is PurchaseStatus.INTENT:
            session = await tools.ledger.sessions.get(purchase.session_id)
            await tools.nemo.send(session.remote_id or "", purchase.prompt)
        return await resolve(asker, tools, purchase, started, **more)

    vars(generate)["resolve"] = sent_again


def settle_twice() -> None:
    """What a prompt cost is booked when its reservation is closed, and once more."""
    settle = movements.settle

    async def twice(tx: Transaction, reservation: int, credits_: int | None = None, note: str = "") -> None:
        await settle(tx, reservation, credits_, note)
        row = await tx.row(select(ledger_entry).where(ledger_entry.c.id == reservation))
        assert row is not None
        await movements.adjust(tx, For(row["account_id"], row["run_id"]), row["reserved"], "settled")

    movements.settle = twice


def release_on_unknown() -> None:
    """A prompt of which nobody knows what came is booked as a failure: its credits come back."""

    async def released(self: Purchases, claim: Claim, purchase_id: str, why: str) -> PurchaseRecord:
        return await self.not_made(claim, purchase_id, PurchaseStatus.FAILED, why)

    Purchases.unknown = released


def budget_outside_the_transaction() -> None:
    """The budget is looked at first; the reservation is written in a transaction of its own, without another look."""
    intend, check = Purchases.intend, movements._check

    async def unlooked(*_: object) -> None:
        return

    async def looked_before(self: Purchases, claim: Claim, intent: Intent) -> PurchaseRecord:
        what = For(claim.account_id, claim.run_id)
        async with self._store.read() as tx:
            for limit in await movements._budgets(tx, what):
                await check(tx, what, limit, intent.credits)
        await self._store.clock.sleep(1200)  # in this time the other runners look, too
        return await intend(self, claim, intent)

    movements._check = unlooked
    Purchases.intend = looked_before


def render_journalled_late() -> None:
    """A render's id is written down when the service has taken it."""

    async def late(wanted: Wanted, tools: Tools) -> RenderRecord:
        session, name = await tools.ledger.sessions.get(wanted.session_id), uuid.uuid4()
        await tools.nemo.submit_render(f"render_{name.hex}", session.remote_id or "", wanted.draft)
        renders.uuid = SimpleNamespace(uuid4=lambda: name)
        render = await tools.ledger.renders.intend(wanted.claim, session.id, wanted.mark, 0)
        return await tools.ledger.renders.became(wanted.claim, render.id, RenderStatus.TAKEN)

    vars(export)["submit"] = late


BUGS: dict[str, Callable[[], None]] = {
    bug.__name__: bug
    for bug in (
        send_again_on_unknown,
        send_again_after_a_crash,
        settle_twice,
        release_on_unknown,
        budget_outside_the_transaction,
        render_journalled_late,
    )
}


def plant(name: str) -> None:
    """Plant the bug of that name; "" plants none."""
    if name:
        BUGS[name]()
