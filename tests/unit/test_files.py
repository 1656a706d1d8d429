"""Files that appear whole."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nightreel.files import give_up, part_of, sweep, whole, whole_at, write_whole


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    """When the writing fails half way, the old file stands and no part file is left."""
    place = write_whole(tmp_path / "record.json", b"old")

    def write_half() -> None:
        with whole(place) as file:
            file.write(b"ne")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half()
    assert place.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["record.json"]


def test_writers_of_one_process_never_share_a_part_file(tmp_path: Path) -> None:
    """Threads that write one place at once leave one of their contents, whole."""
    contents = [bytes([65 + number]) * 200_000 for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        for content in contents:
            pool.submit(write_whole, tmp_path / "video.mp4", content)
    assert (tmp_path / "video.mp4").read_bytes() in contents
    assert [path.name for path in tmp_path.iterdir()] == ["video.mp4"]


def test_a_kept_file_is_never_replaced(tmp_path: Path) -> None:
    """With *keep* the first writer wins, and the second leaves nothing behind."""
    place = write_whole(tmp_path / "token", b"first", mode=0o600, keep=True)
    write_whole(place, b"second", mode=0o600, keep=True)
    assert place.read_bytes() == b"first"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["token"]


def test_a_dead_writers_part_file_is_swept_and_a_living_ones_is_not(tmp_path: Path) -> None:
    """Whoever has ended holds no lock on its part file; whoever still writes does."""
    dead = part_of(tmp_path / "video.mp4")
    dead.write_bytes(b"half a vi")
    with whole(tmp_path / "video.mp4") as file:
        file.write(b"a video")
        sweep(tmp_path)
        assert not dead.exists()
    assert (tmp_path / "video.mp4").read_bytes() == b"a video"


def test_a_sweep_can_be_for_one_file(tmp_path: Path) -> None:
    """The part files of others stay."""
    mine, theirs = part_of(tmp_path / "tokens.json"), part_of(tmp_path / "copy.db")
    for part in (mine, theirs):
        part.write_bytes(b"half")
    sweep(tmp_path, of="tokens.json")
    assert [path.name for path in tmp_path.iterdir()] == [theirs.name]


def test_a_file_that_is_written_by_its_path_appears_whole_too(tmp_path: Path) -> None:
    """Whoever opens the part file by its path is not swept, and what it wrote takes the place at the end."""
    with whole_at(tmp_path / "new" / "video.mp4") as part:
        part.write_bytes(b"a video")
        sweep(part.parent)
        assert [path.name for path in part.parent.iterdir()] == [part.name]
    assert [path.read_bytes() for path in (tmp_path / "new").iterdir()] == [b"a video"]


def test_a_process_that_gives_up_takes_its_own_part_files_along(tmp_path: Path) -> None:
    """Those of others stay, and so does what stood there before."""
    place, theirs = write_whole(tmp_path / "video.mp4", b"old"), part_of(tmp_path / "video.mp4")
    theirs.write_bytes(b"half")

    def write_half() -> None:
        with whole_at(place) as part:
            part.write_bytes(b"half")
            give_up()

    with pytest.raises(FileNotFoundError):
        write_half()
    assert place.read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted((theirs.name, place.name))
