"""Where texts stand, and when they are seen."""

from collections.abc import Iterator

from nightreel.studio.agent.amounts import Span
from nightreel.studio.agent.row import Row
from nightreel.studio.agent.wishes import Place, When
from nightreel.studio.draft import Position, Role

_NEAR, _BESIDE = 8, 3
_SHOWN = 3.0
"""Seconds that "at the end" means."""

_POSITIONS: dict[str, Position] = {"top": "top", "center": "center", "bottom": "bottom"}


def position_of(row: Row, place: int) -> Position | None:
    """Return where the text at *place* shall stand; None if nothing says it."""
    found = next(
        (at for at in row.having("position") if row.gap(at, place) <= _NEAR and _is_nearest(row, place, at)), None
    )
    if found is None or _is_order(row, found):
        return None
    row.claim(found)
    return _POSITIONS[row[found].means["position"]]


def _is_nearest(row: Row, place: int, position: int) -> bool:
    """Whether no other text is nearer to a position than the one at *place*."""
    texts = [at for at in row.having("text", "role", claimed=True) if row[at].part == row[place].part]
    mine = min(row.gap(position, at) for at in [place, *(at for at in texts if row[at].piece == row[place].piece)])
    return all(row.gap(position, at) >= mine for at in texts)


def _is_order(row: Row, place: int) -> bool:
    return row.has(place, "way", "edge") and row.in_piece(place, "topic.transition", "kind", "pick")


def when_of(row: Row, *places: int) -> When | None:
    """Return when the text at one of *places* shall be seen; None if nothing says it."""
    for place in places:
        for found in row.having("span", "time", "edge", "until"):
            if row.gap(place, found) > (_NEAR if "span" in row[found] else _BESIDE) or _other_nearer(
                row, place, found
            ):
                continue
            when = _time_of(row, found)
            if when is not None:
                row.claim(found)
                return when
    return None


def _other_nearer(row: Row, place: int, found: int) -> bool:
    """Whether something else between has the time: another text, the video, a photo, a transition.

    The old price that a price tag strikes through is no other text.
    """
    low, high = sorted((place, found))
    between = [at for at in range(low + 1, high) if not row.has(row.previous(at), "was")]
    rivals = ("text", "topic.video", "topic.music", "pick")
    if any(row.has(at, *rivals) for at in between):
        return True
    if any(row.has(at, "role", "kind", "topic.transition") for at in between) and "span" not in row[found]:
        return True
    return row.has(found + 1, "topic.video", "topic.transition", "kind") or row.has(found - 1, "each")


def _time_of(row: Row, place: int) -> When | None:
    """Return when a text is seen by a span, an edge or a time; None of a time that says something else."""
    item = row[place]
    if isinstance(item.value, Span):
        return _spanned(row, place, item.value)
    if "edge" in item and row.has(place - 1, "stop", "target", "at", "position") | row.has(place, "ord"):
        return When(start=0.0, end=_SHOWN) if "edge.start" in item else When(start=-_SHOWN)
    if isinstance(item.value, float) and "time" in item:
        return _lasting(row, place, item.value)
    return None


def _spanned(row: Row, place: int, span: Span) -> When:
    """Return a span's time; what vanishes after it is seen until then."""
    vanishing = [at for at in row.piece(place) if row.has(at, "vanish")]
    if vanishing and span.start:
        row.claim(*vanishing)
        return When(0.0, span.start)
    return When(span.start, span.end, whole=span.whole)


def _lasting(row: Row, place: int, seconds: float) -> When | None:
    """Return the time of "until 3 s", "at 3 s", "for 3 s"."""
    if row.has(row.previous(place), "until") or row.has(place - 1, "until"):
        row.claim(place - 1)
        return When(start=0.0, end=seconds)
    if row.has(place - 1, "at"):
        return When(start=seconds)
    shown = row.has(place - 1, "about", "stop", "act.show", "ord.-1") or row.has(place + 1, "each")
    return When(lasts=seconds) if shown else None


def read_places(row: Row) -> Iterator[Place]:
    """Yield where standing texts shall go: "move the title to the top", "show the price for the last 3 seconds"."""
    for place in row.having("role", "topic.text"):
        if place in row.gone | row.kept or row.has(place, "unable"):
            continue
        position, when = position_of(row, place) or _turned(row, place), when_of(row, place)
        if position is not None or when is not None:
            row.claim(place, *verbs_of(row, place))
            role = Role(row[place].means["role"]) if "role" in row[place] else None
            yield Place(role, position, when)
            yield from (Place(other, position, when) for other in _joined(row, place))
    for place in row.having("position"):
        if not _is_order(row, place) and not row.in_piece(place, "way", "unable", "topic.photo", "motion"):
            row.claim(place, *verbs_of(row, place))
            yield Place(None, _POSITIONS[row[place].means["position"]])


def _turned(row: Row, place: int) -> Position | None:
    """Return where "move the title up" puts it."""
    turned = [at for at in row.piece(place) if row.has(at, "turned") and at not in row.claimed]
    if not turned or not row.in_piece(place, "act.move"):
        return None
    row.claim(turned[0])
    return "top" if row.has(turned[0], "turned.up") else "bottom"


def _joined(row: Row, place: int) -> Iterator[Role]:
    """Yield the roles that "and" joins to the one at *place*: "title and subtitle in the middle"."""
    for joint, other in ((place + 1, row.next(place + 1)), (row.previous(place), row.previous(row.previous(place)))):
        if row.has(joint, "and") and row.has(other, "role") and other not in row.claimed | row.gone | row.kept:
            after = row.next(other)
            if after in row.claimed or not row.has(after, "position", "span", "text"):
                row.claim(other)
                yield Role(row[other].means["role"])


def verbs_of(row: Row, place: int) -> list[int]:
    """Return the verbs and prepositions of a text's piece."""
    return [
        at
        for at in row.piece(place)
        if row.has(at, "act.move", "act.set", "act.show", "act.add", "act.keep", "act.start", "target", "to")
    ]
