"""A clip is made through a service that misbehaves by a seed; whoever must decide, decides by what is true."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import httpx

from nightreel.studio.faults import POSSIBLE, Endpoint, Fault, Schedule
from tests.faults.theatre import Stage, run, stage
from tests.faults.victim import Part

TRIES = 20
"""Runs after which a clip must be made: a schedule lets every n-th request through, but sessions may vanish often."""

NEVER_ASKED = {Endpoint.CLAIM, Endpoint.CANCEL}
"""What a nightly run has no use for."""

NAME = "P0 1x1"
"""What the clip's session is called: a schedule hangs on it."""

Met = Counter[tuple[Endpoint, Fault]]
"""How often each fault met each endpoint."""


@dataclass(frozen=True)
class Outcome:
    """What came of a seed.

    Attributes:
        replay: the studio's options that bring it about again.
        complaints: what the checker says, with what the last run said before them when the clip is not made.
        met: the faults that happened.
        runs: how many runs it took.
    """

    replay: str
    complaints: Sequence[str]
    met: Met
    runs: int


class Case(NamedTuple):
    """A seed, and the faults that may come; *anonymous* is whose account it is."""

    seed: int
    only: frozenset[Fault] = frozenset()
    anonymous: bool = False


def cells(fault: Fault) -> set[Endpoint]:
    """Return where *fault* can meet a nightly run."""
    return {endpoint for endpoint, faults in POSSIBLE.items() if fault in faults} - NEVER_ASKED


def covering(fault: Fault) -> list[Case]:
    """Return few cases, each of *fault* alone, in which it meets the first request of every cell of its own."""
    found: list[Case] = []
    left = cells(fault)
    while left:
        (anonymous, places) = (True, {Endpoint.TOKEN}) if Endpoint.TOKEN in left else (False, left)
        only = frozenset({fault, Fault.LINK_EXPIRED} if left == {Endpoint.DOWNLOAD} else {fault})
        seed, met = _first_seed(places, fault, only)
        found.append(Case(seed, only, anonymous))
        left -= met
    return found


def _first_seed(wanted: set[Endpoint], fault: Fault, only: frozenset[Fault]) -> tuple[int, set[Endpoint]]:
    """Return the seed, of the first few thousand, that meets most of *wanted*, and what it meets."""
    schedules = (Schedule(seed, only) for seed in range(3000))
    met = {schedule.seed: {it for it in wanted if _meets(schedule, it, fault)} for schedule in schedules}
    best = max(met.items(), key=lambda item: len(item[1]))
    assert best[1], f"no seed lets {fault} meet {wanted}"
    return best


def _meets(schedule: Schedule, endpoint: Endpoint, fault: Fault) -> bool:
    """Whether the clip's first request there meets it; the fallback is asked when two links have failed."""
    subject = "" if endpoint in {Endpoint.TOKEN, Endpoint.BALANCE} else NAME
    asked = endpoint is not Endpoint.DOWNLOAD or all(
        schedule.at(Endpoint.LINK, NAME, n) is Fault.LINK_EXPIRED for n in (1, 2)
    )
    return asked and schedule.at(endpoint, subject, 1) is fault


def withstand(folder: Path, case: Case, bug: str = "") -> Outcome:
    """Make a clip at a studio with the faults of *case*, in as many runs as it takes.

    An anonymous account asks for its token, and cannot pay for a clip that is lost.
    """
    options = ["--faults", str(case.seed), *(f"--only-fault={fault}" for fault in sorted(case.only))]
    with stage(folder, *options, clips=1) as ready:
        part = ready.case("case", Part(ready.clips, token="" if case.anonymous else ready.token, bug=bug))
        runs, said = _until_made(ready, part)
        unmade = [f"not made in {runs} runs: {said}"] if said else []
        return Outcome(" ".join(options), [*unmade, *ready.complaints(part)], _met(ready), runs)


def _until_made(ready: Stage, part: Part) -> tuple[int, str]:
    """Run until the clip is made; a person who is asked looks at the bill, and buys again what was lost."""
    said = ""
    for number in range(1, TRIES + 1):
        assert run(part) == 0, (part.folder / "runner.log").read_text()
        (said,) = part.came().values()
        if not said:
            return number, ""
        if said.startswith("NeedsPerson"):
            charged = frozenset(charge["session"] for charge in ready.books().bill)
            part = replace(part, person=charged, remake="--remake" in said)
    return TRIES, said


def _met(ready: Stage) -> Met:
    told = httpx.get(f"{ready.url}/studio/faults", headers={"Authorization": f"Bearer {ready.token}"}).json()
    return Counter((Endpoint(each["endpoint"]), Fault(each["fault"])) for each in told)
