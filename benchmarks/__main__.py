"""`python -m benchmarks [SUBJECT…]`: measure, tell each figure as it is known, write them; 1 if any does not hold.

A subject that breaks off is told, and the others go on: what was measured is kept.
"""

import argparse
import sys
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from rich.console import Console

from benchmarks import gate, photos, planning, rendering, safety, scale, serving, sound, steadiness
from benchmarks.figures import Figure, line, passed, table, write

Subject = Callable[[], Iterator[Figure]]


def main() -> int:
    """Measure, print, write."""
    chosen = _options()
    subjects = _subjects(chosen.peers, chosen.rounds)
    console, figures = Console(), list[Figure]()
    for name in chosen.subjects or subjects:
        console.rule(name)
        for figure in _measured(name, subjects[name]):
            figures.append(figure)
            write(figures, chosen.out)
            console.print(line(figure))
    console.print(table(figures))
    return 0 if passed(figures) else 1


def _options() -> argparse.Namespace:
    known = list(_subjects(None, 0))
    options = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure, against peers.")
    options.add_argument("subjects", nargs="*", help=f"what to measure, of {', '.join(known)}; without any, all")
    options.add_argument("--peers", type=Path, help="the interpreter that has the peers' modules")
    options.add_argument("--rounds", type=int, default=2, help="how often each takes its turn")
    options.add_argument("--out", type=Path, default=Path("out/bench.json"), help="where the figures are written")
    chosen = options.parse_args()
    if strange := [name for name in chosen.subjects if name not in known]:
        options.error(f"there is no subject {strange[0]}; there are {', '.join(known)}")
    return chosen


def _subjects(peers: Path | None, rounds: int) -> dict[str, Subject]:
    return {
        "rendering": partial(rendering.measure, peers, rounds),
        "sound": partial(sound.measure, rounds),
        "serving": serving.measure,
        "steadiness": steadiness.measure,
        "gate": partial(gate.measure, rounds),
        "safety": safety.measure,
        "scale": scale.measure,
        "planning": planning.measure,
        "photos": partial(photos.measure, rounds),
    }


def _measured(name: str, subject: Subject) -> Iterator[Figure]:
    """Yield a subject's figures; if it breaks off, a last one that was not measured."""
    try:
        yield from subject()
    except Exception as error:  # noqa: BLE001 - of whatever kind: the other subjects are not its fault
        traceback.print_exception(error)
        yield Figure(f"{name}, to its end", None, "", None, None, f"broke off: {type(error).__name__}")


if __name__ == "__main__":
    sys.exit(main())
