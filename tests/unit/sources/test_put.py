"""Results are put into a bucket whole, once, and go on where a put was stopped: against a real S3 server."""

import contextlib
import os
import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from nightreel.errors import ConfigurationError, InputError, SourceError
from nightreel.settings import Settings, load_settings
from nightreel.sources import Outbox, put
from tests.unit.sources.conftest import NAME, App, Server, busy, forbidden

TARGET = f"s3://{NAME}/videos"


def outputs(folder: Path, count: int = 3, size: int = 5000) -> dict[str, Path]:
    """Write files as they stand in an output folder; return them by key."""
    found: dict[str, Path] = {}
    for number in range(count):
        path = folder / f"mug{number}" / f"mug{number}_9x16.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes([number]) * size)
        found[f"mug{number}/{path.name}"] = path
    return found


def puts(s3: Server) -> list[str]:
    """Return what was sent to be kept."""
    return [path for method, path in s3.asked if method in {"PUT", "POST"}]


def test_under_the_same_names_and_once(s3: Server, settings: Settings, tmp_path: Path) -> None:
    """Files stand in the bucket as in the folder, with their type; again, copied or touched, none is sent."""
    files = outputs(tmp_path)
    assert Outbox(TARGET, settings).put(files) == 3
    assert s3.keys() == {f"videos/{key}" for key in files}
    assert s3.read("videos/mug1/mug1_9x16.mp4") == bytes([1]) * 5000
    assert s3.backend.get_object(NAME, "videos/mug1/mug1_9x16.mp4").metadata["content-type"] == "video/mp4"
    s3.asked.clear()
    os.utime(files["mug0/mug0_9x16.mp4"], (1, 1))
    assert Outbox(TARGET, settings).put(files) == 0
    assert not puts(s3)


def _unquoted(inner: App, environ: dict[str, Any], start: Any) -> Iterable[bytes]:  # noqa: ANN401 - as in WSGI
    """Answer a listing as Azure does: ETags without their quotes."""
    whole = b"".join(inner(environ, start))
    return [re.sub(rb"<ETag>.*?</ETag>", lambda found: found[0].translate(None, b'"').ljust(len(found[0])), whole)]


def test_an_etag_is_the_same_with_quotes_and_without(s3: Server, settings: Settings, tmp_path: Path) -> None:
    """A bucket whose listing leaves out the quotes that its answers have is put nothing twice."""
    files = outputs(tmp_path)
    Outbox(TARGET, settings).put(files)
    s3.when, s3.faults = lambda _, path: "list-type" in path, [_unquoted]
    assert Outbox(TARGET, settings).put(files) == 0
    assert not s3.faults


def test_what_changed_on_either_side_is_put_again(s3: Server, settings: Settings, tmp_path: Path) -> None:
    """Another content here, or another object there, or none: that one is put, and no other."""
    files = outputs(tmp_path, 4)
    Outbox(TARGET, settings).put(files)
    files["mug0/mug0_9x16.mp4"].write_bytes(b"another")
    s3.fill({"videos/mug1/mug1_9x16.mp4": b"somebody else's"})
    s3.backend.delete_object(NAME, "videos/mug2/mug2_9x16.mp4")
    s3.asked.clear()
    assert Outbox(TARGET, settings).put(files) == 3
    assert len(puts(s3)) == 3
    assert all(s3.read(f"videos/{key}") == path.read_bytes() for key, path in files.items())


def test_what_is_taken_back_is_gone_and_nothing_else(s3: Server, settings: Settings, tmp_path: Path) -> None:
    """Of the names that a video may have, those that are there are removed; again, nothing is."""
    files = outputs(tmp_path)
    outbox = Outbox(TARGET, settings)
    outbox.put(files)
    keys = ["mug1/mug1_9x16.mp4", "mug1/mug1_9x16.srt"]
    s3.asked.clear()
    assert [outbox.take_back(keys), outbox.take_back(keys)] == [1, 0]
    listed = [path for _, path in s3.asked if "list-type" in path]
    assert all("prefix=videos%2Fmug1" in path for path in listed), "one product's files: its folder alone is listed"
    assert len(listed) == 2
    assert s3.keys() == {"videos/mug0/mug0_9x16.mp4", "videos/mug2/mug2_9x16.mp4"}
    assert outbox.put(files) == 1


