"""A photo's background, continued beyond the photo.

Past a plain edge (a seamless sweep, a wall, the sky) the edge's own colours go on, ever softer, and the photo's grain
with them. Past a restless one (a table's wood, leaves, books) what is mirrored there goes out of focus, as if it lay
behind the plane of focus, from a little inside the photo on: no seam, and nothing that can be seen twice. The product
is mirrored nowhere.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nightreel.studio.render import pixels
from nightreel.studio.render.pixels import Bytes, Floats
from nightreel.studio.render.subject import CALM, Subject

_SOFT = 8  # what is blurred is made so many times smaller
_BAND = 32  # rows: floats of so many stay in the processor's cache
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
_BESIDE = 3  # rows: so far a row's own blur looks
_SOFTER = (0.15, 0.70)  # of the side: where what is drawn outwards is soft along the edge, and where very soft
_FAR = (0.14, 0.45)  # of the side: where the stronger blur, and where the edge's colours alone have taken over

Part = tuple[slice, slice]
"""Rows and columns of a picture."""


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


def continued(photo: Bytes, margins: Margins, subject: Subject, *, least: int, seen: Part | None = None) -> Bytes:
    """Return *photo* (RGB) with its background continued by *margins*, or the rows and columns of that to be *seen*.

    No more than *least* pixels of a margin are never seen.
    """
    wide = pixels.mirrored(photo, margins.top, margins.bottom, margins.left, margins.right)
    height, width = photo.shape[:2]
    unrest = subject.unrest
    sides = [(unrest.left, subject.left), (unrest.right, 1 - subject.right)]
    across = _weights(width, (margins.left, margins.right), sides, least)
    sides = [(unrest.top, subject.top), (unrest.bottom, 1 - subject.bottom)]
    down = _weights(height, (margins.top, margins.bottom), sides, least)
    layers = _layers(photo, margins)
    random = np.random.default_rng(7)
    rows, columns = seen or (slice(0, len(wide)), slice(0, wide.shape[1]))
    for part in _changed(across.texture, down.texture, (rows, columns)):
        _blend(wide, layers, (down, across), part, random)
    return wide[rows, columns]


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


def _changed(across: Floats, down: Floats, seen: Part) -> Iterator[Part]:
    """Yield the parts of what is *seen* where not all is texture: rows in bands, since floats take much memory."""
    rows, columns = seen
    sharp = columns.start + np.flatnonzero(across[columns] == 1)
    left, right = (int(sharp[0]), int(sharp[-1]) + 1) if len(sharp) else (columns.stop, columns.stop)
    for begin in range(rows.start, rows.stop, _BAND):
        band = slice(begin, min(begin + _BAND, rows.stop))
        sides = [slice(columns.start, left), slice(right, columns.stop)] if (down[band] == 1).all() else [columns]
        yield from ((band, part) for part in sides if part.stop > part.start)


def _blend(
    wide: Bytes, layers: list[Floats], weights: tuple[_Weights, _Weights], part: Part, random: np.random.Generator
) -> None:
    """Mix the layers into a *part* of *wide*, in place."""
    rows, columns = part
    down, across = weights
    texture = (down.texture[rows, None] * across.texture[None, columns])[:, :, None]
    blurred = np.maximum(down.blurred[rows, None], across.blurred[None, columns])[:, :, None]
    drawn = np.maximum(down.drawn[rows, None], across.drawn[None, columns])[:, :, None]
    enlarged = [partial(_enlarged, layer, wide.shape, part) for layer in layers]
    mixed = _mixed(enlarged, blurred, drawn)
    if texture.any():
        mixed += _textured(wide[rows, columns] - enlarged[0](), texture)
    noise = random.standard_normal(texture.shape, np.float32)
    noise *= _GRAIN * (1 - texture)
    mixed += noise
    np.copyto(wide[rows, columns], pixels.rounded(mixed), where=texture < 1)


def _textured(sharp: Floats, texture: Floats) -> Floats:
    """Return so much of what is *sharp* as is left; it is changed in place."""
    grain = np.clip(sharp, -_FAINT, _FAINT)
    sharp -= grain
    sharp *= texture**_SOONER
    grain *= texture
    sharp += grain
    return sharp


def _mixed(layers: list[Callable[[], Floats]], blurred: Floats, drawn: Floats) -> Floats:
    """Return the layers, out of focus, farther out of it and drawn outwards, mixed by their weights."""
    low, far, out = layers
    if drawn.min() >= 1:
        return out()
    soft = low()
    for layer, weight in ((far, blurred), (out, drawn)):
        if weight.any():
            soft += (layer() - soft) * weight
    return soft


def _enlarged(layer: Floats, shape: tuple[int, ...], part: Part) -> Floats:
    """Return a *part* of a small layer at the size of the picture, linearly."""
    rows, columns = part
    height, width = rows.stop - rows.start, columns.stop - columns.start
    scale = layer.shape[1] / shape[1], layer.shape[0] / shape[0]
    return pixels.part_of(layer, (width, height), scale, (columns.start, rows.start))


def _layers(photo: Bytes, margins: Margins) -> list[Floats]:
    """Return what is mixed, small: the mirrored picture out of focus, and far out of it, and the edges drawn out."""
    height, width = photo.shape[:2]
    core = pixels.shrink(photo, max(2, width // _SOFT), max(2, height // _SOFT)).astype(np.float32)
    around = Margins(*(math.ceil(margin / _SOFT) for margin in astuple(margins)))
    wide = width + margins.left + margins.right, height + margins.top + margins.bottom
    size = max(2, wide[0] // _SOFT), max(2, wide[1] // _SOFT)
    small = core.shape[1] / width, core.shape[0] / height
    scale = wide[0] / size[0] * small[0], wide[1] / size[1] * small[1]
    begin = around.left - margins.left * small[0], around.top - margins.top * small[1]

    def placed(spread: Floats) -> Floats:
        return pixels.part_of(spread, size, scale, (begin[0] / scale[0], begin[1] / scale[1]))

    side = max(height, width) / _SOFT
    low = pixels.blur(placed(_spread(core, around, "symmetric")), max(0.5, _BLURS[0] * side))
    return [low, pixels.blur(low, max(0.5, _BLURS[1] * side)), placed(_drawn(core, around))]


def _drawn(core: Floats, around: Margins) -> Floats:
    """Return a picture with the colours of its edges drawn outwards by *around*, softened along the edge."""
    height, width = core.shape[:2]
    deep = max(1, round(0.008 * min(height, width)))
    core[:deep], core[-deep:] = core[:deep].mean(axis=0), core[-deep:].mean(axis=0)
    core[:, :deep] = core[:, :deep].mean(axis=1, keepdims=True)
    core[:, -deep:] = core[:, -deep:].mean(axis=1, keepdims=True)
    spread = _spread(core, around, "edge")
    if around.top or around.bottom:
        spread = _softened(spread, around.top, height)
    if around.left or around.right:
        spread = _softened(spread.swapaxes(0, 1), around.left, width).swapaxes(0, 1)
    return np.ascontiguousarray(spread)


def _spread(core: Floats, around: Margins, mode: Literal["edge", "symmetric"]) -> Floats:
    return np.pad(core, ((around.top, around.bottom), (around.left, around.right), (0, 0)), mode)


def _softened(spread: Floats, begin: int, extent: int) -> Floats:
    """Blur the rows outside begin..begin+extent along themselves, more the farther out they are."""
    place = np.arange(len(spread), dtype=np.float32)
    outside = np.maximum(np.maximum(begin - place, place - (begin + extent - 1)), 0)[:, None, None]
    near, far = (_smooth(outside / (share * extent)) for share in _SOFTER)
    result = spread.copy()
    for rows in (slice(0, begin + _BESIDE), slice(max(0, begin + extent - _BESIDE), len(spread))):
        source = np.ascontiguousarray(spread[rows])
        little = pixels.blur(source, 0.03 * spread.shape[1] + 0.5, 0.6)
        much = pixels.blur(source, 0.2 * spread.shape[1] + 1, 0.6)
        soft = source + (little - source) * near[rows]
        result[rows] = soft + (much - soft) * far[rows]
    return result
