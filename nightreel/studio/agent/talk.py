"""What is no wish: chatter, questions, praise; what cannot be done; and what remains."""

from collections.abc import Iterator

from nightreel.studio.agent.row import Row
from nightreel.studio.agent.wishes import Back

_MARKS = (
    "strong",
    "weak",
    "mark",
    "stop",
    "polite",
    "and",
    "but",
    "then",
    "or",
    "chat",
    "praised",
    "about",
    "degree",
    "to",
    "target",
    "from",
    "was",
    "each",
    "one",
    "by",
    "at",
    "more",
    "ask",
    "too",
    "want",
    "all",
    "ord",
    "between",
    "design",
    "hash",
    "now",
    "loop",
    "until",
    "afterwards",
    "beforehand",
    "edge",
    "upto",
    "text",
)
"""What says nothing when nobody needs it."""

_SAY_NOTHING = (
    "topic.video",
    "topic.photo",
    "act.create",
    "act.show",
    "act.end",
    "act.use",
    "act.keep",
    "count",
    "every",
    "topic.order",
    "act.say",
    "brand",
    "topic.text",
    "topic.length",
    "topic.place",
    "topic.format",
    "topic.style",
    "topic.cuts",
    "language",
    "long",
    "act.start",
    "manner",
    "topic.music",
    "topic.transition",
    "each",
    "half",
)
_ALONE = ("act.set", "act.add", "act.move", "role", "topic")


_ADDRESSED = (
    "act",
    "topic",
    "role",
    "text",
    "pick",
    "kind",
    "polite",
    "size",
    "motion",
    "unable",
    "own",
    "no",
    "chat",
    "money",
    "hex",
    "ratio",
    "pixels",
    "loud",
)
"""What a sentence has that is said to an editor."""

_RANKED = ("question", "other", "help", "blame", "wait", "thanks", "praise", "bye", "hello", "yes")


def read_back(row: Row) -> Back | None:
    """Return the wish to take changes back, or to make them again."""
    for again, kind in ((True, "act.redo"), (False, "act.undo")):
        places = [place for place in row.having(kind) if not row.in_piece(place, "text", "act.swap")]
        if places:
            row.claim(*(at for place in places for at in row.piece(place)))
            return Back(_times(row, places[0]), again=again)
    return None


def _times(row: Row, place: int) -> int:
    for at in row.piece(place):
        value = row[at].value
        if row.has(at, "all") or row[at].text.lower() in {"everything", "all"}:
            return 0
        if row.has(at, "number") and isinstance(value, float) and value > 0:
            return int(value)
        if row.has(at, "factor.2"):
            return 2
    return 1


def drop_talk(row: Row, *, first: bool) -> str:
    """Claim what is said and asks for nothing; return what kind of talk it is, "" for none."""
    kinds: list[str] = []
    for part in sorted({item.part for item in row.items}):
        places = [at for at, item in enumerate(row.items) if item.part == part]
        if _is_question(row, places):
            _drop(row, places)
            kinds.append("question")
        elif not first and _is_statement(row, places):
            _drop(row, places)
            row.unheard.append(row.prompt[row[places[0]].start : row[places[-1]].end])
    for place in row.having("chat", "praised"):
        kind = row[place].means.get("chat", "praise")
        if not _is_idle(row, place) and not (kind == "praise" and row[place].text.lower().startswith("thank")):
            continue
        kinds.append(kind)
        if kind in {"other", "blame", "wait", "help", "praise"}:
            _drop(row, [at for at in row.piece(place) if not row.has(at, "strong", "weak")])
    return next((kind for kind in _RANKED if kind in kinds), "")


def _is_statement(row: Row, places: list[int]) -> bool:
    """Whether a sentence tells of something else: of a person, or in words that nobody knows and without a wish."""
    if any(row.has(at, "person") for at in places) and not any(row.has(at, "text", "role", "act") for at in places):
        return True
    tells = row.has(places[0], "subject") or len([at for at in places if row.has(at, "word")]) > 1
    strange = [at for at in places if row.has(at, "word")]
    return tells and bool(strange) and not any(row.has(at, *_ADDRESSED) and at not in strange for at in places)


def _drop(row: Row, places: list[int]) -> None:
    """Claim what asks for nothing: whatever it names neither goes nor stays for it."""
    row.claim(*places)
    row.gone.difference_update(places)
    row.kept.difference_update(places)


def _is_idle(row: Row, place: int) -> bool:
    """Whether the piece around a word of talk asks for nothing."""
    wishes = (
        "act",
        "time",
        "span",
        "text",
        "mood",
        "share",
        "speed",
        "size",
        "loud",
        "ratio",
        "format",
        "motion",
        "no",
        "money",
        "hex",
        "kind",
    )
    return not any(
        row.has(at, *wishes) and at != place and not row.has(at, "chat", "praised") and not row.has(at, "stop")
        for at in row.piece(place)
    )


