"""Exports with the real renderer: cancelled in the middle, and on a disk that is full."""

import subprocess
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from nightreel.studio.render.share import Share

Studio = Callable[..., Any]
_RENDERER = "nightreel.studio.renderer"
_CORES = 8


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
        draft["t"] = [{"tt": 0, "sg": [{**shot, "d": 1_000} for shot in draft["t"][0]["sg"][:2]]}]
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
