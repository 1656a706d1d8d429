"""What a marketer wants to know of a photo before it is in a video: pure, on counts of a small copy of it.

Thresholds were chosen so that no photo of the sample catalog, and none that the tests draw, is blamed wrongly: a hint
that cries wolf is not read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

SIDE = 540
"""Pixels of the shorter side, at least, of the copy that is looked at (of smaller photos, their own)."""

FAR = 16
"""Pixels over which a change counts as far."""

CELLS = 8
"""Rows and columns of a fingerprint."""

SMOOTH = 0.97
"""Share of neighbours that are equal in what may be no photo."""

_DARK, _LIGHT = 40, 236  # levels
_SHARP = 0.999875  # share of neighbours that change less than the sharpest edges do
_BLURRED = 0.16
_FLAT = 24  # levels: with less contrast than that, nothing can be said about edges
_FEW, _TONES = 6, 7
_BARE = 0.985
_GROUND = 3  # levels around the most common one that are the same to the eye


@dataclass(frozen=True, slots=True)
class Changes:
    """How many levels change by 0, 1, 2… from a pixel to the next, and to the one that stands far."""

    near: Sequence[int]
    far: Sequence[int]

    @property
    def smooth(self) -> float:
        """Share of neighbours that are equal, or differ by a level."""
        return sum(self.near[:2]) / sum(self.near)


@dataclass(frozen=True, slots=True)
class Sample:
    """Counts of a picture.

    Attributes:
        levels: of red, green and blue, how many are 0, 1, 2…
        along, down: changes of green to the right and downwards.
        colours: how many pixels have each of 16 x 16 x 16 colours, in any order; empty where it is not smooth.
        cells: mean red, green, blue of 8 rows of 8 cells.
    """

    levels: Sequence[Sequence[int]]
    along: Changes
    down: Changes
    colours: Sequence[int]
    cells: bytes


@dataclass(frozen=True, slots=True)
class Measures:
    """What the counts come to.

    Attributes:
        darkest, lightest: levels that all but one pixel in 200 lie above, and below, in any of three bands.
        edge: steepest change from pixel to pixel, as a share of that over 16 pixels: 1 is a knife's edge, 1/16 fog.
        contrast: that change over 16 pixels, in levels.
        colours: how many colours (of 4096) make up 98.5 % of it; 0 where they were not counted.
        tones: how many levels of a band make up two thirds of what is not its most common one.
        smooth: whether nearly all neighbours are equal, or differ by a level.
    """

    darkest: int
    lightest: int
    edge: float
    contrast: int
    colours: int
    tones: int
    smooth: bool


def measure(sample: Sample) -> Measures:
    """Return what *sample* comes to."""
    ways = [_edge(changes) for changes in (sample.along, sample.down)]
    return Measures(
        darkest=min(_level(band, 0.005) for band in sample.levels),
        lightest=max(_level(band, 0.995) for band in sample.levels),
        edge=max(near / far if far else 0.0 for near, far in ways),
        contrast=max(far for _, far in ways),
        colours=_needed(sample.colours, _BARE) if sample.colours else 0,
        tones=max(_tones(band) for band in sample.levels),
        smooth=min(sample.along.smooth, sample.down.smooth) > SMOOTH,
    )


def hints(found: Measures) -> tuple[str, ...]:
    """Return what is to be said of a picture that measures *found*, as sentences."""
    if found.lightest < _DARK:
        return ("It is nearly black.",)
    if found.darkest > _LIGHT:
        return ("It is nearly white.",)
    if found.smooth and found.colours <= _FEW and found.tones <= _TONES:
        return ("It looks like a placeholder: flat colours, no photo.",)
    if found.contrast > _FLAT and found.edge < _BLURRED:
        return ("It is blurred.",)
    return ()


def fingerprint(sample: Sample) -> bytes:
    """Return the look of a picture in 192 bytes: of 8 x 8 cells luma, then blueness, then redness."""
    cells = [sample.cells[start : start + 3] for start in range(0, len(sample.cells), 3)]
    lumas = [0.299 * red + 0.587 * green + 0.114 * blue for red, green, blue in cells]
    pairs = list(zip(cells, lumas, strict=True))
    blueness = [(cell[2] - luma) / 2 + 128 for cell, luma in pairs]
    redness = [(cell[0] - luma) / 2 + 128 for cell, luma in pairs]
    return bytes(round(value) for value in (*lumas, *blueness, *redness))


def _edge(changes: Changes) -> tuple[int, int]:
    """Return the steepest changes from pixel to pixel, and to the one that stands far."""
    return _level(changes.near, _SHARP), _level(changes.far, 1 - (1 - _SHARP) * FAR)


def _tones(levels: Sequence[int]) -> int:
    """Return how many levels it takes to paint what stands on the ground."""
    ground = levels.index(max(levels))
    rest = [count for level, count in enumerate(levels) if abs(level - ground) > _GROUND]
    return _needed(rest, 2 / 3) if any(rest) else 0


def _needed(counts: Sequence[int], share: float) -> int:
    """Return how few of *counts* make up *share* of them all."""
    return _level(sorted(counts, reverse=True), share) + 1


def _level(counts: Sequence[int], share: float) -> int:
    """Return the lowest level that *share* of all lie at or below."""
    enough = share * sum(counts)
    return next(level for level, sofar in enumerate(accumulate(counts)) if sofar >= enough)
