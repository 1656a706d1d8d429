"""The crew: threads that make a video's pieces, each going on where it was, so that few photos are held at a time."""

from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import pairwise
from threading import Event


def carry_out(
    pieces: Iterable[int], make: Callable[[int], object], workers: Callable[[], int], most: int, off: Event
) -> None:
    """Call *make* with each number of *pieces*, in *workers()* threads, but *most*; asked again for each piece.

    An error, or a signal's exception, ends it: *off* is set so that those at work stop too, which is waited for.
    """
    waiting = sorted(pieces)
    at_work: dict[Future[object], int] = {}
    ended: list[int] = []
    with ThreadPoolExecutor(most, "renderer") as pool:
        try:
            while waiting or at_work:
                while waiting and len(at_work) < min(most, workers()):
                    number = choose(waiting, at_work.values(), ended.pop() if ended else None)
                    waiting.remove(number)
                    at_work[pool.submit(make, number)] = number
                done, _ = wait(at_work, return_when=FIRST_COMPLETED)
                ended = [at_work.pop(future) for future in done]
                for future in done:
                    future.result()
        except BaseException:
            off.set()
            raise


def choose(waiting: Sequence[int], at_work: Collection[int], last: int | None) -> int:
    """Return which piece to make next.

    The one after the *last*, or before it, which shows the same photo most likely. Else an end of the longest row of
    pieces that wait: where two work towards each other, neither needs the other's photos. Where both its ends are
    being worked at, its middle.

    Args:
        waiting: in ascending order, not empty.
        at_work: those being made.
        last: the one that was just made.
    """
    if last is not None:
        for beside in (last + 1, last - 1):
            if beside in waiting:
                return beside
    row = max(_rows(waiting), key=len)
    if row[0] - 1 not in at_work:
        return row[0]
    return row[len(row) // 2] if row[-1] + 1 in at_work else row[-1]


def _rows(numbers: Sequence[int]) -> list[Sequence[int]]:
    """Cut ascending *numbers* where one is left out."""
    cuts = [place for place, (one, other) in enumerate(pairwise(numbers), 1) if other != one + 1]
    return [numbers[begin:end] for begin, end in pairwise([0, *cuts, len(numbers)])]
