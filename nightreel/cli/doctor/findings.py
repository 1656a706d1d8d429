"""What a doctor finds: one line each, with how to mend it."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum

from nightreel.errors import NightreelError
from nightreel.models import Value
from nightreel.nemo import REDACTOR


class State(StrEnum):
    """How something is."""

    WELL = "well"
    WARNING = "warning"
    BAD = "bad"
    UNKNOWN = "unknown"
    """Not looked at: it hangs on something that is bad, or cannot be told without a cost."""


MARKS = {State.WELL: "✓", State.WARNING: "!", State.BAD: "✗", State.UNKNOWN: "·"}


class Finding(Value):
    """One thing that was looked at.

    Attributes:
        what: its name.
        found: what was seen, as a sentence or less.
        mend: what to do about it.
    """

    what: str
    state: State
    found: str
    mend: str = ""


def well(what: str, found: str) -> Finding:
    """Say that something is as it should be."""
    return Finding(what=what, state=State.WELL, found=found)


def warning(what: str, found: str, mend: str) -> Finding:
    """Say that something works, and that somebody should know about it."""
    return Finding(what=what, state=State.WARNING, found=found, mend=mend)


def bad(what: str, found: str, mend: str) -> Finding:
    """Say that something is broken."""
    return Finding(what=what, state=State.BAD, found=found, mend=mend)


def unknown(what: str, found: str) -> Finding:
    """Say that something was not looked at, and why."""
    return Finding(what=what, state=State.UNKNOWN, found=found)


def wrong(what: str, error: Exception) -> Finding:
    """Tell of an error where none was to be expected."""
    if isinstance(error, NightreelError):
        return bad(what, REDACTOR.clean(error.message), REDACTOR.clean(error.hint))
    said = REDACTOR.clean(f"{type(error).__name__}: {error}")
    return bad(what, said, "This is nothing that the doctor knows; report it, with --record.")


async def looked_at(what: str, look: Callable[[], Awaitable[list[Finding]]]) -> list[Finding]:
    """Look, and take whatever goes wrong for a finding."""
    try:
        return await look()
    except Exception as error:  # noqa: BLE001 - whatever it is, the other findings are told
        return [wrong(what, error)]


async def in_thread(what: str, look: Callable[[], list[Finding]]) -> list[Finding]:
    """Do the same with what blocks."""
    return await looked_at(what, lambda: asyncio.to_thread(look))
