"""When texts are seen: as asked, else as their roles need it. Pure."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from nightreel.studio.draft import Position, Role, Segment, TextMeta

_ENTER, _LEAVE = 300, 300
"""Milliseconds at the start and at the end without a text."""

_CARD = 3_000
"""Milliseconds that an end card has, but at most a third of the video."""

_CALL = 0.4
"""Share of the video, at its end, in which it calls to action."""

_ORDER = (Role.TITLE, Role.SUBTITLE, Role.CTA, Role.CAPTION, Role.LOWER_THIRD, Role.PRICE, Role.END_CARD)


class Text(BaseModel):
    """A text, where and when it is seen.

    Attributes:
        old: the price that a price tag strikes through.
        position: None leaves it to the role.
        start, end: in ms; a negative start counts from the video's end; None leaves them to the role.
        lasts: ms from its start, instead of an end.
        whole: it is seen throughout.
    """

    model_config = ConfigDict(frozen=True)

    role: Role
    text: str
    old: str = ""
    position: Position | None = None
    start: int | None = None
    end: int | None = None
    lasts: int | None = None
    whole: bool = False


def lay_out(texts: Sequence[Text], total: int) -> list[Segment[TextMeta]]:
    """Return the text segments of a video of *total* ms."""
    ordered = sorted(texts, key=lambda text: _ORDER.index(text.role))
    captions = [text for text in ordered if text.role is Role.CAPTION]
    stop = _stop(texts, total)
    made: list[Segment[TextMeta]] = []
    for text in ordered:
        start, end = _window(text, total, stop)
        if text.role is Role.CAPTION and text in captions and len(captions) > 1:
            turn = next(place for place, one in enumerate(captions) if one is text)
            start, end = _turn(text, (start, end), turn, len(captions))
        made.append(Segment[TextMeta](d=end - start, s=start, m=_meta(text)))
    return made


def covered(texts: Sequence[Text], total: int) -> int:
    """Return how many milliseconds at the end an end card hides the picture for."""
    cards = [_window(text, total, total) for text in texts if text.role is Role.END_CARD]
    return max((total - start for start, end in cards if start > 0 and end >= total), default=0)


def _meta(text: Text) -> TextMeta:
    return TextMeta(text=text.text, role=text.role, position=text.position or "bottom", old=text.old)


def _stop(texts: Sequence[Text], total: int) -> int:
    """Return when texts end that say nothing of it: before the end card, or shortly before the video does."""
    cards = [text for text in texts if text.role is Role.END_CARD]
    return _window(cards[0], total, total)[0] if cards else total - min(_LEAVE, total // 4)


def _window(text: Text, total: int, stop: int) -> tuple[int, int]:
    """Return from when to when *text* is seen, in ms: within the video, and never for no time."""
    if text.whole:
        return 0, total
    first, last = _of_role(text.role, total, stop)
    start = first if text.start is None else text.start if text.start >= 0 else total + text.start
    if text.lasts is not None:
        last = start + text.lasts
    elif text.end is not None:
        last = text.end
    elif text.start is not None and text.start < 0:
        last = total
    start = min(max(0, start), total - 1)
    return start, min(total, max(start + 1, last))


def _of_role(role: Role, total: int, stop: int) -> tuple[int, int]:
    enter = min(_ENTER, total // 4)
    if role is Role.END_CARD:
        return total - min(_CARD, total // 3), total
    if role is Role.CTA:
        return max(enter, min(stop - 1, stop - round(_CALL * total))), stop
    return min(enter, stop - 1), stop


def _turn(text: Text, window: tuple[int, int], turn: int, count: int) -> tuple[int, int]:
    """Return the part of the time that one of several captions has; one with a time of its own has that."""
    if text.start is not None or text.lasts is not None or text.whole:
        return window
    start, end = window
    first, last = (start + (end - start) * edge // count for edge in (turn, turn + 1))
    return first, max(first + 1, last)
