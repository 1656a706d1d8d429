"""Prompts with what they must give, as text; and how many of them the agent gets right.

A line is `prompt => facts`, facts parted by `;`. A heading `# first 5` begins prompts for a first cut of five photos,
`# edit 4 PROMPT | PROMPT` prompts on the timeline that these make of four photos; `# first+song`, `# edit+song` give
the session a sound file. Facts are what differs from that timeline (of a first cut: from a plain one): `seconds 20`,
`order 2 1 3 4`, `length@2 4.5`, `title Summer Sale`, `title@ top 0-3`; `-` after a name takes it away.
`-` alone: nothing changes. `?word`: it says that it did not understand that; `!voice`: that it cannot do it. Other
lines that begin with `#` and a space say nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from nightreel.studio.agent.cutting import Cut, Photo
from nightreel.studio.agent.editing import Edit, edit
from nightreel.studio.agent.lettering import Text

Facts = dict[str, str]


class Mark(StrEnum):
    """How well a prompt was understood."""

    FULLY = "fully"
    PARTLY = "partly"
    REFUSED = "refused"
    WRONG = "wrong"


@dataclass(frozen=True)
class Case:
    """A prompt, what it is said on, and what it must give."""

    prompt: str
    base: tuple[str, ...]
    photos: int
    song: bool
    facts: Facts
    unknown: tuple[str, ...] = ()
    unable: tuple[str, ...] = ()

    @property
    def first(self) -> bool:
        """Whether nothing stands yet."""
        return not self.base


@dataclass(frozen=True)
class Scored:
    """A case, what came of it and its mark."""

    case: Case
    got: Facts
    edit: Edit
    mark: Mark


def read_corpus(text: str) -> Iterator[Case]:
    """Yield the cases of a corpus.

    Raises:
        ValueError: a line is none of those that there are; names it.
    """
    kind, count, base = "first", 4, ""
    for number, line in enumerate(text.splitlines(), 1):
        said = line.strip()
        if said.startswith(("# first", "# edit")):
            _, kind, many, base = [*said.split(" ", 3), ""][:4]
            count = int(many)
        elif said and not said.startswith("# "):
            prompt, arrow, facts = said.rpartition(" => ")
            if not arrow:
                raise ValueError(f'line {number}: "{said}" has no " => "')
            prompts = tuple(base.split(" | ")) if kind.startswith("edit") else ()
            yield _case(prompt.replace("\\n", "\n"), prompts, count, facts, song=kind.endswith("+song"))


def _case(prompt: str, base: tuple[str, ...], photos: int, said: str, *, song: bool) -> Case:
    parts = [part.strip() for part in said.split(";") if part.strip() not in {"", "-"}]
    facts = [part for part in parts if part[0] not in "?!"]
    return Case(
        prompt,
        base,
        photos,
        song,
        {name: value for name, _, value in (part.partition(" ") for part in facts)},
        tuple(part[1:] for part in parts if part[0] == "?"),
        tuple(part[1:] for part in parts if part[0] == "!"),
    )


def photos_of(count: int) -> tuple[Photo, ...]:
    """Return *count* photos to try prompts on; their names are "1.jpg", "2.jpg" and so on."""
    return tuple(Photo(asset=str(number), name=f"{number}.jpg") for number in range(1, count + 1))


SOUND = Photo(asset="song", name="song.mp3", seconds=60.0)
"""A sound file to try prompts with."""


def score(case: Case) -> Scored:
    """Try a prompt and mark what comes of it."""
    photos, sounds = photos_of(case.photos), [SOUND] if case.song else []
    before: Cut | None = None
    for prompt in case.base:
        before = edit(prompt, before, photos, "en", 1, sounds).cut
    made = edit(case.prompt, before, photos, "en", 2, sounds)
    got = facts_between(before or Cut(photos=photos, seed=2), made.cut) if made.cut is not None else {"made": "-"}
    return Scored(case, got, made, _mark(case, got, made))


def _mark(case: Case, got: Facts, made: Edit) -> Mark:
    said = " | ".join([*made.reading.unknown, *(text for _, text in made.reading.unclear)]).lower()
    told = all(
        word.lower() in said or word in {key for key, _ in made.missed} | {key for key, _ in made.reading.unclear}
        for word in case.unknown
    )
    told = told and set(case.unable) == set(made.reading.unable)
    if got == case.facts:
        extra = bool(said) and not case.unknown
        return Mark.FULLY if told and not extra else Mark.PARTLY
    if any(case.facts.get(name) != value for name, value in got.items() if name != "made"):
        return Mark.WRONG
    return Mark.PARTLY if got and "made" not in got else Mark.REFUSED


def score_all(cases: Iterable[Case]) -> list[Scored]:
    """Try all prompts."""
    return [score(case) for case in cases]


def facts_between(before: Cut, after: Cut) -> Facts:
    """Return what differs, in the corpus's words."""
    one, other = facts_of(before), facts_of(after)
    return {name: other.get(name, "-") for name in sorted(one | other) if one.get(name) != other.get(name)}


def facts_of(cut: Cut) -> Facts:
    """Return a cut in the corpus's words."""
    numbers = {photo.asset: photo.asset for photo in cut.photos}
    facts = {
        "seconds": f"{cut.seconds:g}",
        "each": "-" if cut.each is None else f"{cut.each:g}",
        "size": f"{cut.canvas[0]}x{cut.canvas[1]}",
        "order": " ".join(photo.asset for photo in cut.photos),
        "transitions": " ".join(cut.transitions),
        "way": cut.direction.value,
        "lead": str(cut.lead or "-"),
        "motion": " ".join(cut.motions) or "-",
        "music": cut.track_name or cut.music or "none",
        "volume": "-" if cut.volume is None else f"{cut.volume:g}",
        "clips": f"{cut.clips:g}",
        "style": cut.style.value,
        "colors": " ".join(cut.colors) or "-",
        "font": cut.font or "-",
        "language": cut.language,
    }
    for photo in cut.photos:
        own = {
            "length": photo.length and f"{photo.length / 1000:g}",
            "motion": photo.motion,
            "into": photo.transition,
        }
        facts |= {f"{name}@{numbers[photo.asset]}": str(value) for name, value in own.items() if value}
    return facts | _texts(cut.texts)


def _texts(texts: Iterable[Text]) -> Facts:
    facts: Facts = {}
    for text in texts:
        name = text.role.value
        facts[name] = f"{facts[name]} / {text.text}" if name in facts else text.text
        if text.old:
            facts["old"] = text.old
        if where := " ".join(part for part in (text.position or "", _when(text)) if part):
            facts[f"{name}@"] = where
    return facts


def _when(text: Text) -> str:
    """Return when a text is seen: "2-5", "-3-", "for 3", "whole", or nothing."""
    if text.whole:
        return "whole"
    if text.lasts is not None:
        return f"for {text.lasts / 1000:g}"
    if text.start is None and text.end is None:
        return ""
    return "-".join("" if edge is None else f"{edge / 1000:g}" for edge in (text.start, text.end))
