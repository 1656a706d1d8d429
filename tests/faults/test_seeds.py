"""A service that misbehaves in every way: the clip is made all the same, every charge once, and the books agree.

A failing seed prints the studio's options that replay it. `make soak` runs thousands.
"""

from pathlib import Path

import pytest

from nightreel.studio.faults import Fault
from tests.faults.seeds import Case, Met, Outcome, cells, covering, withstand
from tests.faults.theatre import spread

SEEDS = 60
SHARES = 2
"""Tests that share the seeds and the faults, so that two processes can run them."""


def _wrong(outcomes: list[Outcome]) -> list[str]:
    return [f"{each.replay}: {complaint}" for each in outcomes for complaint in each.complaints]


@pytest.mark.parametrize("share", range(SHARES))
def test_a_clip_is_made_whatever_the_service_does(tmp_path: Path, share: int) -> None:
    """With all faults, seed after seed."""
    seeds = range(1 + share * SEEDS, 1 + (share + 1) * SEEDS)
    assert _wrong(spread(lambda seed: withstand(tmp_path / str(seed), Case(seed)), seeds)) == []


@pytest.mark.parametrize("share", range(SHARES))
def test_each_fault_is_met_wherever_it_can_be(tmp_path: Path, share: int) -> None:
    """With one fault alone, at each endpoint that it can meet: no cell of the matrix stays empty."""
    faults = list(Fault)[share::SHARES]
    cases = list(enumerate(case for fault in faults for case in covering(fault)))
    outcomes = spread(lambda case: withstand(tmp_path / str(case[0]), case[1]), cases)
    assert _wrong(outcomes) == []
    met = sum((each.met for each in outcomes), Met())
    assert [(fault, endpoint) for fault in faults for endpoint in cells(fault) if not met[endpoint, fault]] == []


def test_a_prompt_that_is_sent_again_when_its_stream_is_lost_is_found(tmp_path: Path) -> None:
    """The checker sees the bug that this whole house is built against."""
    (case,) = covering(Fault.RESET_STREAM)
    assert any("was charged 2 times" in each for each in _wrong([withstand(tmp_path, case, "send_again_on_unknown")]))
