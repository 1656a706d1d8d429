"""What a photo costs in processor time and memory, against the decoders alone and what others do with them.

All do the same job in turns, round after round, and the least of each counts: fit a photo into 2160x3840 and save it
as a JPEG of quality 90. Ours also hashes it, checks its every pixel, looks for what a marketer should know, converts
its colours, and drops what is said of the place.
"""
# pyright: reportUnknownMemberType=false

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pillow_heif
import pyvips

from benchmarks.children import Spent, run
from benchmarks.figures import Figure

_SIZES = {"12 MP": (3000, 4000), "48 MP": (6000, 8000), "108 MP": (9000, 12000)}
_KINDS = ("jpg", "png", "webp", "heic")
_WEBP_SIDE = 16_383  # pixels: what a WEBP may have; 108 MP of it take too long to make
_LEAST = 0.9
_HEIC_MOST = 1.15
_MEMORY, _MEMORY_108 = 250.0, 600.0
_MANY = 24

Table = dict[tuple[str, str], Spent]


def measure(rounds: int) -> Iterator[Figure]:
    """Yield this subject's figures."""
    with tempfile.TemporaryDirectory() as name:
        photos = {photo.stem: photo for photo in _photos(Path(name))}
        table = _table(photos, rounds)
        yield from _against(table, photos)
        yield from _heic(table)
        yield from _memory(table, photos)
        yield from _rate(photos["12 MP jpg"], rounds)


def _table(photos: dict[str, Path], rounds: int) -> Table:
    """Return the least that each took for each photo."""
    table: Table = {}
    magick = _magick()
    for _ in range(rounds):
        for title, path in photos.items():
            for who in ("ours", "decode alone", "Pillow") if path.suffix == ".heic" else ("ours", "pyvips", "Pillow"):
                _least(table, who, title, run([sys.executable, "-m", "benchmarks.one_photo", who, str(path)]))
            if magick:
                out = str(path.with_suffix(".out.jpg"))
                fit = ["-auto-orient", "-resize", "2160x3840>", "-quality", "90", "-strip", out]
                _least(table, "ImageMagick", title, run([magick, str(path), *fit]))
    return table


def _least(table: Table, who: str, title: str, spent: Spent) -> None:
    known = table.get((who, title))
    if known is None or _seconds(spent) < _seconds(known):
        table[who, title] = spent


def _seconds(spent: Spent) -> float:
    """Return the seconds that it printed: without its imports; all of them where it printed none."""
    return float(spent.printed.split()[0]) if spent.printed.strip() else spent.seconds


def _peak(spent: Spent) -> float:
    return float(spent.printed.split()[1])


def _against(table: Table, photos: dict[str, Path]) -> Iterator[Figure]:
    for title in photos:
        ours = _seconds(table["ours", title])
        yield Figure(f"{title}, all checks", ours * 1000, "CPU ms", None, holds=True)
        for who, goal in (("pyvips", _LEAST), ("Pillow", None), ("ImageMagick", None)):
            if (who, title) in table:
                times = _seconds(table[who, title]) / ours
                name = "bare pyvips.thumbnail" if who == "pyvips" else who
                yield Figure(f"times as fast, {title}", times, "x", goal, goal is None or times >= goal, name)
    if not _magick():
        yield Figure("times as fast", None, "x", None, holds=True, against="ImageMagick (not installed)")


def _heic(table: Table) -> Iterator[Figure]:
    for title in (title for who, title in table if who == "decode alone"):
        goal = _HEIC_MOST if title == "48 MP heic" else None
        times = _seconds(table["ours", title]) / _seconds(table["decode alone", title])
        yield Figure(f"{title}, all checks", times, "x", goal, goal is None or times <= goal, "its decode alone")


def _memory(table: Table, photos: dict[str, Path]) -> Iterator[Figure]:
    """Yield what a decoder's process takes for each photo, after others that left it theirs."""
    before = [photos["12 MP jpg"], photos["12 MP png"]]
    for title, photo in photos.items():
        goal = _MEMORY_108 if title == "108 MP heic" else _MEMORY
        peak = float(run([sys.executable, "-m", "benchmarks.one_worker", *map(str, (*before, photo, photo))]).printed)
        alone = table.get(("decode alone", title))
        against = f"its decode alone, {_peak(alone):.0f} MB" if alone else ""
        yield Figure(f"memory of a decoder, {title}", peak, "MB", goal, peak <= goal, against)


def _rate(photo: Path, rounds: int) -> Iterator[Figure]:
    """Photos a second on all cores: our processes with limits, and as many bare ones."""
    cores = os.cpu_count() or 1
    walls: dict[str, float] = {}
    for _ in range(rounds):
        for who in ("ours", "pyvips"):
            command = [sys.executable, "-m", "benchmarks.many_photos", who, str(photo), str(_MANY), str(cores)]
            walls[who] = min(walls.get(who, float("inf")), float(run(command).printed))
    rates = {who: _MANY / wall for who, wall in walls.items()}
    yield Figure(f"12 MP jpg on {cores} cores", rates["ours"], "photos/s", None, holds=True)
    times = rates["ours"] / rates["pyvips"]
    yield Figure(f"12 MP jpg on {cores} cores", times, "x", _LEAST, times >= _LEAST, "bare pyvips.thumbnail")


def _magick() -> str:
    """Return where ImageMagick is, or ""."""
    for name in ("magick", "convert"):
        found = shutil.which(name)
        if found:
            said = subprocess.run([found, "-version"], capture_output=True, text=True, check=False)
            if said.stdout.startswith("Version: ImageMagick"):
                return found
    return ""


# --------------------------------------------------------------------------- the photos


def _photos(folder: Path) -> Iterator[Path]:
    for megapixels, (width, height) in _SIZES.items():
        scene = _scene(width, height)
        for kind in _KINDS:
            if kind == "webp" and megapixels == "108 MP":
                continue
            path = folder / f"{megapixels} {kind}.{kind}"
            _write(scene, path)
            yield path


def _write(scene: pyvips.Image, path: Path) -> None:
    match path.suffix:
        case ".jpg":
            scene.jpegsave(str(path), Q=92)
        case ".png":
            scene.pngsave(str(path), compression=3, filter=0x10)  # sub, as most writers do
        case ".webp":
            scene.webpsave(str(path), Q=85, effort=2)
        case _:
            _write_heic(scene, path)


def _write_heic(scene: pyvips.Image, path: Path) -> None:
    """Write tiles of 512 pixels, as phones do."""
    pillow_heif.options.GRID_TILE_SIZE = 512
    data = scene.write_to_memory()
    heif = pillow_heif.from_bytes("RGB", (scene.width, scene.height), data)
    heif.save(path, quality=60, enc_params={"preset": "ultrafast"})


def _scene(width: int, height: int) -> pyvips.Image:
    """Return large soft shapes; half of them have a camera's grain, so that the largest PNG stays within 200 MB."""
    shapes = pyvips.Image.gaussnoise(width // 64 + 2, height // 64 + 2, sigma=60, mean=128, seed=1)
    shapes = shapes.bandjoin([shapes.rot180(), shapes.fliphor()]).resize(64, kernel="cubic").crop(0, 0, width, height)
    grain = pyvips.Image.gaussnoise(width, height, sigma=4, mean=0, seed=2)
    grainy = (shapes > shapes.avg()).extract_band(0) / 255
    return (shapes + grain * grainy).cast("uchar").copy(interpretation="srgb").copy_memory()
