"""A clip from beginning to end: what is sent, what is delivered, what is never bought twice."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from nightreel import quality
from nightreel.clips import (
    LOCAL,
    Waits,
    claim,
    deliver,
    export,
    generate,
    inspect,
    make,
    places_of,
    stands,
    upload,
    verify,
)
from nightreel.clips.buying import MIN_FREE
from nightreel.errors import ConfigurationError, DiskFull, DraftRejected, ExportForbidden, LeaseLost, VideoRejected
from nightreel.ledger import Claim
from nightreel.ledger.claims import Claims
from nightreel.ledger.notes import LEASE
from nightreel.models import Check, Engine, Photo, Progress

if TYPE_CHECKING:
    from tests.unit.clips.conftest import Bench

Photos = tuple[Photo, ...]


async def test_a_clip_is_made_with_one_prompt(bench: "Bench") -> None:
    """Session, upload, prompt, export and download happen once each, in this order."""
    delivery = await bench.make()
    once = [name for name in bench.service.calls if name not in {"state", "render", "credits"}]
    assert once == ["open_session", "upload", "send", "submit_render", "download"]
    assert (delivery.credits, delivery.clip) == (100, "mug 9x16")
    assert delivery.seconds == json.loads(delivery.record.read_text())["video"]["seconds"] == 15.04
    assert all(path.is_file() for path in (delivery.video, delivery.cover, delivery.record))
    await bench.check()


async def test_what_is_made_sends_nothing(bench: "Bench") -> None:
    """Making it again, or to another folder, asks the service for nothing and costs nothing."""
    await bench.make()
    bench.service.calls.clear()
    (bench.out / "mug" / "mug_9x16.mp4").unlink()
    await bench.make()
    assert bench.service.calls == []
    await bench.check()


async def test_a_deleted_master_is_fetched_again(bench: "Bench") -> None:
    """Without the kept master the video comes from its render; without that, from a new render: never bought."""
    await bench.make()
    for forget in (False, True):
        for master in (bench.folder / "masters").iterdir():
            master.unlink()
        if forget:
            bench.service.renders.clear()
        await bench.make()
    assert bench.service.calls.count("send") == 1
    assert bench.service.calls.count("submit_render") == 2
    await bench.check()


async def test_a_remake_is_bought_again(bench: "Bench") -> None:
    """Only when it is asked for, and then once."""
    await bench.make()
    bench.remake = True
    await bench.until_made(killed_at=30)
    assert [price for _, _, price in bench.service.bill] == [100, 100]


async def test_a_runner_that_was_replaced_stops_writing(bench: "Bench") -> None:
    """A runner whose lease ran out learns it at its next line, and delivers nothing."""
    async with bench.process() as old, bench.process() as new:
        job = await claim(bench.clip, bench.order(), old)
        await generate(job, old)  # which sees to it that the photos are there
        assert bench.service.calls[:2] == ["open_session", "upload"]
        bench.clock.advance(LEASE.total_seconds() + 1)
        await make(bench.clip, bench.order(), new)
        for late in (export(job, old), inspect(job, old), deliver(job, old)):
            with pytest.raises(LeaseLost):
                await late
    await bench.check()


async def test_a_forbidden_export_keeps_what_was_bought(bench: "Bench") -> None:
    """After the plan allows exports again, nothing is bought a second time."""
    bench.service.faults["submit_render", 1] = ("before", lambda: ExportForbidden("402", code=402))
    with pytest.raises(ExportForbidden):
        await bench.make()
    await bench.make()
    await bench.check()


async def test_a_forbidden_export_keeps_other_clips_from_being_bought(bench: "Bench") -> None:
    """What cannot be exported is not bought: clips that are in work learn it from the one that was refused."""
    bench.service.faults["submit_render", 1] = ("before", lambda: ExportForbidden("402", code=402))
    other = bench.clip.model_copy(update={"product": "bowl", "prompt": "Show a bowl."})
    async with bench.process() as tools:
        job = await claim(other, bench.order(), tools)
        await upload(job, tools)
        with pytest.raises(ExportForbidden):
            await make(bench.clip, bench.order(), tools)
        with pytest.raises(ExportForbidden):
            await generate(job, tools)
        assert (await tools.ledger.credits.summary(bench.account_id)).spent == 100
    assert bench.service.calls.count("send") == 1


async def test_a_draft_that_is_not_what_was_asked_for_is_not_exported(bench: "Bench") -> None:
    """The studio is held to title and photos; the cloud to what is documented."""
    bench.service.title = "Something else"
    with pytest.raises(DraftRejected, match="Clay mug"):
        await bench.make()
    assert "submit_render" not in bench.service.calls
    bench.engine = Engine.CLOUD
    await bench.make()


async def test_a_video_that_fails_its_checks_is_exported_again(
    bench: "Bench", monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not delivered; the next run renders the same draft anew and buys nothing."""
    looked_at = quality.inspect_video
    black = (Check(name="picture", ok=False, found="black", wanted="something"),)

    def dark(*_: object, **__: object) -> tuple[Check, ...]:
        return black

    monkeypatch.setattr(quality, "inspect_video", dark)
    with pytest.raises(VideoRejected, match="picture is black"):
        await bench.make()
    assert not bench.out.exists()
    monkeypatch.setattr(quality, "inspect_video", looked_at)
    await bench.make()
    assert bench.service.calls.count("submit_render") == 2
    await bench.check()


