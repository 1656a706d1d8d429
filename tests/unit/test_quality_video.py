"""The checks of finished videos, on small MP4s that are made here."""
# pyright: reportUnknownMemberType=false
# PyAV's packets and streams are typed in part.

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream
from av.container import OutputContainer
from numpy.typing import NDArray
from PIL import Image

from nightreel.errors import VideoRejected
from nightreel.models import Check
from nightreel.quality import (
    USABLE,
    Wanted,
    contact_sheet,
    cover,
    inspect_video,
    length_of,
)

CANVAS = (144, 256)
GOOD = {"movflags": "+faststart+negative_cts_offsets", "use_editlist": "0"}

Pixels = NDArray[np.uint8]
Waves = NDArray[np.float32]


@cache
def moving(frame: int) -> Pixels:
    """Draw a soft pattern that pans."""
    y, x = np.mgrid[0 : CANVAS[1], 0 : CANVAS[0]]
    wave = 128 + 70 * np.sin((x + 2 * frame) / 9) * np.cos((y - frame) / 11)
    return np.repeat(wave[..., None], 3, axis=2).astype(np.uint8)


def frozen(_: int) -> Pixels:
    """Draw the same pattern every time."""
    return moving(0)


def black(_: int) -> Pixels:
    """Draw nothing."""
    return np.zeros((CANVAS[1], CANVAS[0], 3), np.uint8)


def late_freeze(frame: int) -> Pixels:
    """Draw a pattern that stops a third of the way."""
    return moving(min(frame, 30))


def blinking(frame: int) -> Pixels:
    """Draw a moving pattern with a dip to black of a fifth of a second."""
    return black(frame) if 30 <= frame < 36 else moving(frame)


def blackout(frame: int) -> Pixels:
    """Draw a moving pattern with a gap of more than a second."""
    return black(frame) if 30 <= frame < 70 else moving(frame)


def flickering(frame: int) -> Pixels:
    """Draw the pattern, and a white sheet over it for two frames, five times a second."""
    return np.full_like(moving(frame), 235) if 30 <= frame < 66 and frame % 6 < 2 else moving(frame)


def plain(wave: Waves) -> Waves:
    """Leave a sound, channels x samples, as it is."""
    return wave


def clipped(wave: Waves) -> Waves:
    """Drive a sound into the ceiling for a tenth of a second, and leave it no louder in all."""
    loud = np.zeros(wave.shape[1], np.bool_)
    for start in range(48_000, wave.shape[1], 96_000):
        loud[start : start + 4800] = True
    return np.where(loud, np.clip(wave * 9, -0.72, 0.72), wave * 0.6).astype(np.float32)


def shifted(wave: Waves) -> Waves:
    """Add a constant."""
    return (wave + 0.05).astype(np.float32)


def opposed(wave: Waves) -> Waves:
    """Turn one channel over: in mono, nothing is left."""
    return (wave * np.array([[1.0], [-0.85]])).astype(np.float32)


@dataclass(frozen=True)
class Recipe:
    """How a test's video is made."""

    draw: Callable[[int], Pixels] = moving
    frames: int = 90
    fps: int = 30
    size: tuple[int, int] = CANVAS
    profile: str = "high"
    pixel_format: str = "yuv420p"
    matrix: int = 1
    keyframes: int = 15
    tone: float | None = 0.22
    tone_seconds: float = 3.0
    shape: Callable[[Waves], Waves] = plain
    bits: tuple[tuple[str, str], ...] = ()
    rate: int = 48_000
    options: tuple[tuple[str, str], ...] = tuple(GOOD.items())


