"""A photo's background, continued beyond the photo.

Past a plain edge (a seamless sweep, a wall, the sky) the edge's own colours go on, ever softer, and the photo's grain
with them. Past a restless one (a table's wood, leaves, books) what is mirrored there goes out of focus, as if it lay
behind the plane of focus, from a little inside the photo on: no seam, and nothing that can be seen twice. The product
is mirrored nowhere.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nightreel.studio.render import pixels
from nightreel.studio.render.pixels import Bytes, Floats
from nightreel.studio.render.subject import CALM, Subject

_SOFT = 8  # what is blurred is made so many times smaller
_BAND = 256
_GRAIN = np.float32(0.7)
_LEAST = 0.006  # of the photo's side: the shortest way over which one thing becomes another
_GRAINY = 0.08  # of the side: so far the grain goes on past a plain edge
_FAINT = np.float32(6.0)  # levels: what varies by more is no grain but an edge, and is gone sooner
_SOONER = 4  # by this power of what is left of the grain; what is blurred is not seen then: a product is in it
_OWN = 0.05  # so far the photo's own gradient does
_FOCUS = 0.08  # so far inside a restless edge the focus begins to go
_SHARP = 0.15  # what is left of it at the edge
_GONE = 0.02  # and beyond it, where nothing is
_BLURS = (0.012, 0.05)  # of the longer side: near the edge, and farther out
_SOFTER = (0.15, 0.70)  # of the side: where what is drawn outwards is soft along the edge, and where very soft
_FAR = (0.14, 0.45)  # of the side: where the stronger blur, and where the edge's colours alone have taken over


@dataclass(frozen=True, slots=True)
class Margins:
    """How many pixels are added on each side."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class _Weights:
    """Along one side of the picture: what is left of the texture, of the weaker blur's and of both blurs' share."""

    texture: Floats
    blurred: Floats
    drawn: Floats


def continued(photo: Bytes, margins: Margins, subject: Subject, *, least: int) -> Bytes:
    """Return *photo* (RGB) with its background continued by *margins*; no more than *least* pixels are never seen."""
    wide = pixels.mirrored(photo, margins.top, margins.bottom, margins.left, margins.right)
    height, width = photo.shape[:2]
    unrest = subject.unrest
    sides = [(unrest.left, subject.left), (unrest.right, 1 - subject.right)]
    across = _weights(width, (margins.left, margins.right), sides, least)
    sides = [(unrest.top, subject.top), (unrest.bottom, 1 - subject.bottom)]
    down = _weights(height, (margins.top, margins.bottom), sides, least)
    layers = _layers(wide, photo, margins)
    random = np.random.default_rng(7)
    for rows, columns in _changed(across.texture, down.texture):
        _blend(wide, layers, (down, across), (rows, columns), random)
    return wide


def _weights(extent: int, margins: tuple[int, int], sides: list[tuple[float, float]], least: int) -> _Weights:
    """Weigh the layers along one side; *sides* are the unrest at both ends, and the product's distance from them."""
    length = extent + sum(margins)
    texture, blurred, drawn = np.ones(length, np.float32), np.zeros(length, np.float32), np.zeros(length, np.float32)
    place = np.arange(length, dtype=np.float32)
    outs = (margins[0] - place) / extent, (place - (margins[0] + extent - 1)) / extent
    for out, margin, (unrest, gap) in zip(outs, margins, sides, strict=True):
        near = max(0.8 * gap, _LEAST)
        if unrest < CALM:
            left = 1 - _smooth(out / min(_GRAINY, near))
            texture *= left
            drawn = np.maximum(drawn, _smooth(out / _OWN) if near > _OWN else 1 - left**_SOONER)
        elif margin > least:
            inside = max(min(_FOCUS, near, 2 * margin / extent), _LEAST)
            texture *= 1 - (1 - _SHARP) * _smooth(out / inside + 1) - _SHARP * _smooth(out / _GONE)
            blurred = np.maximum(blurred, _smooth(out / _FAR[0]))
            drawn = np.maximum(drawn, _smooth((out - _FAR[0] / 2) / _FAR[1]))
    return _Weights(texture, blurred, drawn)


def _smooth(share: NDArray[Any]) -> Floats:
    share = np.clip(share, 0, 1)
    return (share * share * (3 - 2 * share)).astype(np.float32)


def _changed(across: Floats, down: Floats) -> Iterator[tuple[slice, slice]]:
    """Yield the parts of the picture where not all is texture: rows in bands, since floats take much memory."""
    columns = np.flatnonzero(across == 1)
    left, right = (int(columns[0]), int(columns[-1]) + 1) if len(columns) else (len(across), len(across))
    whole = [slice(0, len(across))]
    for begin in range(0, len(down), _BAND):
        rows = slice(begin, min(begin + _BAND, len(down)))
        parts = [slice(0, left), slice(right, len(across))] if (down[rows] == 1).all() else whole
        yield from ((rows, part) for part in parts if part.stop > part.start)


