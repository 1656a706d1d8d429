"""The product is whole: boxes drawn by hand around the products of the sample photos stay in the picture."""

from pathlib import Path

import numpy as np
import pytest

from nightreel.images import normalise, probe
from nightreel.models import Format
from nightreel.studio.draft import Motion, read_draft
from nightreel.studio.render.camera import plan_path
from nightreel.studio.render.framing import STAGE, Photo, Stage, View
from nightreel.studio.render.photos import open_photo, reduced
from nightreel.studio.render.subject import ENOUGH, find_subject
from nightreel.studio.render.titles import Titles

_CATALOG = Path(__file__).parents[2] / "data" / "catalog"
Box = tuple[float, float, float, float]

_BOXES: dict[str, Box] = {  # left, top, right, bottom, in shares; cords and shadows are no part of a product
    "NR-MUG-350/hero.jpg": (0.178, 0.238, 0.893, 0.745),
    "NR-MUG-350/IMG_2031.jpg": (0.333, 0.354, 0.647, 0.777),
    "NR-MUG-350/mug-top.jpg": (0.321, 0.268, 0.732, 0.645),
    "NR-EDP-050/ambre-nocturne_01.jpg": (0.271, 0.205, 0.655, 0.752),
    "NR-EDP-050/ambre-nocturne_02.jpg": (0.308, 0.118, 0.690, 0.848),
    "NR-EDP-050/DSC04417.jpg": (0.366, 0.266, 0.729, 0.723),
    "NR-LMP-360/lamp_front.jpg": (0.149, 0.158, 0.851, 0.862),
    "NR-LMP-360/lamp_evening.jpg": (0.321, 0.155, 0.708, 0.845),
    "NR-LMP-360/lamp_cutout.png": (0.064, 0.058, 0.936, 0.985),
    "NR-SPK-200/IMG_0412.HEIC": (0.176, 0.173, 0.824, 0.807),
    "NR-SPK-200/IMG_0421.HEIC": (0.277, 0.402, 0.703, 0.780),
    "NR-SPK-200/IMG_0418.HEIC": (0.033, 0.223, 0.961, 0.777),
}
_CLOSE_UPS = {
    "NR-MUG-350/mug-detail.webp",
    "NR-EDP-050/ambre-nocturne_03_detail.jpg",
    "NR-LMP-360/lamp_dimmer_detail.jpg",
    "NR-SPK-200/IMG_0415.HEIC",
}
_KEPT = 0.98
_LITTLE = 0.06
_COVERED: dict[tuple[Format, str], float] = {  # its clear glass foot is found only in part
    (Format.SQUARE, "NR-EDP-050/DSC04417.jpg"): 0.08,
    (Format.WIDE, "NR-EDP-050/DSC04417.jpg"): 0.08,
}


def _kept(box: Box, view: View, aspect: float, width: int, height: int) -> float:
    """Return the share of *box* that *view* sees."""
    half, tall = view.width / 2, view.width / aspect / 2
    across = min(box[2] * width, view.x + half) - max(box[0] * width, view.x - half)
    down = min(box[3] * height, view.y + tall) - max(box[1] * height, view.y - tall)
    return max(0.0, across) * max(0.0, down) / ((box[2] - box[0]) * width * (box[3] - box[1]) * height)


def _titled(width: int, height: int, *texts: str) -> Stage:
    """Return what a title and a subtitle at the bottom leave to the product."""
    roles = ("title", "subtitle")
    segments = [{"d": 14_000, "m": {"text": text, "role": role}} for role, text in zip(roles, texts, strict=False)]
    return Titles(read_draft({"m": {"width": width, "height": height}, "t": [{"tt": 7, "sg": segments}]})).stage(
        0, 99
    )


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Photo]:
    """The sample photos as the studio gets them, their products found by the renderer."""
    cache = tmp_path_factory.mktemp("photos")
    found: dict[str, Photo] = {}
    for name in _BOXES:
        ready = normalise(probe(_CATALOG / name, name), cache)
        photo = open_photo(ready.path, enough=3840)
        found[name] = Photo(*photo.size, find_subject(reduced(photo, ENOUGH)))
    return found


