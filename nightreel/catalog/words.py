"""Texts of feeds made fit for a video: tags and control characters gone, titles cut where a reader would cut them."""

import html
import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from html.parser import HTMLParser

SHORT = 40
"""A short title's length, in columns; a Chinese character takes two."""

_TAG = re.compile(r"<[a-zA-Z/!][^>]*>")
_BREAKS = re.compile(r",\s|[，、；;：|]|\s[-–—/]\s|:\s|\s?[(（\[【]")
_WIDE = {"W", "F"}


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - its signature
        self.parts.append(" ")


def plain(text: str) -> str:
    """Return *text* on one line: no HTML, no control characters, single spaces."""
    if text.isascii() and text.isprintable() and "<" not in text and "&" not in text:
        return " ".join(text.split())
    if _TAG.search(text):
        reader = _Text()
        reader.feed(text)
        reader.close()
        text = "".join(reader.parts)
    else:
        text = html.unescape(text)
    kept = (" " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char for char in text)
    return " ".join("".join(kept).split())


def short(text: str, columns: int = SHORT) -> str:
    """Cut a product's title for the screen: at the first comma, dash, colon or bracket, else after a whole word.

    Chinese, Japanese and Korean titles are also cut at their first space. *columns* counts a wide character as two.
    """
    text = plain(text)
    head = _BREAKS.split(text, maxsplit=1)[0].strip() or text
    if head and _is_wide(head[0]) and head[0].isalpha():
        head = head.split(" ", 1)[0]
    return _fit(head, columns)


def near(word: str, known: Iterable[str]) -> str:
    """Return a sentence that suggests what *word* was meant to be, or ""."""
    by_folded = {name.casefold(): name for name in known}
    found = get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return f'Did you mean "{by_folded[found[0]]}"?' if found else ""


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in _WIDE


def _fit(text: str, columns: int) -> str:
    width = 0
    for index, char in enumerate(text):
        width += 2 if _is_wide(char) else 1
        if width > columns:
            kept = text[:index]
            whole = kept if char == " " else kept.rpartition(" ")[0]
            return (whole or kept).rstrip(" ,;:-–—&+")
    return text
