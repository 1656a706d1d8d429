"""Type as it was found good: golden frames, in every style and many scripts."""

import numpy as np
import pytest
from PIL import Image

from tests.unit.type_frames.keep import FRAMES, HERE, drawn

_LIKE = 42.0  # dB: a letter that stands a third of a pixel elsewhere is below


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_of_type_is_as_it_was_when_it_was_looked_at(name: str) -> None:
    """PSNR against the kept PNG; `python -m tests.unit.type_frames.keep` keeps new ones."""
    kept = np.asarray(Image.open(HERE / f"{name}.png").convert("RGB")).astype(np.float64)
    error = float(np.mean((drawn(name).astype(np.float64) - kept) ** 2))
    assert error == 0 or 10 * np.log10(255**2 / error) >= _LIKE