def make(path: Path, recipe: Recipe) -> Path:
    """Encode a video as *recipe* says."""
    with av.open(path, "w", format="mp4", options=dict(recipe.options)) as out:
        video = out.add_stream("libx264", rate=recipe.fps)
        video.width, video.height = recipe.size
        video.pix_fmt = recipe.pixel_format
        context = video.codec_context
        context.gop_size = recipe.keyframes
        context.color_primaries = context.color_trc = context.colorspace = recipe.matrix
        context.color_range = 1
        context.options = {"preset": "ultrafast", "profile": recipe.profile, "bf": "2", "sc_threshold": "0"}
        if recipe.profile == "high":  # the fastest preset uses no tool of the High profile
            context.options |= {"preset": "veryfast"}
        context.options |= dict(recipe.bits)
        audio = None if recipe.tone is None else out.add_stream("aac", rate=recipe.rate, layout="stereo")
        for number in range(recipe.frames):
            frame = av.VideoFrame.from_ndarray(recipe.draw(number), format="rgb24").reformat(
                *recipe.size, format=recipe.pixel_format, dst_colorspace="ITU709"
            )
            frame.pts, frame.time_base = number, Fraction(1, recipe.fps)
            frame.colorspace = recipe.matrix
            out.mux(video.encode(frame))
        out.mux(video.encode())
        if audio is not None:
            add_tone(out, audio, recipe)
    return path


def add_tone(out: OutputContainer, audio: AudioStream, recipe: Recipe) -> None:
    """Fill an AAC track with a tone of 220 Hz."""
    count = int(recipe.tone_seconds * recipe.rate)
    wave = (recipe.tone or 0.0) * np.sin(np.arange(count) * 2 * np.pi * 220 / recipe.rate)
    sound = recipe.shape(np.tile(wave, (2, 1)).astype(np.float32))
    for start in range(0, count, 1024):
        piece = sound[:, start : start + 1024].copy()
        frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = recipe.rate, start, Fraction(1, recipe.rate)
        out.mux(audio.encode(frame))
    out.mux(audio.encode())


def _wanted(seconds: float = 3.0, *, sound: bool = True, seconds_off: float = 0.25) -> Wanted:
    return Wanted(canvas=CANVAS, seconds=seconds, sound=sound, seconds_off=seconds_off)


def failed(checks: tuple[Check, ...]) -> set[str]:
    """Return the names of the checks that do not hold."""
    return {check.name for check in checks if not check.ok}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make one video that all platforms take."""
    return make(tmp_path_factory.mktemp("good") / "good.mp4", Recipe())


def test_a_good_video_passes_every_check(good: Path) -> None:
    """A video made by the house's recipe holds in everything, and each check says what it found."""
    checks = inspect_video(good, _wanted(3.0, sound=True))
    assert failed(checks) == set()
    assert len({check.name for check in checks}) == len(checks) >= 25
    assert all(check.found and check.wanted for check in checks)
    assert {check.name for check in checks} >= USABLE


@pytest.mark.parametrize(
    ("recipe", "caught"),
    [
        (Recipe(draw=black), {"not black", "moving"}),
        (Recipe(draw=blackout), {"not black"}),
        (Recipe(draw=frozen), {"moving"}),
        (Recipe(draw=late_freeze), {"moving"}),
        (Recipe(tone=0.0), {"not silent"}),
        (Recipe(tone=None), {"audio"}),
        (Recipe(tone_seconds=1.0), {"in sync"}),
        (Recipe(rate=44_100), {"audio codec"}),
        (Recipe(size=(256, 144)), {"size"}),
        (Recipe(tone=0.05), {"loudness"}),
        (Recipe(tone=0.9), {"loudness", "true peak"}),
        (Recipe(shape=clipped), {"clipping"}),
        (Recipe(shape=shifted), {"offset"}),
        (Recipe(shape=opposed), {"mono"}),
        (Recipe(tone_seconds=4.0), {"in sync"}),
        (Recipe(draw=flickering), {"flashing"}),
        (Recipe(keyframes=60), {"keyframes"}),
        (Recipe(bits=(("x264-params", "open-gop=1:bframes=2:b-adapt=0:scenecut=0"),)), {"closed GOP"}),
        (Recipe(bits=(("bf", "5"), ("x264-params", "b-adapt=0:scenecut=0:b-pyramid=none"))), {"B-frames"}),
        (Recipe(bits=(("x264-params", "level=52:scenecut=0"),)), {"level"}),
        (Recipe(frames=75, tone_seconds=2.5), {"duration"}),
        (Recipe(frames=75, fps=25), {"frame rate"}),
        (Recipe(profile="baseline"), {"video codec"}),
        (Recipe(pixel_format="yuv444p", profile="high444"), {"video codec", "pixel format"}),
        (Recipe(matrix=6), {"colour tags"}),
        (Recipe(options=(("movflags", "+negative_cts_offsets"), ("use_editlist", "0"))), {"moov first"}),
        (Recipe(options=(("movflags", "+faststart"),)), {"edit list"}),
        (Recipe(options=(*GOOD.items(), ("brand", "qt  "))), {"brand"}),
        (Recipe(options=(("movflags", "+frag_keyframe+empty_moov+default_base_moof"),)), {"moov first", "start"}),
    ],
)
def test_each_fault_is_caught_by_its_own_check(tmp_path: Path, recipe: Recipe, caught: set[str]) -> None:
    """A video with one fault fails the check for it, and no other."""
    checks = inspect_video(make(tmp_path / "a.mp4", recipe), _wanted(3.0, sound=True))
    assert failed(checks) == caught


