"""The crew: threads that make a video's pieces, each going on where it was, so that few photos are held at a time."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice, pairwise
from threading import Event
from typing import TypeVar

Frame = TypeVar("Frame")

_AHEAD = 2
"""Frames that are held for an encoder at most: it takes longer over one than making the next."""


class Crew:
    """A render's threads: as many as it has cores, each making a piece, or the frames of one that another encodes.

    Args:
        workers: told how many cores are the render's now, each time that a piece is begun.
        most: never more than these.
        off: set when an error has ended the work, so that those at work stop too.
    """

    def __init__(self, workers: Callable[[], int], most: int, off: Event) -> None:
        self._workers = workers
        self._most = most
        self._off = off
        self._spare = Event()
        self._pool: ThreadPoolExecutor

    def carry_out(self, pieces: Iterable[int], make: Callable[[int], object]) -> None:
        """Call *make* with each number of *pieces*; at an error, or a signal's exception, all stop."""
        waiting = sorted(pieces)
        at_work: dict[Future[object], int] = {}
        ended: list[int] = []
        with ThreadPoolExecutor(self._most, "renderer") as self._pool:
            try:
                while waiting or at_work:
                    while waiting and len(at_work) < self._cores():
                        number = choose(waiting, at_work.values(), ended.pop() if ended else None)
                        waiting.remove(number)
                        at_work[self._pool.submit(make, number)] = number
                    if not waiting and len(at_work) < self._cores():
                        self._spare.set()  # with pieces waiting, all threads might come to wait for frames
                    done, _ = wait(at_work, return_when=FIRST_COMPLETED)
                    ended = [at_work.pop(future) for future in done]
                    for future in done:
                        future.result()
            except BaseException:
                self._off.set()
                raise
            finally:
                self._spare.clear()  # a piece that is made again later makes its own frames

    def frames(self, make: Callable[[int], Frame], first: int, end: int) -> Iterator[Frame]:
        """Yield what *make* gives for *first* to before *end*; a thread that no piece is left for works ahead."""
        numbers, coming = iter(range(first, end)), deque[Future[Frame]]()
        while True:
            if self._spare.is_set():
                coming += [self._pool.submit(make, number) for number in islice(numbers, _AHEAD - len(coming))]
            if coming:
                yield coming.popleft().result()
            elif (number := next(numbers, None)) is not None:
                yield make(number)
            else:
                return

    def _cores(self) -> int:
        return min(self._most, self._workers())


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
