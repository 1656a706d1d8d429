"""Loudness as listeners hear it (ITU-R BS.1770-4, EBU R 128), a true-peak limiter, and mastering by both."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from nightreel.studio.audio.signal import RATE, Sound

_ABSOLUTE = -70.0
_RELATIVE = -10.0
_BLOCK = round(0.4 * RATE)
_HOP = _BLOCK // 4
_CEILING = -2.5  # dBTP: -1.5 is the most, and AAC adds to it
_LOOK = round(0.004 * RATE)
_REACH = 2 * _LOOK + 24  # samples around one that have a say in its gain
_PART = 10 * RATE
_NEAR, _MOST_MISSING = 0.08, 6.0  # LU
_TIMES, _EXTRA = 3, 1.25
_KNEE = 0.4
_MOST_GAIN = 30.0  # dB: more would lift mere noise
_SETTLES = 2 * _HOP  # samples after which the weighting has forgotten what was before
_LENGTH = 14 * _HOP + _SETTLES  # 76,800, of which an FFT is quick

_SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
_HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))


def loudness(sound: Sound) -> float:
    """Return the integrated loudness in LUFS; -inf for silence."""
    hops = _powers(sound)
    if len(sound) < _BLOCK:
        blocks = np.array([hops.sum() / max(1, len(sound))])
    else:
        blocks = np.lib.stride_tricks.sliding_window_view(hops[: len(sound) // _HOP], _BLOCK // _HOP).sum(1) / _BLOCK
    loud = blocks[_lufs(blocks) > _ABSOLUTE]
    if not len(loud):
        return -np.inf
    gated = loud[_lufs(loud) > float(_lufs(loud.mean())) + _RELATIVE]
    return float(_lufs(gated.mean()))


def mastered(sound: Sound, target: float) -> Sound:
    """Bring *sound* to *target* LUFS, in place: a linear gain, rounded peaks, and a limiter.

    What limiting takes is given back, as often as it needs; mere noise is not lifted to the target.
    """
    level = loudness(sound)
    if not np.isfinite(level):
        return sound
    sound *= np.float32(10 ** (min(_MOST_GAIN, target - level) / 20))
    _rounded(sound)
    limited(sound)
    for _ in range(_TIMES):
        missing = target - loudness(sound)
        if not _NEAR < missing < _MOST_MISSING:
            break
        sound *= np.float32(10 ** (_EXTRA * missing / 20))
        limited(sound)
    return sound


def _rounded(sound: Sound) -> None:
    """Bend what is above the knee, in place, towards full scale: a peak of a drum needs less limiting then."""
    for begin in range(0, len(sound), _PART):
        part = sound[begin : begin + _PART]
        over = np.abs(part) - np.float32(_KNEE)
        bent = _KNEE + (1 - _KNEE) * np.tanh(over / np.float32(1 - _KNEE))
        np.copyto(part, np.copysign(bent, part), where=over > 0)


def limited(sound: Sound, ceiling: float = _CEILING, heard: Sound | None = None) -> Sound:
    """Keep the true peak under *ceiling* dBTP, in place, by a gain that looks ahead and moves smoothly.

    It is the peak of what is *heard* of the sound, where that is something else.
    """
    most = 10 ** (ceiling / 20)
    heard = sound if heard is None else heard
    gains = [_gain(heard, most, begin, begin + _PART) for begin in range(0, len(sound), _PART)]
    for part, gain in enumerate(gains):
        if gain is not None:
            sound[part * _PART : (part + 1) * _PART] *= gain[:, None]
    return sound


def _gain(sound: Sound, most: float, begin: int, end: int) -> NDArray[np.float32] | None:
    """Return the limiter's gain, to *most* at a peak, for the samples *begin* to *end*; none where it is 1."""
    first = max(0, begin - _REACH)
    need = np.minimum(1.0, most / np.maximum(_peaks(sound[first : end + _REACH]), 1e-9)).astype(np.float32)
    if need.min() >= 1:
        return None
    half = _LOOK // 2
    smooth = _averaged(_averaged(_least(need, _LOOK), half), _LOOK - half)
    return smooth[begin - first : end - first].astype(np.float32)[: len(sound) - begin]


def _least(values: NDArray[np.float32], around: int) -> NDArray[np.float32]:
    """Return the least value within *around* samples of each, by windows that double."""
    least = np.pad(values, around, mode="edge")
    window = 1
    while window < 2 * around + 1:
        step = min(window, 2 * around + 1 - window)
        least = np.minimum(least[:-step], least[step:])
        window += step
    return least


def _averaged(values: NDArray[Any], around: int) -> NDArray[np.float64]:
    """Return the mean within *around* samples of each."""
    sums = np.cumsum(np.pad(values, (around + 1, around), mode="edge"), dtype=np.float64)
    return (sums[2 * around + 1 :] - sums[: -2 * around - 1]) / (2 * around + 1)


def _peaks(sound: Sound) -> NDArray[np.float32]:
    """Return each sample's true peak: the largest of itself and three values interpolated after it."""
    taps = np.arange(-12, 12)
    sides = np.ascontiguousarray(sound.T)
    highest = np.maximum(*np.abs(sides))
    for quarter in (0.25, 0.5, 0.75):
        kernel = np.sinc(taps + quarter) * np.hanning(26)[1:-1]
        between = cv2.filter2D(sides, -1, (kernel / kernel.sum())[None], borderType=cv2.BORDER_CONSTANT)
        np.maximum(highest, np.maximum(*np.abs(between)), out=highest)
    return highest


def _lufs(power: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
    return -0.691 + 10 * np.log10(np.maximum(power, 1e-12))


def _powers(sound: Sound) -> NDArray[np.float64]:
    """Return the power of each hop of *sound* through the K weighting, by blocks of hops."""
    turn = np.exp(-2j * np.pi * np.arange(_LENGTH // 2 + 1) / _LENGTH)
    response = np.ones_like(turn)
    for above, below in (_SHELF, _HIGH_PASS):
        response *= np.polyval(above[::-1], turn) / np.polyval(below[::-1], turn)
    filter_ = response.astype(np.complex64)
    powers: list[NDArray[np.float64]] = []
    for begin in range(0, len(sound), _LENGTH - _SETTLES):
        block = sound[max(0, begin - _SETTLES) : begin + _LENGTH - _SETTLES]
        power = _power(block[:, 0], filter_) + _power(block[:, 1], filter_)
        power = power[min(begin, _SETTLES) : len(block)]
        powers.append(np.add.reduceat(power, np.arange(0, len(power), _HOP), dtype=np.float64))
    return np.concatenate(powers)


def _power(side: NDArray[np.float32], filter_: NDArray[np.complex64]) -> NDArray[np.float32]:
    """Return the power of each sample through a filter."""
    heard = np.fft.irfft(np.fft.rfft(side, _LENGTH) * filter_, _LENGTH)
    return np.square(heard, out=heard)


def true_peak(sound: Sound) -> float:
    """Return the true peak in dBTP."""
    highest = max((float(_peaks(sound[at : at + _PART]).max()) for at in range(0, len(sound), _PART)), default=0.0)
    return 20 * float(np.log10(max(highest, 1e-9)))
