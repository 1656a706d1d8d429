"""Names of files as they are found: which are nobody's photos, and how they are shown. Pure."""

import unicodedata

_IGNORED = {"__macosx", "thumbs.db", "desktop.ini", "lost+found"}


def ignored(name: str) -> bool:
    """Tell whether *name* is hidden, or what some system leaves in every folder."""
    return name.startswith(".") or name.lower() in _IGNORED


def encodable(name: str) -> str:
    """Return *name* with what is no text in it replaced: so it can be written as UTF-8."""
    return name.encode(errors="surrogateescape").decode(errors="replace")


def readable(name: str) -> str:
    """Return *name* with what nobody can read replaced: for messages and reports, not for opening."""
    text = encodable(name)
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(char) == "Cc" else char for char in text)
