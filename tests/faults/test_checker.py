"""The checker is checked: each bug that is planted into a runner is found by it; of sound work it says nothing."""

import signal
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults import checker
from tests.faults.theatre import Stage, end, finish, run, stage, start
from tests.faults.victim import Part

PROMPT = "send_request_body.complete of POST /run_sse"
EXPORT = "response_closed.complete of POST /render/proxy/lambda"


@pytest.fixture(scope="module")
def points(shared: Stage) -> list[str]:
    """Return the points of a run that nobody kills and that has no bug; the checker has nothing to say of it."""
    part = shared.case("sound")
    assert run(part) == 0
    assert shared.complaints(part) == []
    return part.passed()


@pytest.mark.parametrize(
    ("bug", "killed_at", "found"),
    [
        ("send_again_after_a_crash", PROMPT, "finished prompts"),
        ("settle_twice", "", "the ledger says that 200 credits are spent, the bill 100"),
        ("render_journalled_late", EXPORT, "which the journal does not know"),
    ],
)
def test_a_planted_bug_is_found(shared: Stage, points: list[str], bug: str, killed_at: str, found: str) -> None:
    """Sent twice, settled twice, released too early, journalled too late: each is told from sound work."""
    assert not killed_at or killed_at in points
    part = shared.case(bug, Part(shared.clips[:1], bug=bug, at=killed_at))
    assert run(part) == (-signal.SIGKILL if killed_at else 0)
    finish(part)
    assert any(found in complaint for complaint in shared.complaints(part)), shared.complaints(part)


def test_a_reservation_that_is_released_too_early_is_found(tmp_path: Path) -> None:
    """Killed while the prompt is at work: the next run looks too early, books a failure, and its credits are free."""
    with stage(tmp_path, rate=100) as slow:
        part = slow.case("released", Part(slow.clips[:1], bug="release_on_unknown", at=PROMPT))
        assert run(part) == -signal.SIGKILL
        finish(part)
        complaints = slow.complaints(part)
    assert any("finished prompts" in complaint for complaint in complaints), complaints


def test_a_budget_that_is_read_too_early_is_found(tmp_path: Path) -> None:
    """Four runners that look at the budget before they reserve pass it together; the audit of the books says so."""
    with stage(tmp_path) as own:
        part = own.case(
            "overspent", Part(own.clips, token=own.token, budget=200, bug="budget_outside_the_transaction")
        )
        runners = [start(replace(part, name=f"r{n}", clips=(clip,))) for n, clip in enumerate(own.clips)]
        assert [end(runner) for runner in runners] == [0] * 4
        complaints = checker.complaints(part.folder, own.books(), 4)
    assert any("the day's budget of 200 credits" in complaint for complaint in complaints), complaints
