"""The main job: a catalog becomes videos, and a second run does nothing."""

import json
from pathlib import Path
from typing import Any

import av
import jsonschema

from nightreel.clock import SystemClock

User = Any
Done = Any

SCHEMA = Path(__file__).parents[2] / "nightreel" / "report" / "report.schema.json"


def test_a_run_makes_every_video_of_the_catalog(finished: User, first_run: Done) -> None:
    """Each product gets a playable video of the length and size asked for, a cover and a record; exit code 0."""
    assert first_run.code == 0, first_run
    for product, photos in (("MUG", 2), ("LAMP", 3)):
        video = finished.video(product)
        with av.open(str(video)) as file:
            stream = file.streams.video[0]
            assert (stream.width, stream.height) == (1080, 1080)
            assert abs(float(file.duration or 0) / 1_000_000 - 3.0) <= 0.25
        assert video.with_suffix(".jpg").read_bytes().startswith(b"\xff\xd8\xff")
        record = json.loads(video.with_suffix(".json").read_bytes())
        assert (record["product"], record["credits"], len(record["photos"])) == (product, 100, photos)
        assert str(video.relative_to(finished.folder)) in first_run.out
    left = [path.name for path in finished.out.rglob("*.part")]
    assert left == []


def test_the_report_of_a_run_keeps_to_its_published_schema(finished: User) -> None:
    """`report.json` is valid against `report.schema.json`, and its sums are those of the bill and the ledger."""
    report = finished.report()
    jsonschema.validate(report, json.loads(SCHEMA.read_bytes()))
    assert (report["outcome"], report["exit_code"]) == ("made", 0)
    assert [clip["status"] for clip in report["clips"]] == ["made", "made"]
    assert report["credits"] == {**report["credits"], "planned": 200, "actual": 200, "reserved": 0, "drift": 0}
    for clip in report["clips"]:
        assert all((finished.out / clip[name]).is_file() for name in ("video", "cover", "record"))
    assert (finished.out / "report.html").stat().st_size > 1000


def test_the_bill_of_a_run_shows_one_charge_a_clip(owner: User) -> None:
    """The studio charged each clip once, and the ledger has settled what it reserved."""
    owner.books().once_each(2)


def test_the_same_command_again_sends_nothing_and_says_so(owner: User) -> None:
    """Everything made: exit 0, quickly; no studio starts, no file of the studio, the videos or masters changes."""
    kept = _stamps(owner)
    clock = SystemClock()
    begun = clock.monotonic()
    done = owner.run()
    assert clock.monotonic() - begun < 15, (
        "a run with nothing to do takes about 2 seconds; this allows a busy machine"
    )
    assert done.code == 0, done
    assert "Nothing was sent, nothing rendered." in done.out
    assert _stamps(owner) == kept
    assert not (owner.data / "endpoint.json").exists()
    report = owner.report()
    jsonschema.validate(report, json.loads(SCHEMA.read_bytes()))
    assert [clip["status"] for clip in report["clips"]] == ["unchanged", "unchanged"]
    assert (report["outcome"], report["credits"]["actual"]) == ("nothing new", 0)
    owner.alone()
    owner.books().once_each(2)


def _stamps(user: User) -> dict[str, tuple[int, int]]:
    """Return size and time of every file of the studio, the masters and the videos: a start of it writes its log."""
    files = [path for root in (user.data, user.home / "masters", user.out) for path in root.rglob("*")]
    told = {path: path.stat() for path in files if path.is_file() and not path.name.startswith("report.")}
    return {str(path): (stat.st_size, stat.st_mtime_ns) for path, stat in told.items()}
