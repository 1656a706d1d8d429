"""`python -m benchmarks`: measure every figure, print a table, write out/bench.json; 1 if any does not hold."""

import argparse
import sys
from pathlib import Path

from rich.console import Console

from benchmarks import gate, photos, planning, rendering, safety, scale, serving, sound, steadiness
from benchmarks.figures import Figure, passed, table, write


def main() -> int:
    """Measure, print, write."""
    options = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure, against peers.")
    options.add_argument("--peers", type=Path, help="the interpreter that has the peers' modules")
    options.add_argument("--rounds", type=int, default=2, help="how often each takes its turn")
    options.add_argument("--out", type=Path, default=Path("out/bench.json"), help="where the figures are written")
    chosen = options.parse_args()
    figures: list[Figure] = [
        *rendering.measure(chosen.peers, chosen.rounds),
        *sound.measure(chosen.rounds),
        *serving.measure(),
        *steadiness.measure(),
        *gate.measure(chosen.rounds),
        *safety.measure(),
        *scale.measure(),
        *planning.measure(),
        *photos.measure(chosen.rounds),
    ]
    Console().print(table(figures))
    write(figures, chosen.out)
    return 0 if passed(figures) else 1


if __name__ == "__main__":
    sys.exit(main())
