"""Where the product stands in a photo.

What is fenced off from the photo's edge by its colours, differs from those of the border, is sharp and stands near
the middle is likely the product; GrabCut then finds its outline. A bottle and its cap are one, though glass parts
them. It runs on a thumbnail and takes about a tenth of a second.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nightreel.studio.render import pixels
from nightreel.studio.render.attention import find_focus
from nightreel.studio.render.barrier import barriers
from nightreel.studio.render.pixels import Array, Bytes, Floats

_SIDE = 192
_COLOURS = 6
_RARE = 0.12  # a border colour of a smaller share may well be the product's own
_FAINT = 0.2  # on a quiet background, so little of the most salience is still the product
_COMPACT = 0.62  # what fills its box by more is one thing; by less, in a busy scene, it is several
_GRAIN = 0.8  # pixels of the thumbnail: what is finer is no barrier
_LEAST_BARRIER = 8.0
_THIN = 7  # pixels of the thumbnail: what is thinner does not join two things
_EYE = np.array([0.6, 1, 1], np.float32)  # Lab: light and shade part less than colours do
_ONE = 0.70  # in a busy scene, what is fenced off best and fills its box by so much is the product
_MAIN = 0.30  # if it is so much of what was found
_FINE = 768  # pixels: at this size, texture is what an eye sees of it
_RIM = 0.012  # of the longer side: what of a photo's edge is looked at
_COARSE = 6  # pixels: what is larger is no texture
_ROUGH = 10.0  # unrest of an edge that has one Lab unit of texture
_UNSURE = 0.08  # its box is made larger by this at each side: its brightest part stands for the whole
ENOUGH = 1536
"""Pixels of the longer side that a photo may be reduced to: it looks the same then."""

CALM = 10.0
"""So many Lab units along an edge still make one quiet background."""


@dataclass(frozen=True, slots=True)
class Edges:
    """How restless each edge of a photo is: how much the colours vary along it, in Lab units, or its texture.

    Beyond a quiet edge a photo can be made larger than it is.
    """

    left: float
    top: float
    right: float
    bottom: float

    @property
    def calm(self) -> bool:
        """Whether all edges are one quiet background."""
        return max(self.left, self.top, self.right, self.bottom) < CALM


@dataclass(frozen=True, slots=True)
class Subject:
    """The product's box, in shares of the photo's width and height, and how restless the photo's edges are.

    *focus* is where the eye goes in a photo that shows only a part of the product.
    """

    left: float
    top: float
    right: float
    bottom: float
    unrest: Edges
    focus: tuple[float, float] = (0.5, 0.5)

    @property
    def middle(self) -> tuple[float, float]:
        """The box's centre."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


def find_subject(photo: Bytes) -> Subject:
    """Find the product in an RGB photo; the middle of the photo where nothing stands out."""
    fine = _sized(photo, min(_FINE, max(photo.shape[:2])))
    small = _sized(fine, _SIDE)
    colours = pixels.lab(small)
    unrest = _sides(colours, 2, _unrest)
    calm = Edges(*unrest).calm
    edges = Edges(*(max(pair) for pair in zip(unrest, _textures(fine), strict=True)))
    return Subject(*_box(small, colours, calm=calm), edges, find_focus(fine, colours))


def _sides(image: Array, deep: int, measure: Callable[[Array], float]) -> list[float]:
    """Return *measure* of the outermost *deep* pixels at the left, top, right and bottom, each as rows."""
    turned = image.swapaxes(0, 1)
    return [measure(turned[:deep]), measure(image[:deep]), measure(turned[-deep:]), measure(image[-deep:])]


def _sized(photo: Bytes, longest: int) -> Bytes:
    """Return *photo* with a *longest* side of so many pixels, and the other of 16 at least."""
    scale = longest / max(photo.shape[:2])
    return pixels.shrink(photo, *(max(16, round(side * scale)) for side in photo.shape[1::-1]))


def _textures(fine: Bytes) -> list[float]:
    """Return how rough the photo is along its left, top, right and bottom, as unrest."""
    return _sides(fine, max(2, round(_RIM * max(fine.shape))), _texture)


def _texture(edge: Bytes) -> float:
    rim = pixels.lab(np.ascontiguousarray(edge))
    return _ROUGH * float(np.sqrt(np.square(rim - pixels.blur(rim, _COARSE)).sum(axis=2)).mean())


