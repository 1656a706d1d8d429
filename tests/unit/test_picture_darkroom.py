"""What is kept of photos for the next render, and how much is in work at once."""

import errno
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest

from nightreel.studio.render.camera import Path as CameraPath
from nightreel.studio.render.darkroom import Darkroom, Shown
from nightreel.studio.render.framing import View
from nightreel.studio.render.memory import Heavy
from nightreel.studio.render.plate import Planes, Print
from nightreel.studio.render.subject import Edges, Subject

_SUBJECT = Subject(0.1 + 0.2, 1 / 3, 0.7, 0.9, Edges(1.5, 2e-9, 30.1, 4.0), (0.25, 2 / 3))
_ROOM = 1 << 20


def _shown(seed: int = 0) -> Shown:
    random = np.random.default_rng(seed)
    sides = (40, 30), (20, 15), (20, 15)
    planes = Planes(*(random.integers(0, 255, side, np.uint8) for side in sides))
    return CameraPath(View(1 / 3, 2.0, 100.1), View(0.1, 0.2, 90.0)), Print(planes, -0.1, 7 / 9, 0.3)


def _never() -> Shown:
    raise AssertionError("it is kept, and was made again")


def _darkroom(folder: Path, contents: str = "a") -> Darkroom:
    return Darkroom(folder, {"photo": contents}, _ROOM)


def test_what_was_made_is_given_back_to_the_bit(tmp_path: Path) -> None:
    """The next render reads the same path, place and pixels; nothing is made a second time."""
    path, made = _darkroom(tmp_path).shown("photo", [1080, "zoom_in"], _shown)
    again, kept = _darkroom(tmp_path).shown("photo", [1080, "zoom_in"], _never)
    assert (again, kept.x, kept.y, kept.scale) == (path, made.x, made.y, made.scale)
    for name in ("y", "u", "v"):
        np.testing.assert_array_equal(getattr(kept.planes, name), getattr(made.planes, name))


@pytest.mark.parametrize(("contents", "decides"), [("a", [1080, "zoom_out"]), ("b", [1080, "zoom_in"])])
def test_another_photo_or_another_move_is_made_anew(tmp_path: Path, contents: str, decides: list[object]) -> None:
    """The photo's contents and all that decides the path are part of the name."""
    _darkroom(tmp_path).shown("photo", [1080, "zoom_in"], _shown)
    _, made = _darkroom(tmp_path, contents).shown("photo", decides, lambda: _shown(1))
    np.testing.assert_array_equal(made.planes.y, _shown(1)[1].planes.y)


def test_a_subject_is_looked_for_once_a_photo(tmp_path: Path) -> None:
    """It is the same for every format and edit, to the last digit."""
    assert _darkroom(tmp_path).subject("photo", lambda: _SUBJECT) == _SUBJECT
    assert _darkroom(tmp_path).subject("photo", lambda: Subject(0, 0, 1, 1, _SUBJECT.unrest)) == _SUBJECT


def test_what_cannot_be_kept_is_made_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk, no folder, a photo of unknown contents: the video goes on without."""

    def full(_to: Path, _data: bytes, *, lasting: bool) -> None:  # noqa: ARG001 - as it is called
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("nightreel.studio.render.cache.write_whole", full)
    for darkroom in (Darkroom(), _darkroom(tmp_path), Darkroom(tmp_path, {}, _ROOM)):
        assert darkroom.subject("photo", lambda: _SUBJECT) == _SUBJECT
    assert not list(tmp_path.iterdir())


def test_a_damaged_one_is_made_anew(tmp_path: Path) -> None:
    """What a power cut has torn is not shown."""
    _darkroom(tmp_path).shown("photo", [], _shown)
    (file,) = tmp_path.glob("*.print")
    file.write_bytes(file.read_bytes()[:-50])
    _, made = _darkroom(tmp_path).shown("photo", [], lambda: _shown(1))
    np.testing.assert_array_equal(made.planes.y, _shown(1)[1].planes.y)


def test_as_much_is_in_work_as_there_is_room_for() -> None:
    """Two photos of half the room meet; one that is larger than all of it waits for them, and then goes alone."""
    heavy, meet, go, done = Heavy(room=2), [Event(), Event()], Event(), Event()

    def photo(mine: Event, other: Event) -> None:
        with heavy.taking(1):
            mine.set()
            assert other.wait(10)
            assert go.wait(10)

    def large() -> None:
        with heavy.taking(50):
            done.set()

    works: list[Callable[[], None]] = [lambda: photo(*meet), lambda: photo(*meet[::-1])]
    threads = [Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    assert all(event.wait(10) for event in meet)
    last = Thread(target=large)
    last.start()
    assert not done.is_set()
    go.set()
    assert done.wait(10)
    for thread in (*threads, last):
        thread.join()
