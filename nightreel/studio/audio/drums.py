"""The drums, and what else has no pitch: each makes one stroke, mono, that starts and ends at zero."""

from collections.abc import Callable

import numpy as np

from nightreel.studio.audio.instruments import Mono, shaped, wave
from nightreel.studio.audio.signal import RATE, any_phase, decay


def stroke(player: str, seconds: float, force: float, turn: int = 0) -> Mono:
    """Return a stroke of *player*; *turn* tells apart those that follow one another, which are never quite alike."""
    return _DRUMS[player](seconds, force, turn)


def is_drum(player: str) -> bool:
    """Whether *player* has no pitch."""
    return player in _DRUMS


def noise(samples: int, low: float, high: float, seed: int) -> Mono:
    """Return noise between *low* and *high* Hz, with soft edges, of an RMS of 1."""
    size = 1 << max(6, (samples - 1).bit_length())
    frequency = np.fft.rfftfreq(size, 1 / RATE).astype(np.float32)
    rise = frequency**2 / (frequency**2 + np.float32(low * low))
    fall = 1 / (1 + (frequency / np.float32(high)) ** 4)
    sound = np.fft.irfft(rise * fall * any_phase((len(frequency),), seed), size)[:samples].astype(np.float32)
    return sound / np.float32(np.sqrt(np.square(sound).mean()) + 1e-9)


def _kick(deep: float, drop: float, ring: float, click: float) -> Callable[[float, float, int], Mono]:
    """A bass drum: a sine that falls to *deep* Hz, and the beater."""

    def play(_seconds: float, force: float, _turn: int) -> Mono:
        samples = round((ring + 0.05) * RATE)
        time = np.arange(samples) / RATE
        phase = 2 * np.pi * (deep * time + drop * 0.024 * (1 - np.exp(-time / 0.024)))
        body = np.sin(phase).astype(np.float32) * decay(samples, ring)
        beater = noise(samples, 900, 5_000, 3) * decay(samples, 0.035) * np.float32(click * force)
        return shaped(np.tanh(1.5 * (body + beater)) * np.float32(0.8), 0.001, 0.04)

    return play


def _snare(tone: float, ring: float, low: float, high: float, wires: float) -> Callable[[float, float, int], Mono]:
    """A snare drum, rim or brush: a short tone and the rattle of its wires."""

    def play(_seconds: float, force: float, turn: int) -> Mono:
        samples = round((ring + 0.04) * RATE)
        skin = (wave(tone, samples) + 0.5 * wave(tone * 1.58, samples)) * decay(samples, ring * 0.45)
        rattle = noise(samples, low, high * (0.7 + 0.3 * force), 20 + turn) * decay(samples, ring)
        return shaped(skin * np.float32(0.45 * (1 - wires) + 0.1) + rattle * np.float32(0.24 * wires), 0.0008, 0.04)

    return play


def _clap(_seconds: float, force: float, turn: int) -> Mono:
    """Hands: three strokes that nearly fall together, and the room around them."""
    samples = round(0.26 * RATE)
    sound = noise(samples, 1_000, 3_800 + 1_500 * force, 40 + turn)
    envelope = 0.35 * decay(samples, 0.24)
    for number, level in enumerate((0.6, 0.75, 1.0)):
        begin = round((0.009 * number) * RATE)
        envelope[begin:] += np.float32(level) * decay(samples - begin, 0.05)
    return shaped(sound * envelope * np.float32(0.20), 0.0008, 0.06)


def _snap(_seconds: float, force: float, turn: int) -> Mono:
    """Fingers: a short knock with a pitch."""
    samples = round(0.14 * RATE)
    knock = wave(1_850, samples) * decay(samples, 0.045) * 0.5
    skin = noise(samples, 1_500, 4_500, 60 + turn) * decay(samples, 0.07) * 0.3
    return shaped((skin + knock) * np.float32(0.7 + 0.3 * force), 0.0008, 0.03)


