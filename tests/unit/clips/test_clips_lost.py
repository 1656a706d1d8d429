"""Processes that die and answers that are lost, anywhere on the way: the clip is made with one charge."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from nightreel.errors import NightreelError, OutcomeUnknown, ServerFault, StreamLost, StudioUnavailable, Unsent

if TYPE_CHECKING:
    from tests.unit.clips.conftest import Bench

PARTS = 4
"""The deaths are shared out, so that several processes may try them at once."""


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("delay", [0.0, 20.0], ids=["at once", "later"])
async def test_killed_anywhere_it_goes_on(bench: "Bench", delay: float, part: int) -> None:
    """Killed around every request and every commit in turn, the next run finishes with one charge."""
    bench.service.delay = delay
    moments = await bench.moments()
    assert len(moments) > 20
    for moment in moments[part::PARTS]:
        await moment.until_made()
        await moment.check()


_UNKNOWN: dict[str, Callable[[], NightreelError]] = {
    "outcome unknown": lambda: OutcomeUnknown("nobody knows"),
    "stream lost": lambda: StreamLost("the stream broke"),
    "server fault": lambda: ServerFault("503", status=503),
    "unsent": lambda: Unsent("refused"),
}
_WAYS = [(kind, when) for kind in _UNKNOWN for when in ("before", "after") if (kind, when) != ("unsent", "after")]
_METHODS = ("open_session", "upload", "state", "credits", "send", "submit_render", "render", "download")


@pytest.mark.parametrize("method", _METHODS)
@pytest.mark.parametrize(("kind", "when"), _WAYS)
async def test_a_lost_answer_costs_nothing_twice(bench: "Bench", method: str, when: str, kind: str) -> None:
    """Whichever answer is lost, before or after the work was done, the clip is made with one charge."""
    bench.service.faults[method, 1] = (when, _UNKNOWN[kind])
    bench.service.faults[method, 3] = (when, _UNKNOWN[kind])
    await bench.until_made()
    await bench.check()
    assert all(len(session.assets) <= 1 for session in bench.service.sessions.values())


@pytest.mark.parametrize("method", ["send", "submit_render"])
async def test_a_studio_that_does_not_start_keeps_no_credits(bench: "Bench", method: str) -> None:
    """There was nobody to send anything to: nothing stays reserved, and the next run waits for nothing."""
    bench.service.faults[method, 1] = ("before", lambda: StudioUnavailable("it ended with code 1"))
    with pytest.raises(StudioUnavailable):
        await bench.make()
    async with bench.process() as tools:
        assert (await tools.ledger.credits.summary(bench.account_id)).reserved == 0
    began = bench.clock.monotonic()
    await bench.make()
    assert bench.clock.monotonic() - began < 60
    await bench.check()
