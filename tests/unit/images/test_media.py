"""Clips and sound: known by content, read to their end, passed on as they are."""
# pyright: reportUnknownMemberType=false

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream

from nightreel.errors import PhotoChanged, PhotoRejected
from nightreel.images import Intake, check_file, normalise, probe
from nightreel.images.photos import Ready

_CLIPS = {
    "mp4": ("mp4", "h264", "aac"),
    "mov": ("mov", "h264", "aac"),
    "avi": ("avi", "mpeg4", "mp3"),
    "mkv": ("matroska", "h264", "aac"),
    "webm": ("webm", "libvpx", "libopus"),
}
_SOUNDS = {"mp3": ("mp3", "mp3"), "wav": ("wav", "pcm_s16le"), "m4a": ("ipod", "aac"), "aac": ("adts", "aac")}
_TYPES = {"mov": "video/quicktime", "avi": "video/x-msvideo", "mkv": "video/x-matroska", "mp3": "audio/mpeg"}


def _made(container: str, picture: str, sound: str) -> bytes:
    """Two seconds of a moving grey and of a tone."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as out:
        video = out.add_stream(picture, rate=10) if picture else None
        audio = out.add_stream(sound, rate=48_000, layout="stereo") if sound else None
        if isinstance(video, VideoStream):
            video.width, video.height, video.pix_fmt = 320, 240, "yuv420p"
            for index in range(20):
                frame = av.VideoFrame.from_ndarray(np.full((240, 320, 3), index * 10, np.uint8), format="rgb24")
                out.mux(video.encode(frame))
            out.mux(video.encode(None))
        if isinstance(audio, AudioStream):
            _tone(out, audio)
    return buffer.getvalue()


def _tone(out: OutputContainer, audio: AudioStream) -> None:
    tone = (np.sin(np.arange(96_000) / 20) * 8000).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(np.repeat(tone, 2)[None], format="s16", layout="stereo")
    frame.sample_rate, frame.time_base, frame.pts = 48_000, Fraction(1, 48_000), 0
    size = audio.codec_context.frame_size or 1024
    resampler = av.AudioResampler(audio.codec_context.format, "stereo", 48_000, size)
    for piece in (*resampler.resample(frame), *resampler.resample(None)):
        out.mux(audio.encode(piece))
    out.mux(audio.encode(None))


@pytest.mark.parametrize("kind", _CLIPS)
def test_a_clip_is_passed_on_as_it_is(tmp_path: Path, kind: str) -> None:
    """A clip's size, length and streams are told, and what is sent is its every byte."""
    file = tmp_path / f"clip.{kind}"
    file.write_bytes(_made(*_CLIPS[kind]))
    photo = probe(file, file.name)
    ready = normalise(photo, tmp_path / "cache")
    assert (photo.kind, photo.width, photo.height, photo.warnings) == (kind, 320, 240, ())
    assert photo.about.startswith(("2.0 s · ", "2.1 s · "))
    assert photo.about.endswith("48 kHz, stereo")
    assert ready.path.read_bytes() == file.read_bytes()
    assert ready.path.suffix == f".{kind}"
    assert (ready.sha256, ready.media_type) == (photo.sha256, _TYPES.get(kind, f"video/{kind}"))


@pytest.mark.parametrize("kind", _SOUNDS)
def test_sound_is_passed_on_as_it_is(tmp_path: Path, kind: str) -> None:
    """Sound has a length and a tone, and no size."""
    file = tmp_path / f"song.{kind}"
    container, codec = _SOUNDS[kind]
    file.write_bytes(_made(container, "", codec))
    photo = probe(file, file.name)
    assert (photo.kind, photo.width, photo.warnings) == (kind, 0, ())
    assert photo.about.startswith(("2.0 s · ", "2.1 s · "))
    ready = normalise(photo, tmp_path / "cache")
    assert ready == Ready(
        path=tmp_path / "cache" / f"{photo.sha256}.{kind}",
        sha256=photo.sha256,
        media_type=_TYPES.get(kind, {"m4a": "audio/mp4"}.get(kind, f"audio/{kind}")),
        width=0,
        height=0,
    )


def test_a_clip_that_is_cut_off_is_told(tmp_path: Path) -> None:
    """A clip whose end is missing says so, or is refused where nothing of it can be read."""
    whole = _made(*_CLIPS["mkv"])
    (tmp_path / "cut.mkv").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "cut.mp4").write_bytes(_made(*_CLIPS["mp4"])[:3000])
    assert any("cut off" in warning for warning in probe(tmp_path / "cut.mkv", "cut.mkv").warnings)
    with pytest.raises(PhotoRejected, match=r"cut\.mp4 is (cut off|damaged)"):
        probe(tmp_path / "cut.mp4", "cut.mp4")


def test_a_clip_without_a_picture_is_no_clip(tmp_path: Path) -> None:
    """An mp4 of nothing but sound, called a clip, has nothing to show."""
    (tmp_path / "sound.mp4").write_bytes(_made("mp4", "", "aac"))
    with pytest.raises(PhotoRejected, match="damaged"):
        probe(tmp_path / "sound.mp4", "sound.mp4")


def test_a_name_may_differ_within_a_family(tmp_path: Path) -> None:
    """What calls itself .mov and is MP4 inside is no surprise; what calls itself .mp3 is."""
    data = _made(*_CLIPS["mp4"])
    (tmp_path / "clip.mov").write_bytes(data)
    (tmp_path / "clip.mp3").write_bytes(data)
    assert check_file(tmp_path / "clip.mov").warnings == ()
    assert "MP4 by content" in check_file(tmp_path / "clip.mp3").warnings[0]


async def test_clips_go_through_the_intake(tmp_path: Path) -> None:
    """The intake remembers a clip like a photo, and notices when it is another one."""
    file = tmp_path / "clip.mp4"
    file.write_bytes(_made(*_CLIPS["mp4"]))
    async with Intake(tmp_path / "cache", at_once=1) as intake:
        first = await intake.probe(file, "clip.mp4")
        assert await intake.probe(file, "clip.mp4") == first
        assert intake.decoded == 1
        file.write_bytes(file.read_bytes() + b"\0" * 8)
        with pytest.raises(PhotoChanged, match="not the photo that was planned"):
            await intake.normalise(first)
