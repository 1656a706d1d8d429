"""What the rules ask of a product: its words, whether it is on sale and until when, whether it can be had. Pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo

from nightreel.catalog.prices import parse_price
from nightreel.models import Value

_GONE = {"out_of_stock", "sold_out", "discontinued", "unavailable", "archived"}
_COUNTS = ("quantity", "inventory", "variant_inventory_qty", "quantity_to_sell_on_facebook")
_TAGS = ("tags", "labels", *(f"custom_label_{number}" for number in range(5)))
_CATEGORIES = ("product_type", "google_product_category", "fb_product_category", "category", "categories")
_SPLIT = re.compile(r"[,;>|]")


class Sale(Value):
    """A lower price, and its time: None means that the feed names no beginning or end."""

    begins: datetime | None = None
    ends: datetime | None = None

    def on(self, moment: datetime) -> bool:
        """Whether it holds at *moment*."""
        return (self.begins is None or self.begins <= moment) and (self.ends is None or moment <= self.ends)


class Candidate(Value):
    """A product that could be posted.

    Attributes:
        tags, categories: its words, folded.
        sale: its lower price, whether or not that holds yet.
        stock: it can be had.
    """

    product: str
    tags: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    sale: Sale | None = None
    stock: bool = True


def candidate(product: str, fields: Mapping[str, str], zone: tzinfo = UTC) -> Candidate:
    """Return what *fields*, as the feed has them, say of *product*; times without a zone are in *zone*."""
    return Candidate(
        product=product,
        tags=words(fields.get(name, "") for name in _TAGS),
        categories=words(fields.get(name, "") for name in _CATEGORIES),
        sale=_sale(fields, zone),
        stock=_in_stock(fields),
    )


def words(texts: Iterable[str]) -> frozenset[str]:
    """Return the words of comma-separated tags or of paths ("Home > Kitchen"), folded."""
    return frozenset(folded for text in texts for part in _SPLIT.split(text) if (folded := part.strip().casefold()))


def _sale(fields: Mapping[str, str], zone: tzinfo) -> Sale | None:
    currency = fields.get("currency", "")
    regular, lower = (parse_price(fields.get(name, ""), currency) for name in ("price", "sale_price"))
    if lower is None or (regular is not None and lower.amount >= regular.amount):
        return None
    begins, separator, ends = fields.get("sale_price_effective_date", "").partition("/")
    try:
        return Sale(begins=_moment(begins, zone), ends=_moment(ends, zone)) if separator else Sale()
    except ValueError:
        return Sale()


def _moment(text: str, zone: tzinfo) -> datetime | None:
    if not text.strip():
        return None
    moment = datetime.fromisoformat(text.strip())
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _in_stock(fields: Mapping[str, str]) -> bool:
    if fields.get("availability", "").strip().lower().replace(" ", "_") in _GONE:
        return False
    counts = [text for name in _COUNTS if (text := fields.get(name, "").strip())]
    return not any(re.fullmatch(r"-?\d+", text) and int(text) <= 0 for text in counts)
