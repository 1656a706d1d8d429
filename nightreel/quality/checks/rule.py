"""What a check is: a small function over the evidence, what was asked for, and a limit out of a preset."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import TypeAdapter

from nightreel.models import Value
from nightreel.quality.boxes import Packing
from nightreel.quality.media import AudioFacts, VideoFacts
from nightreel.quality.pictures import Pictures
from nightreel.quality.sound import Hearing

L = TypeVar("L")


class Text(Value):
    """A text that the video shall show from *start* to *end*, in seconds."""

    text: str
    start: float
    end: float


class Wanted(Value):
    """What was asked for; None of what nobody said.

    Attributes:
        canvas: width and height, in pixels.
        seconds: duration.
        seconds_off: by how much it may differ.
        sound: whether there shall be music.
        softer: it was asked to be soft: no loudness is too low, and none is mended.
        photos: files that the video shall show, normalised.
        texts: what it shall say.
    """

    canvas: tuple[int, int] | None = None
    seconds: float | None = None
    seconds_off: float = 0.25
    sound: bool | None = None
    softer: bool = False
    photos: tuple[Path, ...] = ()
    texts: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """All that is known of a file; *size* in bytes."""

    size: int
    packing: Packing
    video: VideoFacts
    audio: AudioFacts | None
    pictures: Pictures
    hearing: Hearing | None
    notes: dict[str, Any] = field(default_factory=dict[str, Any])
    """Measurements that several checks share."""


@dataclass(frozen=True)
class Verdict:
    """What a check found, and what was wanted, as people read them."""

    ok: bool
    found: str
    wanted: str


@dataclass(frozen=True)
class Rule(Generic[L]):
    """A check.

    Attributes:
        name: what it is called, in presets and reports.
        source: where its threshold comes from.
        mend: how it can be mended without paying: `remux`, `loudness`, `size`; "" where it cannot.
        limit: reads the preset's limit.
        look: judges; None where there is nothing to judge.
    """

    name: str
    source: str
    mend: str
    limit: TypeAdapter[L]
    look: Callable[[Evidence, Wanted, L], Verdict | None]


RULES: dict[str, Rule[Any]] = {}
"""All checks, by name, in the order in which they are shown."""


class Span(NamedTuple):
    """`[least, most]`; null for no limit."""

    least: float | None
    most: float | None


def rule(
    name: str, limit: type[L], source: str, *, mend: str = ""
) -> Callable[[Callable[[Evidence, Wanted, L], Verdict | None]], Callable[[Evidence, Wanted, L], Verdict | None]]:
    """Make a check of a function."""

    def made(
        look: Callable[[Evidence, Wanted, L], Verdict | None],
    ) -> Callable[[Evidence, Wanted, L], Verdict | None]:
        RULES[name] = Rule(name, source, mend, TypeAdapter(limit), look)
        return look

    return made


def within(value: float, span: Span, unit: str, digits: int = 1) -> Verdict:
    """Judge whether *value* lies in *span*."""
    least, most = span
    ok = (least is None or value >= least) and (most is None or value <= most)
    return Verdict(ok, f"{value:.{digits}f} {unit}".strip(), spanned(span, unit))


def spanned(span: Span, unit: str) -> str:
    """Return *span* in words: "3 to 60 s", "at most 500 MB"."""
    least, most = (None if edge is None else f"{edge:g}" for edge in span)
    if least is None:
        words = f"at most {most}" if most is not None else "any"
    else:
        words = f"at least {least}" if most is None else f"{least} to {most}" if least != most else least
    return f"{words} {unit}".strip()


def limits_of(preset: Mapping[str, Any]) -> dict[str, Any]:
    """Return a preset's limits, read by their checks.

    Raises:
        ValueError: there is no such check, or its limit makes no sense.
    """
    unknown = [name for name in preset if name not in RULES]
    if unknown:
        raise ValueError(f"there is no check {unknown[0]!r}")
    return {name: RULES[name].limit.validate_python(limit) for name, limit in preset.items()}
