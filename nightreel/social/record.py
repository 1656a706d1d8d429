"""What is known of a catalog's posts: seen, picked, changed, put, withdrawn. Folded from the journal. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from nightreel.models import Value


class Event(StrEnum):
    """What the journal is told."""

    SEEN = "seen"
    PINNED = "pinned"
    SKIPPED = "skipped"
    RESET = "reset"
    PICKED = "picked"
    PUT = "put"
    WITHDRAWN = "withdrawn"


class Post(Value):
    """A clip in the outbox, for one platform on one day.

    Attributes:
        slot: that it was picked for.
        clip: its name, "MUG 9x16".
        sha256: of the video.
        files: below the outbox, its video last.
        sale: it shows a sale's price.
        ends: when that sale ends; None means that the feed names no end.
    """

    day: date
    slot: str
    platform: str
    product: str
    clip: str
    sha256: str
    files: tuple[str, ...]
    sale: bool = False
    ends: datetime | None = None

    @property
    def place(self) -> tuple[date, str, str, str]:
        """What tells it from others."""
        return self.day, self.platform, self.product, self.clip


@dataclass
class Edits:
    """What a person has changed of a day.

    Attributes:
        pins: products that come for sure, with the slot that is meant ("" for the day's first), in order.
        skips: products that do not come, with their slot ("" for all).
        off: slots that are left out ("" for all).
    """

    pins: dict[str, str] = field(default_factory=dict[str, str])
    skips: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    off: set[str] = field(default_factory=set[str])

    def skipped(self, product: str, slot: str) -> bool:
        """Whether *product* does not come in *slot*."""
        return not self.skips.isdisjoint({(product, ""), (product, slot)})

    def is_off(self, slot: str) -> bool:
        """Whether nothing comes in *slot*."""
        return not self.off.isdisjoint({"", slot})

    @property
    def some(self) -> bool:
        """Whether anything was changed."""
        return bool(self.pins or self.skips or self.off)


@dataclass
class Record:
    """The sum of what the journal was told.

    Attributes:
        seen: when each product was first seen; None for those that were there from the beginning.
        picked: what was dropped, by day and slot.
        edits: by day.
        posts: what stands in the outbox.
    """

    seen: dict[str, date | None] = field(default_factory=dict[str, "date | None"])
    picked: dict[tuple[date, str], tuple[str, ...]] = field(default_factory=dict[tuple[date, str], tuple[str, ...]])
    edits: dict[date, Edits] = field(default_factory=dict[date, Edits])
    posts: dict[tuple[date, str, str, str], Post] = field(default_factory=dict[tuple[date, str, str, str], Post])

    def edits_of(self, day: date) -> Edits:
        """Return what was changed of *day*."""
        return self.edits.get(day, Edits())

    def first_seen(self, product: str, today: date) -> date | None:
        """Return when *product* was new; None if it was there from the beginning. Unseen ones are new *today*."""
        if not self.seen:
            return None
        return self.seen.get(product, today)


def fold(told: Iterable[tuple[str, Mapping[str, Any]]]) -> Record:
    """Sum up *told*, events with what they say, oldest first."""
    record = Record()
    for event, body in told:
        _FOLDS[Event(event)](record, body)
    return record


def _seen(record: Record, body: Mapping[str, Any]) -> None:
    day = None if not record.seen else date.fromisoformat(body["day"])
    for product in body["products"]:
        record.seen.setdefault(product, day)


def _pinned(record: Record, body: Mapping[str, Any]) -> None:
    edits = _edits(record, body)
    product, slot = body["product"], body.get("slot", "")
    edits.skips -= {(product, ""), (product, slot)}
    edits.pins.pop(product, None)
    edits.pins[product] = slot


def _skipped(record: Record, body: Mapping[str, Any]) -> None:
    edits = _edits(record, body)
    product, slot = body.get("product", ""), body.get("slot", "")
    if not product:
        edits.off.add(slot)
        return
    edits.pins.pop(product, None)
    edits.skips.add((product, slot))


def _reset(record: Record, body: Mapping[str, Any]) -> None:
    record.edits.pop(date.fromisoformat(body["day"]), None)


def _picked(record: Record, body: Mapping[str, Any]) -> None:
    record.picked[date.fromisoformat(body["day"]), body["slot"]] = tuple(body["products"])


def _put(record: Record, body: Mapping[str, Any]) -> None:
    post = Post.model_validate(body)
    record.posts[post.place] = post


def _withdrawn(record: Record, body: Mapping[str, Any]) -> None:
    record.posts.pop((date.fromisoformat(body["day"]), body["platform"], body["product"], body["clip"]), None)


def _edits(record: Record, body: Mapping[str, Any]) -> Edits:
    return record.edits.setdefault(date.fromisoformat(body["day"]), Edits())


_FOLDS = {
    Event.SEEN: _seen,
    Event.PINNED: _pinned,
    Event.SKIPPED: _skipped,
    Event.RESET: _reset,
    Event.PICKED: _picked,
    Event.PUT: _put,
    Event.WITHDRAWN: _withdrawn,
}
