"""A run that is asked to stop: what is paid for is finished, nothing new is begun, and the next run goes on."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nightreel.clips import Stopping, Tools, make
from nightreel.errors import NightreelError, RateLimited, RunStopped
from nightreel.ledger.records import PurchaseStatus
from nightreel.models import Progress, Step
from nightreel.nemo.upload import OnProgress

if TYPE_CHECKING:
    from tests.unit.clips.conftest import Bench

EVERY = 4
"""Of so many points one is tried, another one for each way: dying at each of them has tests of its own."""


class _Bell:
    """Rings at the n-th point that is passed: around each request, and around each commit of the journal."""

    def __init__(self, at: int, ring: Callable[[], object]) -> None:
        self.at, self.ring, self.passed = at, ring, 0

    def point(self) -> None:
        """Pass a point."""
        self.passed += 1
        if self.passed == self.at:
            self.ring()


async def _run(bench: "Bench", at: int, ring: Callable[[Tools, "asyncio.Task[object]"], object]) -> int:
    """Make the clip, and have *ring* done at a point; return how many points there were."""
    async with bench.process() as tools:
        making = asyncio.create_task(make(bench.clip, bench.order(), tools))
        bell = _Bell(at, lambda: ring(tools, making))
        type(tools.ledger.store).fuse = bench.service.fuse = bell  # pyright: ignore[reportAttributeAccessIssue]
        await asyncio.gather(making, return_exceptions=True)
        failed = making.cancelled() or isinstance(making.exception(), RunStopped | None)
        assert failed, making.exception()
    return bell.passed


@pytest.mark.parametrize(("way", "first"), [("asked", 1), ("cancelled", 3)])
async def test_stopped_anywhere_the_next_run_goes_on(bench: "Bench", way: str, first: int) -> None:
    """Asked to stop, or cut short, around a request or commit, the next run finishes with one charge."""

    def ring(tools: Tools, making: "asyncio.Task[object]") -> None:
        _ = tools.stopping.ask() if way == "asked" else making.cancel()

    fresh = bench.twin("points")
    points = await _run(fresh, 0, ring)
    assert points > 20
    for at in range(first, points + 1, EVERY):
        stopped = bench.twin(f"at-{at}")
        await _run(stopped, at, ring)
        async with stopped.process() as tools:
            held = [clip for clip in await tools.ledger.journal.clips("local", "studio") if clip.owner]
            assert not held or not stopped.service.calls, "given back, unless it was cut short as it was claimed"
        await stopped.until_made()
        await stopped.check()


async def test_a_prompt_that_was_sent_is_finished(bench: "Bench") -> None:
    """Asked to stop while the prompt is under way: its outcome is known in the end, and nothing after it is begun."""
    seen: list[tuple[Step, str]] = []
    async with bench.process() as tools:
        bench.service.on_send = lambda _: tools.stopping.ask()
        with pytest.raises(RunStopped):
            await make(bench.clip, bench.order(), _watched(tools, seen))
        (record,) = await tools.ledger.journal.clips("local", "studio")
        (bought,) = await tools.ledger.purchases.of(clip_id=record.id)
    assert bought.status is PurchaseStatus.DONE
    assert seen[-1] == (Step.VERIFY, "stopped")
    assert "submit_render" not in bench.service.calls


async def test_a_prompt_that_was_not_sent_is_called_off(bench: "Bench") -> None:
    """Asked to stop while a prompt waits for its turn: it is not sent, and its credits are free again."""
    async with bench.process() as tools:

        def limited() -> NightreelError:
            tools.stopping.ask()
            return RateLimited("busy", retry_after=30)

        bench.service.faults["send", 1] = ("before", limited)
        with pytest.raises(RateLimited):
            await make(bench.clip, bench.order(), tools)
        with pytest.raises(RunStopped):
            await make(bench.clip, bench.order(), tools)
        assert (await tools.ledger.credits.summary(bench.account_id)).reserved == 0
    assert bench.service.calls.count("send") == 1


async def test_an_upload_is_given_up(bench: "Bench") -> None:
    """Asked to stop in a long upload: it is broken off, for nothing was bought in its session."""
    held = asyncio.Event()
    async with bench.process() as tools:

        async def slow(_: OnProgress) -> None:
            tools.stopping.ask()
            await held.wait()

        bench.service.on_upload = slow
        with pytest.raises(RunStopped):
            await make(bench.clip, bench.order(), tools)
    held.set()
    await bench.make()
    await bench.check()
    assert bench.service.calls.count("upload") == 2
    assert bench.service.calls.count("open_session") == 2


async def test_a_download_is_finished_and_delivered(bench: "Bench") -> None:
    """Asked to stop when the video is on its way: it is checked and delivered, for that is quick."""
    async with bench.process() as tools:

        def sink(event: Progress) -> None:
            if (event.step, event.state) == (Step.EXPORT, "done"):
                tools.stopping.ask()

        await make(bench.clip, bench.order(), _watched(tools, [], sink))
    await bench.check()


async def test_a_prompt_that_is_cut_short_is_unknown(bench: "Bench") -> None:
    """Cut short while the prompt is under way: the journal says that nobody knows, and the next run looks it up."""
    async with bench.process() as tools:
        making = asyncio.create_task(make(bench.clip, bench.order(), tools))

        async def cut_short() -> None:
            making.cancel()
            await asyncio.Event().wait()

        bench.service.stream = cut_short
        with pytest.raises(asyncio.CancelledError):
            await making
        (record,) = await tools.ledger.journal.clips("local", "studio")
        (bought,) = await tools.ledger.purchases.of(clip_id=record.id)
    assert bought.status is PurchaseStatus.UNKNOWN
    assert "stopped" in bought.note


async def test_work_that_is_given_up_is_over() -> None:
    """What is given up has ended when the next line runs; what is done by then counts."""
    stopping, ended = Stopping(), list[str]()

    async def work() -> str:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("over")
        return ""

    asyncio.get_running_loop().call_soon(stopping.ask)
    with pytest.raises(RunStopped):
        await stopping.unless(work())
    assert ended == ["over"]

    async def done() -> str:
        return "done"

    assert await stopping.unless(done()) == "done"


def _watched(tools: Tools, seen: list[tuple[Step, str]], also: Callable[[Progress], None] = lambda _: None) -> Tools:
    def sink(event: Progress) -> None:
        seen.append((event.step, event.state))
        also(event)

    return replace(tools, sink=sink)
