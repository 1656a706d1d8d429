"""How texts come and go: seldom far, never fast, each design in its way. Pure."""

from dataclasses import dataclass

from nightreel.studio.render.type.styles import Design, Move

_RISES = {Move.RISE: 0.022, Move.POP: 0.026, Move.WIPE: 0.0, Move.FADE: 0.0}
"""How far a text rises, of the picture's height."""

_BACK = 1.3  # how far a pop goes past its place


@dataclass(frozen=True, slots=True)
class Pose:
    """A text in one frame.

    Attributes:
        strength: of its opacity.
        down: how far below its place it stands, of its whole rise; less than nothing is above.
        shown: how much of it is seen, from where reading begins.
    """

    strength: float
    down: float = 0.0
    shown: float = 1.0


_HIDDEN = Pose(0.0)


def rise_of(design: Design) -> float:
    """Return how far a design's texts rise, of the picture's height."""
    return _RISES[design.move]


def pose_at(design: Design, first: int, end: int, number: int, fps: int) -> Pose:
    """Return how a text that is seen in first..end stands in frame *number*."""
    if not first <= number < end:
        return _HIDDEN
    comes = min(1.0, (number - first + 1) / (design.comes * fps))
    goes = min(1.0, (end - number) / (design.goes * fps))
    if design.move is Move.WIPE:
        return Pose(settled(goes), shown=settled(comes))
    strength = settled(min(comes, goes))
    if design.move is Move.RISE:
        return Pose(strength, down=1 - settled(comes))
    if design.move is Move.POP:
        return Pose(settled(min(1.0, 1.8 * comes, goes)), down=1 - _past(comes))
    return Pose(_even(min(comes, goes)))


def settled(share: float) -> float:
    """Return *share* of a move that starts quickly and settles."""
    rest = 1 - min(1.0, share)
    return 1 - rest * rest * rest


def _past(share: float) -> float:
    """Return *share* of a move that goes a little too far and comes back."""
    rest = share - 1
    return 1 + (_BACK + 1) * rest**3 + _BACK * rest**2


def _even(share: float) -> float:
    return share * share * (3 - 2 * share)
