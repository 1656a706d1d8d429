"""The watcher: real folders, time that a test holds still."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from nightreel.cli.main import invoke
from nightreel.clock import ManualClock, SystemClock
from nightreel.errors import SourceError
from nightreel.models import Request
from nightreel.nights import Watcher, plan_settled, require_source, watching
from nightreel.runtime import open_runtime
from nightreel.settings import load_settings
from nightreel.sources import Bell

SETTLE = 2.0


class HeldClock(ManualClock):
    """Time that moves when it is advanced; whoever sleeps is woken when his time has come."""

    def __init__(self) -> None:
        super().__init__()
        self.asleep = asyncio.Event()
        self._moved = asyncio.Condition()

    async def sleep(self, seconds: float) -> None:
        """Sleep until the clock was advanced by so much."""
        end = self.monotonic() + seconds
        async with self._moved:
            while self.monotonic() < end:
                self.asleep.set()
                await self._moved.wait()

    async def pass_(self, seconds: float) -> None:
        """Let *seconds* pass."""
        async with self._moved:
            self.asleep.clear()
            self.advance(seconds)
            self._moved.notify_all()


@dataclass
class Stage:
    """A watcher at work on a folder."""

    root: Path
    clock: HeldClock
    watcher: Watcher
    lines: list[str] = field(default_factory=list[str])
    waiting: asyncio.Task[tuple[str, ...]] | None = None

    async def start(self) -> None:
        """Have it look, until it sleeps or something is ready."""
        self.clock.asleep.clear()
        self.waiting = asyncio.create_task(self.watcher.changed())
        await self._rest()

    async def pass_(self, seconds: float) -> None:
        """Let *seconds* pass, in which it looks again."""
        await self.clock.pass_(seconds)
        await self._rest()

    async def _rest(self) -> None:
        assert self.waiting is not None
        sleeping = asyncio.ensure_future(self.clock.asleep.wait())
        await asyncio.wait({sleeping, self.waiting}, return_when=asyncio.FIRST_COMPLETED)
        sleeping.cancel()

    async def changed(self) -> tuple[str, ...]:
        """Return what is ready."""
        assert self.waiting is not None
        task, self.waiting = self.waiting, None
        return await asyncio.wait_for(task, 60)

    @property
    def ready(self) -> bool:
        """Whether something is."""
        return self.waiting is not None and self.waiting.done()


Watching = Callable[[], Any]


@pytest.fixture
def stage(tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Watching:  # noqa: ARG001 - a home
    """Give a watcher whose bell is mute: it sees what it looks at."""

    @asynccontextmanager
    async def opened() -> AsyncGenerator[Stage]:
        root = tmp_path / "catalog"
        root.mkdir()
        (root / "brief.yaml").write_text("seconds: 5\n")
        settings = load_settings(settle=SETTLE, scan_every=SETTLE)
        clock, lines = HeldClock(), list[str]()

        async def hang(_bell: Bell, _over: Any) -> bool:  # noqa: ANN401 - a set of folders
            return False

        monkeypatch.setattr(Bell, "hang", hang)
        async with Watcher(Request(source=str(root)), settings, lines.append, clock) as watcher:
            yield (on := Stage(root, clock, watcher, lines))
            if on.waiting is not None:
                on.waiting.cancel()

    return opened


def photo(path: Path, shade: int = 100) -> Path:
    """Save a photo."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (300, 300), (shade, 90, 90)).save(path)
    return path


async def test_a_photo_that_is_copied_in_pieces_waits_to_its_end(stage: Watching, tmp_path: Path) -> None:
    """However long it takes: its product comes once, and whole."""
    data = photo(tmp_path / "whole.jpg").read_bytes()
    async with stage() as on:
        target = on.root / "mug" / "1.jpg"
        target.parent.mkdir()
        await on.start()
        for end in range(0, len(data) + 500, 500):
            target.write_bytes(data[:end])
            await on.pass_(SETTLE)
            assert not on.ready
        await on.pass_(SETTLE)
        assert await on.changed() == ("mug",)
    assert on.lines.count("mug is coming or changing…") == 1
    assert on.lines[-1] == "mug: 1 photo"


async def test_replaced_renamed_and_deleted_photos_are_seen(stage: Watching) -> None:
    """Each makes its product come again, and is told."""
    async with stage() as on:
        photo(on.root / "mug" / "1.jpg")
        photo(on.root / "lamp" / "1.jpg")
        await on.start()
        await on.pass_(SETTLE)
        assert await on.changed() == ("lamp", "mug")

        async def after(change: Callable[[], Any]) -> str:
            change()
            await on.start()
            await on.pass_(SETTLE)
            assert await on.changed() == ("mug",)
            return str(on.lines[-1])

        mug = on.root / "mug"
        assert await after(lambda: photo(mug / "new.jpg", 7).replace(mug / "1.jpg")) == "mug: 1.jpg was replaced"
        assert await after(lambda: (mug / "1.jpg").rename(mug / "9.jpg")) == "mug: 1.jpg is now 9.jpg"
        assert await after(lambda: photo(mug / "2.jpg", 9)) == "mug: 2.jpg is new"
        assert await after((mug / "2.jpg").unlink) == "mug: 2.jpg is gone"
        assert await after(lambda: (mug / "brief.yaml").write_text("seconds: 9\n")) == (
            "mug: its brief or its fields changed"
        )


