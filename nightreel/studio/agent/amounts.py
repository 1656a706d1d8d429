"""Items that belong together, put together: numbers, times, spans of time, and which photos are meant. Pure."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from nightreel.studio.agent.items import Item

_MINUTE = 60.0
_LONGEST = 5
"""Minutes from which "9:00" is rather a time of day."""

_RATIOS = {"9:16", "16:9", "1:1", "4:5", "5:4", "3:4", "4:3", "2:3", "3:2", "21:9"}
_TENS = frozenset(range(20, 100, 10))
_UNITS = {"s": 1.0, "min": _MINUTE, "ms": 0.001}
_MOST_BETWEEN = 3
"""Words that may stand between a number and the noun that it counts."""

Found = tuple[int, Item] | None
"""How many items become one, and that one."""


@dataclass(frozen=True)
class Span:
    """From when to when, in seconds from the video's start; *last* counts the start from its end, negative."""

    start: float | None = None
    end: float | None = None
    whole: bool = False


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
    """Return *items* with what belongs together made one."""
    made = list(items)
    for rule in (_numbers, _swapped, _percents, _times, _spans, _picks, _counts):
        made = list(_rewritten(made, rule))
    return made


def is_stop(item: Item) -> bool:
    """Whether *item* is a word that says nothing by itself."""
    return "stop" in item


def _rewritten(items: list[Item], rule: Callable[[list[Item], int], Found]) -> Iterator[Item]:
    at = 0
    while at < len(items):
        found = rule(items, at)
        if found is None:
            yield items[at]
            at += 1
        else:
            yield found[1]
            at += found[0]


def _one(items: list[Item], at: int, count: int, kind: str, value: object) -> tuple[int, Item]:
    first, last = items[at], items[at + count - 1]
    text = " ".join(item.text for item in items[at : at + count])
    return count, replace(first, text=text, end=last.end, means={kind: ""}, value=value)


def _is(items: list[Item], at: int, *kinds: str) -> bool:
    return 0 <= at < len(items) and items[at].any(*kinds)


# ------------------------------------------------------------------ numbers and times


def _numbers(items: list[Item], at: int) -> Found:
    """Make numbers of words: "twenty five"."""
    item = items[at]
    if "num" not in item:
        return None
    value = float(item.means["num"])
    if value in _TENS and _is(items, at + 1, "num") and items[at + 1].text.lower() != "both":
        unit = float(items[at + 1].means["num"])
        if 0 < unit < 10:  # noqa: PLR2004
            return _one(items, at, 2, "number", value + unit)
    return 1, replace(item, means={**item.means, "number": ""}, value=value)


def _swapped(items: list[Item], at: int) -> Found:
    """Make "5 more seconds" of one piece: the word goes into the number's meanings."""
    if _is(items, at, "number") and _is(items, at + 1, "more", "less") and _is_time_unit(items, at + 2):
        return 2, replace(items[at], means={**items[at].means, **items[at + 1].means}, end=items[at + 1].end)
    return None


def _percents(items: list[Item], at: int) -> Found:
    """Make shares: "20 %", "百分之二十"."""
    if _is(items, at, "number") and _is(items, at + 1, "unit.percent"):
        return _one(items, at, 2, "share", _seconds(items[at]) / 100)
    if _is(items, at, "percent") and _is(items, at + 1, "number"):
        return _one(items, at, 2, "share", _seconds(items[at + 1]) / 100)
    return None


def _times(items: list[Item], at: int) -> Found:
    """Make times of numbers and units: "a minute and a half", "1 min 30", "半分钟", "0:45"."""
    item = items[at]
    if "clock" in item or ("ratio" in item and _is_clock(item)):
        return _one(items, at, 1, "time", _clock(item.text))
    found = _amount(items, at)
    if found is None:
        return None
    count, value, unit = found
    if unit == "min":
        more = at + count + (1 if _is(items, at + count, "and") else 0)
        rest = _amount(items, more)
        if rest is not None and rest[2] == "s":
            return _one(items, at, more - at + rest[0], "time", value + rest[1])
    whole = _one(items, at, count, "time", round(value, 3))
    kept = {kind: "x" for kind in ("more", "less") if kind in items[at]}
    return whole[0], replace(whole[1], means={**whole[1].means, **kept})