async def test_what_can_be_mended_for_nothing_is(bench: "Bench", monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is only packed wrongly is packed anew, looked at again and delivered; nothing is exported again."""
    looked_at = quality.inspect_video
    wrong = (Check(name="moov first", ok=False, found="behind the pictures", wanted="first", mend="remux"),)

    def packed_wrongly(*_: object) -> tuple[Check, ...]:
        return wrong

    def mend(path: Path, to: Path, means: set[str], **_: object) -> Path:
        assert means == {"remux"}
        to.write_bytes(path.read_bytes() + b", packed anew")
        monkeypatch.setattr(quality, "inspect_video", looked_at)
        return to

    monkeypatch.setattr(quality, "inspect_video", packed_wrongly)
    monkeypatch.setattr(quality, "mend", mend)
    delivery = await bench.make()
    assert delivery.video.read_bytes().endswith(b", packed anew")
    assert bench.service.calls.count("submit_render") == 1
    await bench.check()


async def test_a_paid_video_that_cannot_be_mended_is_delivered_as_it_is(
    bench: "Bench", monkeypatch: pytest.MonkeyPatch
) -> None:
    """What spoils nothing for who watches, and cannot be mended, is a warning: the cloud's video is not lost."""
    quiet = (Check(name="loudness", ok=False, found="-40 LUFS", wanted="-14", mend="loudness"),)

    def looked_at(*_: object) -> tuple[Check, ...]:
        return quiet

    def mend(*_: object, **__: object) -> Path:
        raise VideoRejected("It is too quiet to be made louder.")

    monkeypatch.setattr(quality, "inspect_video", looked_at)
    monkeypatch.setattr(quality, "mend", mend)
    bench.engine = Engine.CLOUD
    assert (await bench.make()).checks == quiet


async def test_a_paid_video_of_the_cloud_is_refused_only_for_what_makes_it_unusable(
    bench: "Bench", monkeypatch: pytest.MonkeyPatch
) -> None:
    """How it is encoded and packed is a warning in its record there; our own studio is held to that, too."""
    odd = [Check(name=name, ok=False, found="odd", wanted="plain") for name in ("edit list", "frame rate", "start")]
    allowed: list[float] = []

    def inspected(_: Path, wanted: quality.Wanted, __: quality.Preset) -> tuple[Check, ...]:
        allowed.append(wanted.seconds_off)
        return tuple(odd)

    monkeypatch.setattr(quality, "inspect_video", inspected)
    with pytest.raises(VideoRejected, match="edit list is odd"):
        await bench.make()
    bench.engine = Engine.CLOUD
    delivery = await bench.make()
    assert delivery.checks == tuple(odd)
    assert [check["name"] for check in json.loads(delivery.record.read_text())["checks"] if not check["ok"]] == [
        check.name for check in odd
    ]
    odd.append(Check(name="not black", ok=False, found="black", wanted="something"))
    bench.remake = True
    with pytest.raises(VideoRejected, match="checks: not black is black, not something"):
        await bench.make()
    assert allowed == [0.25, 0.5, 0.5]


async def test_the_cloud_is_waited_for_only_where_waiting_brings_something(bench: "Bench", photos: Photos) -> None:
    """Music and title come later and are waited for; a photo that was left out is a warning at once."""
    bench.engine, bench.waits = Engine.CLOUD, Waits()
    bench.clip = bench.clip.model_copy(update={"photos": photos})
    bench.service.uses = 1
    async with bench.process() as tools:
        job = await claim(bench.clip, bench.order(), tools)
        await generate(job, tools)
        began = bench.clock.monotonic()
        timeline = await verify(job, tools)
        assert bench.clock.monotonic() - began == tools.patience.stage_poll
        assert timeline.of("audio")
        verified = [entry for entry in await tools.ledger.journal.entries() if entry.event == "verified"]
        assert [entry.body["warnings"] for entry in verified] == [["it uses 1 of 2 photos"]]


async def test_an_upload_that_moves_keeps_its_clip_however_long_it_takes(
    bench: "Bench", monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour of it, three leases long: the lease never runs out, and is not written for every piece."""
    looks = 0
    extend = Claims.extend

    async def counted(claims: Claims, held: Claim) -> None:
        nonlocal looks
        looks += 1
        await extend(claims, held)

    monkeypatch.setattr(Claims, "extend", counted)
    async with bench.process() as tools:
        job = await claim(bench.clip, bench.order(), tools)

        async def left() -> timedelta:
            until = (await tools.ledger.journal.clip(job.clip_id)).lease_until
            assert until is not None
            return until - bench.clock.now()

        async def slowly(progress: Callable[[int, int], None]) -> None:
            for piece in range(600):
                bench.clock.advance(6)
                progress(piece, 600)
                async with asyncio.timeout(10):
                    while await left() < LEASE / 4:
                        pass  # it is being written

        bench.service.on_upload = slowly
        assert await upload(job, tools) == 1
    assert 6 <= looks <= 12


async def test_an_upload_that_stands_still_lets_the_clip_go(bench: "Bench") -> None:
    """Without a byte for longer than the lease, another runner may take the clip, and the first one learns it."""

    async def stuck(_: object) -> None:
        bench.clock.advance(LEASE.total_seconds() + 1)
        await claim(bench.clip, bench.order(), new)

    async with bench.process() as old, bench.process() as new:
        job = await claim(bench.clip, bench.order(), old)
        bench.service.on_upload = stuck
        with pytest.raises(LeaseLost):
            await upload(job, old)


async def test_a_full_disk_refuses_before_anything_is_bought(bench: "Bench", monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no video could be kept, no prompt is sent."""

    def usage(_: Path) -> SimpleNamespace:
        return SimpleNamespace(free=MIN_FREE - 1)

    monkeypatch.setattr("shutil.disk_usage", usage)
    with pytest.raises(DiskFull):
        await bench.make()
    assert "send" not in bench.service.calls


async def test_a_folder_that_cannot_be_written_keeps_the_master(bench: "Bench") -> None:
    """Nothing is lost: with another folder the clip is delivered without a request."""
    bench.out.write_text("a file stands where the folder should be")
    with pytest.raises(ConfigurationError, match="--out"):
        await bench.make()
    bench.out.unlink()
    bench.service.calls.clear()
    await bench.make()
    assert bench.service.calls == []


def test_the_studio_is_looked_at_more_often() -> None:
    """The local engine keeps the rule of fifteen minutes."""
    assert LOCAL.poll < Waits().poll
    assert LOCAL.not_made == Waits().not_made == 15 * 60


async def test_a_video_stands_while_it_is_the_one_that_was_made(bench: "Bench") -> None:
    """Another key's video in its place, another account's, another take's or a cut-off file is not it."""
    delivery = await bench.make()
    places, key, account = places_of(bench.clip, bench.out), bench.clip.key, bench.account_id
    assert stands(places, key, 1, account)
    assert not stands(places, "f" * 64, 1, account)
    assert not stands(places, key, 2, account)
    assert not stands(places, key, 1, "cloud:own")
    delivery.video.write_bytes(b"")
    assert not stands(places, key, 1, account)
    delivery.record.write_text("[", encoding="utf-8")
    assert not stands(places, key, 1, account)


async def test_an_error_that_nobody_foresaw_says_no_secret(bench: "Bench") -> None:
    """Whoever is told of it (the live view, the journal, Prefect's database) reads it without the token."""
    secret, seen = "nmv_usr_unforeseen_canary", list[str]()

    def unforeseen(_: str) -> None:
        raise ValueError(f"a header with {secret}")

    def sink(event: Progress) -> None:
        seen.append(event.note)

    bench.service.on_send = unforeseen
    async with bench.process() as tools:
        with pytest.raises(ValueError, match="a header with") as raised:
            await make(bench.clip, bench.order(), replace(tools, sink=sink))
        (clip,) = await tools.ledger.journal.clips("local", "studio")
    assert secret not in "".join([str(raised.value), clip.error, *seen])
