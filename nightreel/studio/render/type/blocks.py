"""Blocks: a text as its role and the design want it, with what it stands on, and how large that is."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from nightreel.studio.fonts.faces import Face, digest_of
from nightreel.studio.render import pixels
from nightreel.studio.render.contrast import DARK, WHITE, ink_on, luminance
from nightreel.studio.render.pixels import Bytes
from nightreel.studio.render.type.drawing import Color, Sheet, draw_line, framed, rounded
from nightreel.studio.render.type.palette import Palette
from nightreel.studio.render.type.setting import Setting
from nightreel.studio.render.type.styles import Look, Plate

_SHADOW = 0.45
_GLASS = 0.74  # of black over the picture: white on it is readable whatever is behind
_BESIDE = 0.42  # ems between the two
_RULE = 0.9, 0.055, 0.42  # ems: length, width, distance of a rule above a title
_BAR = 0.10, 0.46  # ems: width of a bar, distance to its text
_FRAME = 0.055
_UNDER = 1.2  # ems between a card's name and what is below it, where its rule is
_BRIGHT = 0.3
_PADS = {
    Plate.NONE: (0.0, 0.0),
    Plate.BOX: (0.42, 0.24),
    Plate.PILL: (0.78, 0.42),
    Plate.GLASS: (0.60, 0.36),
    Plate.FRAME: (1.1, 0.85),
    Plate.BAR: (0.0, 0.06),
}
"""Ems between a text and its plate's edge: at the sides, above and below."""

_CORNERS = {Plate.BOX: 0.06, Plate.PILL: 9.0, Plate.GLASS: 0.34, Plate.FRAME: 0.0, Plate.BAR: 0.0}


def inset_of(look: Look) -> float:
    """Return how much narrower a text is than its block, in ems."""
    return _BAR[1] if look.plate is Plate.BAR else 2 * _PADS[look.plate][0]


@dataclass(frozen=True, slots=True)
class Spot:
    """A block's place on a sheet, in pixels; *side* is 0 at its left, 0.5 in the middle, 1 at its right."""

    sheet: Sheet
    left: float
    right: float
    top: float
    side: float

    def begin(self, width: float) -> float:
        """Return where something of *width* begins."""
        return self.left + (self.right - self.left - width) * self.side


