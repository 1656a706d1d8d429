"""Shaping: a line of text becomes glyphs at their places, in the order in which they stand on the line.

HarfBuzz joins, stacks and reorders letters within a run of one typeface, script and direction; the Unicode algorithm
says in which order the runs stand. Both count in whole numbers: every machine places the same glyphs alike.
"""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import uharfbuzz  # pyright: ignore[reportMissingTypeStubs]

from nightreel.studio.fonts.faces import Chooser, Face, is_picture, is_wide, script_of
from nightreel.studio.render.type.bidi import levels_of
from nightreel.studio.render.type.clusters import clusters

_WIDE_SIZE = 0.95  # beside Latin capitals, ideographs of the same size look larger
_SPACED = frozenset({"", "LATIN", "GREEK", "CYRILLIC", "CJK", "HIRAGANA", "KATAKANA", "HANGUL", "HEBREW"})


@dataclass(frozen=True, slots=True)
class Glyph:
    """A glyph of *face*, *size* ems large, at (*x*, *y*) ems from the line's beginning and its baseline, up."""

    face: Face
    number: int
    x: float
    y: float
    size: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line's glyphs, and how far it and its ink reach, in ems.

    Attributes:
        left, right: of advance and ink together, from the line's beginning.
        ascent, descent: of the ink, from the baseline; both positive.
    """

    glyphs: tuple[Glyph, ...]
    left: float
    right: float
    ascent: float
    descent: float

    @property
    def width(self) -> float:
        """How wide it is."""
        return self.right - self.left


@dataclass(frozen=True, slots=True)
class _Part:
    text: str
    face: Face
    level: int
    script: str


def shape(text: str, chooser: Chooser, *, rtl: bool, tracking: float) -> Line:
    """Return *text* as one line.

    Args:
        text: without line ends; what no typeface has is left out.
        chooser: of the typefaces.
        rtl: whether the paragraph that it is of reads from right to left.
        tracking: ems between letters, where a script lets them stand apart.
    """
    glyphs: list[Glyph] = []
    pen = 0.0
    for part in _in_sight(list(_parts(text, chooser, rtl=rtl))):
        size = _WIDE_SIZE if is_wide(part.text[0]) else 1.0
        apart = tracking if part.script in _SPACED else 0.0
        for number, x, y, advance in _shaped(part, ligatures=not apart):
            glyphs.append(Glyph(part.face, number, pen + x * size, y * size, size))
            pen += advance * size + (apart if advance else 0.0)
    return _measured(glyphs, pen)


def _shaped(part: _Part, *, ligatures: bool) -> Iterator[tuple[int, float, float, float]]:
    """Yield a run's glyphs, from left to right: number, offset to the right and up, advance."""
    buffer: Any = uharfbuzz.Buffer()
    buffer.add_str(part.text)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if part.level % 2 else "ltr"
    uharfbuzz.shape(part.face.font, buffer, {"lnum": True, "liga": ligatures, "clig": ligatures})
    em = part.face.em
    for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        yield info.codepoint, place.x_offset / em, place.y_offset / em, place.x_advance / em


def _measured(glyphs: list[Glyph], pen: float) -> Line:
    left, right, ascent, descent = 0.0, pen, 0.0, 0.0
    for glyph in glyphs:
        box = glyph.face.font.get_glyph_extents(glyph.number)
        if box is None or not (box.width and box.height):
            continue
        scale = glyph.size / glyph.face.em
        begin, top = glyph.x + box.x_bearing * scale, glyph.y + box.y_bearing * scale
        left, right = min(left, begin), max(right, begin + box.width * scale)
        ascent, descent = max(ascent, top), max(descent, -(top + box.height * scale))
    return Line(tuple(glyphs), left, right, ascent, descent)


def _parts(text: str, chooser: Chooser, *, rtl: bool) -> Iterator[_Part]:
    """Cut *text* into runs of one typeface, level and script, in reading order."""
    levels = levels_of(text, rtl=rtl)
    found: list[_Part] = []
    whole = clusters(text)
    at = 0
    for index, cluster in enumerate(whole):
        near = "".join(whole[max(0, index - 1) : index + 2])
        face = _of_space(found) if cluster == " " else chooser.face(cluster, near)
        face = face or chooser.face(cluster, near)
        if face is not None:
            found.append(_Part(cluster, face, levels[at], _script(cluster, found, levels[at])))
        at += len(cluster)
    for _, group in groupby(found, key=lambda part: (id(part.face), part.level, part.script, is_wide(part.text[0]))):
        run = list(group)
        yield _Part("".join(part.text for part in run), run[0].face, run[0].level, run[0].script)


def _of_space(before: Sequence[_Part]) -> Face | None:
    """Return the typeface of a space: that of the word before it; an emoji's is too wide."""
    return before[-1].face if before and not is_picture(before[-1].text) else None


def _script(cluster: str, before: Sequence[_Part], level: int) -> str:
    """Return a cluster's script; what all scripts share is of the one before it."""
    own = next((script for character in cluster if (script := script_of(character))), "")
    return own or (before[-1].script if before and before[-1].level == level else "")


def _in_sight(parts: list[_Part]) -> list[_Part]:
    """Return runs in the order in which they stand, from the left: the annex's rule L2."""
    for level in range(max((part.level for part in parts), default=0), 0, -1):
        turned: list[_Part] = []
        for high, group in groupby(parts, key=lambda part: part.level >= level):
            run = list(group)
            turned += run[::-1] if high else run
        parts = turned
    return parts
