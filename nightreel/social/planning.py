"""Which products come when: the rules over the candidates and the past. Pure; the same past gives the same plan.

Lots are hashes of seed, day, slot and product, compared as they are: no machine's random numbers or rounding count. A
product that is three times as likely draws three lots, and its best one counts.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from nightreel.models import Value
from nightreel.social.candidates import Candidate, words
from nightreel.social.record import Edits, Record
from nightreel.social.rules import Kind, Rules, Slot

MOST_LOTS = 1000

NEVER = 0
"""Before every day there is."""


class Pick(Value):
    """A product, and why it comes."""

    product: str
    why: str


class Planned(Value):
    """A slot on a day.

    Attributes:
        at: when it is posted.
        picks: in order; fewer than were asked for where there are no more.
        notes: what does not come, and why, as sentences.
        off: a person has taken it out.
        dropped: it was dropped already.
    """

    day: date
    at: datetime
    slot: Slot
    picks: tuple[Pick, ...] = ()
    notes: tuple[str, ...] = ()
    off: bool = False
    dropped: bool = False


@dataclass(frozen=True)
class _Turn:
    """What a slot is dealt by.

    Attributes:
        shown: the last day of each product, this one included.
        today: from when on what was not seen yet is new.
    """

    rules: Rules
    slot: Slot
    day: date
    record: Record
    shown: Mapping[str, date]
    today: date

    @property
    def at(self) -> datetime:
        return self.rules.moment(self.day, self.slot)

    def is_new(self, candidate: Candidate) -> bool:
        since = self.record.first_seen(candidate.product, self.today)
        return since is not None and 0 <= (self.day - since).days < self.rules.new_for

    def is_on_sale(self, candidate: Candidate) -> bool:
        return candidate.sale is not None and candidate.sale.on(self.at)

    def kind(self, candidate: Candidate) -> Kind | None:
        """Return what the slot takes *candidate* as: the first kind that fits; None if none does."""
        fits = {
            Kind.NEW: self.is_new(candidate),
            Kind.SALE: self.is_on_sale(candidate),
            Kind.TURN: True,
            Kind.ANY: True,
        }
        return next((kind for kind in self.slot.pick if fits[kind]), None)

    def wants(self, candidate: Candidate) -> bool:
        """Whether the slot's rules let *candidate* in."""
        slot, both = self.slot, candidate.tags | candidate.categories
        return (
            (candidate.stock or not slot.stock)
            and (not slot.tags or not candidate.tags.isdisjoint(words(slot.tags)))
            and (not slot.categories or not candidate.categories.isdisjoint(words(slot.categories)))
            and both.isdisjoint(words(slot.without))
            and self.kind(candidate) is not None
        )

    def rank(self, candidate: Candidate) -> tuple[int, int, int, int, bytes]:
        """Return what *candidate*'s turn is sorted by: repeats last, then by preference, turn and lot."""
        last = self.shown.get(candidate.product)
        ago = NEVER if last is None else last.toordinal()
        again = last is not None and (self.day - last).days <= self.rules.window
        kind = self.kind(candidate) or Kind.ANY
        turn = ago if kind is Kind.TURN else NEVER
        return again, ago if again else NEVER, self.slot.pick.index(kind), turn, self._lot(candidate)

    def _lot(self, candidate: Candidate) -> bytes:
        """Return the best of the lots that *candidate* draws."""
        name = f"{self.rules.seed}\n{self.day}\n{self.slot.name}\n{candidate.product}"
        lots = (hashlib.sha256(f"{name}\n{number}".encode()).digest() for number in range(self._weight(candidate)))
        return min(lots)

    def _weight(self, candidate: Candidate) -> int:
        weight = 1
        for word, times in self.slot.weights.items():
            folded = word.strip().casefold()
            counts = {Kind.NEW.value: self.is_new, Kind.SALE.value: self.is_on_sale}.get(folded)
            if counts(candidate) if counts else folded in candidate.tags | candidate.categories:
                weight *= times
        return min(weight, MOST_LOTS)

    def why(self, candidate: Candidate) -> str:
        """Say why it comes."""
        kind = self.kind(candidate)
        if kind is Kind.NEW:
            return "new"
        if self.is_on_sale(candidate) and candidate.sale is not None:
            return f"on sale until {candidate.sale.ends:%Y-%m-%d %H:%M}" if candidate.sale.ends else "on sale"
        return "in turn" if kind is Kind.TURN else "by lot"


