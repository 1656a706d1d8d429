"""What a source names, before a photo is opened: products with their photos' names, briefs and fields.

SOURCE is a folder of product folders, a folder with a feed at its top, or a feed file. With a feed, the feed rules:
photos are relative to it, and folders that it does not name are reported.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from nightreel.catalog.briefs import Overrides
from nightreel.catalog.feeds import FEED_EXTENSIONS, Feed, FeedItem
from nightreel.catalog.layers import Briefs
from nightreel.catalog.misnamed import feeds_unread, spreadsheets
from nightreel.catalog.words import near
from nightreel.errors import InputError, PhotoRejected, SourceError
from nightreel.images.files import open_photo
from nightreel.images.kinds import HEAD_BYTES, KINDS, claimed_kind, kind_of
from nightreel.models import Brief, Value
from nightreel.sources import Bucket, Entry, Folder, Source
from nightreel.sources.entries import natural
from nightreel.sources.web import Web, is_address, name_of

MAX_FEED_BYTES = 1024 * 1024 * 1024


class Rejected(Value):
    """A product that cannot be made, and why; *photo* names the culprit where it is one photo."""

    product: str
    reason: str
    photo: str = ""


@dataclass(frozen=True)
class Named:
    """A product as it is named; nothing of it has been opened."""

    id: str
    fields: Mapping[str, str]
    photos: tuple[Entry, ...]
    brief: Brief


Found = Named | Rejected


@dataclass
class Listing:
    """Everything a source names, as a stream.

    Attributes:
        found: the products, in the source's order; can be read once.
        notes: what people should know; whole when *found* has been read.
        feed: the feed that names them; None where folders do.
    """

    found: Iterator[Found] = field(default_factory=lambda: iter(()))
    notes: list[str] = field(default_factory=list[str])
    feed: Feed | None = None


@dataclass
class _Place:
    """Where products are listed from, and by what."""

    folder: Source
    entries: tuple[Entry, ...]
    briefs: Briefs
    listing: Listing


def list_products(
    source: Path | str | Bucket,
    overrides: Overrides,
    *,
    web: Web,
    mapping: Mapping[str, str] | None = None,
) -> Listing:
    """List the products of *source*, each with the brief that applies to it.

    Args:
        source: a folder of product folders, a folder with a feed, a feed, or a bucket with either.
        overrides: what the command line says over every brief.
        web: names photos of the web, and has them when they are wanted.
        mapping: fields by column, for a feed whose columns are not known.

    Raises:
        SourceError: there is no such source, or nothing in it; while *found* is read, too.
        BriefError: a brief that says something impossible; while *found* is read, too.
    """
    folder, feed = _locate(source)
    entries = folder.entries()
    listing = Listing()
    place = _Place(folder, entries, Briefs(folder, entries, overrides), listing)
    if feed is None and mapping:
        raise SourceError("--map is for the columns of a feed, and there is none.", hint="Name the feed itself.")
    listing.found = _whole(place, _in_folders(place) if feed is None else _in_feed(place, feed, mapping or {}, web))
    return listing


def _whole(place: _Place, found: Iterator[Found]) -> Iterator[Found]:
    """Yield all that is *found*; see afterwards that there was something, and what briefs speak of in vain."""
    known: list[str] = []
    for one in found:
        known.append(one.id if isinstance(one, Named) else one.product)
        yield one
    if not known:
        raise _nothing_in(place.folder, place.entries)
    place.listing.notes.extend(place.folder.notes if isinstance(place.folder, Bucket) else ())
    place.listing.notes.extend(place.briefs.notes)
    top, ids = place.briefs.top, set(known)
    for product in top.products:
        if product not in ids:
            words = f"{top.file} speaks of {product}, which is not here. {near(product, known)}"
            place.listing.notes.append(words.strip())


def _locate(source: Path | str | Bucket) -> tuple[Source, Path | None]:
    """Return where the catalog is and its feed, if there is one."""
    if isinstance(source, Bucket):
        return source, source.local(source.feed) if source.feed else _feed_in(source)
    path = catalog_at(source)
    if path.is_file():
        return Folder(path.parent), path.absolute()
    folder = Folder(path)
    return folder, _feed_in(folder)


def catalog_at(source: Path | str) -> Path:
    """Return the path that *source* names on this machine: a folder, whatever is in it, or a feed.

    Raises:
        SourceError: it is neither.
    """
    if "://" in str(source):
        raise SourceError(f"{source} cannot be read.", hint="A bucket is s3://…, gs://… or az://….")
    path = Path(source).expanduser()
    if not path.exists():
        raise SourceError(f"There is no folder or feed {source}.", hint="Check the path.")
    if not path.is_dir() and not (path.is_file() and path.suffix.lower() in FEED_EXTENSIONS):
        raise SourceError(f"{source} is no catalog.", hint="A source is a folder, or a feed (.csv, .tsv, .xml).")
    return path


def _feed_in(folder: Source) -> Path | None:
    feeds = [entry for entry in folder.entries() if _is_feed(entry)]
    if len(feeds) > 1:
        names = ", ".join(entry.name for entry in feeds)
        raise SourceError(
            f"{folder.title} has several feeds: {names}.", hint="Name the one that is meant as the source."
        )
    if not feeds and (unread := feeds_unread(folder.entries())):
        hint = "Unpack it, or take the last ending off its name: feeds are .csv, .tsv and .xml."
        raise SourceError(f"{unread[0]} is not read.", hint=hint)
    return folder.local(feeds[0].key) if feeds else None


def _is_feed(entry: Entry) -> bool:
    return entry.kind == "file" and entry.path.suffix.lower() in FEED_EXTENSIONS


# --------------------------------------------------------------------------- folders


def _in_folders(place: _Place) -> Iterator[Found]:
    notes = place.listing.notes
    notes += [f"{name} is not read; export it as CSV if it is a feed." for name in spreadsheets(place.entries)]
    for entry in place.entries:
        if entry.kind == "folder":
            yield _in_folder(place, entry)
        elif entry.kind == "link":
            notes.append(f"{entry.name} is a link; links are not followed.")
        elif entry.kind == "file" and claimed_kind(entry.name):
            notes.append(f"{entry.name} is left out: photos belong in a folder for each product.")


def _in_folder(place: _Place, entry: Entry) -> Found:
    photos: list[Entry] = []
    inside = place.folder.entries(entry.key)
    for found in inside:
        if found.kind == "folder":
            place.listing.notes.append(f"{found.name} is a folder inside a product; it is not looked into.")
        elif is_photo(found):
            photos.append(found)
    if not photos:
        return Rejected(product=entry.name, reason=f"{entry.name} has no photos.")
    brief, fields = place.briefs.of(entry.name, {"title": _title_of(entry.name)}, inside)
    return Named(entry.name, fields, tuple(photos), brief)


def is_photo(entry: Entry) -> bool:
    """Tell whether *entry* is a photo, or claims to be one by its name: then it is looked at, whatever it is."""
    if claimed_kind(entry.name):
        return True
    if entry.kind != "file" or entry.name.endswith((".yaml", ".txt", ".md", ".json")):
        return False
    try:
        return kind_of(_head(entry)) in KINDS
    except PhotoRejected:
        return False
    except InputError:  # nobody knows what it is: who wants it whole will tell why
        return True


def _head(entry: Entry) -> bytes:
    if entry.peek is not None:
        return entry.peek(HEAD_BYTES)
    with open_photo(entry.path, entry.name) as opened:
        return opened.head(HEAD_BYTES)


def _title_of(name: str) -> str:
    """Return a folder's name as a title: "blue-mug" is "Blue mug", and "NR-MUG-350" stays."""
    if name != name.lower() or any(char.isdigit() for char in name):
        return name
    return name.replace("-", " ").replace("_", " ").strip().capitalize()


