"""A video's segments: cut at closed GOP borders, each named by a key of all that decides its pixels.

What a frame shows hangs on the shots that are on, the photos' contents, the stage that titles leave to those shots,
and the titles in it. Whatever else changes in a draft, a segment stays the same to the bit, and is not made again.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import PIL

from nightreel.errors import RenderError
from nightreel.studio.draft import Draft
from nightreel.studio.render.encoder import Coding, group_of
from nightreel.studio.render.plan import FramePlan
from nightreel.studio.render.titles import Titles

_GROUPS = 2
"""Closed groups of pictures in a segment: shorter ones make an edit cheaper, and cost an encoder's start each."""

_CODE = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Segment:
    """Frames *first* to before *end*, and the key of what they show and how they are encoded."""

    key: str
    first: int
    end: int


def cut(draft: Draft, plan: FramePlan, titles: Titles, digests: Mapping[str, str], coding: Coding) -> list[Segment]:
    """Cut *plan* into segments; *digests* are of the assets' contents, by their ids."""
    step = _GROUPS * group_of(plan.fps)
    common = [renderer(), draft.m.width, draft.m.height, plan.fps, asdict(coding)]
    segments: list[Segment] = []
    for first in range(0, plan.frames, step):
        end = min(first + step, plan.frames)
        shots = list(_shots(plan, first, end, titles, digests))
        segments.append(Segment(_key([common, first, end, shots, titles.looks(first, end)]), first, end))
    return segments


def key_of_sound(draft: Draft, seconds: float, digests: Mapping[str, str]) -> str:
    """Return the key of the draft's sound; *digests* are of the files that are heard, by their ids."""
    heard = [*draft.audio, *(segment for segment in draft.video if segment.m.volume > 0)]
    parts = [[segment.model_dump(mode="json"), digests.get(segment.m.asset)] for segment in heard]
    return _key([renderer(), seconds, parts])


def digests_of(assets: Mapping[str, Path], used: Iterable[str]) -> dict[str, str]:
    """Return the digests of the *used* assets' contents.

    Raises:
        RenderError: one is missing or cannot be read.
    """
    return {name: _digest(assets, name) for name in dict.fromkeys(used)}


@cache
def renderer() -> str:
    """Return what tells one version of the renderer from another: its own code, and its libraries' versions."""
    libraries = (av.__version__, cv2.__version__, np.__version__, PIL.__version__)
    whole = hashlib.sha256(" ".join(libraries).encode())
    whole.update((_CODE / "containers.py").read_bytes())
    for part in ("render", "audio", "fonts"):
        for path in sorted((_CODE / part).iterdir()):
            if path.suffix == ".py":
                whole.update(path.read_bytes())
            elif path.is_file():
                whole.update(f"{path.name} {path.stat().st_size}".encode())
    return whole.hexdigest()


def _shots(
    plan: FramePlan, first: int, end: int, titles: Titles, digests: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    frames = [plan.at(number) for number in range(first, end)]
    for index in sorted({it for frame in frames for it in (frame.before, frame.now) if it is not None}):
        shot = plan.shots[index]
        stage = titles.stage(shot.first, shot.end)
        yield {**asdict(shot), "asset": digests[shot.asset], "stage": asdict(stage)}


def _digest(assets: Mapping[str, Path], name: str) -> str:
    if name not in assets:
        raise RenderError(f"The draft shows {name}, which was never uploaded.", hint="Upload it again.")
    try:
        with assets[name].open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise RenderError(f"{assets[name].name}: the photo is missing.", hint="Upload it again.") from None
    except OSError as error:
        raise RenderError(f"{assets[name].name}: it cannot be read ({error}).", hint="Upload it again.") from None


def _key(decides: list[Any]) -> str:
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()
