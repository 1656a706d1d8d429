"""Type: every script is drawn, lines break where a reader would, ink stays in its zone, contrast is measured."""
# pyright: reportPrivateUsage=false

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightreel.errors import RenderError
from nightreel.studio.draft import DraftMeta, Role, Style, TextMeta, read_draft
from nightreel.studio.fonts import FOLDER
from nightreel.studio.fonts.faces import Chooser, Stack
from nightreel.studio.fonts.glyphs import composed, drawable, lost, unreadable
from nightreel.studio.render import picture, pixels
from nightreel.studio.render.contrast import contrast, ink_on, luminance, tone_of
from nightreel.studio.render.framing import STAGE
from nightreel.studio.render.pixels import Bytes
from nightreel.studio.render.plate import Planes
from nightreel.studio.render.titles import Titles
from nightreel.studio.render.type.bidi import right_to_left
from nightreel.studio.render.type.blocks import Block
from nightreel.studio.render.type.capitals import capitals
from nightreel.studio.render.type.clusters import clusters, pieces
from nightreel.studio.render.type.drawing import draw_line
from nightreel.studio.render.type.palette import rgb
from nightreel.studio.render.type.safe import safe_zone
from nightreel.studio.render.type.setting import Measure, Setting, set_text
from nightreel.studio.render.type.shaping import Line, shape
from nightreel.studio.render.type.styles import DESIGNS
from nightreel.studio.render.type.typesetter import Typesetter

_SCRIPTS = {
    "latin": "Gjøvik Åsgård",
    "greek": "Ελλάδα",
    "cyrillic": "Привет",
    "chinese": "手工粗陶咖啡杯",
    "japanese": "こんにちはコーヒー",
    "korean": "도자기 커피잔",
    "arabic": "قهوة",
    "hebrew": "קפה",
    "hindi": "हिन्दी",
    "thai": "ภาษาไทย",
    "emoji": "🔥☕️",
    "price": "¥168.00 ₹1,299 24,90€ ₺9 ₩9 ₪9 ฿9 ₽9",
}


def _chooser(text: str, language: str = "en") -> Chooser:
    return Stack((), ()).for_text(text, language)


def _line(text: str, tracking: float = 0.0) -> Line:
    return shape(text, _chooser(text), rtl=right_to_left(text), tracking=tracking)


def _set(text: str, size: float, column: float, lines: int, language: str = "en") -> Setting:
    return set_text(drawable(text), _chooser(text, language), Measure(size, column, lines))


def _ink(text: str) -> Bytes:
    line = _line(text)
    mask = np.zeros((160, round(line.width * 60) + 40), np.uint8)
    draw_line(line, 60, 20 - line.left * 60, 100, mask)
    return mask


@pytest.mark.parametrize("text", _SCRIPTS.values(), ids=_SCRIPTS)
def test_every_glyph_of_a_script_is_drawn_and_none_is_an_empty_box(text: str) -> None:
    """Each cluster leaves ink, and no glyph is number 0: the box that stands for a missing one."""
    for cluster in clusters(text.replace(" ", "")):
        assert _ink(cluster).max() > 200
    assert all(glyph.number for glyph in _line(text).glyphs)


def test_arabic_letters_join_and_stand_from_right_to_left() -> None:
    """A word is not its letters side by side: they take their joined forms, the first at the right."""
    word = "قهوة"
    joined, first = _line(word), _line(word[0])
    assert {glyph.number for glyph in joined.glyphs} != {_line(letter).glyphs[0].number for letter in word}
    assert joined.width < 0.9 * sum(_line(letter).width for letter in word)
    assert joined.glyphs[-1].x > joined.glyphs[0].x
    assert first.glyphs[0].face is joined.glyphs[0].face


def test_numbers_in_hebrew_read_from_left_to_right_and_brackets_are_mirrored() -> None:
    """Of "350 מ״ל" the number stands at the right, its digits in their order."""
    line = _line("350 מ״ל")
    digits = [glyph.number for glyph in _line("350").glyphs]
    assert [glyph.number for glyph in line.glyphs][-3:] == digits
    opened, closed = _line("(א").glyphs[-1].number, _line(")").glyphs[0].number
    assert opened == closed


