"""Plates: a photo under a slow camera stands where it should, and its fine weave does not shimmer."""

from itertools import pairwise
from typing import cast

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from nightreel.studio.render import picture, pixels
from nightreel.studio.render.background import Margins, continued
from nightreel.studio.render.barrier import barriers
from nightreel.studio.render.camera import Path
from nightreel.studio.render.framing import View
from nightreel.studio.render.pixels import Bytes, Floats
from nightreel.studio.render.plate import Plate, make_print
from nightreel.studio.render.subject import Edges, Subject

_CANVAS = _WIDTH, _HEIGHT = 320, 240
_SIDE = 1_000
_EDGE = 24
_PLAIN = Edges(0, 0, 0, 0)
_SUBJECT = Subject(0.3, 0.3, 0.7, 0.7, _PLAIN)


def _weave(period: float) -> Bytes:
    """Return a cloth of threads *period* pixels apart, each a little other than the next."""
    random = np.random.default_rng(9)
    rows, columns = np.indices((_SIDE, _SIDE), dtype=np.float32)
    threads = np.sin(2 * np.pi * rows / period) * np.sin(2 * np.pi * (columns + 0.3 * rows) / period)
    uneven = pixels.blur(random.normal(0, 60, (_SIDE, _SIDE)).astype(np.float32), 2.0)
    grey = np.rint(np.clip(120 + 45 * threads + uneven, 0, 255)).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def _ideal(photo: Bytes, view: View) -> Floats:
    """Return what *view* sees by an antialiased Lanczos of the photo itself, in luma, unrounded."""
    luma = Image.fromarray(photo[:, :, 0].astype(np.float32) * (219 / 255) + 16)
    half, tall = view.width / 2, view.width * _HEIGHT / _WIDTH / 2
    box = (view.x - half, view.y - tall, view.x + half, view.y + tall)
    return np.asarray(luma.resize(_CANVAS, Image.Resampling.LANCZOS, box=box))


def _drawn(plate: Plate, view: View) -> Floats:
    _, planes = picture.blank(*_CANVAS)
    picture.draw(plate, view, planes)
    return planes.y.astype(np.float32)


def _inner(image: NDArray[np.float32]) -> NDArray[np.float32]:
    return image[_EDGE:-_EDGE, _EDGE:-_EDGE]


_ZOOM = Path(View(500.0, 500.0, 900.0), View(512.3, 488.1, 790.0))
_PAN = Path(View(480.0, 500.0, 820.0), View(533.0, 500.0, 800.0))


