"""A night from its catalog to its outbox, and a review of it: real steps, a real journal, a rehearsing studio."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from nightreel import clips, nights
from nightreel.errors import ConfigurationError
from nightreel.ledger.records import ClipRecord
from nightreel.ledger.records import ClipStatus as Standing
from nightreel.models import Request
from nightreel.nights import reviewing
from nightreel.nights.handing import Place, Ready, hand_over
from nightreel.nights.telling import delivery_of
from nightreel.report import Review, RunReport, made
from nightreel.reviews import Decision, ReviewFile, Verdict
from nightreel.runtime import Runtime, open_runtime
from nightreel.settings import load_settings

SECRET = "a secret of twenty-four!"  # noqa: S105 - the tests' own
BRIEF = "seconds: 3\nformats: [1x1]\nplatforms: [tiktok, reels, youtube]\nprice: ''\n"


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    """Return a catalog of two products."""
    folder = tmp_path / "catalog"
    for shade, product in enumerate(("lamp", "mug")):
        (folder / product).mkdir(parents=True)
        picture = Image.linear_gradient("L").resize((320, 400)).rotate(90 * shade, expand=True).convert("RGB")
        picture.save(folder / product / "front.jpg")
    (folder / "brief.yaml").write_text(BRIEF)
    return folder


async def a_night(request: Request, runtime: Runtime) -> RunReport:
    """Plan, make everything and report, as the flow does."""
    started = runtime.clock.now()
    night = await nights.plan_night(request, runtime)
    order = await nights.begin(night, runtime)
    for clip in night.work:
        await clips.make(clip, order, runtime.tools)
    return await nights.end(night, order, started, runtime)


def names(folder: Path) -> set[str]:
    """Return the files below *folder*, without the day."""
    return {"/".join(path.relative_to(folder).parts[1:]) for path in folder.rglob("*") if path.is_file()}


def parcels(*whats: str) -> set[str]:
    """Return the three files of each of *whats*."""
    return {f"{what}.{kind}" for what in whats for kind in ("mp4", "jpg", "txt")}


def decided(report: RunReport, *verdicts: tuple[str, str, Verdict, str]) -> ReviewFile:
    """Return the review that the report's page would save."""
    found = {(clip.product, clip.format): clip for clip in report.clips}
    decisions = [
        Decision(product=product, format=format_, key=clip.key, sha256=clip.sha256, verdict=verdict, text=text)
        for product, format_, verdict, text in verdicts
        if (clip := found[product, format_])  # pyright: ignore[reportArgumentType] - a StrEnum is its value
    ]
    return ReviewFile(nightreel_review=1, run_id=report.run_id, decisions=tuple(decisions))


async def spent(runtime: Runtime) -> int:
    """Return what the ledger has counted in all."""
    return (await runtime.ledger.credits.summary(runtime.tools.account_id)).spent


