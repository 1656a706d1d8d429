"""Photos as the studio opens them: every mode, deep greys, and profiles, in sRGB and on white."""
# pyright: reportUnknownMemberType=false

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nightreel.studio.render.photos import open_photo, reduced
from nightreel.studio.render.pixels import Bytes
from tests.unit.images.makers import display_p3, linear_grey

_SIDE = 64
_P3 = display_p3()
_RED = (200, 100, 100)
_RED_OF_P3 = (215, 93, 97)
"""What those levels are in sRGB, if they are of Display-P3."""


def _opened(path: Path) -> Bytes:
    return np.asarray(open_photo(path, enough=_SIDE))


def _near(found: object, wanted: object) -> None:
    assert np.abs(np.asarray(found, np.int16) - np.asarray(wanted, np.int16)).max() <= 2


def test_deep_greys_keep_their_tones(tmp_path: Path) -> None:
    """From black to white in 16 bits: evenly, where clipping would leave all but the darkest white."""
    ramp = np.tile(np.linspace(0, 0xFFFF, 256), (_SIDE, 1)).astype(np.uint16)
    Image.fromarray(ramp).save(tmp_path / "a.png")
    found = _opened(tmp_path / "a.png")
    assert found.shape == (_SIDE, 256, 3)
    _near(found[5, :, 1], np.arange(256))


def test_a_deep_grey_that_stands_for_nothing_is_white(tmp_path: Path) -> None:
    """The one level that is transparent, and no other."""
    levels = np.full((_SIDE, _SIDE), 0x4000, np.uint16)
    levels[:, :32] = 0x1234
    Image.fromarray(levels).save(tmp_path / "a.png", transparency=0x1234)
    found = _opened(tmp_path / "a.png")
    _near(found[5, [5, 50], 0], (255, 64))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "PA"])
@pytest.mark.parametrize("profile", [b"", _P3, b"no profile"])
def test_colours_are_what_their_profile_says(tmp_path: Path, mode: str, profile: bytes) -> None:
    """With transparency or a palette too; without a profile, or with a broken one, they are sRGB."""
    image = Image.new("RGBA", (_SIDE, _SIDE), (*_RED, 255))
    if mode.endswith("A"):
        image.paste((0, 0, 0, 0), (0, 0, 32, _SIDE))
    image = image.quantize(8) if mode.startswith("P") else image.convert(mode)
    image.save(tmp_path / "a.png", icc_profile=profile)
    found = _opened(tmp_path / "a.png")
    _near(found[5, 50], _RED_OF_P3 if profile == _P3 else _RED)
    _near(found[5, 5], (255, 255, 255) if mode.endswith("A") else found[5, 50])


@pytest.mark.parametrize("mode", ["L", "LA", "I;16"])
def test_greys_are_what_their_profile_says(tmp_path: Path, mode: str) -> None:
    """Levels that are light itself become those of sRGB, in all three colours; of what is transparent, none."""
    image = Image.new("LA", (_SIDE, _SIDE), (128, 255))
    image.paste((0, 0), (0, 0, 32, _SIDE))
    if mode == "I;16":
        image = Image.fromarray(np.full((_SIDE, _SIDE), 128 * 257, np.uint16))
    image.convert(mode).save(tmp_path / "a.png", icc_profile=linear_grey())
    found = _opened(tmp_path / "a.png")
    _near(found[5, 50], (188, 188, 188))
    _near(found[5, 5], {"L": (0, 0, 0), "LA": (255, 255, 255), "I;16": (188, 188, 188)}[mode])


def test_a_profile_of_another_kind_changes_nothing(tmp_path: Path) -> None:
    """Grey with a profile of colours, as some programs write it, is taken as it is."""
    Image.new("L", (_SIDE, _SIDE), 90).save(tmp_path / "a.png", icc_profile=display_p3())
    _near(_opened(tmp_path / "a.png")[5, 5], (90, 90, 90))


def test_a_reduced_photo_is_its_mean_and_a_small_one_is_itself() -> None:
    """Whole times smaller, each pixel is the mean of those it stands for; what has few enough is taken as it is."""
    noise = np.random.default_rng(5).integers(0, 256, (900, 640, 3), np.uint8)
    photo = Image.fromarray(noise)
    assert np.array_equal(reduced(photo, 500), noise)
    means = noise.reshape(300, 3, -1, 3).mean(axis=1)[:, :639].reshape(300, 213, 3, 3).mean(axis=2)
    assert np.abs(reduced(photo, 300)[:, :213] - means).max() <= 1
