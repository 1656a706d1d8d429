"""A night's beginning and its report, and the runtime that they share."""

import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from nightreel import clips
from nightreel.catalog import Catalog, Plan, PlanItem
from nightreel.clips import Job, Order
from nightreel.errors import (
    BudgetExceeded,
    ConfigurationError,
    DiskFull,
    ExportForbidden,
    NightreelError,
    RunStopped,
    SchemaError,
    SettingsError,
    VideoRejected,
)
from nightreel.ledger.records import ClipRecord, ClipStatus
from nightreel.models import Clip, Delivery, Format, Made, Photo, Request
from nightreel.nights import Night, begin, end, plan_night, replanned
from nightreel.nights.telling import tell
from nightreel.report import ClipStatus as Told
from nightreel.runtime import open_runtime
from nightreel.settings import Settings, make_home

RUN = "run_tonight"


def _clip(product: str) -> Clip:
    photo = Photo(path=Path("/a.jpg"), name="a.jpg", sha256="a" * 64, size=1, kind="jpeg", width=10, height=10)
    return Clip(product=product, format=Format.VERTICAL, photos=(photo,), prompt=f"A video of {product}.")


def _record(clip: Clip, **changes: Any) -> ClipRecord:  # noqa: ANN401 - fields of a record
    values: dict[str, Any] = {
        **dict.fromkeys(("step", "error", "hint", "prompt"), ""),
        **dict.fromkeys(("session_id", "owner", "lease_until", "checks", "video", "cover", "record", "made_at")),
        "id": "clip_1",
        "account_id": "local:studio",
        "key": clip.key,
        "take": 1,
        "product": clip.product,
        "format": clip.format.value,
        "recipe": 1,
        "photos": (),
        "status": ClipStatus.OPEN,
        "run_id": RUN,
        "fence": 1,
        "master_sha256": "b" * 64,
        "master_size": 1,
        "seconds": 15.0,
        "created_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return ClipRecord.model_validate({**values, **changes})


def _item(clip: Clip, status: str = "new", *, paid: bool = False) -> PlanItem:
    made = Made(
        key=clip.key,
        product=clip.product,
        format=clip.format,
        recipe=1,
        status="open",
        photos=(),
        prompt="",
        paid=paid,
    )
    return PlanItem.model_validate(
        {"product": clip.product, "format": clip.format, "status": status, "clip": clip, "made": made}
    )


@pytest.mark.parametrize(
    ("record", "kind", "status", "exit_code", "said"),
    [
        ({}, BudgetExceeded, Told.SKIPPED, 3, "the budget or the credits are used up"),
        ({}, DiskFull, Told.FAILED, 1, "the run ended before its turn"),
        ({}, NightreelError, Told.FAILED, 1, "the run ended before its turn"),
        ({}, ExportForbidden, Told.FAILED, 1, "what cannot be exported is not bought"),
        ({}, RunStopped, Told.SKIPPED, 1, "The run was stopped"),
        ({"error": "It is black."}, NightreelError, Told.FAILED, 1, "It is black."),
        ({"error": "Old news.", "run_id": "run_x"}, BudgetExceeded, Told.SKIPPED, 3, "used up"),
        ({"owner": "host/1", "run_id": "run_x"}, NightreelError, Told.SKIPPED, 1, "Another runner"),
        ({"status": "made", "error": "Old news.", "run_id": "run_x"}, NightreelError, Told.MADE, 0, ""),
        ({"status": "made", "error": "No such folder."}, ConfigurationError, Told.FAILED, 2, "No such folder."),
    ],
)
def test_a_clip_is_told_by_what_this_run_knows_of_it(
    tmp_path: Path, record: dict[str, Any], kind: type[NightreelError], status: Told, exit_code: int, said: str
) -> None:
    """An error counts in the run that met it; what was not begun says what stopped the run, and nothing else."""
    clip = _clip("NR-MUG-350")
    told = tell(_item(clip), Order(run_id=RUN, out=tmp_path), _record(clip, **record), 0, kind, Told.MADE)
    assert (told.status, told.exit_code) == (status, exit_code)
    assert said in told.reason


def test_the_old_video_is_told_of_while_a_change_is_not_through(tmp_path: Path) -> None:
    """The journal has no master of the new draft yet; what stands is what its record says."""
    clip = _clip("NR-MUG-350")
    record_file = tmp_path / "NR-MUG-350" / "NR-MUG-350_9x16.json"
    record_file.parent.mkdir()
    record_file.write_text(json.dumps({"video": {"size": 7, "sha256": "c" * 64}}))
    record = _record(clip, status="made", master_sha256=None, master_size=None)
    told = tell(_item(clip), Order(run_id=RUN, out=tmp_path), record, 0, NightreelError, Told.UNCHANGED)
    assert (told.size, told.sha256) == (7, "c" * 64)
    record_file.unlink()
    assert tell(_item(clip), Order(run_id=RUN, out=tmp_path), record, 0, NightreelError, Told.UNCHANGED).size == 0


def test_a_clip_that_was_given_up_leaves_no_run_red(tmp_path: Path) -> None:
    """Somebody decided so: it is said, and nothing is amiss."""
    clip = _clip("NR-MUG-350")
    record = _record(clip, status="given up", error="a person gave it up")
    told = tell(_item(clip, "given up"), Order(run_id=RUN, out=tmp_path), record, 0, NightreelError, Told.MADE)
    assert (told.status, told.exit_code) == (Told.SKIPPED, 0)


def test_what_is_paid_for_comes_first(tmp_path: Path) -> None:
    """A budget that is too small for one clip keeps none waiting that costs nothing more."""
    items = (
        _item(_clip("new")),
        _item(_clip("begun"), "unfinished"),
        _item(_clip("paid"), "unfinished", paid=True),
        _item(_clip("made"), "unchanged"),
    )
    night = Night(
        request=Request(out=tmp_path), catalog=Catalog(), plan=Plan(items=items), missing=(_clip("missing"),)
    )
    assert [clip.product for clip in night.work] == ["missing", "paid", "begun", "new"]


async def test_a_night_gives_each_product_a_folder_of_its_own(tmp_path: Path) -> None:
    """Ids that differ in case alone are told apart in the plan, and so in delivery and report, on every system."""
    rows = ["id,title,image_link"]
    for number, product in enumerate(("Mug", "mug", "lamp")):
        Image.new("RGB", (640, 800), (80 * number, 90, 40)).save(tmp_path / f"{number}.png")
        rows.append(f"{product},A {product},{number}.png")
    feed = tmp_path / "products.csv"
    feed.write_text("\n".join(rows), encoding="utf-8")
    async with open_runtime() as runtime:
        night = await plan_night(Request(source=str(feed), out=tmp_path / "out"), runtime)
    folders = [clip.folder for clip in night.work]
    assert (folders[0], folders[2]) == ("Mug", "lamp")
    assert re.fullmatch(r"mug_[0-9a-f]{8}", folders[1])


async def test_a_photo_that_changed_since_the_plan_is_seen_and_its_product_planned_again(tmp_path: Path) -> None:
    """A replaced photo is never sent as what it was, though the cache has that; others are not planned anew."""
    for product in ("cup", "mug"):
        (tmp_path / "catalog" / product).mkdir(parents=True)
        Image.new("RGB", (640, 800), (80, len(product), 40)).save(tmp_path / "catalog" / product / f"{product}.png")
    async with open_runtime() as runtime:

        async def steps(job: Job) -> Delivery:
            await runtime.intake.normalise(job.clip.photos[0])
            raise VideoRejected("The test makes no video.")

        night = await plan_night(Request(source=str(tmp_path / "catalog"), out=tmp_path / "out"), runtime)
        order = await begin(night, runtime)
        Image.new("RGB", (640, 800), (200, 9, 9)).save(tmp_path / "catalog" / "mug" / "mug.png")
        for clip in night.work:
            with pytest.raises(NightreelError):
                await clips.make(clip, order, runtime.tools, steps)
        again, work = await replanned(night, order, runtime)
        assert [clip.product for clip in work] == ["mug"]
        assert work[0].photos[0].sha256 != night.work[1].photos[0].sha256
        assert work[0].folder == night.work[1].folder
        assert {item.product: item.status for item in again.plan.items} == {"cup": "new", "mug": "changed"}
        assert "New or changed: mug/mug.png." in again.plan.items[1].reason
        with pytest.raises(VideoRejected):
            await clips.make(work[0], order, runtime.tools, steps)
        assert (await replanned(again, order, runtime))[1] == ()


async def test_only_what_a_catalog_had_vanishes_from_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two shops in one home say nothing of each other's products, nor does who asks for other formats."""
    for place in ("shop/cup", "shop/mug", "other/lamp"):
        (tmp_path / place).mkdir(parents=True)
        Image.new("RGB", (640, 800), (80, len(place), 40)).save(tmp_path / place / "a.png")

    async def steps(_job: Job) -> Delivery:
        raise VideoRejected("The test makes no video.")

    monkeypatch.chdir(tmp_path)
    async with open_runtime() as runtime:

        async def statuses(source: str, **asked: Any) -> dict[str, str]:  # noqa: ANN401 - fields of a request
            night = await plan_night(Request(source=source, out=tmp_path / "out", **asked), runtime)
            return {f"{item.product} {item.format}": item.status for item in night.plan.items}

        for request in (Request(source="shop"), Request(source="shop", formats=(Format.SQUARE,), only=("mug",))):
            night = await plan_night(request, runtime)
            order = await begin(night, runtime)
            for clip in night.work:
                with pytest.raises(VideoRejected):
                    await clips.make(clip, order, runtime.tools, steps)
        assert await statuses("other") == {"lamp 9x16": "new"}
        both = {"cup 9x16": "unfinished", "mug 9x16": "unfinished"}
        assert await statuses("shop/") == both, "the square was asked for by hand"
        assert await statuses(str(tmp_path / "shop"), formats=(Format.WIDE,), only=("mug",)) == {"mug 16x9": "new"}
        shutil.rmtree("shop/mug")
        assert await statuses("other/../shop") == {
            "cup 9x16": "unfinished",
            "mug 9x16": "vanished",
            "mug 1x1": "vanished",
        }


async def test_a_stopped_run_says_that_nothing_was_put(tmp_path: Path) -> None:
    """Who waits for results in a bucket reads in the report that they come with the next run; others read nothing."""
    for bucket in ("s3://shop-videos/tonight", ""):
        night = Night(request=Request(out=tmp_path / "out", put=bucket), catalog=Catalog(), plan=Plan())
        async with open_runtime() as runtime:
            order = Order(run_id=RUN, out=tmp_path / "out")
            told = await end(night, order, datetime(2026, 1, 1, tzinfo=UTC), runtime, interrupted=True)
        assert any(f"Nothing was put into {bucket}" in note for note in told.notes) == bool(bucket)


async def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_bought(tmp_path: Path) -> None:
    """`--out` names a file: the run does not begin."""
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    night = Night(request=Request(out=tmp_path / "out"), catalog=Catalog(), plan=Plan())
    async with open_runtime() as runtime:
        with pytest.raises(ConfigurationError, match="cannot be written to"):
            await begin(night, runtime)


async def test_a_runtime_that_fails_to_open_can_be_opened_later(own_home: Path) -> None:
    """What was opened before the failure is closed, and the next one begins anew."""
    own_home.mkdir(parents=True)
    (own_home / "nightreel.db").write_text("no database at all" * 100, encoding="utf-8")
    with pytest.raises(SchemaError):
        async with open_runtime():
            pass
    (own_home / "nightreel.db").unlink()
    async with open_runtime() as runtime:
        assert await runtime.ledger.journal.clips("local", "studio") == []


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """The setting is named, not a line of the program."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(SettingsError, match="cannot be used"):
        make_home(Settings(home=tmp_path / "file" / "home"))
