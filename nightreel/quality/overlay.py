"""Texts and marks over a video's picture: edges that stand still while what is behind them moves."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from nightreel.quality.media import Picture
from nightreel.quality.pictures import Sample

_WINDOW = 4.0
"""Seconds that are looked at together: a shot is mostly shorter, so that another picture is behind at the end."""

_STEP = 1.0
_EDGE = 48.0
_STANDS = 0.9
_SHARP = 0.5
_STAYED = 0.3
_FEW = 6
_TEXT = 0.0015  # of the picture
_THIN = 4
_WIDE = 0.7


@dataclass(frozen=True)
class Overlay:
    """What stands over the picture from *start* to *end* seconds.

    Attributes:
        mask: where, at a third of the picture's size.
        told: whether it can be told: what is behind has become another picture.
    """

    start: float
    end: float
    mask: NDArray[np.bool_]
    told: bool

    @property
    def ink(self) -> int:
        """Pixels of the mask."""
        return int(self.mask.sum())

    @property
    def text(self) -> bool:
        """Whether there is so much that it is a text, and not what little stands still by chance."""
        return self.told and self.ink >= _TEXT * self.mask.size


def overlays(samples: Sequence[Sample], start: float, end: float) -> list[Overlay]:
    """Return what stands over the picture from *start* to *end* seconds, in windows that overlap."""
    edges = [(one.at, _edges(one.picture)) for one in samples if start <= one.at < end]
    begins = np.arange(start, max(end - _WINDOW, start) + 1e-3, _STEP).tolist()
    return [
        _overlay(begin, min(begin + _WINDOW, end), [edge for at, edge in edges if begin <= at < begin + _WINDOW])
        for begin in begins
    ]


def _overlay(start: float, end: float, edges: Sequence[NDArray[np.bool_]]) -> Overlay:
    if len(edges) < _FEW:
        return Overlay(start, end, np.zeros((1, 1), np.bool_), told=False)
    wide = np.stack([_wider(edge) for edge in edges])
    standing = (wide.mean(axis=0) >= _STANDS) & (np.stack(edges).mean(axis=0) >= _SHARP)
    beside = ~_wider(standing)
    middle = len(edges) // 2
    stayed = min(_stayed(edges[0] & beside, wide[middle]), _stayed(edges[middle] & beside, wide[-1]))
    return Overlay(start, end, _without_lines(standing), told=stayed <= _STAYED)


def _stayed(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> float:
    """Return the share of the edges of one frame that are edges of another."""
    return float((before & after).sum()) / max(1, int(before.sum()))


def _wider(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return *mask* and what is next to it: an edge that is a pixel off is the same edge."""
    return cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.bool_)


def _edges(picture: Picture) -> NDArray[np.bool_]:
    across = cv2.Scharr(picture, cv2.CV_32F, 1, 0) / 16
    down = cv2.Scharr(picture, cv2.CV_32F, 0, 1) / 16
    return cv2.magnitude(across, down) >= _EDGE


def _without_lines(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Take away specks, and the long straight edges of bars and plates."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    kept = np.zeros(count, np.bool_)
    for label in range(1, count):
        _, _, width, height, area = stats[label]
        line = min(width, height) <= _THIN and max(width / mask.shape[1], height / mask.shape[0]) >= _WIDE
        kept[label] = area >= _THIN and not line
    return kept[labels.astype(np.intp)]
