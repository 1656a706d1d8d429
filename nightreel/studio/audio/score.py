"""The score of a piece: which note is struck when, by whom and how hard. Pure and seeded; no sound is made here.

A piece has an intro, builds up, may take a breath, and ends with a chord on a beat that dies away with the picture.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from nightreel.studio.audio.grid import Grid, draw, grid_of
from nightreel.studio.audio.harmony import MAJOR, MINOR, Chord, voiced
from nightreel.studio.audio.melody import Figure, figure_of, sung
from nightreel.studio.audio.moods import SLOW, Layer, Mood, Part, mood_named

_STEPS = 4
"""Sixteenths in a beat."""

_FULL = 3
_BREATH = 16
"""Bars from which a piece has a quiet passage in its second half."""

_SWELL = (0.8, 0.9, 1.0)
"""How loud a bar is, by its energy."""

_METRE = (1.0, 0.1, 0.5, 0.1, 0.75, 0.1, 0.5, 0.1)
"""How strong the places of a bar are, from half a beat to half a beat."""

_TOGETHER = 0.012
"""Seconds within which a stroke is on its place."""

_AUDIBLE = 0.2
"""The least power of a stroke that is cut on, beside the strongest of its bar."""

_SOFT = 0.55
_ONSET = 0.0225
"""Seconds before which nothing sounds: the encoder keeps the first 1,024 samples for itself."""

_LOOSE = 0.004
"""Seconds by which players are early or late, one standard deviation; on a beat they are together."""


@dataclass(frozen=True, slots=True)
class Note:
    """One note: when (seconds), which instrument, pitches (MIDI), how long (seconds), how hard (0..1).

    Attributes:
        gain: linear.
        side: between left (-1) and right (1).
        send: how much of it goes into the room.
        slide: the pitch from which a bass glides; 0 for none.
    """

    start: float
    player: str
    pitches: tuple[int, ...]
    seconds: float
    force: float
    gain: float
    side: float = 0.0
    send: float = 0.2
    slide: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """What the seed has decided: key, chords, who plays, and the melody's figure."""

    mood: Mood
    seed: int
    grid: Grid
    key: int
    scale: tuple[int, ...]
    chords: tuple[Chord, ...]
    figure: Figure
    energies: tuple[int, ...]
    layers: tuple[Layer, ...]

    def chord(self, bar: int) -> Chord:
        """Return the chord of *bar*."""
        return self.chords[bar % len(self.chords)]


@lru_cache(maxsize=16)
def piece_of(name: str, seed: int, total: int) -> Piece:
    """Return the piece of *total* ms in the mood called *name*."""
    mood = mood_named(name)
    grid = grid_of(mood, seed, total)
    progressions = mood.major + mood.minor
    place = draw(seed, "progression", len(progressions))
    key = draw(seed, f"key {mood.beats}", 12)
    chooser = np.random.default_rng(draw(seed, "figure", 2**31))
    layers = tuple(_chosen(layer, seed, number) for number, layer in enumerate(mood.layers))
    lead = next(layer for layer in mood.layers if layer.part is Part.LEAD)
    return Piece(
        mood, seed, grid, key, MAJOR if place < len(mood.major) else MINOR, voiced(progressions[place], key),
        figure_of(lead.rhythms, chooser), energies(grid.bars), layers,
    )  # fmt: skip


