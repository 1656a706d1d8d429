"""Titles over the picture: where they stand, how they come and go, and that they can be read.

They keep clear of what the platforms lay over a video: in a tall picture the top eighth, the bottom fifth and a strip
at the right; in a wide one they stand in a column beside the product. Their ink, and how much the picture is darkened
behind them, is chosen shot by shot.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from nightreel.studio.draft import Draft, Segment, TextMeta
from nightreel.studio.fonts.glyphs import drawable
from nightreel.studio.render import pixels
from nightreel.studio.render.contrast import DARK, MOST_SCRIM, WHITE, Tone, tone_of
from nightreel.studio.render.framing import STAGE, Stage
from nightreel.studio.render.layer import Layer
from nightreel.studio.render.pixels import Floats
from nightreel.studio.render.plan import frame_at
from nightreel.studio.render.plate import Planes
from nightreel.studio.render.typeset import Setting, draw_lines, measure, set_text

_SIZES = {"title": 0.094, "subtitle": 0.060, "cta": 0.056, "caption": 0.046}  # of the shorter side
_TALL_SIZE, _MIDDLE_SIZE, _WIDE_SIZE = 0.94, 0.83, 0.87  # of these, in pictures of each shape
_LINES = {"title": 3, "subtitle": 2, "cta": 1, "caption": 3}
_ORDER = ("title", "subtitle", "caption", "cta")
_STRONG = ("title", "cta")
_COMES = 0.55  # seconds
_GOES = 0.35
_STAGGER = 0.14
_RISES = 0.022  # of the height
_TALL = 0.75  # narrower than this, a picture is full screen on a phone
_WIDE = 1.25  # wider than this, a picture has room beside the product
_BLACK = 16
_SHADOW = 0.45
_APART = 0.015  # of the height, between a title and the product
_LEAST_STAGE = 0.35
Tones = tuple[Tone, ...]
"""How each group of texts is set while one shot is on."""


@dataclass(frozen=True, slots=True)
class Safe:
    """The part of the canvas that titles may use, in pixels."""

    left: int
    top: int
    right: int
    bottom: int


def safe_zone(width: int, height: int) -> Safe:
    """Return where titles may stand on a canvas."""
    if width / height < _TALL:
        return Safe(round(0.085 * width), round(0.135 * height), round(0.87 * width), round(0.79 * height))
    right = 0.40 if width / height > _WIDE else 0.93
    return Safe(round(0.07 * width), round(0.08 * height), round(right * width), round(0.91 * height))


@dataclass(frozen=True, slots=True)
class _Text:
    """One text, drawn in both inks, and the frames that it is seen in."""

    white: Layer
    shadow: Layer
    dark: Layer
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class _Group:
    """Texts that stand together: their box, the frames that any of them is seen in, where they stand, their JSON."""

    texts: tuple[_Text, ...]
    box: Safe
    first: int
    end: int
    position: str
    said: tuple[str, ...]


class Titles:
    """All of a draft's titles, drawn once; laid over frame after frame.

    Raises:
        RenderError: a letter has no glyph.
    """

    def __init__(self, draft: Draft) -> None:
        self._fps = draft.m.fps
        self._size = draft.m.width, draft.m.height
        self._scrims: dict[tuple[Safe, str, float], Layer] = {}
        shown = [segment for segment in draft.text if drawable(segment.m.text)]
        self._groups = [self._set(group) for group in _together(shown)]

    def stage(self, first: int, end: int) -> Stage:
        """Return the part of the picture that titles leave to the product in the frames first..end."""
        width, height = self._size
        stage = STAGE
        for group in self._groups:
            if first < group.end and group.first < end and group.position != "center":
                if width / height > _WIDE:
                    stage = replace(stage, left=group.box.right / width + _APART)
                elif group.position == "top":
                    stage = replace(stage, top=max(stage.top, group.box.bottom / height + _APART))
                else:
                    stage = replace(stage, bottom=min(stage.bottom, group.box.top / height - _APART))
        return stage if stage.bottom - stage.top > _LEAST_STAGE else STAGE

    def looks(self, first: int, end: int) -> list[Any]:
        """Return what decides how the titles look that are seen in the frames first..end, beside what is behind them.

        It can be written as JSON; what has no part in those frames has none in it.
        """
        seen = [group for group in self._groups if first < group.end and group.first < end]
        return [[asdict(group.box), group.first, group.end, group.position, group.said] for group in seen]

    def tones(self, behind: Sequence[Planes], first: int, end: int) -> Tones:
        """Choose how each group is set over a shot that is on in first..end, from samples of its picture."""
        width, height = self._size
        tones: list[Tone] = []
        for group in self._groups:
            box, seen = group.box, first < group.end and group.first < end
            rows = slice(*(_scaled(edge, height, behind[0].y.shape[0]) for edge in (box.top, box.bottom)))
            columns = slice(*(_scaled(edge, width, behind[0].y.shape[1]) for edge in (box.left, box.right)))
            tones.append(
                tone_of([planes.y[rows, columns] for planes in behind]) if seen else Tone(dark=False, scrim=0.0)
            )
        return tuple(tones)

    def lay_over(self, planes: Planes, number: int, shots: Sequence[tuple[Tones, float]]) -> None:
        """Lay whatever is seen in frame *number* over its picture, in place.

        *shots* are the tones of the shots that are on, each with its share of the picture.
        """
        for index, group in enumerate(self._groups):
            if strength := self._strength(group.first, group.end, number):
                over = [(tones[index], share) for tones, share in shots]
                over = over if any(tone != over[0][0] for tone, _ in over) else [(over[0][0], 1.0)]
                self._darken(planes, group, strength, [(share, tone.scrim) for tone, share in over])
                dark = sum(share for tone, share in over if tone.dark)
                dark = 1.0 if dark >= 0.5 else 0.0  # noqa: PLR2004 - the most; a text is never grey
                for text in group.texts:
                    self._write(planes, text, number, dark)

    def _write(self, planes: Planes, text: _Text, number: int, dark: float) -> None:
        strength = self._strength(text.first, text.end, number)
        if not strength:
            return
        rest = 1 - _settled((number - text.first + 1) / (_COMES * self._fps))
        down = rest * _RISES * self._size[1]
        text.shadow.lay(planes, strength * (1 - dark), down)
        text.white.lay(planes, strength * (1 - dark), down)
        text.dark.lay(planes, strength * dark, down)

    def _darken(self, planes: Planes, group: _Group, strength: float, shots: list[tuple[float, float]]) -> None:
        scrim = sum(share * most for share, most in shots)
        if scrim <= 0:
            return
        made = scrim if strength >= 1 and len(shots) == 1 else MOST_SCRIM  # what stays is made to measure
        key = (group.box, group.position, made)
        if key not in self._scrims:
            self._scrims[key] = _scrim(self._size, group.box, group.position, made)
        self._scrims[key].lay(planes, strength * scrim / made)

    def _strength(self, first: int, end: int, number: int) -> float:
        if not first <= number < end:
            return 0.0
        comes = (number - first + 1) / (_COMES * self._fps)
        goes = (end - number) / (_GOES * self._fps)
        return _settled(min(comes, goes, 1.0))

    def _set(self, group: list[Segment[TextMeta]]) -> _Group:
        width, height = self._size
        safe = safe_zone(width, height)
        column = safe.right - safe.left
        settings = [_setting(segment.m, _scale(width, height), column) for segment in group]
        gaps = [0, *(round(0.35 * setting.size) for setting in settings[1:])]
        tall = sum(setting.height for setting in settings) + sum(gaps)
        position = group[0].m.position
        top = {"top": safe.top, "center": (height - tall) // 2, "bottom": safe.bottom - tall}[position]
        y, texts = top, list[_Text]()
        for turn, (segment, setting, gap) in enumerate(zip(group, settings, gaps, strict=True)):
            y += gap
            first, end = self._frames(segment)
            begin = min(first + round(turn * _STAGGER * self._fps), end - 1)
            texts.append(_drawn(setting, safe, y, begin, end, centred=position == "center"))
            y += setting.height
        begin, end = min(self._frames(one)[0] for one in group), max(self._frames(one)[1] for one in group)
        said = tuple(segment.model_dump_json() for segment in group)
        return _Group(tuple(texts), Safe(safe.left, top, safe.right, y), begin, end, position, said)

    def _frames(self, segment: Segment[TextMeta]) -> tuple[int, int]:
        first = frame_at(segment.s, self._fps)
        return first, max(first + 1, frame_at(segment.s + segment.d, self._fps))


def _together(segments: list[Segment[TextMeta]]) -> list[list[Segment[TextMeta]]]:
    """Group the texts that stand at one place at one time, in the order in which they are stacked."""
    groups: list[list[Segment[TextMeta]]] = []
    for segment in sorted(segments, key=lambda one: one.s):
        for group in groups:
            until = max(other.s + other.d for other in group)
            if group[0].m.position == segment.m.position and segment.s < until:
                group.append(segment)
                break
        else:
            groups.append([segment])
    return [sorted(group, key=lambda one: _ORDER.index(one.m.role)) for group in groups]


def _setting(meta: TextMeta, scale: float, column: int) -> Setting:
    text = drawable(meta.text)
    size = _SIZES[meta.role] * scale
    return set_text(text, size, column, most_lines=_LINES[meta.role], strong=meta.role in _STRONG)


def _scale(width: int, height: int) -> float:
    """Return what sizes are shares of: titles stand largest on a phone's whole screen."""
    shape = _TALL_SIZE if width / height < _TALL else _WIDE_SIZE if width / height > _WIDE else _MIDDLE_SIZE
    return shape * min(width, height)