def _is_question(row: Row, places: list[int]) -> bool:
    """Whether a sentence asks for an answer: by a question word, and nobody is asked to do anything."""
    said = [at for at in places if not row.has(at, "strong", "weak", "mark") and not row.has(at, "chat.hello")]
    if not said or any(row.has(at, "polite") for at in said[:3]) or (row.has(said[-1], "polite")):
        return False
    lead = next(
        (at for at in said[:3] if row.has(at, "ask") or not row.has(at, "stop", "chat", "but", "and")), said[0]
    )
    if row.has(lead, "ask"):
        return True
    return any(row.has(at, "ask") and not row[at].text.isascii() for at in said[-4:])


def read_unable(row: Row) -> Iterator[str]:
    """Yield what is asked for and cannot be done."""
    for place in row.having("unable"):
        name = row[place].means["unable"]
        negated = place in row.gone | row.kept or any(row.has(at, "no") for at in (place - 1, place - 2) if at >= 0)
        row.claim(
            place,
            *(
                at
                for at in row.piece(place)
                if row.has(
                    at,
                    "act",
                    "topic",
                    "role",
                    "color",
                    "number",
                    "share",
                    "to",
                    "style",
                    "position",
                    "loud",
                    "size",
                    "motion",
                    "near",
                    "language",
                    "share",
                    "mood",
                )
                and not row.has(at, "time")
            ),
        )
        row.claim(*(at for at in row.piece(place) if row.has(at, "word") and row.gap(at, place) == 0))
        if not negated:
            yield name


def read_colored(row: Row) -> Iterator[str]:
    """Yield that a text alone shall have a colour: the brand's colours hold for all of them."""
    for place in row.having("color"):
        texts = [at for at in row.piece(place) if row.has(at, "role", "topic.text")]
        if texts and not row.in_piece(place, "unable"):
            row.claim(place, *texts, *(at for at in row.piece(place) if row.has(at, "act.set", "target")))
            yield "textcolor"


def leftovers(row: Row, *, first: bool) -> Iterator[str]:
    """Yield what nobody understood, in the prompt's own words.

    On a first cut, words that say what the product is (after "of" or "for", before "video") are no wish.
    """
    yield from (text.strip(" ,.;:!?，。；：！？") for text in row.unheard)
    for piece in sorted({item.piece for item in row.items}):
        places = [at for at, item in enumerate(row.items) if item.piece == piece]
        understood = any(at in row.claimed and not row.has(at, "stop") for at in places)
        left = [
            at
            for at in places
            if at not in row.claimed and not _says_nothing(row, at, understood=understood, first=first)
        ]
        left = [at for at in left if not _is_about(row, at, told=first or understood)]
        if not left or (first and understood and not any(row.has(at, "act.add", "no", "act.remove") for at in left)):
            continue
        named = understood or any(row.has(at, "topic.video", "topic.photo") for at in places)
        bare = all(row.has(at, "word", "number", "file", "money") for at in left)
        if first and named and bare and not any(row.has(at, "act", "no") for at in places):
            continue
        yield from _runs(row, left)


def _runs(row: Row, left: list[int]) -> Iterator[str]:
    """Yield what is left as it stands, neighbours together."""
    start = 0
    for turn in range(1, len(left) + 1):
        if turn == len(left) or any(at in row.claimed for at in range(left[turn - 1], left[turn])):
            text = row.prompt[row[left[start]].start : row[left[turn - 1]].end].strip(" ,.;:!?，。；：！？")
            start = turn
            if text:
                yield text


def _says_nothing(row: Row, place: int, *, understood: bool, first: bool) -> bool:
    item = row[place]
    if (item.any(*_MARKS) and not item.any("act.remove", "number")) or item.any("stop"):
        return True
    if item.any(*_SAY_NOTHING) and (understood or first or not item.any("topic", "act")):
        return True
    return understood and item.any(*_ALONE)


def _is_about(row: Row, place: int, *, told: bool) -> bool:
    """Whether a word says what the video is about: "for our handmade mugs", "of the new collection"."""
    if not told or not row.has(place, "word", "money", "file", "style", "color", "near", "way"):
        return False
    at = place - 1
    while (
        at >= 0
        and row[at].piece == row[place].piece
        and row[at].any("word", "stop", "mark", "and", "style", "manner", "color", "number")
    ):
        if row.has(at, "about"):
            return True
        at -= 1
    return row.has(at, "about", "act.show")
