"""One edit: a prompt, what was asked for before, and the photos that are there → the next cut and its drafts."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from nightreel.studio.agent.bench import Bench
from nightreel.studio.agent.changing import carry_out
from nightreel.studio.agent.cutting import Cut, Photo, build
from nightreel.studio.agent.reading import read_prompt
from nightreel.studio.agent.wishes import Arrange, Back, Reader, Reading
from nightreel.studio.draft import Draft

_HISTORY = 20
"""Changes that can be taken back."""

_KEPT = {"past", "future"}
Missed = tuple[tuple[str, dict[str, object]], ...]


@dataclass(frozen=True)
class Edit:
    """What an edit makes.

    Attributes:
        cut: what was asked for so far; None when nothing can be made.
        first: the draft when the stream ends.
        finished: the draft after the second stage.
        changed: fields of the cut that are new, in their order; all of them for a first cut.
        new: whether the whole timeline was made anew.
        before: what stood before.
        reading: what the prompt was taken to say.
        missed: what was understood and could not be done: sentences of the lexicon with their facts.
        back: changes that were taken back, negative for those made again.
        photos: how many the session has.
    """

    cut: Cut | None = None
    first: Draft | None = None
    finished: Draft | None = None
    changed: tuple[str, ...] = ()
    new: bool = False
    before: Cut | None = None
    reading: Reading = field(default_factory=Reading)
    missed: Missed = ()
    back: int = 0
    photos: int = 0


def edit(
    prompt: str,
    before: Cut | None,
    photos: Sequence[Photo],
    language: str,
    seed: int,
    sounds: Sequence[Photo] = (),
    *,
    read: Reader = read_prompt,
) -> Edit:
    """Carry *prompt* out.

    Args:
        prompt: what the user says.
        before: what was asked for so far, None for a first cut.
        photos: all photos and clips of the session, in order.
        language: of the session.
        seed: decides motions, transition lengths and music of a timeline that is made anew.
        sounds: its sound files, in order.
        read: understands the prompt.
    """
    reading = read(prompt, first=before is None)
    idle = Edit(cut=before, before=before, reading=reading, photos=len(photos))
    if not photos or not (reading.wishes or (reading.create if before is None else reading.anew)):
        return idle
    backs = [wish for wish in reading.wishes if isinstance(wish, Back)]
    if before is None and backs and len(backs) == len(reading.wishes):
        return idle
    new = before is None or reading.anew
    base = Cut(photos=tuple(photos), language=language, seed=seed) if before is None or reading.anew else before
    bench = Bench(base, photos, sounds, new=new)
    stepped, back = (before, 0) if before is None or new else _stepped(before, backs, bench)
    bench.cut = bench.cut if stepped is None or new else stepped
    for wish in reading.wishes:
        if not (new and isinstance(wish, Arrange) and wish.how in {"all", "add"}):
            carry_out(wish, bench)
    if reading.count and new and reading.count > len(photos):
        bench.miss("fewer_photos", asked=reading.count, count=len(photos))
    missed, cut = tuple(bench.missed), bench.cut
    changed = _differing(before, cut)
    if not changed:
        return Edit(cut=before, before=before, reading=reading, missed=missed, photos=len(photos))
    if stepped is not None and _differing(stepped, cut):
        cut = _remembered(cut, stepped)
    finished = build(cut)
    first = build(cut, second_stage=False) if before is None else finished
    return Edit(cut, first, finished, changed, new, before, reading, missed, back, len(photos))


def _differing(before: Cut | None, cut: Cut) -> tuple[str, ...]:
    """Return the fields that are new, the history aside."""
    names = [name for name in Cut.model_fields if name not in _KEPT]
    return tuple(name for name in names if before is None or getattr(cut, name) != getattr(before, name))


def _remembered(cut: Cut, before: Cut) -> Cut:
    """Return *cut* with *before* as what an undo brings back."""
    past = (*before.past, before.model_copy(update={"past": (), "future": ()}))
    return cut.model_copy(update={"past": past[-_HISTORY:], "future": ()})


def _stepped(before: Cut, backs: Sequence[Back], bench: Bench) -> tuple[Cut, int]:
    """Take changes back, or make them again; return the cut and by how many steps."""
    cut, steps = before, 0
    for wish in backs:
        there = len(cut.future if wish.again else cut.past)
        count = min(wish.times or there, there)
        if not count:
            bench.miss("no_redo" if wish.again else "no_undo")
        for _ in range(count):
            cut = _step(cut, again=wish.again)
        steps += -count if wish.again else count
    return cut, steps


def _step(cut: Cut, *, again: bool) -> Cut:
    bare = cut.model_copy(update={"past": (), "future": ()})
    if again:
        return cut.future[-1].model_copy(update={"past": (*cut.past, bare), "future": cut.future[:-1]})
    return cut.past[-1].model_copy(update={"past": cut.past[:-1], "future": (*cut.future, bare)})