@pytest.mark.parametrize("recipe", [Recipe(draw=blinking), Recipe(tone=None), Recipe(tone=0.0)])
def test_what_is_meant_to_be_is_no_fault(tmp_path: Path, recipe: Recipe) -> None:
    """A short dip to black, and no music where none was asked for are all fine."""
    assert failed(inspect_video(make(tmp_path / "a.mp4", recipe), _wanted(3.0, sound=False))) == set()


def test_the_duration_may_differ_as_it_is_said(tmp_path: Path) -> None:
    """What is too much for our own engine passes where the caller allows more; the length is the file's."""
    video = make(tmp_path / "a.mp4", Recipe(frames=78, tone_seconds=2.6))
    assert length_of(video) == pytest.approx(2.6, abs=0.01)
    assert failed(inspect_video(video, _wanted(3.0, sound=True))) == {"duration"}
    assert failed(inspect_video(video, _wanted(3.0, sound=True, seconds_off=0.5))) == set()
    assert failed(inspect_video(video, _wanted(3.2, sound=True, seconds_off=0.5))) == {"duration"}


def test_the_checks_that_decide_on_use_catch_what_a_person_sees(tmp_path: Path) -> None:
    """Each of them fails for a video that nobody could use, and none for how it is encoded and packed."""
    useless = (
        Recipe(draw=black, tone=None, size=(256, 144), frames=20),
        Recipe(draw=blackout, tone=0.0),
    )
    caught = [failed(inspect_video(make(tmp_path / "a.mp4", recipe), _wanted(3.0, sound=True))) for recipe in useless]
    (tmp_path / "a.mp4").write_bytes(b"an error page")
    caught.append(failed(inspect_video(tmp_path / "a.mp4", _wanted(3.0, sound=True))))
    assert set().union(*caught) >= USABLE
    odd = Recipe(
        frames=75, fps=25, profile="baseline", matrix=6, rate=44_100, tone_seconds=1.5, options=(("brand", "qt  "),)
    )
    found = failed(inspect_video(make(tmp_path / "b.mp4", odd), _wanted(3.0, sound=True)))
    assert len(found) >= 6
    assert not found & USABLE


def test_a_file_without_video_has_no_length(tmp_path: Path) -> None:
    """It is refused, as an error of ours that names the file."""
    (tmp_path / "a.mp4").write_bytes(b"an error page")
    with pytest.raises(VideoRejected, match=r"a\.mp4"):
        length_of(tmp_path / "a.mp4")


def test_rare_keyframes_hide_no_frozen_picture(tmp_path: Path) -> None:
    """Where keyframes are far apart all frames are decoded, so that a picture that stands still is still seen."""
    video = make(tmp_path / "a.mp4", Recipe(draw=frozen, keyframes=250))
    assert failed(inspect_video(video, _wanted(3.0, sound=True))) == {"moving", "keyframes"}


