"""Read a catalog: list its products, look at every photo, and keep what is fit."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

from nightreel.catalog.briefs import Overrides
from nightreel.catalog.prices import without_past_sale
from nightreel.catalog.products import Listing, Named, Rejected, list_products
from nightreel.catalog.words import near
from nightreel.clock import Clock, SystemClock
from nightreel.errors import InputError, PhotoRejected, SourceError
from nightreel.images import Intake, advised
from nightreel.models import Photo, Product, Value
from nightreel.sources import Entry

_TOLD = 3


class Catalog(Value):
    """A catalog as it was read.

    Attributes:
        products: those that can be made, in the source's order.
        rejected: those that cannot, with their reason.
        notes: what else people should know, as sentences.
    """

    products: tuple[Product, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    notes: tuple[str, ...] = ()


async def read_catalog(
    source: Path | str,
    overrides: Overrides,
    intake: Intake,
    *,
    clock: Clock | None = None,
    only: Collection[str] = (),
) -> Catalog:
    """Read *source*; a product with a photo that is not fit is rejected, and the others go on.

    Args:
        source: a folder of product folders, a folder with a feed, or a feed.
        overrides: what the command line says over every brief.
        intake: looks at the photos, and remembers those that have not changed.
        clock: tells whether a dated sale is on.
        only: product ids; nothing of others is opened. Empty means all.

    Raises:
        SourceError: there is no such source, nothing in it, or no product that *only* names.
        BriefError: a brief that says something impossible.
        DiskFull: the photo cache cannot grow.
    """
    listing = await asyncio.to_thread(list_products, source, overrides)
    _narrow(listing, only)
    now = (clock or SystemClock()).now()
    tasks = [asyncio.ensure_future(_look(named, intake, now)) for named in listing.products]
    try:
        looked = await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        raise
    return Catalog(
        products=tuple(found for found in looked if isinstance(found, Product)),
        rejected=(*listing.rejected, *(found for found in looked if isinstance(found, Rejected))),
        notes=tuple(listing.notes),
    )


def _narrow(listing: Listing, only: Collection[str]) -> None:
    known = [named.id for named in listing.products] + [rejected.product for rejected in listing.rejected]
    for product in only:
        if product not in known:
            hint = near(product, known) or "`nightreel plan` lists them."
            raise SourceError(f"There is no product {product} in the catalog.", hint=hint)
    if only:
        listing.products = [named for named in listing.products if named.id in only]
        listing.rejected = [rejected for rejected in listing.rejected if rejected.product in only]


async def _look(named: Named, intake: Intake, now: datetime) -> Product | Rejected:
    """Look at a product's photos; several that are not fit are all told."""
    looked = await asyncio.gather(*(_probe(entry, intake) for entry in named.photos[: named.brief.photos]))
    errors = [found for found in looked if isinstance(found, tuple)]
    if errors:
        return Rejected(product=named.id, reason=_told([str(error) for _, error in errors]), photo=errors[0][0])
    photos = tuple(found for found in looked if isinstance(found, Photo))
    if not any(photo.width for photo in photos):
        return Rejected(product=named.id, reason=f"{named.id} has no photos, only sound.")
    fields = without_past_sale(named.fields, now)
    photos = advised(_distinct(photos), named.brief.formats)
    return Product(id=named.id, fields=fields, photos=photos, brief=named.brief)


async def _probe(entry: Entry, intake: Intake) -> Photo | tuple[str, InputError]:
    try:
        _require_text(entry)
        return await intake.probe(entry.path, entry.name)
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
