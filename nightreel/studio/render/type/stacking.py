"""Stacking: texts that stand together find their places, one below the other, within the safe zone."""

from dataclasses import asdict, replace
from pathlib import Path

from nightreel.studio.draft import Draft, Role, Segment, TextMeta
from nightreel.studio.render.plan import frame_at
from nightreel.studio.render.type.blocks import Block
from nightreel.studio.render.type.groups import CAPTIONS, CARD, Card, Group, Text, edge_of, together
from nightreel.studio.render.type.motion import rise_of
from nightreel.studio.render.type.safe import Safe, caption_zone, card_zone, safe_zone, scale_of
from nightreel.studio.render.type.typesetter import Typesetter

_TOO_SMALL, _SMALLER = 0.3, 0.93
_UP = 0.2  # of its rise, a text may go past its place
_APART = 0.02  # of the height, between captions and what is beside them


class Stack:
    """All of a draft's texts, in groups.

    Args:
        draft: the timeline.
        fonts: the folder of the user's own fonts.

    Raises:
        RenderError: a letter has no glyph, or there is no font of the draft's name.
    """

    def __init__(self, draft: Draft, fonts: Path | None) -> None:
        self._fps = draft.m.fps
        self._size = draft.m.width, draft.m.height
        self._setter = Typesetter(draft.m, fonts)
        self.design = self._setter.design
        self.rise = rise_of(self.design) * draft.m.height
        self.groups: list[Group] = []
        shown = [segment for segment in draft.text if self._setter.readable(segment.m.text)]
        for place, group in together(shown):
            self.groups.append(self._set(place, group))

    def _set(self, place: str, group: list[Segment[TextMeta]]) -> Group:
        """Stack a group's texts; texts of one role take turns at one place."""
        zone = self._zone(place, min(one.s for one in group), max(one.s + one.d for one in group))
        blocks, slots, tall = self._fitted(group, zone)
        middle = (zone.top + zone.bottom - tall) // 2
        top = max(zone.top, {"top": zone.top, "bottom": zone.bottom - tall}.get(edge_of(place), middle))
        if place in CAPTIONS and edge_of(place) == "bottom":  # they stand on one line
            slots = [tall - block.height for block in blocks]
        turns = list(dict.fromkeys(one.m.role for one in group))
        sides = 0.5 if self._centred(place) else float(blocks[0].setting.rtl)
        texts = tuple(
            self._placed(one, block, zone, top + down, turns.index(one.m.role), sides, card=place == CARD)
            for one, block, down in zip(group, blocks, slots, strict=True)
        )
        box = Safe(zone.left, top, zone.right, min(top + tall, zone.bottom))
        first, end = min(text.first for text in texts), max(text.end for text in texts)
        return Group(texts, box, first, end, place)

    def _fitted(self, group: list[Segment[TextMeta]], zone: Safe) -> tuple[list[Block], list[int], int]:
        """Set a group's texts to fit *zone*, all of them smaller where there are many; see :meth:`_slots`."""
        scale, shrink = scale_of(*self._size), 1.0
        while True:
            blocks = [self._setter.block(one.m, scale, zone.right - zone.left, shrink) for one in group]
            slots, tall = self._slots(group, blocks)
            if tall <= zone.bottom - zone.top or shrink < _TOO_SMALL:
                return blocks, slots, tall
            shrink *= _SMALLER

    def _slots(self, group: list[Segment[TextMeta]], blocks: list[Block]) -> tuple[list[int], int]:
        """Return how far below the group's top each text stands, and how tall the group is."""
        heights: dict[Role, int] = {}
        gaps: dict[Role, int] = {}
        for one, block in zip(group, blocks, strict=True):
            heights[one.m.role] = max(heights.get(one.m.role, 0), block.height)
            gaps[one.m.role] = max(gaps.get(one.m.role, 0), round(self.design.gap * block.size))
        tops: dict[Role, int] = {}
        y = 0
        for role, height in heights.items():
            y += gaps[role] if y else 0
            tops[role] = y
            y += height
        return [tops[one.m.role] for one in group], y

    def _placed(
        self, one: Segment[TextMeta], block: Block, zone: Safe, top: int, turn: int, side: float, *, card: bool
    ) -> Text:
        first, end = self._frames(one)
        begin = first if card else min(first + round(turn * self.design.stagger * self._fps), end - 1)
        said = [asdict(zone), top, side, block.size, one.m.model_dump(mode="json"), sorted(block.fonts)]
        if card:
            return Card(block, zone, top, begin, end, side, said, canvas=self._size)
        return Text(block, zone, top, begin, end, side, said)

    def _centred(self, place: str) -> bool:
        return self.design.centred or place in ("center", CARD) or place in CAPTIONS

    def _zone(self, place: str, start: int, end: int) -> Safe:
        """Return where a group may stand in *start*..*end* (ms): in the safe zone with its moves, off captions."""
        if place == CARD:
            return card_zone(*self._size)
        zone = caption_zone(*self._size) if place in CAPTIONS else safe_zone(*self._size)
        down = -(-self.rise // 1)
        zone = replace(zone, top=zone.top + round(_UP * down), bottom=zone.bottom - round(down))
        first, last = frame_at(start, self._fps), frame_at(end, self._fps)
        for group in self.groups:
            if group.place in CAPTIONS and place not in CAPTIONS and first < group.end and group.first < last:
                zone = _beside(zone, group, round(_APART * self._size[1]))
        return zone

    def _frames(self, segment: Segment[TextMeta]) -> tuple[int, int]:
        first = frame_at(segment.s, self._fps)
        return first, max(first + 1, frame_at(segment.s + segment.d, self._fps))


def _beside(zone: Safe, captions: Group, gap: int) -> Safe:
    if edge_of(captions.place) == "top":
        return replace(zone, top=max(zone.top, captions.box.bottom + gap))
    return replace(zone, bottom=min(zone.bottom, captions.box.top - gap))