async def test_trouble_is_told_once_and_outlived(stage: Watching) -> None:
    """A catalog that cannot be read for a while stops nothing; what comes afterwards is seen."""
    async with stage() as on:
        await on.start()
        for _ in range(3):
            await on.pass_(SETTLE)
        (on.root / "brief.yaml").write_text("secnods: 5\n")
        for _ in range(3):
            await on.pass_(SETTLE)
        (on.root / "brief.yaml").write_text("seconds: 5\n")
        photo(on.root / "mug" / "1.jpg")
        for _ in range(2):
            await on.pass_(SETTLE)
        assert await on.changed() == ("mug",)
    assert [line.split(".")[0] for line in on.lines if line.startswith("✗")] == [
        f"✗ {on.root} has no photos",
        "✗ brief",
    ]


async def test_the_bell_rings_when_something_moves(tmp_path: Path) -> None:
    """New, written and removed files in a folder ring; hushed, it is silent until the next."""
    bell, clock = Bell(), SystemClock()
    assert await bell.hang({tmp_path})
    assert not await bell.hang({tmp_path})
    try:
        for _ in range(2):
            ringing, count = asyncio.ensure_future(bell.wait()), 0
            while not ringing.done():  # it may not listen yet: something moves until it rings
                (tmp_path / f"{(count := count + 1)}.jpg").write_bytes(b"x")
                await clock.sleep(0.02)
            bell.hush()
    finally:
        await bell.close()


async def test_a_bell_over_a_folder_that_is_gone(tmp_path: Path) -> None:
    """It is silent, and can be hung again."""
    bell = Bell()
    clock = SystemClock()
    assert await bell.hang({tmp_path / "gone"})
    while not await bell.hang({tmp_path / "gone"}):  # until it has noticed that it hangs over nothing
        await clock.sleep(0.01)
    await bell.close()


def test_no_link_is_watched(tmp_path: Path, own_home: Path) -> None:  # noqa: ARG001 - a home of its own
    """The bell hangs over the catalog and its folders, not over what a link leads to."""
    photo(tmp_path / "catalog" / "mug" / "1.jpg")
    (tmp_path / "catalog" / "away").symlink_to(tmp_path)
    seen = watching.look(Request(source=str(tmp_path / "catalog")), load_settings())
    assert seen.folders == {tmp_path / "catalog", tmp_path / "catalog" / "mug"}


async def test_what_stands_still_is_planned(tmp_path: Path, own_home: Path) -> None:  # noqa: ARG001 - a home
    """One call plans what is whole and has something to be made; what moves meanwhile is left to the next."""
    photo(tmp_path / "catalog" / "mug" / "1.jpg")
    moving = photo(tmp_path / "catalog" / "lamp" / "1.jpg")
    request = Request(source=str(tmp_path / "catalog"), out=tmp_path / "out")

    class Moving(ManualClock):
        async def sleep(self, seconds: float) -> None:
            await super().sleep(seconds)
            moving.write_bytes(moving.read_bytes()[:-10])

    async with open_runtime(load_settings()) as runtime:
        night = await plan_settled(request, runtime, Moving())
        assert [clip.product for clip in night.work] == ["mug"]
        moving.parent.joinpath("1.jpg").unlink()
        (tmp_path / "catalog" / "mug" / "1.jpg").rename(moving)
        (tmp_path / "catalog" / "mug").rmdir()
        assert not (await plan_settled(request, runtime, Moving())).work


def test_a_source_that_is_none_is_told_at_once(tmp_path: Path, own_home: Path) -> None:  # noqa: ARG001 - a home
    """An empty folder may be watched; one that is not there, and what can never be a catalog, is a mistake."""
    require_source(Request(source=str(tmp_path)), load_settings())
    with pytest.raises(SourceError, match="There is no folder or feed"):
        require_source(Request(source=str(tmp_path / "none")), load_settings())
    with pytest.raises(SourceError, match=r"hero\.jpg is no catalog"):
        require_source(Request(source=str(photo(tmp_path / "hero.jpg"))), load_settings())
    with pytest.raises(SourceError, match="ftp://shop cannot be read"):
        require_source(Request(source="ftp://shop"), load_settings())


def test_a_feed_of_own_columns_is_watched(
    tmp_path: Path,
    own_home: Path,  # noqa: ARG001 - a home of its own
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Its products are seen by the columns that `--map` names; what names none ends the watch at once."""
    (tmp_path / "feed.csv").write_text("SKU,Picture\nA1,a.png\n", encoding="utf-8")
    photo(tmp_path / "a.png")
    mapping = ("id=SKU", "photos=Picture")
    assert [*watching.look(Request(source=str(tmp_path), mapping=mapping), load_settings()).products] == ["A1"]
    assert invoke(["watch", str(tmp_path), "--map", "id=SKU", "--map", "Picture"]) == 2
    assert '--map "Picture" does not say which field' in " ".join(capsys.readouterr().err.split())
