"""Frames of type as they were when somebody looked at them and found them good.

After a change that is meant to be seen: `python -m tests.unit.type_frames.keep`, look at each PNG, and commit them.
"""

from pathlib import Path

import numpy as np
from PIL import Image

from nightreel.studio.draft import read_draft
from nightreel.studio.render import picture, pixels
from nightreel.studio.render.pixels import Bytes
from nightreel.studio.render.titles import Titles

HERE = Path(__file__).parent
SIZE = (270, 480)

FRAMES: dict[str, tuple[dict[str, object], list[dict[str, str]]]] = {
    "clean-latin": (
        {},
        [{"text": "Grün gebrühter Kaffee", "role": "title"}, {"text": "from €9.90", "role": "subtitle"}],
    ),
    "clean-japanese": (
        {"language": "ja", "colors": ["#12355b"]},
        [{"text": "手びねりのコーヒーカップ", "role": "title"}, {"text": "カートに入れる", "role": "cta"}],
    ),
    "bold-cyrillic": (
        {"style": "bold", "language": "ru"},
        [
            {"text": "Кружка ручной работы", "role": "title"},
            {"text": "1\u00a0990\u00a0₽", "old": "2\u00a0490\u00a0₽", "role": "price"},
        ],
    ),
    "bold-thai": (
        {"style": "bold", "language": "th"},
        [{"text": "แก้วกาแฟเซรามิกทำมือ", "role": "title"}, {"text": "ปิ่นโตน้ำผึ้ง", "role": "lower_third"}],
    ),
    "editorial-arabic": (
        {"style": "editorial", "language": "ar"},
        [{"text": "كوب قهوة مصنوع يدويًا", "role": "title"}, {"text": "تسوّق الآن", "role": "cta"}],
    ),
    "editorial-hindi": (
        {"style": "editorial", "language": "hi"},
        [{"text": "हाथ से बना कॉफ़ी मग", "role": "title"}, {"text": "₹1,299", "old": "₹1,799", "role": "price"}],
    ),
    "playful-hebrew-emoji": (
        {"style": "playful", "language": "he"},
        [{"text": "ספל קפה ☕️ 350 מ״ל", "role": "title"}, {"text": "קפה של בוקר", "role": "caption"}],
    ),
    "playful-card": (
        {"style": "playful", "colors": ["#12355b", "#f6ae2d"]},
        [{"text": "Acme\nacme.example", "role": "end_card"}],
    ),
}
"""The draft's meta and its texts, by the frame's name."""


def drawn(name: str) -> Bytes:
    """Return the RGB frame of that name, over a picture that goes from bright to dark."""
    meta, texts = FRAMES[name]
    width, height = SIZE
    segments = [{"d": 4_000, "s": 0, "m": text} for text in texts]
    titles = Titles(read_draft({"m": {"width": width, "height": height, **meta}, "t": [{"tt": 7, "sg": segments}]}))
    _, planes = picture.blank(width, height)
    planes.y[:] = np.linspace(210, 60, height).astype(np.uint8)[:, None]
    planes.u[:], planes.v[:] = 118, 140
    titles.lay_over(planes, 60, [(titles.tones([planes], 0, 120), 1.0)])
    return pixels.rgb(planes.y, planes.u, planes.v)


if __name__ == "__main__":
    for frame in FRAMES:
        Image.fromarray(drawn(frame)).save(HERE / f"{frame}.png", optimize=True)
