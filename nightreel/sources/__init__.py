"""Where catalogs are, folders and buckets, and where results are put."""

from nightreel.sources.bell import Bell
from nightreel.sources.bucket import Bucket
from nightreel.sources.entries import Entry, Source
from nightreel.sources.folder import Folder
from nightreel.sources.opening import is_place, open_source, place_of
from nightreel.sources.put import Outbox
from nightreel.sources.stores import is_bucket

__all__ = [
    "Bell",
    "Bucket",
    "Entry",
    "Folder",
    "Outbox",
    "Source",
    "is_bucket",
    "is_place",
    "open_source",
    "place_of",
]
