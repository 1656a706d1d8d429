"""Journals of earlier versions, left in the middle of a night, are gone on with by the code of today."""

import gzip
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory

from nightreel.clips import decide
from nightreel.clock import ManualClock
from nightreel.errors import NeedsPerson
from nightreel.images import probe
from nightreel.ledger import migrating
from tests.unit.clips.conftest import Bench, FakeService, Session
from tests.unit.clips.journals.keep import HERE, PHOTO, PRODUCTS, clip_of

KEPT = sorted(folder.name for folder in HERE.iterdir() if (folder / "service.json").is_file())


def test_a_journal_is_kept_of_every_schema_but_the_newest() -> None:
    """Whoever writes a migration keeps a journal of the schema before it: `python -m …journals.keep`."""
    written = {script.revision for script in ScriptDirectory.from_config(migrating.configuration()).walk_revisions()}
    assert written - {migrating.HEAD} <= set(KEPT)


@pytest.fixture(params=KEPT)
def night(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """Give the night as it was left, a day later."""
    kept = HERE / request.param
    memory: dict[str, Any] = json.loads((kept / "service.json").read_bytes())
    folder, photo = tmp_path / "night", tmp_path / "source" / PHOTO
    (folder / "home").mkdir(parents=True)
    (folder / "home" / "nightreel.db").write_bytes(gzip.decompress((kept / "nightreel.db.gz").read_bytes()))
    photo.parent.mkdir()
    photo.write_bytes((kept / PHOTO).read_bytes())
    clock = ManualClock(datetime.fromisoformat(memory["now"]) + timedelta(days=1))
    clock.advance(3600)  # past the moments at which the service made its cuts
    service = FakeService(clock)
    service.sessions = {name: Session(**session) for name, session in memory["sessions"].items()}
    service.renders = memory["renders"]
    service.bill = [tuple(entry) for entry in memory["bill"]]
    return Bench(folder, clock, service, clip_of("made", probe(photo, PHOTO)), runs=100)


async def test_an_old_night_is_finished_without_paying_twice(night: Bench) -> None:
    """Each clip is made from where it was left: one charge each, and the ledger is the bill."""
    photo = night.clip.photos[0]
    for product in PRODUCTS:
        night.clip = clip_of(product, photo)
        if product == "person":
            await _decided(night)
        await night.make()
        video = night.out / product / f"{product}_9x16.mp4"
        assert video.read_bytes().startswith(b"a video of s-")
    assert sorted(prompt for _, prompt, _ in night.service.bill) == sorted(f"Show {name}." for name in PRODUCTS)
    async with night.process() as tools:
        summary = await tools.ledger.credits.summary(night.account_id)
        assert (summary.spent, summary.reserved) == (100 * len(PRODUCTS), 0)
        assert await tools.ledger.purchases.open(night.account_id) == []
        assert await tools.ledger.audit() == []


async def _decided(night: Bench) -> None:
    """Have a person decide, who was asked before the upgrade and still is."""
    with pytest.raises(NeedsPerson):
        await night.make()
    async with night.process() as tools:
        (waiting,) = await tools.ledger.purchases.open(night.account_id)
        await decide(waiting.id, tools, made=False)


async def test_an_old_journal_is_copied_before_its_upgrade(night: Bench) -> None:
    """Beside the upgraded journal stands the old one, byte for byte in its contents."""
    async with night.process():
        pass
    assert len(list((night.folder / "home").glob("nightreel.db.*.backup"))) == 1
