"""Texts over the picture: where they stand, how they come and go, and that they can be read.

How a text is set is the design's part (`type/`). Here texts that stand together are stacked, and their ink, and how
much the picture is darkened behind them, is chosen shot by shot.
"""

from collections.abc import Sequence
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nightreel.studio.draft import Draft
from nightreel.studio.render.contrast import MOST_SCRIM, Tone, part_of, tone_of
from nightreel.studio.render.framing import STAGE, Stage
from nightreel.studio.render.layer import Layer
from nightreel.studio.render.pixels import Bytes
from nightreel.studio.render.plate import Planes
from nightreel.studio.render.type.groups import CAPTIONS, CARD, Card, Group, Text, edge_of
from nightreel.studio.render.type.motion import Pose, pose_at
from nightreel.studio.render.type.safe import WIDE, Safe
from nightreel.studio.render.type.scrim import BLACK, WHITE, scrim_of
from nightreel.studio.render.type.stacking import Stack

_APART = 0.015  # of the height, between a title and the product
_LEAST_STAGE = 0.35
_MOSTLY = 0.5  # a text is dark or white, never grey between two shots
Tones = tuple[Tone, ...]
"""How each group of texts is set while one shot is on."""

_NO_SCRIM = Tone(dark=False, scrim=0.0)


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
        self._stack = Stack(draft, fonts)
        self._groups = self._stack.groups
        self._decides = draft.m.model_dump_json(include={"style", "colors", "language"})

    def stage(self, first: int, end: int) -> Stage:
        """Return the part of the picture that titles leave to the product in a shot of the frames first..end.

        What is on for half of the time that it is seen, or less, lies over the picture and moves nothing.
        """
        width, height = self._size
        stage = STAGE
        seen = ~_on([group for group in self._groups if group.place == CARD], first, end)
        for edge, groups in self._edges(first, end).items():
            mostly = 2 * int((_on(groups, first, end) & seen).sum()) > int(seen.sum())
            for box in (group.box for group in groups if mostly):
                if edge == "left":
                    stage = replace(stage, left=max(stage.left, box.right / width + _APART))
                elif edge == "top":
                    stage = replace(stage, top=max(stage.top, box.bottom / height + _APART))
                else:
                    stage = replace(stage, bottom=min(stage.bottom, box.top / height - _APART))
        return stage if stage.bottom - stage.top > _LEAST_STAGE else STAGE

    def _edges(self, first: int, end: int) -> dict[str, list[Group]]:
        """Return the groups that are seen in the frames first..end and take from the product's stage, by its edge."""
        wide = self._size[0] / self._size[1] > WIDE
        found: dict[str, list[Group]] = {}
        for group in self._groups:
            if first < group.end and group.first < end and group.place not in ("center", CARD):
                edge = "left" if wide and group.place not in CAPTIONS else edge_of(group.place)
                found.setdefault(edge, []).append(group)
        return found

    def looks(self, first: int, end: int) -> list[Any]:
        """Return what decides how the titles look that are seen in the frames first..end, beside what is behind them.

        It can be written as JSON, and what has no part in those frames has none in it: of a text's time only how it
        stands in each of them, so that one that stands still is the same whenever it came.
        """
        seen = [self._look(group, first, end) for group in self._groups if first < group.end and group.first < end]
        seen = [look for look in seen if look]
        return [self._decides, *seen] if seen else []

    def _look(self, group: Group, first: int, end: int) -> list[Any]:
        """Return what decides how a group's texts and its scrim look; between texts, there may be a scrim alone."""
        numbers = range(first, end)
        texts = [
            [text.said, _told([astuple(self._pose_of(text, number)) for number in numbers])]
            for text in group.texts
            if first < text.end and text.first < end
        ]
        strengths = _told([self._strength(group, number) for number in numbers])
        return [group.scrimmed, strengths, texts] if texts or group.plain else []

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
        seen: list[tuple[Group, bool]] = []
        for index, group in enumerate(self._groups):
            if strength := self._strength(group, number):
                over = [(tones[index], share) for tones, share in shots]
                over = over if any(tone != over[0][0] for tone, _ in over) else [(over[0][0], 1.0)]
                self._veil(planes, group, strength, over)
                seen.append((group, sum(share for tone, share in over if tone.dark) >= _MOSTLY))
        for group, dark in seen:
            for text in group.texts:
                self._write(planes, text, number, dark=dark)

    def _write(self, planes: Planes, text: Text, number: int, *, dark: bool) -> None:
        pose = self._pose_of(text, number)
        if not pose.strength:
            return
        still = isinstance(text, Card)
        down = 0.0 if still else pose.down * self._stack.rise
        layer = text.layer(dark=dark)
        layer.lay(planes, pose.strength, down, None if still else _shown(text, pose, layer.width))

    def _veil(self, planes: Planes, group: Group, strength: float, over: list[tuple[Tone, float]]) -> None:
        """Lay the scrims that the shots want: a black one, a white one, or while one gives way to the other, both."""
        for dark in (False, True):
            scrim = sum(share * tone.scrim for tone, share in over if tone.dark == dark)
            if scrim <= 0:
                continue
            made = scrim if strength >= 1 and len(over) == 1 else MOST_SCRIM  # what stays is made to measure
            key = (group.box, group.place, made, dark)
            if key not in self._scrims:
                self._scrims[key] = scrim_of(self._size, group.box, group.place, made, WHITE if dark else BLACK)
            self._scrims[key].lay(planes, strength * scrim / made)

    def _strength(self, group: Group, number: int) -> float:
        """Return how strong a group's scrim is in frame *number*."""
        pose = pose_at(self._stack.design, group.first, group.end, number, self._fps)
        return pose.strength * pose.shown

    def _pose_of(self, text: Text, number: int) -> Pose:
        """Return how a text stands in frame *number*; a card stays to the end: the picture does not come back."""
        end = text.end + (self._fps if isinstance(text, Card) else 0)
        return pose_at(self._stack.design, text.first, end, number, self._fps)


def _on(groups: Sequence[Group], first: int, end: int) -> NDArray[np.bool_]:
    """Return in which of the frames first..end any text of *groups* is on."""
    on = np.zeros(end - first, bool)
    for text in (text for group in groups for text in group.texts):
        on[max(0, text.first - first) : max(0, text.end - first)] = True
    return on


def _told(stands: list[Any]) -> list[Any]:
    """Return how something stands in each frame; once, where that never changes."""
    return stands[:1] if all(one == stands[0] for one in stands) else stands


def _shown(text: Text, pose: Pose, width: int) -> Bytes | None:
    """Return how much of each column is seen while a text is wiped in, in reading order."""
    if pose.shown >= 1:
        return None
    soft = 0.12
    along = np.linspace(0, 1, width, dtype=np.float32)
    along = 1 - along if text.block.setting.rtl else along
    seen = np.clip((pose.shown * (1 + soft) - along) / soft, 0, 1)
    return np.rint(seen * 255).astype(np.uint8)


def _scaled(edge: int, whole: int, sampled: int) -> int:
    return round(edge * sampled / whole)
