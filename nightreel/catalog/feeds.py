"""Product feeds as a stream of products: Google Merchant's and Meta's rows, and Shopify's several rows a product."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby, islice
from pathlib import PurePath
from typing import BinaryIO

from nightreel.catalog.columns import ID as KEY
from nightreel.catalog.columns import IMAGE, MORE_IMAGES, OLD_PRICE, POSITION, Column, Columns, Dialect
from nightreel.catalog.markup import read_items
from nightreel.catalog.tables import Row, read_table
from nightreel.errors import SourceError
from nightreel.models import Value

FEED_EXTENSIONS = (".csv", ".tsv", ".xml")

MAX_ROWS_OF_ONE = 2000
"""Shopify takes as many variants of a product; rows beyond are not looked at."""

_LOOKED_AT = 20
"""Items of an XML feed by which its columns are told: not every item has every element."""

_OF_A_VARIANT = {"price", "sale_price", OLD_PRICE, "sku"}
_LAST = 10_000
_COMMA = re.compile("%2c", re.IGNORECASE)


class FeedItem(Value):
    """One product as a feed names it.

    Attributes:
        id: its key in the feed.
        line: where it begins.
        fields: its columns, under Merchant's names where there is one; texts as the feed has them.
        images: its photos in order, as the feed names them.
        problem: why it cannot be used, or "".
    """

    id: str
    line: int
    fields: Mapping[str, str] = {}
    images: tuple[str, ...] = ()
    problem: str = ""


class Feed:
    """A feed that is read as it goes: iterate over it once, then ask what its columns became.

    Args:
        file: open for reading, at its start; it stays the caller's.
        name: of the feed, for people; its extension tells XML from tables.
        mapping: fields by column (`columns.parse_mapping`), for columns of no known feed.

    Attributes:
        name: as given.

    Raises:
        SourceError: it is no feed that we know; while reading, too.
    """

    def __init__(self, file: BinaryIO, name: str, mapping: Mapping[str, str] | None = None) -> None:
        self.name = name
        if PurePath(name).suffix.lower() == ".xml":
            self._rows = read_items(file, name)
            self._columns = self._columns_of_items(mapping or {})
        else:
            table = read_table(file, name)
            self._rows = table.rows
            self._columns = Columns(table.columns, mapping or {}, name)

    def __iter__(self) -> Iterator[FeedItem]:
        items = self._shopify() if self.dialect is Dialect.SHOPIFY else map(self._merchant, self._rows)
        return _without_repeats(items)

    @property
    def dialect(self) -> Dialect:
        """Whose columns it has."""
        return self._columns.dialect

    @property
    def columns(self) -> tuple[Column, ...]:
        """What became of each column, as far as the feed was read."""
        return self._columns.report()

    def _columns_of_items(self, mapping: Mapping[str, str]) -> Columns:
        """Tell the columns by the first items: XML has no header."""
        first = list(islice(self._rows, _LOOKED_AT))
        self._rows = chain(first, self._rows)
        names = tuple(dict.fromkeys(name for row in first for name in row.cells))
        if not names:
            raise SourceError(f"{self.name} has no items.", hint="A feed is RSS with <item>s, or Atom with <entry>s.")
        return Columns(names, mapping, self.name)

    def _merchant(self, row: Row) -> FeedItem:
        fields: dict[str, str] = {}
        main: list[str] = []
        more: list[str] = []
        for role, value in self._columns.read(row.cells):
            if role == IMAGE:
                main.append(value)
            elif role == MORE_IMAGES:
                more += value.split(",")
            else:
                fields.setdefault(role, value)
        return FeedItem(
            id=fields.get(KEY, ""),
            line=row.line,
            fields=fields,
            images=_images((*main, *more)),
            problem=row.problem or ("" if fields.get(KEY) else "has no id."),
        )

    def _shopify(self) -> Iterator[FeedItem]:
        """Gather the rows of each handle, which stand together: the first names the product, others add to it."""
        rows = ((row, self._columns.read(row.cells)) for row in self._rows)
        for key, group in groupby(rows, lambda found: dict(found[1]).get(KEY, "")):
            if key:
                kept = list(islice(group, MAX_ROWS_OF_ONE))
                yield _shopify_item(key, kept)
            else:
                yield from (
                    FeedItem(id="", line=row.line, problem=row.problem or "has no handle.") for row, _ in group
                )


def _shopify_item(key: str, rows: Sequence[tuple[Row, list[tuple[str, str]]]]) -> FeedItem:
    fields: dict[str, str] = {}
    listed: list[tuple[tuple[int, int], str]] = []
    for index, (_, cells) in enumerate(rows):
        variant = {role: value for role, value in cells if role in _OF_A_VARIANT}
        if "price" in variant and "price" not in fields:  # price and old price are one variant's
            fields.update(variant)
        for role, value in cells:
            if role not in _OF_A_VARIANT:
                fields.setdefault(role, value)
        told = dict(cells)
        listed += [(_position(told, index), value) for role, value in cells if role in {IMAGE, MORE_IMAGES}]
    _set_sale(fields)
    return FeedItem(
        id=key,
        line=rows[0][0].line,
        fields={name: value for name, value in fields.items() if name not in {IMAGE, MORE_IMAGES, POSITION}},
        images=_images(image for _, image in sorted(listed, key=lambda item: item[0])),
        problem=next((row.problem for row, _ in rows if row.problem), ""),
    )


def _set_sale(fields: dict[str, str]) -> None:
    """Shopify's price is what is paid, and its compare-at price the old one; Merchant's the other way round."""
    old = fields.pop(OLD_PRICE, "")
    if old:
        fields["sale_price"], fields["price"] = fields.get("price", ""), old


def _position(told: Mapping[str, str], index: int) -> tuple[int, int]:
    position = told.get(POSITION, "")
    return (int(position), index) if position.isdecimal() and len(position) < len(str(_LAST)) else (_LAST, index)


def _images(listed: Iterable[str]) -> tuple[str, ...]:
    """Drop blanks and repeats; a comma inside a local name is written %2C, in an address it stays as it is."""
    names = (name.strip().removeprefix("./") for name in listed)
    told = (name if "%" not in name or "://" in name else _COMMA.sub(",", name) for name in names)
    return tuple(dict.fromkeys(name for name in told if name))


def _without_repeats(items: Iterable[FeedItem]) -> Iterator[FeedItem]:
    first_line: dict[str, int] = {}
    for item in items:
        line = first_line.setdefault(item.id, item.line) if item.id else item.line
        problem = item.problem or ("" if line == item.line else f"repeats the id of line {line}.")
        yield item if problem == item.problem else item.model_copy(update={"problem": problem})
