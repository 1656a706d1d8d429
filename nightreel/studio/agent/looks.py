"""Transitions, motion, design and the picture's shape."""

from collections.abc import Iterator

from nightreel.models import Format
from nightreel.studio.agent.amounts import Pick
from nightreel.studio.agent.row import Row
from nightreel.studio.agent.wishes import Canvas, Design, Motions, Speak, Transitions, Wish
from nightreel.studio.draft import Direction, Motion, Style, TransitionKind

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


# ------------------------------------------------------------------ transitions


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
        near = _BESIDE if value >= 1 else _APART
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


# ------------------------------------------------------------------ motion


def read_motions(row: Row) -> Iterator[Wish]:
    """Yield how photos shall move, all or some."""
    for place in [at for at in row.having("topic.motion") if at in row.gone]:
        row.claim(place)
        yield Motions((Motion.HOLD,), _picked(row, place))
    row.claim(*(place for place in row.having("topic.motion") if place in row.kept))
    found = [place for place in row.having("motion") if _is_motion(row, place)]
    by_pick: dict[Pick | None, list[Motion]] = {}
    for place in found:
        row.claim(place)
        said = "hold" if place in row.gone else row[place].means["motion"]
        kinds = by_pick.setdefault(_picked(row, place), [])
        kinds += [] if said == "vary" else [Motion(said)]
    pans = [kinds for kinds in by_pick.values() if kinds and kinds[-1].value.startswith("pan_")]
    for place in row.having("way") if len(pans) == 1 and len(by_pick) == 1 else ():
        if row.distance(place, "motion") <= _APART and not row.in_part(place, "topic.transition", "kind"):
            row.claim(place)
            pans[0].append(Motion(f"pan_{row[place].means['way']}"))
    for place in row.having("near.zoom"):
        pick = _picked(row, place)
        if pick is not None or row.in_piece(place, "every", "each", "topic.photo"):
            row.claim(place)
            by_pick.setdefault(pick, []).append(Motion.ZOOM_IN)
    for place in row.having("topic.motion"):
        if (
            by_pick
            or row.in_piece(place, "act.add", "act.use", "act.create")
            or (row.has(place - 1, "stop") and row[place - 1].text == "with")
        ):
            row.claim(place)
            by_pick.setdefault(None if len(by_pick) != 1 else next(iter(by_pick)), [])
    if by_pick:
        row.claim(
            *(
                at
                for place in found
                for at in row.piece(place)
                if row.has(
                    at,
                    "speed",
                    "topic.motion",
                    "every",
                    "each",
                    "act.keep",
                    "act.set",
                    "act.add",
                    "act.show",
                    "act.use",
                    "act.move",
                    "topic.photo",
                    "degree",
                    "topic.video",
                )
            )
        )
    yield from (Motions(tuple(dict.fromkeys(kinds)), pick) for pick, kinds in by_pick.items())


def _is_motion(row: Row, place: int) -> bool:
    """Whether a word is about motion there: "still" and "static" also mean other things."""
    if row[place].text.lower() == "still":
        return (
            row.nearest(place, "topic.photo", "pick", "every", "each", "all", "act.keep", "topic.motion", most=2)
            is not None
        )
    if row[place].any("loud", "unable") and not row.in_part(place, "topic.photo", "pick", "every", "each"):
        return (
            not row.in_part(place, "topic.music", "topic.sound", "topic.volume", "role") and "loud" not in row[place]
        )
    return "near" not in row[place] or not row.in_piece(place, "topic.transition")


def _picked(row: Row, place: int) -> Pick | None:
    for other in row.piece(place):
        value = row[other].value
        if "pick" in row[other] and isinstance(value, Pick):
            row.claim(other)
            return value
    return None


# ------------------------------------------------------------------ design, shape, language


def read_design(row: Row) -> Iterator[Wish]:
    """Yield the texts' style, the brand's colours and the font."""
    style = _style(row)
    colors = _colors(row)
    font = _font(row)
    if style or colors is not None or font is not None:
        yield Design(style, colors, font)


def _style(row: Row) -> Style | None:
    named = row.having("topic.style", "design")
    found: list[tuple[float, int]] = []
    for place in row.having("style"):
        if place in row.gone | row.kept:
            row.claim(place)
            continue
        near = row.distance(place, "topic.style", "design", "role", "topic.text", "topic.video")
        other = row.distance(place, "topic.music", "topic.transition")
        if row[place].any("mood", "manner") and (other < near or (near > _NEAR and "mood" in row[place])):
            continue
        found.append((near, place))
    if not found:
        return None
    _, place = min(found)
    row.claim(*(at for _, at in found), *(at for at in named if row.gap(at, place) <= _NEAR))
    row.claim(
        *(at for at in row.piece(place) if row.has(at, "topic.text", "act.set", "act.use", "act.add", "degree")),
        *(at for at in row.piece(place) if row.has(at, "role")),
    )
    return Style(row[place].means["style"])


