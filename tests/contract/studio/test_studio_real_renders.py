"""Exports with the real renderer: with music of one's own, cancelled in the middle, and on a disk that is full."""
# pyright: reportUnknownMemberType=false

import io
import subprocess
import wave
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from nightreel.studio.render.share import Share

Studio = Callable[..., Any]
_RENDERER = "nightreel.studio.renderer"
_CORES = 8
_RATE = 48_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Generator[Callable[[], None]]:
    """Put the renderer's pieces on a disk of two pages; return what puts them back on a large one."""
    folder = tmp_path / "studio" / "segments"
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"a small disk can be mounted by root on Linux alone ({error})")
    mounted = [True]

    def away() -> None:
        if mounted.pop():
            mounted.append(False)
            subprocess.run(["umount", str(folder)], check=True)  # noqa: S607 - as the system has it

    yield away
    away()


def _made(folder: Path) -> int:
    return len([file for file in folder.glob("*.mp4") if not file.name.startswith(".")])


def _song(hertz: float) -> bytes:
    """Return three seconds of a tone, as a WAV file."""
    samples = (8_000 * np.sin(2 * np.pi * hertz * np.arange(3 * _RATE) / _RATE)).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as song:
        song.setnchannels(1)
        song.setsampwidth(2)
        song.setframerate(_RATE)
        song.writeframes(samples.tobytes())
    return file.getvalue()


def _heard(video: bytes) -> NDArray[np.float32]:
    """Return the left channel of a video's second second."""
    with av.open(io.BytesIO(video), "r") as container:
        blocks = [frame.to_ndarray()[0] for frame in container.decode(audio=0)]
    return np.concatenate(blocks)[_RATE : 2 * _RATE]


async def test_music_of_ones_own_is_heard_in_the_video(studio: Studio) -> None:
    """A song is uploaded with a photo and asked for in words: the exported file plays that song."""
    async with studio(render_module=_RENDERER) as api:
        session = await api.session(1)
        song = [("files", ("song.wav", _song(660), "audio/wav"))]
        assert (await api.call("POST", f"/api/upload-video/nemo_agent/me/{session}", files=song)).is_success
        await api.prompt(session, "3 seconds, square, with my music")

        async def scored() -> bool:
            return any(track["tt"] == 1 for track in (await api.draft(session))["t"])

        await api.until(scored)
        draft = await api.draft(session)
        draft["m"].update(width=144, height=144)
        await api.submit("render_1", session, draft)
        assert (await api.ended("render_1"))["status"] == "completed"
        heard = _heard((await api.call("GET", "/api/render/proxy/render_1/download")).content)
        assert np.argmax(np.abs(np.fft.rfft(heard))) == pytest.approx(660, abs=2)


async def test_a_cancelled_render_has_stopped_when_the_answer_comes(studio: Studio, tmp_path: Path) -> None:
    """Its process is gone, its cores are free, most of it was never made, and nothing is left of the video."""
    async with studio(render_module=_RENDERER) as api:
        session, draft = await api.made()
        await api.submit("render_1", session, draft)

        async def begun() -> bool:
            return (await api.poll("render_1"))["progress"] > 0

        await api.until(begun)
        segments = tmp_path / "studio" / "segments"
        with Share(segments, _CORES) as ours:
            assert ours.workers() == _CORES // 2
            cancelled = await api.call("POST", "/api/render/proxy/lambda/render_1/cancel")
            assert ours.workers() == _CORES
        assert cancelled.json()["data"]["error"] == "cancelled"
        assert _made(segments) < 15
        assert not list((tmp_path / "studio" / "videos").iterdir())


async def test_a_full_disk_fails_a_render_and_not_the_studio(
    studio: Studio, tmp_path: Path, small_disk: Callable[[], None]
) -> None:
    """The reason says what to do, no half video is there or served; with space again the same export succeeds."""
    async with studio(render_module=_RENDERER) as api:
        session, draft = await api.made()
        draft["m"].update(width=144, height=256)
        shots = draft["t"][0]["sg"][:2]
        draft |= {"d": 2_000, "t": [{"tt": 0, "sg": [{**shot, "d": 1_000, "s": 0} for shot in shots]}]}
        await api.submit("render_1", session, draft)
        ended = await api.ended("render_1")
        assert ended["status"] == "failed"
        assert "no space is left on the disk" in ended["error"]
        assert "nightreel clean" in ended["error"]
        assert (await api.call("GET", "/api/render/proxy/render_1/download")).status_code == 404
        assert not list((tmp_path / "studio" / "videos").iterdir())
        small_disk()
        await api.submit("render_2", session, draft)
        assert (await api.ended("render_2"))["status"] == "completed"
