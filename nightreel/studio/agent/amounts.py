"""Items that belong together, put together: numbers, shares, times and spans of time. Pure."""

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
Found = tuple[int, Item] | None
"""How many items become one, and that one."""


@dataclass(frozen=True)
class Span:
    """From when to when, in seconds from the video's start; *last* counts the start from its end, negative."""

    start: float | None = None
    end: float | None = None
    whole: bool = False


def read_amounts(items: Sequence[Item]) -> list[Item]:
    """Return *items* with numbers, shares, times and spans of time each made one."""
    made = list(items)
    for rule in (_numbers, _swapped, _percents, _times, _spans):
        made = list(rewritten(made, rule))
    return made


def is_stop(item: Item) -> bool:
    """Whether *item* is a word that says nothing by itself."""
    return "stop" in item


def rewritten(items: list[Item], rule: Callable[[list[Item], int], Found]) -> Iterator[Item]:
    """Yield *items*, and where *rule* finds several that are one, that one."""
    at = 0
    while at < len(items):
        found = rule(items, at)
        if found is None:
            yield items[at]
            at += 1
        else:
            yield found[1]
            at += found[0]


def one_of(items: list[Item], at: int, count: int, kind: str, value: object) -> tuple[int, Item]:
    """Return how many items from *at* become one, and that one, which means *kind* alone."""
    first, last = items[at], items[at + count - 1]
    text = " ".join(item.text for item in items[at : at + count])
    return count, replace(first, text=text, end=last.end, means={kind: ""}, value=value)


def is_at(items: list[Item], at: int, *kinds: str) -> bool:
    """Whether there is an item at *at* with one of these meanings."""
    return 0 <= at < len(items) and items[at].any(*kinds)


# ------------------------------------------------------------------ numbers and times


def _numbers(items: list[Item], at: int) -> Found:
    """Make numbers of words: "twenty five"."""
    item = items[at]
    if "num" not in item:
        return None
    value = float(item.means["num"])
    if value in _TENS and is_at(items, at + 1, "num") and items[at + 1].text.lower() != "both":
        unit = float(items[at + 1].means["num"])
        if 0 < unit < 10:  # noqa: PLR2004
            return one_of(items, at, 2, "number", value + unit)
    return 1, replace(item, means={**item.means, "number": ""}, value=value)


def _swapped(items: list[Item], at: int) -> Found:
    """Make "5 more seconds" of one piece: the word goes into the number's meanings."""
    if is_at(items, at, "number") and is_at(items, at + 1, "more", "less") and _is_time_unit(items, at + 2):
        return 2, replace(items[at], means={**items[at].means, **items[at + 1].means}, end=items[at + 1].end)
    return None


def _percents(items: list[Item], at: int) -> Found:
    """Make shares: "20 %", "百分之二十"."""
    if is_at(items, at, "number") and is_at(items, at + 1, "unit.percent"):
        return one_of(items, at, 2, "share", _seconds(items[at]) / 100)
    if is_at(items, at, "percent") and is_at(items, at + 1, "number"):
        return one_of(items, at, 2, "share", _seconds(items[at + 1]) / 100)
    return None


def _times(items: list[Item], at: int) -> Found:
    """Make times of numbers and units: "a minute and a half", "1 min 30", "半分钟", "0:45"."""
    item = items[at]
    if "clock" in item or ("ratio" in item and _is_clock(item)):
        return one_of(items, at, 1, "time", _clock(item.text))
    found = _amount(items, at)
    if found is None:
        return None
    count, value, unit = found
    if unit == "min":
        more = at + count + (1 if is_at(items, at + count, "and") else 0)
        rest = _amount(items, more)
        if rest is not None and rest[2] == "s":
            return one_of(items, at, more - at + rest[0], "time", value + rest[1])
    whole = one_of(items, at, count, "time", round(value, 3))
    kept = {kind: "x" for kind in ("more", "less") if kind in items[at]}
    return whole[0], replace(whole[1], means={**whole[1].means, **kept})


