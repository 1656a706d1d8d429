"""Feeds in XML as rows, one at a time: RSS items and Atom entries, with Google's `g:` names or without.

Read by defusedxml, which refuses entities and whatever lies elsewhere; a piece at a time, and no tree is built.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from nightreel.catalog.tables import MAX_COLUMNS, MAX_ROW, Row
from nightreel.errors import SourceError

_PIECE = 64 * 1024
_DEEPEST = 40
_ITEMS = {"item", "entry", "product"}
_GOOGLE = "base.google.com"


def read_items(file: BinaryIO, name: str) -> Iterator[Row]:
    """Yield the items of the feed *name*; cells are called by the element's name, `g:` before Google's.

    An element that comes several times is one cell, its values separated by commas.

    Raises:
        SourceError: it is no XML, or one that is meant to harm.
    """
    items = _Items()
    parser = DefusedXMLParser(target=items)
    items.where = lambda: int(parser.parser.CurrentLineNumber)
    try:
        while piece := file.read(_PIECE):
            parser.feed(piece)
            yield from items.taken()
        parser.close()
    except ParseError as error:
        hint = "Export it again; a name such as <g:id> needs xmlns:g at the top."
        raise SourceError(f"{name}, line {error.position[0]}: this is no XML ({error.msg}).", hint=hint) from None
    except DefusedXmlException:
        hint = "A feed needs none: export it without."
        raise SourceError(
            f"{name}, line {items.where()}: it declares entities, which are not read.", hint=hint
        ) from None
    except (_TooDeepError, LookupError, ValueError) as error:
        raise SourceError(f"{name}, line {items.where()}: this cannot be read ({error}).") from None
    yield from items.taken()


class _TooDeepError(ValueError):
    """Elements within elements without end."""


@dataclass
class _Open:
    """The item at hand."""

    line: int
    depth: int
    cells: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    size: int = 0
    problem: str = ""


class _Items:
    """The parser's target: gathers an item's texts, and forgets all others."""

    def __init__(self) -> None:
        self.where: Callable[[], int] = lambda: 0
        self._path: list[str] = []
        self._texts: list[list[str]] = []
        self._open: _Open | None = None
        self._done: list[Row] = []

    def taken(self) -> list[Row]:
        """Return the items that have ended since."""
        done, self._done = self._done, []
        return done

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if len(self._path) >= _DEEPEST:
            raise _TooDeepError(f"elements are nested more than {_DEEPEST} deep")
        self._path.append(tag)
        self._texts.append([attributes.get("href", "")] if _local(tag) == "link" else [])
        if self._open is None and _local(tag) in _ITEMS:
            self._open = _Open(self.where(), len(self._path))

    def data(self, text: str) -> None:
        """Some text within it."""
        if self._open is None or not self._texts:
            return
        self._open.size += len(text)
        if self._open.size > MAX_ROW:
            self._open.problem = "is longer than any item of a feed."
        else:
            self._texts[-1].append(text)

    def end(self, tag: str) -> None:  # noqa: ARG002 - its signature
        """It ends."""
        depth, text = len(self._path), "".join(self._texts.pop()).strip()
        item = self._open
        if item is not None and depth == item.depth:
            self._done.append(_row(item))
            self._open = None
        elif item is not None and text and len(item.cells) < MAX_COLUMNS:
            item.cells.setdefault(_name(self._path[item.depth :]), []).append(text)
        self._path.pop()

    def close(self) -> None:
        """The document ends."""


def _row(item: _Open) -> Row:
    """Google's own elements win over those of RSS and Atom that are called the same."""
    cells = {name: ",".join(values) for name, values in item.cells.items()}
    kept = {name: value for name, value in cells.items() if name.startswith("g:") or f"g:{name}" not in cells}
    return Row(item.line, kept, item.problem)


def _name(path: list[str]) -> str:
    """Return what an element is called: "g:price", or of one within another, "g:shipping_price"."""
    prefix = "g:" if _GOOGLE in path[0] else ""
    return prefix + "_".join(_local(tag) for tag in path)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2].rpartition(":")[2]
