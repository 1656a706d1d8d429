"""What stands behind a text decides how it is set: dark letters on bright calm backgrounds, else white ones.

White letters get a scrim that darkens the picture by as much as they need, and no more: a picture that is dark enough
stays as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nightreel.studio.render.pixels import Bytes

DARK, WHITE = 30, 235
"""Luma of the two inks."""

MOST_SCRIM = 0.58
"""The most that a picture is darkened."""

_BRIGHT = 0.52  # all of a background is brighter than this where dark letters stand on it
_EVEN = 0.30  # and its luma differs by less than this
_READABLE = 0.50  # white letters want a background that is no brighter: a contrast of 4:1
_STEP = 0.02


@dataclass(frozen=True, slots=True)
class Tone:
    """How a text is set: in dark letters or in white ones, and how much the picture is darkened behind them."""

    dark: bool
    scrim: float


def tone_of(behind: Sequence[Bytes]) -> Tone:
    """Choose the tone of a text from the luma *behind* it, at several moments."""
    luma = (np.concatenate([part.ravel() for part in behind]).astype(np.float32) - 16) / 219
    low, high = (float(value) for value in np.percentile(luma, (2, 95)))
    if low >= _BRIGHT and high - low < _EVEN:
        return Tone(dark=True, scrim=0.0)
    needed = min(max(0.0, 1 - _READABLE / max(high, 0.01)), MOST_SCRIM)
    return Tone(dark=False, scrim=round(needed / _STEP) * _STEP)
