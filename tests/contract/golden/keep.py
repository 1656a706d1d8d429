"""Golden frames: `python -m tests.contract.golden.keep` makes them anew, after a change of the picture that is meant.

Look at them before they are committed. No text stands in them: type has tests of its own.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from nightreel.studio.draft import TransitionKind, read_draft
from nightreel.studio.render import picture, pixels
from nightreel.studio.render.pixels import Bytes
from nightreel.studio.render.plan import plan_frames
from nightreel.studio.render.reel import Reel

FOLDER = Path(__file__).parent
_CATALOG = FOLDER.parents[2] / "data" / "catalog"
_MUG, _SCENT, _LAMP, _EVENING = (
    "NR-MUG-350/hero.jpg",
    "NR-EDP-050/ambre-nocturne_01.jpg",
    "NR-LMP-360/lamp_cutout.png",
    "NR-LMP-360/lamp_evening.jpg",
)
_SHOTS = [(_MUG, "zoom_in"), (_SCENT, "pan_right"), (_LAMP, "zoom_out"), (_EVENING, "hold")]
_WAYS = ("left", "up", "right", "down")
_TALL, _WIDE = (108, 192), (192, 108)


def names() -> list[str]:
    """Return what the golden frames are called."""
    moves = [f"{shape}-{motion}" for shape in ("tall", "wide") for _, motion in _SHOTS]
    return [*moves, *(kind.value for kind in TransitionKind if kind is not TransitionKind.CUT)]


def frames() -> Iterator[tuple[str, Bytes]]:
    """Make each golden frame, as RGB: two thirds along each kind of shot, and a third through each transition."""
    for shape, size in (("tall", _TALL), ("wide", _WIDE)):
        shots = [(photo, {"motion": motion}) for photo, motion in _SHOTS]
        yield from ((f"{shape}-{motion}", _frame(shots, size, 20 + 30 * n)) for n, (_, motion) in enumerate(_SHOTS))
    for number, kind in enumerate(TransitionKind):
        if kind is not TransitionKind.CUT:
            joined = {"kind": kind.value, "d": 500, "direction": _WAYS[number % 4]}
            yield kind.value, _frame([(_MUG, {}), (_SCENT, {"transition": joined})], _TALL, 35)


def _frame(shots: list[tuple[str, dict[str, Any]]], size: tuple[int, int], number: int) -> Bytes:
    """Return frame *number* of a second each of *shots*."""
    track = [{"d": 1_000, "m": {"asset": photo, **meta}} for photo, meta in shots]
    draft = read_draft({"m": {"width": size[0], "height": size[1]}, "t": [{"tt": 0, "sg": track}]})
    reel = Reel(draft, plan_frames(draft), {photo: _CATALOG / photo for photo, _ in shots})
    planes = picture.planes_of(reel.frame(number))
    return pixels.rgb(planes.y, planes.u, planes.v)


def main() -> None:
    """Write them all."""
    for name, frame in frames():
        Image.fromarray(frame).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
