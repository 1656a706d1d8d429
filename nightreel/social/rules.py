"""The rules of what is posted when: `social.yaml`, beside the catalog.

::

    seed: spring                  # another word deals anew
    window: 30                    # days within which no product comes twice while there are others
    timezone: Europe/Berlin       # whose days and hours are meant
    slots:
      - days: [mon, wed, fri]
        time: "09:00"
        platforms: [tiktok, reels]
        count: 2
        pick: [new, sale, turn]   # new arrivals first, then what is on sale, then the others in turn
        tags: [gift]              # only products with one of these words
        weights: {sale: 3}        # three times as likely
"""

import datetime as dt
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from nightreel.catalog.words import near
from nightreel.errors import ConfigurationError
from nightreel.models import Format, Platform, Value
from nightreel.platforms import MANNERS
from nightreel.social.reading import read

RULES_FILE = "social.yaml"
MAX_RULES_BYTES = 256 * 1024

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAYS = tuple(day[:3] for day in WEEK)


class Kind(StrEnum):
    """Which products a slot takes, and in which order."""

    TURN = "turn"
    """Those that were shown longest ago first: each has its day before any has two."""
    NEW = "new"
    """Those that came into the catalog lately."""
    SALE = "sale"
    """Those that are on sale at that hour."""
    ANY = "any"
    """By lot."""


def _several(value: Any) -> Any:  # noqa: ANN401 - whatever the file says
    """Let one value stand where several may."""
    return [value] if isinstance(value, str) else value


def _known(what: str, words: tuple[str, ...]) -> Callable[[Any], str]:
    """Return a check of a word, whatever its case, against those that are known."""

    def check(word: Any) -> str:  # noqa: ANN401 - whatever the file says
        if str(word).lower() in words:
            return str(word).lower()
        hint = near(str(word), words) or f"There are {', '.join(words)}."
        raise ValueError(f'There is no {what} "{word}". {hint}')

    return check


def _day(word: Any) -> str:  # noqa: ANN401 - whatever the file says
    """Read a day of the week: its name, or the first letters of it."""
    short = str(word).lower()
    named = [day for day in WEEK if len(short) >= len("mon") and day.startswith(short)]
    return _known("day", DAYS)(named[0][:3] if named else word)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'There is no time zone "{name}". Write one such as Europe/Berlin.') from None
    return name


Words = Annotated[tuple[str, ...], BeforeValidator(_several)]
Day = Annotated[str, BeforeValidator(_day)]
Where = Annotated[Platform, BeforeValidator(_known("platform", tuple(Platform)))]


def format_of(platform: Platform) -> Format:
    """Return the format that *platform* shows best."""
    return MANNERS[platform].formats[0]


class Slot(Value):
    """A time at which something is posted.

    Attributes:
        name: what the plan calls it; its time, if it has none.
        days: of the week.
        time: of day, in the rules' time zone.
        platforms: presets; the formats follow from them.
        count: products.
        pick: which products, in the order of preference.
        tags, categories: only products with one of these words among their tags and labels, or their categories.
        without: no product with one of these words in either.
        stock: only products that can be had.
        weights: how many times as likely `new`, `sale` or a word makes a product.
        prompt: a template over the brief's.
    """

    name: Annotated[str, Field(max_length=40)] = ""
    days: Annotated[tuple[Day, ...], BeforeValidator(_several), Field(min_length=1)] = DAYS
    time: dt.time = dt.time(9)
    platforms: Annotated[tuple[Where, ...], BeforeValidator(_several), Field(min_length=1)] = (Platform.REELS,)
    count: Annotated[int, Field(ge=1, le=100)] = 1
    pick: Annotated[tuple[Kind, ...], BeforeValidator(_several), Field(min_length=1)] = (Kind.TURN,)
    tags: Words = ()
    categories: Words = ()
    without: Words = ()
    stock: bool = True
    weights: Mapping[str, Annotated[int, Field(ge=1, le=100)]] = {}
    prompt: Annotated[str, Field(max_length=10_000)] = ""

    @property
    def formats(self) -> tuple[Format, ...]:
        """What its platforms show."""
        return tuple(dict.fromkeys(format_of(platform) for platform in self.platforms))

    def on(self, day: dt.date) -> bool:
        """Whether it is a day of the slot."""
        return DAYS[day.weekday()] in self.days


class Rules(Value):
    """What is posted when.

    Attributes:
        seed: of the lot: the same seed, day and past give the same pick.
        window: days within which no product comes twice while there are others.
        new_for: days for which a product is new, after it was first seen in the catalog.
        timezone: whose days and hours are meant.
    """

    seed: str = ""
    window: Annotated[int, Field(ge=0, le=3650)] = 30
    new_for: Annotated[int, Field(ge=1, le=3650)] = 14
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    slots: Annotated[tuple[Slot, ...], Field(min_length=1, max_length=50)] = (Slot(name="daily", count=2),)

    @model_validator(mode="after")
    def _named(self) -> "Rules":
        """Give each slot a name of its own."""
        names = [slot.name or f"{slot.time:%H:%M}" for slot in self.slots]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"Two slots are called {twice}. Give each a `name:`")
        slots = tuple(slot.model_copy(update={"name": name}) for slot, name in zip(self.slots, names, strict=True))
        object.__setattr__(self, "slots", slots)  # before anybody has seen it
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.timezone)

    def moment(self, day: dt.date, slot: Slot) -> dt.datetime:
        """Return when *slot* is, on *day*."""
        return dt.datetime.combine(day, slot.time, self.zone)


def parse_rules(text: str, name: str = RULES_FILE) -> Rules:
    """Read rules.

    Raises:
        ConfigurationError: with file, line and key, and with the key that was probably meant.
    """
    return read(text, name, Rules, {"slots": Slot})


def read_rules(path: Path | None, name: str = "") -> Rules:
    """Read the rules in *path*; where there are none, two products a day come in turn.

    Raises:
        ConfigurationError: they cannot be read, or say something impossible.
    """
    if path is None or not path.is_file():
        return Rules()
    name = name or path.name
    try:
        if path.stat().st_size > MAX_RULES_BYTES:
            raise ConfigurationError(f"{name} is over {MAX_RULES_BYTES // 1024} KB: no rules are that long.")
        return parse_rules(path.read_text("utf-8-sig"), name)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{name} cannot be read: {error}.", hint="Rules are a text file in UTF-8.") from None
