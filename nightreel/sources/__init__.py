"""Where catalogs are: folders today."""

from nightreel.sources.folder import Entry, Folder

__all__ = ["Entry", "Folder"]
