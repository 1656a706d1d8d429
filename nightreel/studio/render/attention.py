"""What a close-up is about: where in it the eye goes.

A close-up shows a part of the product from edge to edge; what stands out there from its surroundings and is in focus
(a button, a knob, a clasp) is what the photo was taken for.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nightreel.studio.render import pixels
from nightreel.studio.render.pixels import Bytes, Floats

_SPOT, _AROUND = 3.0, 16.0  # pixels of the thumbnail: what stands out, and from what
_EDGE = 1.5  # pixels of the larger one: what is sharper is in focus
_NEAR = 0.16
_PEAKED = 6  # the eye goes to the few brightest spots, not to the mean of all


def find_focus(fine: Bytes, colours: Floats) -> tuple[float, float]:
    """Return where the eye goes, in shares of the width and height.

    Args:
        fine: the photo (RGB), some four times larger than *colours*.
        colours: its thumbnail in Lab.
    """
    height, width = colours.shape[:2]
    apart = np.sqrt(np.square(pixels.blur(colours, _SPOT) - pixels.blur(colours, _AROUND)).sum(axis=2))
    light = pixels.grey(fine)
    sharp = pixels.blur(np.abs(light - pixels.blur(light, _EDGE)), 2 * fine.shape[1] / width)
    sharp = pixels.enlarge(sharp, width, height)
    weight = apart * np.sqrt(np.minimum(sharp / max(float(np.percentile(sharp, 95)), 1e-3), 1))
    weight = pixels.blur((weight * _nearness(height, width)).astype(np.float32), 5)
    peaked: NDArray[Any] = (weight / max(float(weight.max()), 1e-6)) ** _PEAKED + 1e-9
    return _centre(peaked.sum(axis=0)), _centre(peaked.sum(axis=1))


def _centre(weight: NDArray[Any]) -> float:
    return float(np.average(np.arange(len(weight)) + 0.5, weights=weight)) / len(weight)


def _nearness(height: int, width: int) -> Floats:
    rows = (np.arange(height, dtype=np.float32) + 0.5) / height - 0.5
    columns = (np.arange(width, dtype=np.float32) + 0.5) / width - 0.5
    return np.exp(-(np.square(rows)[:, None] + np.square(columns)[None, :]) / _NEAR)
