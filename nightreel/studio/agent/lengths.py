"""How long things are, and how fast they follow each other."""

from collections.abc import Iterator

from nightreel.studio.agent.amounts import Span
from nightreel.studio.agent.picks import Pick
from nightreel.studio.agent.row import Row
from nightreel.studio.agent.wishes import How, Length, Pace, Wish

_NEAR = 3
_EARLIEST = 3.0
"""Seconds from which "15 to 20 seconds" is a length; "from 0 to 2 s" is a time in the video."""

_LONGER = {"": 1.25, "bit": 1.1, "much": 1.5}
_PHOTO_LONGER = {"": 1.5, "bit": 1.25, "much": 2.0}
"""Factors that "longer" means, of the video and of a photo; "shorter" is the inverse."""

_PACE = {"": 0.75, "bit": 0.87, "much": 0.5}
"""Factors on the photos' lengths that "faster" means."""

_LOOSE = ("of", "for", "is", "at", "as", "about", "exactly", "around")
"""Words before a length that do not tell it from another one."""

_AROUND = (
    "act.set", "act.add", "act.keep", "act.create", "act.show", "act.remove", "act.use", "act.move", "act.say",
    "topic.length", "topic.video", "topic.photo", "topic.cuts", "target", "to", "by", "at", "until", "from", "was",
    "more", "less", "size", "long", "degree", "too", "upto", "atleast", "each", "every", "edge",
)  # fmt: skip


def read_lengths(row: Row) -> list[Wish]:
    """Return lengths, of the whole and of photos, and the pace."""
    lengths = [*_timed(row), *_bare(row)]
    timed = any(isinstance(one, Length) and one.photos is None for one in lengths)
    sized = [one for one in _sized(row) if not (timed and isinstance(one, Length) and one.photos is None)]
    return [*lengths, *sized, *_paces(row, timed=timed)]


def _timed(row: Row) -> Iterator[Wish]:
    """Yield what times say; of two lengths of the whole, the one after "to" counts, else the first."""
    whole: list[tuple[bool, int, Length]] = []
    for place in row.having("time", "span"):
        length = _length(row, place)
        if length is None:
            continue
        if length.photos is not None:
            _claim(row, place)
            yield length
        else:
            whole.append((not _is_target(row, place), place, length))
    if whole:
        _, place, length = min(whole, key=lambda one: one[:2])
        _claim(row, place)
        row.claim(
            *(
                other
                for _, other, one in whole
                if one == length or (row[other].part == row[place].part and _is_from(row, other))
            )
        )
        yield length


def _bare(row: Row) -> Iterator[Wish]:
    """Yield a length that has no unit: "duration=12", "时长20"."""
    for place in row.having("number"):
        near = row.nearest(place, "topic.length", most=_NEAR + 1 if _is_target(row, place) else 1)
        value = row[place].value
        if near is not None and near < place and not _is_from(row, place) and isinstance(value, float) and value:
            _claim(row, place)
            row.claim(near, *(at for at in row.part(place) if row.has(at, "number") and _is_from(row, at)))
            yield Length(value)


def _claim(row: Row, place: int) -> None:
    row.claim(
        place,
        *(
            at
            for at in row.piece(place)
            if row.has(at, *_AROUND) and row.gap(at, place) <= _NEAR and not row.has(at, "text", "time", "span")
        ),
    )


def _is_from(row: Row, place: int) -> bool:
    return row.has(place - 1, "from", "was")


def _is_target(row: Row, place: int) -> bool:
    before = place - 1
    while row.has(before, "stop") and (
        not row.has(before, "to", "target", "until") or row[before].text.lower() in _LOOSE
    ):
        before -= 1
    return row.has(before, "to", "target", "until") and row[before].text.lower() not in _LOOSE


