"""Reads from a session's state whether a prompt was carried out. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from nightreel.models import Credits, digest
from nightreel.nemo import describe, summarise, wire


class Verdict(StrEnum):
    """What a state says of the prompt that was sent after an earlier one."""

    MADE = "made"
    AS_BEFORE = "as before"
    UNCLEAR = "unclear"


def fingerprint(state: wire.State) -> dict[str, Any]:
    """Return what is kept of the state before a prompt, to compare a later one with."""
    return {
        "draft": digest(state.draft),
        "generated": len(state.generated_media),
        "videos": len(state.video_infos),
    }


def before(state: wire.State, balance: Credits) -> dict[str, Any]:
    """Return what is written down before a prompt: the state's fingerprint and summary, the balance."""
    return {
        **fingerprint(state),
        "shows": describe(summarise(state)),
        "balance": balance.available + balance.held,
        "available": balance.available,
    }


def compare(earlier: Mapping[str, Any], state: wire.State) -> Verdict:
    """Return what *state* says: made, when the draft is another one than *earlier* and can be exported."""
    now = fingerprint(state)
    if all(now[name] == earlier.get(name) for name in now):
        return Verdict.AS_BEFORE
    made = now["draft"] != earlier.get("draft") and summarise(state).ready
    return Verdict.MADE if made else Verdict.UNCLEAR


def charged(fell: int, credits_: int, others: int) -> bool | None:
    """Return whether a failed prompt was charged, by how far the balance *fell* since before it.

    *others* is what our other prompts may have taken in that time; None means that it cannot be told.
    """
    if credits_ == 0 or fell < credits_:
        return False
    return True if fell - others >= credits_ else None
