"""Which of our typefaces has a glyph for a character: read from the fonts' own tables (cmap, formats 4 and 12).

A character without a glyph would be drawn as an empty box: it is found before anything is rendered.
"""

import struct
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from nightreel.errors import RenderError
from nightreel.studio.fonts import CHINESE, LATIN, LATIN_STRONG

_WIDE = "WF"
_SELECTORS = {chr(point) for point in range(0xFE00, 0xFE10)}  # "draw the one before as an emoji"
_AMBIGUOUS = "“”‘’…—·"


@cache
def covered(font: Path) -> frozenset[int]:
    """Return the code points that *font* has glyphs for."""
    data = font.read_bytes()
    count = struct.unpack_from(">H", data, 4)[0]
    tables = {data[at : at + 4]: struct.unpack_from(">I", data, at + 8)[0] for at in range(12, 12 + 16 * count, 16)}
    return frozenset(_points(data, tables[b"cmap"]))


def _points(data: bytes, cmap: int) -> Iterator[int]:
    for entry in range(struct.unpack_from(">H", data, cmap + 2)[0]):
        table = cmap + struct.unpack_from(">I", data, cmap + 4 + 8 * entry + 4)[0]
        kind = struct.unpack_from(">H", data, table)[0]
        if kind == 4:  # noqa: PLR2004 - the format's number
            yield from _segments(data, table)
        elif kind == 12:  # noqa: PLR2004 - the format's number
            yield from _groups(data, table)


def _groups(data: bytes, table: int) -> Iterator[int]:
    for group in range(struct.unpack_from(">I", data, table + 12)[0]):
        first, last, _ = struct.unpack_from(">III", data, table + 16 + 12 * group)
        yield from range(first, last + 1)


def _segments(data: bytes, table: int) -> Iterator[int]:
    size = struct.unpack_from(">H", data, table + 6)[0]
    ends, starts = table + 14, table + 16 + size
    deltas, offsets = starts + size, starts + 2 * size
    for at in range(0, size, 2):
        first, last = struct.unpack_from(">H", data, starts + at)[0], struct.unpack_from(">H", data, ends + at)[0]
        delta, offset = (
            struct.unpack_from(">H", data, deltas + at)[0],
            struct.unpack_from(">H", data, offsets + at)[0],
        )
        for point in range(first, min(last, 0xFFFE) + 1):
            place = offsets + at + offset + 2 * (point - first)
            glyph = struct.unpack_from(">H", data, place)[0] if offset else (point + delta) & 0xFFFF
            if glyph:
                yield point


def typeface(text: str, at: int, *, strong: bool) -> Path:
    """Return the font file for the character *at* of *text*, which must be drawable."""
    latin = LATIN_STRONG if strong else LATIN
    character = text[at]
    if character in _AMBIGUOUS and any(_is_wide(near) for near in text[max(0, at - 1) : at + 2]):
        return CHINESE
    return latin if ord(character) in covered(latin) else CHINESE


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in _WIDE


def drawable(text: str) -> str:
    """Return *text* in its composed form, without the symbols that no typeface of ours has: emoji, mostly.

    Raises:
        RenderError: a letter, mark or digit has no glyph; left out, it would change what the title says.
    """
    composed = " ".join(unicodedata.normalize("NFC", text).split())
    known = covered(LATIN) & covered(LATIN_STRONG) | covered(CHINESE)
    lost = [character for character in composed if ord(character) not in known]
    for character in lost:
        kind = unicodedata.category(character)
        if kind[0] in "LN" or (kind in ("Mn", "Mc") and character not in _SELECTORS):
            name = unicodedata.name(character, f"U+{ord(character):04X}")
            raise RenderError(
                f'The title "{composed}" holds {character!r} ({name}), which no typeface here has.',
                hint="Use Latin, Greek, Cyrillic, Chinese or Japanese letters.",
            )
    return " ".join("".join(character for character in composed if character not in lost).split())