def _length(row: Row, place: int) -> Length | None:
    """Return what a time or a span says about a length; None of a span that is about a text."""
    value = row[place].value
    if isinstance(value, Span):
        fits = value.start is not None and (value.start >= _EARLIEST or row.in_piece(place, "act.set", "size"))
        return Length(value.end) if value.end is not None and fits else None
    seconds = value if isinstance(value, float) else 0.0
    photos, how = _photos(row, place), _how(row, place)
    if how in {"add", "take"}:
        each = Pick(every=True) if photos is None and _is_each(row, place) else photos
        return Length(seconds if how == "add" else -seconds, "add", each)
    if photos is not None:
        return Length(seconds, "set", photos)
    if _is_each(row, place):
        return Length(seconds, "each")
    return Length(seconds, _HOWS[how])


_HOWS: dict[str, How] = {"set": "set", "most": "most", "least": "least"}


def _photos(row: Row, place: int) -> Pick | None:
    """Return the photos whose length is named."""
    near = row.nearest(place, "pick", most=_NEAR + 1)
    if near is None or near in row.gone or row[near].piece != row[place].piece or row.in_piece(place, "topic.video"):
        return None
    value = row[near].value
    row.claim(near)
    return value if isinstance(value, Pick) else None


def _is_each(row: Row, place: int) -> bool:
    near = row.nearest(place, "each", "every", most=2)
    if near is None or ("every" in row[near] and row.in_piece(near, "act.create", "topic.video", "was")):
        return False
    row.claim(near)
    return True


def _how(row: Row, place: int) -> str:
    """Return what shall be done with a time: "set", "add", "take", "most" or "least"."""
    before, after = row.previous(place), row.next(place)
    for kind, how in (("upto", "most"), ("atleast", "least")):
        if row.has(before, kind) or row.has(after, kind):
            refused = [at for at in row.piece(place) if row.has(at, "no")]
            row.claim(*refused)
            return "most" if refused else how
    if _is_target(row, place) and not row.has(place + 1, "size"):
        return "set"
    for kind, how in (("more", "add"), ("less", "take")):
        follows = row.has(after, kind) and row[after].piece == row[place].piece
        if kind in row[place] or (follows and not row.has(row.next(after), "topic", "mood")):
            return how
    return _resized(row, place)


def _resized(row: Row, place: int) -> str:
    for at in row.piece(place):
        if row.has(at, "size") and row.gap(at, place) <= 2:  # noqa: PLR2004
            if row.has(place - 1, "at") and at < place:
                return "set"
            return "add" if row[at].means["size"] == "longer" else "take"
        if (
            row.has(at, "long")
            and at < place
            and not row[at].text.isascii()
            and row.gap(at, place) == 0
            and not row.has(at - 1, "topic.video")
        ):
            return "add" if row[at].means["long"] == "longer" else "take"
    before = row.previous(place)
    while row.has(before, "degree", "by", "topic.video", "topic.length") and not row.has(before, "act"):
        before = row.previous(before)
    if row.has(before, "act.add", "more") and not row.in_piece(place, "topic.video", "text"):
        return "add"
    if row.has(before, "act.remove", "less") and row[before].piece == row[place].piece:
        return "take"
    return "set"


# ------------------------------------------------------------------ longer, shorter, faster, slower


def _sized(row: Row) -> Iterator[Wish]:
    """Yield "make it shorter", "second photo twice as long", "half the length", "it's too long"."""
    places = [at for at in row.having("size", "long", "factor", "share") if at not in row.claimed]
    done: set[int] = set()
    for place in places:
        piece = row[place].piece
        if piece in done or not _is_comparison(row, place):
            continue
        if row.in_piece(place, "role", "topic.transition", "topic.music", "topic.text", "loud", "topic.volume"):
            continue
        done.add(piece)
        pick = _pick_of(row, place)
        longer = _is_longer(row, place)
        factor = _factor(row, place, longer=longer, photo=pick is not None)
        _claim_all(row, place)
        yield Length(factor, "times", pick)


