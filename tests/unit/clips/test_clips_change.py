"""A change by a person's words: bought once, whenever the process dies; until then the old video stands."""

import pytest

from nightreel.clips import claim, give_back
from nightreel.clips.change import change, last_purchase
from nightreel.errors import BudgetExceeded, DraftRejected
from nightreel.models import Delivery
from tests.unit.clips.conftest import Bench, Fuse, Killed

WORDS = "Make it shorter."


def shortens(bench: Bench) -> None:
    """Have the service's editor shorten the video by what it is asked."""

    def cut(session_id: str) -> None:
        bench.service.sessions[session_id].seconds = 6.0

    bench.service.on_send = cut


async def asked(bench: Bench, after: str, fuse: Fuse | None = None) -> Delivery:
    """Ask for the change, in a process of its own."""
    async with bench.process(fuse) as tools:
        job = await claim(bench.clip, bench.order(), tools)
        try:
            return await change(job, tools, WORDS, after)
        finally:
            await give_back(job, tools)


async def first(bench: Bench) -> str:
    """Make the clip; return the id of what it was bought by."""
    await bench.make()
    async with bench.process() as tools:
        job = await claim(bench.clip, bench.order(), tools)
        try:
            return await last_purchase(job, tools)
        finally:
            await give_back(job, tools)


async def test_a_change_is_one_edit_in_the_clips_own_session(bench: Bench) -> None:
    """It is paid for as an edit, rendered anew and delivered in the old one's place; asked again, nothing is sent."""
    after = await first(bench)
    shortens(bench)
    delivery = await asked(bench, after)
    for _ in range(2):
        assert delivery.credits == 150
        assert [price for _, _, price in bench.service.bill] == [100, 50]
        assert len({session for session, _, _ in bench.service.bill}) == 1
        assert bench.service.calls.count("submit_render") == 2
        delivery = await asked(bench, after)
    async with bench.process() as tools:
        assert await tools.ledger.audit() == []
        made = (await tools.ledger.journal.made(bench.engine, "studio"))[bench.clip.key]
        assert made.status == "made"
    record = delivery.record.read_text()
    assert f'"changes": [\n    "{WORDS}"\n  ]' in record


async def test_a_runner_that_dies_anywhere_buys_the_change_once(bench: Bench) -> None:
    """Killed at a request or commit, the next one goes on: one edit on the bill, and the clip stays made."""
    after = await first(bench)
    shortens(bench)
    twin = bench.twin("counting")
    counting = Fuse()
    await asked(twin, after, counting)
    for point in range(1, counting.passed + 1, 5):
        broken = bench.twin(f"at-{point}")
        shortens(broken)
        with pytest.raises(Killed):
            await asked(broken, after, Fuse(point))
        delivery = await asked(broken, after)
        assert [price for _, _, price in broken.service.bill] == [100, 50]
        assert delivery.video.is_file()
        async with broken.process() as tools:
            assert await tools.ledger.audit() == []
            assert await tools.ledger.purchases.open(broken.account_id) == []
            assert (await tools.ledger.journal.made(broken.engine, "studio"))[broken.clip.key].status == "made"


async def test_an_answer_that_changes_nothing_is_told_and_not_bought_again(bench: Bench) -> None:
    """It may have been charged: the same words are not sent a second time, and the video stands as it was."""
    after = await first(bench)
    bench.service.delay = -10.0  # music and title are there as they were, at once
    for _ in range(2):
        with pytest.raises(DraftRejected, match="changed nothing"):
            await asked(bench, after)
    assert len(bench.service.bill) == 2
    assert (await bench.make()).credits == 150  # a run delivers what was made first
    assert bench.service.calls.count("submit_render") == 1


async def test_a_budget_holds_for_changes(bench: Bench) -> None:
    """What would pass it is not sent."""
    after = await first(bench)
    bench.budget = 40
    with pytest.raises(BudgetExceeded):
        await asked(bench, after)
    assert len(bench.service.bill) == 1
