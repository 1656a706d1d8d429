"""What decides a segment, who makes which piece, what the cache keeps, and how renders share the cores."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Barrier, Event, Lock, get_ident
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightreel.studio.draft import read_draft
from nightreel.studio.render.cache import Cache
from nightreel.studio.render.crew import Crew, choose
from nightreel.studio.render.encoder import coding_of
from nightreel.studio.render.pieces import Off, Piece, Pieces, Progress
from nightreel.studio.render.plan import plan_frames
from nightreel.studio.render.segments import cut
from nightreel.studio.render.share import Share
from nightreel.studio.render.titles import Titles

_SHOTS = [("a", 2_000), ("b", 2_000), ("c", 2_000), ("d", 2_000)]


def _wire(*texts: tuple[int, int, str, str]) -> dict[str, Any]:
    lead = {"kind": "cross_fade", "d": 400}
    shots = [{"d": d, "m": {"asset": asset, "transition": {**lead}}} for asset, d in _SHOTS]
    titles = [{"s": s, "d": d, "m": {"text": text, "position": at}} for s, d, text, at in texts]
    return {"m": {"width": 180, "height": 320}, "t": [{"tt": 0, "sg": shots}, {"tt": 7, "sg": titles}]}


def _keys(wire: dict[str, Any], contents: str = "abcd", quality: str = "high") -> list[str]:
    draft = read_draft(wire)
    digests = dict(zip("abcd", contents, strict=True))
    return [it.key for it in cut(draft, plan_frames(draft), Titles(draft), digests, coding_of(quality))]


def _changed(one: list[str], other: list[str]) -> list[int]:
    return [number for number, (before, after) in enumerate(zip(one, other, strict=True)) if before != after]


def _moved(wire: dict[str, Any]) -> None:
    wire["t"][0]["sg"][2]["m"]["motion"] = "zoom_out"


def _joined(wire: dict[str, Any]) -> None:
    wire["t"][0]["sg"][1]["m"]["transition"]["kind"] = "wipe"


def _music(wire: dict[str, Any]) -> None:
    wire["t"].append({"tt": 1, "sg": [{"d": 8_000, "m": {"mood": "calm"}}]})


@pytest.mark.parametrize(("change", "touched"), [(_moved, [8, 9, 10, 11, 12]), (_joined, [4]), (_music, [])])
def test_a_change_touches_what_shows_it(change: Callable[[dict[str, Any]], None], touched: list[int]) -> None:
    """A motion touches its shot up to the end of its fade, a transition its own time, the music no picture."""
    wire = _wire()
    change(wire)
    assert _changed(_keys(_wire()), _keys(wire)) == touched


def test_a_title_touches_its_shots_only_where_it_moves_the_product() -> None:
    """A text touches what it is seen in; one at the top all of a shot that it is on for most of, no other."""
    plain = _keys(_wire())
    assert _changed(plain, _keys(_wire((4_500, 1_400, "New", "center")))) == [9, 10, 11]
    assert _changed(plain, _keys(_wire((4_500, 1_400, "New", "top")))) == [8, 9, 10, 11, 12]
    assert _changed(plain, _keys(_wire((4_500, 1_000, "New", "top")))) == [9, 10]
    assert _changed(plain, _keys(_wire((3_600, 1_000, "New", "top")))) == [7, 8, 9]


def test_texts_that_take_turns_at_an_edge_move_the_product_together() -> None:
    """Of two short ones each lies over it; one after the other they are there for most of the shot."""
    wire = _wire((4_200, 700, "New", "top"))
    wire["t"][-1]["sg"].append({"s": 5_000, "d": 700, "m": {"text": "Now", "position": "top"}})
    assert _changed(_keys(_wire()), _keys(wire)) == [8, 9, 10, 11, 12]


def _shorter(wire: dict[str, Any]) -> None:
    wire["t"][0]["sg"][1]["d"] = 1_390


def _gone(wire: dict[str, Any]) -> None:
    del wire["t"][0]["sg"][1]


@pytest.mark.parametrize(("change", "new"), [(_shorter, 4), (_gone, 1)])
def test_what_is_only_moved_keeps_its_key(change: Callable[[dict[str, Any]], None], new: int) -> None:
    """A shot cut shorter, or taken out, touches itself and the fade that follows; the rest comes earlier."""
    wire = _wire()
    change(wire)
    before, after = _keys(_wire()), _keys(wire)
    assert len(set(after) - set(before)) == new
    assert after[-7:] == before[-7:]


def test_a_title_that_stands_still_keeps_its_segments_when_they_come_earlier() -> None:
    """One on throughout touches the shot that is cut shorter, and where it ends; one that moves along, no more."""
    throughout, along = (0, 8_000, "Halden", "center"), (6_100, 900, "New", "center")
    earlier = (along[0] - 610, *along[1:])
    for text, moved, new in ((throughout, (0, 7_390, *throughout[2:]), 4), (along, earlier, 4)):
        wire = _wire(moved)
        _shorter(wire)
        assert len(set(_keys(wire)) - set(_keys(_wire(text)))) == new


def test_what_shows_the_same_is_made_once(tmp_path: Path) -> None:
    """Of a shot that comes again, only one is missing."""
    cache = Cache(tmp_path)
    pieces = Pieces([Piece(key, 15 * n, 15, key.encode) for n, key in enumerate("abca")], cache)
    assert pieces.missing() == [0, 1, 2]
    pieces.make(0)
    assert pieces.missing() == [1, 2]


def test_contents_and_encoder_are_part_of_the_key() -> None:
    """Another photo under the same id touches its shot; another quality touches all."""
    assert _changed(_keys(_wire()), _keys(_wire(), contents="abxd")) == [8, 9, 10, 11, 12]
    assert _changed(_keys(_wire()), _keys(_wire(), quality="draft")) == list(range(16))


def test_a_worker_goes_on_where_it_was_and_a_new_one_comes_towards_it() -> None:
    """So each photo is made ready by few workers: the second begins at the end, a third in the middle."""
    assert choose([0, 1, 2, 3], [], None) == 0
    assert choose([1, 2, 3, 4], [0], None) == 4
    assert choose([1, 2, 3], [0], 4) == 3
    assert choose([1, 2, 3], [0, 4], None) == 2
    assert choose([1, 2, 4], [3], 0) == 1
    assert choose([2, 6, 7, 8], [1, 5], 10) == 8
    assert choose([2, 6, 7, 8], [1], 4) == 6


@settings(deadline=None)
@given(st.sets(st.integers(0, 40)), st.integers(1, 4))
def test_every_piece_is_made_once(pieces: set[int], workers: int) -> None:
    """Whatever is missing, and however many work: all of it is made, nothing twice."""
    made: list[int] = []
    Crew(lambda: workers, 4, Event()).carry_out(pieces, made.append)
    assert sorted(made) == sorted(pieces)


def test_no_more_work_at_once_than_is_granted() -> None:
    """Two are granted: two at a time meet, a third never joins them."""
    meet, lock, at_once, most = Barrier(2), Lock(), [0], [0]

    def make(_number: int) -> None:
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        meet.wait(10)
        with lock:
            at_once[0] -= 1

    Crew(lambda: 2, 4, Event()).carry_out(range(8), make)
    assert most == [2]


@pytest.mark.parametrize("cores", [1, 2])
def test_a_thread_without_a_piece_makes_frames_for_another(cores: int) -> None:
    """One piece is left: with two cores the thread that encodes it makes no frame in the end; all come in order."""
    made: list[bool] = []

    def make(_piece: int) -> None:
        own = get_ident()
        frames = crew.frames(lambda number: (number, get_ident() == own), 0, 100_000)
        for place, (number, alone) in enumerate(frames):
            assert number == place
            made.append(alone)

    crew = Crew(lambda: cores, cores, Event())
    crew.carry_out([3], make)
    assert made[-1] == (cores == 1)
    assert len(made) == 100_000


def test_frames_are_made_ahead_once_no_piece_waits() -> None:
    """A core that comes free between two looks is for the pieces that wait: else all might wait for frames."""
    granted, makers = iter([1, 1]), dict[int, set[bool]]()

    def make(piece: int) -> None:
        own = get_ident()
        makers[piece] = set(crew.frames(lambda _: get_ident() == own, 0, 100_000 if piece == 0 else 10))
        if piece == 0:
            assert makers[0] == {True}

    crew = Crew(lambda: next(granted, 2), 2, Event())
    crew.carry_out(range(3), make)
    assert sorted(makers) == [0, 1, 2]


def test_a_piece_can_be_made_again_when_the_crew_has_gone() -> None:
    """While the file is joined, a piece that was crowded out of the cache gets its frames as well."""
    crew = Crew(lambda: 2, 2, Event())
    crew.carry_out([3], lambda _: None)
    assert list(crew.frames(int, 0, 5)) == [0, 1, 2, 3, 4]


def test_the_first_error_calls_the_others_off() -> None:
    """One piece fails: those at work see that they are not wanted, none is begun after it."""
    off, begun, started = Event(), list[int](), Event()

    def make(number: int) -> None:
        begun.append(number)
        if number == 0:
            started.wait(10)
            raise ValueError("broken")
        started.set()
        off.wait(10)

    with pytest.raises(ValueError, match="broken"):
        Crew(lambda: 2, 2, off).carry_out(range(9), make)
    assert off.is_set()
    assert len(begun) == 2


def test_what_is_called_off_ends_within_a_frame() -> None:
    """Once it is off, no more than the frame that is being made comes into being."""
    told, made = Progress(100, None), list[int]()

    def frames() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            yield number

    counted = told.counted(frames())
    assert [next(counted) for _ in range(4)] == [0, 1, 2, 3]
    told.off.set()
    with pytest.raises(Off):
        next(counted)
    assert made == [0, 1, 2, 3, 4]


def test_the_cache_gives_back_what_it_was_given_or_nothing(tmp_path: Path) -> None:
    """A whole piece comes back; a changed, cut or empty file is thrown away."""
    cache = Cache(tmp_path)
    cache.put("a", b"piece")
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    assert cache.get("a") == b"piece"
    for damaged in (whole[:-1], b"x" + whole[1:], b"", whole + b"\0"):
        file.write_bytes(damaged)
        assert cache.get("a") is None
        assert not file.exists()
    assert cache.get("b") is None


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    """The cache keeps to its bound, except for what the render at work spares."""
    cache = Cache(tmp_path, most=1_010)
    for age, key in enumerate("abcd", start=-9):
        cache.put(key, bytes(200))
        os.utime(tmp_path / f"{key}.mp4", (age, age + 1_000))
    assert cache.get("a")
    cache.put("e", bytes(200), spare={"b"})
    assert [key for key in "abcde" if cache.get(key)] == ["a", "b", "d", "e"]
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 1_010


def test_renders_share_the_cores(tmp_path: Path) -> None:
    """One has them all, two have half each, more have one each; an odd one goes to one of them, none is lost."""
    with Share(tmp_path, 5) as one:
        assert one.workers() == 5
        with Share(tmp_path, 5) as two:
            assert sorted((one.workers(), two.workers())) == [2, 3]
        assert one.workers() == 5
        (tmp_path / "999-dead.at-work").touch()
        assert one.workers() == 5
        assert len(list(tmp_path.iterdir())) == 1
    assert not list(tmp_path.iterdir())
