"""Sound from files: the user's own music, and what is heard in clips. Decoded within bounds, at 48 kHz in stereo."""
# pyright: reportUnknownMemberType=false

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np
from av.audio.resampler import AudioResampler
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Stream
from numpy.typing import NDArray

from nightreel.errors import AssetUnusable
from nightreel.studio.audio.onsets import Beats, beats
from nightreel.studio.audio.signal import RATE, Sound, silence
from nightreel.studio.containers import open_clip

MOST_SECONDS = 240.0
"""Of a file, no more is listened to at a time: longer than any video."""

_JOIN = 0.03
"""Seconds in which a loop's end passes into its start."""

_EARLY = Fraction(1, 2)
"""Seconds before the wanted place at which decoding begins: codecs need some run-up."""


def recorded(path: Path, start: float, seconds: float, *, layout: Literal["stereo", "mono"] = "stereo") -> Sound:
    """Return at most *seconds* of the sound in *path*, from *start* on: samples x 2, or x 1; none if it has no sound.

    Raises:
        AssetUnusable: the file is missing or broken.
    """
    try:
        with open_clip(path) as container:
            if not container.streams.audio:
                return silence(0)
            blocks = list(_blocks(container, start, min(seconds, MOST_SECONDS), layout))
    except FileNotFoundError:
        raise AssetUnusable(f"{path.name}: the sound is missing.") from None
    except (OSError, ValueError, FFmpegError) as error:
        raise AssetUnusable(f"{path.name}: the sound cannot be read ({error}).") from None
    return np.concatenate(blocks) if blocks else silence(0)


def beats_of(path: Path) -> Beats:
    """Return the beats of the music in *path*, of its first four minutes; none where it has no pulse.

    Raises:
        AssetUnusable: the file is missing or broken.
    """
    music = recorded(path, 0.0, MOST_SECONDS, layout="mono")
    return beats(music[:, 0])


def looped(music: Sound, seconds: float) -> Sound:
    """Return *seconds* of *music*: its beginning, or, if it is too short, its whole bars over and over.

    Music without a pulse is repeated as a whole.
    """
    wanted = round(seconds * RATE)
    if len(music) >= wanted or not len(music):
        return music[:wanted]
    first, end = _loop_of(music)
    join = min(round(_JOIN * RATE), first, (end - first) // 2)
    result = silence(wanted)
    result[: min(end, wanted)] = music[:end][:wanted]
    rise = np.linspace(0, 1, join, dtype=np.float32)[:, None]
    for at in range(end, wanted, end - first):
        entry = result[at - join : at]
        entry *= 1 - rise
        entry += music[first - join : first] * rise
        part = music[first:end][: wanted - at]
        result[at : at + len(part)] = part
    return result


def _loop_of(music: Sound) -> tuple[int, int]:
    """Return the samples between which *music* can be repeated: the first bar's start and the last one's."""
    bars = beats(music.mean(axis=1)).bars
    if len(bars) < 2:  # noqa: PLR2004 - no whole bar
        return 0, len(music)
    return round(bars[0] * RATE), round(bars[-1] * RATE)


def _blocks(container: InputContainer, start: float, seconds: float, layout: str) -> Iterator[NDArray[np.float32]]:
    """Yield the decoded blocks, cut to the wanted part by their time stamps; gaps are silent."""
    stream = container.streams.audio[0]
    unit = stream.time_base or Fraction(1, RATE)
    origin = (stream.start_time or 0) * unit
    _seek(container, stream, Fraction(start) + origin, unit)
    resampler = AudioResampler(format="fltp", layout=layout, rate=RATE)
    first, left = round(start * RATE), round(seconds * RATE)
    place: int | None = None
    for frame in container.decode(stream):
        if place is None:
            place = round(((frame.pts or 0) * (frame.time_base or unit) - origin) * RATE)
        for part in resampler.resample(frame):
            block = np.ascontiguousarray(part.to_ndarray().T, np.float32)
            skip = min(len(block), max(0, first - place))
            place += len(block)
            if len(taken := block[skip : skip + left]):
                left -= len(taken)
                yield np.nan_to_num(np.clip(taken, -4, 4))
        if left <= 0:
            return


def _seek(container: InputContainer, stream: Stream, second: Fraction, unit: Fraction) -> None:
    if second > _EARLY:
        container.seek(int((second - _EARLY) / unit), stream=stream)
