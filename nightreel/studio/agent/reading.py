"""Read a prompt: what it asks for, and nothing that it does not say."""

import re
from dataclasses import dataclass, field
from re import Match, Pattern
from typing import TypeVar

from nightreel.models import Format
from nightreel.studio.agent import words
from nightreel.studio.agent.numbers import Duration, read_duration, read_transition
from nightreel.studio.draft import Direction, TransitionKind

Said = TypeVar("Said")

_NEAR = 40
"""Characters within which two words belong together."""

_BESIDE = 14
"""Characters within which one word says what the other is."""

_SHORTEST_LEAD, _LONGEST_LEAD = 100, 3_000
"""Milliseconds that a transition may be asked to take."""

_PAIRS = {"“": "”", "「": "」", "『": "』", "«": "»", "《": "》", '"': '"'}
_AFTER_QUOTE = r"(?=\s*(?:$|[.,;:!?)\n。，；：！？）]|and\b|with\b|at\b|in\b|on\b|as\b|for\b|to\b|[\u4e00-\u9fff]))"
_QUOTED = re.compile(
    "|".join(
        rf"{opening}(?P<q{n}>(?:\\.|[^\\])*?){closing}" + (_AFTER_QUOTE if opening == '"' else "")
        for n, (opening, closing) in enumerate(_PAIRS.items())
    ),
    re.DOTALL,
)
_UNQUOTED = re.compile(
    r"(?:title|headline|subtitle|tagline|cta|caption|标题|副标题|字幕)\s*[:：]\s*(?P<text>[^\s\"“「][^\n.。;；]*)",
    re.IGNORECASE,
)
_RATIO = re.compile(r"(?<![\d.:])(\d{1,2})\s*[:：x×比]\s*(\d{1,2})(?![\d:])")
_PIXELS = re.compile(r"(?<!\d)(\d{3,4})\s*[x×*]\s*(\d{3,4})(?!\d)")
_RATIOS = {tuple(map(int, shape.value.split("x"))): shape for shape in Format}
_HOLE = "\N{SYMBOL FOR UNIT SEPARATOR}"
"""Stands for a quoted part that was taken out."""


@dataclass(frozen=True)
class Wish:
    """What a prompt asks for; None is what it does not mention.

    Attributes:
        create: whether it asks for a video anew.
        canvas: width and height in pixels.
        transitions: kinds, used in turn; (CUT,) for none.
        direction: which way they go.
        lead: milliseconds that each takes.
        music: a mood, "" for none, "any" where no mood is named.
        texts: role → text; "" takes it away.
        all_photos: whether it names all, or the new, photos.
        still: photos shall not move.
    """

    create: bool = False
    duration: Duration | None = None
    canvas: tuple[int, int] | None = None
    transitions: tuple[TransitionKind, ...] | None = None
    direction: Direction | None = None
    lead: int | None = None
    music: str | None = None
    texts: dict[str, str] = field(default_factory=dict[str, str])
    position: str | None = None
    all_photos: bool = False
    still: bool = False

    @property
    def understood(self) -> bool:
        """Whether it asks for anything at all."""
        return self != Wish()


def read_prompt(prompt: str) -> Wish:
    """Return what *prompt*, in English or Chinese, asks for."""
    texts, rest = _take_texts(prompt)
    rest = rest.lower()
    return Wish(
        create=bool(words.CREATE.search(rest)),
        duration=read_duration(rest),
        canvas=_canvas(rest),
        transitions=_transitions(rest),
        direction=_of_transitions(words.DIRECTIONS, rest),
        lead=_lead(rest),
        music=_music(rest),
        texts=_removed(rest) | texts,
        position=_first(words.POSITIONS, rest),
        all_photos=bool(words.ALL_PHOTOS.search(rest)),
        still=bool(words.STILL.search(rest)),
    )


def _take_texts(prompt: str) -> tuple[dict[str, str], str]:
    """Return the texts by role, and the prompt without them: a title "20 seconds" asks for no duration."""
    texts: dict[str, str] = {}
    rest, end = "", 0
    for match in _QUOTED.finditer(prompt):
        before = prompt[end : match.start()]
        text = next(group for group in match.groups() if group is not None)
        role = _role(before)
        if role is not None:
            texts[role] = _clean(text)
        rest += before + _HOLE
        end = match.end()
    rest += prompt[end:]
    for match in reversed(list(_UNQUOTED.finditer(rest))):
        role = _role(rest[: match.start("text")])
        if role is not None and _HOLE not in match["text"]:
            texts.setdefault(role, _clean(match["text"]))
            rest = rest[: match.start("text")] + _HOLE + rest[match.end("text") :]
    return texts, rest


def _role(before: str) -> str | None:
    """Return the role whose word stands last before a quote; words like "saying" make a title of it."""
    last: Match[str] | None = None
    chosen: str | None = None
    for pattern, role in words.ROLES:
        for match in pattern.finditer(before.lower()):
            if last is None or match.end() > last.end():
                last, chosen = match, role
    if chosen is not None:
        return chosen
    return "title" if words.SAYING.search(before.lower()[-_NEAR:]) else None


