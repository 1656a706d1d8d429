"""Where texts may stand: clear of what the platforms lay over a video."""

from dataclasses import dataclass

TALL = 0.75
"""Narrower than this, a picture is full screen on a phone."""

WIDE = 1.25
"""Wider than this, a picture has room beside the product."""

_TALL_SIZE, _MIDDLE_SIZE, _WIDE_SIZE = 0.94, 0.83, 0.87


@dataclass(frozen=True, slots=True)
class Safe:
    """The part of the canvas that titles may use, in pixels."""

    left: int
    top: int
    right: int
    bottom: int


def safe_zone(width: int, height: int) -> Safe:
    """Return where titles may stand on a canvas.

    In a tall picture the top eighth, the bottom fifth and a strip at the right stay free; in a wide one titles stand
    in a column beside the product.
    """
    if width / height < TALL:
        return Safe(round(0.085 * width), round(0.135 * height), round(0.87 * width), round(0.79 * height))
    right = 0.40 if width / height > WIDE else 0.93
    return Safe(round(0.07 * width), round(0.08 * height), round(right * width), round(0.91 * height))


def card_zone(width: int, height: int) -> Safe:
    """Return where a card's words may stand: in its middle, with as much room at one side as at the other."""
    safe = safe_zone(width, height)
    side = max(safe.left, width - safe.right) if width / height <= WIDE else round(0.14 * width)
    edge = max(safe.top, height - safe.bottom)
    return Safe(side, edge, width - side, height - edge)


def caption_zone(width: int, height: int) -> Safe:
    """Return where captions may stand: in the middle, also of a wide picture."""
    safe = safe_zone(width, height)
    if width / height <= WIDE:
        return safe
    return Safe(round(0.14 * width), safe.top, width - round(0.14 * width), safe.bottom)


def scale_of(width: int, height: int) -> float:
    """Return what sizes are shares of: titles stand largest on a phone's whole screen."""
    shape = _TALL_SIZE if width / height < TALL else _WIDE_SIZE if width / height > WIDE else _MIDDLE_SIZE
    return shape * min(width, height)
