"""What is to be seen in a video: every frame decoded once, small, and what is measured on it. Judges nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from nightreel.quality.media import Picture, opened

SHRINK = 6
"""Sides of the small pictures are so many times shorter: the encoder's noise is averaged away."""

_SAMPLES = 4.0
_MOST_SAMPLES = 240
_CELLS = 16
_THIRD = 3
_PLANAR = {"yuv420p", "yuvj420p"}


@dataclass(frozen=True)
class Sample:
    """A frame at *at* seconds: its luma, at a third of its size, for who looks closer."""

    at: float
    picture: Picture


@dataclass(frozen=True)
class Pictures:
    """All frames of a video.

    Attributes:
        at: seconds, an entry a frame.
        span: luma from the first to the 99th percentile, an entry a frame: small where all is one plain colour.
        change: of the luma of the pixels that changed most since 0.4 s before; 0 where nothing moves.
        light: relative luminance 0..1 of the cells of a grid, frames x cells.
        samples: a few frames a second.
        full_size: of a frame, width and height in pixels.
    """

    at: NDArray[np.float64]
    span: NDArray[np.float32]
    change: NDArray[np.float32]
    light: NDArray[np.float32]
    samples: tuple[Sample, ...]
    full_size: tuple[int, int]

    @property
    def end(self) -> float:
        """When the last frame ends, in seconds."""
        if len(self.at) < 2:  # noqa: PLR2004 - two make an interval
            return float(self.at[-1]) if len(self.at) else 0.0
        return float(self.at[-1] + np.median(np.diff(self.at)))


_APART = 0.4
"""Seconds between the two pictures that are compared: a slow move shows in them."""


def look(path: Path, seconds: float) -> Pictures:
    """Decode all frames of *path*, a video of about *seconds*, once.

    Raises:
        ValueError, av.error.FFmpegError: it cannot be decoded to its end.
    """
    spans: list[float] = []
    times: list[float] = []
    changes: list[float] = []
    cells: list[NDArray[np.float32]] = []
    samples: list[Sample] = []
    earlier: list[tuple[float, Picture]] = []
    step = max(1 / _SAMPLES, seconds / _MOST_SAMPLES)
    size = (0, 0)
    for at, luma in _lumas(path):
        size = luma.shape[1], luma.shape[0]
        small = _small(luma, SHRINK)
        while len(earlier) > 1 and earlier[1][0] <= at - _APART:
            earlier.pop(0)
        moved = cast("Picture", cv2.absdiff(small, earlier[0][1])) if earlier else small
        times.append(at)
        low, high = _levels(small, 0.01, 0.99)
        spans.append(high - low)
        changes.append(_levels(moved, 0.995)[0])
        cells.append(_light(small))
        earlier.append((at, small))
        if not samples or at - samples[-1].at >= step - 1e-3:
            samples.append(Sample(at, _small(luma, _THIRD)))
    if not times:
        raise ValueError("there is no frame that decodes")
    return Pictures(
        at=np.array(times),
        span=np.array(spans, np.float32),
        change=np.array(changes, np.float32),
        light=np.stack(cells),
        samples=tuple(samples),
        full_size=size,
    )


def _lumas(path: Path) -> Iterator[tuple[float, Picture]]:
    """Yield each frame's time and luma plane, which must be used before the next is asked for."""
    with opened(path) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        for frame in container.decode(stream):
            plane = (frame if frame.format.name in _PLANAR else frame.reformat(format="yuv420p")).planes[0]
            rows = np.frombuffer(cast("Any", plane), np.uint8).reshape(plane.height, plane.line_size)
            yield float(frame.time or 0.0), rows[:, : plane.width]


def _small(luma: Picture, by: int) -> Picture:
    size = max(8, luma.shape[1] // by), max(8, luma.shape[0] // by)
    return cast("Picture", cv2.resize(luma, size, interpolation=cv2.INTER_AREA))


def _levels(small: Picture, *shares: float) -> list[float]:
    """Return the levels below which these shares of the pixels lie."""
    counts = cv2.calcHist([small], [0], None, [256], [0, 256]).ravel()
    return np.searchsorted(np.cumsum(counts), np.array(shares) * small.size).astype(float).tolist()


def _light(small: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the relative luminance of each cell of a grid."""
    cells = cv2.resize(small, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
    return np.power(np.clip((cells - 16) / 219, 0, 1), 2.4, dtype=np.float32)
