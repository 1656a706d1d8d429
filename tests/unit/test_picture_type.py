"""Type: the glyphs are really drawn, lines break where a reader would, and what no typeface has is found first."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightreel.errors import RenderError
from nightreel.studio.fonts import CHINESE, LATIN_STRONG
from nightreel.studio.fonts.glyphs import covered, drawable, typeface
from nightreel.studio.render.contrast import Tone, tone_of
from nightreel.studio.render.titles import safe_zone
from nightreel.studio.render.typeset import draw_lines, measure, set_text


def _drawn(text: str) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    setting = set_text(text, 60, 800, most_lines=1, strong=True)
    return draw_lines(setting, [0.0], 800)


@pytest.mark.parametrize("text", ["手工粗陶咖啡杯", "Ambre Nocturne", "¥168.00", "Ελλάδα Привет", "こんにちは"])
def test_every_glyph_of_a_title_is_drawn_and_none_is_an_empty_box(text: str) -> None:
    """Each character leaves ink of its own shape: not the box that stands for a missing glyph."""
    box = _drawn("\uffff")
    for character in text.replace(" ", ""):
        ink = _drawn(character)
        assert ink.max() > 200
        assert not np.array_equal(ink, box)


def test_chinese_and_latin_each_get_their_typeface() -> None:
    """Runs are parted by character; punctuation beside ideographs is theirs."""
    text = "陶“A”x“x”"
    faces = [typeface(text, at, strong=True) for at in range(len(text))]
    assert faces[0] == faces[1] == CHINESE
    assert faces[2] == faces[-1] == LATIN_STRONG


def test_nothing_is_clipped_at_the_descent_or_the_accent() -> None:
    """A line's box holds what hangs below it and what stands above it."""
    ink = _drawn("ÅÉgjpqy杯")
    assert ink[0].max() == 0
    assert ink[-1].max() == 0


def test_emoji_are_left_out_and_unknown_letters_are_refused() -> None:
    """A symbol without a glyph goes in silence; a letter without one fails the render and is named."""
    assert drawable("Mug ☕️ 😀 sale") == "Mug sale"
    with pytest.raises(RenderError, match="ARABIC LETTER"):
        drawable("قهوة")


def test_coverage_comes_from_the_font_itself() -> None:
    """The tables say what a typeface holds."""
    assert ord("A") in covered(LATIN_STRONG)
    assert ord("杯") not in covered(LATIN_STRONG)
    assert ord("杯") in covered(CHINESE)


@given(st.text(st.sampled_from("abc XYZ 手工，粗陶。（杯）"), min_size=1, max_size=80))
def test_lines_fit_their_column(text: str) -> None:
    """However long the title, every line fits and there are never more lines than asked for."""
    text = drawable(text)
    if not text:
        return
    setting = set_text(text, 50, 300, most_lines=3, strong=True)
    assert len(setting.lines) <= 3
    assert all(measure(line, setting.size, strong=True) <= 300 + 1e-6 for line in setting.lines)


def test_a_line_never_begins_with_what_closes_or_ends_with_what_opens() -> None:
    """Chinese breaks between ideographs, but not before a comma or after a bracket."""
    setting = set_text("手工粗陶，咖啡杯（海蓝釉）三百毫升。", 60, 250, most_lines=6, strong=True)
    assert len(setting.lines) > 2
    assert not any(line.startswith(("，", "。", "）")) or line.endswith("（") for line in setting.lines)


def test_a_little_smaller_is_better_than_a_line_more() -> None:
    """A title that nearly fits two lines is set in two, and no line is left with a single short word."""
    setting = set_text("Halden 200 Bluetooth Speaker", 101, 848, most_lines=3, strong=True)
    assert setting.lines == ("Halden 200", "Bluetooth Speaker")


def test_the_safe_zone_keeps_clear_of_the_platforms_own_marks() -> None:
    """In a full-screen phone video at least 250 px stay free at the top and the bottom, and the icons' column."""
    safe = safe_zone(1080, 1920)
    assert safe.top >= 250
    assert 1920 - safe.bottom >= 370
    assert 1080 - safe.right >= 120


@pytest.mark.parametrize(
    ("level", "dark", "scrim"), [(235, True, 0.0), (60, False, 0.0), (128, False, 0.02), (150, True, 0.0)]
)
def test_letters_are_dark_on_bright_calm_pictures_and_white_on_others(level: int, dark: bool, scrim: float) -> None:  # noqa: FBT001 - a parameter of the test
    """Nothing is darkened behind dark letters, nor where the picture is dark enough for white ones."""
    tone = tone_of([np.full((9, 9), level, np.uint8)])
    assert tone.dark == dark
    assert tone.scrim == pytest.approx(scrim, abs=0.011)


def test_letters_over_bright_and_dark_are_white_on_a_scrim() -> None:
    """Where dark letters would be lost on a part of the picture, white ones are set and the rest is darkened."""
    halves = np.full((10, 10), 235, np.uint8)
    halves[:, :4] = 40
    assert tone_of([halves]) == Tone(dark=False, scrim=0.5)