def _amount(items: list[Item], at: int) -> tuple[int, float, str] | None:
    """Return how many items from *at* are a number with its unit, the seconds and the unit."""
    if _is(items, at, "half"):
        unit = _past(items, at + 1, "one")
        return (
            (unit - at + 1, _UNITS[items[unit].means["unit"]] / 2, items[unit].means["unit"])
            if _is_time_unit(items, unit)
            else None
        )
    if _is(items, at, "number"):
        number = items[at].value
        number = number if isinstance(number, float) else 0.0
        unit = at + 1
        if _is(items, unit, "andhalf") or (_is(items, unit, "half") and _is_time_unit(items, unit + 1)):
            number, unit = number + 0.5, unit + 1
        elif _is(items, unit, "stop") and items[unit].text == "个":
            unit += 1
    elif _is(items, at, "one") and _is(items, at + 1, "unit.min"):
        number, unit = 1.0, at + 1
    else:
        return None
    if not _is_time_unit(items, unit):
        return None
    kind = items[unit].means["unit"]
    half = _is(items, unit + 1, "andhalf") or (_is(items, unit + 1, "half") and items[unit + 1].text == "半")
    return unit - at + 1 + half, (number + 0.5 * half) * _UNITS[kind], kind


def _past(items: list[Item], at: int, kind: str) -> int:
    return at + 1 if _is(items, at, kind) and not _is(items, at, "unit") else at


def _is_time_unit(items: list[Item], at: int) -> bool:
    return _is(items, at, "unit") and items[at].means["unit"] in _UNITS


def _is_clock(item: Item) -> bool:
    minutes, _, seconds = item.text.replace(" ", "").partition(":")
    return (
        re.fullmatch(r"\d+:\d\d", f"{minutes}:{seconds}") is not None
        and f"{minutes}:{seconds}" not in _RATIOS
        and int(seconds) < _MINUTE
        and int(minutes) < _LONGEST
    )


def _clock(text: str) -> float:
    parts = [float(part) for part in "".join(letter if letter.isdigit() else " " for letter in text).split()]
    return parts[0] * _MINUTE + parts[1]


# ------------------------------------------------------------------ spans of time


def _spans(items: list[Item], at: int) -> Found:
    """Make spans: "from 2 to 5 s", "the first three seconds", "after 2 seconds", "throughout"."""
    if _is(items, at, "throughout"):
        return _one(items, at, 1, "span", Span(whole=True))
    return _from_to(items, at) or _first_last(items, at) or _after(items, at)


def _from_to(items: list[Item], at: int) -> Found:
    start = at + 1 if _is(items, at, "from") else at
    named = _is(items, start, "nth", "unit.s") and not _is(items, start, "number")
    start += named
    if at != start and _is(items, start, "stop") and _is(items, start + 1, "edge.start"):
        start += 1
    if not _is(items, start, "time", "number") and not (at != start and _is(items, start, "edge.start")):
        return None
    to = start + 1
    to += 1 if _is(items, to, "unit.s") else 0
    if not (_is(items, to, "to") or (at != start and _is(items, to, "and"))):
        return None
    end = to + 1 + (1 if _is(items, to + 1, "nth") else 0)
    if _is(items, end, "time") or (named and items[start - 1].text.isascii() and _is(items, end, "number")):
        return _one(items, at, end - at + 1, "span", Span(_seconds(items[start]), _seconds(items[end])))
    if at != start and _is(items, end, "edge.end", "throughout") and _is(items, start, "time"):
        return _one(items, at, end - at + 1, "span", Span(_seconds(items[start]), None))
    return None


def _first_last(items: list[Item], at: int) -> Found:
    time = at + 1
    while _is(items, time, "stop") and not _is(items, time, "time"):
        time += 1
    if not _is(items, time, "time"):
        return None
    if _is(items, at, "ord.-1", "behind", "edge.end"):
        return _one(items, at, time - at + 1, "span", Span(-_seconds(items[time]), None))
    if _is(items, at, "ord.1", "ahead", "edge.start"):
        return _one(items, at, time - at + 1, "span", Span(0.0, _seconds(items[time])))
    return None