def _shaken(attack: float, ring: float, low: float, high: float) -> Callable[[float, float, int], Mono]:
    """A hi-hat, shaker or brush: bright noise."""

    def play(_seconds: float, force: float, turn: int) -> Mono:
        samples = round((attack + ring) * RATE)
        fading = decay(samples, ring * (0.7 + 0.4 * force))
        return shaped(noise(samples, low, high, 80 + turn) * fading * np.float32(0.26), attack, ring / 3)

    return play


def _tambourine(_seconds: float, force: float, turn: int) -> Mono:
    samples = round(0.16 * RATE)
    jingles = sum((wave(hertz, samples) for hertz in (5_270, 6_910, 8_340)), np.zeros(samples, np.float32))
    sound = noise(samples, 5_000, 11_000, 100 + turn) * 0.7 + jingles * np.float32(0.3)
    return shaped(sound * decay(samples, 0.13 * (0.6 + 0.5 * force)) * np.float32(0.22), 0.004, 0.05)


def _taiko(deep: float, ring: float) -> Callable[[float, float, int], Mono]:
    """A large drum: a skin that falls a little, its overtones, and the stick."""

    def play(_seconds: float, force: float, turn: int) -> Mono:
        samples = round((ring + 0.1) * RATE)
        time = np.arange(samples) / RATE
        turns = deep * (time + 0.28 * 0.05 * (1 - np.exp(-time / 0.05)))
        sound = np.zeros(samples, np.float32)
        for ratio, level, sooner in ((1, 1.0, 1.0), (1.59, 0.45, 1.8), (2.14, 0.28, 2.4), (2.65, 0.18, 3.0)):
            sound += np.sin(2 * np.pi * turns * ratio).astype(np.float32) * decay(samples, ring / sooner) * level
        sound += noise(samples, 300, 2_400, 120 + turn) * decay(samples, 0.09) * np.float32(0.4 * force)
        return shaped(np.tanh(sound) * np.float32(0.75), 0.002, 0.1)

    return play


def _cymbal(_seconds: float, force: float, _turn: int) -> Mono:
    samples = round(1.9 * RATE)
    wash = noise(samples, 3_500, 9_000 + 3_000 * force, 140) * (
        0.75 * decay(samples, 1.7) + 0.25 * decay(samples, 0.3)
    )
    return shaped(wash * np.float32(0.5), 0.004, 0.5)


def _riser(seconds: float, _force: float, _turn: int) -> Mono:
    """Air that rises into the next bar: noise that grows and opens."""
    samples = round(seconds * RATE)
    share = np.linspace(0, 1, samples, dtype=np.float32) ** 2
    dark, bright = noise(samples, 200, 1_400, 160), noise(samples, 1_200, 6_500, 161)
    return shaped((dark * (1 - share) + bright * share) * share * np.float32(0.7), 0.1, 0.03)


_DRUMS: dict[str, Callable[[float, float, int], Mono]] = {
    "kick deep": _kick(46, 190, 0.42, 0.10),
    "kick soft": _kick(52, 90, 0.30, 0.03),
    "kick tight": _kick(55, 140, 0.24, 0.12),
    "snare": _snare(186, 0.20, 900, 8_500, 0.8),
    "snare soft": _snare(196, 0.17, 600, 4_800, 0.65),
    "brush": _snare(210, 0.15, 1_200, 6_500, 0.95),
    "rim": _snare(840, 0.07, 1_800, 6_000, 0.2),
    "clap": _clap,
    "snap": _snap,
    "hat": _shaken(0.001, 0.075, 6_500, 13_500),
    "hat soft": _shaken(0.002, 0.060, 4_500, 8_500),
    "shaker": _shaken(0.022, 0.10, 4_500, 11_000),
    "tambourine": _tambourine,
    "taiko": _taiko(58, 0.95),
    "taiko high": _taiko(112, 0.5),
    "cymbal": _cymbal,
    "riser": _riser,
}