def plan(
    rules: Rules, candidates: Iterable[Candidate], record: Record, today: date, days: int = 7
) -> tuple[Planned, ...]:
    """Return what comes on *today* and the days after, in the order of time.

    What was dropped today stays as it was, but for what a person has changed since, or what is no candidate any more.

    Args:
        rules: of the catalog.
        candidates: the products that are fit to be made; others never come.
        record: the past, and what a person has changed.
        today: the first day.
        days: how many.
    """
    known = {candidate.product: candidate for candidate in candidates}
    shown = _shown(record)
    planned: list[Planned] = []
    for day in (today + timedelta(number) for number in range(days)):
        slots = sorted((slot for slot in rules.slots if slot.on(day)), key=lambda slot: (slot.time, slot.name))
        for slot in slots:
            turn = _Turn(rules, slot, day, record, shown, today)
            planned.append(_deal(turn, known, first=slot is slots[0]))
            shown |= {pick.product: day for pick in planned[-1].picks}
    return tuple(planned)


def _shown(record: Record) -> dict[str, date]:
    """Return the last day that each product was picked for: a coming one, where somebody has dropped it early."""
    shown: dict[str, date] = {}
    for (day, _), products in sorted(record.picked.items(), key=lambda item: item[0]):
        shown |= dict.fromkeys(products, day)
    return shown


def _deal(turn: _Turn, known: Mapping[str, Candidate], *, first: bool) -> Planned:
    """Fill one slot: what is pinned, what was picked before, then whose turn it is."""
    edits, slot = turn.record.edits_of(turn.day), turn.slot
    before = turn.record.picked.get((turn.day, slot.name))
    if edits.is_off(slot.name):
        return Planned(day=turn.day, at=turn.at, slot=slot, off=True)
    fixed = [(product, "pinned") for product in _pins(edits, slot, first=first)]
    fixed += [(product, "picked") for product in before or () if product not in edits.pins]
    picks, notes = _standing(turn, fixed, edits, known)
    taken = {pick.product for pick in picks}
    open_ = [it for it in known.values() if it.product not in taken | edits.pins.keys() and _free(turn, it, edits)]
    for candidate in sorted(open_, key=turn.rank)[: max(0, slot.count - len(picks))]:
        picks.append(Pick(product=candidate.product, why=turn.why(candidate)))
    dropped = before is not None
    return Planned(day=turn.day, at=turn.at, slot=slot, picks=tuple(picks), notes=tuple(notes), dropped=dropped)


def _free(turn: _Turn, candidate: Candidate, edits: Edits) -> bool:
    return turn.wants(candidate) and not edits.skipped(candidate.product, turn.slot.name)


def _pins(edits: Edits, slot: Slot, *, first: bool) -> list[str]:
    return [product for product, meant in edits.pins.items() if meant == slot.name or (first and not meant)]


def _standing(
    turn: _Turn, fixed: Sequence[tuple[str, str]], edits: Edits, known: Mapping[str, Candidate]
) -> tuple[list[Pick], list[str]]:
    """Return those of *fixed* that can still come, at most as many as the slot takes; say why others cannot."""
    picks: list[Pick] = []
    notes: list[str] = []
    for product, why in fixed:
        candidate = known.get(product)
        if edits.skipped(product, turn.slot.name):
            continue
        if candidate is None:
            notes.append(f"{product} is not in the catalog, or not fit; the next takes its place.")
        elif turn.slot.stock and not candidate.stock:
            notes.append(f"{product} is out of stock; the next takes its place.")
        elif len(picks) < turn.slot.count or why == "pinned":
            picks.append(Pick(product=product, why=why))
    return picks, notes
