"""Open what the command line calls SOURCE."""

import hashlib
import os.path
from functools import partial
from pathlib import Path, PurePosixPath

from nightreel.settings import Settings
from nightreel.sources.bucket import Bucket
from nightreel.sources.relisting import keys_of, relist
from nightreel.sources.stores import Address, address_of, endpoint_of, is_bucket, open_store

_FEEDS = (".csv", ".tsv", ".xml")


def open_source(source: str, settings: Settings) -> Bucket | str:
    """Return the bucket that *source* names, as it is now; a folder or a feed on this machine is named by itself.

    Raises:
        SourceError: it is no address of a bucket, or the settings do not do for it.
    """
    if not is_bucket(source):
        return source
    address, feed = address_of(source), ""
    inner = PurePosixPath(address.prefix)
    if inner.suffix.lower() in _FEEDS:
        parent = "" if str(inner.parent) == "." else str(inner.parent)
        address, feed = Address(address.scheme, address.bucket, parent), inner.name
    place = hashlib.sha256(f"{address}\n{endpoint_of(address, settings)}".encode()).hexdigest()[:32]
    keys = keys_of(address, settings)
    again = None if keys is None else partial(relist, address, settings, keys)
    return Bucket(address, open_store(address, settings), settings.bucket_cache / place, feed, again)


def place_of(source: str) -> str:
    """Return *source* as one name for one place, however it was typed and from wherever; pure.

    Raises:
        SourceError: it is no address of a bucket.
    """
    if is_bucket(source):
        return str(address_of(source))
    return os.path.normpath(Path(source).expanduser().absolute())  # `..` goes, links stay


def is_place(kept: str, place: str) -> bool:
    """Tell whether a run of *kept* was of *place*; a journal of before kept paths as they were typed."""
    if kept == place or is_bucket(kept) or kept.startswith("/"):
        return kept == place
    return bool(kept) and place.endswith(f"/{os.path.normpath(kept)}")
