"""Covers and links for Prefect's UI: small pictures within the text, links to what a browser can open."""

import base64
import io
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from PIL import Image

from nightreel.report import ClipReport

COVERS = 24
"""Pictures in one summary, of about 6 kB each."""

_HEIGHT = 200


def link(words: str, out: Path, file: str, videos_url: str) -> str:
    """Return a Markdown link to *file* of the output folder *out*; "" where there is none.

    Without `NIGHTREEL_VIDEOS_URL` a browser has no way to it: then it is the path.
    """
    if not file:
        return ""
    return f"[{words}]({where(file, videos_url)})" if videos_url else str(out / file)


def where(file: str, videos_url: str) -> str:
    """Return the address of *file*, relative to the output folder."""
    return f"{videos_url.rstrip('/')}/{quote(file)}"


def covers(clips: Iterable[ClipReport], out: Path, videos_url: str) -> list[str]:
    """Return the covers of the first clips that were made, as Markdown pictures that lead to their videos."""
    found: list[str] = []
    for clip in clips:
        if len(found) == COVERS:
            break
        if clip.cover and (data := _thumbnail(out / clip.cover)):
            name = "".join(sign for sign in clip.name if sign not in "[]()!\\")
            picture = f"![{name}]({data})"
            found.append(f"[{picture}]({where(clip.video, videos_url)})" if videos_url else picture)
    return found


def _thumbnail(cover: Path) -> str:
    """Return a small copy of *cover* as a data URI; "" if it cannot be read: a picture less fails no run."""
    try:
        with Image.open(cover) as picture:
            picture.draft("RGB", (_HEIGHT * 2, _HEIGHT * 2))
            picture.thumbnail((_HEIGHT * 2, _HEIGHT))
            small = io.BytesIO()
            picture.convert("RGB").save(small, "JPEG", quality=70, optimize=True)
    except OSError:
        return ""
    return f"data:image/jpeg;base64,{base64.b64encode(small.getvalue()).decode('ascii')}"
