"""Read a catalog: list its products, look at every photo, and keep what is fit."""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path

from nightreel.catalog.briefs import Overrides
from nightreel.catalog.columns import Column
from nightreel.catalog.prices import without_past_sale
from nightreel.catalog.products import Found, Listing, Named, Rejected, list_products
from nightreel.catalog.templates import TEMPLATES, fields_of
from nightreel.catalog.words import near
from nightreel.clock import Clock, SystemClock
from nightreel.errors import InputError, PhotoRejected, SourceError
from nightreel.images import Intake, advised
from nightreel.images.kinds import KINDS, kind_of
from nightreel.models import Brief, Colour, Photo, Product, Value, behind_of
from nightreel.sources import Bucket, Entry
from nightreel.sources.web import PUBLIC, Rules, Web

_TOLD = 3
_AT_ONCE = 200
"""Products that are looked at together: so many are in memory with all their fields."""

_KEPT = frozenset({"title", "price", "sale_price", "sale_price_effective_date", "currency"})
"""Fields that prices and sales are made of, and the name."""


class Catalog(Value):
    """A catalog as it was read.

    Attributes:
        products: those that can be made, in the source's order, with the fields that their briefs use.
        rejected: those that cannot, with their reason.
        notes: what else people should know, as sentences.
        feed: whose columns its feed has; "" where there is none.
        columns: what became of each of them.
    """

    products: tuple[Product, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    notes: tuple[str, ...] = ()
    feed: str = ""
    columns: tuple[Column, ...] = ()


async def read_catalog(
    source: Path | str | Bucket,
    overrides: Overrides,
    intake: Intake,
    *,
    clock: Clock | None = None,
    only: Collection[str] = (),
    mapping: Mapping[str, str] | None = None,
    rules: Rules = PUBLIC,
) -> Catalog:
    """Read *source*; a product with a photo that is not fit is rejected, and the others go on.

    Args:
        source: a folder of product folders, a folder with a feed, a feed, or a bucket with either.
        overrides: what the command line says over every brief.
        intake: looks at the photos, and remembers those that have not changed.
        clock: tells whether a dated sale is on, and how old a fetched photo is.
        only: product ids; nothing of others is opened. Empty means all.
        mapping: fields by column, for a feed whose columns are not known.
        rules: what may be fetched from the web.

    Raises:
        SourceError: there is no such source, nothing in it, or no product that *only* names.
        BriefError: a brief that says something impossible.
        DiskFull: the photo cache cannot grow.
    """
    clock = clock or SystemClock()
    with Web(intake.cache / "web", clock, _is_photo, rules) as web:
        listing = await asyncio.to_thread(list_products, source, overrides, mapping=mapping, web=web)
        looked = await _looked(_narrowed(listing, only), intake, clock.now())
    return Catalog(
        products=tuple(found for found in looked if isinstance(found, Product)),
        rejected=tuple(found for found in looked if isinstance(found, Rejected)),
        notes=tuple(listing.notes),
        feed=listing.feed.dialect.value if listing.feed else "",
        columns=listing.feed.columns if listing.feed else (),
    )


def _is_photo(head: bytes) -> bool:
    return kind_of(head) in KINDS


def _narrowed(listing: Listing, only: Collection[str]) -> Iterator[Found]:
    """Yield what is listed, but for products that *only* does not name."""
    missing, known = set(only), list[str]()
    for found in listing.found:
        product = found.id if isinstance(found, Named) else found.product
        missing.discard(product)
        if not only or product in only:
            yield found
        else:
            known.append(product)
    for product in sorted(missing):
        hint = near(product, known) or "`nightreel plan` lists them."
        raise SourceError(f"There is no product {product} in the catalog.", hint=hint)


async def _looked(found: Iterator[Found], intake: Intake, now: datetime) -> list[Product | Rejected]:
    """Look at the products' photos, some products at once."""
    looked: list[Product | Rejected] = []
    while some := await asyncio.to_thread(_some, found):
        first = [_recalled(one, intake, now) for one in some]
        tasks = [
            asyncio.ensure_future(_look(one, intake, now))
            for one, known in zip(some, first, strict=True)
            if not known
        ]
        try:
            seen = iter(await asyncio.gather(*tasks))
        except BaseException:
            for task in tasks:
                task.cancel()
            raise
        looked += [known or next(seen) for known in first]
    return looked


def _some(found: Iterator[Found]) -> list[Found]:
    return list(islice(found, _AT_ONCE))


def _recalled(named: Found, intake: Intake, now: datetime) -> Product | Rejected | None:
    """Return *named* as far as it is known; None where a photo must be looked at, or is not fit."""
    if isinstance(named, Rejected):
        return named
    photos: list[Photo] = []
    for entry in named.photos[: named.brief.photos]:
        try:
            photo = intake.recall(entry.path, entry.name) if entry.here else None
        except InputError:
            photo = None
        if photo is None:
            return None
        photos.append(photo)
    return _product(named, photos, now)


async def _look(named: Found, intake: Intake, now: datetime) -> Product | Rejected:
    """Look at a product's photos; several that are not fit are all told."""
    if isinstance(named, Rejected):
        return named
    brief = named.brief
    behind = behind_of(cutout=brief.cutout, background=brief.background)
    looked = await asyncio.gather(*(_probe(entry, intake, behind) for entry in named.photos[: brief.photos]))
    return _product(named, looked, now)


def _product(named: Named, looked: Sequence[Photo | tuple[str, InputError]], now: datetime) -> Product | Rejected:
    errors = [found for found in looked if isinstance(found, tuple)]
    if errors:
        return Rejected(product=named.id, reason=_told([str(error) for _, error in errors]), photo=errors[0][0])
    photos = tuple(found for found in looked if isinstance(found, Photo))
    if not any(photo.width for photo in photos):
        return Rejected(product=named.id, reason=f"{named.id} has no photos, only sound.")
    used = _used(named.brief)
    fields = {name: value for name, value in without_past_sale(named.fields, now).items() if name in used}
    photos = advised(_distinct(photos), named.brief.formats)
    return Product(id=named.id, fields=fields, photos=photos, brief=named.brief)


def _used(brief: Brief) -> frozenset[str]:
    """Return the fields that a product keeps: a long description in each of thousands is much to remember."""
    return _fields(*(getattr(brief, key) for key in TEMPLATES))


@lru_cache(maxsize=256)
def _fields(*templates: str) -> frozenset[str]:
    return _KEPT | fields_of(*templates)


async def _probe(entry: Entry, intake: Intake, background: Colour | None) -> Photo | tuple[str, InputError]:
    try:
        _require_text(entry)
        if not entry.here:
            await asyncio.to_thread(entry.local)
        return await intake.probe(entry.path, entry.name, background=background)
    except InputError as error:
        return entry.name, error


def _require_text(entry: Entry) -> None:
    """Refuse a path that is no UTF-8: no record, report or worker on another machine could name it."""
    try:
        str(entry.path).encode()
    except UnicodeEncodeError:
        raise PhotoRejected(f"{entry.name} has a name that is no UTF-8.", hint="Rename it.") from None


def _distinct(photos: Sequence[Photo]) -> tuple[Photo, ...]:
    """Drop photos with the very same content as an earlier one."""
    first: dict[str, Photo] = {}
    for photo in photos:
        first.setdefault(photo.sha256, photo)
    return tuple(first.values())


def _told(reasons: Sequence[str]) -> str:
    more = len(reasons) - _TOLD
    return " ".join([*reasons[:_TOLD], *([f"And {more} more."] if more > 0 else [])])
