"""A prompt's items while they are read: who has claimed which, what stands near what, and what is negated."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

from nightreel.studio.agent.amounts import is_stop
from nightreel.studio.agent.items import Item, read_items
from nightreel.studio.agent.picks import compose

MOST, LETTERS = 250, 6_000
"""Words and letters that are read of a prompt: what more there is is told not to be understood."""

_FAR = 99
_HEADS = (
    "topic",
    "role",
    "kind",
    "pick",
    "near",
    "manner",
    "own",
    "unable",
    "motion",
    "color",
    "mood",
    "brand",
    "format",
    "style",
    "share",
)
"""What can be taken away or kept."""

_REPLACED = ("kind", "near", "mood", "style", "format", "motion", "manner")
"""What something else may stand in place of: "wipes instead of fades"."""

_LISTED = ("topic", "role")
_MODIFIERS = ("mood", "manner", "kind", "near", "style", "color", "brand", "motion")
"""What may stand right before the noun that it belongs to: "no lo-fi music"."""

_OPERATORS = ("act.add", "act.use", "act.show", "act.create", "act.say", "act.set", "act.move")


@dataclass
class Row:
    """The items of a prompt.

    Attributes:
        prompt: as it was written.
        items: composed.
        claimed: places of items that somebody understood.
        gone: places of what shall be taken away.
        kept: places of what shall stay as it is.
        unheard: sentences that ask for nothing that we know.
    """

    prompt: str
    items: list[Item]
    claimed: set[int] = field(default_factory=set[int])
    gone: set[int] = field(default_factory=set[int])
    kept: set[int] = field(default_factory=set[int])
    unheard: list[str] = field(default_factory=list[str])

    def __getitem__(self, place: int) -> Item:
        """Return an item."""
        return self.items[place]

    def having(self, *kinds: str, claimed: bool = False) -> list[int]:
        """Return the places of items with one of these meanings; only unclaimed ones, unless *claimed*."""
        return [
            place
            for place, item in enumerate(self.items)
            if item.any(*kinds) and (claimed or place not in self.claimed)
        ]

    def has(self, place: int, *kinds: str) -> bool:
        """Whether there is an item at *place* with one of these meanings."""
        return 0 <= place < len(self.items) and self.items[place].any(*kinds)

    def claim(self, *places: int) -> None:
        """Note that these are understood."""
        self.claimed.update(places)

    def gap(self, one: int, other: int) -> int:
        """Return how far apart two items are: words between them that say something; commas count more."""
        if self.items[one].part != self.items[other].part:
            return _FAR
        low, high = sorted((one, other))
        return self._run[high] - self._run[low + 1] if high > low else 0

    @cached_property
    def _run(self) -> list[int]:
        """The running sum of what stands between."""
        return [0, *accumulate(self._weight(place) for place in range(len(self.items)))]

    def _weight(self, place: int) -> int:
        item = self.items[place]
        if item.any("weak", "but"):
            return 4
        return 1 if "and" in item or not is_stop(item) else 0

    def nearest(self, place: int, *kinds: str, most: int = 3) -> int | None:
        """Return the nearest item with one of these meanings, within *most*; of two as near, the one that follows."""
        found = [(self.gap(place, other), other < place, other) for other in self._others(place, kinds)]
        best = min(found, default=(_FAR, False, -1))
        return best[2] if best[0] <= most else None

    def distance(self, place: int, *kinds: str) -> float:
        """Return how far the nearest item with one of these meanings is; what follows is a little nearer."""
        far = [self.gap(place, other) + (0.5 if other < place else 0) for other in self._others(place, kinds)]
        return min(far, default=_FAR)

    def _others(self, place: int, kinds: tuple[str, ...]) -> list[int]:
        return [other for other in self.part(place) if other != place and self.items[other].any(*kinds)]

    def part(self, place: int) -> Sequence[int]:
        """Return the places of the sentence that *place* is in."""
        return self._parts[self.items[place].part]

    def piece(self, place: int) -> Sequence[int]:
        """Return the places of the piece that *place* is in."""
        return self._pieces[self.items[place].piece]

    @cached_property
    def _parts(self) -> dict[int, list[int]]:
        return _grouped([item.part for item in self.items])

    @cached_property
    def _pieces(self) -> dict[int, list[int]]:
        return _grouped([item.piece for item in self.items])

    def in_part(self, place: int, *kinds: str) -> bool:
        """Whether the sentence has an item with one of these meanings."""
        return any(self.items[other].any(*kinds) for other in self.part(place))

    def in_piece(self, place: int, *kinds: str) -> bool:
        """Whether the piece has an item with one of these meanings."""
        return any(self.items[other].any(*kinds) for other in self.piece(place))

    def next(self, place: int) -> int:
        """Return the next place that holds more than a stop word."""
        place += 1
        while place < len(self.items) and is_stop(self.items[place]) and not self._says(place):
            place += 1
        return place

    def previous(self, place: int) -> int:
        """Return the previous place that holds more than a stop word; -1 if there is none."""
        place -= 1
        while place >= 0 and is_stop(self.items[place]) and not self._says(place):
            place -= 1
        return place

    def _says(self, place: int) -> bool:
        return any(
            kind in self.items[place].means for kind in ("was", "now", "text", "act", "topic", "too", "degree")
        )


def _grouped(numbers: list[int]) -> dict[int, list[int]]:
    """Return the places of each number."""
    groups: dict[int, list[int]] = {}
    for place, number in enumerate(numbers):
        groups.setdefault(number, []).append(place)
    return groups


def read_row(prompt: str) -> Row:
    """Return *prompt*'s items, with what shall go and what shall stay marked."""
    items = read_items(prompt[:LETTERS])
    row = Row(prompt, compose(items[:MOST]))
    end = items[MOST].start if len(items) > MOST else LETTERS
    if rest := prompt[end:].strip():
        row.unheard.append(rest)
    for place in row.having("rather"):
        if targets := [at for at in _after(row, place) if row[at].any(*_REPLACED)]:
            row.claim(place, *targets)
    for place in range(len(row.items)):
        if place not in row.claimed and row[place].any("no", "act.remove", "act.keep"):
            _mark(row, place)
    return row


