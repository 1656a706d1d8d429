"""Pads: chords that many play together, as one loop whose partials are as wide as a section is unsteady.

After Paul Nasca's PADsynth: each partial is a narrow hill in a long spectrum with phases by lot, and one inverse
transform makes of it a sound that never repeats to the ear and joins its own end. Middle and sides have phases of
their own, so the pad is wide, and loses little in mono.
"""

from dataclasses import dataclass

import numpy as np

from nightreel.studio.audio.instruments import hertz
from nightreel.studio.audio.signal import RATE, Sound, any_phase

_LOOP = 1 << 17
_LEVEL = 0.07
"""RMS of a chord, so that it is about as loud as a struck one."""

_WIDTH = 0.55
_REACH = 3.0
"""Widths of a hill to either side of its middle."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of players.

    Attributes:
        slope: dB an octave by which its partials fall.
        top: Hz above which it is filtered away.
        cents: how wide the lowest partial is; higher ones are wider, but less than in proportion: they stay calm.
        formants: bands that are lifted, as a voice's are: Hz and how much.
        attack, release: seconds.
    """

    slope: float
    top: float
    cents: float = 14.0
    formants: tuple[tuple[float, float], ...] = ()
    attack: float = 0.35
    release: float = 0.9


_SECTIONS = {
    "warm": Section(slope=7.5, top=1_700, cents=12),
    "bright": Section(slope=6, top=3_600, cents=16, attack=0.12, release=0.5),
    "glass": Section(slope=10, top=5_000, cents=12, attack=0.6, release=1.4),
    "air": Section(slope=4, top=5_500, cents=34, formants=((2_400, 1.5),), attack=1.1, release=1.8),
    "strings": Section(slope=6, top=4_200, cents=19, formants=((420, 0.6), (1_100, 0.8), (2_800, 0.8)), attack=0.28),
    "choir": Section(slope=8, top=3_800, cents=24, formants=((620, 2.5), (1_050, 2.0), (2_700, 1.0)), attack=0.5,
                     release=1.2),
}  # fmt: skip


def is_pad(player: str) -> bool:
    """Whether *player* is a section."""
    return player in _SECTIONS


def chord(player: str, pitches: tuple[int, ...], seconds: float, force: float, seed: int) -> Sound:
    """Return a chord of a section: samples x 2. With less *force* it is darker."""
    section = _SECTIONS[player]
    loop = _loop(section, pitches, section.top * (0.45 + 0.55 * force), seed)
    samples = round((seconds + section.release) * RATE)
    sound = np.resize(loop, (samples, 2))
    rise, fall = (min(samples // 2, round(it * RATE)) for it in (section.attack, section.release))
    sound[:rise] *= (np.sin(np.linspace(0, np.pi / 2, rise, dtype=np.float32)) ** 2)[:, None]
    sound[samples - fall :] *= (np.cos(np.linspace(0, np.pi / 2, fall, dtype=np.float32)) ** 2)[:, None]
    return sound


def _loop(section: Section, pitches: tuple[int, ...], top: float, seed: int) -> Sound:
    power = np.zeros(_LOOP // 2 + 1, np.float32)
    step = RATE / _LOOP
    for pitch in pitches:
        base = hertz(pitch)
        for number in range(1, 40):
            middle = base * number
            if middle > min(3.5 * top, 11_000):
                break
            width = base * number**0.4 * (2 ** (section.cents / 1200) - 1)
            first, end = (int((middle + way * _REACH * width) / step) for way in (-1, 1))
            hill = np.exp(-(((np.arange(first, end + 2) * step - middle) / width) ** 2))
            power[first : end + 2] += (hill * _level(section, middle, number, top) / np.sqrt(width)).astype(
                np.float32
            )
    middle, side = np.fft.irfft(power * any_phase((2, len(power)), seed), _LOOP, axis=1)
    loop = np.stack([middle + _WIDTH * side, middle - _WIDTH * side], axis=1)
    return np.ascontiguousarray(loop * (_LEVEL / np.sqrt(np.square(loop).mean())), np.float32)


def _level(section: Section, frequency: float, number: int, top: float) -> float:
    level = number ** (-section.slope / 6.02) / (1 + (frequency / top) ** 4)
    return level * (1 + sum(lift * np.exp(-((np.log2(frequency / at) / 0.35) ** 2)) for at, lift in section.formants))
