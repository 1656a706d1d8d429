"""Cuts on the music's beats: shots' lengths are bent a little so that each next one begins where something is struck.

Pure. Milliseconds throughout. *accents* tell where a cut may fall and how good a place it is, 0..1.
"""

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

_LEAST = 400
"""No shot is bent to be shorter than that."""

_BENT = ((0.55, 1.6), (0.35, 2.2))
"""Shares of its length to which a shot may be bent; the second where the first is not enough."""

_AT_REST = 1.6
"""How many times longer yet the last may be: the music's last chord dies away over it."""

_PLACE = 0.12
"""What a weak place costs, against a shot that is bent to twice its length."""

_BAR = 4
_WEAK = 0.5


@dataclass(frozen=True, slots=True)
class _Shot:
    wanted: int
    least: int
    most: int
    longest: int

    def cost(self, length: int) -> float:
        """Return what it costs to bend the shot to *length*; infinitely much where that is no good."""
        if not self.least <= length <= self.most:
            return math.inf
        return (length / self.wanted - 1) ** 2


def on_accents(wanted: Sequence[int], longest: Sequence[int | None], accents: Mapping[int, float]) -> list[int]:
    """Return lengths near the *wanted* ones, of the same sum, such that every shot but the first begins on an accent.

    Of all such rows it is the one that bends the shots least and uses the best places. Where there is none (the shots
    are shorter than beats are apart, say), the lengths are as wanted.

    Args:
        wanted: a length a shot, all more than 0.
        longest: what each may last at most; None for any.
        accents: where the music is struck, and how good a place to cut that is.
    """
    rows = (_row([_shot(*it, *bent) for it in zip(wanted, longest, strict=True)], wanted, accents) for bent in _BENT)
    return next((row for row in rows if row), list(wanted))


def _row(shots: Sequence[_Shot], wanted: Sequence[int], accents: Mapping[int, float]) -> list[int]:
    """Return the best row of lengths; none if there is no way."""
    ideal = list(accumulate(wanted))
    rows: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, ())}
    for end, shot in zip(ideal[:-1], shots, strict=False):
        rows = _next(rows, shot, [it for it in accents if abs(it - end) <= 2 * max(wanted)], accents)
    last = replace(shots[-1], most=min(int(_AT_REST * shots[-1].most), shots[-1].longest))
    rows = _next(rows, last, ideal[-1:], {})
    if not rows:
        return []
    _, ends = rows[ideal[-1]]
    return [end - begin for begin, end in pairwise((0, *ends))]


def accents_of_beats(beats: Sequence[int], seconds: float | None, start: int, total: int) -> dict[int, float]:
    """Return the accents of a file's music in a video of *total* ms.

    Args:
        beats: of the file, from the first of a bar on; every fourth begins one.
        seconds: how long the file is; None if that is not known.
        start: where in the file the music begins.
        total: the video's length; a file that is shorter is heard bar by bar again (see
            :func:`nightreel.studio.audio.recordings.looped`).
    """
    heard = [(beat - start, 1.0 if number % _BAR == 0 else _WEAK) for number, beat in enumerate(beats)]
    heard = [(at, weight) for at, weight in heard if at >= 0]
    accents = dict(heard)
    bars = [at for at, weight in heard if weight == 1]
    if seconds is None or len(bars) < 2 or 1000 * seconds - start >= total:  # noqa: PLR2004 - one whole bar
        return {at: weight for at, weight in accents.items() if 0 < at < total}
    whole = bars[-1] - bars[0]
    again = [(at, weight) for at, weight in heard if bars[0] <= at < bars[-1]]
    accents = {at: weight for at, weight in heard if at < bars[-1]}
    for turn in range(1, 2 + (total - bars[0]) // whole):
        accents |= {at + turn * whole: weight for at, weight in again}
    return {at: weight for at, weight in accents.items() if 0 < at < total}


def _shot(wanted: int, longest: int | None, shorter: float, longer: float) -> _Shot:
    longest = sys.maxsize if longest is None else max(longest, wanted)
    least = max(min(_LEAST, wanted), math.ceil(shorter * wanted))
    return _Shot(wanted, least, min(int(longer * wanted), longest), longest)


def _next(
    rows: Mapping[int, tuple[float, tuple[int, ...]]],
    shot: _Shot,
    places: Sequence[int],
    accents: Mapping[int, float],
) -> dict[int, tuple[float, tuple[int, ...]]]:
    """Return the cheapest row of ends up to each of *places*, of those that go on from *rows*."""
    best: dict[int, tuple[float, tuple[int, ...]]] = {}
    for place in places:
        weak = _PLACE * (1 - accents.get(place, 1.0))
        ways = [(cost + shot.cost(place - before) + weak, ends) for before, (cost, ends) in rows.items()]
        cost, ends = min(ways, default=(math.inf, ()))
        if cost < math.inf:
            best[place] = (cost, (*ends, place))
    return best
