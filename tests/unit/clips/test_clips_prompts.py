"""The one thing that is paid for: a prompt is sent once, and what came of it is found out, or asked."""

import sqlite3
from typing import TYPE_CHECKING

import pytest

from nightreel.clips import Waits, claim, decide, generate, make, upload
from nightreel.errors import (
    AgentFailed,
    BudgetExceeded,
    ConfigurationError,
    CreditsExhausted,
    NeedsPerson,
    NightreelError,
    OutcomeUnknown,
    RequestRefused,
    StreamLost,
    TokenRejected,
)
from nightreel.ledger import Ledger
from nightreel.ledger.records import PurchaseStatus
from nightreel.models import Engine

if TYPE_CHECKING:
    from tests.unit.clips.conftest import Bench


def _lost() -> NightreelError:
    return StreamLost("the stream broke")


def _killed() -> NightreelError:
    raise KeyboardInterrupt


async def _clip_ids(ledger: Ledger) -> set[str]:
    return {entry.clip_id for entry in await ledger.journal.entries() if entry.clip_id}


async def test_the_intent_is_committed_before_the_first_byte(bench: "Bench") -> None:
    """When the prompt is sent, the journal on the disk already has its purchase and its reservation."""
    seen: list[tuple[object, ...]] = []

    def look(_: str) -> None:
        with sqlite3.connect(bench.folder / "home" / "nightreel.db") as database:
            seen.extend(
                database.execute(
                    "SELECT p.status, e.reserved FROM purchase p JOIN ledger_entry e ON e.purchase_id = p.id"
                )
            )
        database.close()

    bench.service.on_send = look
    await bench.make()
    assert seen == [("intent", 100)]


async def test_what_the_service_still_holds_credits_for_is_not_bought_again(bench: "Bench") -> None:
    """A service that takes its time keeps the prompt's credits held: the run waits on, and then asks a person."""
    bench.service.faults["send", 1] = ("after", _lost)
    bench.engine, bench.waits = Engine.CLOUD, Waits()
    bench.service.delay = 20 * 60
    bench.service.held = 100
    async with bench.process() as tools:
        await make(bench.clip, bench.order(), tools)
        assert [
            one.status for one in await tools.ledger.purchases.of(clip_id=(await _clip_ids(tools.ledger)).pop())
        ] == [PurchaseStatus.DONE]
    assert len(bench.service.bill) == 1


@pytest.mark.parametrize("jump", [3600, -3600])
async def test_a_clock_that_jumps_buys_nothing_twice(bench: "Bench", jump: int) -> None:
    """Killed with the prompt under way, and the clock is an hour off when the next run looks: it is paid once."""
    bench.service.faults["send", 1] = ("after", _killed)
    bench.engine, bench.waits = Engine.CLOUD, Waits()
    bench.service.delay = 10 * 60
    bench.service.held = 100
    with pytest.raises(KeyboardInterrupt):
        await bench.make()
    bench.clock.jump(jump)
    await bench.make()
    assert len(bench.service.bill) == 1


async def test_a_person_is_asked_while_credits_are_held_without_end(bench: "Bench") -> None:
    """25 minutes after the send nothing is there, and the credits are held all the same: nobody buys again."""
    bench.service.faults["send", 1] = ("after", _lost)
    bench.engine, bench.waits = Engine.CLOUD, Waits()
    bench.service.delay = 3600
    bench.service.held = 100
    with pytest.raises(NeedsPerson, match="credits are still held"):
        await bench.make()


async def test_not_made_is_concluded_after_fifteen_minutes_only(bench: "Bench") -> None:
    """A prompt that left no trace is released and bought anew, once, 15 minutes after its send."""
    bench.service.faults["send", 1] = ("before", _lost)
    bench.engine, bench.waits = Engine.CLOUD, Waits()
    async with bench.process() as tools:
        await make(bench.clip, bench.order(), tools)
        clip_id = (await _clip_ids(tools.ledger)).pop()
        first, second = await tools.ledger.purchases.of(clip_id=clip_id)
        assert (first.status, second.status) == (PurchaseStatus.NOT_MADE, PurchaseStatus.DONE)
        assert (second.sent_at - first.sent_at).total_seconds() >= 15 * 60
        assert bench.clock.slept[:3] == [30, 60, 60]
    assert bench.service.calls.count("send") == 2


async def test_a_second_prompt_without_a_trace_is_a_persons_matter(bench: "Bench") -> None:
    """It is not sent a third time: the reservation stays, and every later run says the same."""
    bench.service.faults = {("send", n): ("before", _lost) for n in (1, 2)}
    for _ in range(2):
        with pytest.raises(NeedsPerson):
            await bench.make()
    assert bench.service.calls.count("send") == 2
    async with bench.process() as tools:
        assert (await tools.ledger.credits.summary(bench.account_id)).reserved == 100
        assert (await tools.ledger.journal.made("local", "studio"))[bench.clip.key].status == "person"


async def _person(bench: "Bench") -> str:
    """Bring the clip before a person; return the id of the prompt in question."""
    bench.service.faults = {("send", n): ("before", _lost) for n in (1, 2)}
    with pytest.raises(NeedsPerson):
        await bench.make()
    async with bench.process() as tools:
        (waiting,) = await tools.ledger.purchases.open(bench.account_id)
        return waiting.id


async def test_a_person_says_that_it_was_not_made(bench: "Bench") -> None:
    """The reservation is released, and the next run buys the clip, once."""
    prompt = await _person(bench)
    async with bench.process() as tools:
        await decide(prompt, tools, made=False)
        assert (await tools.ledger.credits.summary(bench.account_id)).reserved == 0
        with pytest.raises(ConfigurationError, match="No open prompt"):
            await decide(prompt, tools, made=True)
    await bench.make()
    await bench.check()


