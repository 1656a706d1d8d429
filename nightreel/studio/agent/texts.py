"""What shall be written, where, when; and what shall go."""

from collections.abc import Iterator
from dataclasses import replace

from nightreel.studio.agent.amounts import is_stop
from nightreel.studio.agent.items import clean
from nightreel.studio.agent.row import Row
from nightreel.studio.agent.showing import position_of, read_places, verbs_of, when_of
from nightreel.studio.agent.wishes import Erase, Place, Rewrite, When, Wish, Write
from nightreel.studio.draft import Position, Role

_NEAR, _BESIDE = 8, 3
_SHOWN = 3.0
"""Seconds that "at the end" means."""

_POSITIONS: dict[str, Position] = {"top": "top", "center": "center", "bottom": "bottom"}
_LOOKS = (
    "position",
    "span",
    "style",
    "mood",
    "color",
    "manner",
    "unable",
    "way",
    "edge",
    "speed",
    "motion",
    "time",
    "degree",
    "size",
)
Unclear = list[tuple[str, str]]


def read_texts(row: Row, unclear: Unclear) -> list[Wish]:
    """Return what is to be written, moved and taken away."""
    rewritten = list(_rewritten(row))
    written = [*_quoted(row, unclear), *_prices(row), *_unquoted(row)]
    _no_texts(row, unclear)
    return [*rewritten, *_erased(row), *_merged(written, unclear), *read_places(row)]


# ------------------------------------------------------------------ texts


def _quoted(row: Row, unclear: Unclear) -> Iterator[Write]:
    """Yield each quoted text with the role that is nearest before it, else after it."""
    for place in row.having("text"):
        said = row[place].value
        text = said if isinstance(said, str) else ""
        if place in row.claimed or _is_font(row, place):
            continue
        if (old := _old_after(row, place)) is not None:
            row.claim(old)
        role = _role_before(row, place) or _role_after(row, place) or _role_of_words(row, place)
        if _is_removed(row, place):
            continue
        if role is None:
            row.claim(place)
            unclear.append(("no_role", text))
            continue
        row.claim(place, role[0])
        if text:
            old_text = row[old].value if old is not None else ""
            yield _written(row, place, role, text, old_text if isinstance(old_text, str) else "")
        else:
            row.gone.add(role[0])


def _rewritten(row: Row) -> Iterator[Rewrite]:
    """Yield `change "Old" to "New"`, where no role is named."""
    for place in row.having("text"):
        joint = row.next(place)
        other = row.next(joint)
        if not row.has(joint, "to", "target", "act.set", "act.say"):
            joint, other = place, row.next(place)
        apart = (
            joint != place or row.prompt[row[place].end : row[min(other, len(row.items) - 1)].start].strip() == "with"
        )
        if row.has(other, "text") and apart and row.in_piece(place, "act.set") and not row.in_part(place, "role"):
            row.claim(place, joint, other, *verbs_of(row, place))
            yield Rewrite(str(row[place].value), str(row[other].value))


def _is_font(row: Row, place: int) -> bool:
    before = row.previous(place)
    while row.has(before, "target", "to", "mark", "act.set", "act.use"):
        before = row.previous(before)
    return row.has(before, "topic.font") or row.has(row.next(place), "topic.font")


def _is_removed(row: Row, place: int) -> bool:
    """Whether this is a text that shall go: `remove the text "Sale"`."""
    before = row.previous(place)
    if row.has(before, "topic.text") and before in row.gone:
        row.gone.add(place)
        row.claim(place, before)
        return True
    if row.has(before, "act.remove"):
        row.gone.add(place)
        row.claim(place, before)
        return True
    return False


def _old_after(row: Row, place: int) -> int | None:
    """Return the place of a price that follows as the old one: `"€59" (was "€89")`."""
    at = row.next(place)
    while row.has(at, "mark", "weak"):
        at = row.next(at)
    if row.has(at, "was") and row.has(row.next(at), "text", "money"):
        row.claim(at)
        return row.next(at)
    return None


def _role_before(row: Row, place: int) -> tuple[int, Role] | None:
    """Return the role that stands last before a text; past another text only where both are in one list."""
    listed = True
    for at in range(place - 1, -1, -1):
        if row[at].part != row[place].part or (row.has(at, "text") and not listed):
            return None
        if row.has(at, "role") and at not in row.kept and not row.has(at, "unable"):
            return at, Role(row[at].means["role"])
        if row.has(at, "brand") and row.gap(at, place) <= 1:
            return at, Role.END_CARD
        listed = listed and row[at].any("weak", "and", "mark", "stop", "text")
    return None


