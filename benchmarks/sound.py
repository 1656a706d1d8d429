"""`python -m benchmarks.sound`: what each mood looks like, and what can be measured of taste.

Draws one picture a mood and seed (waveform above, spectrogram below, bars and beats marked), and prints tempo, key,
loudness, true peak, crest factor, spectral centroid, the slope of the spectrum in dB an octave between 100 Hz and
10 kHz, how much is left in mono, and the seconds of the processor for each second of sound.

Released pop, film and library music lies at a crest of 8 to 16 dB and a slope of -3 to -7 dB an octave.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from benchmarks.children import run
from benchmarks.figures import Figure
from benchmarks.jobs import PHOTOS, draft_of, job_of
from nightreel.studio.audio.band import play
from nightreel.studio.audio.loudness import loudness, mastered, true_peak
from nightreel.studio.audio.moods import MOODS
from nightreel.studio.audio.score import Piece, piece_of
from nightreel.studio.audio.signal import RATE, Sound
from nightreel.studio.render.encoder import coding_of
from nightreel.studio.render.sound import finished, heard

_KEYS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
_WIDTH, _WAVE, _SPECTRUM = 1600, 220, 520
_WINDOW = 4_096
_SHARED = ("upbeat", "cinematic")
_MOST = 0.10
"""What synthesis, mastering and AAC may add to a render's processor time."""


@dataclass(frozen=True, slots=True)
class Looks:
    """What was measured of one piece."""

    lufs: float
    peak: float
    crest: float
    centroid: float
    slope: float
    mono: float

    @classmethod
    def of(cls, sound: Sound) -> "Looks":
        """Measure *sound*: samples x 2."""
        power = _power(sound)
        frequency = np.fft.rfftfreq(_WINDOW, 1 / RATE)
        mean = power.mean(axis=0)
        octaves = np.array([[np.log2(low), _band(mean, frequency, low)] for low in 100 * 2 ** np.arange(0, 6.5, 0.5)])
        squares = np.square(sound, dtype=np.float64).mean()
        mono = np.square(sound.mean(axis=1), dtype=np.float64).mean()
        return cls(
            loudness(sound), true_peak(sound), float(20 * np.log10(np.abs(sound).max() / squares**0.5)),
            float((np.sqrt(mean) * frequency).sum() / np.sqrt(mean).sum()),
            float(np.polyfit(octaves[:, 0], octaves[:, 1], 1)[0]), float(10 * np.log10(mono / squares)),
        )  # fmt: skip


def measure(rounds: int) -> Iterator[Figure]:
    """Yield what the sound adds to a render, and how far the worst mood is from the loudness that is aimed at."""
    with tempfile.TemporaryDirectory() as name:
        jobs = {mood: _job(Path(name), mood) for mood in ("", *_SHARED)}
        spent = {mood: min(_cost(job) for _ in range(rounds)) for mood, job in jobs.items()}
    for mood in _SHARED:
        share = spent[mood] / spent[""] - 1
        yield Figure(f"what {mood} music adds to a render", share, "", _MOST, share <= _MOST, "the same, silent")
    looks = {mood: _finished(mood) for mood in MOODS}
    off = max(abs(it.lufs + 14) for it in looks.values())
    yield Figure("loudness, worst mood's distance from -14", off, "LU", 0.5, off <= 0.5)  # noqa: PLR2004 - the goal
    peak = max(it.peak for it in looks.values())
    yield Figure("true peak after AAC, highest", peak, "dBTP", -1.5, peak <= -1.5)  # noqa: PLR2004 - the goal


def _job(folder: Path, mood: str) -> Path:
    draft = draft_of(PHOTOS[:4], seconds=15, title=True)
    draft["t"][1]["sg"] = [{"d": 15_000, "m": {"mood": mood, "seed": 1}}] if mood else []
    high = coding_of("high")
    return job_of(draft, folder / f"{mood or 'silent'}.mp4", coding=[high.preset, high.crf, high.x264])


def _cost(job: Path) -> float:
    return run([sys.executable, "-m", "benchmarks.whole", str(job)]).seconds


def _finished(mood: str) -> Looks:
    return Looks.of(heard(finished(mastered(play(mood, 1, 15_000), -14.0))))


