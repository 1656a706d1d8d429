"""One edit: a prompt, what was asked for before, and the photos that are there → the next cut and its drafts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nightreel.studio.agent.cutting import LONGEST, SHORTEST, Cut, Photo, build
from nightreel.studio.agent.numbers import Duration
from nightreel.studio.agent.reading import Wish, read_prompt
from nightreel.studio.agent.words import DEFAULT_MOOD
from nightreel.studio.draft import Draft


@dataclass(frozen=True)
class Edit:
    """What an edit makes.

    Attributes:
        cut: what was asked for so far; None when nothing can be made.
        first: the draft when the stream ends.
        finished: the draft after the second stage.
        changed: fields of the cut that are new, in their order; all of them for a first cut.
        new: whether the whole timeline was made anew.
    """

    cut: Cut | None = None
    first: Draft | None = None
    finished: Draft | None = None
    changed: tuple[str, ...] = ()
    new: bool = False


def edit(prompt: str, before: Cut | None, photos: Sequence[Photo], language: str, seed: int) -> Edit:
    """Carry *prompt* out.

    Args:
        prompt: what the user says.
        before: what was asked for so far, None for a first cut.
        photos: all photos of the session, in order.
        language: of the session.
        seed: decides motions, transition lengths and music of a timeline that is made anew.
    """
    wish = read_prompt(prompt)
    if not photos or (before is not None and not wish.understood):
        return Edit(cut=before)
    new = before is None or wish.create
    base = Cut(photos=tuple(photos), language=language, seed=seed) if before is None or wish.create else before
    cut = _apply(wish, base, photos)
    changed = tuple(
        name for name in Cut.model_fields if before is None or getattr(cut, name) != getattr(before, name)
    )
    finished = build(cut)
    return Edit(cut, build(cut, second_stage=False) if before is None else finished, finished, changed, new)


def _apply(wish: Wish, base: Cut, photos: Sequence[Photo]) -> Cut:
    used = tuple(photos) if wish.all_photos else base.photos
    update: dict[str, Any] = {"photos": used, "seconds": _seconds(wish.duration, base.seconds, len(used))}
    if wish.canvas is not None:
        update["canvas"] = wish.canvas
    for name in ("transitions", "direction", "lead"):
        if (asked := getattr(wish, name)) is not None:
            update[name] = asked
    if wish.music is not None:
        update["music"] = (base.music or DEFAULT_MOOD) if wish.music == "any" else wish.music
    if wish.position is not None:
        update["position"] = wish.position
    if wish.still:
        update["still"] = True
    update["texts"] = {role: text for role, text in (base.texts | wish.texts).items() if text}
    return base.model_copy(update=update)


def _seconds(asked: Duration | None, now: float, photos: int) -> float:
    """Return the length of the whole video, within what can be made."""
    if asked is None:
        return now
    whole = {"each": asked.seconds * photos, "change": now + asked.seconds}.get(asked.kind, asked.seconds)
    return round(min(LONGEST, max(SHORTEST, whole)), 3)
