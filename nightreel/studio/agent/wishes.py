"""What a prompt may ask for: each wish changes one thing of a cut. Values only; `changing.py` carries them out."""

from dataclasses import dataclass
from typing import Literal, Protocol

from nightreel.studio.agent.picks import Pick
from nightreel.studio.draft import Direction, Motion, Position, Role, Style, TransitionKind

_NONE = Pick()
How = Literal["set", "each", "add", "times", "most", "least"]


@dataclass(frozen=True)
class Length:
    """How long the video, each photo or some photos are.

    Attributes:
        amount: seconds; with "times" a factor.
        how: what is done with it: seconds to have, of each photo, to add, at most, at least.
        photos: which; None for the video.
    """

    amount: float
    how: How = "set"
    photos: Pick | None = None


@dataclass(frozen=True)
class Pace:
    """Cuts follow each other faster (a factor under 1 on the photos' lengths) or slower.

    Attributes:
        lengths: whether the photos' lengths change, too; not where the video's is named.
    """

    factor: float
    lengths: bool = True


@dataclass(frozen=True)
class Canvas:
    """The picture's size in pixels, its aspect (width, height), or its shorter side."""

    size: tuple[int, int] | None = None
    side: int | None = None


@dataclass(frozen=True)
class Transitions:
    """How photos give way; None leaves as it is, *some* turns them on where there are none."""

    kinds: tuple[TransitionKind, ...] | None = None
    direction: Direction | None = None
    lead: int | None = None
    into: Pick | None = None
    some: bool = False


@dataclass(frozen=True)
class Motions:
    """How photos move, in turn; none named lets them move as they are given to."""

    kinds: tuple[Motion, ...] = ()
    photos: Pick | None = None


@dataclass(frozen=True)
class Music:
    """A mood, "" for no music, "any" for some; or a file of the session, by its name or "" for the first."""

    mood: str = "any"
    file: str | None = None


@dataclass(frozen=True)
class Volume:
    """How loud: 0..1, or a factor on what it is; of the music or of the clips' own sound."""

    amount: float
    relative: bool = False
    clips: bool = False


@dataclass(frozen=True)
class When:
    """When a text is seen, in seconds; a negative start counts from the end; *lasts* counts from its start."""

    start: float | None = None
    end: float | None = None
    lasts: float | None = None
    whole: bool = False


@dataclass(frozen=True)
class Write:
    """Texts of one role, in place of those that it has; several follow each other."""

    role: Role
    texts: tuple[str, ...]
    old: str = ""
    position: Position | None = None
    when: When | None = None


@dataclass(frozen=True)
class Erase:
    """Takes texts away: of these roles, or with these words."""

    roles: tuple[Role, ...] = ()
    text: str = ""


@dataclass(frozen=True)
class Rewrite:
    """Puts one text in the place of another that stands."""

    text: str
    new: str


@dataclass(frozen=True)
class Place:
    """Where and when standing texts are seen; of no role, all are meant."""

    role: Role | None = None
    position: Position | None = None
    when: When | None = None


@dataclass(frozen=True)
class Design:
    """Looks of the texts; None leaves as it is."""

    style: Style | None = None
    colors: tuple[str, ...] | None = None
    font: str | None = None


@dataclass(frozen=True)
class Arrange:
    """Photos' order and which are used.

    Attributes:
        how: swap the first two of *photos* · reverse · shuffle · as uploaded · move *photos* to place *to* (negative
            from the end), or before or after *by* · remove · only these · add these · all of the session ·
            these first, in this order.
    """

    how: Literal["swap", "reverse", "shuffle", "uploaded", "move", "remove", "only", "add", "all", "order"]
    photos: Pick = _NONE
    to: int = 1
    by: Pick | None = None
    after: bool = False


@dataclass(frozen=True)
class Speak:
    """The language of the texts, BCP 47."""

    language: str


@dataclass(frozen=True)
class Back:
    """Take changes back, or with *again* make them again; 0 for all."""

    times: int = 1
    again: bool = False


Wish = (
    Length
    | Pace
    | Canvas
    | Transitions
    | Motions
    | Music
    | Volume
    | Write
    | Erase
    | Place
    | Rewrite
    | Design
    | Arrange
    | Speak
    | Back
)


@dataclass(frozen=True)
class Reading:
    """What a prompt says.

    Attributes:
        wishes: in the order in which they are carried out.
        create: whether a video is asked for anew; *anew* even where one stands.
        count: how many photos it speaks of, as "five product photos" does; 0 if it does not say.
        unknown: parts that are not understood, in its own words.
        unable: what is understood and cannot be done: names of `unable` in the lexicons.
        unclear: sentences of the lexicon with their facts, for what lacks something.
        talk: what kind of chatter it is: "thanks", "question"…; "" if none.
    """

    wishes: tuple[Wish, ...] = ()
    create: bool = False
    anew: bool = False
    count: int = 0
    unknown: tuple[str, ...] = ()
    unable: tuple[str, ...] = ()
    unclear: tuple[tuple[str, str], ...] = ()
    talk: str = ""


class Reader(Protocol):
    """Reads prompts. The studio's own is a grammar; a language model would stand behind the same."""

    def __call__(self, prompt: str, *, first: bool) -> Reading:
        """Return what *prompt* says; *first* where nothing stands on the timeline yet."""
        ...
