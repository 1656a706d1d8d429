"""Is the finished file what was asked for, and fit for every platform? Checks, its length, and the cover picture."""

from nightreel.quality.checks import USABLE, inspect_video
from nightreel.quality.cover import cover
from nightreel.quality.media import length_of

__all__ = ["USABLE", "cover", "inspect_video", "length_of"]
