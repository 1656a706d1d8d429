"""What the page's script works with: each video's identity, and its checks, every word once. Pure."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from nightreel.models import Check
from nightreel.report.model import ClipReport, RunReport

_UNSAFE = {char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}
"""What could end a script element, or a line of one."""


def data_of(report: RunReport, shown: Sequence[ClipReport]) -> str:
    """Return the page's data as JSON that can stand in a script element.

    `words` holds every text of the checks once; a check is four numbers: its name's place there, 1 if it holds,
    and the places of what was found and wanted.
    """
    words: dict[str, int] = {}
    videos = [_video(clip, words) for clip in shown]
    data = {"run": report.run_id, "videos": videos, "words": list(words)}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return "".join(_UNSAFE.get(char, char) for char in text)


def _video(clip: ClipReport, words: dict[str, int]) -> dict[str, Any]:
    return {
        "product": clip.product,
        "format": clip.format.value if clip.format else "",
        "key": clip.key,
        "sha256": clip.sha256,
        "checks": list(_checks(clip.checks, words)),
    }


def _checks(checks: Iterable[Check], words: dict[str, int]) -> Iterable[tuple[int, int, int, int]]:
    for check in checks:
        name, found, wanted = (words.setdefault(text, len(words)) for text in (check.name, check.found, check.wanted))
        yield name, int(check.ok), found, wanted
