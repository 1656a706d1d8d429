"""A rehearsing studio: the service's time, placeholders, and a process that goes on where it was."""

import json
import os
import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from nightreel.clock import ManualClock
from nightreel.quality import Wanted, inspect_video
from nightreel.studio import server
from nightreel.studio.keeper import StudioKeeper, running
from nightreel.studio.rehearsal import open_clock

Studio = Callable[..., Any]


async def test_it_takes_as_long_as_the_service(studio: Studio) -> None:
    """A timeline, an edit, words and an export take the seconds that the service takes, on the studio's clock."""
    clock = ManualClock()
    async with studio(rehearse=True, clock=clock) as api:
        session, draft = await api.made()
        assert 100 <= clock.monotonic() <= 340
        for text, low, high in (("make it 12 seconds", 10, 70), ("hello there", 5, 55)):
            began = clock.monotonic()
            await api.prompt(session, text)
            assert low <= clock.monotonic() - began <= high, text
        began = clock.monotonic()
        await api.submit("render_1", session, draft)
        assert (await api.ended("render_1"))["status"] == "completed"
        assert 30 <= clock.monotonic() - began <= 130


async def test_an_export_is_a_placeholder_of_the_timeline(studio: Studio, tmp_path: Path, started: Path) -> None:
    """It has the timeline's size, length and sound, passes the strict checks, and no renderer was started."""
    async with studio(rehearse=True, clock=ManualClock()) as api:
        session, draft = await api.made()
        await api.submit("render_1", session, draft)
        done = await api.ended("render_1")
        video = tmp_path / "a.mp4"
        video.write_bytes((await api.http.get(done["outputUrl"])).content)
    size = (draft["m"]["width"], draft["m"]["height"])
    checks = inspect_video(video, Wanted(canvas=size, seconds=10, sound=True))
    assert [check for check in checks if not check.ok] == []
    assert not list(started.iterdir())


async def test_many_exports_are_at_work_at_once(studio: Studio) -> None:
    """As at a service: they only wait, so the cores of this machine are no limit."""
    async with studio(rehearse=True) as api:
        options = api.http._transport.app.state.studio.options
        assert options.render_slots == 64


async def test_a_killed_rehearsal_is_taken_over(tmp_path: Path, api: type[Any]) -> None:
    """After kill -9 in the middle of an export the keeper's next studio finishes it, at the same rate, paid once."""
    data = tmp_path / "studio"
    clock = open_clock(data, 1000)
    keeper = StudioKeeper(data, clock, options=["--rehearse"])

    @asynccontextmanager
    async def reached() -> AsyncGenerator[Any, None]:
        async with httpx.AsyncClient(base_url=await keeper.origin(), timeout=60) as http:
            yield api(http, (data / "token").read_text("ascii"))

    async def gone() -> bool:
        return running(data) is None

    try:
        async with reached() as it:
            session, draft = await it.made()
            await it.submit("render_1", session, draft)
            os.kill(json.loads((data / "endpoint.json").read_bytes())["pid"], signal.SIGKILL)
            await it.until(gone)
        async with reached() as it:
            assert (await it.ended("render_1"))["status"] == "completed"
            assert len((await it.call("GET", "/studio/bill")).json()) == 1
    finally:
        await keeper.close()
    assert "rehearses, 1000 times as fast" in (data / "studio.log").read_text("utf-8")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--rate", "60"], "--rate goes with --rehearse"),
        (["--rehearse", "--rate", "0"], "a rate is over 0"),
        (["--rehearse", "--rate", "99999"], "at most 3600"),
        (["--only-fault", "silence"], "go with --faults SEED"),
        (["--faults", "7", "--no-fault", "rain"], "invalid choice"),
        (["--faults", "7", "--fault-share", "2"], "a share is 0 to 1"),
    ],
    ids=str,
)
def test_options_that_make_no_sense_are_refused(
    tmp_path: Path, wrong: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command line says what goes with what; nothing is begun."""
    with pytest.raises(SystemExit) as ended:
        server.main(["--data", str(tmp_path / "studio"), *wrong])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "studio").exists()


def test_a_folder_that_cannot_be_kept_in_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever stands in the way of the data folder, the studio ends with 2 and says which folder it is."""
    (tmp_path / "file").touch()
    assert server.main(["--data", str(tmp_path / "file" / "studio"), "--rehearse"]) == 2
    assert str(tmp_path / "file" / "studio") in capsys.readouterr().err


def test_a_rehearsals_folder_is_not_rendered_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A plain studio on a rehearsal's data ends with 2 and says why."""
    open_clock(tmp_path)
    assert server.main(["--data", str(tmp_path)]) == 2
    assert "is a rehearsal's" in capsys.readouterr().err
