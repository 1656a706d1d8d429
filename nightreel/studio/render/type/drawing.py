"""Drawing: glyphs, plates and lines, composed once into a layer.

FreeType fills the outlines without hinting, at places exact to a sixty-fourth of a pixel, in whole numbers: the same
bytes on every machine.
"""
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from functools import cache
from typing import Any

import freetype
import numpy as np

from nightreel.studio.fonts.faces import Face
from nightreel.studio.render import pixels
from nightreel.studio.render.layer import Layer
from nightreel.studio.render.pixels import Bytes, Floats
from nightreel.studio.render.plate import Planes
from nightreel.studio.render.type.shaping import Line

Color = tuple[int, int, int]
"""sRGB, 0..255."""

_FINE = 64
_LOAD = 0x4 | 0x2 | 0x8  # FT_LOAD_RENDER, NO_HINTING, NO_BITMAP
_LUMA = (0.2126 * 219 / 255, 0.7152 * 219 / 255, 0.0722 * 219 / 255)
_BLUE = (-0.2126 / 1.8556 * 224 / 255, -0.7152 / 1.8556 * 224 / 255, 0.5 * 224 / 255)
_RED = (0.5 * 224 / 255, -0.7152 / 1.5748 * 224 / 255, -0.0722 / 1.5748 * 224 / 255)


class Sheet:
    """A transparent sheet of (*width*, *height*) pixels; things are drawn on it, one over the other."""

    def __init__(self, width: int, height: int) -> None:
        self.size = width + width % 2, height + height % 2
        self._color = np.zeros((self.size[1], self.size[0], 3), np.float32)
        self._opacity = np.zeros((self.size[1], self.size[0]), np.float32)

    def fill(self, mask: Bytes, color: Color, share: float = 1.0) -> None:
        """Lay *color* over what is there, where *mask* (0..255, of the sheet's size) says, *share* of it."""
        cover = mask.astype(np.float32) * (share / 255)
        self._opacity += cover * (1 - self._opacity)
        self._color *= (1 - cover)[:, :, None]
        self._color += cover[:, :, None] * np.array(color, np.float32)

    def layer(self, x: int, y: int) -> Layer:
        """Return what was drawn as a layer that begins at (*x*, *y*), both even."""
        opacity = np.rint(self._opacity * 255).astype(np.uint8)
        luma = self._opacity * 16 + self._color @ np.array(_LUMA, np.float32)
        chroma = [
            pixels.halved((self._opacity * 128 + self._color @ np.array(row, np.float32)).astype(np.float32))
            for row in (_BLUE, _RED)
        ]
        planes = [np.clip(np.rint(plane), 0, 255).astype(np.uint8) for plane in (luma, *chroma)]
        return Layer(opacity, x, y, Planes(*planes))


def draw_line(line: Line, size: float, x: float, baseline: float, into: Bytes) -> None:
    """Draw *line* into the mask *into*: its beginning at *x*, its baseline at *baseline*, *size* pixels an em."""
    for glyph in line.glyphs:
        _draw(glyph.face, glyph.number, size * glyph.size, (x + glyph.x * size, baseline - glyph.y * size), into)


def _draw(face: Face, number: int, size: float, place: tuple[float, float], into: Bytes) -> None:
    font = _font(face)
    font.set_char_size(round(size * _FINE), 0, 72, 72)
    left, top = (round(part * _FINE) for part in place)
    shift = freetype.Vector(left % _FINE, -(top % _FINE))
    font.set_transform(freetype.Matrix(0x10000, 0, 0, 0x10000), shift)
    font.load_glyph(number, _LOAD)
    drawn: Any = font.glyph.bitmap
    if not drawn.rows or not drawn.width:
        return
    bits = np.array(drawn.buffer, np.uint8).reshape(drawn.rows, drawn.pitch)[:, : drawn.width]
    column, row = left // _FINE + font.glyph.bitmap_left, top // _FINE - font.glyph.bitmap_top
    _add(bits, column, row, into)


def _add(bits: Bytes, column: int, row: int, into: Bytes) -> None:
    """Add a glyph's coverage: where two touch, they close."""
    above, before = max(0, -row), max(0, -column)
    part = into[max(0, row) : row + bits.shape[0], max(0, column) : column + bits.shape[1]]
    bits = bits[above : above + part.shape[0], before : before + part.shape[1]]
    if part.size:
        part[:] = np.minimum(part.astype(np.uint16) + bits, 255).astype(np.uint8)


@cache
def _font(face: Face) -> Any:  # noqa: ANN401 - freetype has no types
    font: Any = freetype.Face(str(face.path))
    if face.variable and face.weight:
        font.set_var_design_coords([face.weight if axis.tag == "wght" else axis.default for axis in _axes(font)])
    return font


def _axes(font: Any) -> list[Any]:  # noqa: ANN401 - freetype has no types
    return list(font.get_variation_info().axes)


def rounded(size: tuple[int, int], box: tuple[float, float, float, float], radius: float) -> Bytes:
    """Return the mask of a box (left, top, right, bottom) with round corners on a sheet of *size*."""
    return np.rint(_inside(size, box, radius) * 255).astype(np.uint8)


def framed(size: tuple[int, int], box: tuple[float, float, float, float], radius: float, width: float) -> Bytes:
    """Return the mask of such a box's outline, *width* pixels wide, within it."""
    left, top, right, bottom = box
    inner = left + width, top + width, right - width, bottom - width
    outline = _inside(size, box, radius) - _inside(size, inner, max(0.0, radius - width))
    return np.rint(np.clip(outline, 0, 1) * 255).astype(np.uint8)


def _inside(size: tuple[int, int], box: tuple[float, float, float, float], radius: float) -> Floats:
    left, top, right, bottom = box
    radius = min(radius, (right - left) / 2, (bottom - top) / 2)
    columns = np.arange(size[0], dtype=np.float32) + 0.5
    rows = np.arange(size[1], dtype=np.float32) + 0.5
    across = np.abs(columns - (left + right) / 2) - ((right - left) / 2 - radius)
    down = np.abs(rows - (top + bottom) / 2) - ((bottom - top) / 2 - radius)
    beyond = np.hypot(np.maximum(across, 0)[None, :], np.maximum(down, 0)[:, None])
    distance = beyond + np.minimum(np.maximum(across[None, :], down[:, None]), 0) - radius
    return np.clip(0.5 - distance, 0, 1).astype(np.float32)
