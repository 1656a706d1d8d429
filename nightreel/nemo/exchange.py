"""What went over the wire in one attempt: for whoever keeps a transcript."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Exchange:
    """One request, and the whole answer to it. It holds secrets: it is not for the log as it is.

    Attributes:
        headers: as they were sent, the bearer too.
        sent: the JSON body; None without one.
        status: of the answer; 0 when none came.
        answered: the answer's headers.
        body: the answer's.
        error: why no answer came, as the exception's class.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    sent: Any = None
    status: int = 0
    answered: Mapping[str, str] | None = None
    body: bytes = b""
    error: str = ""


Observer = Callable[[Exchange], None]
"""Told of each attempt whose answer was read whole, or that got none; must not raise."""