async def test_a_person_says_that_it_was_made(bench: "Bench") -> None:
    """Its credits are settled, and the next run goes on from the session's draft: nothing more is sent."""
    prompt = await _person(bench)
    async with bench.process() as tools:
        session = await tools.ledger.sessions.get((await tools.ledger.purchases.get(prompt)).session_id)
        await bench.service.send(session.remote_id or "", bench.clip.prompt)  # what the service did, unseen
        sent = bench.service.calls.count("send")
        await decide(prompt, tools, made=True)
    await bench.make()
    assert bench.service.calls.count("send") == sent
    await bench.check()


async def test_an_empty_account_is_told_where_credits_come_from(bench: "Bench") -> None:
    """Before anything is sent, with the link by which an anonymous account is registered."""
    bench.service.balance = 0
    with pytest.raises(CreditsExhausted, match="bind=anon_1"):
        await bench.make()
    assert "send" not in bench.service.calls


async def test_a_session_that_went_with_the_prompt_is_a_persons_matter(bench: "Bench") -> None:
    """The service forgot the session after the intent: nothing is sent to a new one in silence."""
    bench.service.faults["send", 1] = ("after", _lost)
    bench.service.on_send = lambda session: bench.service.sessions.pop(session) and None
    with pytest.raises(NeedsPerson):
        await bench.make()
    assert bench.service.calls.count("send") == 1


async def test_a_session_that_went_before_the_prompt_is_replaced(bench: "Bench") -> None:
    """Nothing was bought in it: the photos go to a new one."""
    async with bench.process() as tools:
        job = await claim(bench.clip, bench.order(), tools)
        await upload(job, tools)
        bench.service.sessions.clear()
        await generate(job, tools)
    await bench.until_made()
    await bench.check()


@pytest.mark.parametrize("when", ["before", "after"])
async def test_an_error_in_the_stream_is_checked_before_it_is_released(bench: "Bench", when: str) -> None:
    """An agent that fails after its work has made the clip; one that fails before is released, and says so."""
    bench.service.faults["send", 1] = (when, lambda: AgentFailed("a tool broke"))
    if when == "before":
        with pytest.raises(AgentFailed):
            await bench.make()
        async with bench.process() as tools:
            summary = await tools.ledger.credits.summary(bench.account_id)
            assert (summary.spent, summary.reserved) == (0, 0)
    await bench.until_made()
    await bench.check()


async def test_a_failure_that_was_charged_is_settled(bench: "Bench") -> None:
    """The state shows nothing, the balance fell: the ledger says what the bill says."""

    def charge(session_id: str) -> None:
        bench.service.bill.append((session_id, "charged for nothing", 100))

    bench.service.on_send = charge
    bench.service.faults["send", 1] = ("before", lambda: AgentFailed("a tool broke"))
    with pytest.raises(AgentFailed):
        await bench.make()
    async with bench.process() as tools:
        summary = await tools.ledger.credits.summary(bench.account_id)
        assert (summary.spent, summary.reserved) == (100, 0)


async def test_an_empty_account_stops_the_spending(bench: "Bench") -> None:
    """A 2001 releases the reservation and stops all runners until there are more credits than there were."""
    bench.service.faults["send", 1] = ("before", lambda: CreditsExhausted("too few credits", code=2001))
    for _ in range(2):
        with pytest.raises(CreditsExhausted, match="too few credits"):
            await bench.make()
    async with bench.process() as tools:
        summary = await tools.ledger.credits.summary(bench.account_id)
        assert (summary.reserved, bool(summary.stopped), summary.stopped_available) == (0, True, 10_000)
    assert bench.service.calls.count("send") == 1, "the balance did not rise: nobody asks a second time"
    bench.service.balance += 100
    await bench.make()
    assert len(bench.service.bill) == 1


async def test_a_person_lets_the_spending_go_on(bench: "Bench") -> None:
    """Whatever the balance says, somebody who knows better lets it go on, without touching the database."""
    bench.service.faults["send", 1] = ("before", lambda: CreditsExhausted("too few credits", code=2001))
    with pytest.raises(CreditsExhausted):
        await bench.make()
    async with bench.process() as tools:
        await tools.ledger.credits.resume(bench.account_id)
    await bench.make()
    await bench.check()


async def test_a_balance_that_cannot_be_read_stops_the_spending_too(bench: "Bench") -> None:
    """Spending is stopped before anything else is asked: with what was available before the prompt."""
    bench.service.faults["send", 1] = ("before", lambda: CreditsExhausted("too few credits", code=2001))
    bench.service.faults["credits", 2] = ("before", lambda: OutcomeUnknown("reset"))
    with pytest.raises(CreditsExhausted):
        await bench.make()
    async with bench.process() as tools:
        assert (await tools.ledger.credits.summary(bench.account_id)).stopped_available == 10_000


async def test_a_budget_that_is_too_small_sends_nothing(bench: "Bench") -> None:
    """The prompt is refused before a byte of it leaves."""
    bench.budget = 99
    with pytest.raises(BudgetExceeded):
        await bench.make()
    assert "send" not in bench.service.calls


@pytest.mark.parametrize(
    "error", [TokenRejected("no", code=1001), RequestRefused("no", status=422)], ids=lambda e: type(e).__name__
)
async def test_a_refused_prompt_is_released(bench: "Bench", error: NightreelError) -> None:
    """A plain no costs nothing, and the next run may ask again."""
    bench.service.faults["send", 1] = ("before", lambda: error)
    with pytest.raises(type(error)):
        await bench.make()
    await bench.make()
    await bench.check()