def energies(bars: int) -> tuple[int, ...]:
    """Return how full each bar is, 1..3: an intro, a verse, and from there on all, with a breath in longer pieces."""
    if bars < _FULL:
        return (_FULL,) * bars
    intro = max(1, min(4, round(bars / 6)))
    verse = max(1, min(8, (bars - intro) // 3))
    rest = bars - intro - verse
    row = [1] * intro + [2] * verse + [_FULL] * rest
    for begin in range(_BREATH - 2, bars - 6, 16) if bars >= _BREATH else ():
        row[begin : begin + 4] = [1, 1, 2, 2]
    return tuple(row)


@lru_cache(maxsize=4)
def written(name: str, seed: int, total: int) -> tuple[Note, ...]:
    """Return the notes of the piece, in the order of their starts."""
    piece = piece_of(name, seed, total)
    chooser = np.random.default_rng(draw(seed, "hands", 2**31))
    notes = [note for bar in range(piece.grid.bars) for layer in piece.layers for note in _bar(piece, layer, bar)]
    notes = [_by_hand(note, piece.grid, chooser) for note in notes]
    return tuple(sorted([*notes, *_turns(piece), *_ending(piece)], key=lambda note: note.start))


@lru_cache(maxsize=16)
def accents(name: str, seed: int, total: int) -> Mapping[int, float]:
    """Return where a cut would fall on something that is struck: ms → how strong a place it is, 0..1.

    Beats, and the halves between them that fall on a frame; a bar's first is the strongest, and what nobody plays on
    is none.
    """
    grid = piece_of(name, seed, total).grid
    struck: dict[int, float] = {}
    for note in written(name, seed, total):
        place = round(2 * note.start / grid.beat)
        on_frame = place * grid.frames % 2 == 0
        if place and on_frame and note.player not in SLOW and abs(note.start - grid.at(place / 2)) < _TOGETHER:
            struck[place] = struck.get(place, 0.0) + (note.gain * note.force) ** 2
    bars: dict[int, float] = {}
    for place, power in struck.items():
        bars[place // 8] = max(bars.get(place // 8, 0.0), power)
    return {
        round(1000 * grid.at(place / 2)): _METRE[place % 8]
        for place, power in sorted(struck.items())
        if power >= _AUDIBLE * bars[place // 8] and place <= 2 * grid.beats
    }


def _chosen(layer: Layer, seed: int, number: int) -> Layer:
    """Return *layer* with the one player, and but for a melody the one rhythm, that the seed gives it."""
    player = layer.players[draw(seed, f"player {number}", len(layer.players))]
    rhythm = layer.rhythms[draw(seed, f"rhythm {number}", len(layer.rhythms))]
    return replace(layer, players=(player,), rhythms=(rhythm,))


def _bar(piece: Piece, layer: Layer, bar: int) -> Iterator[Note]:
    """Yield what *layer* plays in *bar*."""
    if not layer.enters <= piece.energies[bar] <= layer.leaves:
        return
    last = piece.grid.at(4 * bar + piece.grid.beats_in(bar)) - 1e-6
    notes = _PARTS[layer.part](piece, layer, bar)
    swell = _SWELL[piece.energies[bar] - 1]
    yield from (replace(note, gain=note.gain * swell) for note in notes if note.start < last)


def _pad(piece: Piece, layer: Layer, bar: int) -> Iterator[Note]:
    tones = tuple(tone + 12 * layer.octave for tone in piece.chord(bar).tones)
    start, seconds = piece.grid.at(4 * bar), piece.grid.beat * piece.grid.beats_in(bar)
    yield _note(layer, start, tones, seconds, piece.energies[bar] / _FULL)


def _struck(piece: Piece, layer: Layer, bar: int) -> Iterator[Note]:
    tones = piece.chord(bar).tones
    for step, mark, seconds in _strokes(piece, layer.rhythms[0]):
        for number, tone in enumerate(tones):
            start = _when(piece, bar, step) + layer.strum * (number - (len(tones) - 1) / 2)
            yield _note(layer, start, (tone + 12 * layer.octave,), seconds, _force(mark), len(tones) ** -0.5)


def _broken(piece: Piece, layer: Layer, bar: int) -> Iterator[Note]:
    tones = piece.chord(bar).tones
    way = draw(piece.seed, f"way {layer.players[0]}", 3)
    count = len(tones)
    for number, (step, mark, seconds) in enumerate(_strokes(piece, layer.rhythms[0])):
        turn = 2 * count - 2
        place = (number % count, abs(count - 1 - number % turn), (number * 3) % count)[way]
        pitch = tones[place] + 12 * layer.octave
        yield _note(layer, _when(piece, bar, step), (pitch,), seconds, _force(mark))


def _melody(piece: Piece, layer: Layer, bar: int) -> Iterator[Note]:
    tones = sung(piece.figure, bar, piece.chord(bar), piece.scale, piece.key)
    for number, tone in enumerate(tones):
        until = tones[number + 1].step if number + 1 < len(tones) else 16
        seconds = piece.grid.beat / _STEPS * (until - tone.step)
        pitch = tone.pitch + 12 * (layer.octave - 1)
        yield _note(layer, _when(piece, bar, tone.step), (pitch,), seconds, _SOFT if tone.soft else 0.9)


def _bass(piece: Piece, layer: Layer, bar: int) -> Iterator[Note]:
    root = piece.chord(bar).bass
    before = piece.chord(bar - 1).bass if bar else 0
    for step, mark, seconds in _strokes(piece, layer.rhythms[0]):
        pitch = root + {"5": 7 if root < 40 else -5, "8": 12}.get(mark, 0)  # noqa: PLR2004 - E2: above it, down
        slide = before if step == 0 and 0 < abs(before - root) <= 5 else 0  # noqa: PLR2004 - a fourth at most
        yield _note(layer, _when(piece, bar, step), (pitch,), seconds * 0.94, _force(mark), slide=slide)


def _drum(piece: Piece, layer: Layer, bar: int) -> Iterator[Note]:
    closing = bar + 1 < piece.grid.bars and piece.energies[bar + 1] != piece.energies[bar]
    for step, mark, _ in _strokes(piece, layer.rhythms[0]):
        if closing and layer.players[0].startswith("kick") and step >= 12:  # noqa: PLR2004 - room for the fill
            continue
        yield _note(layer, _when(piece, bar, step), (step % 4,), 0.0, _force(mark))


_PARTS = {
    Part.PAD: _pad, Part.CHORDS: _struck, Part.ARPEGGIO: _broken, Part.LEAD: _melody, Part.BASS: _bass,
    Part.DRUM: _drum,
}  # fmt: skip


def _turns(piece: Piece) -> Iterator[Note]:
    """Yield what leads from one passage into the next: a riser, and a cymbal where all come in."""
    grid = piece.grid
    if all(layer.part is not Part.DRUM for layer in piece.layers):
        return
    for bar in range(1, grid.bars):
        if piece.energies[bar] > piece.energies[bar - 1]:
            yield Note(grid.at(4 * bar - 2), "riser", (), 2 * grid.beat, 0.6, 0.10, send=0.3)
        if piece.energies[bar] == _FULL > piece.energies[bar - 1]:
            yield Note(grid.at(4 * bar), "cymbal", (), 0, 0.6, 0.20, side=0.2, send=0.3)


def _ending(piece: Piece) -> Iterator[Note]:
    """Yield the last chord: everyone who has played at the end, once, for as long as it lasts."""
    start, chord = max(piece.grid.last_chord, _ONSET), piece.chord(0)
    for layer in piece.layers:
        if layer.leaves < _FULL:
            continue
        tones = tuple(tone + 12 * layer.octave for tone in chord.tones)
        if layer.part is Part.PAD:
            yield _note(layer, start, tones, 1.6, 1.0)
        elif layer.part is Part.CHORDS:
            for number, tone in enumerate(tones):
                yield _note(layer, start + 2 * layer.strum * number, (tone,), 2.4, 0.9, len(tones) ** -0.5)
        elif layer.part is Part.LEAD:
            yield _note(layer, start, (tones[-1] - 12 * layer.octave + 12,), 2.0, 0.8)
        elif layer.part is Part.BASS:
            yield _note(layer, start, (chord.bass,), 1.8, 1.0)
        elif layer.players[0].startswith(("kick", "taiko")):
            yield _note(layer, start, (0,), 0, 1.0)
    if piece.mood.pump or piece.grid.tempo > 120:  # noqa: PLR2004 - a lively piece
        yield Note(start, "cymbal", (), 0, 0.7, 0.22, side=0.2, send=0.3)


def _note(
    layer: Layer, start: float, pitches: tuple[int, ...], seconds: float, force: float, share: float = 1.0, *,
    slide: int = 0,
) -> Note:  # fmt: skip
    gain = 10 ** (layer.level / 20) * share
    return Note(start, layer.players[0], pitches, seconds, force, gain, layer.side, layer.send, slide)


def _by_hand(note: Note, grid: Grid, chooser: np.random.Generator) -> Note:
    """Return *note* as somebody plays it: not quite in time but on the beat, each time a little softer or louder."""
    loose = 0.25 if abs(note.start / grid.beat - round(note.start / grid.beat)) < 0.03 else 1.0  # noqa: PLR2004
    shift = float(np.clip(chooser.normal(0, _LOOSE), -2 * _LOOSE, 2 * _LOOSE)) * loose
    touch = float(10 ** (chooser.normal(0, 0.8) / 20))
    return replace(note, start=max(_ONSET, note.start + shift), gain=note.gain * touch)


def _strokes(piece: Piece, rhythm: str) -> Iterator[tuple[int, str, float]]:
    """Yield each stroke's sixteenth, its mark, and the seconds until the next."""
    steps = [step for step, mark in enumerate(rhythm) if mark != "."]
    for step, until in zip(steps, [*steps[1:], 16], strict=True):
        yield step, rhythm[step], (until - step) * piece.grid.beat / _STEPS


def _when(piece: Piece, bar: int, step: int) -> float:
    late = piece.mood.swing if step % 2 else 0.0
    return piece.grid.at(4 * bar + (step + late) / _STEPS)


def _force(mark: str) -> float:
    return _SOFT if mark == "o" else 0.95
