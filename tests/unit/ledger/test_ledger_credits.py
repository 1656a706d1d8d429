"""Credits: reserve, then settle or release, within budgets, whoever else does the same."""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from nightreel.clock import ManualClock
from nightreel.errors import BudgetExceeded, CreditsExhausted, LedgerError
from nightreel.ledger import Ledger
from nightreel.ledger.movements import For
from nightreel.ledger.store import Store
from nightreel.models import Credits

T = TypeVar("T")


async def _try(ledger: Ledger, what: For, credits_: int) -> int | None:
    try:
        return await ledger.credits.reserve(what, credits_)
    except BudgetExceeded:
        return None


async def test_concurrent_reservations_never_pass_the_budget(ledger: Ledger, other: Ledger) -> None:
    """Of twenty reservations that two runners try at once, exactly those succeed that the budget holds."""
    account = await ledger.credits.open_account("local", "studio")
    await ledger.credits.set_budget(account, "account", 500)
    tried = [_try((ledger, other)[number % 2], For(account), 100) for number in range(20)]
    got = await asyncio.gather(*tried)
    assert sum(one is not None for one in got) == 5
    assert (await ledger.credits.summary(account)).reserved == 500


_CHILD = """
import asyncio, sys
from nightreel.clock import SystemClock
from nightreel.errors import BudgetExceeded
from nightreel.ledger import Ledger
from nightreel.ledger.movements import For
from nightreel.ledger.store import Store

async def main():
    store = Store(sys.argv[1], SystemClock())
    ledger, got = Ledger.over(store), 0
    for _ in range(10):
        try:
            reservation = await ledger.credits.reserve(For("local:studio"), 70)
            got += 1
            await (ledger.credits.settle(reservation) if got % 2 else ledger.credits.release(reservation))
        except BudgetExceeded:
            pass
    await store.close()

asyncio.run(main())
"""


async def test_processes_share_one_budget(ledger: Ledger, url: str) -> None:
    """Several processes that spend at once together stop at the budget, and leave nothing reserved."""
    account = await ledger.credits.open_account("local", "studio")
    await ledger.credits.set_budget(account, "account", 700)
    environment = {"PYTHONPATH": str(Path.cwd()), "PATH": ""}
    program = (sys.executable, "-c", _CHILD, url)
    children = [
        await asyncio.create_subprocess_exec(*program, env=environment, stderr=asyncio.subprocess.PIPE)
        for _ in range(3)
    ]
    for child in children:
        _, problem = await child.communicate()
        assert child.returncode == 0, problem.decode()
    summary = await ledger.credits.summary(account)
    assert summary.reserved == 0
    assert 0 < summary.spent <= 700
    assert summary.spent % 70 == 0


async def test_each_budget_binds(ledger: Ledger, clock: ManualClock) -> None:
    """The budgets of the run, the day and the account are each kept; a new day opens the day's again."""
    run = await ledger.journal.begin_run("local", "studio", budget=300, budget_per_day=500)
    second = await ledger.journal.begin_run("local", "studio", budget=None, budget_per_day=500)
    here, there = For("local:studio", run), For("local:studio", second)
    await ledger.credits.set_budget("local:studio", "account", 800)
    first = await ledger.credits.reserve(here, 300)
    with pytest.raises(BudgetExceeded, match="run's budget of 300"):
        await ledger.credits.reserve(here, 1)
    with pytest.raises(BudgetExceeded, match="day's budget of 500"):
        await ledger.credits.reserve(there, 201)
    clock.advance(24 * 3600)
    await ledger.credits.settle(first)  # counts to the day on which it was reserved
    await ledger.credits.reserve(there, 500)
    with pytest.raises(BudgetExceeded, match="account's budget of 800"):
        await ledger.credits.reserve(there, 1)
    summary = await ledger.credits.summary("local:studio")
    assert (summary.spent, summary.spent_today, summary.reserved) == (300, 0, 500)


