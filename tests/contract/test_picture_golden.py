"""Golden frames: a change in the picture is seen."""

import numpy as np
import pytest
from PIL import Image

from nightreel.studio.render.pixels import Bytes
from tests.contract.golden import keep

_LEAST = 42.0
"""dB: other processors round otherwise, and stay above it; half a pixel's shift, or a grade's, does not."""


@pytest.fixture(scope="module")
def made() -> dict[str, Bytes]:
    """All golden frames, made now."""
    return dict(keep.frames())


def _psnr(one: Bytes, other: Bytes) -> float:
    error = np.mean(np.square(one.astype(np.float64) - other))
    return 99.0 if error == 0 else float(10 * np.log10(255**2 / error))


@pytest.mark.parametrize("name", keep.names())
def test_the_picture_is_the_golden_one(made: dict[str, Bytes], name: str) -> None:
    """Each kind of shot and transition looks as it did; if it is meant to change, keep.py makes the frames anew."""
    golden = np.asarray(Image.open(keep.FOLDER / f"{name}.png"))
    assert _psnr(made[name], golden) >= _LEAST


def test_a_small_change_of_the_picture_is_seen(made: dict[str, Bytes]) -> None:
    """Half a pixel to the side, or three levels darker, and the frame is not the golden one any more."""
    frame = made["tall-zoom_in"]
    shifted = (frame[:, 1:].astype(np.uint16) + frame[:, :-1] + 1) // 2
    assert _psnr(frame[:, 1:], shifted.astype(np.uint8)) < _LEAST
    assert _psnr(frame, np.clip(frame.astype(np.int16) - 3, 0, 255).astype(np.uint8)) < _LEAST
