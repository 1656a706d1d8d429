"""A week of drops against a service with a memory: real catalog, rules, journal, outbox; the clock is set by hand."""

import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from nightreel import nights
from nightreel.clips import make
from nightreel.errors import ConfigurationError, NightreelError
from nightreel.images import Intake
from nightreel.ledger.deeds import Deed
from nightreel.models import Request
from nightreel.report import RunReport
from nightreel.runtime import Audience, Runtime
from nightreel.social import Book, Drop, Dropped, FolderShelf, drop, look

MONDAY = date(2026, 1, 5)
SALE = "2026-01-05T00:00+00:00/2026-01-07T12:00+00:00"
RULES = """\
slots:
  - days: [mon, tue, wed, thu, fri]
    time: "09:00"
    platforms: [tiktok, reels]
    pick: [sale, turn]
"""


@dataclass
class Store:
    """A shop with a feed of six products, whose drops are made at half past six."""

    bench: Any
    rows: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    review_first: bool = False

    @property
    def source(self) -> Path:
        """The catalog."""
        return Path(self.bench.folder / "catalog")

    @property
    def outbox(self) -> Path:
        """Where posts are laid out."""
        return Path(self.bench.out / "outbox")

    def open_up(self) -> None:
        """Write the catalog."""
        self.source.mkdir()
        (self.source / "brief.yaml").write_text("title: Clay mug\n", encoding="utf-8")
        (self.source / "social.yaml").write_text(RULES, encoding="utf-8")
        for number, product in enumerate("ABCDEF"):
            picture = Image.linear_gradient("L").resize((320, 400)).convert("RGB").rotate(60 * number)
            picture.save(self.source / f"{product}.jpg")
            self.rows[product] = {"price": f"{20 + number} EUR"}
        self.write()

    def write(self) -> None:
        """Write the feed."""
        columns = ("price", "sale_price", "sale_price_effective_date", "availability")
        lines = [f"id,title,image_link,{','.join(columns)}"]
        lines += [
            f"{product},{product},{product}.jpg,{','.join(cells.get(column, '') for column in columns)}"
            for product, cells in self.rows.items()
        ]
        (self.source / "feed.csv").write_text("\n".join(lines), encoding="utf-8")

    def change(self, product: str, **cells: str) -> None:
        """Change a product in the feed."""
        self.rows[product] |= cells
        self.write()

    def wait_until(self, day: date, hour: float = 6.5) -> None:
        """Let time pass."""
        then = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=hour)
        self.bench.clock.advance((then - self.bench.clock.now()).total_seconds())

    @asynccontextmanager
    async def process(self) -> AsyncGenerator[Runtime]:
        """Start a process of ours."""
        async with self.bench.process() as tools, Intake(self.bench.folder / "photos") as intake:
            settings = tools.settings.model_copy(  # no platform looks into a rehearsal's videos
                update={"rehearse": True, "review_first": self.review_first}
            )
            yield Runtime(settings, tools.clock, None, intake, tools, Audience())

    async def drop(self, *, broken: bool = False, **what: Any) -> tuple[Dropped, RunReport]:  # noqa: ANN401 - fields
        """Make a drop, as the flow does; *broken*, the night breaks off when its clips are made."""
        async with self.process() as runtime:

            async def night_of(request: Request) -> RunReport | None:
                night = await nights.plan_night(request, runtime)
                order, started = await nights.begin(night, runtime), runtime.clock.now()
                for clip in night.work:
                    with suppress(NightreelError):  # the report tells
                        await make(clip, order, runtime.tools)
                return None if broken else await nights.end(night, order, started, runtime)

            asked = Drop(source=str(self.source), out=self.bench.out, **what)
            return await drop(asked, runtime, night_of, FolderShelf.of(runtime.settings, asked.out))

    def posts(self, day: date) -> set[str]:
        """Return what lies in the outbox for a day: `tiktok/A.mp4`."""
        folder = self.outbox / day.isoformat()
        return {path.relative_to(folder).as_posix() for path in folder.rglob("*.mp4")}


@pytest.fixture
def store(bench: Any) -> Store:  # noqa: ANN401 - the bench of the conftest
    """Open a store on Monday morning; its week's budget is the service's."""
    store = Store(bench)
    store.open_up()
    store.wait_until(MONDAY)
    return store


