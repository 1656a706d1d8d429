"""Chords: what their names mean, and how one is laid out so that it follows the one before. Pure.

Pitches are MIDI notes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product

_QUALITIES: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7), "m": (0, 3, 7), "add6": (0, 4, 7, 9), "m6": (0, 3, 7, 9), "add9": (0, 2, 4, 7),
    "m7": (0, 3, 7, 10), "maj7": (0, 4, 7, 11), "dom7": (0, 4, 7, 10), "sus4": (0, 5, 7, 10), "sus2": (0, 2, 7, 10),
    "m9": (3, 7, 10, 14), "maj9": (4, 7, 11, 14), "dom9": (4, 10, 14, 7),
}  # fmt: skip
"""Tones above the root; of chords with a ninth the bass alone has the root."""

_NAME = re.compile(r"(\d+)(.*)")
_LOW, _HIGH = 53, 74
"""The register of the chords: F3 to D5."""

_LOWEST_BASS = 33
MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord as it is played: the bass note, and the tones above it from low to high."""

    bass: int
    tones: tuple[int, ...]

    @property
    def classes(self) -> frozenset[int]:
        """The tones' names, whatever their octave."""
        return frozenset(tone % 12 for tone in (self.bass, *self.tones))


def voiced(progression: str, key: int) -> tuple[Chord, ...]:
    """Lay out a *progression* ("0add9 9m7 …") in *key* (0 is C), each chord as near to the one before as it goes."""
    chords: list[Chord] = []
    for name in progression.split():
        root, classes = _read(name, key)
        before = chords[-1].tones if chords else ()
        tones = min(_layouts(classes), key=lambda layout, before=before: _leap(layout, before))
        chords.append(Chord(_LOWEST_BASS + (root - _LOWEST_BASS) % 12, tones))
    return tuple(chords)


def _read(name: str, key: int) -> tuple[int, tuple[int, ...]]:
    match = _NAME.fullmatch(name)
    if match is None:
        raise ValueError(f'"{name}" is no chord')
    root = int(match[1]) + key
    return root, tuple((root + interval) % 12 for interval in _QUALITIES[match[2]])


@lru_cache(maxsize=256)
def _layouts(classes: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """Return the layouts of tones in the chords' register that are neither muddy nor farther apart than a hand."""
    places = [[pitch for pitch in range(_LOW, _HIGH + 1) if pitch % 12 == it] for it in classes]
    every = {tuple(sorted(layout)) for layout in product(*places)}
    close = [layout for layout in every if layout[-1] - layout[0] <= 16]  # noqa: PLR2004 - a tenth, as hands reach
    return tuple(sorted(close))


def _leap(layout: Sequence[int], before: Sequence[int]) -> float:
    """Return how far the voices move, outer ones counted twice; a first chord lies in the middle."""
    middle = abs(sum(layout) / len(layout) - (_LOW + _HIGH) / 2)
    rubs = sum(1 for low, high in pairwise(layout) if high - low == 1)
    if not before:
        return middle + 2 * rubs
    moves = sum(min(abs(tone - other) for other in before) for tone in layout)
    return moves + abs(layout[-1] - before[-1]) + 0.3 * middle + 2 * rubs
