"""Hints of quality: what is worth saying is said, and no good photo is blamed."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from nightreel.images import advised, probe
from nightreel.images.decoding import look
from nightreel.images.orders import Order
from nightreel.models import Format, Photo
from tests.unit.images.makers import plain, textured

CATALOG = Path(__file__).parents[3] / "data" / "catalog"
SAMPLES = sorted(path for path in CATALOG.glob("*/*") if path.suffix.lower() in {".jpg", ".png", ".webp", ".heic"})


def _photo(folder: Path, name: str, image: Image.Image, quality: int = 90) -> Photo:
    file = folder / f"{name}.jpg"
    image.convert("RGB").save(file, quality=quality)
    return probe(file, file.name)


def _placeholder(ground: str, ink: str, words: str) -> Image.Image:
    image = Image.new("RGB", (1000, 1000), ground)
    draw = ImageDraw.Draw(image)
    draw.rectangle((350, 300, 650, 500), outline=ink, width=8)
    draw.ellipse((450, 350, 550, 450), fill=ink)
    draw.text((300, 600), words, fill=ink, font_size=60)
    return image


def _packshot(ground: int, body: tuple[int, int, int], share: float, noise: float) -> Image.Image:
    """A shaded cylinder on a plain ground, as studios light it."""
    side = 1200
    rows, columns = np.mgrid[0:side, 0:side] - side / 2
    radius = side * share / 2
    inside = (abs(columns) < radius) & (abs(rows) < radius)
    shade = 1 - 0.35 * (columns / radius) ** 2
    pixels = np.full((side, side, 3), float(ground))
    pixels[inside] = (shade[..., None] * body)[inside]
    pixels[inside] += np.random.default_rng(1).normal(0, noise, (inside.sum(), 3)) if noise else 0
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_no_photo_of_the_sample_catalog_is_blamed(path: Path) -> None:
    """Every photo that we ship is fit, and there is nothing to say of it."""
    assert probe(path, path.name).warnings == ()


@settings(max_examples=10)
@given(st.integers(0, 10_000), st.integers(720, 1100), st.integers(720, 1100))
def test_no_sharp_scene_is_blamed(seed: int, width: int, height: int) -> None:
    """Whatever the scene, one with sharp edges and grain gets no hint."""
    with tempfile.TemporaryFile() as file:
        textured(width, height, seed).save(file, "PNG", compress_level=1)
        assert look(file.fileno(), Order("png"))[0].warnings == ()


@pytest.mark.parametrize("body", [(250, 248, 245), (200, 20, 20), (128, 128, 128), (20, 20, 160)])
@pytest.mark.parametrize(("share", "noise"), [(0.12, 0.0), (0.3, 2.0), (0.8, 0.0)])
def test_a_product_on_plain_white_is_no_placeholder(
    tmp_path: Path, body: tuple[int, int, int], share: float, noise: float
) -> None:
    """However small the product and however clean the studio's white, it is a photo; and it is sharp."""
    assert _photo(tmp_path, "packshot", _packshot(255, body, share, noise)).warnings == ()


@pytest.mark.parametrize(
    ("ground", "ink", "words"),
    [("#eeeeee", "#aaaaaa", "No image"), ("white", "#3c3c3c", "Coming soon"), ("#143ca0", "white", "ACME")],
)
def test_a_placeholder_is_told(tmp_path: Path, ground: str, ink: str, words: str) -> None:
    """A shop system's "no image" is told as what it looks like; so is one colour without anything on it."""
    photo = _photo(tmp_path, "none", _placeholder(ground, ink, words))
    assert photo.warnings == ("It looks like a placeholder: flat colours, no photo.",)
    assert _photo(tmp_path, "flat", plain()).warnings == photo.warnings


def test_a_blurred_photo_is_told_and_a_soft_one_is_not(tmp_path: Path) -> None:
    """Where no edge is sharp the photo is blurred; a hair's breadth is not worth a word."""
    for name, radius, wanted in (("soft", 1, ()), ("blurred", 6, ("It is blurred.",))):
        image = textured(1200, 1000, 1).filter(ImageFilter.GaussianBlur(radius))
        assert _photo(tmp_path, name, image).warnings == wanted


def test_nearly_black_and_nearly_white_are_told(tmp_path: Path) -> None:
    """A photo taken with the cap on, and one of nothing but light; a night scene with a lamp in it is neither."""
    night = ImageEnhance.Brightness(textured()).enhance(0.1)
    assert _photo(tmp_path, "night", night).warnings == ("It is nearly black.",)
    night.paste((240, 220, 180), (400, 300, 480, 380))
    night = Image.blend(night, Image.effect_noise(night.size, 40).convert("RGB"), 0.06)
    assert _photo(tmp_path, "lamp", night).warnings == ()
    assert _photo(tmp_path, "snow", plain(colour=(250, 251, 252))).warnings == ("It is nearly white.",)


def test_a_small_photo_is_told_for_its_formats(tmp_path: Path) -> None:
    """A photo that is large enough for a square may be small for a wide video: it says for which, and how much."""
    photo = _photo(tmp_path, "small", textured(800, 1000))
    assert photo.warnings == ()
    (told,) = advised([photo], Format)
    assert told.warnings == ("It is small for 16x9: to fill it, it is enlarged 2.4 times.",)
    tiny = _photo(tmp_path, "tiny", textured(400, 500))
    assert tiny.warnings == ("It is only 400x500: it will look soft.",)
    assert advised([tiny], Format) == (tiny,)


def test_the_same_picture_twice_is_told(tmp_path: Path) -> None:
    """Saved again, smaller, lighter or a little cropped it is nearly the same; mirrored, or in blue, it is not."""
    image = textured(1500, 1200, 2)
    red, green, blue = image.split()
    variants = {
        "again": image,
        "smaller": image.resize((900, 720)),
        "lighter": ImageEnhance.Brightness(image).enhance(1.06),
        "cropped": image.crop((8, 6, 1492, 1194)),
        "mirrored": image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        "coloured": Image.merge("RGB", (blue, green, red)),
        "another": textured(1500, 1200, 3),
    }
    first = _photo(tmp_path, "first", image)
    others = [_photo(tmp_path, name, variant, 60) for name, variant in variants.items()]
    told = advised([first, *others])
    near = ("It is nearly the same picture as first.jpg.",)
    assert told[0].warnings == ()
    assert [photo.name.removesuffix(".jpg") for photo in told if photo.warnings == near] == [
        "again",
        "smaller",
        "lighter",
        "cropped",
    ]
    assert not any(photo.warnings for photo in told[5:])
