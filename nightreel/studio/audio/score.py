"""Playing a mood for a length of time: an intro, the full band, a last chord that dies away with the picture."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from nightreel.studio.audio import instruments
from nightreel.studio.audio.instruments import Mono
from nightreel.studio.audio.moods import Chord, Mood
from nightreel.studio.audio.signal import RATE, Sound, convolved, faded, room, silence

_PLAYERS: dict[str, Callable[[float, float], Mono]] = {
    name: getattr(instruments, name)
    for name in ("keys", "piano", "pluck", "bell", "bass", "kick", "clap", "hat", "shaker", "swell")
}
_LEAST_TAIL = 1.2  # seconds for the last chord
_BEATS = 4
_LONGEST = 96.0  # seconds that are played; what is longer repeats its middle


@dataclass(frozen=True, slots=True)
class Note:
    """One note: when, what, how long (seconds), how loud, and where between left (-1) and right (1)."""

    start: float
    player: str
    pitch: float
    seconds: float
    gain: float
    side: float = 0.0


@dataclass(frozen=True, slots=True)
class Form:
    """A piece's bars and its tempo, such that the last chord falls on a bar and dies away by the end."""

    bars: int
    bar: float

    @property
    def last_chord(self) -> float:
        """When the last chord is struck, in seconds."""
        return self.bars * self.bar


def form_of(mood: Mood, seconds: float) -> Form:
    """Find the tempo of *mood* that makes whole bars of *seconds* with a tail of about one and a half."""
    slow, fast = (60 / tempo * _BEATS for tempo in mood.tempo)
    played = max(0.1, seconds - max(_LEAST_TAIL, min(2.4, 0.16 * seconds)))
    bars = max(1, round(played / ((slow + fast) / 2)))
    return Form(bars, min(max(played / bars, fast), slow))


def play(mood: Mood, seconds: float, seed: int) -> Sound:
    """Return *seconds* of music, unmastered; the same for the same *seed*."""
    if seconds > _LONGEST:
        return _repeated(mood, seconds, seed)
    form = form_of(mood, seconds)
    chooser = np.random.default_rng(seed)
    chords = mood.progressions[int(chooser.integers(len(mood.progressions)))]
    key = int(chooser.integers(-3, 4))
    samples = round(seconds * RATE)
    dry, drums = silence(samples), silence(samples)
    played: dict[tuple[str, float, float], Mono] = {}
    for note in (*_harmony(mood, form, chords, key, seed), *_ending(mood, form, chords[0], key)):
        _add(dry, note, played)
    for note in _rhythm(mood, form):
        _add(drums, note, played)
    dry *= _pump(mood, form, samples)[:, None]
    length, share = mood.space
    mixed = convolved((dry + np.float32(0.15) * drums).astype(np.float32, copy=False), room(length, seed))
    mixed *= np.float32(share * 1.1)
    mixed += drums
    mixed += dry * np.float32(1 - share / 2)
    return faded(_warmed(mixed, mood.warmth), 0.01, min(0.9, 0.3 * seconds))


