"""Which photos, and in which order."""

from collections.abc import Iterator

from nightreel.studio.agent.picks import Pick
from nightreel.studio.agent.row import Row
from nightreel.studio.agent.wishes import Arrange, Wish

_VERBS = (
    "act.move", "act.swap", "act.start", "act.end", "act.only", "act.use", "act.set", "act.add", "act.show",
    "act.keep", "act.remove", "act.create", "edge", "ord", "target", "to", "from", "ahead",
    "behind", "afterwards", "beforehand",
    "topic.place", "topic.photo", "topic.order", "and", "hash", "nth", "between",
)  # fmt: skip


def read_photos(row: Row, *, first: bool) -> list[Wish]:
    """Return what is said about the photos' order and choice."""
    return [
        *_orders(row),
        *_swaps(row),
        *_removed(row),
        *_moves(row),
        *_chosen(row, first=first),
        *_all(row, first=first),
    ]


def _pick(row: Row, place: int) -> Pick:
    value = row[place].value
    return value if isinstance(value, Pick) else Pick()


def _claim(row: Row, *places: int) -> None:
    """Claim picks, and the verbs and prepositions of their pieces."""
    row.claim(
        *places,
        *(
            at
            for place in places
            for at in row.piece(place)
            if row.has(at, *_VERBS) and not row.has(at, "time", "text", "role")
        ),
    )


def _orders(row: Row) -> Iterator[Wish]:
    for kind, how in (("act.reverse", "reverse"), ("act.shuffle", "shuffle"), ("act.upload_order", "uploaded")):
        for place in row.having(kind):
            if row.in_piece(place, "unable", "role", "topic.music"):
                continue
            row.claim(
                place,
                *(
                    at
                    for at in row.piece(place)
                    if row.has(
                        at,
                        "topic.order",
                        "topic.photo",
                        "every",
                        "act.set",
                        "act.show",
                        "act.keep",
                        "act.undo",
                        "act.add",
                        "topic.video",
                        "to",
                        "act.use",
                    )
                ),
            )
            if place not in row.gone:
                yield Arrange("reverse" if how == "reverse" else "shuffle" if how == "shuffle" else "uploaded")
    for place in row.having("act.reorder", "topic.order"):
        numbers = [at for at in row.having("number", "pick") if row[at].part == row[place].part]
        places = tuple(number for at in numbers for number in _numbers(row, at))
        if len(places) > 1 and not row.in_part(place, "time", "act.remove", "act.swap"):
            row.claim(
                *numbers, *(at for at in row.part(place) if row.has(at, "act.reorder", "act.set", "topic.photo"))
            )
            yield Arrange("order", Pick(places))
    row.claim(*row.having("topic.order"))


def _numbers(row: Row, place: int) -> tuple[int, ...]:
    value = row[place].value
    return value.places if isinstance(value, Pick) else (int(value),) if isinstance(value, float) else ()


def _swaps(row: Row) -> Iterator[Wish]:
    for place in row.having("act.swap", "exchange"):
        picks = [at for at in row.having("pick") if row[at].piece == row[place].piece]
        picks = picks or [at for at in row.having("pick") if row[at].part == row[place].part]
        places = tuple(number for at in picks for number in _pick(row, at).places)
        names = tuple(name for at in picks for name in _pick(row, at).names)
        if len(places) + len(names) == 2:  # noqa: PLR2004 - two change places
            _claim(row, place, *picks)
            yield Arrange("swap", Pick(places, names))


def _removed(row: Row) -> Iterator[Wish]:
    for place in row.having("pick"):
        if place in row.gone:
            _claim(row, place)
            yield Arrange("remove", _pick(row, place))


def _moves(row: Row) -> Iterator[Wish]:
    for place in row.having("pick"):
        if place in row.claimed:
            continue
        pick = _pick(row, place)
        if (
            row.in_piece(place, "act.start")
            and not row.in_piece(place, "time", "span", "topic.transition", "kind")
            and _leads(row, place, "act.start")
        ):
            _claim(row, place)
            yield Arrange("move", pick, 1)
        elif row.in_piece(place, "act.end") and _leads(row, place, "act.end"):
            _claim(row, place)
            yield Arrange("move", pick, -1)
        elif (beside := _beside(row, place)) is not None:
            _claim(row, place, beside[0])
            yield Arrange("move", pick, by=_pick(row, beside[0]), after=beside[1])
        elif row.in_piece(
            place, "act.move", "act.show", "act.set", "act.use", "to", "topic.place", "act.add"
        ) or _short(row, place):
            to = _target(row, place)
            if to is not None and not row.in_piece(place, "time"):
                _claim(row, place)
                yield Arrange("move", pick, to)