# --------------------------------------------------------------------------- feeds


def _in_feed(place: _Place, path: Path, mapping: Mapping[str, str], web: Web) -> Iterator[Found]:
    unnamed = {entry.name for entry in place.entries if entry.kind == "folder"}
    with _opened(path) as file:
        feed = place.listing.feed = Feed(file, path.name, mapping)
        for item in feed:
            unnamed.discard(item.id)
            unnamed -= {image.replace("\\", "/").partition("/")[0] for image in item.images}
            yield _named(place, feed.name, item, web)
    notes = (f"Folder {name} is not named by {feed.name}; it is left out." for name in sorted(unnamed, key=natural))
    place.listing.notes.extend(notes)


def _opened(feed: Path) -> BinaryIO:
    try:
        if feed.stat().st_size > MAX_FEED_BYTES:
            raise SourceError(f"{feed.name} is over {MAX_FEED_BYTES // 1024 // 1024} MB.", hint="Split the feed.")
        return feed.open("rb")
    except OSError as error:
        raise SourceError(f"{feed} cannot be read: {error.strerror}.") from None


def _named(place: _Place, feed: str, item: FeedItem, web: Web) -> Found:
    line = f"{feed}, line {item.line}"
    product = item.id or line
    if item.problem:
        return Rejected(product=product, reason=f"{line} {item.problem}")
    if not item.images:
        return Rejected(product=product, reason=f"{line} names no photo.")
    brief, fields = place.briefs.of(item.id, item.fields)
    photos: list[Entry] = []
    for image in item.images[: brief.photos]:
        try:
            photos.append(web.entry(image) if is_address(image) else place.folder.file(image))
        except PhotoRejected as error:
            photo = name_of(image) if is_address(image) else image
            return Rejected(product=product, reason=f"{line}: {error}", photo=photo)
    return Named(item.id, fields, tuple(photos), brief)


def _nothing_in(folder: Source, entries: tuple[Entry, ...]) -> SourceError:
    hint = "A catalog is a folder with one folder of photos for each product, or with a feed."
    if not entries:
        return SourceError(f"{folder.title} is empty.", hint=hint)
    if any(claimed_kind(entry.name) for entry in entries):
        return SourceError(f"{folder.title} has photos, but no product folders.", hint=hint)
    return SourceError(f"{folder.title} has no photos.", hint=hint)