def test_every_sample_photo_has_a_box_or_is_a_close_up() -> None:
    """A photo that joins the catalog joins this test."""
    kinds = {".jpg", ".png", ".webp", ".HEIC"}
    there = {f"{path.parent.name}/{path.name}" for path in _CATALOG.rglob("*") if path.suffix in kinds}
    assert there == _BOXES.keys() | _CLOSE_UPS


@pytest.mark.parametrize("name", _BOXES)
def test_a_product_is_found_whole(photos: dict[str, Photo], name: str) -> None:
    """The box that the renderer finds holds the product but for a few hundredths of its size."""
    found, box = photos[name].subject, _BOXES[name]
    slack = 0.06 * max(box[2] - box[0], box[3] - box[1])
    assert found.left <= box[0] + slack
    assert found.top <= box[1] + slack
    assert found.right >= box[2] - slack
    assert found.bottom >= box[3] - slack


@pytest.mark.parametrize("name", _BOXES)
@pytest.mark.parametrize("format_", Format)
def test_the_product_is_in_the_picture_at_every_moment(photos: dict[str, Photo], format_: Format, name: str) -> None:
    """At least 98 % of the hand-drawn box is seen throughout, in every format and motion, with and without titles."""
    width, height = format_.canvas
    aspect, photo = width / height, photos[name]
    stages = (STAGE, _titled(width, height, "Halden 200 Bluetooth Speaker", "$98.00 (was $129.00)"))
    worst = min(
        (_kept(_BOXES[name], path.at(moment), aspect, photo.width, photo.height), f"{motion} {seconds} s, {stage}")
        for motion in Motion
        for seconds in (1.5, 3.75, 8.0)
        for stage in stages
        for path in [plan_path(photo, aspect, motion, seconds, stage=stage)]
        for moment in np.linspace(0, 1, 25).tolist()
    )
    assert worst[0] >= _KEPT, worst


@pytest.mark.parametrize("name", _BOXES)
@pytest.mark.parametrize("format_", Format)
def test_titles_keep_off_the_product(photos: dict[str, Photo], format_: Format, name: str) -> None:
    """With a title and a subtitle, hardly any of the hand-drawn box lies outside what they leave to the product."""
    width, height = format_.canvas
    aspect, photo, box = width / height, photos[name], _BOXES[name]
    stage = _titled(width, height, "Halden 200 Bluetooth Speaker", "$98.00 (was $129.00)")
    worst = 1.0
    for motion in Motion:
        path = plan_path(photo, aspect, motion, 3.75, stage=stage)
        for moment in np.linspace(0, 1, 25).tolist():
            view = path.at(moment)
            left = view.x + (stage.left - 0.5) * view.width
            bottom = view.y + (stage.bottom - 0.5) * view.width / aspect
            across = (box[2] * photo.width - max(box[0] * photo.width, left)) / ((box[2] - box[0]) * photo.width)
            down = (min(box[3] * photo.height, bottom) - box[1] * photo.height) / ((box[3] - box[1]) * photo.height)
            worst = min(worst, across * down)
    assert worst >= 1 - _COVERED.get((format_, name), _LITTLE)


def test_a_cap_over_clear_glass_belongs_to_its_bottle() -> None:
    """Two pieces that stand on one another are one product, though what joins them looks like the background."""
    photo = np.full((400, 300, 3), (222, 190, 170), np.uint8)
    photo[200:330, 100:200] = (190, 90, 20)
    photo[120:185, 130:170] = (20, 20, 24)
    found = find_subject(photo)
    assert found.top <= 0.30
    assert found.bottom >= 330 / 400
