"""Killed (-9) anywhere, the next run finishes: every clip delivered whole, every charge made once, the books agree.

The points are every commit (before, after), every request (before its first byte, sent, answered, read) and every
change of a file, in the order in which a runner passes them; see `tests.faults.points`.
"""

import random
import signal
from collections.abc import Iterator
from dataclasses import replace

import pytest

from nightreel import talk
from tests.faults.theatre import Stage, finish, run, spread, stage
from tests.faults.victim import Part

SHARES = 2
"""Tests that share the points, so that two processes can run them."""

_BATCH = 12
_LEAST = 120
"""A run passes at least so many points; fewer, and the harness has gone blind."""


def _killed(here: Stage, *fatal: int, part: Part | None = None) -> tuple[bool, list[str]]:
    """Kill a runner at each *fatal* point, one after another, and finish; return whether one died, and complaints."""
    part = part or here.case("-".join(map(str, fatal)))
    codes = [run(replace(part, fatal=point)) for point in fatal]
    assert set(codes) <= {0, -signal.SIGKILL}, (part.folder / "runner.log").read_text()
    unmade = [f"{clip}: {error}" for clip, error in finish(part).items() if error]
    return any(codes), [f"killed at {fatal}: {each}" for each in (*unmade, *here.complaints(part))]


@pytest.mark.parametrize("share", range(SHARES))
def test_a_run_killed_at_any_point_is_finished_by_the_next(shared: Stage, share: int) -> None:
    """For every n until a run ends by itself: killed at the n-th point, the clip is made by the next, paid once."""
    first, killed = share + 1, 0
    while True:
        batch = [first + SHARES * step for step in range(_BATCH)]
        came = spread(lambda point: _killed(shared, point), batch)
        assert [each for _, complaints in came for each in complaints] == []
        killed += sum(died for died, _ in came)
        if not all(died for died, _ in came):
            break
        first = batch[-1] + SHARES
    assert killed * SHARES >= _LEAST


def test_a_run_killed_twice_in_a_row_is_finished_by_the_next(shared: Stage) -> None:
    """Killed at some point, and again where the next run goes on: the third makes the clip, paid once."""
    chance = random.Random(3)  # noqa: S311 - which points, not a secret
    pairs = [(chance.randint(30, 150), chance.randint(5, 90)) for _ in range(24)]
    came = spread(lambda pair: _killed(shared, *pair), pairs)
    assert [each for _, complaints in came for each in complaints] == []


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Give a stage whose anonymous accounts can pay for a cut and its edits, and for no second cut."""
    with stage(tmp_path_factory.mktemp("rich"), "--anonymous-credits", "199", clips=2) as ready:
        yield ready


def _talk(here: Stage, name: str) -> Part:
    """Return a case whose runner holds a talk: a rough cut with a preview, and one edit."""
    part = here.case(name, Part(clips=()))
    prompts = ["Create a 3-second square video with no music. No title.", "Make it 4 seconds."]
    files = [clip.photos[0].path for clip in here.clips]
    return replace(part, script=talk.iterative(files, prompts, part.folder / "out" / "talk.mp4"))


def _broken_off(here: Stage, point: int) -> tuple[bool, list[str]]:
    part = _talk(here, f"talk-{point}")
    died, complaints = _killed(here, point, part=part)
    assert part.script is not None
    lost = [f"{scene.video.name} is not there" for scene in part.script.scenes if not scene.video.is_file()]
    return died, [*complaints, *lost]


def test_a_talk_killed_at_any_point_is_gone_on_with(rich: Stage) -> None:
    """Killed at every fifth point of a script, the next run finishes it: each prompt paid once, each video there."""
    point, killed = 2, 0
    while True:
        batch = [point + 5 * step for step in range(_BATCH)]
        came = spread(lambda each: _broken_off(rich, each), batch)
        assert [each for _, complaints in came for each in complaints] == []
        killed += sum(died for died, _ in came)
        if not all(died for died, _ in came):
            break
        point = batch[-1] + 5
    assert killed * 5 >= _LEAST