def _leads(row: Row, place: int, kind: str) -> bool:
    """Whether "start with" belongs to this photo; the Chinese "从" and "以" need a start that follows."""
    for at in row.piece(place):
        if row.has(at, kind) and at < place:
            if row[at].text in "从以":
                return any(row.has(other, "edge.start", "ahead") for other in row.piece(place) if other > place)
            return True
    return False


def _short(row: Row, place: int) -> bool:
    """Whether the piece says nothing but a photo and a place: "photo 4 last"."""
    return len([at for at in row.piece(place) if not row.has(at, "stop", "strong", "weak")]) <= 2  # noqa: PLR2004


def _beside(row: Row, place: int) -> tuple[int, bool] | None:
    """Return the photo that this one shall stand before or after."""
    for at in row.piece(place):
        if at <= place or not row.has(at, "afterwards", "beforehand"):
            continue
        for other in (row.next(at), row.previous(at)):
            if row.has(other, "pick") and other != place:
                return other, row.has(at, "afterwards") and not row.has(at, "beforehand.y")
    return None


def _target(row: Row, place: int) -> int | None:
    """Return the place where a photo shall go: "first", "last", "to the front", "to position 3"."""
    for at in row.piece(place):
        if at == place or at in row.claimed:
            continue
        if row.has(at, "edge"):
            return 1 if row.has(at, "edge.start") else -1
        if row.has(at, "ord"):
            value = row[at].value
            return value if isinstance(value, int) else int(row[at].means["ord"])
        if (
            at > place
            and row.has(at, "pick")
            and row.in_piece(at, "act.set", "act.move")
            and len(_pick(row, at).places) == 1
        ):
            row.claim(at)
            return _pick(row, at).places[0]
        if row.has(at, "ahead", "behind") and at > place:
            return 1 if row.has(at, "ahead") else -1
        if row.has(at, "number") and row.has(at - 1, "topic.place", "nth", "hash", "to"):
            value = row[at].value
            row.claim(at)
            return int(value) if isinstance(value, float) else None
    return None


def _chosen(row: Row, *, first: bool) -> Iterator[Wish]:
    """Yield which photos are used: "only the first five photos", "add photo 5", "use photos 1, 3 and 5"."""
    only = [
        at
        for at in row.having("pick")
        if row.in_piece(at, "act.only", "act.use", "act.create", "about")
        or (first and not row.in_piece(at, "time", "size", "motion"))
    ]
    only = [
        at
        for at in only
        if not (row.in_piece(at, "time") and not row.in_piece(at, "topic.video"))
        and not row.in_piece(at, "size", "factor", "speed", "motion", "role")
    ]
    if only:
        added = row.in_piece(only[0], "act.add") and not row.in_piece(only[0], "act.only", "act.create")
        _claim(row, *only)
        places = tuple(number for at in only for number in _pick(row, at).places)
        yield Arrange(
            "add" if added else "only", Pick(places, tuple(name for at in only for name in _pick(row, at).names))
        )
    for place in row.having("pick"):
        if row.in_piece(place, "act.keep", "act.only") and not row.in_piece(place, "time", "motion", "size"):
            _claim(row, place)
            yield Arrange("only", _pick(row, place))
        elif row.in_piece(place, "act.add") and not row.in_piece(place, "time", "motion", "size", "role"):
            _claim(row, place)
            yield Arrange("add", _pick(row, place))
    for place in row.having("count"):
        if row.in_piece(place, "act.only") and not row.in_piece(place, "time"):
            count = row[place].value
            _claim(row, place)
            yield Arrange("only", Pick(tuple(range(1, (count if isinstance(count, int) else 1) + 1))))


def _all(row: Row, *, first: bool) -> Iterator[Wish]:
    """Yield that all photos of the session are used, or the new ones join."""
    del first
    for place in row.having("every", "fresh"):
        if row.in_piece(place, "motion", "time", "act.reverse", "act.remove"):
            continue
        if (
            "fresh" in row[place]
            or row.in_piece(
                place, "act.add", "act.use", "act.create", "act.show", "act.only", "topic.video", "was", "from"
            )
            or _short(row, place)
        ):
            _claim(row, place)
            yield Arrange("all")
