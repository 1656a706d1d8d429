"""Ducking: the music gives way to what is said in a clip, smoothly, and comes back after it."""

import numpy as np
from numpy.typing import NDArray

from nightreel.studio.audio.signal import Sound

_STEP = 480
"""Samples at which the gain is worked out: a hundredth of a second."""

_DEPTH = 14.0
"""dB by which music falls under a clip of full volume."""

_SILENT, _SPOKEN = 10 ** (-46 / 20), 10 ** (-30 / 20)
"""Levels of a clip at which the music begins to give way, and has done so, at full volume."""

_AHEAD, _HOLD = 12, 35
"""Steps before something is heard at which the music is down, and steps after it until it comes back."""

_SMOOTH = 30
"""Steps that a change takes."""


def ducked(music: Sound, over: Sound, volume: float) -> Sound:
    """Turn *music* down, in place, where something is heard in *over*, which has that *volume*; return it."""
    steps = -(-len(music) // _STEP)
    padded = np.zeros(steps * _STEP, np.float32)
    padded[: len(over)] = np.abs(over).max(axis=1)
    level = np.sqrt(np.square(padded).reshape(steps, _STEP).mean(axis=1)) / max(volume, 1e-3)
    heard = np.clip(np.log(np.maximum(level, 1e-9) / _SILENT) / np.log(_SPOKEN / _SILENT), 0, 1)
    gain = 10 ** (-_DEPTH * min(1.0, volume) * _around(heard) / 20)
    places = (np.arange(len(music)) / _STEP).astype(np.float32)
    music *= np.interp(places, np.arange(steps) + 0.5, gain).astype(np.float32)[:, None]
    return music


def _around(heard: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the greatest of *heard* from a little after to a little before each step, smoothed."""
    wide = np.pad(heard, (_HOLD + _SMOOTH // 2, _AHEAD + _SMOOTH // 2), mode="edge")
    held = np.lib.stride_tricks.sliding_window_view(wide, _HOLD + _AHEAD + 1).max(axis=1)
    window = np.hanning(_SMOOTH + 3)[1:-1]
    return np.convolve(held, window / window.sum(), "valid")[: len(heard)]
