"""Bad input: a clear message, the right exit code, and nothing charged."""

import os
import socket
import subprocess
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

User = Any

NOWHERE = "http://127.0.0.1:9/api"
"""A Prefect API that no test reaches: what is wrong is seen before it is asked for."""

MEGABYTE = 1024 * 1024


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["nowhere"], "There is no folder or feed", id="a missing folder"),
        pytest.param(["void"], "is empty", id="an empty folder"),
        pytest.param(["catalog", "--format", "3x4"], "'3x4' is not one of '9x16'", id="an unknown format"),
        pytest.param(["catalog", "--only", "MGU"], "There is no product MGU", id="an unknown product"),
        pytest.param(["catalog"], "PREFECT_API_URL names does not answer", id="no Prefect"),
    ],
)
def test_a_wrong_command_is_refused_before_anything_is_sent(user: User, arguments: list[str], said: str) -> None:
    """The message names what is wrong, the exit code is 2, there is no traceback, and nothing was bought."""
    user.product("MUG")
    (user.folder / "void").mkdir()
    done = user.do("run", *arguments, "--out", user.out, PREFECT_API_URL=NOWHERE)
    assert done.code == 2, done
    assert said in done.err
    assert "Traceback" not in done.err
    assert not user.out.exists()
    assert user.rows("SELECT * FROM purchase") == []


def test_a_photo_that_is_none_or_too_large_costs_its_product_alone(user: User, prefect_api: str) -> None:
    """Both products are skipped with a reason that names the photo, the third is made; exit code 1, one charge."""
    user.product("MUG")
    (user.product("LETTER") / "0.jpg").write_text("Dear Sir or Madam", encoding="utf-8")
    with (user.product("POSTER") / "1.png").open("ab") as file:
        file.truncate(201 * MEGABYTE)
    done = user.run(PREFECT_API_URL=prefect_api)
    assert done.code == 1, done
    told = {clip["product"]: (clip["status"], clip["reason"]) for clip in user.report()["clips"]}
    assert told["MUG"] == ("made", "")
    assert told["LETTER"][0] == told["POSTER"][0] == "skipped"
    assert "LETTER/0.jpg" in told["LETTER"][1]
    assert "POSTER/1.png" in told["POSTER"][1]
    assert "200" in told["POSTER"][1]
    assert all(reason in done.out for _, reason in told.values())
    assert user.video("MUG").is_file()
    user.books().once_each(1)


def test_a_budget_that_is_too_small_is_kept_and_more_of_it_goes_on(user: User, prefect_api: str) -> None:
    """Budget for one of two: one is made and kept, exit code 3; with more the other follows, each paid once."""
    user.product("MUG")
    user.product("LAMP")
    user.environment["PREFECT_API_URL"] = prefect_api
    done = user.run("--budget", "150")
    assert done.code == 3, done
    assert sorted(clip["status"] for clip in user.report()["clips"]) == ["made", "skipped"]
    assert "budget" in done.out
    assert len(list(user.out.rglob("*.mp4"))) == 1
    user.books().once_each(1)
    done = user.run("--budget", "100")
    assert done.code == 0, done
    assert sorted(clip["status"] for clip in user.report()["clips"]) == ["made", "unchanged"]
    user.books().once_each(2)


def test_a_taken_port_is_named(user: User) -> None:
    """`nightreel studio` on a port in use ends with exit code 2, and names the port and a way out."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = user.do("studio", "--port", port)
    assert done.code == 2, done
    assert port in done.err
    assert "--port" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("full", ["out", "home"])
def test_a_full_disk_is_noticed_before_anything_is_bought(user: User, prefect_api: str, full: str) -> None:
    """With no space for videos, or for what is kept of them, the run says so and buys nothing."""
    user.product("MUG")
    disk = user.folder / full
    disk.mkdir(exist_ok=True)
    variables = {"NIGHTREEL_HOME": str(disk / "new")} if full == "home" else {}
    with _disk(disk, "size=32m"):
        done = user.run(PREFECT_API_URL=prefect_api, **variables)
        assert done.code == 1, done
        assert "MB left" in done.err + done.out
        assert "Traceback" not in done.err
        assert user.rows("SELECT * FROM purchase") == []
        assert not list((disk / "new").glob("masters/*"))


@pytest.mark.parametrize("kind", ["a file", "read-only"])
def test_an_output_folder_that_cannot_be_written_is_noticed_before_anything_is_bought(
    user: User, prefect_api: str, kind: str
) -> None:
    """The message names the folder, the exit code is 2, and nothing is charged."""
    user.product("MUG")
    with ExitStack() as stack:
        if kind == "a file":
            user.out.write_text("a file", encoding="utf-8")
        else:
            user.out.mkdir(mode=0o500)
            if os.access(user.out, os.W_OK):  # root may write anywhere but there
                stack.enter_context(_disk(user.out, "ro"))
        done = user.run(PREFECT_API_URL=prefect_api)
    assert done.code == 2, done
    assert f"{user.out} cannot be written to" in done.err
    assert "Traceback" not in done.err
    assert user.rows("SELECT * FROM purchase") == []


@contextmanager
def _disk(folder: Path, options: str) -> Generator[None]:
    """Mount a small file system."""
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("only root can mount a disk of its own")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)  # noqa: S607 - where it is differs
