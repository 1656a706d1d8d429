"""The reel: any frame by itself is the frame that it is in its row."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from nightreel.studio.draft import Draft, Motion, TransitionKind, read_draft
from nightreel.studio.render.pixels import Bytes
from nightreel.studio.render.plan import plan_frames
from nightreel.studio.render.reel import Reel

_COLOURS = ("#a33", "#274", "#fff4d0", "#222")


@pytest.fixture(scope="module")
def assets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Photos before bright and dark backgrounds."""
    folder = tmp_path_factory.mktemp("photos")
    made: dict[str, Path] = {}
    noise = np.random.default_rng(4).integers(60, 120, (360, 300, 3), np.uint8)
    for name, colour in zip("abcd", _COLOURS, strict=True):
        image = Image.new("RGB", (300, 360), "#dfe4e2") if name in "ac" else Image.fromarray(noise)
        ImageDraw.Draw(image).rounded_rectangle((90, 90, 210, 250), 20, fill=colour)
        made[name] = folder / f"{name}.png"
        image.save(made[name])
    return made


def _draft(kinds: list[TransitionKind]) -> Draft:
    motions = list(Motion)
    shots: list[dict[str, Any]] = [
        {
            "d": 500,
            "m": {"asset": "abcd"[n % 4], "motion": motions[n % 7], "transition": {"kind": kind, "d": 250}},
        }
        for n, kind in enumerate([TransitionKind.CUT, *kinds])
    ]
    title = {"s": 100, "d": 500 * len(shots) - 200, "m": {"text": "Halden 200"}}
    tracks = [{"tt": 0, "sg": shots}, {"tt": 7, "sg": [title]}]
    return read_draft({"m": {"width": 144, "height": 180, "fps": 30}, "t": tracks})


def _frames(draft: Draft, assets: dict[str, Path], numbers: list[int]) -> dict[int, Bytes]:
    reel = Reel(draft, plan_frames(draft), assets)
    return {number: reel.frame(number) for number in numbers}


def test_a_frame_hangs_on_no_other_frame(assets: dict[str, Path]) -> None:
    """Made alone, backwards or in any order, each frame of every transition is the same to the bit."""
    draft = _draft(list(TransitionKind))
    plan = plan_frames(draft)
    reel = Reel(draft, plan, assets)
    row = list(reel)
    assert len(row) == plan.frames
    mixed = np.random.default_rng(5).permutation(plan.frames)[::4].tolist()
    for number, frame in _frames(draft, assets, mixed).items():
        assert np.array_equal(frame, row[number]), number
    for number in range(20, plan.frames, 37):
        assert np.array_equal(_frames(draft, assets, [number])[number], row[number]), number


def test_each_frame_is_a_buffer_of_its_own(assets: dict[str, Path]) -> None:
    """A frame that the encoder still holds is not written to when the next one is made."""
    draft = _draft([TransitionKind.CROSS_FADE])
    reel = Reel(draft, plan_frames(draft), assets)
    first = reel.frame(16)
    kept = first.copy()
    reel.frame(17)
    assert np.array_equal(first, kept)
