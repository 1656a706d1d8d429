"""Where things begin in a sound, how fast it goes, and where its beats fall; for any music, numpy alone.

Spectral flux on a compressed scale finds onsets; its autocorrelation, weighed by what tempi people tap, the tempo;
and dynamic programming (D. Ellis, Beat Tracking by Dynamic Programming, 2007) the row of beats that fits both best.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nightreel.studio.audio.signal import RATE

Row = NDArray[np.float64]

_HOP = 240
_STEP = _HOP / RATE
_WINDOW = 1_024
_BANDS = 40
_AT_ONCE = 4_000
"""Windows that are looked at at a time."""

_NEAR = 0.03
"""Seconds within which there is one onset."""

_AROUND = 0.12
_USUAL_TEMPO, _SPREAD = 112.0, 0.9  # beats a minute, octaves
_SLOWEST, _FASTEST = 50.0, 200.0
_STEADY = 400.0
"""How much a beat costs that comes early or late, against what an onset is worth."""


@dataclass(frozen=True, slots=True)
class Beats:
    """The beats of a piece.

    Attributes:
        tempo: beats a minute; 0 where there is no pulse.
        times: of the beats, in seconds.
        first: which of the first four begins a bar.
    """

    tempo: float = 0.0
    times: tuple[float, ...] = ()
    first: int = 0

    @property
    def bars(self) -> tuple[float, ...]:
        """When bars begin, in seconds."""
        return self.times[self.first :: 4]


def onsets(mono: NDArray[np.float32]) -> tuple[float, ...]:
    """Return when something begins in *mono*, at 48 kHz; in seconds."""
    flux = _flux(mono).sum(axis=1)
    if not len(flux) or not flux.max():
        return ()
    around, near = round(_AROUND / _STEP), round(_NEAR / _STEP)
    level = _mean(flux, around)
    highest = np.lib.stride_tricks.sliding_window_view(np.pad(flux, near), 2 * near + 1).max(axis=1)
    peaks = (flux == highest) & (flux > 1.4 * level + 0.08 * np.percentile(flux, 99))
    return tuple(float(it) * _STEP for it in np.flatnonzero(peaks))


def beats(mono: NDArray[np.float32]) -> Beats:
    """Return the beats of *mono*, at 48 kHz; none where it has no pulse."""
    bands = _flux(mono)
    flux = bands.sum(axis=1)
    flux = np.maximum(0.0, flux - _mean(flux, round(0.3 / _STEP)))
    if len(flux) < 2 / _STEP or not flux.any():
        return Beats()
    flux /= flux.std()
    period = _period(flux)
    places = _tracked(flux, period)
    if len(places) < 4:  # noqa: PLR2004 - no bar
        return Beats()
    times = tuple(float(place) * _STEP for place in places)
    tempo = 60 / float(np.median(np.diff(times)))
    return Beats(tempo, times, _first_of_bar(bands, places))


def _flux(mono: NDArray[np.float32]) -> Row:
    """Return how much each band grows from window to window: windows x bands; a window's time is its rise."""
    edges = np.unique(np.geomspace(2, _WINDOW // 2, _BANDS + 1).astype(np.intp))
    window = np.hanning(_WINDOW).astype(np.float32)
    padded = np.pad(mono.astype(np.float32, copy=False), (_WINDOW // 2, _WINDOW))
    loudest = float(np.abs(mono).max(initial=1e-9))
    levels = np.concatenate(list(_levels(padded / max(loudest, 1e-6), window, edges, len(mono) // _HOP + 1)))
    rises = np.maximum(0.0, levels[2:] - levels[:-2])
    return np.pad(rises, ((2, 0), (0, 0)))[: len(levels)]


def _levels(
    padded: NDArray[np.float32], window: NDArray[np.float32], edges: NDArray[np.intp], count: int
) -> Iterator[Row]:
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP][:count]
    for begin in range(0, len(windows), _AT_ONCE):
        power = np.abs(np.fft.rfft(windows[begin : begin + _AT_ONCE] * window, axis=1))
        yield np.log1p(8 * np.add.reduceat(power, edges[:-1], axis=1) / _WINDOW**0.5)


def _mean(values: Row, around: int) -> Row:
    sums = np.cumsum(np.pad(values, (around + 1, around), mode="edge"))
    return (sums[2 * around + 1 :] - sums[: -2 * around - 1]) / (2 * around + 1)


def _period(flux: Row) -> float:
    """Return how many steps a beat lasts."""
    size = 1 << (2 * len(flux) - 1).bit_length()
    spectrum = np.fft.rfft(flux - flux.mean(), size)
    like = np.fft.irfft(np.abs(spectrum) ** 2)[: len(flux)]
    lags = np.arange(round(60 / _FASTEST / _STEP), min(len(flux) - 1, round(60 / _SLOWEST / _STEP)))
    tapped = np.exp(-0.5 * (np.log2(60 / (lags * _STEP) / _USUAL_TEMPO) / _SPREAD) ** 2)
    double = np.interp(2 * lags, np.arange(len(like)), like)
    scores = (like[lags] + 0.5 * double) * tapped
    best = int(np.argmax(scores))
    return float(lags[best])


def _tracked(flux: Row, period: float) -> list[int]:
    """Return the places of the beats."""
    window = np.hanning(9)
    smooth: Row = np.convolve(flux, window / window.sum(), "same").astype(np.float64)
    reach = np.arange(-round(2 * period), -round(period / 2) + 1)
    cost = -_STEADY * np.log(-reach / period) ** 2
    scores, back = smooth.copy(), np.full(len(smooth), -1)
    for place in range(-int(reach[0]), len(smooth)):
        before = scores[place + reach] + cost
        best = int(np.argmax(before))
        scores[place] += before[best]
        back[place] = place + reach[best]
    place = len(scores) - round(period) + int(np.argmax(scores[-round(period) :]))
    row: list[int] = []
    while place >= 0:
        row.append(place)
        place = int(back[place])
    return _settled(row[::-1], smooth)


def _settled(places: list[int], flux: Row) -> list[int]:
    """Move each beat to the highest rise right beside it."""
    return [
        place if not 3 <= place < len(flux) - 3 else place - 3 + int(np.argmax(flux[place - 3 : place + 4]))  # noqa: PLR2004
        for place in places
    ]


def _first_of_bar(bands: Row, places: list[int]) -> int:
    """Return which of the first four beats begins a bar: where the depth begins most."""
    deep = _mean(bands[:, :8].sum(axis=1), 4)[places]
    return int(np.argmax([deep[place::4].mean() for place in range(min(4, len(deep)))]))