def main() -> None:
    """Play, measure, draw."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.sound", description="Look at the music.")
    options.add_argument("--seconds", type=float, default=20.0)
    options.add_argument("--seeds", type=int, default=2, help="pieces a mood")
    options.add_argument("--mood", action="append", choices=sorted(MOODS), help="this one only; may be repeated")
    options.add_argument("--out", type=Path, default=Path("out/sound"))
    chosen = options.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    print("mood       seed  bpm    key  LUFS   dBTP  crest  centroid  dB/oct  mono  CPU ms/s")
    for name in chosen.mood or MOODS:
        for seed in range(1, 1 + chosen.seeds):
            total = round(chosen.seconds * 1000)
            before = time.process_time()
            sound = mastered(play(name, seed, total), -14.0)
            spent = (time.process_time() - before) / chosen.seconds * 1000
            piece, looks = piece_of(name, seed, total), Looks.of(sound)
            print(
                f"{name:10} {seed:4} {piece.grid.tempo:6.1f} {_key(piece):>4} {looks.lufs:6.2f} {looks.peak:6.2f} "
                f"{looks.crest:5.1f} {looks.centroid:8.0f} {looks.slope:8.2f} {looks.mono:6.2f} {spent:7.1f}"
            )
            drawn(sound, piece).save(chosen.out / f"{name}-{seed}.png")


def drawn(sound: Sound, piece: Piece) -> Image.Image:
    """Draw the waveform and the spectrogram (20 Hz to 20 kHz, 90 dB), a line at each beat, a bright one at a bar."""
    image = Image.new("RGB", (_WIDTH, _WAVE + _SPECTRUM), "#101014")
    image.paste(Image.fromarray(_spectrogram(sound)), (0, _WAVE))
    pen = ImageDraw.Draw(image)
    ends = np.linspace(0, len(sound), _WIDTH + 1).astype(int)
    for channel, middle in ((0, _WAVE // 4), (1, 3 * _WAVE // 4)):
        for x in range(_WIDTH):
            part = sound[ends[x] : ends[x + 1], channel]
            top, bottom = (middle - float(it) * _WAVE / 4 for it in (part.max(), part.min()))
            pen.line((x, top, x, bottom), fill="#7fd1c7")
    for beat in range(piece.grid.beats + 1):
        x = piece.grid.at(beat) * RATE / len(sound) * _WIDTH
        pen.line((x, 0, x, 12 if beat % 4 else 28), fill="#f2b84b" if beat % 4 == 0 else "#888")
    return image


def _spectrogram(sound: Sound) -> NDArray[np.uint8]:
    decibel = 10 * np.log10(_power(sound) + 1e-12)
    rows = np.geomspace(20_000, 20, _SPECTRUM) / (RATE / _WINDOW)
    columns = np.linspace(0, len(decibel) - 1, _WIDTH)
    grid = np.meshgrid(rows.astype(np.float32), columns.astype(np.float32))
    picture = cv2.remap(decibel.astype(np.float32), *grid, cv2.INTER_LINEAR).T
    shade = np.clip((picture + 100) / 90 * 255, 0, 255).astype(np.uint8)
    return cv2.cvtColor(cv2.applyColorMap(shade, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB).astype(np.uint8)


def _power(sound: Sound) -> NDArray[np.float64]:
    """Return the power spectrum of each window: windows x frequencies."""
    mono = sound.mean(axis=1)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(mono, _WINDOW // 2), _WINDOW)[:: _WINDOW // 4]
    return np.square(np.abs(np.fft.rfft(windows * np.hanning(_WINDOW), axis=1))) / (_WINDOW * _WINDOW / 16)


def _band(power: NDArray[np.float64], frequency: NDArray[np.floating[Any]], low: float) -> float:
    """Return the density in the half octave above *low*, in dB."""
    inside = (frequency >= low) & (frequency < low * 2**0.5)
    return float(10 * np.log10(power[inside].mean() + 1e-15))


def _key(piece: Piece) -> str:
    return _KEYS[piece.key] + ("m" if piece.scale[2] == 3 else "")  # noqa: PLR2004 - a minor third


if __name__ == "__main__":
    main()
