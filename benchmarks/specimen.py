"""A specimen of the studio's type: every style, script and format over the sample photos, as PNG sheets to look at.

`python -m benchmarks.specimen --out DIR [--style bold] [--format 9x16] [--script thai] [--height 480]`
writes a sheet for each style and format. Nothing is measured; eyes judge.
"""

import argparse
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from nightreel.models import Format
from nightreel.studio.draft import Direction, Draft, Motion, Style, TransitionKind, read_draft
from nightreel.studio.render import picture, pixels
from nightreel.studio.render.framing import Stage
from nightreel.studio.render.pixels import Bytes
from nightreel.studio.render.plan import Shot
from nightreel.studio.render.plate import Planes
from nightreel.studio.render.scenes import make_scene
from nightreel.studio.render.titles import Titles

_CATALOG = Path(__file__).parents[1] / "data" / "catalog"
_PHOTOS = (
    "NR-MUG-350/hero.jpg",
    "NR-EDP-050/ambre-nocturne_01.jpg",
    "NR-LMP-360/lamp_evening.jpg",
    "NR-SPK-200/IMG_0412.HEIC",
    "NR-MUG-350/mug-top.jpg",
)
_FRAME, _LENGTH = 60, 120

TEXTS: dict[str, tuple[str, dict[str, str]]] = {
    "latin": ("en", {"title": "Halden 200 Bluetooth Speaker", "subtitle": "Room-filling sound, all day long"}),
    "price": ("de", {"title": "Gemütlich gebrüht", "price": "24,90\u00a0€|34,90\u00a0€", "cta": "Jetzt bestellen"}),
    "greek": ("el", {"title": "Χειροποίητη κούπα καφέ", "subtitle": "Από ψημένο πηλό", "cta": "Αγορά τώρα"}),
    "cyrillic": ("ru", {"title": "Кружка ручной работы", "price": "1\u00a0990\u00a0₽|2\u00a0490\u00a0₽"}),
    "chinese": (
        "zh",
        {"title": "手工粗陶咖啡杯（海蓝釉）", "subtitle": "三百五十毫升，越用越温润", "cta": "立即购买"},
    ),
    "japanese": ("ja", {"title": "手びねりのコーヒーカップ", "price": "￥3,980|￥4,980", "cta": "カートに入れる"}),
    "korean": ("ko", {"title": "손으로 빚은 도자기 커피잔", "subtitle": "350ml 바다빛 유약", "cta": "지금 구매하기"}),
    "arabic": ("ar", {"title": "كوب قهوة مصنوع يدويًا", "price": "99 ر.س|149 ر.س", "cta": "تسوّق الآن"}),
    "hebrew": ("he", {"title": "ספל קפה בעבודת יד", "subtitle": "350 מ״ל, זיגוג כחול", "cta": "לקנייה"}),
    "hindi": ("hi", {"title": "हाथ से बना कॉफ़ी मग", "price": "₹1,299|₹1,799", "cta": "अभी ख़रीदें"}),
    "thai": ("th", {"title": "แก้วกาแฟเซรามิกทำมือสีฟ้าทะเล", "subtitle": "ขนาด 350 มล. ใช้ได้ทุกวัน", "cta": "สั่งซื้อเลย"}),
    "emoji": ("en", {"title": "Coffee time ☕️🔥", "subtitle": "Made with ❤️ in 🇩🇪", "cta": "Shop now 👉"}),
    "caption": ("en", {"title": "Slow mornings", "caption": "Every piece is thrown by hand and fired twice."}),
    "lower": ("en", {"lower_third": "Ambre Nocturne\nEau de parfum, 50 ml", "cta": "Discover"}),
    "card": ("en", {"end_card": "Halden Audio\nhalden.example\nFree returns for 60 days"}),
}
"""A script or a set of roles: language, and role → text; a price has the old one after a bar."""

BRANDS: dict[str, tuple[str, ...]] = {"price": ("#0b6e4f", "#f4f1de"), "card": ("#12355b", "#f6ae2d")}


def draft_of(name: str, style: Style, format_: Format) -> Draft:
    """Return a draft that shows one set of texts."""
    language, texts = TEXTS[name]
    width, height = format_.canvas
    segments: list[dict[str, object]] = []
    for role, text in texts.items():
        said, _, old = text.partition("|")
        segments.append({"d": 4_000, "s": 0, "m": {"text": said, "role": role, "old": old}})
    meta = {"width": width, "height": height, "style": style, "language": language, "colors": BRANDS.get(name, ())}
    return read_draft({"m": meta, "t": [{"tt": 7, "sg": segments}]})


def shown(draft: Draft, number: int) -> Bytes:
    """Return an RGB frame of *draft* over a sample photo."""
    titles = Titles(draft)
    behind = _behind(number % len(_PHOTOS), (draft.m.width, draft.m.height), titles.stage(0, _LENGTH))
    planes = Planes(behind.y.copy(), behind.u.copy(), behind.v.copy())
    tones = titles.tones([behind], 0, _LENGTH)
    titles.lay_over(planes, _FRAME, [(tones, 1.0)])
    return pixels.rgb(planes.y, planes.u, planes.v)


@cache
def _behind(number: int, canvas: tuple[int, int], stage: Stage) -> Planes:
    shot = Shot("photo", Motion.ZOOM_IN, 0, _LENGTH, 0, TransitionKind.CUT, Direction.LEFT)
    scene = make_scene(shot, _CATALOG / _PHOTOS[number], canvas, stage, 30)
    _, planes = picture.blank(*canvas)
    scene.draw(_FRAME, planes)
    return planes


def sheet(style: Style, format_: Format, names: list[str], height: int) -> Bytes:
    """Return all sets of texts of one style and format, side by side."""
    frames = [shown(draft_of(name, style, format_), number) for number, name in enumerate(names)]
    width = round(height * format_.canvas[0] / format_.canvas[1])
    small = [np.asarray(Image.fromarray(frame).resize((width, height))) for frame in frames]
    columns = max(1, min(len(small), 2_000 // (width + 6)))
    rows = [small[at : at + columns] for at in range(0, len(small), columns)]
    grid = np.full((len(rows) * (height + 6), columns * (width + 6), 3), 40, np.uint8)
    for row, line in enumerate(rows):
        for column, image in enumerate(line):
            grid[row * (height + 6) :][:height, column * (width + 6) :][:, :width] = image
    return grid


def _asked() -> Iterator[tuple[Style, Format, Path, list[str], int]]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("specimen"), help="where the sheets go")
    parser.add_argument("--style", action="append", choices=[style.value for style in Style])
    parser.add_argument("--format", action="append", choices=[format_.value for format_ in Format])
    parser.add_argument("--script", action="append", choices=list(TEXTS))
    parser.add_argument("--height", type=int, default=480, help="of each picture, in pixels")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    for style in given.style or Style:
        for format_ in given.format or Format:
            to = given.out / f"{style}_{format_}.png"
            yield Style(style), Format(format_), to, given.script or list(TEXTS), given.height


if __name__ == "__main__":
    for style, format_, to, names, height in _asked():
        Image.fromarray(sheet(style, format_, names, height)).save(to)
        print(to)
