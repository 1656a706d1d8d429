"""How steady a slow move is: a pan against where it should stand, and a fine weave against an ideal camera's picture.

The ideal pictures are shifted exactly, by their phases (Fourier); how far ours stand from them is what least squares
say. Phase correlation, the usual measure, was wrong by more than what is measured here on pictures of fine texture.
A weave shimmers by what changes in it from frame to frame and would not in pictures scaled from the photo by Lanczos.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.figures import Figure
from nightreel.studio.render import picture, pixels
from nightreel.studio.render.camera import Path
from nightreel.studio.render.framing import View
from nightreel.studio.render.pixels import Bytes
from nightreel.studio.render.plate import Plate, make_print
from nightreel.studio.render.subject import Edges, Subject

_MOST = 0.02  # pixels
_STEP = 0.07  # pixels a frame
_FRAMES = 40
_SIDE, _SEEN = 768, 512
_EDGE = 16
_LEFT = (_SIDE - _SEEN) // 2
_MOST_FOREIGN = 0.2
_CLOTH = 1_600
_THREAD = 7.2  # pixels of the photo: 2.4 of the picture
_ZOOM = Path(View(800.0, 800.0, 1_536.0), View(815.0, 790.0, 1_330.0))
_STEPS = range(100, 112)
_SUBJECT = Subject(0.3, 0.3, 0.7, 0.7, Edges(0, 0, 0, 0))


def measure() -> Iterator[Figure]:
    """Yield this subject's figures."""
    noise = np.random.default_rng(3).normal(0, 300, (_SIDE, _SIDE)).astype(np.float32)
    luma = np.clip(128 + pixels.blur(noise, 1.5), 16, 235).astype(np.uint8)
    pan = Path(_at(0), _at(_STEP * _FRAMES))
    plate = make_print(Image.fromarray(_photo(luma)), pan, (_SEEN, _SEEN), _SUBJECT).plate()
    errors = [_apart(_seen(plate, _at(moved)), _ideal(luma, moved)) for moved in _STEP * np.arange(_FRAMES)]
    value = float(np.sqrt(np.mean(np.square(errors))))
    yield Figure("jitter of a slow pan", value, "px RMS", _MOST, value <= _MOST, "the ideal path")

    foreign = _shimmer()
    yield Figure("shimmer of a fine weave", foreign, "", _MOST_FOREIGN, foreign <= _MOST_FOREIGN, "Lanczos")


def _shimmer() -> float:
    """Return how much of a weave's change under a slow zoom is foreign to an ideal camera's, in shares of that."""
    rows, columns = np.indices((_CLOTH, _CLOTH), dtype=np.float32)
    threads = np.sin(2 * np.pi * rows / _THREAD) * np.sin(2 * np.pi * (columns + 0.3 * rows) / _THREAD)
    grey = np.rint(120 + 60 * threads).astype(np.uint8)
    plate = make_print(
        Image.fromarray(np.repeat(grey[:, :, None], 3, axis=2)), _ZOOM, (_SEEN, _SEEN), _SUBJECT
    ).plate()
    luma = Image.fromarray(grey.astype(np.float32) * (219 / 255) + 16)
    views = [_ZOOM.at(step / 225) for step in _STEPS]
    ours = np.diff([_seen(plate, view) for view in views], axis=0)
    ideal = np.diff([_scaled(luma, view) for view in views], axis=0)
    gain = (ours * ideal).sum() / np.square(ideal).sum()
    return float(np.square(ours - gain * ideal).sum() / np.square(ideal).sum())


def _seen(plate: Plate, view: View) -> NDArray[np.float64]:
    _, planes = picture.blank(_SEEN, _SEEN)
    picture.draw(plate, view, planes)
    return planes.y.astype(np.float64)


def _scaled(luma: Image.Image, view: View) -> NDArray[np.float64]:
    half = view.width / 2
    box = (view.x - half, view.y - half, view.x + half, view.y + half)
    return np.asarray(luma.resize((_SEEN, _SEEN), Image.Resampling.LANCZOS, box=box), np.float64)


def _photo(luma: NDArray[np.uint8]) -> Bytes:
    """Return a grey photo of twice the size, exactly: by its phases, with nothing added."""
    spread = np.zeros((2 * _SIDE, 2 * _SIDE), complex)
    inner = slice(_SIDE // 2, _SIDE // 2 + _SIDE)
    middle = np.exp(2j * np.pi * np.fft.fftshift(np.fft.fftfreq(2 * _SIDE))[inner] / -2)  # each pixel becomes two
    spread[inner, inner] = np.fft.fftshift(np.fft.fft2(luma)) * middle[:, None] * middle
    larger = np.fft.ifft2(np.fft.ifftshift(spread)).real * 4
    grey = np.rint(np.clip((larger - 16) * (255 / 219), 0, 255)).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def _at(moved: float) -> View:
    """Return the view of that photo that has moved by so many pixels of the picture."""
    return View(_SIDE + 2 * moved, float(_SIDE), 2.0 * _SEEN)


def _ideal(luma: NDArray[np.uint8], moved: float) -> NDArray[np.float64]:
    turned = np.fft.fft(luma.astype(np.float64), axis=1) * np.exp(2j * np.pi * np.fft.fftfreq(_SIDE) * moved)
    return np.fft.ifft(turned, axis=1).real[_LEFT : _LEFT + _SEEN, _LEFT : _LEFT + _SEEN]


def _apart(drawn: NDArray[np.float64], ideal: NDArray[np.float64]) -> float:
    """Return how far *drawn* stands from *ideal* across, in pixels."""
    slope = (ideal[_EDGE:-_EDGE, _EDGE + 1 : 1 - _EDGE] - ideal[_EDGE:-_EDGE, _EDGE - 1 : -_EDGE - 1]) / 2
    change = (drawn - ideal)[_EDGE:-_EDGE, _EDGE:-_EDGE]
    return -float((change * slope).sum() / np.square(slope).sum())
