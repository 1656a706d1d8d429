"""A service that misbehaves in every way: the clip is made all the same, every charge once, and the books agree.

A failing seed prints the studio's options that replay it. `make soak` runs thousands.
"""

from pathlib import Path

import pytest

from nightreel.studio.faults import POSSIBLE, Fault
from tests.faults.seeds import NEVER_ASKED, Met, Outcome, withstand
from tests.faults.theatre import spread

SEEDS = 60
SHARES = 2
"""Tests that share the seeds, so that two processes can run them."""

_EACH = 6
"""Seeds of each fault alone."""


def _wrong(outcomes: list[Outcome]) -> list[str]:
    return [f"{each.replay}: {complaint}" for each in outcomes for complaint in each.complaints]


@pytest.mark.parametrize("share", range(SHARES))
def test_a_clip_is_made_whatever_the_service_does(tmp_path: Path, share: int) -> None:
    """With all faults, seed after seed."""
    seeds = range(1 + share * SEEDS, 1 + (share + 1) * SEEDS)
    assert _wrong(spread(lambda seed: withstand(tmp_path / str(seed), seed), seeds)) == []


@pytest.mark.parametrize("share", range(SHARES))
def test_each_fault_is_met_wherever_it_can_be(tmp_path: Path, share: int) -> None:
    """With one fault alone, a few seeds of each: no cell of the matrix of faults and endpoints stays empty."""
    cases = [(fault, seed) for fault in list(Fault)[share::SHARES] for seed in range(_EACH)]

    def met_alone(case: tuple[Fault, int]) -> Outcome:
        fault, seed = case
        anonymous = bool(seed % 2) and fault is not Fault.SESSION_VANISHED
        return withstand(tmp_path / f"{fault}{seed}", seed, [fault], anonymous=anonymous)

    outcomes = spread(met_alone, cases)
    assert _wrong(outcomes) == []
    met = sum((each.met for each in outcomes), Met())
    asked = [endpoint for endpoint in POSSIBLE if endpoint not in NEVER_ASKED]
    empty = [
        (it, fault)
        for it in asked
        for fault in list(Fault)[share::SHARES]
        if fault in POSSIBLE[it] and not met[it, fault]
    ]
    assert empty == []


def test_a_prompt_that_is_sent_again_when_its_stream_is_lost_is_found(tmp_path: Path) -> None:
    """The checker sees the bug that this whole house is built against."""
    lost = [Fault.RESET_STREAM]
    outcomes = spread(lambda n: withstand(tmp_path / str(n), n, lost, bug="send_again_on_unknown"), range(6))
    assert any("for 1 purchases" in complaint for complaint in _wrong(outcomes))
