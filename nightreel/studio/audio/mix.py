"""The soundtrack of a draft: its beds at their places, mastered."""

import math

import numpy as np

from nightreel.studio.audio.loudness import mastered
from nightreel.studio.audio.moods import mood_named
from nightreel.studio.audio.score import play
from nightreel.studio.audio.signal import RATE, Sound, faded, silence
from nightreel.studio.draft import Draft

__all__ = ["RATE", "soundtrack"]

_TARGET = -14.0  # LUFS: what platforms play without turning it down
_USUAL = 0.35  # a bed of this volume is mastered to the target; nothing speaks over it
_EDGE = 0.01


def soundtrack(draft: Draft, seconds: float) -> Sound:
    """Return the sound of *draft* for a video of *seconds*: samples x 2, float32, at 48 kHz; silence without music.

    A volume of 0.35 or more comes out at -14 LUFS; less is quieter by as much.
    """
    mixed = silence(round(seconds * RATE))
    loudest = 0.0
    for segment in draft.audio:
        begin = round(segment.s * RATE / 1000)
        length = min(round(segment.d * RATE / 1000), len(mixed) - begin)
        if length <= 0 or segment.m.volume <= 0:
            continue
        bed = faded(play(mood_named(segment.m.mood), length / RATE, segment.m.seed)[:length], _EDGE, _EDGE)
        bed *= np.float32(segment.m.volume)
        mixed[begin : begin + length] += bed
        loudest = max(loudest, segment.m.volume)
    if not loudest:
        return mixed
    return mastered(mixed, _TARGET + min(0.0, 20 * math.log10(loudest / _USUAL)))
