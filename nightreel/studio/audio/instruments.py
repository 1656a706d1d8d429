"""The instruments: each makes one note as mono samples that start and end at zero."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nightreel.studio.audio.signal import RATE, decay

Mono = NDArray[np.float32]


def hertz(note: float) -> float:
    """Return the frequency of a MIDI note."""
    return 440.0 * 2 ** ((note - 69) / 12)


def _time(seconds: float) -> Mono:
    return np.arange(max(1, round(seconds * RATE)), dtype=np.float32) / np.float32(RATE)


def _shaped(wave: NDArray[np.floating[Any]], attack: float, release: float) -> Mono:
    sound: Mono = wave.astype(np.float32)
    count = len(sound)
    rise, fall = max(1, min(count, round(attack * RATE))), max(1, min(count, round(release * RATE)))
    sound[:rise] *= np.linspace(0, 1, rise, dtype=np.float32) ** 1.5
    sound[-fall:] *= np.linspace(1, 0, fall, dtype=np.float32) ** 2
    return sound


def pad(note: float, seconds: float, *, bright: float = 0.62) -> Mono:
    """A soft, slowly opening chord tone: detuned partials, the high ones late and quiet."""
    time = _time(seconds + 0.6)
    sound = np.zeros_like(time)
    for cents in (-6.0, 0.0, 5.0):
        base = hertz(note + cents / 100)
        for partial in range(1, 8):
            if base * partial > 6_000:  # noqa: PLR2004 - nothing shrill in a bed
                break
            sound += np.sin(2 * np.pi * base * partial * time + partial * cents) * (bright ** (partial - 1)) / partial
    return _shaped(sound * 0.18, 0.45, 0.9)


def keys(note: float, seconds: float) -> Mono:
    """An electric piano: a sine that a second one bends, most at the stroke."""
    time = _time(max(0.4, seconds) + 0.5)
    base = hertz(note)
    bend = np.sin(2 * np.pi * base * time) * 1.1 * decay(len(time), 1.1)
    tine = np.sin(2 * np.pi * base * 7 * time) * 0.12 * decay(len(time), 0.35)
    return _shaped((np.sin(2 * np.pi * base * time + bend) + tine) * decay(len(time), 3.2) * 0.42, 0.004, 0.3)


def piano(note: float, seconds: float) -> Mono:
    """A felt piano: partials a little sharp, the high ones short, and the stroke of the hammer rounded."""
    time = _time(max(0.6, seconds) + 0.9)
    base = hertz(note)
    sound = np.zeros_like(time)
    for partial in range(1, 9):
        frequency = base * partial * (1 + 0.0003 * partial * partial) ** 0.5
        if frequency > 8_000:  # noqa: PLR2004 - felt hides these
            break
        sound += np.sin(2 * np.pi * frequency * time) * 0.62**partial * decay(len(time), 4.5 / partial**0.8)
    return _shaped(sound * 0.6, 0.006, 0.5)


def pluck(note: float, seconds: float) -> Mono:
    """A plucked string or a marimba-like stroke: bright at first, soon gone."""
    time = _time(min(0.9, max(0.3, seconds)) + 0.2)
    base = hertz(note)
    body = np.sin(2 * np.pi * base * time) * decay(len(time), 1.0)
    edge = np.sin(2 * np.pi * base * 3.98 * time) * 0.4 * decay(len(time), 0.3)
    string = np.sin(2 * np.pi * base * 2 * time) * 0.3 * decay(len(time), 0.5)
    return _shaped((body + edge + string) * 0.5, 0.002, 0.12)


def bell(note: float, seconds: float) -> Mono:
    """A small, glassy bell, far away."""
    time = _time(max(1.2, seconds) + 0.8)
    base = hertz(note)
    bend = np.sin(2 * np.pi * base * 3.5 * time) * 0.9 * decay(len(time), 1.4)
    return _shaped(np.sin(2 * np.pi * base * time + bend) * decay(len(time), 2.6) * 0.3, 0.003, 0.5)


def bass(note: float, seconds: float) -> Mono:
    """A round bass: a sine, with just enough above it to be heard on a phone."""
    time = _time(seconds + 0.08)
    base = 2 * np.pi * hertz(note) * time
    sound = (
        np.sin(base)
        + 0.35 * np.sin(2 * base) * decay(len(time), 0.9)
        + 0.12 * np.sin(3 * base) * decay(len(time), 0.5)
    )
    return _shaped(np.tanh(1.2 * sound) * 0.6, 0.008, 0.09)


def kick(_note: float = 0, _seconds: float = 0) -> Mono:
    """A bass drum: a sine that falls in pitch."""
    time = _time(0.38)
    phase = 2 * np.pi * (48 * time + 105 * 0.028 * (1 - np.exp(-time / 0.028)))
    return _shaped(np.sin(phase) * decay(len(time), 0.42), 0.002, 0.08)


def clap(_note: float = 0, _seconds: float = 0) -> Mono:
    """A snare between a clap and a brush: noise without its depth, over a short tone."""
    time = _time(0.24)
    noise = _noise(len(time), 5)
    tone = np.sin(2 * np.pi * 188 * time) * decay(len(time), 0.11) * 0.5
    return _shaped((np.diff(noise, prepend=0) * 0.42 * decay(len(time), 0.24) + tone), 0.001, 0.06)


def hat(_note: float = 0, _seconds: float = 0) -> Mono:
    """A closed hi-hat: the highest of a noise, very short."""
    noise = _noise(round(0.07 * RATE), 9)
    return _shaped(np.diff(noise, n=3, prepend=(0, 0, 0)) * 0.12 * decay(len(noise), 0.06), 0.001, 0.02)


def shaker(_note: float = 0, _seconds: float = 0) -> Mono:
    """A shaker: as a hi-hat, with a soft start."""
    noise = _noise(round(0.11 * RATE), 13)
    return _shaped(np.diff(noise, n=2, prepend=(0, 0)) * 0.12 * decay(len(noise), 0.12), 0.03, 0.04)


def swell(_note: float, seconds: float) -> Mono:
    """Air that rises into the next bar: noise that grows and opens."""
    time = _time(seconds)
    noise = _noise(len(time), 17)
    dark = np.convolve(noise, np.ones(24, np.float32) / 24, "same")
    share = (time / seconds) ** 2.2
    return _shaped(((dark * 1.6 * (1 - share) + noise * 0.35 * share) * share * 0.5).astype(np.float32), 0.05, 0.03)


def _noise(samples: int, seed: int) -> Mono:
    return np.random.default_rng(seed).uniform(-1, 1, samples).astype(np.float32)
