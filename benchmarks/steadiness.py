"""How steady a slow move is: pictures of a pan against where they should stand.

The ideal pictures are shifted exactly, by their phases (Fourier); how far ours stand from them is what least squares
say. Phase correlation, the usual measure, was wrong by more than what is measured here on pictures of fine texture.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.figures import Figure
from nightreel.studio.render import picture, pixels
from nightreel.studio.render.framing import View
from nightreel.studio.render.plate import Planes, Plate

_MOST = 0.02  # pixels
_STEP = 0.07  # pixels a frame
_FRAMES = 40
_SIDE, _SEEN = 768, 512
_EDGE = 16
_LEFT = (_SIDE - _SEEN) // 2


def measure() -> Iterator[Figure]:
    """Yield this subject's figure."""
    noise = np.random.default_rng(3).normal(0, 300, (_SIDE, _SIDE)).astype(np.float32)
    luma = np.clip(128 + pixels.blur(noise, 1.5), 16, 235).astype(np.uint8)
    grey = np.full((_SIDE // 2, _SIDE // 2), 128, np.uint8)
    plate = Plate(Planes(pixels.finer(luma), grey, grey), 0.0, 0.0, 1.0)
    errors = [_apart(_drawn(plate, _STEP * frame), _ideal(luma, _STEP * frame)) for frame in range(_FRAMES)]
    value = float(np.sqrt(np.mean(np.square(errors))))
    yield Figure("jitter of a slow pan", value, "px RMS", _MOST, value <= _MOST, "the ideal path")


def _drawn(plate: Plate, moved: float) -> NDArray[np.float64]:
    _, planes = picture.blank(_SEEN, _SEEN)
    picture.draw(plate, View(_SIDE / 2 + moved, _SIDE / 2, float(_SEEN)), planes)
    return planes.y.astype(np.float64)


def _ideal(luma: NDArray[np.uint8], moved: float) -> NDArray[np.float64]:
    turned = np.fft.fft(luma.astype(np.float64), axis=1) * np.exp(2j * np.pi * np.fft.fftfreq(_SIDE) * moved)
    return np.fft.ifft(turned, axis=1).real[_LEFT : _LEFT + _SEEN, _LEFT : _LEFT + _SEEN]


def _apart(drawn: NDArray[np.float64], ideal: NDArray[np.float64]) -> float:
    """Return how far *drawn* stands from *ideal* across, in pixels."""
    slope = (ideal[_EDGE:-_EDGE, _EDGE + 1 : 1 - _EDGE] - ideal[_EDGE:-_EDGE, _EDGE - 1 : -_EDGE - 1]) / 2
    change = (drawn - ideal)[_EDGE:-_EDGE, _EDGE:-_EDGE]
    return -float((change * slope).sum() / np.square(slope).sum())
