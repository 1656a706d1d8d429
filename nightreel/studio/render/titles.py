"""Texts over the picture: where they stand, how they come and go, and that they can be read.

How a text is set is the design's part (`type/`). Here texts that stand together are stacked, and their ink, and how
much the picture is darkened behind them, is chosen shot by shot.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from nightreel.studio.draft import Draft, Role, Segment, TextMeta
from nightreel.studio.render.contrast import MOST_SCRIM, Tone, part_of, tone_of
from nightreel.studio.render.framing import STAGE, Stage
from nightreel.studio.render.layer import Layer
from nightreel.studio.render.pixels import Bytes, Floats
from nightreel.studio.render.plan import frame_at
from nightreel.studio.render.plate import Planes
from nightreel.studio.render.type.blocks import Block, Spot, Typesetter
from nightreel.studio.render.type.drawing import Sheet
from nightreel.studio.render.type.motion import Pose, pose_at, rise_of
from nightreel.studio.render.type.safe import WIDE, Safe, caption_zone, card_zone, safe_zone, scale_of
from nightreel.studio.render.type.styles import Design

_ORDER = tuple(Role)
_BLACK, _WHITE = 16, 235
_APART = 0.015  # of the height, between a title and the product
_LEAST_STAGE = 0.35
_TOO_SMALL, _SMALLER = 0.3, 0.93
_CAPTIONS = {"captions": "bottom", "captions above": "top"}
"""Where captions stand that have a place of their own, and at which edge."""

_CARD = "card"
_MOSTLY = 0.5  # a text is dark or white, never grey between two shots
Tones = tuple[Tone, ...]
"""How each group of texts is set while one shot is on."""

_NO_SCRIM = Tone(dark=False, scrim=0.0)


@dataclass(frozen=True, slots=True)
class _Text:
    """One text, where it stands, the frames that it is seen in, and its layers as they are drawn.

    *said* is all that decides how it looks.
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
class _Card(_Text):
    """The card at the end: its words, and its colour all over the picture."""

    canvas: tuple[int, int] = (0, 0)

    def _drawn(self, *, dark: bool) -> Layer:  # noqa: ARG002 - the card's colour decides
        sheet = Sheet(*self.canvas)
        sheet.fill(np.full(self.canvas[::-1], 255, np.uint8), self.block.palette.card)
        self.block.draw_on_card(Spot(sheet, self.zone.left, self.zone.right, self.top, 0.5))
        return sheet.layer(0, 0)


@dataclass(frozen=True, slots=True)
class _Group:
    """Texts that stand together: their box, the frames that any of them is seen in, where they stand.

    Attributes:
        place: "top", "center", "bottom", or what has a place of its own: captions, the card.
    """

    texts: tuple[_Text, ...]
    box: Safe
    first: int
    end: int
    place: str

    @property
    def scrimmed(self) -> list[Any]:
        """What decides how their scrim looks, beside the picture; nothing where they have none."""
        return [asdict(self.box), self.first, self.end, self.place] if self.plain else []

    @property
    def plain(self) -> bool:
        """Whether the picture is behind some of their letters."""
        return self.place != _CARD and any(text.block.plain for text in self.texts)


