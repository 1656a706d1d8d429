"""The moods: tempo, harmony and who plays what. Data only; :mod:`nightreel.studio.audio.score` plays it.

A chord is written as its root, in semitones above the key, and its quality: "9m7". A rhythm is a string of
sixteenths, one bar long: `x` a stroke, `o` a soft one, `.` none; a bass also has `5` for the fifth and `8` for the
octave.
"""

from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """What a layer plays: held chords, struck ones, broken ones, a melody, the bass, or a drum."""

    PAD = "pad"
    CHORDS = "chords"
    ARPEGGIO = "arpeggio"
    LEAD = "lead"
    BASS = "bass"
    DRUM = "drum"


@dataclass(frozen=True, slots=True)
class Layer:
    """One voice of the band.

    Attributes:
        players: instruments; the seed chooses one.
        rhythms: of a bar; the seed chooses one, and a melody has another for each second bar.
        level: loudness in dB.
        enters, leaves: the least and the greatest energy of a bar (1..3) in which it plays.
        side: where it stands, between left (-1) and right (1).
        octave: how many octaves it stands above the chords' middle register.
        send: how much of it goes into the room.
        strum: seconds between a chord's tones.
    """

    part: Part
    players: tuple[str, ...]
    rhythms: tuple[str, ...] = ("x...............",)
    level: float = 0.0
    enters: int = 1
    leaves: int = 3
    side: float = 0.0
    octave: int = 0
    send: float = 0.25
    strum: float = 0.008


@dataclass(frozen=True, slots=True)
class Mood:
    """How one mood sounds.

    Attributes:
        beats: lengths of a beat to choose from, in thirtieths of a second.
        major, minor: progressions to choose from, a chord a bar.
        layers: the band.
        swing: how late each second sixteenth comes, in sixteenths.
        room: the reverberation's seconds, and its share.
        pump: how deep the bass drum presses the band down, 0..1.
        tilt: dB an octave that the height falls or rises by in the end.
        air: how loud a quiet hiss of the room or of a record is, in dB; none at or below -90.
    """

    beats: tuple[int, ...]
    major: tuple[str, ...]
    minor: tuple[str, ...]
    layers: tuple[Layer, ...]
    swing: float = 0.0
    room: tuple[float, float] = (1.6, 0.22)
    pump: float = 0.0
    tilt: float = 0.0
    air: float = -90.0


_PAD, _CHORDS, _ARPEGGIO, _LEAD, _BASS, _DRUM = Part