def _role_after(row: Row, place: int) -> tuple[int, Role] | None:
    at = row.next(place)
    for _ in range(3):
        if row.has(at, "role") and row[at].part == row[place].part and not row.has(row.next(at), "text", "mark"):
            return at, Role(row[at].means["role"])
        if not row.has(at, "stop", "word", "target", "act", "mark"):
            return None
        at = row.next(at)
    return None


def _role_of_words(row: Row, place: int) -> tuple[int, Role] | None:
    """Return a title where words only say that something is written: `with the words "Hello"`."""
    for other in row.part(place):
        if (
            row.has(other, "act.say", "topic.text", "act.add")
            and row.gap(other, place) <= _NEAR
            and other not in row.gone
        ):
            return other, Role.TITLE
    if row.nearest(place, "position", most=2) is not None:
        return place, Role.TITLE
    return None


def _unquoted(row: Row) -> Iterator[Write]:
    """Yield texts that stand without quotes: "title: Urban Dreams", "change the title to Winter Sale"."""
    for place in row.having("role", "brand"):
        if place in row.gone | row.kept | row.claimed or (row.has(place, "unable")):
            continue
        found = _marked(row, place)
        if "role" not in row[place] and (found is None or not found[1]):
            continue
        if found is None:
            continue
        start, certain = found
        end = _end_of_text(row, start, certain=certain)
        words = [at for at in range(start, end) if not is_stop(row[at])]
        if end <= start or (not certain and not _reads_as_text(row, range(start, end))):
            continue
        text = clean(row.prompt[row[start].start : row[end - 1].end].strip(" '\""))
        if certain and len(words) == 1 and row.has(words[0], "no", "act.remove"):
            row.gone.add(place)
            row.claim(place, *range(start, end))
            continue
        row.claim(place, *range(place, end))
        yield _written(row, place, (place, Role(row[place].means.get("role", "end_card"))), text, "")


def _marked(row: Row, place: int) -> tuple[int, bool] | None:
    """Return where an unquoted text of the role at *place* begins, and whether it is sure to be one."""
    at = place + 1
    while (row.has(at, "stop") and not row.has(at, "target", "act", "mark")) or row.has(at, "topic.text"):
        at += 1
    if at < len(row.items) and row[at].text in ":：=":
        return at + 1, not row.has(at + 1, "text")
    if row.has(at, "act.say") and not row.has(at, "role") and row[at].text not in "为是":
        at += 1
        at += 1 if row.has(at, "mark") else 0
        return at, not row[at].any(*_LOOKS) if at < len(row.items) else False
    if row.has(at, "target", "act.set", "act.say") and not row.has(at, "position"):
        at += 1
        while row.has(at, "target"):
            at += 1
        return at, False
    return (at, False) if row.has(row.previous(place), "act.add", "act.set", "act.create") or place == 0 else None


def _end_of_text(row: Row, start: int, *, certain: bool) -> int:
    """Return where an unquoted text ends: with its sentence, or where the next wish begins."""
    at = start
    while at < len(row.items):
        item = row[at]
        if item.any("strong", "text", "mark") and item.text not in "&'’-%+/!":
            break
        if "weak" in item and (_begins_wish(row, at + 1) or not certain):
            break
        if at > start and item.any("and", "but", "then") and item.text not in "&+" and _begins_wish(row, at + 1):
            break
        if at > start and item.any("position", "span", "throughout") and not certain:
            break
        at += 1
    while at > start and row[at - 1].any("stop") and row.has(at, "position", "span") and row[at - 1].text.islower():
        at -= 1
    return at


def _begins_wish(row: Row, start: int) -> bool:
    """Whether what begins at *start* is a wish of its own."""
    kinds = ("time", "topic", "role", "act", "no", "format", "ratio", "kind", "pick", "mood", "each", "side", "style")
    at = start
    for _ in range(4):
        while row.has(at, "stop") and not row.has(at, *kinds):
            at += 1
        if row.has(at, *kinds):
            return True
        if not row.has(at, "number", "speed", "manner"):
            return False
        at += 1
    return False


