"""Transitions: from the old picture to the new one, and nothing else on the way."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.studio.draft import Direction, TransitionKind
from nightreel.studio.render import picture, pixels
from nightreel.studio.render.framing import View
from nightreel.studio.render.picture import STILL, Move, Window
from nightreel.studio.render.plate import Planes, Plate
from nightreel.studio.render.transitions import Both, Drawer, join

_SIZE = _WIDTH, _HEIGHT = 96, 64
_MOVING = [kind for kind in TransitionKind if kind is not TransitionKind.CUT]
_DIPS = (TransitionKind.DIP_BLACK, TransitionKind.DIP_WHITE)
_SHARES = [step / 24 for step in range(25)]


def _plate(seed: int, low: int, high: int) -> Plate:
    """Return a plate of smooth noise, a little larger than the canvas, that no view of these tests leaves."""
    random = np.random.default_rng(seed)
    image = pixels.blur(random.uniform(0, 1, (100, 140)).astype(np.float32), 2.0)
    image = low + (high - low) * (image - image.min()) / (image.max() - image.min())
    luma = np.rint(image).astype(np.uint8)
    chroma = np.ascontiguousarray(luma[::2, ::2])
    return Plate(Planes(pixels.finer(luma), chroma, chroma[::-1].copy()), 0.0, 0.0, 1.0)


def _drawer(plate: Plate) -> Drawer:
    def draw(into: Planes, move: Move = STILL, window: Window | None = None) -> None:
        picture.draw(plate, View(70.3, 50.6, float(_WIDTH)), into, move, window)

    return draw


_OLD, _NEW = _drawer(_plate(1, 60, 90)), _drawer(_plate(2, 150, 200))


def _flat(level: int) -> Drawer:
    def draw(into: Planes, move: Move = STILL, window: Window | None = None) -> None:
        del move
        part = (window or picture.whole(into)).of(into)
        part.y[:], part.u[:], part.v[:] = level, level, level

    return draw


def _joined(
    kind: TransitionKind, share: float, old: Drawer, new: Drawer, direction: Direction = Direction.LEFT
) -> Planes:
    _, into = picture.blank(*_SIZE)
    _, spare = picture.blank(*_SIZE)
    for planes in (into, spare):  # what was there before must not be seen
        _flat(255)(planes)
    join(kind, direction, share, Both(old, new, into, spare))
    return into


def _drawn(drawer: Drawer, move: Move = STILL) -> Planes:
    _, planes = picture.blank(*_SIZE)
    drawer(planes, move)
    return planes


def _same(one: Planes, other: Planes) -> bool:
    return all(np.array_equal(a, b) for a, b in picture.pairs(one, other))


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("kind", _MOVING)
def test_it_starts_as_the_old_picture_and_ends_as_the_new_one(kind: TransitionKind, direction: Direction) -> None:
    """At no share there is the old picture to the bit, and at all of it the new one."""
    assert _same(_joined(kind, 0.0, _OLD, _NEW, direction), _drawn(_OLD))
    assert _same(_joined(kind, 1.0, _OLD, _NEW, direction), _drawn(_NEW))


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("kind", [kind for kind in _MOVING if kind not in _DIPS])
def test_the_new_picture_only_gains(kind: TransitionKind, direction: Direction) -> None:
    """From frame to frame there is more of the new picture, or as much; about half of it half-way."""
    shares = [float(_joined(kind, share, _flat(50), _flat(200), direction).y.mean() - 50) / 150 for share in _SHARES]
    assert all(earlier <= later + 1e-3 for earlier, later in pairwise(shares))
    assert 0.4 <= shares[12] <= 0.6


@pytest.mark.parametrize("kind", _DIPS)
def test_a_dip_goes_down_and_comes_up_again(kind: TransitionKind) -> None:
    """A dip has nothing but its colour half-way, and comes to it and goes from it steadily."""
    level = 16 if kind is TransitionKind.DIP_BLACK else 235
    away = [abs(float(_joined(kind, share, _OLD, _NEW).y.mean()) - level) for share in _SHARES]
    assert away[12] == 0
    assert all(earlier >= later for earlier, later in pairwise(away[:13]))
    assert all(earlier <= later for earlier, later in pairwise(away[12:]))


@pytest.mark.parametrize("kind", _MOVING)
@given(share=st.floats(0, 1), direction=st.sampled_from(Direction))
def test_there_are_no_foreign_pixels(kind: TransitionKind, share: float, direction: Direction) -> None:
    """Every pixel lies between the darkest and the brightest of the two pictures, and of the colour of a dip."""
    planes = _joined(kind, share, _OLD, _NEW, direction)
    low, high = (16, 235) if kind in _DIPS else (59, 201)
    assert planes.y.min() >= low
    assert planes.y.max() <= high
    assert min(planes.u.min(), planes.v.min()) >= 59
    assert max(planes.u.max(), planes.v.max()) <= 201


@given(share=st.floats(0, 1), direction=st.sampled_from(Direction))
def test_a_push_moves_both_pictures_by_fractions_of_a_pixel(share: float, direction: Direction) -> None:
    """Each pixel is that of the old or the new picture, moved exactly, but for the two columns where they meet."""
    across, sign = (
        direction in (Direction.LEFT, Direction.RIGHT),
        -1 if direction in (Direction.LEFT, Direction.UP) else 1,
    )
    length = _WIDTH if across else _HEIGHT
    way = share * share * (3 - 2 * share) * length
    old, new = (
        _drawn(drawer, Move(x=at) if across else Move(y=at))
        for drawer, at in ((_OLD, sign * way), (_NEW, sign * (way - length)))
    )
    planes = _joined(TransitionKind.PUSH, share, _OLD, _NEW, direction)
    foreign = (planes.y != old.y) & (planes.y != new.y)
    assert len(np.flatnonzero(foreign.any(axis=0 if across else 1))) <= 2


@given(
    st.integers(0, 40), st.integers(0, 20), st.integers(1, 8), st.integers(1, 10),
    st.floats(-30, 30), st.floats(0.8, 1.5),
)  # fmt: skip
def test_a_window_is_a_part_of_the_whole_picture(
    left: int, top: int, width: int, height: int, x: float, zoom: float
) -> None:
    """What is drawn in a window is what the whole picture has there, within a rounding; nothing else is touched."""
    window = Window(2 * left, 2 * top, min(2 * (left + width), _WIDTH), min(2 * (top + height), _HEIGHT))
    if window.empty:
        return
    move = Move(x=x, zoom=zoom)
    _, planes = picture.blank(*_SIZE)
    _flat(7)(planes)
    _OLD(planes, move, window)
    for part, whole in picture.pairs(window.of(planes), window.of(_drawn(_OLD, move))):
        assert np.abs(part.astype(int) - whole).max() <= 1
    _flat(7)(planes, window=window)
    assert planes.y.min() == planes.y.max() == 7


@pytest.mark.parametrize(("turned", "kept"), [(False, False), (True, True)])
def test_a_whip_is_smeared_along_its_way(turned: bool, kept: bool) -> None:  # noqa: FBT001 - parameters of the test
    """Half-way, a whip to the left has lost upright stripes, and kept level ones."""
    rows, columns = np.indices((100, 140))
    luma = np.where((rows if turned else columns) % 4 < 2, 200, 0).astype(np.uint8)
    chroma = np.full((50, 70), 128, np.uint8)
    drawer = _drawer(Plate(Planes(pixels.finer(luma), chroma, chroma), 0.0, 0.0, 1.0))
    assert (float(_joined(TransitionKind.WHIP, 0.5, drawer, drawer).y.std()) > 40) is kept
