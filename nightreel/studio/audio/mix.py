"""The soundtrack of a draft: music, and what is heard in clips, balanced and mastered.

Music of the usual volume, and a clip's own sound at 1, are each brought to the same loudness, so that a volume means
the same with a loud file and a soft one. Where a clip is heard, the music gives way by as much as the clip is loud:
at 1 it leads, at 0.2 it lies under the music. The whole is mastered to -14 LUFS; below that only if nothing in it has
the usual volume, for somebody asked for that.
"""

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from nightreel.errors import AssetUnusable
from nightreel.studio.audio.band import play
from nightreel.studio.audio.ducking import ducked
from nightreel.studio.audio.loudness import loudness, mastered
from nightreel.studio.audio.recordings import looped, recorded
from nightreel.studio.audio.signal import RATE, Sound, faded, silence
from nightreel.studio.containers import PICTURES
from nightreel.studio.draft import AudioMeta, Draft, Segment, VideoMeta

__all__ = ["RATE", "soundtrack"]

_TARGET = -14.0
"""LUFS: what platforms play without turning it down."""

_USUAL = 0.35
"""The volume of music that nobody has asked to be softer."""

_MOST_GAIN = 18.0
"""dB by which a file is made louder: what is softer still is meant to be, or is noise."""

_EDGE = 0.01
_FADE_IN, _FADE_OUT = 0.15, 1.6
"""Seconds of a file that begins and ends somewhere in its middle."""

_RUN_UP = 1_024
"""Samples that the encoder keeps for itself: what starts there would start with a click."""


def soundtrack(draft: Draft, seconds: float, assets: Mapping[str, Path] | None = None) -> Sound:
    """Return the sound of *draft* for a video of *seconds*: samples x 2, float32, at 48 kHz; silence without any.

    Music alone of a volume of 0.35 or more comes out at -14 LUFS; less is quieter by as much.

    Args:
        draft: the timeline.
        seconds: how long the video is.
        assets: the files of music and clips, by their ids.

    Raises:
        AssetUnusable: a file is missing or broken.
    """
    samples = round(seconds * RATE)
    music, clips = silence(samples), silence(samples)
    loudest = 0.0
    for segment in draft.audio:
        if _placed(music, segment, _music(segment, assets or {}), segment.m.volume / _USUAL):
            loudest = max(loudest, segment.m.volume / _USUAL)
    for segment in draft.video:
        if _placed(clips, segment, _heard(segment, assets or {}), segment.m.volume):
            loudest = max(loudest, min(1.0, segment.m.volume / _USUAL))
    if not loudest:
        return music
    if clips.any():
        music = ducked(music, clips, max(segment.m.volume for segment in draft.video))
        music += clips
    faded(music[_RUN_UP:], _EDGE / 2, _EDGE)
    music[:_RUN_UP] = 0
    return mastered(music, _TARGET + min(0.0, 20 * math.log10(loudest)))


def _placed(bus: Sound, segment: Segment[AudioMeta] | Segment[VideoMeta], sound: Sound, volume: float) -> bool:
    """Add *sound* to *bus* at its place, at its volume; return whether there was any."""
    level = loudness(sound) if len(sound) else -np.inf
    if not np.isfinite(level):
        return False
    begin = round(segment.s * RATE / 1000)
    part = sound[: max(0, len(bus) - begin)]
    part *= np.float32(volume * 10 ** (min(_MOST_GAIN, _TARGET - level) / 20))
    bus[begin : begin + len(part)] += part
    return bool(len(part))


def _music(segment: Segment[AudioMeta], assets: Mapping[str, Path]) -> Sound:
    """Return the music of a segment at any loudness; none if it is not to be heard."""
    meta, seconds = segment.m, segment.d / 1000
    if meta.volume <= 0:
        return silence(0)
    if meta.source == "synth":
        return play(meta.mood, meta.seed, segment.d)
    music = looped(recorded(_file(assets, meta.asset), meta.start / 1000, seconds), seconds)
    return faded(music, min(_FADE_IN, seconds / 4), min(_FADE_OUT, seconds / 4))


def _heard(segment: Segment[VideoMeta], assets: Mapping[str, Path]) -> Sound:
    """Return what is heard in a clip; none of a photo, or if it is not to be heard."""
    meta = segment.m
    path = _file(assets, meta.asset) if meta.volume > 0 else None
    if path is None or path.suffix.lower() in PICTURES:
        return silence(0)
    return faded(recorded(path, meta.start / 1000, segment.d / 1000), 0.02, 0.06)


def _file(assets: Mapping[str, Path], name: str) -> Path:
    if name not in assets:
        raise AssetUnusable(f"The draft plays {name}, of which there is no file.")
    return assets[name]