MOODS: dict[str, Mood] = {
    "ambient": Mood(
        beats=(26, 27, 28, 29, 30),
        major=("0maj9 9m9 5maj9 7sus4", "5maj9 0maj9 2m9 7sus4", "0maj9 4m7 5maj9 5m6", "5maj9 7add9 4m7 9m9"),
        minor=("0m9 8maj7 3maj7 10sus2", "0m9 5m9 8maj7 10sus4"),
        layers=(
            Layer(_PAD, ("warm", "glass"), level=-4, send=0.5),
            Layer(_PAD, ("air",), level=-13, enters=2, octave=1, send=0.6),
            Layer(_CHORDS, ("piano", "harp"), ("x.......x.......",), level=4, send=0.35, strum=0.006),
            Layer(_LEAD, ("bell", "celesta", "piano"), ("....x.......o...", "........x...o...", "x.....o...x....."),
                  level=-2, enters=2, octave=1, side=0.3, send=0.6),
            Layer(_ARPEGGIO, ("kalimba", "harp"), ("....x.......x...", "..o.x.....o.x..."),
                  level=1, octave=1, side=-0.4, send=0.5),
            Layer(_BASS, ("sub",), ("x...............", "x.........o....."), level=-6, send=0.1),
        ),
        room=(4.2, 0.36), tilt=0.7, air=-62,
    ),
    "lo-fi": Mood(
        beats=(23, 24, 25),
        major=("2m9 7dom9 0maj9 9m7", "5maj9 4m7 2m9 0maj9", "0maj9 9m9 2m9 7dom9", "5maj7 7dom7 4m7 9m9"),
        minor=("0m9 5m9 8maj7 7m7", "8maj7 7m7 0m9 0m7", "0m9 3maj7 8maj7 7dom7"),
        layers=(
            Layer(_CHORDS, ("keys",), ("x.....x...o.....", "x......ox.......", "x..o......x..o.."),
                  level=0, enters=2, side=-0.2, send=0.3, strum=0.014),
            Layer(_CHORDS, ("keys",), ("x...o...x...o...",), level=-1, leaves=1, side=-0.2, send=0.4, strum=0.014),
            Layer(_PAD, ("warm",), level=-15, send=0.3),
            Layer(_LEAD, ("guitar", "kalimba", "bell"), ("....x..o..x.....", "..x...x.....o...", "......x.o.x..o.."),
                  level=-5, enters=2, octave=1, side=0.35, send=0.5),
            Layer(_BASS, ("upright", "sub"), ("x......ox.......", "x.....x...5.....", "x..o....x....5.."),
                  level=1, enters=2, send=0.03),
            Layer(_DRUM, ("kick soft",), ("x......x..x.....", "x.........x..o..", "x..o......x....."),
                  level=2, enters=2, send=0.02),
            Layer(_DRUM, ("snare soft", "rim"), ("....x.......x...", "....x.......x..o"),
                  level=-2, enters=2, send=0.18),
            Layer(_DRUM, ("hat soft",), ("x.o.x.o.x.o.x.oo", "x.oox.o.x.o.xoo."), level=-9, side=0.25, send=0.08),
        ),
        swing=0.33, room=(1.4, 0.22), pump=0.25, tilt=0.3, air=-50,
    ),
    "cinematic": Mood(
        beats=(20, 21, 22),
        major=("0add9 9m9 5maj7 7sus4", "5add9 7add9 9m7 0add9"),
        minor=("0m9 8maj7 3add9 10add9", "0m 8maj7 5m9 7sus4", "0m9 3add9 10add9 5m9", "8maj7 10add9 0m9 0m"),
        layers=(
            Layer(_PAD, ("strings",), level=-4, send=0.4),
            Layer(_PAD, ("choir",), level=-11, enters=3, octave=1, send=0.7),
            Layer(_CHORDS, ("piano",), ("x.......x.......", "x.....x.x......."), level=3, side=-0.15, send=0.3),
            Layer(_ARPEGGIO, ("spiccato",), ("x.x.x.x.x.x.x.x.", "x..x..x.x..x..x.", "x.xxx.x.x.xxx.x."),
                  level=-5, enters=2, side=0.35, send=0.45),
            Layer(_LEAD, ("piano", "celesta", "horn"), ("x.......x...x...", "x.....x.....x...", "x...x.......x..."),
                  level=-4, enters=2, octave=1, side=0.1, send=0.6),
            Layer(_BASS, ("contrabass",), ("x...............", "x.......x......."), level=0, send=0.2),
            Layer(_DRUM, ("taiko",), ("x.......o.x.....", "x.....o.x.....oo", "x.........x.o..."),
                  level=0, enters=2, send=0.4),
            Layer(_DRUM, ("taiko high",), ("....x..o....x.oo", "..o.x.....o.x.o."),
                  level=-7, enters=3, side=-0.4, send=0.5),
            Layer(_DRUM, ("shaker",), ("o.o.x.o.o.o.x.o.",), level=-14, enters=3, side=0.4, send=0.3),
        ),
        room=(3.2, 0.32), tilt=0.9, air=-72,
    ),
    "corporate": Mood(
        beats=(17, 18, 19),
        major=("0add9 9m7 5add9 7sus4", "0add9 5add9 9m7 7add9", "5add9 7add9 0add9 9m7", "0add9 7add9 9m7 5add9"),
        minor=(),
        layers=(
            Layer(_PAD, ("warm", "strings"), level=-9, send=0.4),
            Layer(_ARPEGGIO, ("muted",), ("x.xxx.xxx.xxx.xx", "x.x.x.xxx.x.x.xx", "x.xox.xox.xox.xo"),
                  level=-4, side=-0.4, send=0.25),
            Layer(_CHORDS, ("piano",), ("x.....x.x.....x.", "x...x...x...x...", "x.......x..x...."),
                  level=-2, side=0.15, send=0.35),
            Layer(_LEAD, ("celesta", "piano", "glock"), ("x...x..x....x...", "..x...x...x.x...", "x.....x.x......."),
                  level=-6, enters=2, octave=1, side=0.35, send=0.5),
            Layer(_ARPEGGIO, ("marimba",), ("..x...x...x...x.", "x..x..x...x..x.."),
                  level=-10, enters=3, octave=1, side=0.5, send=0.4),
            Layer(_BASS, ("finger",), ("x.....x.x.....x.", "x...x...x...x...", "x..x..x.x..x..x."),
                  level=0, enters=2, send=0.03),
            Layer(_DRUM, ("kick tight",), ("x.......x.o.....", "x.....x.x......."), level=1, enters=2, send=0.03),
            Layer(_DRUM, ("kick tight",), ("....x.......x...",), level=-1, enters=3, send=0.03),
            Layer(_DRUM, ("clap", "snap"), ("....x.......x...",), level=-4, enters=2, side=0.05, send=0.25),
            Layer(_DRUM, ("shaker",), ("x.o.x.o.x.o.x.o.", "xoooxoooxoooxooo"), level=-11, side=0.3, send=0.15),
        ),
        room=(1.9, 0.24), pump=0.2, tilt=1.2,
    ),
    "upbeat": Mood(
        beats=(14, 15, 16),
        major=("0add9 7add9 9m7 5maj9", "5maj9 7add9 9m7 0add9", "9m7 5add9 0add9 7add9", "5add9 9m7 0add9 7sus4"),
        minor=("0m7 8maj7 3add9 10add9", "0m7 10add9 8maj7 10add9"),
        layers=(
            Layer(_PAD, ("bright", "warm"), level=-10, enters=2, send=0.3),
            Layer(_CHORDS, ("keys", "stab", "piano"), ("x..x..x...x..x..", "x.x..x..x.x..x..", "x..x...x..x.x..."),
                  level=-2, side=-0.2, send=0.25),
            Layer(_CHORDS, ("muted",), ("x...x...x...x...",), level=-4, leaves=1, side=0.3, send=0.3),
            Layer(_ARPEGGIO, ("pluck", "marimba"), ("x.xx.xx.x.xx.xx.", "x.x.x.xxx.x.x.xx", "xx.xx.xxxx.xx.x."),
                  level=-7, enters=2, octave=1, side=0.45, send=0.35),
            Layer(_LEAD, ("lead", "glock", "pluck"), ("x..x..x.x.......", "x.x...x...x.x...", "..x.x..x..x....."),
                  level=-6, enters=3, octave=1, side=-0.1, send=0.4),
            Layer(_BASS, ("synth bass", "finger"), ("x..x..x.x.x...x.", "..x...x...x...x.", "x..x..8.x..x..8."),
                  level=0, enters=2, send=0.02),
            Layer(_DRUM, ("kick deep", "kick tight"), ("x...x...x...x...",), level=2, enters=2, send=0.02),
            Layer(_DRUM, ("clap", "snare"), ("....x.......x...", "....x.......x..o"), level=-2, enters=2, send=0.18),
            Layer(_DRUM, ("hat",), ("..x...x...x...xo", "x.x.x.x.x.x.x.xx", "o.x.o.x.o.x.o.xo"),
                  level=-8, side=0.2, send=0.06),
            Layer(_DRUM, ("tambourine",), ("x.o.x.o.x.o.x.o.", "xoooxoooxoooxooo"),
                  level=-14, enters=3, side=-0.4, send=0.15),
        ),
        room=(1.3, 0.18), pump=0.5, tilt=1.3,
    ),
    "playful": Mood(
        beats=(12, 13),
        major=("0 9m 2m 7dom7", "0add6 5add6 0add6 7", "0 4m 5 7", "5 0 7 0add6", "0 5 2m 7"),
        minor=(),
        layers=(
            Layer(_CHORDS, ("ukulele",), ("x.x...xox.x...xo", "x.xo..x.x.xo..x.", "x...x.x.x...x.x."),
                  level=-1, side=-0.3, send=0.15, strum=0.008),
            Layer(_LEAD, ("whistle", "glock", "marimba"),
                  ("x..xx.x...x.x...", "x.x.x...x...x...", "..x.x.x.x......."),
                  level=-4, enters=2, octave=1, side=0.15, send=0.35),
            Layer(_ARPEGGIO, ("pizzicato", "kalimba"), ("x.....x.x.....x.", "..x...x...x...x.", "x...x.x...x.x..."),
                  level=-4, side=0.4, send=0.3),
            Layer(_BASS, ("upright",), ("x.......5.......", "x...5...x...5..."), level=1, enters=1, send=0.03),
            Layer(_DRUM, ("kick soft",), ("x.......x.......", "x.......x.....o."), level=0, enters=2, send=0.03),
            Layer(_DRUM, ("snap", "clap", "brush"), ("....x.......x...",), level=-3, enters=2, send=0.2),
            Layer(_DRUM, ("shaker", "tambourine"), ("x.xox.xox.xox.xo", "x.o.x.o.x.o.x.o."),
                  level=-11, side=-0.2, enters=2, send=0.12),
        ),
        swing=0.2, room=(0.9, 0.16), tilt=1.5,
    ),
}  # fmt: skip

ALIASES = {
    "lofi": "lo-fi", "chill": "lo-fi", "calm": "ambient", "relaxing": "ambient", "soft": "ambient",
    "epic": "cinematic", "dramatic": "cinematic", "elegant": "cinematic", "luxury": "cinematic",
    "happy": "playful", "fun": "playful", "cute": "playful", "energetic": "upbeat", "pop": "upbeat",
    "inspiring": "corporate", "business": "corporate",
}  # fmt: skip


SLOW = frozenset({
    "warm", "glass", "air", "strings", "choir", "bright", "riser", "cymbal", "shaker", "tambourine", "spiccato",
    "contrabass", "sub", "horn", "whistle", "hat soft",
})  # fmt: skip
"""Players whose notes have no start that one would cut on."""


def mood_named(name: str) -> Mood:
    """Return the mood called *name*, or one near it; "upbeat" for a word that we do not know."""
    key = name.strip().lower()
    return MOODS[ALIASES.get(key, key if key in MOODS else "upbeat")]