@pytest.mark.parametrize(
    "content", [b"", b"<html>502 Bad Gateway</html>", b"\x00\x00\x00\x08ftyp" * 9, b"\xff" * 4096]
)
def test_what_is_no_video_fails_the_check_of_the_file(tmp_path: Path, content: bytes) -> None:
    """An empty file, an error page or noise is told as such, and raises nothing."""
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    assert failed(inspect_video(path, _wanted(3.0, sound=True))) == {"file"}


@pytest.mark.parametrize("share", [0.02, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_off_is_caught(tmp_path: Path, good: Path, share: float) -> None:
    """A download that ended early fails, wherever it ended, and the check names the byte or the box."""
    path = tmp_path / "a.mp4"
    path.write_bytes(good.read_bytes()[: int(good.stat().st_size * share)])
    (check,) = inspect_video(path, _wanted(3.0, sound=True))
    assert not check.ok
    assert "byte" in check.found or "moov" in check.found


def test_a_missing_file_fails_without_naming_folders(tmp_path: Path) -> None:
    """The check says that the file is not there, and shows no path of the machine."""
    (check,) = inspect_video(tmp_path / "a.mp4", _wanted(3.0, sound=True))
    assert not check.ok
    assert str(tmp_path) not in check.found


def coloured(frame: int) -> Pixels:
    """Draw an orange field that is crisp from frame 40 on: as if the title came in then."""
    picture = np.empty((CANVAS[1], CANVAS[0], 3), np.uint8)
    picture[:] = (230, 90, 20)
    if frame >= 40:
        picture[100:150, 20:120:4] = 255
    picture[frame % 200, :20] = 0
    return picture


def test_the_cover_is_a_sharp_frame_in_the_right_colours(tmp_path: Path) -> None:
    """The cover shows the title, at full size, in BT.709's colours, and nothing but it is left in the folder."""
    video = make(tmp_path / "a.mp4", Recipe(draw=coloured))
    to = cover(video, tmp_path / "new" / "a.jpg")
    with Image.open(to) as picture:
        assert (picture.format, picture.size) == ("JPEG", CANVAS)
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    assert np.abs(pixels[200:, 60:].mean(axis=(0, 1)) - (230, 90, 20)).max() < 6
    assert pixels[100:150, 20:120].std() > 30
    assert [path.name for path in to.parent.iterdir()] == ["a.jpg"]


def test_no_cover_is_made_of_a_broken_file(tmp_path: Path, good: Path) -> None:
    """A file that cannot be read raises VideoRejected, and leaves no picture behind."""
    (tmp_path / "a.mp4").write_bytes(good.read_bytes()[:400])
    with pytest.raises(VideoRejected, match=r"a\.mp4"):
        cover(tmp_path / "a.mp4", tmp_path / "a.jpg")
    assert not (tmp_path / "a.jpg").exists()


def brighter(frame: int) -> Pixels:
    """Draw one grey, brighter from frame to frame."""
    return np.full((CANVAS[1], CANVAS[0], 3), 2 * frame, np.uint8)


def test_a_contact_sheet_has_a_picture_a_second(tmp_path: Path) -> None:
    """Three and a half seconds make three pictures, each from the middle of its second, in one row."""
    video = make(tmp_path / "a.mp4", Recipe(draw=brighter, frames=100, tone=None))
    sheet = np.asarray(Image.open(contact_sheet(video, tmp_path / "a.sheet.png", height=64)))
    assert sheet.shape == (76, 3 * 36 + 4 * 6, 3)
    middles = [int(sheet[38, 6 + 42 * number + 18, 0]) for number in range(3)]
    assert middles == pytest.approx([30, 90, 150], abs=4)


def test_what_is_no_video_has_no_contact_sheet(tmp_path: Path) -> None:
    """A broken file is named, and no sheet is left."""
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video")
    with pytest.raises(VideoRejected, match=r"broken\.mp4"):
        contact_sheet(broken, tmp_path / "a.png")
    assert not (tmp_path / "a.png").exists()
