"""A video as each platform takes it, on real files."""
# pyright: reportUnknownMemberType=false
# PyAV's packets and streams are typed in part.

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from nightreel import quality
from nightreel.delivery import made_for
from nightreel.models import Clip, Format, Platform

SIZE = (144, 256)
PACKED = {"movflags": "+faststart+negative_cts_offsets", "use_editlist": "0"}


def a_video(path: Path, *, tone: float = 0.22, packed: bool = True) -> Path:
    """Encode three seconds of a pattern that pans, and a tone; *packed* as all platforms take it."""
    with av.open(path, "w", format="mp4", options=PACKED if packed else {}) as out:
        video, audio = out.add_stream("libx264", rate=30), out.add_stream("aac", rate=48_000, layout="stereo")
        video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
        context = video.codec_context
        context.gop_size = 15
        context.color_primaries = context.color_trc = context.colorspace = context.color_range = 1
        context.options = {"preset": "veryfast", "profile": "high", "bf": "2", "sc_threshold": "0"}
        y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
        for number in range(90):
            wave = 128 + 70 * np.sin((x + 2 * number) / 9) * np.cos((y - number) / 11)
            frame = av.VideoFrame.from_ndarray(np.repeat(wave[..., None], 3, axis=2).astype(np.uint8))
            frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709")
            frame.pts, frame.time_base, frame.colorspace = number, Fraction(1, 30), 1
            out.mux(video.encode(frame))
        out.mux(video.encode())
        sound = tone * np.sin(np.arange(3 * 48_000) * 2 * np.pi * 220 / 48_000)
        for start in range(0, sound.size, 1024):
            piece = np.tile(sound[start : start + 1024], (2, 1)).astype(np.float32)
            heard = av.AudioFrame.from_ndarray(piece, format="fltp", layout="stereo")
            heard.sample_rate, heard.pts, heard.time_base = 48_000, start, Fraction(1, 48_000)
            out.mux(audio.encode(heard))
        out.mux(audio.encode())
    return path


def a_clip(*platforms: Platform, post: str = "Clay mug") -> Clip:
    """Return a clip for *platforms*."""
    return Clip(product="mug", format=Format.VERTICAL, photos=(), prompt="A video.", platforms=platforms, post=post)


@pytest.fixture
def lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small picture's rate is below what TikTok takes: that check is left out."""
    known = quality.presets()
    limits = {name: limit for name, limit in known["tiktok"].limits.items() if name != "bit rate"}
    monkeypatch.setitem(known, "tiktok", known["tiktok"].model_copy(update={"limits": limits}))


@pytest.mark.usefixtures("lenient")
def test_the_master_is_the_platforms_file_where_it_passes(tmp_path: Path) -> None:
    """No second file is written, and none of an earlier delivery stays."""
    video = a_video(tmp_path / "mug_9x16.mp4")
    (tmp_path / "mug_9x16_reels.mp4").write_bytes(b"of yesterday")
    tiktok, stories = made_for(a_clip(Platform.TIKTOK, Platform.STORIES), video)
    assert (tiktok.ok, tiktok.file, tiktok.how) == (True, "mug_9x16.mp4", "as it is")
    assert (stories.ok, stories.sha256) == (True, tiktok.sha256)
    assert [path.name for path in tmp_path.iterdir()] == ["mug_9x16.mp4"]


def test_what_can_be_mended_is_and_the_master_stays(tmp_path: Path) -> None:
    """A file that is too quiet and packed wrongly gets a copy that passes, beside it."""
    video = a_video(tmp_path / "mug_9x16.mp4", tone=0.05, packed=False)
    before = video.read_bytes()
    (reels,) = made_for(a_clip(Platform.REELS), video)
    assert (reels.ok, reels.file) == (True, "mug_9x16_reels.mp4")
    assert reels.how == "packed anew and made as loud as it should be"
    assert all(check.ok for check in quality.inspect_video(tmp_path / reels.file, by=quality.preset("reels")))
    assert video.read_bytes() == before


def test_what_cannot_be_mended_says_why(tmp_path: Path) -> None:
    """Three seconds are too short for Merchant: no file, and the check with what it found and wanted."""
    video = a_video(tmp_path / "mug_9x16.mp4")
    (merchant,) = made_for(a_clip(Platform.MERCHANT), video)
    assert (merchant.ok, merchant.file) == (False, "")
    assert [(check.name, check.found) for check in merchant.checks] == [("duration", "3.00 s")]


def test_a_text_that_is_too_long_for_a_platform_is_told(tmp_path: Path) -> None:
    """The platform's rendition says what had to be left out."""
    video = a_video(tmp_path / "mug_9x16.mp4")
    (shorts,) = made_for(a_clip(Platform.SHORTS, post="A long story about a mug. " * 9), video)
    assert "100 characters" in shorts.post


def test_every_platform_takes_a_placeholder(tmp_path: Path) -> None:
    """In a rehearsal nothing is looked at."""
    (tmp_path / "mug_9x16.mp4").write_bytes(b"a placeholder")
    (merchant,) = made_for(a_clip(Platform.MERCHANT), tmp_path / "mug_9x16.mp4", rehearsed=True)
    assert merchant.ok
