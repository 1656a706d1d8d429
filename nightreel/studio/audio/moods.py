"""The moods: tempo, harmony and who plays what. Data only; :mod:`nightreel.studio.audio.score` plays it.

A chord is a root (MIDI, in the bass's octave) and the intervals above it. A rhythm is a string of sixteenths, one bar
long: `x` a stroke, `o` a soft one, `.` none.
"""

from dataclasses import dataclass

Chord = tuple[int, tuple[int, ...]]

_MAJ7, _MIN7, _DOM7, _SUS = (0, 4, 7, 11), (0, 3, 7, 10), (0, 4, 7, 10), (0, 5, 7, 12)
_ADD9, _MIN9, _MAJ9 = (0, 4, 7, 14), (0, 3, 7, 14), (0, 4, 11, 14)


@dataclass(frozen=True, slots=True)
class Mood:
    """How one mood sounds.

    Attributes:
        tempo: slowest and fastest beats a minute; the one that makes whole bars of the video is taken.
        progressions: the harmonies to choose from, a chord a bar.
        chords: the instrument of the chords, and their rhythm.
        lead: the instrument of the figure above them, and its rhythm; none for no figure.
        bass, kick, clap, hat: their rhythms.
        shaken: the hat is a shaker.
        swing: how late each second sixteenth comes, in sixteenths.
        pad: how loud the pad under all is.
        space: the reverberation's seconds and its share.
        pump: how deep the bass drum presses the others down.
        warmth: how much of the height is taken away, 0..1.
    """

    tempo: tuple[float, float]
    progressions: tuple[tuple[Chord, ...], ...]
    chords: tuple[str, str]
    lead: tuple[str, str]
    bass: str
    kick: str
    clap: str
    hat: str
    shaken: bool = False
    swing: float = 0.0
    pad: float = 0.5
    space: tuple[float, float] = (1.6, 0.22)
    pump: float = 0.0
    warmth: float = 0.0


_REST = "." * 16
_C, _D, _E, _F, _G, _A, _B = 36, 38, 40, 41, 43, 45, 47

MOODS: dict[str, Mood] = {
    "upbeat": Mood(
        tempo=(104, 120),
        progressions=(
            ((_C, _ADD9), (_G, _ADD9), (_A, _MIN7), (_F, _MAJ9)),
            ((_F, _MAJ9), (_G, _ADD9), (_A, _MIN7), (_C, _ADD9)),
        ),
        chords=("keys", "x..x..x...x..x.."),
        lead=("pluck", "x.x..x.xx..x.x.."),
        bass="x..x..x.x.x...x.",
        kick="x...x...x...x...",
        clap="....x.......x...",
        hat="..x...x...x...xo",
        pad=0.35,
        space=(1.3, 0.18),
        pump=0.45,
    ),
    "lo-fi": Mood(
        tempo=(72, 86),
        progressions=(
            ((_D, _MIN9), (_G, _DOM7), (_C, _MAJ9), (_A, _MIN7)),
            ((_F, _MAJ9), (_E, _MIN7), (_D, _MIN9), (_C, _MAJ7)),
        ),
        chords=("keys", "x.....x.....o..."),
        lead=("bell", "....o.....x....."),
        bass="x.....x...x.....",
        kick="x......x..x.....",
        clap="....x.......x...",
        hat="x.o.x.o.x.o.x.oo",
        swing=0.34,
        pad=0.30,
        space=(1.5, 0.20),
        pump=0.2,
        warmth=0.55,
    ),
    "cinematic": Mood(
        tempo=(66, 80),
        progressions=(
            ((_A, _MIN9), (_F, _MAJ9), (_C, _ADD9), (_G, _SUS)),
            ((_D, _MIN9), (_A, _MIN7), (_F, _MAJ9), (_G, _SUS)),
        ),
        chords=("piano", "x.......x......."),
        lead=("piano", "x..x..x..x..x..."),
        bass="x...............",
        kick="x.........o.....",
        clap=_REST,
        hat=_REST,
        pad=0.9,
        space=(3.2, 0.40),
        warmth=0.2,
    ),
    "ambient": Mood(
        tempo=(60, 72),
        progressions=(
            ((_C, _MAJ9), (_A, _MIN9), (_F, _MAJ9), (_G, _SUS)),
            ((_F, _MAJ9), (_C, _MAJ9), (_D, _MIN9), (_G, _SUS)),
        ),
        chords=("piano", "x..............."),
        lead=("bell", "....x.....o....."),
        bass="x...............",
        kick=_REST,
        clap=_REST,
        hat=_REST,
        pad=1.0,
        space=(4.0, 0.45),
        warmth=0.35,
    ),
    "corporate": Mood(
        tempo=(96, 112),
        progressions=(
            ((_C, _ADD9), (_A, _MIN7), (_F, _MAJ9), (_G, _SUS)),
            ((_C, _ADD9), (_F, _MAJ9), (_A, _MIN7), (_G, _ADD9)),
        ),
        chords=("piano", "x.....x.x.....x."),
        lead=("pluck", "x.xx.xx.x.xx.xx."),
        bass="x.....x.x.....x.",
        kick="x.......x.o.....",
        clap="....o.......x...",
        hat="x.x.x.x.x.x.x.x.",
        shaken=True,
        pad=0.5,
        space=(1.8, 0.24),
        pump=0.2,
    ),
    "playful": Mood(
        tempo=(108, 126),
        progressions=(
            ((_C, _ADD9), (_A, _MIN7), (_D, _MIN7), (_G, _DOM7)),
            ((_F, _ADD9), (_C, _ADD9), (_G, _DOM7), (_C, _ADD9)),
        ),
        chords=("pluck", "x.x...x...x...x."),
        lead=("pluck", "x..xx.x...x.x..."),
        bass="x...x...x...x.x.",
        kick="x.......x.......",
        clap="....x.......x..o",
        hat="x.xox.xox.xox.xo",
        shaken=True,
        swing=0.18,
        pad=0.12,
        space=(0.9, 0.15),
    ),
}

ALIASES = {
    "lofi": "lo-fi", "chill": "lo-fi", "calm": "ambient", "relaxing": "ambient", "soft": "ambient",
    "epic": "cinematic", "dramatic": "cinematic", "elegant": "cinematic", "luxury": "cinematic",
    "happy": "playful", "fun": "playful", "cute": "playful", "energetic": "upbeat", "pop": "upbeat",
    "inspiring": "corporate", "business": "corporate",
}  # fmt: skip


def mood_named(name: str) -> Mood:
    """Return the mood called *name*, or one near it; "upbeat" for a word that we do not know."""
    key = name.strip().lower()
    return MOODS[ALIASES.get(key, key if key in MOODS else "upbeat")]
