"""The jobs that are measured: drafts of the sample catalog's photos, and job files for the renderer."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

CATALOG = Path(__file__).parents[1] / "data" / "catalog"
SIZE = (1080, 1920)
FADE = 0.6
PHOTOS = (
    "NR-MUG-350/hero.jpg", "NR-EDP-050/ambre-nocturne_01.jpg", "NR-LMP-360/lamp_front.jpg",
    "NR-MUG-350/IMG_2031.jpg", "NR-LMP-360/lamp_evening.jpg", "NR-EDP-050/ambre-nocturne_02.jpg",
    "NR-MUG-350/mug-top.jpg", "NR-LMP-360/lamp_cutout.png",
)  # fmt: skip

_MOTIONS = ("zoom_in", "pan_right", "zoom_out", "pan_up")


def draft_of(
    photos: Sequence[str], *, seconds: int, title: bool = False, tag: dict[str, Any] | None = None, fps: int = 30
) -> dict[str, Any]:
    """Return a draft: *photos* with fades, music, a *title* in the first seconds, and a *tag*."""
    fade = {"kind": "cross_fade", "d": round(FADE * 1000)}
    each = seconds * 1000 // len(photos)
    shots = [
        {"d": each, "m": {"asset": photo, "motion": _MOTIONS[number % 4], "transition": fade}}
        for number, photo in enumerate(photos)
    ]
    texts: list[dict[str, Any]] = []
    if title:
        texts.append({"s": 300, "d": 4_000, "m": {"text": "Halden 200 Bluetooth Speaker"}})
    if tag is not None:
        texts.append(tag)
    music = [{"d": seconds * 1000, "m": {"mood": "upbeat"}}]
    tracks = [{"tt": 0, "sg": shots}, {"tt": 1, "sg": music}, {"tt": 7, "sg": texts}]
    return {"m": {"width": SIZE[0], "height": SIZE[1], "fps": fps}, "t": tracks}


def tag_of(start: int, length: int, position: str = "bottom", role: str = "caption") -> dict[str, Any]:
    """Return a text that is shown for *length* ms."""
    return {"s": start, "d": length, "m": {"text": "Now 49 €", "role": role, "position": position}}


def job_of(draft: dict[str, Any], out: Path, **means: Any) -> Path:  # noqa: ANN401 - what the job file takes
    """Write the renderer's job beside *out*; return where it is."""
    names = {segment["m"]["asset"] for segment in draft["t"][0]["sg"]}
    assets = {name: str(CATALOG / name.partition("#")[0]) for name in sorted(names)}
    return written(out.with_suffix(".json"), {"draft": draft, "assets": assets, "out": str(out), **means})


def written(path: Path, job: dict[str, Any]) -> Path:
    """Write *job* to *path*; return *path*."""
    path.write_text(json.dumps(job))
    return path
