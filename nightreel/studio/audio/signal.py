"""Sound arithmetic: stereo float32 arrays of samples x 2, at 48 kHz."""

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
Sound = NDArray[np.float32]

_BLOCK = 1 << 17


def silence(samples: int) -> Sound:
    """Return *samples* of stereo silence."""
    return np.zeros((samples, 2), np.float32)


def convolved(sound: Sound, kernel: Sound) -> Sound:
    """Return *sound* through the filter *kernel*, both stereo, as long as *sound*; block by block, by FFT."""
    size = _BLOCK + len(kernel) - 1
    length = 1 << (size - 1).bit_length()
    spectrum = np.fft.rfft(kernel, length, axis=0)
    result = silence(len(sound) + length)
    for begin in range(0, len(sound), _BLOCK):
        block = np.fft.rfft(sound[begin : begin + _BLOCK], length, axis=0)
        result[begin : begin + length] += np.fft.irfft(block * spectrum, length, axis=0).astype(np.float32)
    return result[: len(sound)]


def faded(sound: Sound, fade_in: float, fade_out: float) -> Sound:
    """Fade the ends of *sound* smoothly, in place, over so many seconds; return it."""
    for seconds, part in ((fade_in, sound), (fade_out, sound[::-1])):
        count = min(len(sound), round(seconds * RATE))
        ramp = 0.5 - 0.5 * np.cos(np.pi * (np.arange(count, dtype=np.float32) + 0.5) / max(1, count))
        part[:count] *= ramp[:, None]
    return sound


def decay(samples: int, seconds: float) -> NDArray[np.float32]:
    """Return an exponential decay that falls by 60 dB in *seconds*."""
    return np.exp(-6.91 * np.arange(samples, dtype=np.float32) / (seconds * RATE)).astype(np.float32)


def room(seconds: float, seed: int, *, bright: float = 0.35) -> Sound:
    """Return a reverberation: stereo noise that dies away in *seconds* and grows darker."""
    samples = round(seconds * RATE)
    noise = np.random.default_rng(seed).normal(0, 1, (samples, 2)).astype(np.float32)
    smooth = np.cumsum(noise, axis=0)
    dark = (smooth[32:] - smooth[:-32]) / 32**0.5
    tail = (
        noise[32:] * bright * decay(samples - 32, 0.45 * seconds)[:, None]
        + dark * decay(samples - 32, seconds)[:, None]
    )
    tail[: round(0.012 * RATE)] *= np.linspace(0, 1, round(0.012 * RATE), dtype=np.float32)[:, None]
    tail -= tail.mean(axis=0)
    return (tail / np.sqrt(np.square(tail).sum(axis=0))).astype(np.float32)
