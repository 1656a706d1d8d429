"""The colours of a draft's texts."""

from dataclasses import dataclass

from nightreel.studio.draft import DraftMeta
from nightreel.studio.render.contrast import WHITE, ink_on
from nightreel.studio.render.type.drawing import Color
from nightreel.studio.render.type.styles import Design


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a draft's texts: *brand* where it has its own."""

    accent: Color
    second: Color
    card: Color
    line: Color

    @classmethod
    def of(cls, meta: DraftMeta, design: Design) -> "Palette":
        """Return a draft's colours."""
        brand = [rgb(color) for color in meta.colors]
        card = brand[0] if brand else rgb(design.card)
        second = brand[1] if len(brand) > 1 else WHITE
        line = second if len(brand) > 1 else ink_on(card)
        return cls(brand[0] if brand else rgb(design.accent), second, card, line)


def rgb(color: str) -> Color:
    """Return "#1a2b3c" as numbers."""
    red, green, blue = bytes.fromhex(color[1:])
    return red, green, blue
