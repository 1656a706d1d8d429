"""The typesetter: a text, as the draft's design sets its role, becomes a block."""

from collections.abc import Sequence
from pathlib import Path

from nightreel.studio.draft import DraftMeta, Role, TextMeta
from nightreel.studio.fonts import bundled
from nightreel.studio.fonts.faces import Stack
from nightreel.studio.fonts.glyphs import drawable, own_face
from nightreel.studio.render.type.blocks import Block, inset_of
from nightreel.studio.render.type.capitals import capitals
from nightreel.studio.render.type.palette import Palette
from nightreel.studio.render.type.setting import Measure, Setting, set_text
from nightreel.studio.render.type.styles import DESIGNS, Look

_OLD = 0.60  # size of the price that is struck through
_SHARES = 0.62, 0.34  # of the column, that a price and the old one may take
_BELOW = 0.40  # size of a card's further lines


class Typesetter:
    """Sets a draft's texts.

    Args:
        meta: the draft's style, colours, font and language.
        fonts: the folder of the user's own fonts.

    Raises:
        RenderError: there is no font of that name.
    """

    def __init__(self, meta: DraftMeta, fonts: Path | None = None) -> None:
        self.design = DESIGNS[meta.style]
        self.palette = Palette.of(meta, self.design)
        self._language = meta.language
        self._own = own_face(meta.font, fonts, self.design.weight)
        self._own_text = own_face(meta.font, fonts, min(500, self.design.weight)) if meta.font else None

    def readable(self, text: str) -> str:
        """Return what of *text* can be drawn.

        Raises:
            RenderError: a letter has no glyph.
        """
        return drawable(text, self._own)

    def block(self, meta: TextMeta, scale: float, column: float, shrink: float = 1.0) -> Block:
        """Set a text.

        Args:
            meta: the text and its role.
            scale: pixels that sizes are shares of.
            column: pixels that it may be wide, plate included.
            shrink: less than 1 where there is too little room.

        Raises:
            RenderError: a letter has no glyph.
        """
        look = self.design.looks[meta.role]
        size = look.size * scale * shrink
        room = column - inset_of(look) * size
        first, rest = self.readable(meta.text), ""
        if meta.role is Role.END_CARD:
            first, _, rest = first.partition("\n")
        old = self.readable(meta.old) if meta.role is Role.PRICE else ""
        setting = self._set(first, look, size, room * (_SHARES[0] if old else 1.0))
        return Block(
            look,
            setting,
            self.palette,
            old=self._set(old, look, setting.size * _OLD, room * _SHARES[1]) if old else None,
            below=self._set(rest, self.design.looks[Role.SUBTITLE], size * _BELOW, column) if rest else None,
            rule=self.design.rule and meta.role is Role.TITLE,
        )

    def _set(self, text: str, look: Look, size: float, column: float) -> Setting:
        text = capitals(text, self._language) if look.upper else text
        chooser = self._stack(head=look.head).for_text(text, self._language)
        return set_text(text, chooser, Measure(size, column, look.lines, look.tracking, look.leading))

    def _stack(self, *, head: bool) -> Stack:
        own = self._own if head else self._own_text
        names: Sequence[str] = self.design.heads if head else self.design.texts
        ours = tuple(bundled(name) for name in names)
        return Stack((own, *ours) if own is not None else ours, self.design.wide)