def _changes(images: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return what changes from frame to frame."""
    return np.stack([_inner(later - earlier) for earlier, later in pairwise(images)])


@pytest.mark.parametrize("path", [_ZOOM, _PAN])
@pytest.mark.parametrize("period", [5.2, 6.3, 7.9, 11.0])
def test_a_fine_weave_does_not_shimmer(path: Path, period: float) -> None:
    """Frame by frame, a weave down to two pixels changes no more than an ideal camera's picture, and as that does."""
    photo = _weave(period)
    plate = make_print(Image.fromarray(photo), path, _CANVAS, _SUBJECT).plate()
    views = [path.at(step / 112) for step in range(50, 60)]
    ours, ideal = _changes([_drawn(plate, view) for view in views]), _changes([_ideal(photo, view) for view in views])
    gain = float((ours * ideal).sum() / np.square(ideal).sum())
    assert np.square(ours).sum() <= np.square(ideal).sum()
    assert np.square(ours - gain * ideal).sum() <= 0.2 * np.square(ideal).sum()


@pytest.mark.parametrize("path", [_ZOOM, _PAN])
def test_a_slow_camera_is_steady(path: Path) -> None:
    """From frame to frame the picture stands within two hundredths of a pixel of where it should."""
    photo = _weave(23.0)
    plate = make_print(Image.fromarray(photo), path, _CANVAS, _SUBJECT).plate()
    off: list[tuple[float, float]] = []
    for view in [path.at(step / 300) for step in range(140, 180)]:
        drawn, ideal = _drawn(plate, view), _ideal(photo, view)
        down, across = (cast("Floats", slope) for slope in np.gradient(ideal))
        off.append((_apart(drawn - ideal, across), _apart(drawn - ideal, down)))
    assert np.std(off, axis=0).max() <= 0.02
    assert np.abs(off).max() <= 0.06


def _apart(change: NDArray[np.float32], slope: NDArray[np.float32]) -> float:
    """Return how far a picture stands from another along its *slope*, in pixels, by least squares."""
    return -float((_inner(change) * _inner(slope)).sum() / np.square(_inner(slope)).sum())


def test_a_small_photo_is_enlarged_once() -> None:
    """A photo smaller than the picture keeps its own size in the plate, and is magnified by the camera."""
    plate = make_print(
        Image.fromarray(_weave(20)[:120, :160]), Path(View(80, 60, 150), View(80, 60, 150)), _CANVAS, _SUBJECT
    ).plate()
    assert plate.scale == 1
    assert plate.planes.y.shape[1] <= 2 * (160 + 2 * plate.rim)


@pytest.mark.parametrize("unrest", [2.0, 20.0])
def test_a_continued_background_begins_without_a_seam(unrest: float) -> None:
    """Across a photo's edge the picture changes no more than it does beside it; the product is as it was."""
    photo = np.full((200, 200, 3), 150, np.uint8)
    photo += np.linspace(0, 40, 200).astype(np.uint8)[None, :, None]
    photo[70:130, 70:130] = (180, 30, 30)
    subject = Subject(0.35, 0.35, 0.65, 0.65, Edges(unrest, unrest, unrest, unrest))
    wide = continued(photo, Margins(60, 50, 80, 40), subject, least=6).astype(int)
    assert wide.shape == (290, 340, 3)
    assert np.array_equal(wide[110:190, 120:200], photo[60:140, 60:140])
    for line in (wide[20, :, 1], wide[60, :, 1], wide[:, 30, 1], wide[:, 330, 1]):
        assert np.abs(np.diff(line)).max() <= 6


def test_the_product_shows_once() -> None:
    """Nothing of the product's colour is seen outside the photo, however far it is continued."""
    photo = np.full((200, 200, 3), 150, np.uint8)
    photo[60:140, 40:160] = (200, 20, 20)
    subject = Subject(0.2, 0.3, 0.8, 0.7, _PLAIN)
    wide = continued(photo, Margins(300, 300, 300, 300), subject, least=6).astype(int)
    red = wide[:, :, 0] - wide[:, :, 1] > 12
    rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
    assert (rows[0], rows[-1], columns[0], columns[-1]) == (360, 439, 340, 459)


def test_a_print_at_the_photos_own_size_has_its_pixels() -> None:
    """Where nothing is made smaller, nothing is resampled: the print is a cut from the photo."""
    photo = _weave(20)[:400, :500]
    made = make_print(
        Image.fromarray(photo), Path(View(200.3, 150.6, 300), View(210.1, 160.2, 280)), _CANVAS, _SUBJECT
    )
    left, top, (height, width) = round(made.x), round(made.y), made.planes.y.shape
    assert (made.x, made.y, made.scale) == (left, top, 1.0)
    cut = photo[top : top + height, left : left + width]
    assert np.array_equal(made.planes.y, pixels.planes(cut)[0])


@pytest.mark.parametrize("unrest", [2.0, 20.0])
def test_what_is_seen_of_a_background_is_what_all_of_it_has_there(unrest: float) -> None:
    """A part that is made alone is the whole picture's, but for the grain, which is by lot."""
    subject = Subject(0.35, 0.35, 0.65, 0.65, Edges(unrest, unrest, unrest, unrest))
    photo, margins, seen = _weave(9)[:300, :260], Margins(60, 150, 80, 140), (slice(30, 500), slice(40, 390))
    whole, part = (continued(photo, margins, subject, least=6, seen=it).astype(int) for it in (None, seen))
    assert part.shape == (470, 350, 3)
    assert np.abs(part - whole[seen]).max() <= 8
    assert np.array_equal(part[190:350, 90:210], whole[220:380, 130:250])


def test_finer_luma_is_lanczos() -> None:
    """Twice as many samples are within a level of what cv2's own Lanczos gives, at the edges too."""
    plane = _weave(3.1)[:150, :131, 0].copy()
    wanted = cv2.resize(plane, None, fx=2, fy=2, interpolation=cv2.INTER_LANCZOS4)
    assert np.abs(pixels.finer(plane).astype(int) - wanted).max() <= 1


def test_what_is_fenced_off_has_the_least_of_all_ways_to_it() -> None:
    """Inside a closed fence the barrier is the fence's height; through a gap, however winding the way, it is none."""
    colours = np.zeros((40, 60, 3), np.float32)
    colours[10:30, 10:50] = 7
    colours[12:28, 12:48] = 0
    assert barriers(colours)[20, 30] == pytest.approx(7 * 3**0.5)
    colours[10:12, 14:16] = 0
    assert barriers(colours)[20, 40] == 0
