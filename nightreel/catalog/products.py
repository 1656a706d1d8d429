"""What a source names, before a photo is opened: products with their photos' names, briefs and fields.

SOURCE is a folder of product folders, a folder with a feed at its top, or a feed file. With a feed, the feed rules:
photos are relative to it, and folders that it does not name are reported.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from nightreel.catalog.briefs import BRIEF_FILE, BriefFile, Overrides, read_brief
from nightreel.catalog.feeds import FEED_EXTENSIONS, FeedItem, parse_feed
from nightreel.catalog.words import near
from nightreel.errors import InputError, PhotoRejected, SourceError
from nightreel.images.files import open_photo
from nightreel.images.kinds import HEAD_BYTES, KINDS, claimed_kind, kind_of
from nightreel.models import Brief, Value
from nightreel.sources import Bucket, Entry, Folder, Source

MAX_FEED_BYTES = 64 * 1024 * 1024


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


@dataclass
class Listing:
    """Everything a source names."""

    products: list[Named] = field(default_factory=list[Named])
    rejected: list[Rejected] = field(default_factory=list[Rejected])
    notes: list[str] = field(default_factory=list[str])


def list_products(source: Path | str | Bucket, overrides: Overrides) -> Listing:
    """List the products of *source*, each with the brief that applies to it.

    Raises:
        SourceError: there is no such source, or nothing in it.
        BriefError: a brief that says something impossible.
    """
    folder, feed = _locate(source)
    top = _read_brief(folder, BRIEF_FILE)
    entries = folder.entries()
    listing = Listing()
    if feed is None:
        _list_folders(folder, entries, top, overrides, listing)
    else:
        _list_feed(folder, feed, entries, top, overrides, listing)
    if not listing.products and not listing.rejected:
        raise _nothing_in(folder, entries)
    _note_unknown(top, listing)
    listing.notes += folder.notes if isinstance(folder, Bucket) else ()
    return listing


def _locate(source: Path | str | Bucket) -> tuple[Source, Path | None]:
    """Return where the catalog is and its feed, if there is one."""
    if isinstance(source, Bucket):
        return source, source.local(source.feed) if source.feed else _feed_in(source)
    if "://" in str(source):
        raise SourceError(f"{source} cannot be read.", hint="A bucket is s3://…, gs://… or az://….")
    path = Path(source).expanduser()
    if path.is_file():
        if path.suffix.lower() not in FEED_EXTENSIONS:
            hint = "A source is a folder, or a feed (.csv, .tsv)."
            raise SourceError(f"{source} is no catalog.", hint=hint)
        return Folder(path.parent), path.absolute()
    if not path.exists():
        raise SourceError(f"There is no folder or feed {source}.", hint="Check the path.")
    folder = Folder(path)
    return folder, _feed_in(folder)


def _feed_in(folder: Source) -> Path | None:
    feeds = [entry for entry in folder.entries() if _is_feed(entry)]
    if len(feeds) > 1:
        names = ", ".join(entry.name for entry in feeds)
        raise SourceError(
            f"{folder.title} has several feeds: {names}.", hint="Name the one that is meant as the source."
        )
    return folder.local(feeds[0].key) if feeds else None


def _is_feed(entry: Entry) -> bool:
    return entry.kind == "file" and entry.path.suffix.lower() in FEED_EXTENSIONS


# --------------------------------------------------------------------------- folders


def _list_folders(
    folder: Source, entries: tuple[Entry, ...], top: BriefFile, overrides: Overrides, listing: Listing
) -> None:
    for entry in entries:
        if entry.kind == "folder":
            _list_folder(folder, entry, top, overrides, listing)
        elif entry.kind == "link":
            listing.notes.append(f"{entry.name} is a link; links are not followed.")
        elif entry.kind == "file" and claimed_kind(entry.name):
            listing.notes.append(f"{entry.name} is left out: photos belong in a folder for each product.")


def _list_folder(folder: Source, entry: Entry, top: BriefFile, overrides: Overrides, listing: Listing) -> None:
    photos: list[Entry] = []
    for found in folder.entries(entry.key):
        if found.kind == "folder":
            listing.notes.append(f"{found.name} is a folder inside a product; it is not looked into.")
        elif is_photo(found):
            photos.append(found)
    if not photos:
        listing.rejected.append(Rejected(product=entry.name, reason=f"{entry.name} has no photos."))
        return
    brief, fields = _brief_for(folder, entry.name, top, overrides, {"title": _title_of(entry.name)})
    listing.products.append(Named(entry.name, fields, tuple(photos), brief))


def is_photo(entry: Entry) -> bool:
    """Tell whether *entry* is a photo, or claims to be one by its name: then it is looked at, whatever it is."""
    if claimed_kind(entry.name):
        return True
    if entry.kind != "file" or entry.name.endswith((".yaml", ".txt", ".md", ".json")):
        return False
    try:
        with open_photo(entry.local(), entry.name) as opened:
            return kind_of(opened.head(HEAD_BYTES)) in KINDS
    except InputError:
        return False


def _title_of(name: str) -> str:
    """Return a folder's name as a title: "blue-mug" is "Blue mug", and "NR-MUG-350" stays."""
    if name != name.lower() or any(char.isdigit() for char in name):
        return name
    return name.replace("-", " ").replace("_", " ").strip().capitalize()