async def test_a_night_is_laid_out_reviewed_and_applied_once(
    catalog: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Approved, changed, rejected: each once, however often the review is applied; report, outbox, feeds follow."""
    monkeypatch.setenv("NIGHTREEL_BASE_URL", "https://cdn.example/v")
    out = tmp_path / "out"
    request = Request(source=str(catalog), out=out, rehearse=True, rate=2000)
    async with open_runtime(load_settings(rehearse=True, rate=2000)) as runtime:
        report = await a_night(request, runtime)
        assert [(clip.product, clip.format) for clip in report.clips] == [
            (product, format_) for product in ("lamp", "mug") for format_ in ("1x1", "9x16")
        ]
        assert all(clip.took for clip in report.clips)
        upright = ("tiktok/lamp", "tiktok/mug", "reels/lamp", "reels/mug")
        assert names(out / "outbox") == parcels(*upright, "youtube/lamp", "youtube/mug")

        before = (out / "lamp" / "lamp_9x16.mp4").read_bytes()
        review = decided(
            report,
            ("lamp", "1x1", "approve", ""),
            ("lamp", "9x16", "change", "make it 5 seconds"),
            ("mug", "9x16", "reject", ""),
        )
        outcome = await reviewing.apply(review, runtime)
        assert sorted((one.name, one.came, one.credits) for one in outcome.applied) == [
            ("lamp 1x1", "approved", 0),
            ("lamp 9x16", "changed", 50),
            ("mug 9x16", "rejected", 0),
        ]
        assert outcome.exit_code == 0
        assert await spent(runtime) == 450
        assert (out / "lamp" / "lamp_9x16.mp4").read_bytes() != before
        assert sorted(path.name for path in (out / "mug").iterdir()) == [
            f"mug_1x1.{kind}" for kind in ("jpg", "json", "mp4", "txt")
        ]
        assert names(out / "outbox") == parcels("tiktok/lamp", "reels/lamp", "youtube/lamp", "youtube/mug")
        told = RunReport.model_validate_json((out / "report.json").read_bytes())
        assert [(one.review, bool(one.video)) for one in told.clips] == [
            (Review.APPROVED, True),
            (Review.CHANGED, True),
            (Review.NONE, True),
            (Review.REJECTED, False),
        ]
        assert told.clips[1].seconds == pytest.approx(5, abs=0.1)

        again = await reviewing.apply(review, runtime)
        assert [one.came for one in again.applied] == ["done before"] * 3
        assert again.notes == ()
        assert await spent(runtime) == 450

        whoever_posts_takes_it = next(out.glob("outbox/*/tiktok/lamp.mp4"))
        whoever_posts_takes_it.unlink()
        tomorrow = await a_night(request, runtime)
        assert [clip.status for clip in tomorrow.clips] == ["unchanged", "unchanged", "unchanged", "skipped"]
        assert tomorrow.clips[1].review is Review.CHANGED
        assert not whoever_posts_takes_it.exists()
        assert await runtime.ledger.audit() == []

        assert names(out / "outbox") >= parcels("reels/lamp")
        Image.radial_gradient("L").convert("RGB").save(catalog / "lamp" / "front.jpg")
        await a_night(request, runtime)
        assert len(list(out.glob("outbox/*/reels/lamp.mp4"))) == 1, "the video of the old photo is over"
        assert await spent(runtime) == 650

        undone = decided(report, ("mug", "9x16", "approve", ""))
        assert [one.came for one in (await reviewing.apply(undone, runtime)).applied] == ["approved"]
        assert (out / "mug" / "mug_9x16.mp4").is_file()
        assert names(out / "outbox") >= parcels("reels/mug")
        assert await spent(runtime) == 650


async def test_a_decision_about_another_video_is_left(catalog: Path, tmp_path: Path) -> None:
    """What was looked at is not what stands now, or nobody asks for it: nothing is done, and the command says so."""
    request = Request(source=str(catalog), out=tmp_path / "out", only=("mug",), rehearse=True, rate=2000)
    async with open_runtime(load_settings(rehearse=True, rate=2000)) as runtime:
        report = await a_night(request, runtime)
        review = decided(report, ("mug", "1x1", "reject", ""), ("mug", "9x16", "reject", ""))
        other = review.decisions[0].model_copy(update={"sha256": "0" * 64})
        unknown = review.decisions[1].model_copy(update={"key": "no such"})
        left = review.model_copy(update={"decisions": (other, unknown)})
        outcome = await reviewing.apply(left, runtime)
        assert [one.came for one in outcome.applied] == ["left", "left"]
        assert "another by now" in outcome.applied[0].why
        assert outcome.exit_code == 1
        assert (tmp_path / "out" / "mug" / "mug_1x1.mp4").is_file()
        with pytest.raises(ConfigurationError, match="knows no run"):
            await reviewing.apply(left.model_copy(update={"run_id": "run_of_another"}), runtime)


# ------------------------------------------------------------------------------- the webhook


@dataclass
class Shop:
    """A receiver that counts deliveries by their ids, and checks their signatures; *up* says whether it answers."""

    up: bool = True
    url: str = ""
    taken: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    requests: int = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        self.requests += 1
        signed = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        if self.up and headers["x-nightreel-signature-256"] == signed:
            self.taken[headers["x-nightreel-delivery"]] = json.loads(body)
        status = "200 OK" if self.up else "400 Closed"
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


@asynccontextmanager
async def open_shop(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Shop, None]:
    """Serve a shop on loopback, named by the settings."""
    shop = Shop()
    server = await asyncio.start_server(shop.handle, "127.0.0.1", 0)
    shop.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    monkeypatch.setenv("NIGHTREEL_WEBHOOK", shop.url)
    monkeypatch.setenv("NIGHTREEL_WEBHOOK_SECRET", SECRET)
    async with server:
        yield shop


def standing(out: Path, record: ClipRecord, clip: Any, sha256: str) -> Ready:  # noqa: ANN401 - a Clip
    """Tell of a clip that stands, as a night would."""
    delivery = delivery_of(clip, record, out, 100).model_copy(update={"sha256": sha256})
    return Ready(clip, record, made(clip, delivery, out))


async def test_the_shop_is_told_of_each_video_once(
    catalog: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told again only when the video is another; what it did not take waits for the next run; a rejection is told."""
    out = tmp_path / "out"
    async with open_shop(monkeypatch) as shop, open_runtime(load_settings(api_url="http://127.0.0.1:9")) as runtime:
        night = await nights.plan_night(Request(source=str(catalog), out=out), runtime)
        order = await nights.begin(night, runtime)
        ready = [await stood(clip, order, runtime) for clip in night.work[:3]]
        at = Place(order.run_id, out, "2026-11-25")

        shop.up = False
        refused = await hand_over(ready, [], runtime, at)
        assert refused.failed == 1
        assert "3 of 3 messages wait" in refused.notes[0]

        shop.up = True
        assert (await hand_over(ready, [], runtime, at)).notes == ("Webhook: 127.0.0.1 was told of 3.",)
        asked = shop.requests
        assert await hand_over(ready, [], runtime, at) == (tuple[str, ...](), 0)
        assert shop.requests == asked
        told = [(one["event"], one["product"], one["format"]) for one in shop.taken.values()]
        assert told == [("video.ready", one.clip.product, one.clip.format.value) for one in ready]

        again = ready[0]._replace(told=ready[0].told.model_copy(update={"sha256": "e" * 64}))
        await hand_over([again, *ready[1:]], [], runtime, at)
        assert len(shop.taken) == 4

        gone = ready[1].record.model_copy(update={"status": Standing.GIVEN_UP})
        await hand_over([again, ready[2]], [gone], runtime, at)
        assert [one["event"] for one in list(shop.taken.values())[4:]] == ["video.withdrawn"]
        await hand_over([again, *ready[1:]], [], runtime, at)
        assert [one["event"] for one in list(shop.taken.values())[5:]] == ["video.ready"]
        assert await hand_over([again, *ready[1:]], [], runtime, at) == (tuple[str, ...](), 0)


async def stood(clip: Any, order: Any, runtime: Runtime) -> Ready:  # noqa: ANN401 - a Clip, an Order
    """Have a clip in the journal as made, without making it."""
    job = await clips.claim(clip, order, runtime.tools)
    record = await runtime.ledger.journal.clip(job.clip_id)
    await clips.give_back(job, runtime.tools)
    record = record.model_copy(update={"master_sha256": "f" * 64, "master_size": 3, "seconds": 3.0})
    return standing(order.out, record, clip, "f" * 64)


async def test_only_approved_videos_go_out_where_the_settings_say_so(
    catalog: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NIGHTREEL_REVIEW_FIRST holds outbox and webhook back until somebody has looked."""
    monkeypatch.setenv("NIGHTREEL_REVIEW_FIRST", "true")
    out = tmp_path / "out"
    async with open_shop(monkeypatch) as shop, open_runtime(load_settings(api_url="http://127.0.0.1:9")) as runtime:
        night = await nights.plan_night(Request(source=str(catalog), out=out), runtime)
        order = await nights.begin(night, runtime)
        one = await stood(night.work[0], order, runtime)
        at = Place(order.run_id, out, "2026-11-25")
        await hand_over([one], [], runtime, at)
        assert shop.requests == 0
        seen = one._replace(told=one.told.model_copy(update={"review": Review.APPROVED}))
        await hand_over([seen], [], runtime, at)
        assert shop.requests == 1
