"""Which photos are meant: items that say it, put together. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from nightreel.studio.agent.amounts import Found, is_at, is_stop, one_of, read_amounts, rewritten
from nightreel.studio.agent.items import Item

_MOST_BETWEEN = 3
"""Words that may stand between a number and the noun that it counts."""


@dataclass(frozen=True)
class Pick:
    """Photos by their places from 1, or from the end (-1 is the last), or by their file names; 0 is the middle one.

    Attributes:
        every: all of them, whatever the places say.
    """

    places: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    every: bool = False


def compose(items: Sequence[Item]) -> list[Item]:
    """Return *items* with what belongs together made one: amounts, and which photos are meant."""
    made = read_amounts(items)
    for rule in (_picks, _counts):
        made = list(rewritten(made, rule))
    return made


def _picks(items: list[Item], at: int) -> Found:
    """Make picks: "the first two photos", "photos 1, 3 and 5", "第三张照片", "mug.jpg"."""
    if is_at(items, at, "between") and is_at(items, at + 1, "number") and is_at(items, at + 2, "and"):
        places, end = _list(items, at + 1)
        if len(places) == 2 and not is_at(items, end, "unit"):  # noqa: PLR2004 - between two of them
            found = one_of(items, at + 1, end - at - 1, "pick", Pick(tuple(places)))
            return found[0] + 1, replace(found[1], means={"pick": "", "between": "x"})
    if "file" in items[at]:
        return one_of(items, at, 1, "pick", Pick(names=(items[at].text,)))
    return _group(items, at) or _ordinals(items, at) or _numbered(items, at) or _chinese(items, at)


def _noun(items: list[Item], at: int, most: int = _MOST_BETWEEN) -> int | None:
    """Return the place of the noun "photo" that is spoken of from *at*, past stop words and unknown words."""
    for place in range(at, min(at + most + 1, len(items))):
        if is_at(items, place, "topic.photo"):
            last = place
            while is_at(items, last + 1, "topic.photo") and items[last + 1].text.lower() != "frames":
                last += 1
            return last
        if not items[place].any("stop", "word") or items[place].any("unit", "number"):
            return None
    return None


def _group(items: list[Item], at: int) -> Found:
    """Return "first two photos", "last 3 pictures", "前五张"."""
    if not (is_at(items, at, "ord.1", "ord.-1", "ahead", "behind") and is_at(items, at + 1, "number", "num")):
        return None
    noun = _noun(items, at + 2)
    count = items[at + 1].value
    if not isinstance(count, float) or not 1 <= count <= 100:  # noqa: PLR2004
        return None
    if noun is None:
        if not (_is_swap(items, at) or _is_choice(items, at)) or is_at(items, at + 2, "unit", "change"):
            return None
        noun = at + 1
    first = is_at(items, at, "ord.1", "ahead")
    places = range(1, int(count) + 1) if first else range(-int(count), 0)
    return one_of(items, at, noun - at + 1, "pick", Pick(tuple(places)))


def _ordinals(items: list[Item], at: int) -> Found:
    """Return "the second photo", "the 2nd and 3rd photos", "the last one"."""
    places: list[int] = []
    end = at
    while True:
        here = _past_the(items, end) if places else end
        if is_at(items, here, "ord") and items[here].text.isascii():
            value = items[here].value
            places.append(value if isinstance(value, int) else int(items[here].means["ord"]))
        elif is_at(items, here, "middle"):
            places.append(0)
        else:
            break
        end = here + 1
        noun = _noun(items, end)
        if noun is not None and not _continues(items, noun + 1):
            return one_of(items, at, noun - at + 1, "pick", Pick(tuple(places)))
        following = noun + 1 if noun is not None else end
        if not is_at(items, following, "and", "or", "weak"):
            break
        end = following + 1
    last = end
    if not places:
        return None
    if is_at(items, last, "num.1") or _is_moved(items, at) or (len(places) > 1 and last > at) or _is_swap(items, at):
        return one_of(items, at, last - at + (1 if is_at(items, last, "num.1") else 0), "pick", Pick(tuple(places)))
    return None


def _continues(items: list[Item], at: int) -> bool:
    """Whether another ordinal follows: "the second photo and the third photo"."""
    return (
        is_at(items, at, "and")
        and is_at(items, _past_the(items, at + 1), "ord")
        and _noun(items, _past_the(items, at + 1) + 1) is not None
    )


def _past_the(items: list[Item], at: int) -> int:
    while is_at(items, at, "stop") and not is_at(items, at, "ord"):
        at += 1
    return at


def _is_moved(items: list[Item], at: int) -> bool:
    """Whether a clause moves the camera over "the first": then that is a photo."""
    before = items[at - 1] if at else None
    return (
        before is not None
        and is_stop(before)
        and any(item.any("motion") and item.piece == items[at].piece for item in items[:at])
    )


def _is_choice(items: list[Item], at: int) -> bool:
    """Whether a clause chooses photos: "just keep the first two"."""
    return any(item.any("act.only", "act.keep", "act.use") for item in items if item.piece == items[at].piece)


def _is_swap(items: list[Item], at: int) -> bool:
    return any(item.any("act.swap", "act.reverse", "exchange") for item in items if item.part == items[at].part)


def _numbered(items: list[Item], at: int) -> Found:
    """Return "photo 3", "photos 1, 3 and 5", "pictures 2-4", "#3"."""
    start = at
    if is_at(items, at, "topic.photo"):
        start += 1
        start += 1 if is_at(items, start, "hash") else 0
    elif is_at(items, at, "hash"):
        start += 1
    else:
        return None
    if not is_at(items, start, "number", "num") or is_at(items, start + 1, "topic.photo"):
        return None
    places, end = _list(items, start)
    if is_at(items, end, "stop") and items[end].text == "号":
        end += 1
    return one_of(items, at, end - at, "pick", Pick(tuple(places)))


def _list(items: list[Item], at: int) -> tuple[list[int], int]:
    """Return the numbers of a list that begins at *at*, and where it ends."""
    places = [_place(items[at])]
    end = at + 1
    while is_at(items, end, "and", "weak", "to", "or") and not is_at(items, end, "strong"):
        following = end + 1
        if is_at(items, end, "weak") and is_at(items, following, "and"):
            following += 1
        while is_at(items, following, "nth", "hash", "topic.photo", "stop") and not is_at(items, following, "number"):
            following += 1
        if not is_at(items, following, "number") or (
            is_at(items, following + 1, "unit") and not is_at(items, following + 1, "ord")
        ):
            break
        place = _place(items[following])
        places += range(places[-1] + 1, place + 1) if is_at(items, end, "to") else [place]
        end = following + 1
    return places, end


def _place(item: Item) -> int:
    return int(item.value) if isinstance(item.value, float) else 0


def _chinese(items: list[Item], at: int) -> Found:
    """Return "第三张照片", "第1、3和5张", "第2到4张", "最后一张", "图3"."""
    if is_at(items, at, "nth") and is_at(items, at + 1, "number"):
        places, end = _list(items, at + 1)
        joined = list[int](places)
        while True:
            noun = _noun(items, end, 1)
            end = noun + 1 if noun is not None else end
            if not (
                is_at(items, end, "and", "to") and is_at(items, end + 1, "nth") and is_at(items, end + 2, "number")
            ):
                break
            more, end_ = _list(items, end + 2)
            joined += range(joined[-1] + 1, more[0] + 1) if is_at(items, end, "to") else more
            end = end_
        if is_at(items, at + 1, "number") and (noun is not None or _is_swap(items, at) or len(joined) > 1):
            return one_of(items, at, end - at, "pick", Pick(tuple(joined)))
        return None
    if is_at(items, at, "ord") and not items[at].text.isascii():
        noun = _noun(items, at + 1, 1)
        if noun is not None or items[at].text.endswith(("张", "幅")):
            end = noun + 1 if noun is not None else at + 1
            more = _chinese(items, end + 1) if is_at(items, end, "and", "or") else None
            places = (int(items[at].means["ord"]),)
            if more is not None and isinstance(more[1].value, Pick):
                return one_of(items, at, end + 1 + more[0] - at, "pick", Pick(places + more[1].value.places))
            return one_of(items, at, end - at, "pick", Pick(places))
    if is_at(items, at, "number") and is_at(items, at + 1, "stop") and items[at + 1].text == "号":
        noun = _noun(items, at + 2, 1)
        return one_of(items, at, (noun or at + 1) - at + 1, "pick", Pick((_place(items[at]),)))
    return None


def _counts(items: list[Item], at: int) -> Found:
    """Make counts, and picks of all: "five product photos", "all photos", "every picture", "the new photos"."""
    if is_at(items, at, "each"):
        noun = _noun(items, at + 1, 1)
        return None if noun is None else one_of(items, at, noun - at + 1, "each", Pick(every=True))
    if is_at(items, at, "fresh"):
        noun = _noun(items, at + 1)
        return None if noun is None else one_of(items, at, noun - at + 1, "fresh", None)
    if is_at(items, at, "all") and not is_at(items, at, "each"):
        noun = _noun(items, at + 1)
        if noun is not None and is_at(items, at + 1, "fresh"):
            return None
        return None if noun is None else one_of(items, at, noun - at + 1, "every", Pick(every=True))
    if is_at(items, at, "number") and not is_at(items, at, "one"):
        noun = _noun(items, at + 1)
        if noun is not None and isinstance(items[at].value, float):
            return one_of(items, at, noun - at + 1, "count", int(_place(items[at])))
    return None