def _box(small: Bytes, colours: Floats, *, calm: bool) -> tuple[float, float, float, float]:
    fenced = barriers(pixels.blur(colours, _GRAIN) * _EYE)
    fenced = _levelled(fenced, _LEAST_BARRIER, 98)
    salience = _salience(small, colours, fenced)
    peak = float(salience.max())
    if peak < 1e-3:  # noqa: PLR2004 - one even colour
        return 0.3, 0.3, 0.7, 0.7
    floor = max(0.25 * peak, 0.85 * _otsu(salience))
    never = _ring(salience.shape) & (salience < floor / 2)
    found = pixels.grab(small, salience > 0.75 * peak, salience > floor, never)
    if calm:
        found |= salience > _FAINT * peak
    thick = pixels.opened(found, _THIN)
    mask = pixels.regrown(pixels.stacked(pixels.best_piece(thick, salience), thick), found, _THIN)
    box = _around(mask)
    if calm or _fill(mask) > _COMPACT or box[2] - box[0] < 0.5:  # noqa: PLR2004 - half of the photo
        return box
    best = mask & (fenced > _otsu(fenced[mask]))
    clear = pixels.regrown(pixels.best_piece(pixels.opened(best, 2 * _THIN), fenced), best, _THIN // 2)
    if _fill(clear) > _ONE and clear.sum() > _MAIN * mask.sum():
        return _around(clear, _UNSURE)
    left, right = _extent(np.where(mask, fenced**3, 0).sum(axis=0), 0.05)
    return left, box[1], right, box[3]


def _around(mask: NDArray[np.bool_], more: float = 0.0) -> tuple[float, float, float, float]:
    """Return *mask*'s box; *more* of its size is added at each side."""
    (left, right), (top, bottom) = _extent(mask.sum(axis=0), 0.0), _extent(mask.sum(axis=1), 0.0)
    across, down = more * (right - left), more * (bottom - top)
    return max(0.0, left - across), max(0.0, top - down), min(1.0, right + across), min(1.0, bottom + down)


def _fill(mask: NDArray[np.bool_]) -> float:
    """Return how much of its box *mask* fills."""
    left, top, right, bottom = _around(mask)
    return float(mask.sum()) / ((right - left) * (bottom - top) * mask.size)


def _salience(small: Bytes, colours: Floats, fenced: Floats) -> Floats:
    """Return how likely each pixel is the product's: *fenced* off, of a strange colour, sharp, near the middle."""
    centres, shares = pixels.clusters(np.ascontiguousarray(colours[_ring(colours.shape)]), _COLOURS)
    strange = np.full(colours.shape[:2], np.inf, np.float32)
    for centre, share in zip(centres, shares, strict=True):
        apart = np.sqrt(np.square((colours - centre) * _EYE).sum(axis=2))
        strange = np.minimum(strange, apart + 12 * max(0.0, 1 - float(share) / _RARE))
    light = pixels.grey(small)
    sharp = pixels.blur(np.abs(light - pixels.blur(light, 1.5)), 4)
    both = 0.75 * _levelled(strange, 20) + 0.25 * _levelled(sharp, 2)
    near = _nearness(both.shape)
    both = pixels.blur((both * near).astype(np.float32), 2)
    return (0.75 * fenced * near + 0.25 * both / max(float(both.max()), 1e-3)).astype(np.float32)


def _levelled(values: Floats, least: float, share: float = 97) -> Floats:
    return np.clip(values / max(float(np.percentile(values, share)), least), 0, 1)


def _nearness(shape: tuple[int, ...]) -> Floats:
    rows = (np.arange(shape[0], dtype=np.float32) + 0.5) / shape[0] - 0.5
    columns = (np.arange(shape[1], dtype=np.float32) + 0.5) / shape[1] - 0.5
    return np.exp(-(np.square(rows)[:, None] + np.square(columns)[None, :]) / 0.16)


def _ring(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return a mask of the photo's outermost pixels."""
    thick = max(2, round(0.04 * min(shape[:2])))
    ring = np.ones(shape[:2], bool)
    ring[thick:-thick, thick:-thick] = False
    return ring


def _otsu(values: Floats) -> float:
    """Return the threshold that parts *values* best in two."""
    counts, edges = np.histogram(values, 128)
    middles = (edges[1:] + edges[:-1]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * middles)
    parted = (below > 0) & (above > 0)
    apart = np.where(parted, sums / np.maximum(below, 1) - (sums[-1] - sums) / np.maximum(above, 1), 0)
    return float(edges[1:][int(np.argmax(below * above * np.square(apart)))])


def _extent(weight: NDArray[Any], trim: float) -> tuple[float, float]:
    """Return where *weight* begins and ends, in shares, but for *trim* of it at each end, with a little room."""
    share = np.cumsum(weight) / max(float(weight.sum()), 1e-9)
    begin = float(np.searchsorted(share, max(trim, 1e-6))) / len(weight)
    end = float(np.searchsorted(share, min(1 - trim, 1 - 1e-6)) + 1) / len(weight)
    room = 0.02 * (end - begin) + 0.005
    return max(0.0, begin - room), min(1.0, end + room)


def _unrest(edge: Floats) -> float:
    """Return how much the colours vary along an edge, in Lab units, after a blur that forgives texture."""
    line = pixels.blur(np.ascontiguousarray(edge.mean(axis=0, keepdims=True)), 3.0)
    return float(np.sqrt(np.square(line - line.mean(axis=1, keepdims=True)).sum(axis=2).mean()))