def test_what_another_machine_has_put_is_fetched_once(s3: Server, settings: Settings, tmp_path: Path) -> None:
    """What is there of the names that are asked for, whole; again nothing, and it counts as put by us."""
    files = outputs(tmp_path / "there")
    Outbox(TARGET, load_settings(home=tmp_path / "other")).put(files, look=False)
    assert not [path for method, path in s3.asked if method == "GET"], "it was to be put without a look"
    places = {key: tmp_path / "here" / key for key in (*files, "mug9/mug9_9x16.mp4")}
    outbox = Outbox(TARGET, settings)
    assert [outbox.fetch(places), outbox.fetch(places)] == [3, 0]
    assert {key: path.read_bytes() for key, path in places.items() if path.exists()} == {
        key: path.read_bytes() for key, path in files.items()
    }
    assert {path.stat().st_mode for path in places.values() if path.exists()} == {
        path.stat().st_mode for path in files.values()
    }, "whoever may read what is delivered may read this"
    assert outbox.put({key: places[key] for key in files}) == 0
    s3.fill({"videos/mug1/mug1_9x16.mp4": b"made again"})
    places["mug2/mug2_9x16.mp4"].unlink()
    assert outbox.fetch(places) == 2
    assert places["mug1/mug1_9x16.mp4"].read_bytes() == b"made again"


def test_a_fetch_that_fails_goes_on_later(s3: Server, settings: Settings, tmp_path: Path) -> None:
    """What may not be read is named; what came before stays, and the next fetch asks for the rest alone."""
    files = outputs(tmp_path / "there", 6)
    Outbox(TARGET, load_settings(home=tmp_path / "other")).put(files)
    s3.when = lambda method, path: method == "GET" and "mug4" in path
    s3.faults += [forbidden]
    places = {key: tmp_path / "here" / key for key in files}
    with pytest.raises(InputError, match=r"mug4/mug4_9x16\.mp4") as caught:
        Outbox(TARGET, settings).fetch(places)
    assert "canary" not in str(caught.value)
    assert 1 <= Outbox(TARGET, settings).fetch(places) < 6
    assert all(path.read_bytes() == files[key].read_bytes() for key, path in places.items())


def test_a_refused_put_goes_on_later(s3: Server, settings: Settings, tmp_path: Path) -> None:
    """What the bucket refuses is named, without secrets; the next put sends what is missing alone."""
    files = outputs(tmp_path, 6)
    s3.when = lambda method, path: method == "PUT" and "mug4" in path
    s3.faults += [forbidden]
    with pytest.raises(SourceError, match=r"mug4_9x16\.mp4 could not be put: .* may not be used") as caught:
        Outbox(TARGET, settings).put(files)
    assert "canary" not in str(caught.value)
    assert caught.value.hint.endswith("The same command puts the rest.")
    assert len(s3.keys()) >= 4
    sent = set(s3.keys())
    s3.asked.clear()
    assert Outbox(TARGET, settings).put(files) == len(puts(s3)) <= 6 - len(sent) + 1
    assert len(s3.keys()) == 6


def test_a_killed_put_goes_on(s3: Server, settings: Settings, tmp_path: Path) -> None:
    """What was put before the kill is not put again."""
    files = outputs(tmp_path, 6)
    reached, over = threading.Event(), threading.Event()

    def held(inner: Any, environ: dict[str, Any], start: Any) -> Iterable[bytes]:  # noqa: ANN401 - as WSGI has it
        reached.set()
        over.wait(60)
        return busy(inner, environ, start)

    s3.when = lambda method, path: method == "PUT" and "mug5" in path
    s3.faults.append(held)
    script = "import sys; from tests.unit.sources.test_put import putting; putting(sys.argv[1])"
    process = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], cwd=Path(__file__).parents[3])
    try:
        assert reached.wait(60)
        while remembered(settings) < 5:
            assert process.poll() is None
            over.wait(0.02)
    finally:
        process.kill()
        process.wait()
        over.set()
    assert Outbox(TARGET, settings).put(files) == 1
    assert all(s3.read(f"videos/{key}") == path.read_bytes() for key, path in files.items())