# --------------------------------------------------------------------------- feeds


def _list_feed(
    folder: Source, feed: Path, entries: tuple[Entry, ...], top: BriefFile, overrides: Overrides, listing: Listing
) -> None:
    items = parse_feed(_read_feed(feed), feed.name)
    for item in items:
        found = _named(folder, feed, item, top, overrides)
        if isinstance(found, Named):
            listing.products.append(found)
        else:
            listing.rejected.append(found)
    used = {PurePosixPath(image).parts[0] for item in items for image in item.images if PurePosixPath(image).parts}
    used |= {item.id for item in items}
    for entry in entries:
        if entry.kind == "folder" and entry.name not in used:
            listing.notes.append(f"Folder {entry.name} is not named by {feed.name}; it is left out.")


def _read_feed(feed: Path) -> bytes:
    try:
        if feed.stat().st_size > MAX_FEED_BYTES:
            raise SourceError(f"{feed.name} is over {MAX_FEED_BYTES // 1024 // 1024} MB.", hint="Split the feed.")
        return feed.read_bytes()
    except OSError as error:
        raise SourceError(f"{feed} cannot be read: {error.strerror}.") from None


def _named(folder: Source, feed: Path, item: FeedItem, top: BriefFile, overrides: Overrides) -> Named | Rejected:
    place = f"{feed.name}, line {item.line}"
    product = item.id or place
    if item.problem:
        return Rejected(product=product, reason=f"{place} {item.problem}")
    if not item.images:
        return Rejected(product=product, reason=f"{place} names no photo.")
    brief, fields = _brief_for(folder, item.id, top, overrides, item.fields)
    photos: list[Entry] = []
    for image in item.images[: brief.photos]:
        try:
            photos.append(_photo(folder, image))
        except PhotoRejected as error:
            return Rejected(product=product, reason=f"{place}: {error}", photo=image)
    return Named(item.id, fields, tuple(photos), brief)


def _photo(folder: Source, image: str) -> Entry:
    if "://" in image:
        hint = "Put the photos beside the feed, and name them relative to it."
        raise PhotoRejected(f"{image} is a web address; photos are read from the catalog's folder.", hint=hint)
    return folder.file(image)


# --------------------------------------------------------------------------- briefs


def _brief_for(
    folder: Source, product: str, top: BriefFile, overrides: Overrides, fields: Mapping[str, str]
) -> tuple[Brief, dict[str, str]]:
    """Put the briefs over each other, and the fields: the catalog's fill gaps, the product's own win."""
    named = top.products.get(product, BriefFile())
    own = BriefFile()
    if _is_plain(product):
        own = _read_brief(folder, f"{product}/{BRIEF_FILE}", top=False)
    given = {key: value for key, value in fields.items() if value}
    merged = {**fields, **top.fields, **given, **named.fields, **own.fields}
    return overrides.over(own.over(named.over(top.over(Brief())))), merged


def _read_brief(folder: Source, name: str, *, top: bool = True) -> BriefFile:
    path = folder.local(name)
    return BriefFile(file=name) if path is None else read_brief(path, name, top=top)


def _is_plain(product: str) -> bool:
    """Tell whether *product* can be a folder's name."""
    return product not in {"", ".", ".."} and not set(product) & set("/\\\0")


def _note_unknown(top: BriefFile, listing: Listing) -> None:
    known = {product.id for product in listing.products} | {item.product for item in listing.rejected}
    for product in top.products:
        if product not in known:
            listing.notes.append(f"{top.file} speaks of {product}, which is not here. {near(product, known)}".strip())


def _nothing_in(folder: Source, entries: tuple[Entry, ...]) -> SourceError:
    hint = "A catalog is a folder with one folder of photos for each product, or with a feed."
    if not entries:
        return SourceError(f"{folder.title} is empty.", hint=hint)
    if any(claimed_kind(entry.name) for entry in entries):
        return SourceError(f"{folder.title} has photos, but no product folders.", hint=hint)
    return SourceError(f"{folder.title} has no photos.", hint=hint)
