"""Sound arithmetic: stereo float32 arrays of samples x 2, at 48 kHz."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
Sound = NDArray[np.float32]

_BLOCK = 1 << 14
_TAPS = 1 << 12
_TILTED, _PIVOT, _RUMBLE, _TOP = (60.0, 12_000.0), 700.0, 30.0, 15_500.0  # Hz
_BEFORE = 0.014
"""Seconds before a room answers."""

_BREADTH = 0.6
"""How loud the sides of a room are beside its middle: wide, and most of it is left in mono."""

_BANDS = ((180.0, 900.0, 1.0), (900.0, 3_000.0, 0.75), (3_000.0, 9_000.0, 0.4))
"""Of a room: from Hz, to Hz, and what share of its time they ring."""


def silence(samples: int) -> Sound:
    """Return *samples* of stereo silence."""
    return np.zeros((samples, 2), np.float32)


def convolved(sound: Sound, kernel: Sound, late: int = 0) -> Sound:
    """Return *sound* through the filter *kernel*, both stereo, *late* samples early, as long as *sound*; by FFT."""
    length = max(_BLOCK, 1 << (2 * len(kernel) - 1).bit_length())
    step = length - len(kernel) + 1
    spectra = [np.fft.rfft(kernel[:, channel], length) for channel in (0, 1)]
    result = silence(len(sound) + length)
    for begin in range(0, len(sound), step):
        for channel, spectrum in enumerate(spectra):
            block = np.fft.rfft(sound[begin : begin + step, channel], length)
            block *= spectrum
            result[begin : begin + length, channel] += np.fft.irfft(block, length)
    return result[late : late + len(sound)]


def tilted(sound: Sound, slope: float) -> Sound:
    """Return *sound* with its height lifted by *slope* dB an octave, and without what is only felt or lost in AAC."""
    frequency = np.fft.rfftfreq(_TAPS, 1 / RATE)
    octaves = np.log2(np.clip(frequency, *_TILTED) / _PIVOT)
    gain = 10 ** (slope * octaves / 20) * frequency**4 / (frequency**4 + _RUMBLE**4) / (1 + (frequency / _TOP) ** 12)
    kernel = np.roll(np.fft.irfft(gain), _TAPS // 2) * np.hanning(_TAPS)
    return convolved(sound, np.stack([kernel, kernel], axis=1).astype(np.float32), _TAPS // 2)


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


@lru_cache(maxsize=8)
def any_phase(shape: tuple[int, ...], seed: int) -> NDArray[np.complex64]:
    """Return numbers of size 1 and any phase, by lot."""
    turns = np.random.default_rng(seed).random(shape, np.float32) * np.float32(2 * np.pi)
    numbers = np.empty(shape, np.complex64)
    np.cos(turns, out=numbers.real)
    np.sin(turns, out=numbers.imag)
    return numbers


def room(seconds: float, seed: int) -> Sound:
    """Return a reverberation of unit power: early echoes, then noise whose height dies away before its depth."""
    samples = round(seconds * RATE)
    chooser = np.random.default_rng(seed)
    noise = chooser.normal(0, 1, (2, samples)).astype(np.float32)
    spectrum, frequency = np.fft.rfft(noise, axis=1), np.fft.rfftfreq(samples, 1 / RATE).astype(np.float32)
    tail = np.zeros((2, samples), np.float32)
    for low, high, share in _BANDS:
        band = (frequency**2 / (frequency**2 + low * low)) / (1 + (frequency / high) ** 4)
        tail += np.fft.irfft(spectrum * band, samples, axis=1).astype(np.float32) * decay(samples, share * seconds)
    before = round(_BEFORE * RATE)
    tail = np.pad(tail, ((0, 0), (before, 0)))[:, :samples]
    rise = round(0.03 * RATE)
    tail[:, before : before + rise] *= np.linspace(0, 1, rise, dtype=np.float32)
    for at, level in zip(chooser.uniform(0.008, 0.06, 10), np.geomspace(0.9, 0.3, 10), strict=True):
        tail[chooser.integers(2), min(samples - 1, round(at * RATE))] += level * chooser.choice((-8.0, 8.0))
    middle, side = tail[0], np.float32(_BREADTH) * tail[1]
    sides = np.stack([middle + side, middle - side])
    return np.ascontiguousarray((sides / np.sqrt(np.square(sides).sum(axis=1, keepdims=True))).T)