def _mark(row: Row, place: int) -> None:
    """Mark what the word at *place* takes away or keeps."""
    if row[place].any("motion.hold") or _is_other(row, place):
        return
    last, gone = _operator(row, place)
    if gone is None:
        return
    targets = _after(row, last) or _before(row, place)
    if gone and any("pick" in row[target] for target in targets) and row.in_piece(place, "time"):
        return
    if not gone and _is_changed(row, targets):
        return
    if targets:
        row.claim(*range(place, last + 1))
    (row.gone if gone else row.kept).update(targets)


def _is_other(row: Row, place: int) -> bool:
    """Whether the word at *place* means something else there: "cut down by 5 seconds", "去" between words."""
    if row.has(row.next(place), "ord", "edge") and not row.has(row.next(place), "pick"):
        return True
    return "size" in row[place] and row.in_piece(place, "time", "factor", "share")


def _operator(row: Row, place: int) -> tuple[int, bool | None]:
    """Return where a chain like "don't remove" ends, and whether it takes away; None for neither."""
    item, following = row[place], row.next(place)
    if "no" in item and "act.keep" not in item:
        if row.has(following, "act.remove"):
            return following, False
        if row.has(following, "act.keep"):
            return following, True
        if row.has(following, *_OPERATORS) and not row.has(following, "topic", "role"):
            return following, True
        if row.has(following, "speed", "size", "long", "loud", "too", "atleast", "upto"):
            return place, None
        return place, True
    return place, "act.remove" in item and "act.keep" not in item


def _after(row: Row, place: int) -> list[int]:
    """Return the targets that follow: "no music and captions"; what has words of its own is no target any more."""
    targets: list[int] = []
    unknown, joined = 0, False
    at = row.next(place)
    while at < len(row.items):
        item = row[at]
        if item.any("topic.length", "topic.video", "topic.cuts", "topic.order"):
            break
        if item.any(*_HEADS) and not item.any("act.create") and "text" not in item:
            if targets and not (_is_bare(row, at) if joined else row[targets[-1]].any(*_MODIFIERS)):
                break
            joined = False
            targets.append(at)
        elif item.any("every", "each", "all"):
            if item.any("every", "each"):
                break
        elif (targets and item.any("and", "or")) or (targets and "weak" in item and _is_list(row, at)):
            joined = True
        elif "word" in item and not targets and unknown < 2:  # noqa: PLR2004 - "no fancy transitions"
            unknown += 1
        elif not (is_stop(item) and not item.any("act", "time")):
            break
        at = row.next(at)
    return targets


def _is_bare(row: Row, place: int) -> bool:
    """Whether a further noun stands alone, and so belongs to the list before it."""
    following = row.next(place)
    return row[place].any(*_LISTED, "pick", "unable", "kind") and not row.has(
        following, "text", "mark", "position", "span", "time", "act", "mood", "topic"
    )


def _is_list(row: Row, comma: int) -> bool:
    """Whether the comma is one of a list that "and" or "or" closes: "no music, text or captions"."""
    at = row.next(comma)
    while row.has(at, *_LISTED):
        at = row.next(at)
        if row.has(at, "and", "or"):
            return row.has(row.next(at), *_LISTED) and _is_bare(row, row.next(at))
        if not row.has(at, "weak"):
            return False
        at = row.next(at)
    return False


def _before(row: Row, place: int) -> list[int]:
    """Return the targets that stand before in the same piece: "标题去掉", "music off", "take the title out"."""
    targets: list[int] = []
    at = place - 1
    while at >= 0 and row[at].piece == row[place].piece:
        if row[at].any(*_HEADS) and at not in row.gone | row.kept:
            targets.append(at)
        elif not row[at].any("and", "or", "stop", "act.set", "mark", "target", "all", "act.show"):
            break
        at -= 1
    return targets


def _is_changed(row: Row, targets: list[int]) -> bool:
    """Whether something is said of what shall be kept: "keep the photos still", "keep the title at the top"."""
    said = ("motion", "position", "span", "time", "text", "upto", "mood", "speed", "loud", "share", "style", "manner")
    return any(row.in_piece(target, *said) and not row[target].any("motion", "manner") for target in targets) or any(
        "pick" in row[target] for target in targets
    )
