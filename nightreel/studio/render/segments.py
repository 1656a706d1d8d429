"""A video's segments: each one closed group of pictures, named by a key of all that decides its pixels.

What a frame shows hangs on the shots that are on, the photos' contents, the stage that titles leave to those shots,
and the titles in it. Whatever else changes in a draft, a segment stays the same to the bit, and is not made again.
Each shot begins a segment, and is counted from there: one that is cut shorter or taken out moves what comes after it,
and that is not made anew either, unless a title comes or goes in it elsewhere than before.
"""

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from nightreel.errors import AssetUnusable
from nightreel.studio.draft import Draft
from nightreel.studio.render.encoder import Coding, group_of
from nightreel.studio.render.keys import key_of, renderer
from nightreel.studio.render.plan import FramePlan
from nightreel.studio.render.titles import Titles


@dataclass(frozen=True, slots=True)
class Segment:
    """Frames *first* to before *end*, and the key of what they show and how they are encoded."""

    key: str
    first: int
    end: int


def cut(draft: Draft, plan: FramePlan, titles: Titles, digests: Mapping[str, str], coding: Coding) -> list[Segment]:
    """Cut *plan* into segments; *digests* are of the assets' contents, by their ids."""
    common = [renderer(), draft.m.width, draft.m.height, plan.fps, asdict(coding)]
    segments: list[Segment] = []
    for first, end in pairwise(borders(plan)):
        shots, looks = list(_shots(plan, first, titles, digests)), titles.looks(first, end)
        segments.append(Segment(key_of([common, end - first, shots, looks]), first, end))
    return segments


def borders(plan: FramePlan) -> list[int]:
    """Return where segments begin, and the end: at each shot, and so often within it that none passes a group."""
    firsts = [shot.first for shot in plan.shots]
    places: list[int] = []
    for first, end in pairwise([*firsts, plan.frames]):
        count = math.ceil((end - first) / group_of(plan.fps))
        places += [first + (end - first) * number // count for number in range(count)]
    return [*places, plan.frames]


def key_of_sound(draft: Draft, seconds: float, digests: Mapping[str, str]) -> str:
    """Return the key of the draft's sound; *digests* are of the assets' contents, by their ids."""
    heard = [*draft.audio, *(segment for segment in draft.video if segment.m.volume > 0)]
    parts = [[segment.model_dump(mode="json"), digests.get(segment.m.asset)] for segment in heard]
    return key_of([renderer(), seconds, parts])


def digests_of(assets: Mapping[str, Path], used: Iterable[str]) -> dict[str, str]:
    """Return the digests of the *used* assets' contents.

    Raises:
        AssetUnusable: one is missing or cannot be read.
    """
    return {name: _digest(assets, name) for name in dict.fromkeys(used)}


def _shots(plan: FramePlan, first: int, titles: Titles, digests: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield all that decides how the shots look that are on from frame *first*, where they are counted from."""
    frame = plan.at(first)
    for index in (frame.now, frame.before):
        if index is not None:
            shot = plan.shots[index]
            coming = {"lead": shot.lead, "kind": shot.kind, "direction": shot.direction}
            yield {
                "asset": digests[shot.asset],
                "motion": shot.motion,
                "start": shot.start,
                "stage": asdict(titles.stage(shot.first, shot.end)),
                "frames": (shot.first - first, shot.end - first),
                "coming": coming if index == frame.now and frame.before is not None else {},
            }


def _digest(assets: Mapping[str, Path], name: str) -> str:
    if name not in assets:
        raise AssetUnusable(f"The draft uses {name}, of which there is no file.")
    try:
        with assets[name].open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise AssetUnusable(f"{assets[name].name}: the file is missing.") from None
    except OSError as error:
        raise AssetUnusable(f"{assets[name].name}: it cannot be read ({error}).") from None