def _after(items: list[Item], at: int) -> Found:
    if _is(items, at, "afterwards") and _is(items, at + 1, "time"):
        return _one(items, at, 2, "span", Span(_seconds(items[at + 1]), None))
    if _is(items, at, "from") and _is(items, at + 1, "time") and not _is(items, at + 2, "to"):
        return _one(items, at, 2, "span", Span(_seconds(items[at + 1]), None))
    if _is(items, at, "time") and _is(items, at + 1, "afterwards") and not items[at + 1].text.isascii():
        return _one(items, at, 2, "span", Span(_seconds(items[at]), None))
    return None


def _seconds(item: Item) -> float:
    return item.value if isinstance(item.value, float) else 0.0


# ------------------------------------------------------------------ photos


def _picks(items: list[Item], at: int) -> Found:
    """Make picks: "the first two photos", "photos 1, 3 and 5", "第三张照片", "mug.jpg"."""
    if _is(items, at, "between") and _is(items, at + 1, "number") and _is(items, at + 2, "and"):
        places, end = _list(items, at + 1)
        if len(places) == 2 and not _is(items, end, "unit"):  # noqa: PLR2004 - between two of them
            found = _one(items, at + 1, end - at - 1, "pick", Pick(tuple(places)))
            return found[0] + 1, replace(found[1], means={"pick": "", "between": "x"})
    if "file" in items[at]:
        return _one(items, at, 1, "pick", Pick(names=(items[at].text,)))
    return _group(items, at) or _ordinals(items, at) or _numbered(items, at) or _chinese(items, at)


def _noun(items: list[Item], at: int, most: int = _MOST_BETWEEN) -> int | None:
    """Return the place of the noun "photo" that is spoken of from *at*, past stop words and unknown words."""
    for place in range(at, min(at + most + 1, len(items))):
        if _is(items, place, "topic.photo"):
            last = place
            while _is(items, last + 1, "topic.photo") and items[last + 1].text.lower() != "frames":
                last += 1
            return last
        if not items[place].any("stop", "word") or items[place].any("unit", "number"):
            return None
    return None


def _group(items: list[Item], at: int) -> Found:
    """Return "first two photos", "last 3 pictures", "前五张"."""
    if not (_is(items, at, "ord.1", "ord.-1", "ahead", "behind") and _is(items, at + 1, "number", "num")):
        return None
    noun = _noun(items, at + 2)
    count = items[at + 1].value
    if not isinstance(count, float) or not 1 <= count <= 100:  # noqa: PLR2004
        return None
    if noun is None:
        if not (_is_swap(items, at) or _is_choice(items, at)) or _is(items, at + 2, "unit", "change"):
            return None
        noun = at + 1
    first = _is(items, at, "ord.1", "ahead")
    places = range(1, int(count) + 1) if first else range(-int(count), 0)
    return _one(items, at, noun - at + 1, "pick", Pick(tuple(places)))


def _ordinals(items: list[Item], at: int) -> Found:
    """Return "the second photo", "the 2nd and 3rd photos", "the last one"."""
    places: list[int] = []
    end = at
    while True:
        here = _past_the(items, end) if places else end
        if _is(items, here, "ord") and items[here].text.isascii():
            value = items[here].value
            places.append(value if isinstance(value, int) else int(items[here].means["ord"]))
        elif _is(items, here, "middle"):
            places.append(0)
        else:
            break
        end = here + 1
        noun = _noun(items, end)
        if noun is not None and not _continues(items, noun + 1):
            return _one(items, at, noun - at + 1, "pick", Pick(tuple(places)))
        following = noun + 1 if noun is not None else end
        if not _is(items, following, "and", "or", "weak"):
            break
        end = following + 1
    last = end
    if not places:
        return None
    if _is(items, last, "num.1") or _is_moved(items, at) or (len(places) > 1 and last > at) or _is_swap(items, at):
        return _one(items, at, last - at + (1 if _is(items, last, "num.1") else 0), "pick", Pick(tuple(places)))
    return None


def _continues(items: list[Item], at: int) -> bool:
    """Whether another ordinal follows: "the second photo and the third photo"."""
    return (
        _is(items, at, "and")
        and _is(items, _past_the(items, at + 1), "ord")
        and _noun(items, _past_the(items, at + 1) + 1) is not None
    )