def _blend(
    wide: Bytes, layers: list[Floats], weights: tuple[_Weights, _Weights], part: tuple[slice, slice],
    random: np.random.Generator,
) -> None:  # fmt: skip
    """Mix the layers into a *part* of *wide*, in place."""
    rows, columns = part
    down, across = weights
    texture = (down.texture[rows, None] * across.texture[None, columns])[:, :, None]
    low, blurred, drawn = (_enlarged(layer, wide.shape, part) for layer in layers)
    mixed = wide[rows, columns] - low
    grain = np.clip(mixed, -_FAINT, _FAINT)
    mixed -= grain
    mixed *= texture**_SOONER
    mixed += grain * texture
    low += (blurred - low) * np.maximum(down.blurred[rows, None], across.blurred[None, columns])[:, :, None]
    low += (drawn - low) * np.maximum(down.drawn[rows, None], across.drawn[None, columns])[:, :, None]
    mixed += low
    noise = random.standard_normal(mixed.shape[:2], np.float32)[:, :, None]
    mixed += noise * _GRAIN * (1 - texture)
    np.copyto(wide[rows, columns], np.rint(np.clip(mixed, 0, 255)).astype(np.uint8), where=texture < 1)


def _enlarged(layer: Floats, shape: tuple[int, ...], part: tuple[slice, slice]) -> Floats:
    """Return a *part* of a small layer at the size of the picture, linearly."""
    rows, columns = part
    height, width = rows.stop - rows.start, columns.stop - columns.start
    scale = layer.shape[1] / shape[1], layer.shape[0] / shape[0]
    return pixels.part_of(layer, (width, height), scale, (columns.start, rows.start))


def _layers(wide: Bytes, photo: Bytes, margins: Margins) -> list[Floats]:
    """Return what is mixed, small: the mirrored picture out of focus, and far out of it, and the edges drawn out."""
    size = max(2, wide.shape[1] // _SOFT), max(2, wide.shape[0] // _SOFT)
    small = pixels.shrink(wide, *size).astype(np.float32)
    side = max(photo.shape[:2]) / _SOFT
    low = pixels.blur(small, max(0.5, _BLURS[0] * side))
    return [low, pixels.blur(low, max(0.5, _BLURS[1] * side)), _drawn(photo, margins, size)]


def _drawn(photo: Bytes, margins: Margins, size: tuple[int, int]) -> Floats:
    """Return the larger picture with the colours of the photo's edges drawn outwards, softened along the edge."""
    inner = max(2, photo.shape[1] // _SOFT), max(2, photo.shape[0] // _SOFT)
    core = pixels.shrink(photo, *inner).astype(np.float32)
    deep = max(1, round(0.008 * min(inner)))
    core[:deep], core[-deep:] = core[:deep].mean(axis=0), core[-deep:].mean(axis=0)
    core[:, :deep] = core[:, :deep].mean(axis=1, keepdims=True)
    core[:, -deep:] = core[:, -deep:].mean(axis=1, keepdims=True)
    left, top, right, bottom = (
        math.ceil(margin / _SOFT) for margin in (margins.left, margins.top, margins.right, margins.bottom)
    )
    spread = np.pad(core, ((top, bottom), (left, right), (0, 0)), mode="edge")
    if top or bottom:
        spread = _softened(spread, top, inner[1])
    if left or right:
        spread = _softened(spread.swapaxes(0, 1), left, inner[0]).swapaxes(0, 1)
    row, column = top - margins.top / _SOFT, left - margins.left / _SOFT
    wide = photo.shape[1] + margins.left + margins.right, photo.shape[0] + margins.top + margins.bottom
    scale = wide[0] / size[0] * inner[0] / photo.shape[1], wide[1] / size[1] * inner[1] / photo.shape[0]
    return pixels.part_of(np.ascontiguousarray(spread), size, scale, (column / scale[0], row / scale[1]))


def _softened(spread: Floats, begin: int, extent: int) -> Floats:
    """Blur the rows outside begin..begin+extent along themselves, more the farther out they are."""
    place = np.arange(len(spread), dtype=np.float32)
    outside = np.maximum(np.maximum(begin - place, place - (begin + extent - 1)), 0)[:, None, None]
    source = np.ascontiguousarray(spread)
    little = pixels.blur(source, 0.03 * spread.shape[1] + 0.5, 0.6)
    much = pixels.blur(source, 0.2 * spread.shape[1] + 1, 0.6)
    near, far = (_smooth(outside / (share * extent)) for share in _SOFTER)
    soft = source + (little - source) * near
    return (soft + (much - soft) * far).astype(np.float32)
