"""How long a plan takes: 10,000 products of two photos each, all made, of which 20 have another price since.

And what reading a feed takes: its memory must not hang on its length.
"""

import asyncio
import csv
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from benchmarks.children import Spent, run
from benchmarks.figures import Figure
from benchmarks.made import have_made
from nightreel.models import Request
from nightreel.nights import plan_night
from nightreel.runtime import open_runtime
from nightreel.settings import Settings

PRODUCTS = 10_000
CHANGED = 20
_PHOTOS = 2
_CONTENTS = 20
_MOST_WAIT = 5.0
_MOST_GROWTH = 30.0
_ROWS = (1_000, 100_000)
_READ = """
import re, sys
from nightreel.catalog.feeds import Feed
with open(sys.argv[1], "rb") as file:
    count = sum(1 for _ in Feed(file, sys.argv[1]))
with open("/proc/self/status") as status:
    print(count, re.search(r"VmHWM:\\s*(\\d+)", status.read())[1])
"""
"""The peak is the process's own: what `wait4` tells begins with the memory of whoever started it."""

_TEXT = "Wheel-thrown stoneware with a sea-blue glaze; no two are alike. " * 12


@dataclass(frozen=True)
class Prepared:
    """A catalog with a journal that knows all of it, in a home of its own."""

    home: Path
    source: Path
    out: Path

    def plan(self) -> Spent:
        """Plan in a process of its own."""
        words = ["plan", str(self.source), "--out", str(self.out), "--json"]
        environment = [f"NIGHTREEL_HOME={self.home}", f"XDG_CONFIG_HOME={self.home}"]
        return run(["/usr/bin/env", *environment, sys.executable, "-m", "nightreel", *words])


def measure() -> Iterator[Figure]:
    """Yield this subject's figures."""
    with tempfile.TemporaryDirectory() as name:
        prepared = prepare(Path(name), PRODUCTS)
        spent = prepared.plan()
        counts = json.loads(spent.printed)["counts"]
        right = counts == {"changed": CHANGED, "unchanged": PRODUCTS - CHANGED}
        what = f"plan of {PRODUCTS:,} products, {CHANGED} changed"
        yield Figure(what, spent.wall, "s", _MOST_WAIT, right and spent.wall <= _MOST_WAIT)
        yield Figure(f"{what}, processor time", spent.seconds, "CPU s", None, holds=right)
        yield Figure(f"{what}, peak memory", spent.memory, "MB", None, holds=right)
    yield from _feeds()


def _feeds() -> Iterator[Figure]:
    for kind in ("csv", "xml"):
        with tempfile.TemporaryDirectory() as name:
            short, long = (_read(Path(name) / f"{rows}.{kind}", rows) for rows in _ROWS)
        what = f"feed of {_ROWS[1]:,} rows, {kind.upper()}"
        yield Figure(f"{what}, processor time", long[0], "CPU s", None, holds=True)
        growth = long[1] - short[1]
        yield Figure(f"{what}, more memory", growth, "MB", _MOST_GROWTH, growth <= _MOST_GROWTH, f"{_ROWS[0]:,} rows")


def _read(path: Path, rows: int) -> tuple[float, float]:
    """Read a feed of so many *rows* in a process of its own; return its CPU seconds and its peak memory in MB."""
    with path.open("w", encoding="utf-8") as file:
        if path.suffix == ".csv":
            csv.writer(file).writerows((("id", "title", "description", "image_link", "price"), *_cells(rows)))
        else:
            file.write('<rss xmlns:g="http://base.google.com/ns/1.0"><channel>')
            names = ("g:id", "title", "description", "g:image_link", "g:price")
            for cells in _cells(rows):
                file.write(f"<item>{''.join(f'<{n}>{c}</{n}>' for n, c in zip(names, cells, strict=True))}</item>")
            file.write("</channel></rss>")
    spent = run([sys.executable, "-c", _READ, str(path)])
    count, kilobytes = map(int, spent.printed.split())
    if count != rows:
        raise RuntimeError(f"{path.name}: {count} of {rows} rows were read")
    return spent.seconds, kilobytes / 1024


def _cells(rows: int) -> Iterable[tuple[str, ...]]:
    return ((f"P{n}", f"Mug {n}", _TEXT, f"p/{n}.jpg", "24.99 EUR") for n in range(rows))


# --------------------------------------------------------------------------- a catalog that was made


def prepare(folder: Path, products: int) -> Prepared:
    """Make a catalog of *products*, have each in the journal as made, and change the price of some."""
    made = Prepared(folder / "home", folder / "catalog" / "products.csv", folder / "out")
    for number in range(_CONTENTS):
        picture = Image.radial_gradient("L").resize((320, 400)).rotate(17 * number).convert("RGB")
        (folder / "catalog").mkdir(exist_ok=True)
        picture.save(folder / "catalog" / f"content{number}.jpg")
    for number in range(products):
        place = folder / "catalog" / f"P{number}"
        place.mkdir()
        for turn in range(_PHOTOS):
            content = folder / "catalog" / f"content{(number + turn) % _CONTENTS}.jpg"
            (place / f"{turn}.jpg").write_bytes(content.read_bytes())
    _write_feed(made.source, products, changed=0)
    asyncio.run(_make(made))
    _write_feed(made.source, products, changed=CHANGED)
    return made


def _write_feed(path: Path, products: int, changed: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("id", "title", "description", "image_link", "additional_image_link", "price"))
        for n in range(products):
            price = "19.99 EUR" if n < changed else "24.99 EUR"
            rows.writerow((f"P{n}", f"Mug {n}, sea blue", _TEXT, f"P{n}/0.jpg", f"P{n}/1.jpg", price))


async def _make(made: Prepared) -> None:
    """Plan, and record every clip as made and delivered."""
    settings = Settings(home=made.home, config_home=made.home)
    async with open_runtime(settings) as runtime:
        night = await plan_night(Request(source=str(made.source), out=made.out), runtime)
        await have_made(night.plan.clips, made.out, runtime)


if __name__ == "__main__":
    for figure in measure():
        os.write(1, f"{figure.name}: {figure.value:.3g} {figure.unit} ({figure.holds})\n".encode())