def _past_the(items: list[Item], at: int) -> int:
    while _is(items, at, "stop") and not _is(items, at, "ord"):
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
    if _is(items, at, "topic.photo"):
        start += 1
        start += 1 if _is(items, start, "hash") else 0
    elif _is(items, at, "hash"):
        start += 1
    else:
        return None
    if not _is(items, start, "number", "num") or _is(items, start + 1, "topic.photo"):
        return None
    places, end = _list(items, start)
    if _is(items, end, "stop") and items[end].text == "号":
        end += 1
    return _one(items, at, end - at, "pick", Pick(tuple(places)))


def _list(items: list[Item], at: int) -> tuple[list[int], int]:
    """Return the numbers of a list that begins at *at*, and where it ends."""
    places = [_place(items[at])]
    end = at + 1
    while _is(items, end, "and", "weak", "to", "or") and not _is(items, end, "strong"):
        following = end + 1
        if _is(items, end, "weak") and _is(items, following, "and"):
            following += 1
        while _is(items, following, "nth", "hash", "topic.photo", "stop") and not _is(items, following, "number"):
            following += 1
        if not _is(items, following, "number") or (
            _is(items, following + 1, "unit") and not _is(items, following + 1, "ord")
        ):
            break
        place = _place(items[following])
        places += range(places[-1] + 1, place + 1) if _is(items, end, "to") else [place]
        end = following + 1
    return places, end


def _place(item: Item) -> int:
    return int(item.value) if isinstance(item.value, float) else 0


def _chinese(items: list[Item], at: int) -> Found:
    """Return "第三张照片", "第1、3和5张", "第2到4张", "最后一张", "图3"."""
    if _is(items, at, "nth") and _is(items, at + 1, "number"):
        places, end = _list(items, at + 1)
        joined = list[int](places)
        while True:
            noun = _noun(items, end, 1)
            end = noun + 1 if noun is not None else end
            if not (_is(items, end, "and", "to") and _is(items, end + 1, "nth") and _is(items, end + 2, "number")):
                break
            more, end_ = _list(items, end + 2)
            joined += range(joined[-1] + 1, more[0] + 1) if _is(items, end, "to") else more
            end = end_
        if _is(items, at + 1, "number") and (noun is not None or _is_swap(items, at) or len(joined) > 1):
            return _one(items, at, end - at, "pick", Pick(tuple(joined)))
        return None
    if _is(items, at, "ord") and not items[at].text.isascii():
        noun = _noun(items, at + 1, 1)
        if noun is not None or items[at].text.endswith(("张", "幅")):
            end = noun + 1 if noun is not None else at + 1
            more = _chinese(items, end + 1) if _is(items, end, "and", "or") else None
            places = (int(items[at].means["ord"]),)
            if more is not None and isinstance(more[1].value, Pick):
                return _one(items, at, end + 1 + more[0] - at, "pick", Pick(places + more[1].value.places))
            return _one(items, at, end - at, "pick", Pick(places))
    if _is(items, at, "number") and _is(items, at + 1, "stop") and items[at + 1].text == "号":
        noun = _noun(items, at + 2, 1)
        return _one(items, at, (noun or at + 1) - at + 1, "pick", Pick((_place(items[at]),)))
    return None


def _counts(items: list[Item], at: int) -> Found:
    """Make counts, and picks of all: "five product photos", "all photos", "every picture", "the new photos"."""
    if _is(items, at, "each"):
        noun = _noun(items, at + 1, 1)
        return None if noun is None else _one(items, at, noun - at + 1, "each", Pick(every=True))
    if _is(items, at, "fresh"):
        noun = _noun(items, at + 1)
        return None if noun is None else _one(items, at, noun - at + 1, "fresh", None)
    if _is(items, at, "all") and not _is(items, at, "each"):
        noun = _noun(items, at + 1)
        if noun is not None and _is(items, at + 1, "fresh"):
            return None
        return None if noun is None else _one(items, at, noun - at + 1, "every", Pick(every=True))
    if _is(items, at, "number") and not _is(items, at, "one"):
        noun = _noun(items, at + 1)
        if noun is not None and isinstance(items[at].value, float):
            return _one(items, at, noun - at + 1, "count", int(_place(items[at])))
    return None