def test_devanagari_makes_its_conjuncts_and_puts_the_short_i_before_them() -> None:
    """हिन्दी has six characters, fewer glyphs, and its first vowel stands before the consonant that it follows."""
    line, bare = _line("हि"), _line("ह")
    assert len(_line("हिन्दी").glyphs) < len("हिन्दी")
    assert line.glyphs[-1].number == bare.glyphs[0].number


def test_an_emoji_of_several_characters_is_one_picture() -> None:
    """A family, a flag and a skin colour are each one cluster and one glyph with an advance."""
    text = "👩‍👩‍👧🇩🇪👍🏽"
    assert clusters(text) == ["👩‍👩‍👧", "🇩🇪", "👍🏽"]
    assert [len({glyph.number for glyph in _line(one).glyphs if _ink(one).max()}) for one in clusters(text)][:2] == [
        1,
        1,
    ]


def test_ideographs_take_the_forms_of_the_texts_language() -> None:
    """骨 is drawn otherwise in Chinese and Japanese; kana and hangul tell it without a language."""
    faces = {
        language: _chooser("骨", language).face("骨")
        for language in ("zh", "ja", "ko")
    }  # fmt: skip
    assert len({face.path for face in faces.values() if face is not None}) == 3
    with_kana = _chooser("骨の器", "en").face("骨")
    assert with_kana is faces["ja"]
    mixed = [_chooser("陶“A”x“x”").face(one, near) for one, near in (("“", "陶“A"), ("“", "x“x"))]
    assert mixed[0] is faces["zh"]
    assert mixed[1] is not faces["zh"]


def test_what_no_font_has_is_named_and_only_symbols_are_left_out() -> None:
    """A symbol without a glyph goes in silence; a letter without one fails the render and is named."""
    assert drawable("Mug ☕️ 😀 sale 𝄞") == "Mug ☕️ 😀 sale"
    assert unreadable("Crema ꙮ 𓀀") == ["ꙮ", "𓀀"]
    assert lost("Crema 𝄞") == ["𝄞"]
    with pytest.raises(RenderError, match="CYRILLIC LETTER MULTIOCULAR O"):
        drawable("Crema ꙮ")


def test_spaces_that_hold_a_price_together_stay() -> None:
    """Runs of spaces become one, a price's own stay unbroken, control characters go, line ends stay."""
    assert composed("a\u200e \t b\r\nc") == "a b\nc"
    assert pieces(composed("1\u202f299,00\u00a0€ jetzt")) == ["1\u00a0299,00\u00a0€ ", "jetzt"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("手工粗陶，咖啡杯（海蓝釉）", ["手", "工", "粗", "陶，", "咖", "啡", "杯", "（海", "蓝", "釉）"]),
        ("買っちゃった。ケーキ", ["買っ", "ちゃっ", "た。", "ケー", "キ"]),
        ("แก้วกาแฟเซรามิกทำมือ", ["แก้ว", "กาแฟ", "เซรามิก", "ทำ", "มือ"]),
        ("손으로 빚은 커피잔", ["손으로 ", "빚은 ", "커피잔"]),
        ("hand-made, really", ["hand-", "made, ", "really"]),
        ("قهوة عربية", ["قهوة ", "عربية"]),
    ],
)
def test_lines_are_broken_by_the_languages_own_rules(text: str, expected: list[str]) -> None:
    """Kinsoku in Chinese and Japanese, words in Thai by dictionary, spaces elsewhere."""
    assert pieces(text) == expected


def test_a_little_smaller_is_better_than_a_line_more_and_no_word_is_left_alone() -> None:
    """A title that nearly fits two lines is set in two, and the last is not a single short word."""
    assert _set("Halden 200 Bluetooth Speaker", 101, 848, 3).words == ("Halden 200", "Bluetooth Speaker")
    words = _set("The quiet lamp that warms every single corner of it", 90, 800, 3).words
    assert len(words[-1].split()) > 1


def test_a_break_tears_no_word_of_katakana_and_rather_stands_at_a_bracket() -> None:
    """コーヒー stays whole, and （ begins a line."""
    assert "コーヒー" in "|".join(_set("手びねりのコーヒーカップ", 100, 800, 3, "ja").words)
    assert _set("手工粗陶咖啡杯（海蓝釉）", 100, 800, 3, "zh").words == ("手工粗陶咖啡杯", "（海蓝釉）")


