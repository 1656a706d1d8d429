"""Is the finished file what was asked for, and fit for every platform? Checks, length, cover and contact sheet."""

from nightreel.quality.checks import Text, Wanted
from nightreel.quality.cover import cover
from nightreel.quality.gate import USABLE, gather, inspect_video, judge
from nightreel.quality.media import length_of
from nightreel.quality.mending import mend
from nightreel.quality.presets import MASTER, MOST_BYTES, WATCHABLE, Preset, preset, presets
from nightreel.quality.sheet import contact_sheet

__all__ = [
    "MASTER",
    "MOST_BYTES",
    "USABLE",
    "WATCHABLE",
    "Preset",
    "Text",
    "Wanted",
    "contact_sheet",
    "cover",
    "gather",
    "inspect_video",
    "judge",
    "length_of",
    "mend",
    "preset",
    "presets",
]
