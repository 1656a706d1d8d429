"""A clip is made through a service that misbehaves by a seed; whoever must decide, decides by what is true."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from nightreel.studio.faults import Endpoint, Fault
from tests.faults.theatre import Stage, run, stage
from tests.faults.victim import Part

TRIES = 8
"""Runs after which a clip must be made: a schedule lets every n-th request through."""

NEVER_ASKED = {Endpoint.CLAIM, Endpoint.CANCEL}
"""What a nightly run has no use for."""

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


def withstand(
    folder: Path, seed: int, only: Iterable[Fault] = (), *, anonymous: bool = False, bug: str = ""
) -> Outcome:
    """Make a clip at a studio with the faults of *seed*, in as many runs as it takes.

    An *anonymous* account asks for its token, and cannot pay for a clip that is lost.
    """
    options = ["--faults", str(seed), *(word for fault in only for word in ("--only-fault", fault.value))]
    with stage(folder, *options, clips=1) as ready:
        part = ready.case("case", Part(ready.clips, token="" if anonymous else ready.token, bug=bug))
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
