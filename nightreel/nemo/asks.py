"""What one request of ours is, before it is sent."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, BinaryIO
from urllib.parse import quote

from nightreel.errors import RequestRefused

Part = tuple[str, tuple[str, BinaryIO, str]]
"""One part of a multipart body: field name, then file name, file and media type."""

Opener = Callable[[ExitStack], list[Part]]
"""Opens a multipart body's files anew; called once an attempt, and closed with the stack."""


def nothing() -> None:
    """Let the attempt be made."""


class Kind(StrEnum):
    """How often a request may be sent."""

    READ = "read"
    """Changes nothing that counts: repeated after a broken answer too."""

    ONCE = "once"
    """Paid, or harmful if done twice: never repeated once a byte has left, unless the service itself refused it."""


@dataclass(frozen=True)
class Ask:
    """One request.

    Attributes:
        what: for people, as it stands in "… failed": "the balance".
        seconds: own deadline for the whole exchange, on the clock; 0 means the reader keeps its own.
        before: called before each attempt; what it raises ends the request, and that attempt was not sent.
    """

    method: str
    path: str
    what: str
    kind: Kind
    json: Any = None
    files: Opener | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    bearer: bool = True
    seconds: float = 0.0
    before: Callable[[], None] = nothing


def path_of(template: str, **ids: str) -> str:
    """Fill *template*; an id is one segment of the path, whatever is in it.

    Raises:
        RequestRefused: an id is empty or only dots.
    """
    for name, value in ids.items():
        if not value.strip("."):
            raise RequestRefused(f"{name}={value!r} is no id of the service.", hint="Open a new session.")
    return template.format(**{name: quote(value, safe="") for name, value in ids.items()})
