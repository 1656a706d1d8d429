"""Several runners at once on one catalog: no clip twice, no budget passed, whoever of them is killed."""

import random
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults import checker
from tests.faults.theatre import Stage, end, finish, stage, start
from tests.faults.victim import Part


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Stage]:
    """Give a stage whose one case spends from the studio's local account."""
    with stage(tmp_path) as ready:
        yield ready


@pytest.mark.parametrize(("runners", "seed"), [(2, 1), (2, 2), (4, 3), (4, 4)])
def test_runners_at_once_make_no_clip_twice(own: Stage, runners: int, seed: int) -> None:
    """Each begins with another clip; one is killed somewhere; the next run finishes, and all was paid once."""
    chance = random.Random(seed)  # noqa: S311 - who dies where, not a secret
    part = own.case("shared", Part(own.clips, token=own.token))
    mine = [(*own.clips[n % 4 :], *own.clips[: n % 4]) for n in range(runners)]
    fatal = [0] * (runners - 1) + [chance.randint(40, 170)]
    started = [
        start(replace(part, name=f"r{n}", clips=clips, fatal=at))
        for n, (clips, at) in enumerate(zip(mine, fatal, strict=True))
    ]
    assert [end(one) for one in started] == [0] * (runners - 1) + [-signal.SIGKILL]
    assert not any(finish(part).values())
    assert own.complaints(part) == []


def test_runners_at_once_never_pass_the_budget(own: Stage) -> None:
    """With credits for two clips a day, four runners make two; the others say why, and nothing stays reserved."""
    part = own.case("poor", Part(own.clips, token=own.token, budget=200))
    parts = [replace(part, name=f"r{n}", clips=(clip,)) for n, clip in enumerate(own.clips)]
    assert [end(one) for one in [start(each) for each in parts]] == [0] * 4
    said = [error for each in parts for error in each.came().values()]
    assert said.count("") == 2
    assert sum("BudgetExceeded" in error for error in said) == 2
    assert checker.spending(part.folder, own.books()) == []
