"""Setting type: lines that are broken where a reader would, sized to fit, drawn without hinting.

Every glyph is placed by itself at four times the size and the whole is scaled down: positions are exact to a quarter
of a pixel, and the result is the same on every machine (no system font, no shaping library is asked).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from nightreel.studio.fonts import CHINESE
from nightreel.studio.fonts.glyphs import typeface
from nightreel.studio.render import pixels
from nightreel.studio.render.pixels import Bytes

_FINE = 4
_CHINESE_SIZE = 0.95  # beside Latin capitals, ideographs of the same size look larger
_LINE = 1.22
_ASCENT = 1.12  # of the size: room above a baseline, for accents too
_DESCENT = 0.32
_TRACKING = -0.012
_LEAST = 0.6  # a title is made no smaller than this share of its size
_NOT_FIRST = set("，。！？、；：）」』》”’…·,.!?;:)%")
_NOT_LAST = set("（「『《“‘([¥$€£")


@dataclass(frozen=True, slots=True)
class Setting:
    """A text's lines and its size in pixels."""

    lines: tuple[str, ...]
    size: float
    strong: bool

    @property
    def height(self) -> int:
        """Pixels from the first line's top to the last one's descent."""
        return round(self.size * (_ASCENT + _DESCENT + _LINE * (len(self.lines) - 1)))


def set_text(text: str, size: float, width: float, *, most_lines: int, strong: bool) -> Setting:
    """Break *text* to *width*, evenly, in at most *most_lines*; smaller where it must be, else cut short."""
    for lines_wanted, step in _tries(most_lines):
        smaller = size * (1 - step / 10)
        lines = break_lines(text, smaller, width, strong=strong)
        if len(lines) <= lines_wanted and all(measure(line, smaller, strong=strong) <= width for line in lines):
            return Setting(_balanced(text, smaller, width, len(lines), strong=strong), smaller, strong)
    lines = break_lines(text, size * _LEAST, width, strong=strong)[:most_lines]
    return Setting((*lines[:-1], _shortened(lines[-1], size * _LEAST, width, strong=strong)), size * _LEAST, strong)


def _tries(most_lines: int) -> list[tuple[int, float]]:
    """Return numbers of lines and tenths taken off the size, in order: a bit smaller is better than a line more."""
    little = [(count, step / 2) for count in range(1, most_lines) for step in range(5)]
    return [*little, *((most_lines, step / 2) for step in range(9))]


def measure(line: str, size: float, *, strong: bool) -> float:
    """Return a line's width in pixels."""
    return sum(_advances(line, size, strong=strong))


def break_lines(text: str, width_size: float, width: float, *, strong: bool) -> list[str]:
    """Fill lines greedily; ideographs may part anywhere but before closing and after opening punctuation."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if line and measure((line + piece).rstrip(), width_size, strong=strong) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece
        while measure(line.rstrip(), width_size, strong=strong) > width and len(line.rstrip()) > 1:
            cut = _fitting(line, width_size, width, strong=strong)
            lines.append(line[:cut])
            line = line[cut:]
    return [*lines, line.rstrip()] if line.strip() else lines


def _fitting(line: str, size: float, width: float, *, strong: bool) -> int:
    """Return how many characters of a word that is wider than a line fit into one."""
    total = 0.0
    for count, advance in enumerate(_advances(line, size, strong=strong)):
        total += advance
        if total > width:
            return max(1, count)
    return len(line)


def _pieces(text: str) -> list[str]:
    """Return the parts that a line may be made of: words with the space after them, single ideographs."""
    pieces: list[str] = []
    for at, character in enumerate(text):
        before = text[at - 1] if at else " "
        joined = character in _NOT_FIRST or before in _NOT_LAST or character == " "
        if pieces and (joined or not (before == " " or _parts(text, at) or _parts(text, at - 1))):
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def _parts(text: str, at: int) -> bool:
    return typeface(text, at, strong=True) is CHINESE


def _balanced(text: str, size: float, width: float, count: int, *, strong: bool) -> tuple[str, ...]:
    """Return the lines of the narrowest column that takes no more lines: no short last one."""
    best = break_lines(text, size, width, strong=strong)
    for share in range(95, 45, -5):
        lines = break_lines(text, size, width * share / 100, strong=strong)
        if len(lines) > count or any(measure(line, size, strong=strong) > width * share / 100 for line in lines):
            break
        best = lines
    return tuple(best)


def _shortened(line: str, size: float, width: float, *, strong: bool) -> str:
    while line and measure(line + "…", size, strong=strong) > width:
        line = line[:-1]
    return line.rstrip() + "…"


@cache
def _font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


def _face(line: str, at: int, size: float, *, strong: bool) -> ImageFont.FreeTypeFont:
    path = typeface(line, at, strong=strong)
    share = _CHINESE_SIZE if path is CHINESE else 1.0
    return _font(path, max(4, round(size * share * _FINE)))


def _advances(line: str, size: float, *, strong: bool) -> list[float]:
    return [
        _face(line, at, size, strong=strong).getlength(character) / _FINE + _TRACKING * size
        for at, character in enumerate(line)
    ]


def draw_lines(setting: Setting, starts: Sequence[float], width: int) -> Bytes:
    """Return the opacity of *setting*'s ink in a box of *width*, each line beginning at its start."""
    height = setting.height
    image = Image.new("L", (width * _FINE, height * _FINE))
    pen = ImageDraw.Draw(image)
    size, strong = setting.size, setting.strong
    for row, (line, start) in enumerate(zip(setting.lines, starts, strict=True)):
        baseline = size * (_ASCENT + _LINE * row)
        x = start
        for at, advance in enumerate(_advances(line, size, strong=strong)):
            place = (round(x * _FINE), round(baseline * _FINE))
            pen.text(place, line[at], 255, _face(line, at, size, strong=strong), anchor="ls")
            x += advance
    return pixels.shrink(np.asarray(image), width, height)
