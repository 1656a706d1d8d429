"""What a video's music and fonts may be used under, for its record."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from nightreel.models import Engine
from nightreel.nemo import wire
from nightreel.nemo.summary import segments_of

_OFL = "OFL-1.1"
_SERVICE = "by the service's terms"
_OURS = "none needed: synthesised for this video, nothing is sampled"
_YOURS = "yours: it was handed over with the photos"


def licences_of(draft: Mapping[str, Any], engine: Engine) -> dict[str, list[dict[str, str]]]:
    """Return the licences of *draft*'s music, and of the fonts that its texts may be set in."""
    return {"music": list(_music(draft, engine)), "fonts": list(_fonts()) if engine is Engine.LOCAL else []}


def _music(draft: Mapping[str, Any], engine: Engine) -> Iterator[dict[str, str]]:
    for kind, _, _, meta in segments_of(wire.State(draft=dict(draft))):
        if kind != "audio":
            continue
        name = str(meta.get("name") or meta.get("mood") or "music")
        if engine is not Engine.LOCAL:
            yield {"name": name, "licence": _SERVICE}
        else:
            yield {"name": name, "licence": _YOURS if meta.get("source") == "asset" else _OURS}


@cache
def _fonts() -> tuple[dict[str, str], ...]:
    """Return the studio's fonts: each has its licence beside it, whose first line says whose it is."""
    found = sorted(files("nightreel.studio").joinpath("fonts").iterdir(), key=lambda file: file.name)
    return tuple(
        {
            "name": file.name.removesuffix("-OFL.txt"),
            "licence": _OFL,
            "copyright": file.read_text(encoding="utf-8-sig").splitlines()[0],
        }
        for file in found
        if file.name.endswith("-OFL.txt")
    )
