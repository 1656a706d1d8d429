"""A clip made on a machine that shares no folder with the night: it travels by a bucket, a real S3 server's."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from nightreel.clips import Order, make
from nightreel.errors import SourceError
from nightreel.nights.gathering import gather
from nightreel.nights.putting import put_results
from nightreel.report import ClipReport, ClipStatus
from nightreel.sources import Outbox
from tests.unit.sources.conftest import NAME, Server, forbidden, serving

if TYPE_CHECKING:
    from tests.unit.clips.conftest import Bench

VIDEO = "videos/mug/mug_9x16.mp4"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Serve S3, with one bucket, where the settings lead."""
    with serving() as (server, _):
        server.backend.reset()
        server.backend.create_bucket(NAME, "us-east-1")
        monkeypatch.setenv("NIGHTREEL_BUCKET_ENDPOINT", server.url)
        monkeypatch.setenv("NIGHTREEL_BUCKET_KEY", "canary-key")
        monkeypatch.setenv("NIGHTREEL_BUCKET_SECRET", "canary-secret")
        yield server


def travelling(bench: "Bench") -> Order:
    """Return an order whose results are wanted in the bucket, for a folder that is elsewhere."""
    return bench.order().model_copy(update={"put": f"s3://{NAME}/videos"})


async def test_a_clip_is_made_when_the_bucket_has_it(bench: "Bench", s3: Server) -> None:
    """Refused by the bucket it is not made, and costs nothing more; then it is, under the night's own names."""
    s3.when = lambda method, path: method == "PUT" and path.endswith(".json")
    s3.faults += [forbidden]
    async with bench.process() as tools:
        with pytest.raises(SourceError, match=r"mug_9x16\.json could not be put") as caught:
            await make(bench.clip, travelling(bench), tools)
        assert "canary" not in str(caught.value)
        made = await tools.ledger.journal.made(bench.engine, "studio")
        assert made[bench.clip.key].status == "open"
    async with bench.process() as tools:
        delivery = await make(bench.clip, travelling(bench), tools)
        assert (await tools.ledger.journal.made(bench.engine, "studio"))[bench.clip.key].video == delivery.video
        assert not list(tools.settings.staging.iterdir())
    assert len(bench.service.bill) == 1
    assert delivery.video == bench.out / "mug" / "mug_9x16.mp4"
    assert not bench.out.exists(), "the folder is another machine's"
    assert s3.keys() == {VIDEO, VIDEO.replace(".mp4", ".jpg"), VIDEO.replace(".mp4", ".json")}
    assert s3.read(VIDEO).startswith(b"a video of s-")


async def test_of_a_cut_that_was_replaced_nothing_stays(bench: "Bench", s3: Server) -> None:
    """Not in the bucket, when the new one travels; not in the night's folder, when it is fetched; another's stays."""
    stale, other = VIDEO.replace(".mp4", "_tiktok.mp4"), VIDEO.replace("9x16.mp4", "1x1.srt")
    s3.fill({stale: b"older", other: b"another format's"})
    folder = bench.out / "mug"
    folder.mkdir(parents=True)
    for name in ("mug_9x16.srt", "mug_9x16_tiktok.mp4", "mug_9x16.mp4", "mug_1x1.srt", "notes.txt"):
        (folder / name).write_bytes(b"older")
    order = travelling(bench)
    async with bench.process() as tools:
        await make(bench.clip, order, tools)
        assert not await gather([bench.clip], order, tools.settings)
    assert s3.keys() == {other, VIDEO, VIDEO.replace(".mp4", ".jpg"), VIDEO.replace(".mp4", ".json")}
    assert {path.name for path in folder.iterdir()} == {
        *(f"mug_9x16.{kind}" for kind in ("mp4", "jpg", "json")),
        "mug_1x1.srt",
        "notes.txt",
    }
    assert (folder / "mug_9x16.mp4").read_bytes() == s3.read(VIDEO)


async def test_results_take_the_place_of_older_ones(bench: "Bench", s3: Server) -> None:
    """What the folder no longer has of a clip is taken out of the bucket, and nothing of a clip that was not made."""
    stale, other = VIDEO.replace(".mp4", ".vtt"), VIDEO.replace("9x16.mp4", "1x1.srt")
    s3.fill({stale: b"older", other: b"another format's"})
    async with bench.process() as tools:
        delivery = await make(bench.clip, bench.order(), tools)
        outbox = Outbox(f"s3://{NAME}/videos", tools.settings)
    told = [
        ClipReport(product="mug", status=ClipStatus.MADE, video=delivery.video.relative_to(bench.out).as_posix()),
        ClipReport(product="lamp", status=ClipStatus.FAILED),
    ]
    await put_results(outbox, told, bench.out)
    assert s3.keys() == {other, VIDEO, VIDEO.replace(".mp4", ".jpg"), VIDEO.replace(".mp4", ".json")}