class Titles:
    """All of a draft's texts, drawn once; laid over frame after frame.

    Args:
        draft: the timeline.
        fonts: the folder of the user's own fonts.

    Raises:
        RenderError: a letter has no glyph, or there is no font of the draft's name.
    """

    def __init__(self, draft: Draft, fonts: Path | None = None) -> None:
        self._fps = draft.m.fps
        self._size = draft.m.width, draft.m.height
        self._scrims: dict[tuple[Safe, str, float, bool], Layer] = {}
        self._setter = Typesetter(draft.m, fonts)
        shown = [segment for segment in draft.text if self._setter.readable(segment.m.text)]
        self._decides = draft.m.model_dump_json(include={"style", "colors", "language"})
        self._groups: list[_Group] = []
        for place, group in _together(shown):
            self._groups.append(self._set(place, group))

    @property
    def _design(self) -> Design:
        return self._setter.design

    def stage(self, first: int, end: int) -> Stage:
        """Return the part of the picture that titles leave to the product in the frames first..end."""
        width, height = self._size
        stage = STAGE
        for group in self._groups:
            if first < group.end and group.first < end and group.place not in ("center", _CARD):
                if width / height > WIDE and group.place not in _CAPTIONS:
                    stage = replace(stage, left=group.box.right / width + _APART)
                elif _edge(group.place) == "top":
                    stage = replace(stage, top=max(stage.top, group.box.bottom / height + _APART))
                else:
                    stage = replace(stage, bottom=min(stage.bottom, group.box.top / height - _APART))
        return stage if stage.bottom - stage.top > _LEAST_STAGE else STAGE

    def looks(self, first: int, end: int) -> list[Any]:
        """Return what decides how the titles look that are seen in the frames first..end, beside what is behind them.

        It can be written as JSON; what has no part in those frames has none in it.
        """
        seen = [
            [group.scrimmed, [text.said for text in group.texts if first < text.end and text.first < end]]
            for group in self._groups
            if first < group.end and group.first < end
        ]
        return [self._decides, *seen] if any(texts for _, texts in seen) else []

    def tones(self, behind: Sequence[Planes], first: int, end: int) -> Tones:
        """Choose how each group is set over a shot that is on in first..end, from samples of its picture."""
        width, height = self._size
        tones: list[Tone] = []
        for group in self._groups:
            box, seen = group.box, first < group.end and group.first < end
            rows = slice(*(_scaled(edge, height, behind[0].y.shape[0]) for edge in (box.top, box.bottom)))
            columns = slice(*(_scaled(edge, width, behind[0].y.shape[1]) for edge in (box.left, box.right)))
            parts = [part_of(planes, rows, columns) for planes in behind]
            tones.append(tone_of(parts) if seen and group.plain else _NO_SCRIM)
        return tuple(tones)

    def lay_over(self, planes: Planes, number: int, shots: Sequence[tuple[Tones, float]]) -> None:
        """Lay whatever is seen in frame *number* over its picture, in place.

        *shots* are the tones of the shots that are on, each with its share of the picture.
        """
        seen: list[tuple[_Group, bool]] = []
        for index, group in enumerate(self._groups):
            pose = self._pose(group.first, group.end, number)
            if strength := pose.strength * pose.shown:
                over = [(tones[index], share) for tones, share in shots]
                over = over if any(tone != over[0][0] for tone, _ in over) else [(over[0][0], 1.0)]
                self._veil(planes, group, strength, over)
                seen.append((group, sum(share for tone, share in over if tone.dark) >= _MOSTLY))
        for group, dark in seen:
            for text in group.texts:
                self._write(planes, text, number, dark=dark)

    def _write(self, planes: Planes, text: _Text, number: int, *, dark: bool) -> None:
        pose = self._pose(text.first, text.end, number)
        if not pose.strength:
            return
        still = isinstance(text, _Card)
        down = 0.0 if still else pose.down * self._rise
        layer = text.layer(dark=dark)
        layer.lay(planes, pose.strength, down, None if still else self._shown(text, pose, layer.width))

    def _shown(self, text: _Text, pose: Pose, width: int) -> Bytes | None:
        """Return how much of each column is seen while a text is wiped in, in reading order."""
        if pose.shown >= 1:
            return None
        soft = 0.12
        along = np.linspace(0, 1, width, dtype=np.float32)
        along = 1 - along if text.block.setting.rtl else along
        seen = np.clip((pose.shown * (1 + soft) - along) / soft, 0, 1)
        return np.rint(seen * 255).astype(np.uint8)

    def _veil(self, planes: Planes, group: _Group, strength: float, over: list[tuple[Tone, float]]) -> None:
        """Lay the scrims that the shots want: a black one, a white one, or while one gives way to the other, both."""
        for dark in (False, True):
            scrim = sum(share * tone.scrim for tone, share in over if tone.dark == dark)
            if scrim <= 0:
                continue
            made = scrim if strength >= 1 and len(over) == 1 else MOST_SCRIM  # what stays is made to measure
            key = (group.box, group.place, made, dark)
            if key not in self._scrims:
                self._scrims[key] = _scrim(self._size, group.box, group.place, made, _WHITE if dark else _BLACK)
            self._scrims[key].lay(planes, strength * scrim / made)

    def _pose(self, first: int, end: int, number: int) -> Pose:
        return pose_at(self._design, first, end, number, self._fps)

    @property
    def _rise(self) -> float:
        return rise_of(self._design) * self._size[1]

    def _set(self, place: str, group: list[Segment[TextMeta]]) -> _Group:
        """Stack a group's texts; texts of one role take turns at one place."""
        zone = self._zone(place, min(one.s for one in group), max(one.s + one.d for one in group))
        blocks, slots, tall = self._fitted(group, zone)
        middle = (zone.top + zone.bottom - tall) // 2
        top = max(zone.top, {"top": zone.top, "bottom": zone.bottom - tall}.get(_edge(place), middle))
        if place in _CAPTIONS and _edge(place) == "bottom":  # they stand on one line
            slots = [tall - block.height for block in blocks]
        turns = list(dict.fromkeys(one.m.role for one in group))
        sides = 0.5 if self._centred(place) else float(blocks[0].setting.rtl)
        texts = tuple(
            self._placed(one, block, zone, top + down, turns.index(one.m.role), sides, card=place == _CARD)
            for one, block, down in zip(group, blocks, slots, strict=True)
        )
        box = Safe(zone.left, top, zone.right, min(top + tall, zone.bottom))
        first, end = min(text.first for text in texts), max(text.end for text in texts)
        return _Group(texts, box, first, end, place)

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
            gaps[one.m.role] = max(gaps.get(one.m.role, 0), round(self._design.gap * block.size))
        tops: dict[Role, int] = {}
        y = 0
        for role, height in heights.items():
            y += gaps[role] if y else 0
            tops[role] = y
            y += height
        return [tops[one.m.role] for one in group], y

    def _placed(
        self, one: Segment[TextMeta], block: Block, zone: Safe, top: int, turn: int, side: float, *, card: bool
    ) -> _Text:
        first, end = self._frames(one)
        begin = first if card else min(first + round(turn * self._design.stagger * self._fps), end - 1)
        said = [asdict(zone), top, begin, end, side, block.size, one.model_dump(mode="json"), sorted(block.fonts)]
        if card:
            return _Card(block, zone, top, begin, end, side, said, canvas=self._size)
        return _Text(block, zone, top, begin, end, side, said)

    def _centred(self, place: str) -> bool:
        return self._design.centred or place in ("center", _CARD) or place in _CAPTIONS

    def _zone(self, place: str, start: int, end: int) -> Safe:
        """Return where a group may stand in *start*..*end* (ms): in the safe zone with its moves, off captions."""
        if place == _CARD:
            return card_zone(*self._size)
        zone = caption_zone(*self._size) if place in _CAPTIONS else safe_zone(*self._size)
        down = -(-self._rise // 1)
        zone = replace(zone, top=zone.top + round(0.2 * down), bottom=zone.bottom - round(down))
        first, last = frame_at(start, self._fps), frame_at(end, self._fps)
        for group in self._groups:
            if group.place in _CAPTIONS and place not in _CAPTIONS and first < group.end and group.first < last:
                zone = _beside(zone, group, round(0.02 * self._size[1]))
        return zone

    def _frames(self, segment: Segment[TextMeta]) -> tuple[int, int]:
        first = frame_at(segment.s, self._fps)
        return first, max(first + 1, frame_at(segment.s + segment.d, self._fps))


def _together(segments: list[Segment[TextMeta]]) -> list[tuple[str, list[Segment[TextMeta]]]]:
    """Group the texts that stand at one place at one time, in the order in which they are stacked.

    Captions are first, since they keep their place; the card is last, over everything.
    """
    groups: list[tuple[str, list[Segment[TextMeta]]]] = []
    for segment in sorted(segments, key=lambda one: one.s):
        place = _place(segment.m)
        for other, group in groups:
            until = max(one.s + one.d for one in group)
            if other == place and (segment.s < until or place in _CAPTIONS):
                group.append(segment)
                break
        else:
            groups.append((place, [segment]))
    stacked = [(place, sorted(group, key=lambda one: _ORDER.index(one.m.role))) for place, group in groups]
    return sorted(stacked, key=lambda item: (item[0] == _CARD) - (item[0] in _CAPTIONS))


def _place(meta: TextMeta) -> str:
    if meta.role is Role.CAPTION:
        return "captions above" if meta.position == "top" else "captions"
    return _CARD if meta.role is Role.END_CARD else meta.position


def _edge(place: str) -> str:
    return _CAPTIONS.get(place, place)


def _beside(zone: Safe, captions: _Group, gap: int) -> Safe:
    if _edge(captions.place) == "top":
        return replace(zone, top=max(zone.top, captions.box.bottom + gap))
    return replace(zone, bottom=min(zone.bottom, captions.box.top - gap))


def _scrim(size: tuple[int, int], box: Safe, place: str, most: float, level: int) -> Layer:
    """Lay *most* of a grey of *level* at the texts, softly from well outside them, and on to the picture's edge."""
    width, height = size
    share = np.outer(*_profiles(size, box, place)) * np.float32(most)
    noise = np.random.default_rng(11).uniform(-0.5, 0.5, (height, width)).astype(np.float32)
    opacity = np.rint(np.clip(share * 255 + noise * (share > 0), 0, 255)).astype(np.uint8)
    rows, columns = np.flatnonzero(opacity.any(axis=1)), np.flatnonzero(opacity.any(axis=0))
    top, right = int(rows[0]) // 2 * 2, int(columns[-1]) // 2 * 2 + 2
    bottom = int(rows[-1]) // 2 * 2 + 2
    return Layer(np.ascontiguousarray(opacity[top:bottom, :right]), 0, top, level)


def _profiles(size: tuple[int, int], box: Safe, place: str) -> tuple[Floats, Floats]:
    """Return how strong a scrim is down and across the picture."""
    width, height = size
    rows, columns = np.arange(height, dtype=np.float32), np.arange(width, dtype=np.float32)
    if width / height > WIDE and place != "center":
        reach = 0.16 * width
        return np.ones_like(rows), _smooth(((box.right + reach) - columns) / reach)
    reach = 0.18 * height
    above = _smooth((rows - (box.top - reach)) / reach)
    below = _smooth(((box.bottom + reach) - rows) / reach)
    return {"top": below, "bottom": above, "center": above * below}[place], np.ones_like(columns)


def _scaled(edge: int, whole: int, sampled: int) -> int:
    return round(edge * sampled / whole)


def _smooth(share: Floats) -> Floats:
    share = np.clip(share, 0, 1)
    return share * share * (3 - 2 * share)
