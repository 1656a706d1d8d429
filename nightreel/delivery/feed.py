"""Supplemental feeds: finished videos' addresses, for the shop's feed to take in. Pure, but for one write each."""

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from nightreel.errors import ConfigurationError
from nightreel.files import write_whole
from nightreel.models import Format, Platform, Rendition
from nightreel.platforms import MANNERS

MOST_BYTES = 256 * 1024 * 1024
_MERCHANT_SECONDS = (6.0, 240.0)


class Feed(NamedTuple):
    """A supplemental feed: its file, the column of addresses, the delimiter, its formats, the best first."""

    file: str
    column: str
    delimiter: str
    formats: tuple[Format, ...]
    seconds: tuple[float, float] = (1.0, 14_400.0)


FEEDS = (
    Feed(
        "feed-merchant.tsv", "video_link", "\t", MANNERS[Platform.MERCHANT].formats, _MERCHANT_SECONDS
    ),
    Feed(
        "feed-meta.csv", "video[0].url", ",", (Format.PORTRAIT, Format.SQUARE, Format.VERTICAL, Format.WIDE)
    ),
)  # fmt: skip
"""Column names: Google's product data specification, Meta's catalog fields for videos."""


class Entry(NamedTuple):
    """A finished video: its product, and its path below the folder whose address is given."""

    product: str
    format: Format
    seconds: float
    video: str
    renditions: tuple[Rendition, ...] = ()


def write_feeds(
    entries: Sequence[Entry], out: Path, base_url: str, *, others: Collection[str] | None = None
) -> list[Path]:
    """Write each feed into *out*, whole; return their paths.

    Args:
        entries: the finished videos.
        out: the output folder.
        base_url: the address under which its files are served.
        others: None for a whole catalog; else the products that were looked at, and rows of all others are kept.

    Raises:
        ConfigurationError: *base_url* is no https address.
        OSError: the folder cannot be written.
    """
    base = base_of(base_url)
    written: list[Path] = []
    for feed in FEEDS:
        kept = {} if others is None else _kept(out / feed.file, feed, others)
        rows = kept | {product: base + quote(video) for product, video in _chosen(entries, feed).items()}
        written.append(write_whole(out / feed.file, _text(feed, rows).encode()))
    return written


def _chosen(entries: Iterable[Entry], feed: Feed) -> dict[str, str]:
    """Return each product's best video for *feed*."""
    best: dict[str, Entry] = {}
    for entry in entries:
        if not feed.seconds[0] <= entry.seconds <= feed.seconds[1]:
            continue
        now = best.get(entry.product)
        if now is None or feed.formats.index(entry.format) < feed.formats.index(now.format):
            best[entry.product] = entry
    return {product: _file(entry, feed) for product, entry in best.items()}


def _file(entry: Entry, feed: Feed) -> str:
    """Return the video's path; Merchant's own copy, where there is one."""
    folder = entry.video[: entry.video.rfind("/") + 1]
    mine = (one.file for one in entry.renditions if one.platform is Platform.MERCHANT and one.ok)
    name = next(mine, "") if feed.column == "video_link" else ""
    return folder + name if name else entry.video


def _kept(file: Path, feed: Feed, looked_at: Collection[str]) -> dict[str, str]:
    """Return the rows of an earlier feed whose products were not *looked_at*."""
    try:
        if file.stat().st_size > MOST_BYTES:
            return {}
        rows = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8")), delimiter=feed.delimiter)
        return {row["id"]: row[feed.column] for row in rows if row["id"] not in looked_at}
    except (OSError, UnicodeDecodeError, KeyError, csv.Error):
        return {}


def _text(feed: Feed, rows: Mapping[str, str]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=feed.delimiter, lineterminator="\n")
    writer.writerow(("id", feed.column))
    writer.writerows(rows.items())
    return out.getvalue()


def base_of(url: str) -> str:
    """Return the address that files' paths are put behind.

    Raises:
        ConfigurationError: *url* is none for videos.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"https", "http"} or not parts.netloc or parts.query or parts.fragment or parts.username:
        raise ConfigurationError(
            f"{url!r} is no address for videos.", hint="Write it as https://host/folder, where --out is served."
        )
    return url.rstrip("/") + "/"
