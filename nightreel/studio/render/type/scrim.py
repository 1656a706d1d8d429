"""Scrims: a grey that lies softly between the picture and the texts over it."""

import numpy as np

from nightreel.studio.render.layer import Layer
from nightreel.studio.render.pixels import Floats
from nightreel.studio.render.type.safe import WIDE, Safe

BLACK, WHITE = 16, 235
"""Luma of the two."""


def scrim_of(size: tuple[int, int], box: Safe, place: str, most: float, level: int) -> Layer:
    """Lay *most* of a grey of *level* at the texts, softly from well outside them, and on to the picture's edge."""
    width, height = size
    share = np.outer(*_profiles(size, box, place)) * np.float32(most)
    noise = np.random.default_rng(11).uniform(-0.5, 0.5, (height, width)).astype(np.float32)
    opacity = np.rint(np.clip(share * 255 + noise * (share > 0), 0, 255)).astype(np.uint8)
    rows, columns = np.flatnonzero(opacity.any(axis=1)), np.flatnonzero(opacity.any(axis=0))
    top, right = int(rows[0]) // 2 * 2, int(columns[-1]) // 2 * 2 + 2
    bottom = int(rows[-1]) // 2 * 2 + 2
    return Layer(np.ascontiguousarray(opacity[top:bottom, :right]), 0, top, level)


def _profiles(size: tuple[int, int], box: Safe, place: str) -> tuple[Floats, Floats]:
    """Return how strong a scrim is down and across the picture."""
    width, height = size
    rows, columns = np.arange(height, dtype=np.float32), np.arange(width, dtype=np.float32)
    if width / height > WIDE and place != "center":
        reach = 0.16 * width
        return np.ones_like(rows), _smooth(((box.right + reach) - columns) / reach)
    reach = 0.18 * height
    above = _smooth((rows - (box.top - reach)) / reach)
    below = _smooth(((box.bottom + reach) - rows) / reach)
    return {"top": below, "bottom": above, "center": above * below}[place], np.ones_like(columns)


def _smooth(share: Floats) -> Floats:
    share = np.clip(share, 0, 1)
    return share * share * (3 - 2 * share)
