"""Files with time in them, as both the upload and the renderer open them."""

from pathlib import Path

import av
from av.container import InputContainer

_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mp3,wav,aac"

PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".webp")
"""Files that make no sound."""

MOST_PIXELS = 36_000_000
"""Of a moving picture: more than 8K has."""


def open_clip(path: Path) -> InputContainer:
    """Open a clip or a sound; nothing but *path* is ever read, whatever playlist or link stands in it.

    Raises:
        OSError, FFmpegError: it is none, or cannot be read.
    """
    return av.open(str(path), container_options={"format_whitelist": _FORMATS, "protocol_whitelist": "file"})
