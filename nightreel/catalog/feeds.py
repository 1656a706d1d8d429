"""Product feeds: Google Merchant's and Meta's columns, and Shopify's several rows a product. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

from nightreel.catalog.tables import Row, read_table
from nightreel.errors import SourceError
from nightreel.models import Value

FEED_EXTENSIONS = (".csv", ".tsv", ".xml")

_SHOPIFY_KEYS = ("handle", "url_handle")
_SHOPIFY_IMAGES = ("image_src", "product_image_url")
_SHOPIFY_NAMES = {
    "body_html": "description",
    "vendor": "brand",
    "type": "product_type",
    "variant_sku": "sku",
    "variant_price": "price",
}
_IMAGE_COLUMN = re.compile(r"image_\d+_url")


class FeedItem(Value):
    """One product as a feed names it.

    Attributes:
        id: its key in the feed.
        line: where it begins.
        fields: its columns, under Merchant's names where there is one.
        images: its photos in order, as the feed names them.
        problem: why it cannot be used, or "".
    """

    id: str
    line: int
    fields: Mapping[str, str] = {}
    images: tuple[str, ...] = ()
    problem: str = ""


def parse_feed(data: bytes, name: str) -> list[FeedItem]:
    """Read the feed *name*.

    Raises:
        SourceError: it is no feed that we know.
    """
    if PurePath(name).suffix.lower() == ".xml":
        raise SourceError(f"{name}: feeds in XML cannot be read yet.", hint="Export the feed as CSV or TSV.")
    columns, rows = read_table(data, name)
    handle = next((key for key in _SHOPIFY_KEYS if key in columns), "")
    if handle and not {"id", "image_link"} <= set(columns):
        items = _shopify(rows, handle)
    elif "id" in columns and any(_is_image(column) for column in columns):
        items = [_merchant(row) for row in rows]
    else:
        hint = "A feed has id, title and image_link (Google Merchant, Meta), or Handle and Image Src (Shopify)."
        raise SourceError(f"{name} has no columns of a feed: {', '.join(columns[:12])}.", hint=hint)
    return _without_repeats(items)


def _is_image(column: str) -> bool:
    return column in {"image_link", "additional_image_link"} or bool(_IMAGE_COLUMN.fullmatch(column))


def _merchant(row: Row) -> FeedItem:
    cells = row.cells
    listed = [cells.get("image_link", "")]
    listed += [cell for column, cell in cells.items() if _IMAGE_COLUMN.fullmatch(column)]
    listed += cells.get("additional_image_link", "").split(",")
    fields = {key: value for key, value in cells.items() if not _is_image(key)}
    return FeedItem(
        id=cells.get("id", ""),
        line=row.line,
        fields=fields,
        images=_images(listed),
        problem=row.problem or ("" if cells.get("id") else "has no id."),
    )


def _images(listed: Iterable[str]) -> tuple[str, ...]:
    """Drop blanks and repeats; a comma inside a name is written %2C."""
    names = (re.sub("%2c", ",", name.strip(), flags=re.IGNORECASE) for name in listed)
    return tuple(dict.fromkeys(name.removeprefix("./") for name in names if name))


def _shopify(rows: Sequence[Row], handle: str) -> list[FeedItem]:
    """Gather the rows of each handle: the first names the product, further ones add variants and photos."""
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row.cells.get(handle, ""), []).append(row)
    orphans = [FeedItem(id="", line=row.line, problem=f"has no {handle}.") for row in grouped.pop("", [])]
    return [_shopify_item(key, group) for key, group in grouped.items()] + orphans


def _shopify_item(key: str, rows: Sequence[Row]) -> FeedItem:
    fields: dict[str, str] = {}
    for row in rows:
        for column, cell in row.cells.items():
            name = _SHOPIFY_NAMES.get(column, column)
            if cell and not fields.get(name):
                fields[name] = cell
    _set_sale(fields)
    listed = [(_position(row, index), _first(row.cells, _SHOPIFY_IMAGES)) for index, row in enumerate(rows)]
    return FeedItem(
        id=key,
        line=rows[0].line,
        fields={name: value for name, value in fields.items() if name not in _SHOPIFY_IMAGES},
        images=_images(image for _, image in sorted(listed, key=lambda item: item[0]) if image),
        problem=next((row.problem for row in rows if row.problem), ""),
    )


def _set_sale(fields: dict[str, str]) -> None:
    """Shopify's price is what is paid, and its compare-at price the old one; Merchant's the other way round."""
    old = fields.get("variant_compare_at_price") or fields.get("compare_at_price")
    if old:
        fields["sale_price"], fields["price"] = fields.get("price", ""), old


def _position(row: Row, index: int) -> tuple[int, int]:
    position = _first(row.cells, ("image_position",))
    return (int(position), index) if position.isdecimal() else (10_000, index)


def _first(cells: Mapping[str, str], columns: Iterable[str]) -> str:
    return next((cells[column] for column in columns if cells.get(column)), "")


def _without_repeats(items: Iterable[FeedItem]) -> list[FeedItem]:
    first_line: dict[str, int] = {}
    kept: list[FeedItem] = []
    for item in items:
        if item.id and item.id in first_line:
            problem = f"repeats the id of line {first_line[item.id]}."
            kept.append(item.model_copy(update={"problem": item.problem or problem}))
            continue
        first_line[item.id] = item.line
        kept.append(item)
    return kept