@given(st.text(st.sampled_from("abc XYZ 手工，粗陶。（杯）\nกาแฟ قهوة हिन्दी 🔥"), min_size=1, max_size=80))
@settings(max_examples=40, deadline=None)
def test_lines_fit_their_column(text: str) -> None:
    """However long the title, every line fits, and no letter is lost but where an ellipsis says so."""
    text = drawable(text)
    if not text:
        return
    setting = set_text(text, _chooser(text), Measure(50, 300))
    assert setting.width * setting.size <= 300.5
    said = "".join(setting.words)
    assert said.endswith("…") or "".join(said.split()) == "".join(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "The quick brown fox jumps over the lazy dog and " * 5,
        "Å",
        "🔥",
        "One line\nand another",
        "Donaudampfschiff" * 8,
    ],
    ids=["two hundred characters", "one", "only emoji", "a newline", "one long word"],
)
@pytest.mark.parametrize("style", Style)
def test_any_title_is_set_within_its_column(style: Style, text: str) -> None:
    """What is far too long, far too short or all pictures is set like anything else."""
    block = Typesetter(DraftMeta(style=style)).block(TextMeta(text=text[:500]), 1015, 848)
    assert block.width <= 849
    assert len(block.setting.lines) <= 5
    if "\n" in text:
        assert len(block.setting.words) == 2


def test_capitals_are_those_of_the_language() -> None:
    """Turkish keeps the dot, Greek drops the accent, German has its own ß, and ideographs stay."""
    assert capitals("istanbul", "tr") == "İSTANBUL"
    assert capitals("κούπα", "el") == "ΚΟΥΠΑ"
    assert capitals("Straße 陶", "de") == "STRAẞE 陶"


def _planes(level: int, size: tuple[int, int], u: int = 128, v: int = 128) -> Planes:
    _, planes = picture.blank(*size)
    for plane, value in ((planes.y, level), (planes.u, u), (planes.v, v)):
        plane[:] = value
    return planes


def _titles(texts: list[dict[str, Any]], size: tuple[int, int], **meta: object) -> Titles:
    segments = [{"d": 4_000, "s": 0, "m": text} for text in texts]
    wire = {"m": {"width": size[0], "height": size[1], **meta}, "t": [{"tt": 7, "sg": segments}]}
    return Titles(read_draft(wire))


def _difference(titles: Titles, size: tuple[int, int], number: int = 60) -> tuple[int, int, int, int]:
    """Return the box of the pixels that texts change on black, where neither scrim nor shadow is seen."""
    planes = _planes(16, size)
    titles.lay_over(planes, number, [(titles.tones([_planes(16, (90, 160))], 0, 120), 1.0)])
    changed = planes.y != 16
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


_LETTERS = st.text(
    st.sampled_from("ÅgjQ y.,“”手杯（）กู้ที่ปู่ قهوةً हिन्दीर्ट्र ẤỆ̣🔥👩‍👧É\n\u0301\u0323" + "0123456789€"),
    min_size=1,
    max_size=120,
)


@given(
    st.lists(st.tuples(_LETTERS, st.sampled_from([role for role in Role if role is not Role.END_CARD])), min_size=1),
    st.sampled_from(list(Style)),
    st.sampled_from([(180, 320), (320, 180), (240, 240)]),
    st.sampled_from(["top", "center", "bottom"]),
    st.integers(0, 119),
)
@settings(max_examples=60, deadline=None)
def test_whatever_is_written_the_ink_stays_inside_the_safe_zone(
    texts: list[tuple[str, Role]], style: Style, size: tuple[int, int], position: str, number: int
) -> None:
    """In any style, at any moment of its move, with any pile of accents: measured by the difference of frames."""
    wanted = [{"text": text, "role": role, "position": position, "old": "9"} for text, role in texts[:4]]
    wanted = [one for one in wanted if drawable(str(one["text"]))]
    titles = _titles(wanted, size, style=style)
    planes = _planes(16, size)
    titles.lay_over(planes, number, [(titles.tones([_planes(16, (90, 160))], 0, 120), 1.0)])
    safe = safe_zone(*size)
    right = size[0] - round(0.14 * size[0]) if size[0] > size[1] else safe.right
    planes.y[safe.top : safe.bottom, safe.left : right] = 16
    assert planes.y.max() == 16


def test_the_safe_zone_keeps_clear_of_the_platforms_own_marks() -> None:
    """In a full-screen phone video at least 250 px stay free at the top and the bottom, and the icons' column."""
    safe = safe_zone(1080, 1920)
    assert safe.top >= 250
    assert 1920 - safe.bottom >= 370
    assert 1080 - safe.right >= 120