def _is_comparison(row: Row, place: int) -> bool:
    """Whether more or less is asked for than there is: a "short video" is none."""
    if "share" in row[place]:
        return row.in_piece(place, "topic.length", "topic.video", "pick") and row.in_piece(place, "more", "less")
    if row[place].any("size"):
        return True
    if "factor" in row[place]:
        if "whole" in row[place] or row.in_piece(place, "long", "size", "topic.length"):
            return True
        other = row.in_piece(place, "speed", "loud", "topic.volume", "topic.music", "act.undo", "act.redo", "pick")
        return not other and row.in_piece(place, "topic.video", "act.set")
    near = row.in_piece(place, "too", "degree", "more", "less")
    return near or (row.in_piece(place, "act.set") and not row.in_piece(place, "act.create", "time"))


def _is_longer(row: Row, place: int) -> bool:
    words = [at for at in row.piece(place) if row.has(at, "size", "long") and at not in row.claimed]
    if not words:
        return not row.in_piece(place, "less")
    word = words[0]
    longer = row[word].means.get("size", row[word].means.get("long")) == "longer"
    too = any(row.has(at, "too") and row.gap(at, word) == 0 for at in row.piece(place) if at < word)
    less = any(row.has(at, "less", "no") and row.gap(at, word) == 0 for at in row.piece(place) if at < word)
    return longer != (too or less)


def _factor(row: Row, place: int, *, longer: bool, photo: bool) -> float:
    for at in row.piece(place):
        if row.has(at, "factor"):
            value = row[at].value
            factor = value if isinstance(value, float) else float(row[at].means["factor"])
            return 1 / factor if not longer and factor > 1 else factor
        if row.has(at, "fraction"):
            share = float(row[at].means["fraction"])
            row.claim(at)
            return round(1 + share if longer else 1 - share, 4)
        if row.has(at, "share"):
            value = row[at].value
            share = value if isinstance(value, float) else 0.0
            row.claim(at)
            return 1 + share if longer else max(0.1, 1 - share)
    degree = next((row[at].means["degree"] for at in row.piece(place) if row.has(at, "degree")), "")
    factors = _PHOTO_LONGER if photo else _LONGER
    factor = factors.get(degree, factors[""])
    return factor if longer else round(1 / factor, 4)


def _pick_of(row: Row, place: int) -> Pick | None:
    for at in row.piece(place):
        value = row[at].value
        if row.has(at, "pick") and isinstance(value, Pick):
            row.claim(at)
            return value
    return None


def _claim_all(row: Row, place: int) -> None:
    row.claim(
        *(
            at
            for at in row.piece(place)
            if row.has(at, *_AROUND, "factor", "number") and not row.has(at, "text", "role", "pick")
        )
    )


def _paces(row: Row, *, timed: bool) -> Iterator[Wish]:
    """Yield "faster cuts", "slow it down", "the pace is too fast"; where a length is named, that holds."""
    for place in row.having("speed"):
        if row.distance(place, "unable", "topic.music", "role") <= 1 and not row.in_piece(place, "topic.cuts"):
            continue
        slow = row[place].means["speed"] == "slow"
        if any(row.has(at, "too", "less", "no") and row.gap(at, place) == 0 for at in row.piece(place) if at < place):
            slow = not slow
        degree = next((row[at].means["degree"] for at in row.piece(place) if row.has(at, "degree")), "")
        factor = next(
            (
                float(row[at].means["factor"])
                for at in row.piece(place)
                if row.has(at, "factor") and row[at].means["factor"]
            ),
            _PACE.get(degree, _PACE[""]),
        )
        factor = (
            1 / factor
            if "factor" in {kind for at in row.piece(place) for kind in row[at].means} and factor > 1
            else factor
        )
        _claim_all(row, place)
        pick = _pick_of(row, place)
        row.claim(
            place,
            *row.having("topic.cuts", "degree"),
            *(at for at in row.piece(place) if row.has(at, "no", "act.create", "too", "factor")),
        )
        if pick is not None:
            yield Length(1 / factor if slow else factor, "times", pick)
        else:
            yield Pace(round(1 / factor, 4) if slow else factor, lengths=not timed)
        return
    row.claim(*row.having("long")) if row.having("topic.video") else None
