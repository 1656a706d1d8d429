"""Is the finished file what was asked for, and fit for every platform? Checks, length, cover and contact sheet."""

from nightreel.quality.checks import USABLE, inspect_video
from nightreel.quality.cover import cover
from nightreel.quality.media import length_of
from nightreel.quality.sheet import contact_sheet

__all__ = ["USABLE", "contact_sheet", "cover", "inspect_video", "length_of"]
