"""How photos give way to each other."""

from collections.abc import Iterator

from nightreel.studio.agent.picks import Pick
from nightreel.studio.agent.row import Row
from nightreel.studio.agent.wishes import Transitions, Wish
from nightreel.studio.draft import Direction, TransitionKind

_BESIDE, _APART = 1, 9
_NEAR = 3
_LONGEST_LEAD, _SHORTEST_LEAD = 3.0, 0.1
"""Seconds that a transition may be asked to take."""

_LEADS = {"slow": 1_000, "longer": 1_000, "fast": 300, "shorter": 300}
"""Milliseconds of a transition that is called slow or fast."""

_KINDS = TransitionKind
MANNERS: dict[str, tuple[TransitionKind, ...]] = {
    "dynamic": (_KINDS.PUSH, _KINDS.ZOOM, _KINDS.WHIP, _KINDS.WIPE),
    "mixed": (
        _KINDS.CROSS_FADE, _KINDS.PUSH, _KINDS.ZOOM, _KINDS.WIPE, _KINDS.BLUR, _KINDS.SLIDE, _KINDS.DIP_WHITE,
    ),
    "smooth": (_KINDS.CROSS_FADE, _KINDS.ZOOM, _KINDS.CROSS_FADE, _KINDS.BLUR),
    "soft": (_KINDS.CROSS_FADE,),
}  # fmt: skip
"""What a style of transitions is made of, in turn."""

_SIDES = (240, 1920)
_HEADS = ("topic.transition", "kind")


def read_transitions(row: Row) -> Iterator[Wish]:
    """Yield the kinds that are named, in order, else what a style means; their way and their length."""
    gone = [place for place in row.having("topic.transition", "kind", "near") if place in row.gone]
    row.claim(*gone, *(place for place in row.having("topic.transition") if place in row.kept))
    kinds = _kinds(row)
    heads = [*row.having("topic.transition"), *kinds]
    manner = [] if kinds else _manner(row)
    direction = _beside(row, "way", heads)
    lead = _lead(row, heads)
    if gone and not kinds and not manner and (picked := _into(row, gone)) is not None:
        yield Transitions((TransitionKind.CUT,), into=picked)
        return
    if gone and not kinds and not manner:
        only_cuts = all("kind.cut" in row[place] for place in gone)
        yield Transitions(some=True) if only_cuts else Transitions((TransitionKind.CUT,))
        return
    named = tuple(dict.fromkeys(kinds[place] for place in sorted(kinds)))
    into = _into(row, [*kinds, *heads]) if named else None
    row.claim(*heads)
    wish = Transitions(
        named or (MANNERS[row[manner[0]].means["manner"]] if manner else None),
        None if direction is None else Direction(row[direction].means["way"]),
        lead,
        into,
        some=bool(heads) and not row.kept.intersection(heads),
    )
    if wish.kinds or wish.direction or wish.lead or (wish.some and _asked_for(row, heads)):
        yield wish


def _kinds(row: Row) -> dict[int, TransitionKind]:
    """Return the kinds by their places; those with another meaning only where a transition is spoken of."""
    found = {
        place: TransitionKind(row[place].means["kind"])
        for place in row.having("kind")
        if place not in row.gone | row.kept
    }
    near = [place for place in row.having("near") if place not in row.gone]
    while True:
        heads = [*row.having("topic.transition"), *found, *row.having("between")]
        more = {
            place: TransitionKind(row[place].means["near"])
            for place in near
            if place not in found and any(row.gap(place, head) <= _BESIDE for head in heads)
        }
        if not more:
            break
        found |= more
    beside = {
        place
        for place in near
        if place not in found and row.has(row.next(place), "way") and " " in row[row.next(place)].text
    }
    found |= {place: TransitionKind(row[place].means["near"]) for place in beside}
    if not found:
        found = {place: TransitionKind(row[place].means["near"]) for place in near if _is_far_kind(row, place)}
    row.claim(*found)
    return found