def _amount(items: list[Item], at: int) -> tuple[int, float, str] | None:
    """Return how many items from *at* are a number with its unit, the seconds and the unit."""
    if is_at(items, at, "half"):
        unit = _past(items, at + 1, "one")
        return (
            (unit - at + 1, _UNITS[items[unit].means["unit"]] / 2, items[unit].means["unit"])
            if _is_time_unit(items, unit)
            else None
        )
    if is_at(items, at, "number"):
        number = items[at].value
        number = number if isinstance(number, float) else 0.0
        unit = at + 1
        if is_at(items, unit, "andhalf") or (is_at(items, unit, "half") and _is_time_unit(items, unit + 1)):
            number, unit = number + 0.5, unit + 1
        elif is_at(items, unit, "stop") and items[unit].text == "个":
            unit += 1
    elif is_at(items, at, "one") and is_at(items, at + 1, "unit.min"):
        number, unit = 1.0, at + 1
    else:
        return None
    if not _is_time_unit(items, unit):
        return None
    kind = items[unit].means["unit"]
    half = is_at(items, unit + 1, "andhalf") or (is_at(items, unit + 1, "half") and items[unit + 1].text == "半")
    return unit - at + 1 + half, (number + 0.5 * half) * _UNITS[kind], kind


def _past(items: list[Item], at: int, kind: str) -> int:
    return at + 1 if is_at(items, at, kind) and not is_at(items, at, "unit") else at


def _is_time_unit(items: list[Item], at: int) -> bool:
    return is_at(items, at, "unit") and items[at].means["unit"] in _UNITS


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
    if is_at(items, at, "throughout"):
        return one_of(items, at, 1, "span", Span(whole=True))
    return _from_to(items, at) or _first_last(items, at) or _after(items, at)


def _from_to(items: list[Item], at: int) -> Found:
    start = at + 1 if is_at(items, at, "from") else at
    named = is_at(items, start, "nth", "unit.s") and not is_at(items, start, "number")
    start += named
    if at != start and is_at(items, start, "stop") and is_at(items, start + 1, "edge.start"):
        start += 1
    if not is_at(items, start, "time", "number") and not (at != start and is_at(items, start, "edge.start")):
        return None
    to = start + 1
    to += 1 if is_at(items, to, "unit.s") else 0
    if not (is_at(items, to, "to") or (at != start and is_at(items, to, "and"))):
        return None
    end = to + 1 + (1 if is_at(items, to + 1, "nth") else 0)
    if is_at(items, end, "time") or (named and items[start - 1].text.isascii() and is_at(items, end, "number")):
        return one_of(items, at, end - at + 1, "span", Span(_seconds(items[start]), _seconds(items[end])))
    if at != start and is_at(items, end, "edge.end", "throughout") and is_at(items, start, "time"):
        return one_of(items, at, end - at + 1, "span", Span(_seconds(items[start]), None))
    return None


def _first_last(items: list[Item], at: int) -> Found:
    time = at + 1
    while is_at(items, time, "stop") and not is_at(items, time, "time"):
        time += 1
    if not is_at(items, time, "time"):
        return None
    if is_at(items, at, "ord.-1") and is_at(items, at - 1, "role"):
        return None  # "make the title last 4 seconds"
    if is_at(items, at, "ord.-1", "behind", "edge.end"):
        return one_of(items, at, time - at + 1, "span", Span(-_seconds(items[time]), None))
    if is_at(items, at, "ord.1", "ahead", "edge.start"):
        return one_of(items, at, time - at + 1, "span", Span(0.0, _seconds(items[time])))
    return None


def _after(items: list[Item], at: int) -> Found:
    if is_at(items, at, "afterwards") and is_at(items, at + 1, "time"):
        return one_of(items, at, 2, "span", Span(_seconds(items[at + 1]), None))
    if is_at(items, at, "from") and is_at(items, at + 1, "time") and not is_at(items, at + 2, "to"):
        return one_of(items, at, 2, "span", Span(_seconds(items[at + 1]), None))
    if is_at(items, at, "time") and is_at(items, at + 1, "afterwards") and not items[at + 1].text.isascii():
        return one_of(items, at, 2, "span", Span(_seconds(items[at]), None))
    return None


def _seconds(item: Item) -> float:
    return item.value if isinstance(item.value, float) else 0.0
