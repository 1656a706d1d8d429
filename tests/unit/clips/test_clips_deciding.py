"""What a person is shown of a prompt of which nobody knows what came, and what is made of the decision."""

from typing import TYPE_CHECKING

import pytest

from nightreel.clips import Tools, gather, give_up, give_up_clip, stranded
from nightreel.clips.evidence import Verdict
from nightreel.errors import (
    ConfigurationError,
    NeedsPerson,
    NightreelError,
    OutcomeUnknown,
    SessionNotFound,
    StreamLost,
)
from nightreel.ledger.records import PurchaseRecord, PurchaseStatus

if TYPE_CHECKING:
    from tests.unit.clips.conftest import Bench


async def _person(bench: "Bench") -> None:
    """Bring the clip before a person."""
    for n in (1, 2):
        bench.service.faults["send", n] = ("before", lambda: StreamLost("the stream broke"))
    with pytest.raises(NeedsPerson):
        await bench.make()


async def _waiting(tools: Tools) -> PurchaseRecord:
    (waiting,) = await tools.ledger.purchases.open(tools.account_id)
    return waiting


async def test_the_evidence_says_that_nothing_was_made(bench: "Bench") -> None:
    """State and balance are as before: both are shown, and what they tell."""
    await _person(bench)
    async with bench.process() as tools:
        found = await gather(await _waiting(tools), tools)
    assert (found.clip, found.verdict, found.charged) == ("mug 9x16", Verdict.AS_BEFORE, False)
    assert (found.balance_before, found.balance_now, found.others) == (10_000, 10_000, 0)
    assert found.before == found.now
    assert "looks not made" in found.tells


async def test_the_evidence_says_that_it_was_made_after_all(bench: "Bench") -> None:
    """A timeline that came late is shown, with the charge."""
    await _person(bench)
    async with bench.process() as tools:
        waiting = await _waiting(tools)
        session = await tools.ledger.sessions.get(waiting.session_id)
        await bench.service.send(session.remote_id or "", bench.clip.prompt)
        found = await gather(waiting, tools)
    assert (found.verdict, found.charged) == (Verdict.MADE, True)
    assert "Video" in found.now
    assert "looks made" in found.tells


async def test_what_cannot_be_read_is_said(bench: "Bench") -> None:
    """Without the service the evidence is what is written down."""

    def lost() -> NightreelError:
        return OutcomeUnknown("the network is down")

    await _person(bench)
    calls = bench.service.calls
    bench.service.faults = {(name, calls.count(name) + 1): ("before", lost) for name in ("state", "credits")}
    async with bench.process() as tools:
        found = await gather(await _waiting(tools), tools)
    assert "the network is down" in found.now
    assert (found.verdict, found.charged, found.balance_now) == (Verdict.UNCLEAR, None, None)
    assert "Neither" in found.tells


@pytest.mark.parametrize("charged", [False, True])
async def test_a_clip_that_is_given_up_is_made_no_more(bench: "Bench", charged: bool) -> None:  # noqa: FBT001
    """Nothing stays reserved, the ledger follows the balance, and only a remake buys it again."""
    await _person(bench)
    if charged:
        bench.service.bill.append(("unseen", "charged for nothing", 100))
    async with bench.process() as tools:
        bought = await give_up((await _waiting(tools)).id, tools)
        summary = await tools.ledger.credits.summary(bench.account_id)
        known = await tools.ledger.journal.made("local", "studio")
        assert (bought.status, bought.by_person) == (PurchaseStatus.FAILED, True)
        assert (summary.reserved, summary.spent) == (0, 100 * charged)
        assert known[bench.clip.key].status == "given up"
        assert await tools.ledger.audit() == []
        with pytest.raises(ConfigurationError, match="No open prompt"):
            await give_up(bought.id, tools)
    bench.service.faults.clear()
    bench.remake = True
    await bench.make()
    assert [prompt for _, prompt, _ in bench.service.bill].count(bench.clip.prompt) == 1


async def test_a_paid_clip_whose_session_is_gone_waits_for_a_person_too(bench: "Bench") -> None:
    """What came of its prompt is known; it is listed, and can be given up."""
    bench.service.faults["submit_render", 1] = ("before", lambda: SessionNotFound("gone", code=1002))
    with pytest.raises(NeedsPerson, match="its session is gone"):
        await bench.make()
    async with bench.process() as tools:
        (clip,) = await stranded(tools)
        assert "--remake" in clip.hint
        await give_up_clip(clip.id, tools)
        assert await stranded(tools) == []
        assert (await tools.ledger.credits.summary(bench.account_id)).spent == 100