def test_captions_keep_their_place_and_titles_stand_above_them() -> None:
    """Captions take turns at one place; a title at the same edge is not written over."""
    size = (540, 960)
    captions = [{"d": 2_000, "s": 2_000 * turn, "m": {"text": text, "role": "caption"}} for turn, text in
                enumerate(["One", "Two lines of it, which are longer than a line can be", "Three"])]  # fmt: skip
    title = {"d": 6_000, "s": 0, "m": {"text": "Title", "role": "title"}}
    draft = read_draft({"m": {"width": 540, "height": 960}, "t": [{"tt": 7, "sg": [title, *captions]}]})
    groups = Titles(draft)._groups
    places = {group.place: group.box for group in groups}
    assert places["bottom"].bottom <= places["captions"].top
    assert places["captions"].bottom <= safe_zone(*size).bottom
    bottoms = {text.top + text.block.height for group in groups if group.place == "captions" for text in group.texts}
    assert len(bottoms) == 1


def test_the_price_that_was_is_struck_through() -> None:
    """The old price is smaller, beside the new one, and a line goes through all of it."""
    one = Typesetter(DraftMeta()).block(TextMeta(text="24,90 €", role=Role.PRICE, old="34,90 €"), 1000, 900)
    assert one.old is not None
    assert one.old.size < one.size
    size = (540, 960)
    with_old, without = (
        _difference(_titles([{"text": "24,90 €", "role": "price", "old": old}], size), size)
        for old in ("34,90 €", "")
    )
    assert with_old[2] > without[2] + 20


def test_the_card_at_the_end_covers_the_picture_in_the_brands_colour() -> None:
    """Its words stand in its middle, in an ink that is read on it."""
    size = (180, 320)
    planes = _planes(200, size, 90, 200)
    titles = _titles([{"text": "Acme\nacme.example", "role": "end_card"}], size, colors=("#12355b",))
    titles.lay_over(planes, 60, [(titles.tones([planes], 0, 120), 1.0)])
    assert planes.y[0, 0] == planes.y[-1, -1] < 80
    assert planes.y[120:200].max() > 200
    assert titles.stage(0, 120) == STAGE
    last = _planes(200, size, 90, 200)
    titles.lay_over(last, 119, [(titles.tones([last], 0, 120), 1.0)])
    assert np.array_equal(last.y, planes.y)


def test_a_title_moves_the_last_product_aside_though_the_card_covers_it_for_longer() -> None:
    """Under the card there is nothing to see: a shot's stage is that of the time before it."""
    texts = [
        {"d": 4_000, "s": 0, "m": {"text": "Halden 200", "role": "title"}},
        {"d": 5_000, "s": 4_000, "m": {"text": "Halden Audio", "role": "end_card"}},
    ]
    titles = Titles(read_draft({"m": {"width": 180, "height": 320}, "t": [{"tt": 7, "sg": texts}]}))
    assert titles.stage(60, 270) == titles.stage(0, 60) != STAGE
    assert titles.stage(150, 270) == STAGE


@pytest.mark.parametrize("color", ["#ffffff", "#000000", "#ffd60a", "#ff5a4f", "#0b6e4f", "#777777", "#7f7f7f"])
def test_words_on_a_plate_of_any_colour_are_readable(color: str) -> None:
    """The ink is chosen by the plate's luminance."""
    plate, ink = (float(luminance(np.array(one))) for one in (rgb(color), ink_on(rgb(color))))
    assert contrast(plate, ink) >= 4.5


@pytest.mark.parametrize(
    ("level", "dark", "scrim"), [(235, True, 0.0), (60, False, 0.0), (128, False, 0.14), (150, True, 0.0)]
)
def test_letters_are_dark_on_bright_calm_pictures_and_white_on_others(level: int, dark: bool, scrim: float) -> None:  # noqa: FBT001 - a parameter of the test
    """Nothing is darkened behind dark letters, nor where the picture is dark enough for white ones."""
    tone = tone_of([_planes(level, (10, 10))])
    assert tone.dark == dark
    assert tone.scrim == pytest.approx(scrim, abs=0.03)