def _colors(row: Row) -> tuple[str, ...] | None:
    spoken = row.having("topic.color")
    gone = [place for place in spoken if place in row.gone]
    found = row.having("hex")
    if spoken or row.having("brand"):
        found += [place for place in row.having("color") if row.in_part(place, "topic.color", "brand")]
    row.claim(*spoken, *found)
    if found:
        row.claim(
            *(
                at
                for place in found
                for at in row.piece(place)
                if row.has(at, "brand", "act.set", "act.use", "act.add", "target", "role", "topic.text")
            )
        )
        return tuple(dict.fromkeys(_hex(row, place) for place in sorted(found)))[:4]
    return () if gone else None


def _hex(row: Row, place: int) -> str:
    text = row[place].text.lower() if "hex" in row[place] else row[place].means["color"]
    return text if len(text) == 7 else "#" + "".join(2 * digit for digit in text[1:])  # noqa: PLR2004 - "#rrggbb"


def _font(row: Row) -> str | None:
    for place in row.having("topic.font"):
        if place in row.gone:
            row.claim(place)
            return ""
        following = row.next(place)
        while row.has(following, "target", "to", "mark", "act.set", "act.use"):
            following = row.next(following)
        for other in (following, row.previous(place)):
            value = row[other].value if 0 <= other < len(row.items) else None
            if row.has(other, "text") and isinstance(value, str):
                row.claim(place, other)
                return value[:100]
        name = _name(row, place)
        if name:
            row.claim(place, *name)
            return row.prompt[row[name[0]].start : row[name[-1]].end][:100]
    return None


def _name(row: Row, place: int) -> list[int]:
    """Return the capitalised words right after "font" or right before it."""
    for places in (range(row.next(place), len(row.items)), range(place - 1, -1, -1)):
        name: list[int] = []
        for at in places:
            if row[at].any("mark", "target") and not name and row[at].text in ":=to为是":
                continue
            if not row[at].text[:1].isupper() or row[at].any("strong", "weak"):
                break
            name.append(at)
        if name:
            return sorted(name)
    return []


def read_canvas(row: Row) -> Iterator[Wish]:
    """Yield the shape: pixels before a ratio before a word; of several the last ("from 9:16 to 16:9")."""
    size = _pixels(row) or _ratio(row) or _format(row)
    side = None
    for place in row.having("side"):
        row.claim(place)
        if row[place].means["side"].isdigit() and not row[place].any("number") | (
            row[place].text.lower() in {"720", "1080"}
        ):
            side = int(row[place].means["side"])
    if size is not None or side is not None:
        yield Canvas(size, side)
    row.claim(*row.having("topic.format"))


def _pixels(row: Row) -> tuple[int, int] | None:
    for place in reversed(row.having("pixels")):
        width, height = (
            int(part) // 2 * 2 for part in row[place].text.lower().replace("×", "x").replace("*", "x").split("x")
        )
        row.claim(place)
        if min(width, height) >= _SIDES[0] and max(width, height) <= _SIDES[1]:
            row.claim(*row.having("ratio", "format"))
            return width, height
    return None


def _ratio(row: Row) -> tuple[int, int] | None:
    known = {tuple(map(int, shape.value.split("x"))): shape for shape in Format}
    for place in reversed(row.having("ratio")):
        sides = tuple(int(part) for part in _digits(row[place].text))
        if place not in row.gone and (shape := known.get(sides)) is not None:
            row.claim(*row.having("ratio", "format"))
            return shape.canvas
    return None


def _digits(text: str) -> list[str]:
    return "".join(letter if letter.isdigit() else " " for letter in text).split()


def _format(row: Row) -> tuple[int, int] | None:
    found = [place for place in row.having("format") if place not in row.gone]
    row.claim(*row.having("format"))
    return Format(row[found[-1]].means["format"]).canvas if found else None


def read_language(row: Row) -> Iterator[Wish]:
    """Yield the language of the texts."""
    for place in row.having("language"):
        if (
            row.in_piece(place, "topic.language")
            or row[place].text.lower().startswith("in ")
            or row.in_piece(place, "role", "topic.text")
        ):
            row.claim(place, *row.having("topic.language"))
            if not row.in_piece(place, "unable"):
                yield Speak(row[place].means["language"])