async def test_a_reservation_is_closed_once(ledger: Ledger) -> None:
    """Closing again the same way changes nothing; closing otherwise, or beyond what is held, is refused."""
    account = await ledger.credits.open_account("local", "studio")
    first, second = [await ledger.credits.reserve(For(account), 100) for _ in range(2)]
    with pytest.raises(LedgerError, match="101 cannot be settled"):
        await ledger.credits.settle(first, 101)
    await ledger.credits.settle(first, 80)
    await ledger.credits.settle(first, 80)
    with pytest.raises(LedgerError, match="was closed by settle"):
        await ledger.credits.release(first)
    await ledger.credits.release(second)
    await ledger.credits.release(second)
    with pytest.raises(LedgerError, match="was closed by release"):
        await ledger.credits.settle(second)
    summary = await ledger.credits.summary(account)
    assert (summary.spent, summary.reserved, len(summary.entries)) == (80, 0, 4)


def _reads(available: int, held: int = 0) -> Callable[[], Awaitable[Credits]]:
    async def read() -> Credits:
        return Credits(available=available, held=held, total=available + held)

    return read


async def test_drift_is_posted_when_nothing_is_in_flight(ledger: Ledger) -> None:
    """What the balance lost beside what was settled becomes the run's adjustment, and counts to its budget."""
    run = await ledger.journal.begin_run("cloud", "own", budget=300)
    what = For("cloud:own", run)
    await ledger.credits.observe("cloud:own", _reads(1000), run_id=run)
    reservation = await ledger.credits.reserve(what, 100)
    assert not (await ledger.credits.observe("cloud:own", _reads(870), run_id=run)).quiet
    await ledger.credits.settle(reservation)
    assert not (await ledger.credits.observe("cloud:own", _reads(870, held=5), run_id=run)).quiet
    seen = await ledger.credits.observe("cloud:own", _reads(870), run_id=run)
    assert (seen.quiet, seen.adjusted) == (True, 30)
    with pytest.raises(BudgetExceeded):
        await ledger.credits.reserve(what, 171)
    await ledger.credits.reserve(what, 170)
    assert (await ledger.credits.summary("cloud:own")).drift == 30


async def test_a_movement_during_the_reading_makes_no_drift(ledger: Ledger) -> None:
    """A balance that was read while another runner spent tells nothing, and nothing is posted."""
    run = await ledger.journal.begin_run("cloud", "own")
    await ledger.credits.observe("cloud:own", _reads(1000), run_id=run)

    async def read() -> Credits:
        await ledger.credits.settle(await ledger.credits.reserve(For("cloud:own", run), 100))
        return Credits(available=1000, held=0, total=1000)

    assert not (await ledger.credits.observe("cloud:own", read, run_id=run)).quiet
    assert (await ledger.credits.summary("cloud:own")).drift == 0


async def test_a_top_up_buys_no_budget(ledger: Ledger) -> None:
    """Credits that come in are shown as drift, and allow a run not one credit more."""
    run = await ledger.journal.begin_run("cloud", "own", budget=100)
    await ledger.credits.observe("cloud:own", _reads(50), run_id=run)
    assert (await ledger.credits.observe("cloud:own", _reads(5050), run_id=run)).adjusted == -5000
    with pytest.raises(BudgetExceeded):
        await ledger.credits.reserve(For("cloud:own", run), 101)


async def test_an_empty_account_stops_every_runner(ledger: Ledger, other: Ledger) -> None:
    """After a 2001 nobody reserves, until a balance is read that suffices."""
    account = await ledger.credits.open_account("cloud", "own")
    await ledger.credits.stop(account, "the service has no credits left for us")
    with pytest.raises(CreditsExhausted, match="no credits left"):
        await other.credits.reserve(For(account), 100)
    await other.credits.observe(account, _reads(40), needed=100)
    with pytest.raises(CreditsExhausted):
        await other.credits.reserve(For(account), 100)
    await other.credits.observe(account, _reads(400), needed=100)
    assert await ledger.credits.reserve(For(account), 100)


async def test_spending_goes_on_when_the_balance_has_risen(ledger: Ledger, other: Ledger) -> None:
    """As many credits as there were when the service refused are not enough: it would refuse again."""
    account = await ledger.credits.open_account("cloud", "own")
    await ledger.credits.stop(account, "too few", available=130)
    await other.credits.stop(account, "too few, says another prompt", available=140)
    for available, goes_on in ((130, False), (131, True)):
        await other.credits.observe(account, _reads(available), needed=100)
        summary = await ledger.credits.summary(account)
        assert bool(summary.stopped) is not goes_on
    assert summary.stopped_available is None


