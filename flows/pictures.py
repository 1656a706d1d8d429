"""Covers and links for Prefect's UI: small pictures within the text, links to what a browser can open."""

import base64
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from PIL import Image

from nightreel.report import ClipReport
from nightreel.settings import Settings

COVERS = 24
"""Pictures in one summary, of about 6 kB each."""

_HEIGHT = 200
_ROW = 4


@dataclass(frozen=True)
class Shown:
    """An output folder, and how a browser gets to its files.

    Attributes:
        out: the folder.
        url: where *folder* can be seen; "" where nobody shows it.
        folder: what is shown there.
    """

    out: Path
    url: str = ""
    folder: Path = Path()

    @classmethod
    def by(cls, settings: Settings, out: Path) -> "Shown":
        """Return *out* as the settings say that it can be seen."""
        return cls(out.absolute(), settings.videos_url.rstrip("/"), settings.videos_folder.absolute())

    def where(self, file: str) -> str:
        """Return the address of *file*, relative to the output folder; "" where a browser cannot get it."""
        path = self.out / file
        if not self.url or not path.is_relative_to(self.folder):
            return ""
        return f"{self.url}/{quote(path.relative_to(self.folder).as_posix())}"

    def link(self, words: str, file: str) -> str:
        """Return a Markdown link to *file*, or its path; "" where there is none."""
        if not file:
            return ""
        address = self.where(file)
        return f"[{words}]({address})" if address else str(self.out / file)


def covers(clips: Iterable[ClipReport], shown: Shown) -> list[str]:
    """Return the covers of the first clips that were made, a few in a row, as Markdown with links to their videos."""
    found: list[tuple[str, str]] = []
    for clip in clips:
        if len(found) == COVERS:
            break
        if clip.cover and (data := thumbnail(shown.out / clip.cover, 2 * _HEIGHT, _HEIGHT)):
            name = "".join(sign for sign in clip.name if sign not in "[]()!\\`<>")
            found.append((f"![{name}]({data})", shown.link(name, clip.video)))
    rows = [found[first : first + _ROW] for first in range(0, len(found), _ROW)]
    return [f"{' '.join(it for it, _ in row)}\n\n{' · '.join(it for _, it in row)}\n" for row in rows]


def thumbnail(file: Path, width: int, height: int) -> str:
    """Return a copy of *file* that fits *width* x *height* as a data URI.

    "" if it cannot be read: a picture less fails no run, and none that is paid for.
    """
    try:
        with Image.open(file) as picture:
            picture.draft("RGB", (width, height))
            picture.thumbnail((width, height))
            small = io.BytesIO()
            picture.convert("RGB").save(small, "JPEG", quality=70, optimize=True)
    except (OSError, SyntaxError):  # the latter is Pillow's for a broken PNG
        return ""
    return f"data:image/jpeg;base64,{base64.b64encode(small.getvalue()).decode('ascii')}"
