"""Trouble of the machine and of the service in a clip's way: what is sent, what is kept, what the next run does."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nightreel.clips import claim, generate, upload
from nightreel.errors import (
    DiskFull,
    LedgerError,
    NightreelError,
    OutcomeUnknown,
    PhotoChanged,
    RequestRefused,
    ServerFault,
)
from nightreel.nemo import Reply
from tests.unit.clips.conftest import FusedStore

if TYPE_CHECKING:
    from tests.unit.clips.conftest import Bench


@pytest.mark.parametrize("status", [400, 404, 422])
async def test_a_plain_no_releases_the_credits(bench: "Bench", status: int) -> None:
    """A prompt that is refused costs nothing; nothing stays reserved."""
    bench.service.faults["send", 1] = ("before", lambda: RequestRefused("no", code=status, status=status))
    with pytest.raises(RequestRefused):
        await bench.make()
    async with bench.process() as tools:
        summary = await tools.ledger.credits.summary(bench.account_id)
        assert (summary.reserved, summary.spent) == (0, 0)


async def test_a_silent_end_without_a_result_is_looked_into(bench: "Bench", monkeypatch: pytest.MonkeyPatch) -> None:
    """The stream ended well and nothing is there: that is no success; after the wait it is bought anew, once."""
    send = bench.service.send

    async def said_nothing(session_id: str, prompt: str, *args: object, **more: object) -> Reply:
        del session_id, prompt, args, more
        bench.service.calls.append("send")
        monkeypatch.setattr(bench.service, "send", send)
        return Reply(text="")

    monkeypatch.setattr(bench.service, "send", said_nothing)
    began = bench.clock.monotonic()
    await bench.make()
    assert bench.clock.monotonic() - began >= 15 * 60
    assert bench.service.calls.count("send") == 2
    await bench.check()


async def test_a_full_disk_after_the_purchase_loses_nothing(bench: "Bench") -> None:
    """The download finds no room: the render is in the journal, and the next run fetches it; nothing is sent anew."""
    bench.service.faults["download", 1] = ("before", lambda: DiskFull("no space is left"))
    with pytest.raises(DiskFull):
        await bench.make()
    bench.service.calls.clear()
    bench.service.faults.clear()
    await bench.make()
    assert {"send", "submit_render", "upload"}.isdisjoint(bench.service.calls)
    await bench.check()


async def test_a_locked_database_sends_nothing(bench: "Bench", monkeypatch: pytest.MonkeyPatch) -> None:
    """The intent cannot be written, however long it is waited: the prompt does not leave."""
    monkeypatch.setattr(FusedStore.__init__, "__kwdefaults__", {"busy_seconds": 0.05})
    async with bench.process() as tools:
        job = await claim(bench.clip, bench.order(), tools)
        await upload(job, tools)
        with closing(sqlite3.connect(bench.folder / "home" / "nightreel.db", isolation_level=None)) as hog:
            hog.execute("BEGIN IMMEDIATE")
            with pytest.raises(LedgerError, match="locked"):
                await generate(job, tools)
            hog.execute("ROLLBACK")
    assert "send" not in bench.service.calls
    await bench.make()
    await bench.check()


async def test_a_photo_that_changed_since_the_plan_is_not_sent(bench: "Bench", tmp_path: Path) -> None:
    """What would be uploaded is not what was planned with: nothing is bought; the next plan sees another clip."""
    photo = bench.clip.photos[0]
    changed = tmp_path / photo.path.name
    changed.write_bytes(photo.path.read_bytes() + b"\0")
    bench.clip = bench.clip.model_copy(update={"photos": (photo.model_copy(update={"path": changed}),)})
    with pytest.raises(PhotoChanged):
        await bench.make()
    assert {"upload", "send"}.isdisjoint(bench.service.calls)


@pytest.mark.parametrize("error", [OutcomeUnknown("reset"), ServerFault("503", status=503)], ids=["reset", "503"])
async def test_an_export_whose_status_cannot_be_read_is_waited_for(bench: "Bench", error: NightreelError) -> None:
    """Some minutes without an answer fail no clip: the render goes on meanwhile."""
    for look in range(1, 20):
        bench.service.faults["render", look] = ("before", lambda: error)
    await bench.make()
    await bench.check()


async def test_an_export_of_which_nothing_is_heard_ends_the_clip(bench: "Bench") -> None:
    """Ten minutes without an answer do: the run goes on with others, and the next one looks for the render."""

    def down() -> NightreelError:
        return OutcomeUnknown("the network is down")

    bench.service.faults = {("render", look): ("before", down) for look in range(1, 5000)}
    began = bench.clock.monotonic()
    with pytest.raises(OutcomeUnknown):
        await bench.make()
    assert 10 * 60 <= bench.clock.monotonic() - began < 11 * 60
    bench.service.faults.clear()
    await bench.make()
    assert bench.service.calls.count("submit_render") == 1
    await bench.check()
