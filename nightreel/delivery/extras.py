"""What stands beside a video: captions, where it has any, and the text of a post."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nightreel.captions import cues_of, srt, vtt
from nightreel.files import write_whole
from nightreel.models import Clip
from nightreel.platforms import post_text


def write_extras(clip: Clip, draft: Mapping[str, Any], video: Path) -> tuple[Path, ...]:
    """Write *draft*'s captions (`.srt`, `.vtt`) and *clip*'s post (`.txt`) beside *video*, each whole; return them.

    Those of an earlier delivery that there is nothing for any more are removed.

    Raises:
        OSError: the folder cannot be written.
    """
    cues = cues_of(draft)
    texts = {
        ".srt": srt(cues) if cues else "",
        ".vtt": vtt(cues, clip.language) if cues else "",
        ".txt": f"{post_text(clip.post, clip.hashtags)}\n" if clip.platforms else "",
    }
    for suffix, text in texts.items():
        if not text.strip():
            video.with_suffix(suffix).unlink(missing_ok=True)
    return tuple(
        write_whole(video.with_suffix(suffix), text.encode()) for suffix, text in texts.items() if text.strip()
    )