def _repeated(mood: Mood, seconds: float, seed: int) -> Sound:
    """Play a piece of the longest length and repeat its middle, in whole rounds of its harmony, seamlessly."""
    piece = play(mood, _LONGEST, seed)
    form = form_of(mood, _LONGEST)
    unit = 4 * form.bar
    begin = round(unit * RATE)
    end = begin + round(unit * max(1, int((form.bars - 6) // 4)) * RATE)
    missing = round(seconds * RATE) - len(piece)
    rounds = -(-missing // (end - begin))
    whole = np.concatenate([piece[:end], *[piece[begin:end]] * rounds, piece[end:]])
    return faded(whole[: round(seconds * RATE)], 0.01, 2.5)


def _harmony(mood: Mood, form: Form, chords: tuple[Chord, ...], key: int, seed: int) -> Iterator[Note]:
    chooser = np.random.default_rng(seed + 1)
    figure = [int(step) for step in chooser.integers(0, 4, 16)]
    for bar in range(form.bars):
        root, intervals = chords[bar % len(chords)]
        start, tones = bar * form.bar, [root + key + 24 + interval for interval in intervals]
        tones = [tone - 12 if tone > 72 else tone for tone in tones]  # noqa: PLR2004 - close voicing
        yield from _pad(mood, start, form.bar, tones)
        for at, gain in _strokes(mood.chords[1], form, bar, mood.swing):
            for turn, tone in enumerate(tones):
                yield Note(at + 0.006 * turn, mood.chords[0], tone, form.bar / 4, 0.26 * gain, -0.25 + 0.15 * turn)
        if bar >= _entry(form, 2):
            for turn, (at, gain) in enumerate(_strokes(mood.lead[1], form, bar, mood.swing)):
                tone = tones[figure[(turn + 4 * (bar % 2)) % 16] % len(tones)] + 12
                yield Note(at, mood.lead[0], tone, form.bar / 8, 0.24 * gain, 0.35 * (-1) ** turn)
        if bar >= _entry(form, 1):
            for at, gain in _strokes(mood.bass, form, bar, mood.swing):
                long = form.bar * (0.9 if mood.bass.count("x") == 1 else 0.17)
                yield Note(at, "bass", root + key, long, 0.24 * gain)


def _pad(mood: Mood, start: float, seconds: float, tones: list[float] | list[int]) -> Iterator[Note]:
    for turn, tone in enumerate(tones):
        yield Note(start, "pad", tone, seconds, 0.16 * mood.pad, -0.6 + 0.4 * turn)


def _rhythm(mood: Mood, form: Form) -> Iterator[Note]:
    hat = "shaker" if mood.shaken else "hat"
    parts = (("kick", mood.kick, 0.46, 2), ("clap", mood.clap, 0.30, 2), (hat, mood.hat, 0.30, 1))
    for bar in range(form.bars):
        last = bar == form.bars - 1
        for player, rhythm, gain, entry in parts:
            if bar < _entry(form, entry):
                continue
            for turn, (at, strength) in enumerate(_strokes(rhythm, form, bar, mood.swing)):
                soft = 0.75 if player == hat and turn % 2 else 1.0
                yield Note(at, player, 0, 0, gain * strength * soft, 0.25 if player == hat else 0.0)
        if (bar == _entry(form, 2) - 1 or last) and "x" in mood.kick:
            yield Note((bar + 0.5) * form.bar, "swell", 0, form.bar / 2, 0.12)


def _entry(form: Form, stage: int) -> int:
    """Return the bar in which a stage of the intro enters: short pieces start at once, longer ones build up."""
    if form.bars < 4:  # noqa: PLR2004 - no time for an intro
        return 0
    return stage if form.bars >= 6 else stage // 2  # noqa: PLR2004


def _ending(mood: Mood, form: Form, chord: Chord, key: int) -> Iterator[Note]:
    root, intervals = chord
    at = form.last_chord
    tones = [root + key + 24 + interval for interval in intervals]
    yield from (replace(note, gain=max(note.gain, 0.08)) for note in _pad(mood, at, 2.2, tones))
    for turn, tone in enumerate(tones):
        yield Note(at + 0.035 * turn, mood.chords[0], tone, 2.0, 0.24, -0.25 + 0.15 * turn)
    yield Note(at, "bass", root + key, 1.6, 0.26)
    if "x" in mood.kick:
        yield Note(at, "kick", 0, 0, 0.42)


def _strokes(rhythm: str, form: Form, bar: int, swing: float) -> Iterator[tuple[float, float]]:
    """Yield when each stroke of a bar falls, and how strong it is."""
    for step, mark in enumerate(rhythm):
        if mark != ".":
            late = swing if step % 2 else 0.0
            yield (bar + (step + late) / 16) * form.bar, (1.0 if mark == "x" else 0.55)


def _pump(mood: Mood, form: Form, samples: int) -> Mono:
    """Return the gain that the bass drum leaves to the others."""
    gain = np.ones(samples, np.float32)
    if not mood.pump:
        return gain
    back = 1 - mood.pump * np.exp(-np.arange(round(0.35 * RATE), dtype=np.float32) / (0.11 * RATE))
    back[: round(0.004 * RATE)] = np.linspace(1, back[round(0.004 * RATE)], round(0.004 * RATE))
    for bar in range(_entry(form, 2), form.bars):
        for at, _ in _strokes(mood.kick, form, bar, mood.swing):
            begin = round(at * RATE)
            part = gain[begin : begin + len(back)]
            np.minimum(part, back[: len(part)], out=part)
    return gain


def _add(bus: Sound, note: Note, played: dict[tuple[str, float, float], Mono]) -> None:
    """Add *note* to *bus*; what was *played* before need not be made again."""
    begin = round(note.start * RATE)
    same = (note.player, note.pitch, note.seconds)
    if same not in played:
        player = instruments.pad if note.player == "pad" else _PLAYERS[note.player]
        played[same] = player(note.pitch, note.seconds)
    sound = played[same][: max(0, len(bus) - begin)] * np.float32(note.gain)
    angle = (note.side + 1) * np.pi / 4
    bus[begin : begin + len(sound), 0] += sound * np.float32(np.cos(angle) * 2**0.5)
    bus[begin : begin + len(sound), 1] += sound * np.float32(np.sin(angle) * 2**0.5)


def _warmed(sound: Sound, warmth: float) -> Sound:
    """Balance the band for a phone's speaker: no rumble, less depth, more air; less air where it should be warm."""
    taps = 1 << 12
    frequency = np.fft.rfftfreq(taps, 1 / RATE)
    rumble = frequency**4 / (frequency**4 + 38.0**4)
    depth = 1 - 0.45 / (1 + (frequency / 130.0) ** 2)
    air = 1 + (2.2 - 2.0 * warmth) * frequency**2 / (frequency**2 + 2_600.0**2)
    top = 1 / (1 + (frequency / (15_000.0 - 10_000.0 * warmth)) ** 4)
    kernel = np.roll(np.fft.irfft(rumble * depth * air * top), taps // 2) * np.hanning(taps)
    late = convolved(np.pad(sound, ((0, taps // 2), (0, 0))), np.stack([kernel, kernel], axis=1).astype(np.float32))
    return late[taps // 2 :]
