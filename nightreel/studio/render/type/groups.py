"""Texts that stand together, each at its place and in its frames, drawn when it is first seen."""

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from nightreel.studio.draft import Role, Segment, TextMeta
from nightreel.studio.render.layer import Layer
from nightreel.studio.render.type.blocks import Block, Spot
from nightreel.studio.render.type.drawing import Sheet
from nightreel.studio.render.type.safe import Safe

CAPTIONS = {"captions": "bottom", "captions above": "top"}
"""Where captions stand, which have a place of their own, and at which edge."""

CARD = "card"
_ORDER = tuple(Role)


@dataclass(frozen=True, slots=True)
class Text:
    """One text, where it stands, the frames that it is seen in, and its layers as they are drawn.

    *said* is all that decides how it looks, but for the time.
    """

    block: Block
    zone: Safe
    top: int
    first: int
    end: int
    side: float
    said: list[Any]
    layers: dict[bool, Layer] = field(default_factory=dict[bool, Layer])

    def layer(self, *, dark: bool) -> Layer:
        """Return it drawn, in dark letters or white ones; they are one where a plate is behind them."""
        dark = dark and self.block.plain
        if dark not in self.layers:
            self.layers[dark] = self._drawn(dark=dark)
        return self.layers[dark]

    def _drawn(self, *, dark: bool) -> Layer:
        """Draw it with room around it for its shadow and its rise; the box begins on even pixels, as chroma does."""
        room = 2 * round(0.35 * self.block.size)
        x, y = (max(0, edge - room) // 2 * 2 for edge in (self.zone.left, self.top))
        sheet = Sheet(self.zone.right + room - x, self.block.height + self.top + room - y)
        self.block.draw(Spot(sheet, self.zone.left - x, self.zone.right - x, self.top - y, self.side), dark=dark)
        return sheet.layer(x, y)


@dataclass(frozen=True, slots=True)
class Card(Text):
    """The card at the end: its words, and its colour all over the picture."""

    canvas: tuple[int, int] = (0, 0)

    def _drawn(self, *, dark: bool) -> Layer:  # noqa: ARG002 - the card's colour decides
        sheet = Sheet(*self.canvas)
        sheet.fill(np.full(self.canvas[::-1], 255, np.uint8), self.block.palette.card)
        self.block.draw_on_card(Spot(sheet, self.zone.left, self.zone.right, self.top, 0.5))
        return sheet.layer(0, 0)


@dataclass(frozen=True, slots=True)
class Group:
    """Texts that stand together: their box, the frames that any of them is seen in, where they stand.

    Attributes:
        place: "top", "center", "bottom", or what has a place of its own: captions, the card.
    """

    texts: tuple[Text, ...]
    box: Safe
    first: int
    end: int
    place: str

    @property
    def scrimmed(self) -> list[Any]:
        """What decides how their scrim looks, beside the picture and the time; nothing where they have none."""
        return [asdict(self.box), self.place] if self.plain else []

    @property
    def plain(self) -> bool:
        """Whether the picture is behind some of their letters."""
        return self.place != CARD and any(text.block.plain for text in self.texts)


def together(segments: list[Segment[TextMeta]]) -> list[tuple[str, list[Segment[TextMeta]]]]:
    """Group the texts that stand at one place at one time, in the order in which they are stacked.

    Captions are first, since they keep their place; the card is last, over everything.
    """
    groups: list[tuple[str, list[Segment[TextMeta]]]] = []
    for segment in sorted(segments, key=lambda one: one.s):
        place = _place(segment.m)
        for other, group in groups:
            until = max(one.s + one.d for one in group)
            if other == place and (segment.s < until or place in CAPTIONS):
                group.append(segment)
                break
        else:
            groups.append((place, [segment]))
    stacked = [(place, sorted(group, key=lambda one: _ORDER.index(one.m.role))) for place, group in groups]
    return sorted(stacked, key=lambda item: (item[0] == CARD) - (item[0] in CAPTIONS))


def _place(meta: TextMeta) -> str:
    if meta.role is Role.CAPTION:
        return "captions above" if meta.position == "top" else "captions"
    return CARD if meta.role is Role.END_CARD else meta.position


def edge_of(place: str) -> str:
    """Return the edge at which a group stands: "top", "center" or "bottom"."""
    return CAPTIONS.get(place, place)
