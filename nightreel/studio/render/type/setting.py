"""Setting a text: in lines that are broken where a reader would, even, sized to fit; all in ems of its size."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from nightreel.studio.fonts.faces import Chooser
from nightreel.studio.render.type.bidi import right_to_left
from nightreel.studio.render.type.clusters import clusters, pieces, torn
from nightreel.studio.render.type.shaping import Line, shape

_LEAST = 0.6
"""A text is made no smaller than this share of its size to save lines."""

_CAPITALS, _FEET = 0.73, 0.22  # of the size: room above and below a line, whatever its letters need
_APART = 0.06  # between what hangs from one line and what rises from the next
_MORE_LINES = 2  # that a very long text may take
_ALONE = 0.38  # of the column: a last line that is shorter looks lost
_ORPHAN = 4.0
_TORN = 0.35  # a break within what is likely one word


@dataclass(frozen=True, slots=True)
class Setting:
    """A text, set.

    Attributes:
        lines: shaped.
        baselines: of each, below the block's top, in ems.
        size: pixels of an em.
        height, width: of the block, in ems; no ink is outside.
        rtl: whether it reads from right to left.
        words: the lines as they are read.
    """

    lines: tuple[Line, ...]
    baselines: tuple[float, ...]
    size: float
    height: float
    width: float
    rtl: bool
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """What a text is set to: pixels of an em and of the column, lines, ems between letters and baselines."""

    size: float
    column: float
    lines: int = 3
    tracking: float = 0.0
    leading: float = 1.2


def set_text(text: str, chooser: Chooser, measure: Measure) -> Setting:
    """Set *text*, which is drawable and not empty: smaller where it must be, else in more lines, else cut short."""
    rtl = right_to_left(text)
    parts = _Parts(text, chooser, rtl=rtl, tracking=measure.tracking)
    for lines, share in _tries(measure.lines):
        if (found := _untorn(parts, measure, lines, share)) is not None:
            size, words = found
            setting = _set(words, chooser, measure, size, rtl=rtl)
            if setting.width * size <= measure.column + 0.5:
                return setting
    size = measure.size * _LEAST
    words = parts.cut_short(measure.column / size, measure.lines + _MORE_LINES)
    setting = _set(words, chooser, measure, size, rtl=rtl)
    return _set(words, chooser, measure, size * min(1.0, measure.column / (setting.width * size)), rtl=rtl)


def _tries(lines: int) -> Iterator[tuple[int, float]]:
    """Yield numbers of lines and shares of the size, in order: a bit smaller is better than a line more."""
    for count in range(1, lines):
        yield from ((count, 1 - step / 20) for step in range(5))
    yield from ((lines, 1 - step / 20) for step in range(9))
    yield from ((lines + more, _LEAST) for more in range(1, _MORE_LINES + 1))


def _untorn(parts: "_Parts", measure: Measure, lines: int, share: float) -> tuple[float, list[str]] | None:
    """Return the size and the lines; a bit smaller where that leaves a word of ideographs whole."""
    sizes = [measure.size * share * (1 - step / 20) for step in range(3)]
    if (first := parts.broken(measure.column / sizes[0], lines)) is None:
        return None
    tried = [(sizes[0], first), *((size, parts.broken(measure.column / size, lines) or first) for size in sizes[1:])]
    return min(tried, key=lambda one: (round(_tears(one[1])), -one[0]))


def _tears(lines: Sequence[str]) -> float:
    return sum(3 * torn(above, below) for above, below in pairwise(lines))


def _set(words: Sequence[str], chooser: Chooser, measure: Measure, size: float, *, rtl: bool) -> Setting:
    lines = [shape(line, chooser, rtl=rtl, tracking=measure.tracking) for line in words]
    baseline = max(_CAPITALS, lines[0].ascent)
    baselines = [baseline]
    for above, below in pairwise(lines):
        baseline += max(measure.leading, above.descent + below.ascent + _APART)
        baselines.append(baseline)
    height = baseline + max(_FEET, lines[-1].descent)
    width = max(line.width for line in lines)
    return Setting(tuple(lines), tuple(baselines), size, height, max(width, 0.01), rtl, tuple(words))


class _Parts:
    """A text's pieces and their widths in ems: what lines are made of."""

    def __init__(self, text: str, chooser: Chooser, *, rtl: bool, tracking: float) -> None:
        self._measure: Callable[[str], float] = lambda part: shape(part, chooser, rtl=rtl, tracking=tracking).width
        self._pieces = pieces(text)
        self._bare = [self._measure(piece.rstrip(" \n")) for piece in self._pieces]
        self._full = [
            width if piece == piece.rstrip(" \n") else self._measure(piece.rstrip("\n") or " ")
            for piece, width in zip(self._pieces, self._bare, strict=True)
        ]

        self._least = sum(self._bare)  # no line ends in a space that would count

    def broken(self, column: float, most: int) -> list[str] | None:
        """Return *most* lines or fewer, as even as can be; None where the text takes more, or a piece is wider."""
        if max(self._bare) > column:
            return None
        for count in range(max(1, math.ceil(self._least / column)), most + 1):
            if (begins := self._evenly(column, count)) is not None:
                return self._lines(begins)
        return None

    def cut_short(self, column: float, most: int) -> list[str]:
        """Fill *most* lines; words that are wider than a line are broken, and an ellipsis stands for what is left."""
        rest = [part for piece in self._pieces for part in self._fitting(piece, column)]
        lines: list[str] = []
        line = ""
        while rest and len(lines) < most:
            if not line or self._measure((line + rest[0]).rstrip(" \n")) <= column:
                line += rest.pop(0)
                if not line.endswith("\n") and rest:
                    continue
            lines.append(line.strip())
            line = ""
        return [*lines[:-1], self._ended(lines[-1], column)] if rest or line else lines

    def _ended(self, line: str, column: float) -> str:
        """Return *line* with an ellipsis, after a whole word where one is near."""
        kept = clusters(line)
        while kept and self._measure("".join(kept).rstrip() + "…") > column:
            kept.pop()
        whole = "".join(kept)
        words = whole.rsplit(" ", 1)
        if len(words) > 1 and len(words[1]) < len(whole) / 3 and whole != line:
            whole = words[0]
        return whole.rstrip(" ,.;:-–—、，") + "…"

    def _fitting(self, piece: str, column: float) -> Iterator[str]:
        if self._measure(piece.rstrip(" \n")) <= column:
            yield piece
            return
        part = ""
        for cluster in clusters(piece):
            if part and self._measure((part + cluster).rstrip(" \n")) > column:
                yield part
                part = ""
            part += cluster
        yield part

    def _lines(self, begins: list[int]) -> list[str]:
        return ["".join(self._pieces[begin:end]).strip() for begin, end in pairwise([*begins, len(self._pieces)])]

    def _evenly(self, column: float, count: int) -> list[int] | None:
        """Return where each of *count* lines begins, so that they are even and the last is not lost; None: no way."""
        number = len(self._pieces)
        best = [[math.inf] * (count + 1) for _ in range(number + 1)]
        came = [[0] * (count + 1) for _ in range(number + 1)]
        best[0][0] = 0.0
        for end in range(1, number + 1):
            for begin, width in self._ending(end, column):
                badness = self._badness(begin, end, width / column, count)
                for line in range(1, count + 1):
                    if best[begin][line - 1] + badness < best[end][line]:
                        best[end][line], came[end][line] = best[begin][line - 1] + badness, begin
        if math.isinf(best[number][count]):
            return None
        begins, end = list[int](), number
        for line in range(count, 0, -1):
            end = came[end][line]
            begins.append(end)
        return begins[::-1]

    def _ending(self, end: int, column: float) -> Iterator[tuple[int, float]]:
        """Yield where a line that ends before piece *end* may begin, and its width."""
        width = self._bare[end - 1]
        begin = end - 1
        while width <= column:
            yield begin, width
            if begin == 0 or self._pieces[begin - 1].endswith("\n"):
                return
            begin -= 1
            width += self._full[begin]

    def _badness(self, begin: int, end: int, share: float, count: int) -> float:
        badness = (1 - share) ** 2
        if end < len(self._pieces):
            badness += _TORN * torn(self._pieces[end - 1], self._pieces[end])
        if count > 1 and end == len(self._pieces) and end - begin == 1 and share < _ALONE:
            badness += _ORPHAN
        return badness
