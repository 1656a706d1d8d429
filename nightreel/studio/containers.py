"""Files with time in them, as both the upload and the renderer open them: clips, and animated images."""
# pyright: reportUnknownMemberType=false

from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from PIL import Image

_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mp3,wav,aac"
_LEAST = Fraction(1, 50)  # seconds: browsers show a picture that says less for as long as _INSTEAD
_INSTEAD = Fraction(1, 10)

PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".webp")
"""Files that make no sound."""

MOST_PICTURES = 20_000
"""Of an animation, no more are looked at."""


def open_clip(path: Path) -> InputContainer:
    """Open a clip or a sound; nothing but *path* is ever read, whatever playlist or link stands in it.

    Raises:
        OSError, FFmpegError: it is none, or cannot be read.
    """
    return av.open(str(path), container_options={"format_whitelist": _FORMATS, "protocol_whitelist": "file"})


def pictures_of(image: Image.Image) -> int:
    """Return how many pictures an image has."""
    return min(int(getattr(image, "n_frames", 1)), MOST_PICTURES)


def shown_for(image: Image.Image) -> Fraction:
    """Return for how many seconds the picture is shown that *image* stands at."""
    said = Fraction(int(image.info.get("duration", 0) or 0), 1000)
    return said if said >= _LEAST else _INSTEAD