@dataclass(frozen=True, slots=True)
class Block:
    """A text, set.

    Attributes:
        look: how its role is set.
        setting: the text; of a price, what it costs now.
        palette: its colours.
        old: the price that is struck through.
        below: a card's further lines.
        rule: whether a short line stands above it.
    """

    look: Look
    setting: Setting
    palette: Palette
    old: Setting | None = None
    below: Setting | None = None
    rule: bool = False

    @property
    def plain(self) -> bool:
        """Whether the picture is behind its letters, so that they want its contrast."""
        return self.look.plate in (Plate.NONE, Plate.BAR, Plate.FRAME)

    @property
    def size(self) -> float:
        """Pixels of an em."""
        return self.setting.size

    @property
    def height(self) -> int:
        """Pixels from top to bottom, with all that belongs to it."""
        pad = _PADS[self.look.plate][1]
        rule = _RULE[1] + _RULE[2] if self.rule else 0.0
        tall = self.size * (self.setting.height + 2 * pad + rule)
        return round(tall + (self.below.size * (self.below.height + _UNDER) if self.below else 0.0)) + 2

    @property
    def width(self) -> float:
        """Pixels from side to side."""
        below = self.below.width * self.below.size if self.below else 0.0
        return max(self._words + inset_of(self.look) * self.size, below)

    @property
    def _words(self) -> float:
        old = self.old.width * self.old.size + _BESIDE * self.size if self.old else 0.0
        return self.setting.width * self.size + old

    @property
    def fonts(self) -> frozenset[str]:
        """Digests of the fonts that it is set in."""
        settings = [one for one in (self.setting, self.old, self.below) if one is not None]
        return frozenset(digest_of(face.path) for one in settings for face in _faces(one))

    def draw(self, spot: Spot, *, dark: bool) -> None:
        """Draw it, in dark letters or white ones where the picture is behind them."""
        ink = self._ink(dark=dark)
        line = self.palette.accent if dark == (_lightness(self.palette.accent) < _BRIGHT) else ink
        top = spot.top + 1
        if self.rule:
            length, width, apart = (part * self.size for part in _RULE)
            begin = spot.begin(length)
            spot.sheet.fill(rounded(spot.sheet.size, (begin, top, begin + length, top + width), 0), line)
            top += width + apart
        self._draw_plate(spot, top, line)
        mask = self._letters(spot, top + _PADS[self.look.plate][1] * self.size)
        if self.plain and not dark:
            soft = pixels.blur(mask.astype(np.float32), max(0.8, 0.10 * self.size))
            spot.sheet.fill(np.clip(soft, 0, 255).astype(np.uint8), (0, 0, 0), _SHADOW)
        spot.sheet.fill(mask, ink)

    def draw_on_card(self, spot: Spot) -> None:
        """Draw it on its card, whose colour is behind it."""
        mask = self._letters(spot, spot.top + 1)
        spot.sheet.fill(mask, ink_on(self.palette.card))
        if self.below is not None:
            top = spot.top + 1 + self.setting.height * self.size
            length, width = 1.6 * self.below.size, max(2.0, 0.10 * self.below.size)
            begin, middle = spot.begin(length), top + 0.55 * self.below.size
            box = (begin, middle, begin + length, middle + width)
            spot.sheet.fill(rounded(spot.sheet.size, box, 0), self.palette.line)
            mask = np.zeros(spot.sheet.size[::-1], np.uint8)
            _draw_setting(self.below, spot, top + _UNDER * self.below.size, mask)
            spot.sheet.fill(mask, ink_on(self.palette.card))

    def _ink(self, *, dark: bool) -> Color:
        if self.plain:
            return DARK if dark else WHITE
        return WHITE if self.look.plate is Plate.GLASS else ink_on(self._plate)

    @property
    def _plate(self) -> Color:
        return self.palette.accent if self.look.accent else self.palette.second

    def _draw_plate(self, spot: Spot, top: float, line: Color) -> None:
        kind, size = self.look.plate, self.size
        if kind is Plate.NONE:
            return
        tall = (self.setting.height + 2 * _PADS[kind][1]) * size
        begin = spot.begin(self.width)
        box = (begin, top, begin + self.width, top + tall)
        sheet = spot.sheet.size
        if kind is Plate.BAR:
            edge = box[2] - _BAR[0] * size if self.setting.rtl else begin
            spot.sheet.fill(rounded(sheet, (edge, top, edge + _BAR[0] * size, box[3]), 0.05 * size), line)
        elif kind is Plate.FRAME:
            spot.sheet.fill(framed(sheet, box, 0, max(2.0, _FRAME * size)), line)
        elif kind is Plate.GLASS:
            spot.sheet.fill(rounded(sheet, box, _CORNERS[kind] * size), (0, 0, 0), _GLASS)
        else:
            spot.sheet.fill(rounded(sheet, box, _CORNERS[kind] * size), self._plate)

    def _letters(self, spot: Spot, top: float) -> Bytes:
        """Return the mask of the words, the old price and its stroke included."""
        mask = np.zeros(spot.sheet.size[::-1], np.uint8)
        inset = _PADS[self.look.plate][0] * self.size
        begin = spot.begin(self.width) + inset
        if self.look.plate is Plate.BAR:
            begin = spot.begin(self.width) + (0.0 if self.setting.rtl else _BAR[1] * self.size)
        wide = self._words
        inner = replace(spot, left=begin, right=begin + wide)
        if self.below is not None or self.look.plate is Plate.NONE:
            inner = replace(spot, left=spot.begin(wide), right=spot.begin(wide) + wide)
        if self.old is None:
            _draw_setting(self.setting, inner, top, mask)
            return mask
        first = replace(inner, side=1.0 if self.setting.rtl else 0.0)
        _draw_setting(self.setting, first, top, mask)
        other = replace(inner, side=0.0 if self.setting.rtl else 1.0)
        baseline = top + self.setting.baselines[0] * self.size
        _draw_setting(self.old, other, baseline - self.old.baselines[0] * self.old.size, mask)
        self._strike(self.old, other, baseline, mask)
        return mask

    def _strike(self, old: Setting, spot: Spot, baseline: float, mask: Bytes) -> None:
        wide, over = old.width * old.size, 0.08 * old.size
        begin, middle, half = spot.begin(wide), baseline - 0.34 * old.size, 0.045 * old.size
        begin, end = max(spot.left, begin - over), min(spot.right, begin + wide + over)
        np.maximum(mask, rounded(spot.sheet.size, (begin, middle - half, end, middle + half), 0), out=mask)


def _draw_setting(setting: Setting, spot: Spot, top: float, mask: Bytes) -> None:
    for line, baseline in zip(setting.lines, setting.baselines, strict=True):
        begin = spot.begin(line.width * setting.size) - line.left * setting.size
        draw_line(line, setting.size, begin, top + baseline * setting.size, mask)


def _faces(setting: Setting) -> Iterator[Face]:
    return iter({glyph.face.path: glyph.face for line in setting.lines for glyph in line.glyphs}.values())


def _lightness(color: Color) -> float:
    return float(luminance(np.array(color)))