@given(st.integers(16, 235), st.integers(16, 235), st.integers(30, 225), st.integers(30, 225))
@settings(max_examples=60, deadline=None)
def test_white_letters_are_readable_on_any_two_colours(one: int, other: int, u: int, v: int) -> None:
    """Whatever colours are behind them, the scrim leaves a contrast of 4.5; so do dark letters without one."""
    planes = _planes(one, (20, 20), u, v)
    planes.y[:, 10:] = other
    tone = tone_of([planes])
    colors = pixels.rgb(planes.y, planes.u, planes.v).astype(np.float32)
    behind = luminance(colors * (1 - tone.scrim) + (255 * tone.scrim if tone.dark else 0))
    ink = float(luminance(np.array((17, 17, 17)))) if tone.dark else 1.0
    assert contrast(ink, float(behind.min() if tone.dark else behind.max())) >= 4.5


def test_letters_over_bright_and_dark_are_white_on_a_scrim() -> None:
    """Where dark letters would be lost on half of the picture, white ones are set and the rest is darkened."""
    halves = _planes(235, (10, 10))
    halves.y[:, :6] = 40
    tone = tone_of([halves])
    assert not tone.dark
    assert tone.scrim == pytest.approx(0.56, abs=0.02)


def test_a_bright_picture_with_a_darker_spot_gets_a_white_scrim() -> None:
    """It is brightened by what dark letters need on the spot, less than white ones would need all over."""
    spot = _planes(235, (10, 10))
    spot.y[:, :2] = 110
    tone = tone_of([spot])
    assert tone.dark
    assert tone.scrim == pytest.approx(0.16, abs=0.03)


def test_a_font_of_ones_own_is_found_by_its_name_and_decides_what_is_rendered(tmp_path: Path) -> None:
    """A file in the fonts folder is found by its family's name, comes first, and its contents are in the looks."""
    (tmp_path / "Brand.ttf").write_bytes((FOLDER / "Fredoka-SemiBold.ttf").read_bytes())
    draft = read_draft({"m": {"font": "fredoka"}, "t": [{"tt": 7, "sg": [{"d": 900, "m": {"text": "Hi"}}]}]})
    one = Titles(draft, tmp_path)
    assert {glyph.face.path for glyph in _glyphs(one)} == {tmp_path / "Brand.ttf"}
    plain = read_draft({"t": [{"tt": 7, "sg": [{"d": 900, "m": {"text": "Hi"}}]}]})
    assert one.looks(0, 9) != Titles(plain, tmp_path).looks(0, 9)


def test_a_font_that_is_not_there_is_told_with_what_to_do() -> None:
    """The message says where to put it, and what there is."""
    with pytest.raises(RenderError, match='no font "Nowhere Sans"') as caught:
        Titles(read_draft({"m": {"font": "Nowhere Sans"}}))
    assert "Inter" in str(caught.value.hint)


def _glyphs(titles: Titles) -> list[Any]:
    blocks: list[Block] = [text.block for group in titles._groups for text in group.texts]
    return [glyph for block in blocks for line in block.setting.lines for glyph in line.glyphs]


def test_each_typeface_has_its_licence_beside_it_and_each_design_its_typefaces() -> None:
    """Fonts are under the SIL Open Font License, whose text goes with them."""
    for font in FOLDER.glob("*.ttf"):
        licence = FOLDER / f"{font.stem.split('-')[0]}-OFL.txt"
        assert "SIL OPEN FONT LICENSE" in licence.read_text(encoding="utf-8-sig").upper()
    for design in DESIGNS.values():
        assert all((FOLDER / f"{name}.ttf").is_file() for name in (*design.heads, *design.texts, *design.wide))
        assert set(design.looks) == set(Role)


def test_a_caption_that_is_changed_is_seen_in_its_own_time_alone() -> None:
    """What decides a second is the texts in it: the next caption is not in it, a title's scrim is."""
    texts = [
        {"d": 2_000, "s": 2_000 * turn, "m": {"text": text, "role": "caption"}} for turn, text in enumerate("ABC")
    ]
    one, other = ([*texts[:2], {**texts[2], "m": {"text": last, "role": "caption"}}] for last in "CD")
    looks = [Titles(read_draft({"t": [{"tt": 7, "sg": sg}]})) for sg in (one, other)]
    assert looks[0].looks(0, 60) == looks[1].looks(0, 60) != []
    assert looks[0].looks(120, 180) != looks[1].looks(120, 180)
    assert looks[0].looks(180, 240) == []
