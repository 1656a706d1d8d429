"""Segments in real files: the same bytes however they came about, nothing made twice, and no half file."""

import ctypes
import errno
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from av.video.frame import PictureType
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from nightreel.errors import RenderError
from nightreel.files import part_of
from nightreel.studio.draft import Draft, Motion, read_draft
from nightreel.studio.render import Means, Rendered, render
from nightreel.studio.render.encoder import coding_of, encode_picture, encode_sound
from nightreel.studio.render.joining import join

_ROOT = Path(__file__).parents[2]


@pytest.fixture
def assets(tmp_path: Path) -> dict[str, Path]:
    """A black photo, a white one, and a product before each."""
    folder = tmp_path / "photos"
    folder.mkdir()
    made: dict[str, Path] = {}
    for name, ground, colour in (
        ("a", "#dde2e0", "#a33"),
        ("b", "#334", "#eec"),
        ("k", "#000", ""),
        ("w", "#fff", ""),
    ):
        image = Image.new("RGB", (300, 400), ground)
        if colour:
            ImageDraw.Draw(image).rounded_rectangle((90, 100, 210, 300), 20, fill=colour)
        made[name] = folder / f"{name}.png"
        image.save(made[name])
    return made


def _wire(names: str = "abab", milliseconds: int = 1_000, tag: str = "") -> dict[str, Any]:
    motions = list(Motion)
    shots = [{"d": milliseconds, "m": {"asset": name, "motion": motions[n % 7]}} for n, name in enumerate(names)]
    music = {"d": milliseconds * len(names), "m": {"mood": "calm", "seed": 3}}
    title = {"s": 1_200, "d": 600, "m": {"text": tag, "position": "center"}}
    tracks = [{"tt": 0, "sg": shots}, {"tt": 1, "sg": [music]}, {"tt": 7, "sg": [title] if tag else []}]
    return {"m": {"width": 144, "height": 256}, "t": tracks}


def _render(folder: Path, assets: dict[str, Path], wire: dict[str, Any], name: str, **means: Any) -> Rendered:  # noqa: ANN401
    return render(read_draft(wire), assets, folder / name, means=Means(**means))


@contextmanager
def _memory_filled_with(value: int) -> Generator[None]:
    """Have glibc fill what it gives out with *value*, and take all of it from one heap."""
    mallopt: Callable[[int, int], int] = getattr(ctypes.CDLL(None), "mallopt", max)  # of another libc: does nothing
    perturb, threshold = -6, -3
    mallopt(threshold, 1 << 30)
    mallopt(perturb, value)
    try:
        yield
    finally:
        mallopt(perturb, 0)
        mallopt(threshold, 128 * 1024)


def _hashes(folder: Path) -> set[str]:
    return {hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.glob("*.mp4")}


def test_the_bytes_hang_on_no_cache_and_no_number_of_cores(tmp_path: Path, assets: dict[str, Path]) -> None:
    """Made by one thread or three, new, from the cache, or half and half: one file."""
    cache = tmp_path / "cache"
    whole = _wire(tag="New")
    _render(tmp_path, assets, _wire(), "other.mp4", cache=cache)
    (tmp_path / "other.mp4").unlink()
    made = [
        _render(tmp_path, assets, whole, "1.mp4", cores=1).made,
        _render(tmp_path, assets, whole, "2.mp4", cores=3).made,
        _render(tmp_path, assets, whole, "3.mp4", cache=cache).made,
        _render(tmp_path, assets, whole, "4.mp4", cache=cache).made,
    ]
    assert made == [120, 120, 30, 0]
    assert len(_hashes(tmp_path)) == 1


def test_an_edit_makes_what_it_touches(tmp_path: Path, assets: dict[str, Path]) -> None:
    """Another photo for the last shot makes its second anew; other music no frame at all."""
    wire, cache = _wire(), tmp_path / "cache"
    assert _render(tmp_path, assets, wire, "1.mp4", cache=cache).made == 120
    wire["t"][0]["sg"][3]["m"]["asset"] = "w"
    assert _render(tmp_path, assets, wire, "2.mp4", cache=cache).made == 30
    wire["t"][1]["sg"][0]["m"]["mood"] = "upbeat"
    assert _render(tmp_path, assets, wire, "3.mp4", cache=cache).made == 0
    assert len(_hashes(tmp_path)) == 3


