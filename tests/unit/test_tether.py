"""The tether: children that end with their parent, even a killed one, and say when they are ready."""

import asyncio
import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nightreel import tether

CHILD = """
import fcntl, pathlib, time
from nightreel import tether
alive = (pathlib.Path(__file__).parent / "alive").open("w")
fcntl.flock(alive, fcntl.LOCK_EX)  # held for as long as this process lives
tether.end_with_parent()
print("started", flush=True)
tether.say_ready("listening on 1234")
time.sleep(60)
"""

PARENT = """
import asyncio, sys, time
from pathlib import Path
from nightreel import tether
child = tether.start("tethered", [], log=Path(sys.argv[1]))
print(asyncio.run(child.ready()), flush=True)
time.sleep(60)
"""


@pytest.fixture
def child_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Write a module that is a tethered child, and make it importable."""
    (tmp_path / "tethered.py").write_text(CHILD)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *sys.path]))
    return "tethered"


async def test_a_child_says_when_it_is_ready_and_ends_when_released(child_module: str, tmp_path: Path) -> None:
    """The parent waits on a line of the child, not on a time; releasing the tether ends the child."""
    child = tether.start(child_module, [], log=tmp_path / "log")
    assert await child.ready() == "listening on 1234"
    child.release()
    assert child.process.returncode == 0
    assert child.last_words() == "started"


async def test_a_child_that_dies_early_is_told_by_an_empty_word(tmp_path: Path) -> None:
    """A child that ends before it is ready is noticed at once, and its last words are kept."""
    child = tether.start("no_such_module", [], log=tmp_path / "log")
    assert not await child.ready()
    assert "no_such_module" in child.last_words()
    child.release()


def test_a_child_ends_with_a_killed_parent(child_module: str, tmp_path: Path) -> None:
    """When the parent is killed, the pipe's end is the signal, and the child ends too."""
    assert child_module
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "log")], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline().strip() == "listening on 1234"
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    with (tmp_path / "alive").open() as held:
        asyncio.run(asyncio.wait_for(asyncio.to_thread(fcntl.flock, held, fcntl.LOCK_EX), timeout=60))