def putting(folder: str) -> None:
    """Put the outputs in *folder*, as a process of its own."""
    Outbox(TARGET, load_settings()).put(outputs(Path(folder), 6))


def remembered(settings: Settings) -> int:
    """Return how many files are known to have been put."""
    with (
        contextlib.suppress(sqlite3.OperationalError),
        contextlib.closing(sqlite3.connect(settings.put_memory)) as db,
    ):
        return int(db.execute("SELECT count(*) FROM put").fetchone()[0])
    return 0


def test_without_its_memory_everything_is_put_again(s3: Server, settings: Settings, tmp_path: Path) -> None:
    """A memory that is broken costs a second put, and nothing else."""
    files = outputs(tmp_path)
    Outbox(TARGET, settings).put(files)
    settings.put_memory.write_bytes(b"no database at all, whatever it was")
    assert Outbox(TARGET, settings).put(files) == 3
    assert len(s3.keys()) == 3


def test_a_busy_bucket_is_asked_again(s3: Server, settings: Settings, tmp_path: Path) -> None:
    """A 503 is waited out."""
    s3.when = lambda method, _path: method == "PUT"
    s3.faults += [busy, busy]
    assert Outbox(TARGET, settings).put(outputs(tmp_path, 1)) == 1


def test_large_files_go_in_parts_and_leave_none_behind(
    s3: Server, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A multipart upload whose part is refused is aborted: nothing half or unseen stays there."""
    monkeypatch.setattr(put, "PART", 5 * 1024 * 1024)
    files = outputs(tmp_path, 1, 12 * 1024 * 1024)

    s3.when = lambda method, path: method == "PUT" and "partNumber=2" in path
    s3.faults += [forbidden]
    with pytest.raises(SourceError):
        Outbox(TARGET, settings).put(files)
    assert not s3.keys()
    assert not s3.backend.buckets[NAME].multiparts
    assert Outbox(TARGET, settings).put(files) == 1
    assert s3.read("videos/mug0/mug0_9x16.mp4") == files["mug0/mug0_9x16.mp4"].read_bytes()
    assert Outbox(TARGET, settings).put(files) == 0


def test_a_link_is_not_put(s3: Server, settings: Settings, tmp_path: Path) -> None:
    """Only regular files leave the machine."""
    (tmp_path / "secret").write_bytes(b"canary")
    (tmp_path / "mug_9x16.mp4").symlink_to(tmp_path / "secret")
    with pytest.raises(ConfigurationError, match=r"mug_9x16\.mp4 cannot be read"):
        Outbox(TARGET, settings).put({"mug_9x16.mp4": tmp_path / "mug_9x16.mp4"})
    assert not s3.keys()


def test_a_bucket_is_tried_before_anything_is_made(s3: Server, settings: Settings) -> None:
    """One that is missing or refuses is told at the beginning; strange keys of others are no matter."""

    def gone(_inner: Any, _environ: dict[str, Any], start: Any) -> Iterable[bytes]:  # noqa: ANN401 - as WSGI has it
        start("403 Forbidden", [("Content-Length", "0")])
        return []

    Outbox(TARGET, settings).require()
    s3.fill({"videos/../x": b"x"})
    Outbox(TARGET, settings).require()
    with pytest.raises(SourceError, match="There is no s3://no-such-bucket"):
        Outbox("s3://no-such-bucket", settings).require()
    s3.when = lambda _method, _path: True
    s3.faults.append(gone)
    with pytest.raises(SourceError, match="may not be used"):
        Outbox(TARGET, settings).require()
