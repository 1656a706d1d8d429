"""Files that were meant for us and are called otherwise: `brief.yml` would be ignored, and somebody must be told.

Pure: names alone decide.
"""

from collections.abc import Iterable
from difflib import SequenceMatcher

from nightreel.sources.entries import Entry

_ENDINGS = {"", "yml", "yaml", "txt", "json"}
_YAML = {"yml", "yaml"}
_ALIKE = 0.8
"""From here on a word counts as a slip of another: "breif", "briefs"."""

_TABLES = (".csv", ".tsv", ".xml")
_SHEETS = (".xls", ".xlsx", ".ods", ".numbers")


def misnamed(entries: Iterable[Entry], wanted: str) -> tuple[str, ...]:
    """Return the names of those *entries* that were probably meant to be *wanted*, as "brief.yaml"."""
    word = wanted.partition(".")[0]
    return tuple(entry.name for entry in entries if entry.kind != "folder" and _means(entry.name, wanted, word))


def _means(name: str, wanted: str, word: str) -> bool:
    """Tell whether a file is *wanted* with another ending, in other letters, or misspelt."""
    name = name.rpartition("/")[2]
    if name == wanted or name[:1].lower() != word[0]:  # of thousands of photos, nearly all end here
        return False
    stem, *endings = (part.strip() for part in name.casefold().split("."))
    if not _ENDINGS.issuperset(endings):
        return False
    return stem == word or (not _YAML.isdisjoint(endings) and SequenceMatcher(None, stem, word).ratio() >= _ALIKE)


def feeds_unread(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Return the names of feeds that got an ending more on their way: `products.csv.txt`, `feed.xml.gz`."""
    return tuple(entry.name for entry in entries if entry.kind == "file" and _ends_as_feed(entry.name))


def spreadsheets(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Return the names of spreadsheets, which may be feeds that are still to be exported."""
    return tuple(entry.name for entry in entries if entry.kind == "file" and entry.name.lower().endswith(_SHEETS))


def _ends_as_feed(name: str) -> bool:
    stem, _, ending = name.lower().rpartition(".")
    return ending in {"txt", "gz", "zip"} and stem.endswith(_TABLES)