def _is_far_kind(row: Row, place: int) -> bool:
    """Whether a word like "blur" or "fades" stands for a transition though none stands beside it."""
    if row.nearest(place, "topic.transition", most=_NEAR) is not None:
        return not row.in_piece(place, "pick", "motion", "unable")
    return row[place].text.lower() in {"fades", "fade", "fading"} and not row.in_piece(
        place, "topic.music", "topic.sound", "unable", "role", "own"
    )


def _manner(row: Row) -> list[int]:
    """Return the word that says how transitions are, if one does."""
    found = [
        (row.distance(place, "topic.transition"), place)
        for place in row.having("manner")
        if row.distance(place, "topic.transition") <= _NEAR
        and row.distance(place, "topic.transition") <= row.distance(place, "topic.music", "role", "style")
    ]
    if not found:
        found = [
            (0, place)
            for place in row.having("manner.smooth")
            if not row[place].any("mood", "style") and row.distance(place, "topic.video", "topic.cuts") <= _BESIDE
        ]
    row.claim(*(place for _, place in sorted(found)[:1]))
    return [place for _, place in sorted(found)[:1]]


def _beside(row: Row, kind: str, heads: list[int]) -> int | None:
    near = [
        (min(row.gap(place, head) for head in heads), place)
        for place in row.having(kind)
        if heads and min(row.gap(place, head) for head in heads) <= (_APART if _is_plain_way(row, place) else _BESIDE)
    ]
    if not near:
        return None
    row.claim(min(near)[1])
    return min(near)[1]


def _is_plain_way(row: Row, place: int) -> bool:
    """Whether a word can only say which way: "from right", "upwards", but not "up" or "left"."""
    return (
        "way" in row[place] and len(row[place].means) == 1 and not row.in_part(place, "motion", "role", "topic.text")
    )


def _lead(row: Row, heads: list[int]) -> int | None:
    """Return how many milliseconds each takes: "0.8 second cross-fades", "quick wipes", "longer transitions"."""
    for place in row.having("time"):
        value = row[place].value
        if not isinstance(value, float) or value > _LONGEST_LEAD or not heads or "more" in row[place]:
            continue
        near = _APART if _is_alone(row, place) else _BESIDE
        if min(row.gap(place, head) for head in heads) <= near and not row.in_piece(
            place, "pick", "topic.photo", "each", "topic.video"
        ):
            row.claim(place, *(at for at in row.piece(place) if row.has(at, "speed", "size", "each")))
            return round(min(max(value, _SHORTEST_LEAD), _LONGEST_LEAD) * 1000)
    for kind in ("speed", "size", "long"):
        place = _beside(row, kind, heads)
        if place is not None:
            word = row[place].means[kind]
            if row.has(place - 1, "too"):
                word = {"slow": "fast", "fast": "slow", "longer": "shorter", "shorter": "longer"}[word]
                row.claim(place - 1)
            return _LEADS[word]
    return None


def _is_alone(row: Row, place: int) -> bool:
    """Whether nothing else is in a time's piece: "wipes, 0.8 s"."""
    return all(at == place or row.has(at, "stop", "weak", "strong") for at in row.piece(place))


def _into(row: Row, places: list[int]) -> Pick | None:
    """Return the photo that a named transition leads into: "wipe between photos 2 and 3"."""
    for place in row.having("pick"):
        value = row[place].value
        near = any(row[place].piece == row[other].piece for other in places)
        if near and isinstance(value, Pick) and not row.in_piece(place, "act.remove", "act.swap"):
            row.claim(place, *(at for at in row.piece(place) if row.has(at, "between", "from", "to", "beforehand")))
            if len(value.places) > 1 and row.in_piece(place, "between", "from"):
                return Pick((max(value.places),))
            if row.has(row.previous(place), "afterwards"):
                return Pick(tuple(number + 1 for number in value.places))
            return value
    return None


def _asked_for(row: Row, heads: list[int]) -> bool:
    """Whether transitions that have no kind are asked for: "with transitions", "add transitions"."""
    for head in heads:
        claimed = [at for at in row.piece(head) if at not in row.claimed and row.has(at, "act.keep", "praised")]
        if "topic.transition" in row[head] and not claimed:
            return True
    return False
