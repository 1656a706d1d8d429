"""The band plays a piece: notes are mixed to stereo, go into a room, and give way to the bass drum."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from nightreel.studio.audio import drums, instruments, pads
from nightreel.studio.audio.grid import draw
from nightreel.studio.audio.moods import Mood
from nightreel.studio.audio.score import Note, piece_of, written
from nightreel.studio.audio.signal import RATE, Sound, convolved, faded, room, silence, tilted

_PASSAGE = 16.0
"""Seconds that are mixed at a time, so that a long piece takes little more memory than a short one."""

_LONGEST = 11.0
"""Seconds that the longest note goes on after its start, in the room too."""

_KIT = 0.62
_LEVELS = {"kick": 0.85, "snare": 0.8, "taiko": 0.8, "finger": 1.25, "upright": 1.3, "spiccato": 1.3, "muted": 1.5}
"""How much louder than others some are played, by the beginnings of their names."""

_BACK = 0.16
"""Seconds in which the band comes back after the bass drum."""

Sides = tuple[tuple[NDArray[np.float32], float], ...]
"""What is heard on the left and on the right: samples, and how loud they are."""


class Band:
    """The players of one piece; what was played before need not be made again."""

    def __init__(self, mood: Mood, seed: int) -> None:
        self.mood = mood
        self._seed = seed
        self._played: dict[tuple[object, ...], NDArray[np.float32]] = {}

    def play(self, note: Note) -> Sides:
        """Return *note* as it is heard on both sides."""
        key = (note.player, note.pitches, round(note.seconds, 3), round(note.force, 1), note.slide)
        if key not in self._played:
            self._played[key] = self._sound(note)
        sound = self._played[key]
        if sound.ndim == 2:  # noqa: PLR2004 - a pad is wide already
            return tuple((side, note.gain) for side in sound)
        angle = (note.side * 0.8 + 1) * np.pi / 4
        level = note.gain * next((it for name, it in _LEVELS.items() if note.player.startswith(name)), 1.0) * 2**0.5
        return (sound, level * np.cos(angle)), (sound, level * np.sin(angle))

    def _sound(self, note: Note) -> NDArray[np.float32]:
        if pads.is_pad(note.player):
            wide = pads.chord(note.player, note.pitches, note.seconds, note.force, draw(self._seed, "pad", 2**31))
            return np.ascontiguousarray(wide.T)
        if drums.is_drum(note.player):
            turn = note.pitches[0] if note.pitches else 0
            return drums.stroke(note.player, note.seconds, note.force, turn) * np.float32(_KIT)
        return instruments.note(note.player, note.pitches[0], note.seconds, note.force, note.slide) * np.float32(0.3)


def play(name: str, seed: int, total: int) -> Sound:
    """Return *total* ms of music in the mood called *name*, unmastered; the same for the same *seed*."""
    piece = piece_of(name, seed, total)
    notes = written(name, seed, total)
    mood, band = piece.mood, Band(piece.mood, seed)
    samples = round(total * RATE / 1000)
    mixed = silence(samples)
    kicks = [note.start for note in notes if note.player.startswith("kick") and note.gain > 0.9]  # noqa: PLR2004
    hall = room(mood.room[0], seed)
    for begin, passage in _passages(notes, total / 1000):
        sound = _mixed(band, passage, begin, samples - begin, hall, kicks)
        mixed[begin : begin + len(sound)] += sound
    _hiss(mixed, mood.air, seed)
    ring = total / 1000 - piece.grid.last_chord
    return faded(tilted(mixed, mood.tilt), 0.005, min(1.2, 0.8 * ring))


def _passages(notes: Sequence[Note], seconds: float) -> Iterator[tuple[int, list[Note]]]:
    """Yield the notes that start in each passage, and the passage's first sample."""
    for number in range(max(1, int(-(-seconds // _PASSAGE)))):
        first, end = number * _PASSAGE, (number + 1) * _PASSAGE
        yield round(first * RATE), [note for note in notes if first <= note.start < end]


def _mixed(band: Band, notes: Sequence[Note], begin: int, most: int, hall: Sound, kicks: Sequence[float]) -> Sound:
    """Return what *notes* sound like, from the sample *begin* on until the last has died away, *most* samples."""
    samples = min(most, round((_PASSAGE + _LONGEST) * RATE))
    tuned, beaten, sent = (np.zeros((2, samples), np.float32) for _ in range(3))  # a side in one piece is quicker
    for note in notes:
        bus, at = beaten if drums.is_drum(note.player) else tuned, round(note.start * RATE) - begin
        for side, (sound, level) in enumerate(band.play(note)):
            heard = sound[: max(0, samples - at)] * np.float32(level)
            bus[side, at : at + len(heard)] += heard
            heard *= np.float32(note.send)
            sent[side, at : at + len(heard)] += heard
    if band.mood.pump:
        gain = _pump(band.mood.pump, kicks, begin, samples)
        tuned *= gain
        sent *= gain
    heard = convolved(sent.T, hall)
    heard *= np.float32(4 * band.mood.room[1])
    heard += tuned.T
    heard += beaten.T
    return heard


def _pump(depth: float, kicks: Sequence[float], begin: int, samples: int) -> NDArray[np.float32]:
    """Return the gain that the bass drum leaves to the others: down at once, back smoothly."""
    gain = np.ones(samples, np.float32)
    time = np.arange(round(3 * _BACK * RATE), dtype=np.float32) / RATE
    back = 1 - np.float32(depth) * np.exp(-((time / np.float32(_BACK)) ** 2))
    down = round(0.006 * RATE)
    back = np.concatenate([np.linspace(1, back[0], down, dtype=np.float32), back])
    for kick in kicks:
        at = round(kick * RATE) - begin - down
        part = gain[max(0, at) : max(0, at + len(back))]
        np.minimum(part, back[len(back) - len(part) :] if at < 0 else back[: len(part)], out=part)
    return gain


def _hiss(sound: Sound, level: float, seed: int) -> None:
    """Add the breath of a room, or of a record: quiet noise, the same on no two sides."""
    if level <= -90 or not len(sound):  # noqa: PLR2004 - none
        return
    loop = 1 << 17
    for channel in (0, 1):
        breath = drums.noise(loop, 250, 5_500, draw(seed, "hiss", 2**30) + channel)
        sound[:, channel] += np.resize(breath, len(sound)) * np.float32(10 ** (level / 20))
