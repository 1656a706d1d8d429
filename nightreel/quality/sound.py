"""What is to be heard in a video: its sound decoded once and measured. Judges nothing."""

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.filter import Graph
from numpy.typing import NDArray

from nightreel.quality.media import opened

RATE = 48_000
_GATE = -70.0  # LUFS: R 128's absolute one
_TENTH = RATE // 10
_SILENCE = 1e-6  # mean of the squares: -60 dBFS
_NEAR = 0.985  # of the highest sample: what is flattened lies there
_R128 = "lavfi.r128."


@dataclass(frozen=True)
class Hearing:
    """How a track sounds.

    Attributes:
        mean: its power in dBFS.
        silent: the share of its tenths of a second that are silent.
        integrated: loudness in LUFS (ITU-R BS.1770, EBU R 128); -inf where it is too short or too quiet to be told.
        true_peak: in dBTP.
        flattened: share of the samples that stand just below the highest one: clipping leaves many there.
        peak: the highest sample; full scale is 1.
        offset: mean of the samples (DC); full scale is 1.
        mono: loss of power, in dB, when both channels are added up: 0 for mono, 3 for unrelated channels.
    """

    mean: float
    silent: float
    integrated: float
    true_peak: float
    flattened: float
    peak: float
    offset: float
    mono: float


def hear(path: Path) -> Hearing:
    """Decode the first audio stream of *path* and measure it."""
    meter, tally = _Meter(), _Tally()
    with opened(path) as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE, frame_size=_TENTH)
        for frame in [*container.decode(stream), None]:
            for piece in resampler.resample(frame):
                samples = np.nan_to_num(piece.to_ndarray(), nan=0.0, posinf=0.0, neginf=0.0)
                tally.add(samples.astype(np.float32, copy=False))
                meter.push(piece)
    return tally.told(*meter.read())


class _Meter:
    """FFmpeg's ebur128 filter, which leaves what it has measured so far on each frame."""

    def __init__(self) -> None:
        self._graph = Graph()
        source = self._graph.add_abuffer(sample_rate=RATE, format="fltp", layout="stereo")
        filter_ = self._graph.add("ebur128", "metadata=1:peak=true")
        sink = self._graph.add("abuffersink")
        source.link_to(filter_)
        filter_.link_to(sink)
        self._graph.configure()
        self._integrated = "-inf"
        self._peak = 0.0

    def push(self, frame: av.AudioFrame) -> None:
        """Measure on."""
        self._graph.push(frame)
        self._pull()

    def read(self) -> tuple[float, float]:
        """Return the integrated loudness in LUFS and the true peak in dBTP."""
        self._graph.push(None)
        self._pull()
        loud = float(self._integrated)
        return (loud if loud > _GATE else -np.inf), 20 * float(np.log10(max(self._peak, 1e-6)))

    def _pull(self) -> None:
        while True:
            try:
                frame = self._graph.pull()
            except (BlockingIOError, EOFError):
                return
            said = {name: str(value) for name, value in frame.metadata.items()}
            self._integrated = said.get(f"{_R128}I", self._integrated)
            peaks = [float(value) for name, value in said.items() if "true_peaks_ch" in name]
            self._peak = max([self._peak, *peaks])


class _Tally:
    """Sums over the samples."""

    def __init__(self) -> None:
        self._powers: list[float] = []
        self._sums: list[float] = []
        self._mono: list[float] = []
        self._high: list[NDArray[np.float32]] = []
        self._count = 0
        self._peak = 0.0

    def add(self, samples: NDArray[np.float32]) -> None:
        """Take a piece, channels x samples, into account."""
        squares = np.square(samples, dtype=np.float64)
        self._powers.append(float(squares.mean()))
        self._mono.append(float(np.square(samples.mean(axis=0), dtype=np.float64).mean()))
        self._sums.append(float(samples.mean()))
        self._count += samples.size
        level = np.abs(samples).ravel()
        self._peak = max(self._peak, float(level.max(initial=0.0)))
        self._high.append(level[level >= _NEAR * self._peak])

    def told(self, integrated: float, true_peak: float) -> Hearing:
        """Return what was found."""
        tenths = np.array(self._powers or [0.0])
        high = np.concatenate(self._high) if self._high else np.zeros(0, np.float32)
        power, mono = float(tenths.mean()), float(np.mean(self._mono or [0.0]))
        return Hearing(
            mean=_decibel(power),
            silent=float(np.mean(tenths < _SILENCE)),
            integrated=integrated,
            true_peak=true_peak,
            flattened=float(np.sum(high >= _NEAR * self._peak)) / max(1, self._count),
            peak=self._peak,
            offset=float(np.mean(self._sums or [0.0])),
            mono=_decibel(power) - _decibel(mono),
        )


def _decibel(power: float) -> float:
    """Return *power* (the mean of the squares; full scale is 1) in dBFS, at least -120."""
    return 10.0 * float(np.log10(max(power, 1e-12)))
