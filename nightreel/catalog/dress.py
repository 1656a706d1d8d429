"""How a brief dresses a video's texts: price tag, style, colours, font, brand, captions, as sentences. Pure."""

import re
from collections.abc import Mapping

from nightreel.catalog.templates import render
from nightreel.errors import BriefError
from nightreel.models import Brief

LISTS = ("colors", "captions")
"""Keys of a brief that have several values."""

_COLOR = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_MOST_COLORS = 4
_HEX = 3


def sentences(brief: Brief, fields: Mapping[str, str]) -> list[str]:
    """Return what *brief* asks of the texts' looks, in words that both engines read; nothing where it asks nothing.

    Raises:
        BriefError: a template cannot be filled in.
    """
    price = quotable(render(brief.price, fields, "price")) if brief.price else ""
    old = quotable(fields.get("old_price", ""))
    brand = quotable(render(brief.brand, fields, "brand")) if brief.brand else ""
    captions = [f'"{said}"' for text in brief.captions if (said := quotable(render(text, fields, "captions")))]
    found = [f'Price: "{price}" (was "{old}").' if old else f'Price: "{price}".'] if price else []
    found += [f"Style: {brief.style}."] if brief.style else []
    found += [f"Brand colours {', '.join(brief.colors)}."] if brief.colors else []
    found += [f'Font "{quotable(brief.font)}".'] if brief.font else []
    found += [f'End card "{brand}".'] if brand else []
    found += [f"Captions: {', '.join(captions)}."] if captions else []
    return found


def read_list(key: str, values: list[str], place: str) -> tuple[str, ...]:
    """Read the values of a key that has several.

    Args:
        key: one of :data:`LISTS`.
        values: as they are written; colours may stand in one value.
        place: for messages: file, line, key.

    Raises:
        BriefError: they do not fit; says why.
    """
    if key == "captions":
        return tuple(value.strip() for value in values if value.strip())
    colors = [color for value in values for color in re.split(r"[\s,]+", value) if color]
    if bad := next((color for color in colors if not _COLOR.fullmatch(color)), None):
        hint = 'Write colours as "#rrggbb", in quotes: YAML takes what follows a # for a comment.'
        raise BriefError(f'{place}: "{bad}" is no colour.', hint=hint)
    if len(colors) > _MOST_COLORS:
        raise BriefError(
            f"{place}: {len(colors)} colours; a brand has {_MOST_COLORS} at most, the first for accents."
        )
    return tuple(_whole(color.lower()) for color in colors)


def _whole(color: str) -> str:
    digits = color[1:]
    return f"#{''.join(2 * digit for digit in digits)}" if len(digits) == _HEX else color


def quotable(text: str) -> str:
    """Return *text* so that it can stand between straight quotes: those inside become typographic ones.

    A backslash at its end would take the closing quote with it, and goes.
    """
    pieces = text.rstrip("\\").split('"')
    return "".join(
        piece if index == 0 else ("“" if _opens(pieces[index - 1]) else "”") + piece
        for index, piece in enumerate(pieces)
    )


def _opens(before: str) -> bool:
    return not before or before[-1].isspace() or before[-1] in "([“"
