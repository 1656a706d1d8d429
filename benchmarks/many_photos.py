"""The same photo many times, on many cores; run as a module: who, the photo's path, how many, and cores.

Ours goes through the decoders' processes, with their limits; the bare one through as many processes of a pool. Prints
the seconds on the clock, less what it takes to start them.
"""

import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from benchmarks.one_photo import bare_pyvips
from nightreel.images.decoders import Decoders
from nightreel.images.photos import probe
from nightreel.models import Photo


def main() -> None:
    """Do it."""
    who, path, many, cores = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    print(_ours(path, many, cores) if who == "ours" else _bare(path, many, cores))


def _ours(path: Path, many: int, cores: int) -> float:
    decoders = Decoders(cores)

    def fit(_: int) -> Photo:
        return probe(path, path.name, look=lambda fd, order: decoders.look(fd, replace(order, encode=True)))

    with ThreadPoolExecutor(cores) as pool:
        spent = _timed(pool, fit, many, cores)
    decoders.close()
    return spent


def _bare(path: Path, many: int, cores: int) -> float:
    with ProcessPoolExecutor(cores, get_context("spawn")) as pool:
        return _timed(pool, partial(_fit, path), many, cores)


def _fit(path: Path, number: int) -> None:
    bare_pyvips(path, str(number))()


def _timed(pool: Executor, fit: Callable[[int], object], many: int, cores: int) -> float:
    list(pool.map(fit, range(2 * cores)))
    began = time.monotonic()
    list(pool.map(fit, range(many)))
    return time.monotonic() - began


if __name__ == "__main__":
    main()