def _drawn(setting: Setting, safe: Safe, y: int, first: int, end: int, *, centred: bool) -> _Text:
    """Draw a text with room around it for its shadow and its rise; the box begins on even pixels, as chroma does."""
    room = 2 * round(0.35 * setting.size)
    x, top = (safe.left - room) // 2 * 2, (y - room) // 2 * 2
    x, top = max(0, x), max(0, top)
    width = (safe.right + room - x) // 2 * 2
    widths = [measure(line, setting.size, strong=setting.strong) for line in setting.lines]
    spare = [(safe.right - safe.left - line) / 2 if centred else 0.0 for line in widths]
    drawn = draw_lines(setting, [safe.left - x + start for start in spare], width)
    letters = np.zeros(((setting.height + 2 * room) // 2 * 2, width), np.uint8)
    letters[y - top : y - top + len(drawn)] = drawn
    soft = pixels.blur(letters.astype(np.float32), max(0.8, 0.10 * setting.size))
    shadow = np.clip(soft * _SHADOW, 0, 255).astype(np.uint8)
    layers = Layer(letters, x, top, WHITE), Layer(shadow, x, top, _BLACK), Layer(letters, x, top, DARK)
    return _Text(*layers, first, end)


def _scrim(size: tuple[int, int], box: Safe, position: str, most: float) -> Layer:
    """Darken by *most* at the texts, softly from well outside them, and on to the picture's edge."""
    width, height = size
    share = np.outer(*_profiles(size, box, position)) * np.float32(most)
    noise = np.random.default_rng(11).uniform(-0.5, 0.5, (height, width)).astype(np.float32)
    opacity = np.rint(np.clip(share * 255 + noise * (share > 0), 0, 255)).astype(np.uint8)
    rows, columns = np.flatnonzero(opacity.any(axis=1)), np.flatnonzero(opacity.any(axis=0))
    top, right = int(rows[0]) // 2 * 2, int(columns[-1]) // 2 * 2 + 2
    bottom = int(rows[-1]) // 2 * 2 + 2
    return Layer(np.ascontiguousarray(opacity[top:bottom, :right]), 0, top, _BLACK)


def _profiles(size: tuple[int, int], box: Safe, position: str) -> tuple[Floats, Floats]:
    """Return how strong a scrim is down and across the picture."""
    width, height = size
    rows, columns = np.arange(height, dtype=np.float32), np.arange(width, dtype=np.float32)
    if width / height > _WIDE and position != "center":
        reach = 0.16 * width
        return np.ones_like(rows), _smooth(((box.right + reach) - columns) / (1.4 * reach))
    reach = 0.20 * height
    above = _smooth((rows - (box.top - reach)) / (1.3 * reach))
    below = _smooth(((box.bottom + reach) - rows) / (1.3 * reach))
    return {"top": below, "bottom": above, "center": above * below}[position], np.ones_like(columns)


def _scaled(edge: int, whole: int, sampled: int) -> int:
    return round(edge * sampled / whole)


def _smooth(share: Floats) -> Floats:
    share = np.clip(share, 0, 1)
    return share * share * (3 - 2 * share)


def _settled(share: float) -> float:
    """Return *share* of a move that starts quickly and settles."""
    rest = 1 - min(1.0, share)
    return 1 - rest * rest * rest