def _reads_as_text(row: Row, places: range) -> bool:
    """Whether words that may be a text are one: not all of them words about looks, and written like a name."""
    said = [at for at in places if not is_stop(row[at]) or row[at].text[:1].isupper()]
    if not said or all(row[at].any(*_LOOKS) and not row[at].text[:1].isupper() for at in said):
        return False
    first = row[said[0]]
    if first.text[:1].isascii() and first.text[:1].isalpha():
        return first.text[:1].isupper()
    return first.any("word", "number", "money") or not first.any("act", "topic", "role", *_LOOKS)


def _written(row: Row, place: int, role: tuple[int, Role], text: str, old: str) -> Write:
    anchor = place if row.has(place, "text") else role[0]
    return Write(role[1], (text,), old, position_of(row, anchor), when_of(row, anchor, role[0]))


def _merged(written: list[Write], unclear: Unclear) -> Iterator[Write]:
    """Yield captions as one list; of other roles, the first text counts, and others are asked about."""
    seen: dict[Role, Write] = {}
    for one in written:
        if one.role is Role.CAPTION and one.role in seen:
            before = seen[one.role]
            seen[one.role] = replace(before, texts=before.texts + one.texts, position=before.position or one.position)
        elif one.role in seen:
            unclear.append(("no_role", one.texts[0]))
        else:
            seen[one.role] = one
    yield from seen.values()


# ------------------------------------------------------------------ prices


def _prices(row: Row) -> Iterator[Write]:
    """Yield the price tag of "was €89, now €59", "price €59", "原价89元，现价59元"."""
    money = row.having("money")
    old = next((at for at in money if _is_old(row, at)), None)
    now = next((at for at in money if at != old), None)
    if now is None:
        return
    labels = [
        at for at in range(len(row.items)) if row.has(at, "role.price", "was", "now") and row.gap(at, now) < _NEAR
    ]
    if old is None and not labels and not row.in_piece(now, "act.add", "act.show"):
        return
    if old is None and all(row.has(at, "was") and is_stop(row[at]) for at in labels):
        return
    row.claim(now, *labels, *([old] if old is not None else []))
    row.claim(*(at for at in row.part(now) if row.has(at, "act.add", "act.set", "act.show", "to", "from", "target")))
    text = row[now].text.strip()
    yield Write(
        Role.PRICE,
        (text,),
        row[old].text.strip() if old is not None else "",
        position_of(row, now),
        when_of(row, now, now),
    )


def _is_old(row: Row, place: int) -> bool:
    before = row.previous(place)
    while row.has(before, "mark", "target", "topic", "role") and not row.has(before, "was"):
        before = row.previous(before)
    return row.has(before, "was") or (row.has(row.next(place), "to") and row.has(row.next(row.next(place)), "money"))


# ------------------------------------------------------------------ what goes


def _erased(row: Row) -> Iterator[Erase | Place]:
    for place in sorted(row.gone):
        item = row[place]
        if "topic.text" in item and "role" not in item:
            if not row.has(row.next(place), "text"):
                row.claim(place)
                yield Erase(tuple(role for role in Role if role not in _kept_roles(row)))
        elif "text" in item and isinstance(item.value, str):
            yield Erase(text=item.value)
        elif "role" in item:
            row.claim(place)
            yield _hidden(row, place) or Erase((Role(item.means["role"]),))
        elif "brand" in item and not row.has(place, "topic.color"):
            row.claim(place)
            yield Erase((Role.END_CARD,))


def _hidden(row: Row, place: int) -> Place | None:
    """Return that a text is seen later, where it shall go only for the first seconds."""
    when = when_of(row, place) if row.in_piece(place, "span") else None
    if when is None or when.start != 0 or when.end is None:
        return None
    return Place(Role(row[place].means["role"]), when=When(start=when.end))


def _kept_roles(row: Row) -> set[Role]:
    return {Role(row[place].means["role"]) for place in row.kept if "role" in row[place]}


def _no_texts(row: Row, unclear: Unclear) -> None:
    """Note roles that shall be added and say nothing."""
    for place in row.having("role"):
        if (
            place in row.gone | row.kept
            or not row.in_piece(place, "act.add", "act.create", "act.say")
            or row.has(place, "unable")
        ):
            continue
        if row.in_piece(place, "position", "span", "style", "unable", "time") or row.in_part(place, "text"):
            continue
        row.claim(place, *verbs_of(row, place))
        unclear.append(("no_words", row[place].means["role"]))
