"""What the columns of a feed mean: Google Merchant's, Meta's, Shopify's, or what `--map` says of others. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum

from nightreel.catalog.tables import identifier
from nightreel.catalog.words import near
from nightreel.errors import SourceError
from nightreel.models import Value

ID, IMAGE, MORE_IMAGES = "id", "image_link", "additional_image_link"
OLD_PRICE = "old price"
POSITION = "photo's position"

_NUMBERED = re.compile(r"image_\d+_url")
_SHOPIFY_KEYS = {"handle", "url_handle"}
_SHOPIFY_IMAGES = {"image_src", "product_image_url"}
_SHOPIFY_OLD = {"variant_compare_at_price", "compare_at_price"}
_SHOPIFY_NAMES = {
    "body_html": "description",
    "vendor": "brand",
    "type": "product_type",
    "variant_sku": "sku",
    "variant_price": "price",
}
_META = re.compile(r"video_\d+_url|fb_product_category|rich_text_description|internal_label_?\d*|status")
_PHOTOS = {"photo", "photos", "image", "images", "picture", "pictures", IMAGE, MORE_IMAGES}
_GUESSES: Mapping[str, tuple[str, ...]] = {
    ID: ("sku", "product_id", "item_id", "artikel", "artikelnummer", "code"),
    IMAGE: ("image", "images", "picture", "photo", "image_url", "img", "bild"),
    "title": ("name", "product_name", "bezeichnung"),
}


class Dialect(StrEnum):
    """Whose columns a feed has."""

    MERCHANT = "Google Merchant"
    META = "Meta"
    SHOPIFY = "Shopify"
    OWN = "by --map"


class Column(Value):
    """What became of a column.

    Attributes:
        name: as the feed writes it.
        became: the field that templates know it by; or "photos", "old price", "photo's position".
        mapped: whether `--map` said so.
        filled: rows that have something in it.
    """

    name: str
    became: str
    mapped: bool = False
    filled: int = 0

    @property
    def kept(self) -> bool:
        """Whether it is known by its own name."""
        return self.became == identifier(self.name)


class Columns:
    """The columns of a feed, each with its role.

    Attributes:
        dialect: whose they are.
        roles: by the column's name as it is written: a field's name, MORE_IMAGES, OLD_PRICE or POSITION.
    """

    def __init__(self, names: Sequence[str], mapping: Mapping[str, str], feed: str) -> None:
        self._mapped = roles_of(names, mapping, feed)
        self._known = {*map(identifier, names), *self._mapped.values()}
        self.dialect = self._dialect(names, feed)
        self._filled: dict[str, int] = dict.fromkeys(filter(None, names), 0)
        self.roles = {name: self._role(name) for name in self._filled}

    def read(self, cells: Mapping[str, str]) -> list[tuple[str, str]]:
        """Return role and value of each cell that has one, and count it."""
        found: list[tuple[str, str]] = []
        for name, value in cells.items():
            if value:
                if name not in self.roles:  # XML names its columns as it goes
                    self.roles[name], self._filled[name] = self._role(name), 0
                self._filled[name] += 1
                found.append((self.roles[name], value))
        return found

    def report(self) -> tuple[Column, ...]:
        """Return what became of each column."""
        said = {IMAGE: "photos", MORE_IMAGES: "photos"}
        return tuple(
            Column(name=name, became=said.get(role, role), mapped=name in self._mapped, filled=self._filled[name])
            for name, role in self.roles.items()
        )

    def _dialect(self, names: Sequence[str], feed: str) -> Dialect:
        has_photos = any(role_of_image(name) for name in self._known)
        if self._known & _SHOPIFY_KEYS and not {ID, IMAGE} <= self._known:
            return Dialect.SHOPIFY
        if ID not in self._known or not has_photos:
            raise _no_feed(names, self._known, feed)
        if self._mapped:
            return Dialect.OWN
        return (
            Dialect.META
            if any(_NUMBERED.fullmatch(name) or _META.fullmatch(name) for name in self._known)
            else (Dialect.MERCHANT)
        )

    def _role(self, name: str) -> str:
        if name in self._mapped:
            return self._mapped[name]
        word = identifier(name)
        if self.dialect is Dialect.SHOPIFY:
            return _shopify_role(word)
        return role_of_image(word) or word


def role_of_image(word: str) -> str:
    """Return IMAGE or MORE_IMAGES for a column that names photos, "" for another."""
    if word == IMAGE or _NUMBERED.fullmatch(word):
        return IMAGE
    return MORE_IMAGES if word == MORE_IMAGES else ""


def _shopify_role(word: str) -> str:
    if word in _SHOPIFY_KEYS:
        return ID
    if word in _SHOPIFY_IMAGES:
        return IMAGE
    if word in _SHOPIFY_OLD:
        return OLD_PRICE
    return POSITION if word == "image_position" else _SHOPIFY_NAMES.get(word, word)


def parse_mapping(pairs: Iterable[str]) -> dict[str, str]:
    """Read `--map FIELD=COLUMN`; return the field of each column.

    Raises:
        SourceError: one is not of that form.
    """
    found: dict[str, str] = {}
    for pair in pairs:
        name, separator, column = pair.partition("=")
        word = identifier(name)
        if not separator or not word or not column.strip():
            hint = "Write it as FIELD=COLUMN, such as image_link=Picture; fields are id, title, image_link, price, …"
            raise SourceError(f'--map "{pair}" does not say which field is in which column.', hint=hint)
        found[column.strip()] = MORE_IMAGES if word in _PHOTOS else word
    return found


def roles_of(names: Sequence[str], mapping: Mapping[str, str], feed: str) -> dict[str, str]:
    """Return the fields that *mapping* gives to columns of *names*, whatever their case.

    Raises:
        SourceError: a column is not there.
    """
    folded = {name.casefold(): name for name in names}
    found: dict[str, str] = {}
    for column, role in mapping.items():
        name = column if column in names else folded.get(column.casefold())
        if name is None:
            hint = near(column, names) or f"Its columns are {_listed(names)}."
            raise SourceError(f'{feed} has no column "{column}", which --map names.', hint=hint)
        found[name] = role
    return found


def _no_feed(names: Sequence[str], known: Iterable[str], feed: str) -> SourceError:
    """Say what is missing, and how to say which columns it is in."""
    asked = [f"--map {_quoted(name, _guess(name, names))}" for name in (ID, IMAGE) if not _has(name, set(known))]
    hint = (
        "A feed has id, title and image_link (Google Merchant, Meta), or Handle and Image Src (Shopify). "
        f"For another, say which columns they are in: {' '.join(asked)}."
    )
    return SourceError(f"{feed} has no columns of a feed: {_listed(names)}.", hint=hint)


def _has(name: str, known: set[str]) -> bool:
    return any(map(role_of_image, known)) if name == IMAGE else name in known


def _guess(role: str, names: Iterable[str]) -> str:
    found: Callable[[str], bool] = lambda name: identifier(name) in _GUESSES[role]  # noqa: E731 - a predicate
    return next(filter(found, names), "COLUMN")


def _quoted(name: str, column: str) -> str:
    return f'{name}="{column}"' if " " in column else f"{name}={column}"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - 12
    return ", ".join(names[:12]) + (f" and {more} more" if more > 0 else "")