def _clean(text: str) -> str:
    return " ".join(text.replace('\\"', '"').split())[:500]


def _removed(text: str) -> dict[str, str]:
    """Return the roles that shall go, as empty texts."""
    if words.NO_TEXT.search(text):
        return {role: "" for _, role in words.ROLES}
    gone: dict[str, str] = {}
    for pattern, role in words.ROLES:
        noun = f"(?:{pattern.pattern})"
        first = rf"{words.REMOVE}(?:\w+ (?:and|or) (?:the )?)?{noun}|{words.REMOVE_ZH}{noun}"
        if re.search(f"{first}|{noun}(?:去掉|删除|删掉|移除)", text):
            gone[role] = ""
    return gone


def _canvas(text: str) -> tuple[int, int] | None:
    """Return the canvas: pixels before a ratio before a word; of several the last ("from 9:16 to 16:9")."""
    for match in reversed(list(_PIXELS.finditer(text))):
        width, height = int(match[1]) // 2 * 2, int(match[2]) // 2 * 2
        if min(width, height) >= 240 and max(width, height) <= 1920:  # noqa: PLR2004 - what the service renders
            return width, height
    for match in reversed(list(_RATIO.finditer(text))):
        if (shape := _RATIOS.get((int(match[1]), int(match[2])))) is not None:
            return shape.canvas
    found = [(match.end(), shape) for pattern, shape in words.FORMAT_WORDS for match in pattern.finditer(text)]
    return max(found)[1].canvas if found else None


def _transitions(text: str) -> tuple[TransitionKind, ...] | None:
    """Return the kinds that are named, in order; else what a style means ("smooth transitions")."""
    if words.NO_TRANSITIONS.search(text):
        return (TransitionKind.CUT,)
    named = [(match.start(), kind) for pattern, kind in words.TRANSITIONS for match in pattern.finditer(text)]
    named += _near_transitions(text, _BESIDE)
    if named:
        return tuple(dict.fromkeys(kind for _, kind in sorted(named)))
    styles = [(_distance(pattern, words.TRANSITION, text), kinds) for pattern, kinds in words.STYLES]
    distance, kinds = min(styles, key=lambda item: item[0])
    if distance <= _NEAR:
        return kinds
    return tuple(dict.fromkeys(kind for _, kind in sorted(_near_transitions(text, _NEAR)))) or None


def _near_transitions(text: str, most: int) -> list[tuple[int, TransitionKind]]:
    """Return the kinds that stand within *most* characters of the word "transition", and where."""
    found = [(match, kind) for pattern, kind in words.NEAR_TRANSITIONS for match in pattern.finditer(text)]
    spoken = list(words.TRANSITION.finditer(text))
    return [(match.start(), kind) for match, kind in found if any(_gap(match, other) <= most for other in spoken)]


def _of_transitions(table: tuple[tuple[Pattern[str], Said], ...], text: str) -> Said | None:
    """Return what is said right beside a transition."""
    places = [match.span() for match in words.TRANSITION.finditer(text)]
    places += [match.span() for pattern, _ in words.TRANSITIONS for match in pattern.finditer(text)]
    places += [(place, place) for place, _ in _near_transitions(text, _BESIDE)]
    found = [
        (max(match.start() - end, start - match.end(), 0), said)
        for pattern, said in table
        for match in pattern.finditer(text)
        for start, end in places
    ]
    distance, said = min(found, default=(_NEAR, None), key=lambda item: item[0])
    return said if distance <= _BESIDE else None


def _lead(text: str) -> int | None:
    """Return how many milliseconds a transition shall take: "0.8 second cross-fades", "quick wipes"."""
    if (asked := read_transition(text)) is not None:
        return min(max(round(asked * 1000), _SHORTEST_LEAD), _LONGEST_LEAD)
    return _of_transitions(words.PACES, text)


def _music(text: str) -> str | None:
    if words.NO_MUSIC.search(text):
        return ""
    spoken = bool(words.MUSIC.search(text))
    if not spoken:
        return _first(words.MOODS, text)
    near = [(_distance(pattern, words.MUSIC, text), mood) for pattern, mood in words.MOODS]
    distance, mood = min(near, key=lambda item: item[0])
    return mood if distance <= _NEAR else "any"


def _distance(one: Pattern[str], other: Pattern[str], text: str) -> int:
    """Return how many characters stand between the closest matches of both; many where there are none."""
    return min((_gap(a, b) for a in one.finditer(text) for b in other.finditer(text)), default=_NEAR + 1)


def _gap(one: Match[str], other: Match[str]) -> int:
    return max(one.start() - other.end(), other.start() - one.end(), 0)


def _first(table: tuple[tuple[Pattern[str], str], ...], text: str) -> str | None:
    return next((meaning for pattern, meaning in table if pattern.search(text)), None)