def test_a_damaged_segment_is_made_again(tmp_path: Path, assets: dict[str, Path]) -> None:
    """What the disk has spoilt never gets into a video."""
    cache = tmp_path / "cache"
    _render(tmp_path, assets, _wire(), "1.mp4", cache=cache)
    damaged = max(cache.glob("*.mp4"), key=lambda file: file.stat().st_size)
    data = bytearray(damaged.read_bytes())
    data[len(data) // 2] ^= 1
    damaged.write_bytes(data)
    assert _render(tmp_path, assets, _wire(), "2.mp4", cache=cache).made in {0, 30}
    assert len(_hashes(tmp_path)) == 1


def test_a_cache_that_is_too_small_costs_time_and_no_video(tmp_path: Path, assets: dict[str, Path]) -> None:
    """With room for nothing the render still ends well; what others need is not there any more."""
    cache = tmp_path / "cache"
    _render(tmp_path, assets, _wire(), "1.mp4", cache=cache, cache_bytes=1)
    assert _render(tmp_path, assets, _wire("bk"), "other.mp4", cache=cache, cache_bytes=1).made == 60
    (tmp_path / "other.mp4").unlink()
    assert _render(tmp_path, assets, _wire(), "2.mp4", cache=cache).made == 120
    assert len(_hashes(tmp_path)) == 1


def test_a_killed_render_goes_on_where_it_was(tmp_path: Path, assets: dict[str, Path]) -> None:
    """After kill -9 the segments that were there are not made again, and the file is the one of a quiet run."""
    named = {key: str(path) for key, path in assets.items()}
    wire, cache, job = _wire("abababab"), tmp_path / "cache", tmp_path / "job.json"
    job.write_text(json.dumps({"draft": wire, "assets": named, "out": str(tmp_path / "1.mp4"), "cache": str(cache)}))
    environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
    command = [sys.executable, "-m", "nightreel.studio.renderer", str(job)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment) as child:
        assert child.stdout is not None
        while json.loads(child.stdout.readline())["progress"] < 0.5:
            pass
        child.kill()
    assert not list(tmp_path.glob("*1.mp4*"))
    there = len([file for file in cache.glob("*.mp4") if not file.name.startswith(".")])
    done = _render(tmp_path, assets, wire, "1.mp4", cache=cache)
    assert there >= 2
    assert done.made <= 240 - 15 * (there - 1)
    _render(tmp_path, assets, wire, "2.mp4")
    assert len(_hashes(tmp_path)) == 1
    assert {file.suffix for file in cache.iterdir()} == {".mp4", ".print", ".subject"}


def test_a_flash_and_a_click_are_where_they_belong(
    tmp_path: Path, assets: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Black turns white at 2.5 s, across a join too: in that frame; a click at 2.5 s is heard within a sample."""
    click = np.zeros((48_000 * 5, 2), np.float32)
    click[120_000] = 0.9

    def clicking(_draft: Draft, _seconds: float, _assets: dict[str, Path]) -> NDArray[np.float32]:
        return click

    monkeypatch.setattr("nightreel.studio.audio.soundtrack", clicking)
    _render(tmp_path, assets, _wire("kw", milliseconds=2_500), "1.mp4")
    with av.open(tmp_path / "1.mp4") as container:
        bright = [(frame.time, float(frame.to_ndarray()[:256].mean())) for frame in container.decode(video=0)]
    flashes = [after[0] for before, after in pairwise(bright) if after[1] - before[1] > 100]
    assert flashes == [pytest.approx(2.5)]
    assert [round((time or 0) * 30) for time, _ in bright] == list(range(150))
    with av.open(tmp_path / "1.mp4") as container:
        blocks = list(container.decode(audio=0))
    heard = np.concatenate([frame.to_ndarray()[0] for frame in blocks])
    assert blocks[0].pts == 0
    assert abs(int(np.argmax(np.abs(heard))) - 120_000) <= 1


def test_the_bytes_hang_on_nothing_that_lay_in_memory_before() -> None:
    """New memory is filled with another value each time: what was never written is not read, or it would show."""
    noise = np.random.default_rng(2).normal(128, 400, (480 + 60, 272 + 60)).astype(np.float32)
    soft = np.clip(cv2.GaussianBlur(noise, (0, 0), 4), 16, 235).astype(np.uint8)
    grey = np.full((240, 272), 128, np.uint8)
    frames = [np.concatenate([soft[step : step + 480, 2 * step : 2 * step + 272], grey]) for step in range(15)]
    hashes: set[str] = set()
    for value in range(1, 200, 30):
        with _memory_filled_with(value):
            piece = encode_picture(frames, (272, 480), 30, coding_of("high"))
        hashes.add(hashlib.sha256(piece).hexdigest())
    assert len(hashes) == 1


def test_pieces_with_and_without_b_frames_join(tmp_path: Path) -> None:
    """A piece that needs no B-frames, between two that have some: each frame is there, once, in its place."""
    noise = np.random.default_rng(1).integers(0, 255, (96 * 3 // 2, 128 + 30), np.uint8)
    panned = [np.ascontiguousarray(np.sort(noise, axis=1)[:, step : step + 128]) for step in range(30)]
    coding = coding_of("medium")
    pieces = [encode_picture(frames, (128, 96), 30, coding) for frames in (panned, panned[:1], panned)]
    sound = encode_sound(np.zeros((48_000 * 61 // 30, 2), np.float32))
    join(zip((0, 30, 31), pieces, strict=True), sound, 30, tmp_path / "1.mp4")
    with av.open(tmp_path / "1.mp4") as container:
        shown = [(frame.pts, PictureType(frame.pict_type).name) for frame in container.decode(video=0)]
    assert [pts for pts, _ in shown] == [512 * number for number in range(61)]
    assert ["B" in {kind for _, kind in part} for part in (shown[:30], shown[30:31], shown[31:])] == [
        True,
        False,
        True,
    ]


@pytest.mark.parametrize("quality", ["high", "medium", "low"])
def test_every_master_is_high_profile_in_bt709(tmp_path: Path, assets: dict[str, Path], quality: str) -> None:
    """H.264 High, tagged BT.709, key frames half a second apart, at most two B-frames in a row."""
    render(read_draft(_wire("ab")), assets, tmp_path / "1.mp4", quality=quality)
    with av.open(tmp_path / "1.mp4") as container:
        context = container.streams.video[0].codec_context
        assert (context.profile, context.pix_fmt) == ("High", "yuv420p")
        assert (context.color_primaries, context.color_trc, context.colorspace, context.color_range) == (1, 1, 1, 1)
        frames = list(container.decode(video=0))
    kinds = "".join(PictureType(frame.pict_type).name for frame in frames)
    assert [number for number, frame in enumerate(frames) if frame.key_frame] == [0, 15, 30, 45]
    assert "BBB" not in kinds
    data = (tmp_path / "1.mp4").read_bytes()
    assert b"elst" not in data
    assert data.index(b"moov") < data.index(b"mdat")


def test_two_renders_into_one_file_leave_one_of_their_videos(
    tmp_path: Path, assets: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second render that begins and ends while the first one writes its file disturbs neither."""
    _render(tmp_path, assets, _wire("ab"), "alone.mp4")
    calls: list[Path] = []

    def joined(pictures: Any, sound: bytes, fps: int, path: Path) -> None:  # noqa: ANN401 - as it is called
        calls.append(path)
        join(pictures, sound, fps, path)
        if len(calls) == 1:
            _render(tmp_path, assets, _wire("kw"), "1.mp4")

    monkeypatch.setattr("nightreel.studio.render.film.join", joined)
    _render(tmp_path, assets, _wire("ab"), "1.mp4")
    assert calls[0] != calls[1]
    assert len(_hashes(tmp_path)) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"photos", "alone.mp4", "1.mp4"}


def test_what_a_killed_render_left_is_swept_by_the_next_into_that_file(
    tmp_path: Path, assets: dict[str, Path]
) -> None:
    """Its part file goes, whatever letters are in the name; the folder is made if there is none."""
    out = tmp_path / "new" / "1[a].mp4"
    _render(out.parent, assets, _wire("k"), out.name)
    left, other = part_of(out), part_of(out.with_name("2.mp4"))
    for part in (left, other):
        part.write_bytes(b"half")
    _render(out.parent, assets, _wire("k"), out.name)
    assert {path.name for path in out.parent.iterdir()} == {out.name, other.name}


def test_a_full_disk_is_named_and_leaves_no_half_file(
    tmp_path: Path, assets: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No space for a segment, or for the video itself: the reason says so, and nothing is left under its name."""
    cache = tmp_path / "cache"

    def into_full(pictures: Any, sound: bytes, fps: int, _path: Path) -> None:  # noqa: ANN401 - as it is called
        join(pictures, sound, fps, Path("/dev/full"))

    monkeypatch.setattr("nightreel.studio.render.film.join", into_full)
    with pytest.raises(RenderError, match=r"1\.mp4: no space is left"):
        _render(tmp_path, assets, _wire("ab"), "1.mp4", cache=cache)
    monkeypatch.undo()

    def full(_to: Path, _data: bytes, *, lasting: bool) -> None:  # noqa: ARG001 - as it is called
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("nightreel.studio.render.cache.write_whole", full)
    with pytest.raises(RenderError, match=r"1\.mp4: no space is left"):
        _render(tmp_path, assets, _wire("kw"), "1.mp4", cache=cache)
    assert not list(tmp_path.glob("*1.mp4*"))
    assert not list(cache.glob(".*"))