async def test_the_account_keeps_its_budget(ledger: Ledger, clock: ManualClock) -> None:
    """A run that says nothing of the account's budget leaves it; 0 takes it away. Each budget tells what is used."""
    run = await ledger.journal.begin_run("local", "studio", budget=300, budget_per_day=500, budget_in_all=800)
    await ledger.credits.reserve(For("local:studio", run), 200)
    clock.advance(1)
    again = await ledger.journal.begin_run("local", "studio")
    await ledger.credits.settle(await ledger.credits.reserve(For("local:studio", again), 50), 40)
    budgets = await ledger.credits.budgets("local:studio")
    told = [(budget.scope, budget.credits, budget.used, budget.left) for budget in budgets]
    assert told == [("account", 800, 240, 560), ("day", None, 240, None), ("run", None, 40, None)]
    await ledger.journal.begin_run("local", "studio", budget_in_all=0)
    assert (await ledger.credits.budgets("local:studio"))[0].credits is None


class Spending(RuleBasedStateMachine):
    """Two runners spend at random; a plain model tells what must come of it."""

    BUDGET = 1000

    def __init__(self, journal: Path) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        shutil.copy(journal, Path(self.folder.name) / "ledger.db")
        clock = ManualClock(datetime(2026, 5, 1, tzinfo=UTC))
        self.stores = [Store(f"sqlite:///{self.folder.name}/ledger.db", clock) for _ in range(2)]
        self.ledgers = [Ledger.over(store) for store in self.stores]
        self.open: list[tuple[int, int]] = []
        self.spent = 0
        self.account = self._run(self.ledgers[0].credits.open_account("local", "studio"))
        self._run(self.ledgers[0].credits.set_budget(self.account, "account", self.BUDGET))

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    async def _burst(self, amount: int, count: int) -> list[int | None]:
        whose = (self.ledgers[number % 2] for number in range(count))
        return await asyncio.gather(*(_try(ledger, For(self.account), amount) for ledger in whose))

    @rule(amount=st.integers(0, 400), count=st.integers(1, 5))
    def reserve(self, amount: int, count: int) -> None:
        """Several reservations at once: as many are taken as fit."""
        room = self.BUDGET - self.spent - sum(amount for _, amount in self.open)
        got = sorted(one for one in self._run(self._burst(amount, count)) if one is not None)
        assert len(got) == (min(count, room // amount) if amount else count)
        self.open += [(reservation, amount) for reservation in got]

    @precondition(lambda self: self.open)
    @rule(data=st.data(), runner=st.integers(0, 1))
    def settle(self, data: st.DataObject, runner: int) -> None:
        """One is settled, wholly or in part, by either runner."""
        reservation, amount = self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))
        spent = data.draw(st.integers(0, amount))
        self._run(self.ledgers[runner].credits.settle(reservation, spent))
        self.spent += spent

    @precondition(lambda self: self.open)
    @rule(data=st.data(), runner=st.integers(0, 1))
    def release(self, data: st.DataObject, runner: int) -> None:
        """One is released by either runner."""
        reservation, _ = self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))
        self._run(self.ledgers[runner].credits.release(reservation))

    @invariant()
    def sums_hold(self) -> None:
        """Spent and reserved are what the model says, and never more than the budget."""
        summary = self._run(self.ledgers[1].credits.summary(self.account))
        assert (summary.spent, summary.reserved) == (self.spent, sum(amount for _, amount in self.open))
        assert summary.spent + summary.reserved <= self.BUDGET

    def teardown(self) -> None:
        """Close everything."""
        for store in self.stores:
            self._run(store.close())
        self.runner.close()
        self.folder.cleanup()


def test_any_spending_keeps_the_sums(journal: Path) -> None:
    """Whatever two runners reserve, settle and release, and in whichever order, the sums are the model's."""

    class Here(Spending):
        def __init__(self) -> None:
            super().__init__(journal)

    many = settings(
        max_examples=12, stateful_step_count=12, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    run_state_machine_as_test(Here, settings=many)
