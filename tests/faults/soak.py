"""`python -m tests.faults.soak [--minutes N] [--from SEED]`: seeds and kills without end; what failed is replayed.

Every seed makes a clip through its faults; every fourth is also killed twice, at points that the seed draws. At the
end the matrix of faults and endpoints says how often each was met.
"""

import argparse
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from itertools import count, islice
from pathlib import Path

from nightreel.studio.faults import matrix
from tests.faults.seeds import Case, Met, withstand
from tests.faults.theatre import Stage, finish, run, stage

_AT_ONCE = 4
_KILLED = 4


def main() -> int:
    """Soak; return 1 if anything failed."""
    options = argparse.ArgumentParser(prog="make soak", description="Seeds and kills, for as long as you like.")
    options.add_argument("--minutes", type=float, default=60)
    options.add_argument("--from", dest="first", type=int, default=1_000, help="the first seed")
    chosen = options.parse_args()
    met, failed, done = Met(), 0, 0
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        quiet = stack.enter_context(stage(folder / "quiet"))
        for found, complaints in _batches(folder, quiet, chosen.first, chosen.minutes):
            met, done = met + found, done + 1
            failed += bool(complaints)
            sys.stdout.write("".join(f"✗ {complaint}\n" for complaint in complaints))
            if done % 100 == 0:
                sys.stdout.write(f"{done} seeds, {failed} failed\n")
    sys.stdout.write(f"{matrix(met)}\n{done} seeds ({done // _KILLED} killed twice as well), {failed} failed\n")
    return 1 if failed else 0


def _batches(folder: Path, quiet: Stage, first: int, minutes: float) -> Iterator[tuple[Met, list[str]]]:
    end, seeds = time.monotonic() + 60 * minutes, count(first)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while time.monotonic() < end:
            batch = list(islice(seeds, 5 * _AT_ONCE))
            yield from pool.map(partial(_one, folder, quiet), batch)


def _one(folder: Path, quiet: Stage, seed: int) -> tuple[Met, list[str]]:
    came = withstand(folder / str(seed), Case(seed))
    complaints = [f"{came.replay}: {complaint}" for complaint in came.complaints]
    if seed % _KILLED == 0:
        complaints += _killed_twice(quiet, seed)
    return came.met, complaints


def _killed_twice(quiet: Stage, seed: int) -> list[str]:
    chance = random.Random(seed)  # noqa: S311 - which points, not a secret
    points = (chance.randint(1, 180), chance.randint(1, 120))
    part = quiet.case(f"killed{seed}")
    codes = [run(replace(part, fatal=point)) for point in points]
    said = [f"ended by {code}" for code in codes if code not in (0, -signal.SIGKILL)]
    said += [error for error in finish(part).values() if error]
    return [f"killed at {points}: {complaint}" for complaint in (*said, *quiet.complaints(part))]


if __name__ == "__main__":
    sys.exit(main())
