"""Checks of a finished video: what is wanted, what was found, and whether it will do.

The master that every platform takes (facts: H.264 High 4:2:0, BT.709, 30 fps, index first, no edit list, AAC 48 kHz)
and what a person would see at once: the wrong length or shape, black, a picture that stands still, no sound.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from nightreel.models import Check
from nightreel.quality.boxes import Packing, read_packing
from nightreel.quality.media import (
    UNREADABLE,
    AudioFacts,
    Glimpse,
    Loudness,
    VideoFacts,
    glimpse,
    measure_loudness,
    read_facts,
)

USABLE = frozenset({"file", "size", "duration", "not black", "moving", "audio", "not silent"})
"""Checks without which a video is of no use. What the others find (packing, profile, rates, tags) spoils nothing for
who watches: a video that was paid for is delivered with it, and its record says so."""

FPS = 30.0
SAMPLE_RATE = 48_000
SECONDS_OFF = 0.25
START_OFF = 0.05
SOUND_OFF = 0.5
LONGEST_BLANK = 1.0
LONGEST_STILL = 6.0
QUIETEST = -50.0
MOST_SILENT = 0.5

_BRANDS = frozenset({"isom", "iso2", "iso4", "iso5", "iso6", "mp41", "mp42", "avc1", "M4V"})
_BT709 = (1, 1, 1, 1)
_FLAT = 6.0
_CHANGED = 2.0


def inspect_video(
    path: Path, *, canvas: tuple[int, int], seconds: float, sound: bool, seconds_off: float = SECONDS_OFF
) -> tuple[Check, ...]:
    """Check the finished video at *path*; reads the file's headers, about two frames a second, and the sound.

    Args:
        path: the file; one that is missing or broken fails the check "file", and is not looked at further.
        canvas: width and height asked for, in pixels.
        seconds: duration asked for.
        sound: whether music was asked for.
        seconds_off: by how much the duration may differ.
    """
    try:
        packing = read_packing(path)
        video, audio = read_facts(path)
        if video is None:
            raise ValueError("there is no video stream")
        glimpses = list(glimpse(path, video))
        loudness = measure_loudness(path) if audio is not None else None
    except UNREADABLE as error:
        return (Check(name="file", ok=False, found=_words(error), wanted="a whole MP4 that decodes"),)
    return (
        Check(name="file", ok=True, found="whole, decodes", wanted="a whole MP4 that decodes"),
        *check_packing(packing),
        *check_video(video, canvas, seconds, seconds_off),
        *check_pictures(glimpses, video.seconds),
        *check_sound(audio, loudness, video.seconds, sound=sound),
    )


def check_packing(packing: Packing) -> Iterator[Check]:
    """Yield the checks of how the file is packed."""
    plain = packing.index_first and not packing.fragments
    found = "fragmented" if packing.fragments else ("first" if plain else "behind the pictures")
    yield Check(name="moov first", ok=plain, found=found, wanted="first")
    count = packing.edit_lists
    yield Check(name="edit list", ok=count == 0, found=str(count) if count else "none", wanted="none")
    major = packing.brands[0] if packing.brands else "none"
    yield Check(name="brand", ok=major in _BRANDS, found=major, wanted="isom, mp41, mp42 or avc1")


def check_video(
    video: VideoFacts, canvas: tuple[int, int], seconds: float, seconds_off: float = SECONDS_OFF
) -> Iterator[Check]:
    """Yield the checks of the video stream."""
    codec = f"{video.codec} {video.profile}".strip()
    yield Check(name="video codec", ok=codec == "h264 High", found=codec, wanted="h264 High")
    yield Check(
        name="pixel format", ok=video.pixel_format == "yuv420p", found=video.pixel_format or "none", wanted="yuv420p"
    )
    tags = "/".join(str(number) for number in video.colour)
    tagged = video.colour == _BT709
    yield Check(name="colour tags", ok=tagged, found="BT.709" if tagged else tags, wanted="BT.709")
    shape = f"{video.width}x{video.height}" + ("" if video.square_pixels else ", pixels not square")
    wanted = f"{canvas[0]}x{canvas[1]}"
    yield Check(name="size", ok=shape == wanted, found=shape, wanted=wanted)
    right = abs(video.fps - FPS) <= 0.01 * FPS
    yield Check(name="frame rate", ok=right, found=f"{video.fps:.2f} fps", wanted=f"{FPS:.0f} fps")
    right = abs(video.seconds - seconds) <= seconds_off
    yield Check(name="duration", ok=right, found=f"{video.seconds:.2f} s", wanted=f"{seconds:g} s ±{seconds_off:g} s")
    right = abs(video.start) <= START_OFF
    yield Check(name="start", ok=right, found=f"{video.start:.3f} s", wanted=f"0 s ±{START_OFF} s")


def check_pictures(glimpses: list[Glimpse], seconds: float) -> Iterator[Check]:
    """Yield the checks of what is to be seen: nothing blank for long, something that moves."""
    blank = _longest([(at.at, _is_flat(at)) for at in glimpses], seconds)
    most = min(LONGEST_BLANK, seconds / 2)
    yield Check(
        name="not black",
        ok=blank <= most,
        found=f"blank for {blank:.1f} s" if blank else "nothing blank",
        wanted=f"blank for at most {most:.1f} s",
    )
    still = _longest([(now.at, not _moved(now, later)) for now, later in pairwise(glimpses)], seconds)
    still = still if len(glimpses) > 1 else seconds
    most = min(LONGEST_STILL, seconds / 2)
    yield Check(
        name="moving",
        ok=still <= most,
        found=f"still for {still:.1f} s" if still else "always moving",
        wanted=f"still for at most {most:.1f} s",
    )


def check_sound(
    audio: AudioFacts | None, loudness: Loudness | None, seconds: float, *, sound: bool
) -> Iterator[Check]:
    """Yield the checks of the sound; a video for which none was asked may be without, or silent."""
    found = "none" if audio is None else "one track"
    yield Check(name="audio", ok=audio is not None or not sound, found=found, wanted="one track" if sound else "any")
    if audio is None or loudness is None:
        return
    right = audio.codec == "aac" and audio.rate == SAMPLE_RATE
    found = f"{audio.codec.upper()} {audio.rate / 1000:g} kHz"
    yield Check(name="audio codec", ok=right, found=found, wanted="AAC 48 kHz")
    right = abs(audio.start) <= START_OFF and abs(audio.start + audio.seconds - seconds) <= SOUND_OFF
    span = f"{audio.start:.2f} to {audio.start + audio.seconds:.2f} s"
    yield Check(name="in sync", ok=right, found=span, wanted=f"0 to {seconds:.2f} s ±{SOUND_OFF} s")
    if sound:
        heard = loudness.mean > QUIETEST and loudness.silent <= MOST_SILENT
        yield Check(
            name="not silent",
            ok=heard,
            found=f"{loudness.mean:.0f} dBFS, silent for {loudness.silent:.0%}",
            wanted=f"over {QUIETEST:.0f} dBFS, silent for at most {MOST_SILENT:.0%}",
        )


def _is_flat(seen: Glimpse) -> bool:
    """Tell whether a picture is one plain colour, black or other, but for a few pixels."""
    low, high = np.percentile(seen.picture, (1, 99))
    return bool(high - low < _FLAT)


def _moved(now: Glimpse, later: Glimpse) -> bool:
    """Tell whether something moved between two pictures: one pixel in two hundred changed visibly."""
    change = np.abs(now.picture.astype(np.int16) - later.picture.astype(np.int16))
    return bool(np.percentile(change, 99.5) >= _CHANGED)


def _longest(marks: list[tuple[float, bool]], end: float) -> float:
    """Return the longest stretch, in seconds, whose marks (time, holds) all hold; the last one lasts until *end*."""
    longest, since = 0.0, None
    for at, holds in [*marks, (end, False)]:
        if holds and since is None:
            since = at
        if not holds and since is not None:
            longest, since = max(longest, at - since), None
    return longest


def _words(error: BaseException) -> str:
    """Say what is wrong with a file, without its path."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text or type(error).__name__