async def test_a_week_of_drops(store: Store) -> None:
    """A sale ends midweek, a product runs out of stock, another vanishes; nothing is made, bought or told twice."""
    store.change("B", sale_price="9 EUR", sale_price_effective_date=SALE)
    came: list[str] = []
    away: list[str] = []
    for number in range(7):
        day = MONDAY + timedelta(number)
        store.wait_until(day)
        if number == 2:
            away = [product for product in "ACDEF" if product not in came][:2]
            store.change(away[0], availability="out of stock")
            del store.rows[away[1]]
            store.write()
        done, report = await store.drop()
        picks = [pick.product for each in done.planned for pick in each.picks]
        came += picks
        assert len(picks) == (number < 5), "nothing at the weekend"
        assert store.posts(day) == {name for it in picks for name in (f"tiktok/{it}.mp4", f"reels/{it}.mp4")}
        assert (report.exit_code, done.new) == (0, 2 * len(picks))
        bill = list(store.bench.service.bill)
        shutil.rmtree(store.outbox / day.isoformat() / "tiktok", ignore_errors=True)  # posted, and tidied away
        again, _ = await store.drop()
        assert {name.split("/")[0] for name in store.posts(day)} <= {"reels"}
        assert (again.posts, again.new, again.withdrawn) == (done.posts, 0, [])
        assert store.bench.service.bill == bill
        if number == 3:
            assert [it.post.clip for it in done.withdrawn] == ["B 9x16"] * 2
            assert any("The sale of B ended on 2026-01-07 12:00." in note for note in report.notes)
        else:
            assert not done.withdrawn
    assert (came[0], came[4]) == ("B", "B"), "first while it is on sale, again when all others have had their day"
    assert len(set(came)) == 4
    assert not set(away) & set(came)
    assert store.posts(MONDAY) == set()
    withdrawn = {path.name for path in (store.outbox / "withdrawn").rglob("*") if path.is_file()}
    assert {"B.mp4", "B.jpg"} <= withdrawn
    assert len(store.bench.service.bill) == 5, "B's second video does not show the sale's price"


async def test_rules_of_nearly_that_name_are_not_passed_over(store: Store) -> None:
    """Rules that are called `social.yml` end the drop with what to call them: the usual ones would post all."""
    (store.source / "social.yaml").rename(store.source / "social.yml")
    with pytest.raises(ConfigurationError, match=r"^social\.yml is not read\. Call it social\.yaml\.$"):
        await store.drop()
    assert store.bench.service.bill == []


async def test_a_sale_that_is_over_is_withdrawn_without_a_drop(store: Store) -> None:
    """Looked for by itself, every hour: nothing is made then. A sale that the feed prolongs goes on."""
    store.change("B", sale_price="9 EUR", sale_price_effective_date=SALE)
    await store.drop()
    later = MONDAY + timedelta(2)
    store.wait_until(later, 13)
    store.change("B", sale_price_effective_date=SALE.replace("01-07T12", "01-07T18"))
    done, _ = await store.drop(only_withdraw=True)
    assert not done.withdrawn
    store.wait_until(later, 19)
    done, report = await store.drop(only_withdraw=True)
    assert [it.post.product for it in done.withdrawn] == ["B", "B"]
    assert (report.clips, store.posts(MONDAY)) == ((), set())


async def test_a_plan_that_is_changed_after_the_drop_is_followed(store: Store) -> None:
    """What was swapped out goes, what was swapped in comes; what was paid for stays made."""
    done, _ = await store.drop()
    (pick,) = done.planned[0].picks
    new = "F" if pick.product != "F" else "A"
    async with store.process() as runtime:
        book = Book(runtime.tools, await look(str(store.source), runtime))
        await book.swap(MONDAY, pick.product, new)
    changed, _ = await store.drop()
    assert [it.post.product for it in changed.withdrawn] == [pick.product] * 2
    assert store.posts(MONDAY) == {f"tiktok/{new}.mp4", f"reels/{new}.mp4"}
    assert (await store.drop())[0].new == 0


async def test_a_night_that_breaks_off_is_gone_on_with(store: Store) -> None:
    """The day's pick stands: the next drop lays out what was made, and buys nothing."""
    broken, report = await store.drop(broken=True)
    assert (broken.posts, len(broken.missing), report.exit_code) == ([], 2, 1)
    bill = list(store.bench.service.bill)
    done, report = await store.drop()
    assert [each.picks[0].product for each in done.planned] == [each.picks[0].product for each in broken.planned]
    assert (len(done.posts), report.exit_code) == (2, 0)
    assert store.bench.service.bill == bill


async def test_a_budget_holds_over_the_whole_drop(store: Store) -> None:
    """What the first products have taken is not there for the others; the drop says what could not be made."""
    words = "\n".join(f"  - {{name: n{number}, prompt: Show it {number}.}}" for number in range(3))
    (store.source / "social.yaml").write_text(f"slots:\n{words}\n", encoding="utf-8")
    done, report = await store.drop(budget=200)
    assert len(store.bench.service.bill) == 2
    assert len(done.missing) == 1
    assert report.exit_code == 3


async def test_where_a_review_comes_first_posts_wait_for_it(store: Store) -> None:
    """Made, and not laid out: until this very video was approved, by whichever way."""
    store.review_first = True
    done, report = await store.drop()
    assert (done.posts, len(done.waiting), report.exit_code) == ([], 1, 0)
    assert any("waits for its review" in note for note in report.notes)
    async with store.process() as runtime:
        (clip,) = await runtime.ledger.journal.clips("local", "studio")
        approved = {"verdict": "approve", "sha256": clip.master_sha256}
        deed = Deed(id="d" * 32, kind="review", clip_id=clip.id, body=approved)
        await runtime.ledger.deeds.end(deed, runtime.tools.account_id, **approved)
    done, _ = await store.drop()
    assert (len(done.posts), done.waiting) == (2, [])
