"""What `nightreel plan` prints of a feed: the lines, what the columns became, and the sum."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from nightreel.cli.main import invoke
from nightreel.cli.plan import lasting

FEED = "SKU,Name,Picture,Preis,Leer\nA,Lamp,a.png,9 EUR,\nB,Cup,b.png,5 EUR,\n,Nameless,a.png,,\nC,Gone,c.png,,\n"
MAPPED = ("--map", "id=sku", "--map", "title=Name", "--map", "photos=Picture", "--map", "price=Preis")


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    """A feed with columns of its own, and two bad rows."""
    for number, name in enumerate("ab"):
        Image.linear_gradient("L").resize((800, 900)).rotate(90 * number).save(tmp_path / f"{name}.png")
    (tmp_path / "feed.csv").write_text(FEED, encoding="utf-8")
    return tmp_path / "feed.csv"


def _plan(feed: Path, *more: str) -> int:
    return invoke(["plan", str(feed), "--out", str(feed.parent / "out"), *more])


def test_a_machine_reads_the_whole_plan(feed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` has a line a clip, with its photos, what the budget cuts off, and what became of each column."""
    assert _plan(feed, *MAPPED, "--json", "--budget", "150") == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert told["counts"] == {"new": 2, "unfit": 2}
    assert (told["to_make"], told["affordable"], told["credits"], told["budget_left"]) == (2, 1, 200, 150)
    lamp, cup, nameless, gone = told["items"]
    assert (lamp["status"], lamp["photos"], lamp["beyond_budget"]) == ("new", ["a.png"], False)
    assert cup["beyond_budget"]
    assert nameless["reason"] == "feed.csv, line 4 has no id."
    assert gone["reason"] == "feed.csv, line 5: c.png does not exist."
    assert told["feed"]["dialect"] == "by --map"
    became = {column["name"]: (column["became"], column["filled"]) for column in told["feed"]["columns"]}
    assert became == {
        "SKU": ("id", 3),
        "Name": ("title", 4),
        "Picture": ("photos", 4),
        "Preis": ("price", 2),
        "Leer": ("leer", 0),
    }


def test_a_person_reads_what_there_is_to_do(feed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table names rows that are left out, columns, and in the sum credits, time and budget."""
    assert _plan(feed, *MAPPED, "--budget", "150") == 0
    told = capsys.readouterr().out
    assert "feed.csv, line 4 has no id." in told
    assert "Beyond the budget." in told
    assert "Picture  → photos  in 4 rows" in " ".join(told.split(" ")).replace("   ", "  ")
    assert "2 new, 2 unfit · at most 200 credits · about 2 min · the budget reaches for 1 of 2" in told


def test_a_feed_of_unknown_columns_is_told_how_to_map_them(feed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message has the very options that are missing, with the columns that are probably meant."""
    assert _plan(feed) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert "feed.csv has no columns of a feed: SKU, Name, Picture, Preis, Leer." in told
    assert "--map id=SKU --map image_link=Picture" in told


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (59, "59 s"), (61, "2 min"), (3600, "1 h"), (7800, "2 h 10 min")],
)
def test_times_are_told_as_people_say_them(seconds: float, words: str) -> None:
    """Rounded up, to what is of interest."""
    assert lasting(seconds) == words
