"""Loudness as listeners hear it (ITU-R BS.1770-4, EBU R 128), a true-peak limiter, and mastering by both."""

import numpy as np
from numpy.typing import NDArray

from nightreel.studio.audio.signal import RATE, Sound

_ABSOLUTE = -70.0
_RELATIVE = -10.0
_BLOCK = round(0.4 * RATE)
_HOP = _BLOCK // 4
_CEILING = 10 ** (-1.6 / 20)  # true peak -1.5 dBTP, with a little for the AAC encoder
_LOOK = round(0.004 * RATE)

_SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
_HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))


def loudness(sound: Sound) -> float:
    """Return the integrated loudness in LUFS; -inf for silence."""
    power = np.square(_weighted(sound)).sum(axis=1)
    sums = np.concatenate([[0.0], np.cumsum(power, dtype=np.float64)])
    if len(sound) < _BLOCK:
        blocks = np.array([sums[-1] / max(1, len(sound))])
    else:
        begins = np.arange(0, len(sound) - _BLOCK + 1, _HOP)
        blocks = (sums[begins + _BLOCK] - sums[begins]) / _BLOCK
    loud = blocks[_lufs(blocks) > _ABSOLUTE]
    if not len(loud):
        return -np.inf
    gated = loud[_lufs(loud) > float(_lufs(loud.mean())) + _RELATIVE]
    return float(_lufs(gated.mean()))


def mastered(sound: Sound, target: float) -> Sound:
    """Return *sound* at *target* LUFS: one linear gain, then a limiter, twice, as limiting takes a little away."""
    result = sound
    for _ in range(2):
        level = loudness(result)
        if not np.isfinite(level):
            return result
        result = limited(result * np.float32(10 ** ((target - level) / 20)))
    return result


def limited(sound: Sound) -> Sound:
    """Keep the true peak under the ceiling by a gain that looks ahead and moves smoothly."""
    need = np.minimum(1.0, _CEILING / np.maximum(_peaks(sound), 1e-9)).astype(np.float32)
    if need.min() >= 1:
        return sound
    wide = 2 * _LOOK + 1
    held = np.lib.stride_tricks.sliding_window_view(np.pad(need, _LOOK, mode="edge"), wide)
    least = np.concatenate([held[at : at + RATE].min(axis=1) for at in range(0, len(held), RATE)])
    window = np.hanning(wide + 2)[1:-1]
    smooth = np.convolve(np.pad(least, _LOOK, mode="edge"), window / window.sum(), "valid")
    return sound * smooth.astype(np.float32)[:, None]


def _peaks(sound: Sound) -> NDArray[np.float32]:
    """Return each sample's true peak: the largest of itself and three values interpolated after it."""
    taps = np.arange(-12, 12)
    highest = np.abs(sound).max(axis=1)
    for quarter in (0.25, 0.5, 0.75):
        kernel = np.sinc(taps + quarter) * np.hanning(26)[1:-1]
        for channel in (0, 1):
            between = _through(sound[:, channel], (kernel / kernel.sum()).astype(np.float32))
            highest = np.maximum(highest, np.abs(between[: len(highest)]))
    return highest.astype(np.float32)


def _through(values: NDArray[np.float32], kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.convolve(values, kernel, "same").astype(np.float32)


def _lufs(power: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
    return -0.691 + 10 * np.log10(np.maximum(power, 1e-12))


def _weighted(sound: Sound) -> Sound:
    """Return *sound* through the K weighting, by its frequency response: only its power is looked at."""
    length = 1 << (len(sound) + RATE - 1).bit_length() if len(sound) < 10 * RATE else len(sound) + RATE
    turn = np.exp(-2j * np.pi * np.arange(length // 2 + 1) / length)
    response = np.ones_like(turn)
    for above, below in (_SHELF, _HIGH_PASS):
        response *= np.polyval(above[::-1], turn) / np.polyval(below[::-1], turn)
    spectrum = np.fft.rfft(sound, length, axis=0) * response[:, None]
    return np.fft.irfft(spectrum, length, axis=0)[: len(sound)].astype(np.float32)
