"""Melodies: a figure of two bars, said again with changes as people do. Pure and seeded.

A figure is a row of steps on a scale. It is fitted to each bar's chord: what falls on a strong place is a tone of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nightreel.studio.audio.harmony import Chord

_LOW, _HIGH = 65, 84
_STRONG = 8
"""Sixteenths from one strong place in a bar to the next."""

_WALK = (-3, -2, -1, -1, 0, 1, 1, 2, 3)


@dataclass(frozen=True, slots=True)
class Tone:
    """A tone of a melody: at which sixteenth of its bar, which pitch, and whether it is a soft one."""

    step: int
    pitch: int
    soft: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """Two bars' rhythms, and for each of their strokes how many steps of the scale it lies above the first."""

    rhythms: tuple[str, str]
    rises: tuple[int, ...]


def figure_of(rhythms: Sequence[str], chooser: np.random.Generator) -> Figure:
    """Invent a figure on two of *rhythms*: mostly steps, a leap now and then, which is taken back."""
    first, second = (str(chooser.choice(rhythms)) for _ in range(2))
    rises, now = [0], 0
    for _ in range(sum(mark != "." for mark in first + second) - 1):
        walk = int(chooser.choice(_WALK))
        now = now + walk if abs(now + walk) <= 5 else now - walk  # noqa: PLR2004 - within a sixth
        rises.append(now)
    return Figure((first, second), tuple(rises))


def sung(figure: Figure, bar: int, chord: Chord, scale: Sequence[int], key: int) -> list[Tone]:
    """Return the tones of *bar*: the figure, in the third and fourth bar answered, later lifted, at last at rest."""
    half, turn = bar % 2, bar // 2 % 4
    rhythm = figure.rhythms[half]
    before = sum(mark != "." for mark in figure.rhythms[0]) if half else 0
    strokes = [(step, mark) for step, mark in enumerate(rhythm) if mark != "."]
    ladder = [pitch for pitch in range(_LOW, _HIGH + 1) if (pitch - key) % 12 in scale]
    base = len(ladder) // 3 + (0, 0, 2, -1)[turn]
    tones: list[Tone] = []
    for number, (step, mark) in enumerate(strokes):
        rise = figure.rises[before + number]
        closing = half and number == len(strokes) - 1 and turn % 2
        place = base + (-rise if turn == 3 else rise)  # noqa: PLR2004 - the last turn looks back, upside down
        pitch = ladder[min(max(place, 0), len(ladder) - 1)]
        if closing or step % _STRONG == 0 or not _fits(pitch, chord):
            pitch = _nearest(pitch, chord)
        tones.append(Tone(step, pitch, mark == "o"))
    return tones


def _fits(pitch: int, chord: Chord) -> bool:
    """Whether a passing tone rubs against no tone of the chord."""
    return not any((pitch - tone) % 12 in {1, 11} for tone in chord.classes)


def _nearest(pitch: int, chord: Chord) -> int:
    return min(range(pitch - 6, pitch + 7), key=lambda it: (it % 12 not in chord.classes, abs(it - pitch)))
