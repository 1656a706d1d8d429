"""The grid of a piece: how fast it goes, where its bars begin, and where its last chord falls. Pure.

A beat lasts a whole number of thirtieths of a second, so that beats fall on frames: a cut on a beat is on it to the
sample. The tempo is the seed's choice among the mood's; what is left over goes to the last chord, which dies away
with the picture.
"""

import hashlib
from dataclasses import dataclass
from fractions import Fraction

from nightreel.studio.audio.moods import Mood

_FPS = 30
_BAR = 4
_LEAST_RING = Fraction(13, 10)
"""Seconds for the last chord, where there is time for them."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The beats of a piece.

    Attributes:
        frames: thirtieths of a second in a beat.
        beats: how many go before the last chord, which falls on the next; bars of four, and a half one at the end
            where *beats* is no multiple of four.
    """

    frames: int
    beats: int

    @property
    def beat(self) -> float:
        """A beat's length in seconds."""
        return self.frames / _FPS

    @property
    def tempo(self) -> float:
        """Beats a minute."""
        return 60 * _FPS / self.frames

    @property
    def bars(self) -> int:
        """How many bars go before the last chord, the half one included."""
        return -(-self.beats // _BAR)

    @property
    def last_chord(self) -> float:
        """When the last chord is struck, in seconds."""
        return self.at(self.beats)

    def at(self, beat: float) -> float:
        """Return when a *beat*, counted from 0, falls; in seconds."""
        return beat * self.frames / _FPS

    def beats_in(self, bar: int) -> int:
        """Return how many beats *bar* has."""
        return min(_BAR, self.beats - _BAR * bar)


def grid_of(mood: Mood, seed: int, total: int) -> Grid:
    """Return the grid of a piece of *total* ms: the same for the same arguments, whoever asks."""
    frames = mood.beats[draw(seed, "tempo", len(mood.beats))]
    seconds = Fraction(total, 1000)
    played = seconds - min(_LEAST_RING, seconds / 2)
    return Grid(frames, max(0, int(played * _FPS / frames) // 2 * 2))


def draw(seed: int, purpose: str, count: int) -> int:
    """Return a number below *count* that hangs on nothing but the arguments."""
    digest = hashlib.sha256(f"{purpose}:{seed}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % count
