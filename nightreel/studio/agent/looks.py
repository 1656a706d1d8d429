"""Motion, design and the picture's shape."""

from collections.abc import Iterator

from nightreel.models import Format
from nightreel.studio.agent.picks import Pick
from nightreel.studio.agent.row import Row
from nightreel.studio.agent.wishes import Canvas, Design, Motions, Speak, Wish
from nightreel.studio.draft import Motion, Style

_NEAR, _APART = 3, 9
_SIDES = (240, 1920)

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
