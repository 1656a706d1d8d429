"""Where catalogs are, folders and buckets, and where results are put."""

from nightreel.sources.bucket import Bucket
from nightreel.sources.entries import Entry, Source
from nightreel.sources.folder import Folder
from nightreel.sources.opening import open_source
from nightreel.sources.put import Outbox

__all__ = ["Bucket", "Entry", "Folder", "Outbox", "Source", "open_source"]
