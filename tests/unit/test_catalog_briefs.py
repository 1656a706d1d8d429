"""Briefs and their templates: what they may say, and how mistakes are told."""

from decimal import Decimal
from pathlib import Path

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from nightreel.catalog import Overrides, clips_of, parse_format, read_brief
from nightreel.catalog.briefs import parse_brief
from nightreel.catalog.prices import parse_price, price_fields
from nightreel.catalog.templates import render, view
from nightreel.catalog.words import plain, short
from nightreel.errors import BriefError
from nightreel.models import Brief, Format, Photo, Product

LAMP = {"title": "Fungi Table Lamp, Burnt Orange", "price": "129.00 USD", "sale_price": "98.00 USD"}


def _product(brief: Brief, **fields: str) -> Product:
    photo = Photo(path=Path("/a.jpg"), name="a.jpg", sha256="0" * 64, size=1, kind="jpeg", width=900, height=900)
    return Product(id="NR-1", fields={**LAMP, **fields}, photos=(photo,), brief=brief)


def _prompt(brief: Brief, **fields: str) -> str:
    return clips_of(_product(brief, **fields))[0].prompt


# --------------------------------------------------------------------------- the file


def test_a_brief_is_read_as_it_is_written() -> None:
    """Aspects, words and numbers mean what a person reads, not what YAML makes of `9:16` and `no`."""
    brief = parse_brief("formats: [9:16, square]\nmusic: no\nseconds: 20\ntitle:\nsubtitle: '~'\n").over(Brief())
    assert brief.formats == (Format.VERTICAL, Format.SQUARE)
    assert (brief.music, brief.seconds, brief.title, brief.subtitle) == ("no", 20.0, "", "~")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("title: x\nmuzic: lo-fi\n", r'brief\.yaml, line 2: there is no key "muzic"\. Did you mean "music"\?'),
        ("zzz: 1\n", r"line 1: .* Keys are prompt, language"),
        ("\n\nseconds: long\n", r'line 3, seconds: "long" does not fit'),
        ("seconds: 500\n", r"line 1, seconds: .*less than or equal to 180"),
        ("formats: [9x16, 3x7]\n", r'line 1, formats: There is no format "3x7"\. Formats are 9x16'),
        ("formats: []\n", "at least one format"),
        ("language: klingon\n", r'line 1, language: "klingon" is no language'),
        ("music: [a, b]\n", "one value is wanted"),
        ("music: a\nmusic: b\n", r"line 2: music stands here twice \(first in line 1\)"),
        ("- a\n- b\n", "line 1: a brief is made of lines"),
        ("title: 'open\n", "line 2: found unexpected end of stream"),
        ("products:\n  A:\n    titel: x\n", r'line 3: there is no key "titel"\. Did you mean "title"'),
        ("title: &a x\nmusic: *b\n", "undefined alias"),
        ("\ncta: '{{ title'\n", r"line 2, cta: it is no template: unexpected end"),
        ("subtitle: '{% for a in title %}{% endfor %}'\n", "line 1, subtitle: .*for is not for briefs"),
        ("currency: dollars\n", r'line 1, currency: "dollars" is no currency'),
        ("locale: klingon\n", r'line 1, locale: "klingon" is no language'),
        ("background: reddish\n", r'line 1, background: "reddish" is no colour'),
        ("cutout: perhaps\n", r'line 1, cutout: "perhaps" does not fit'),
        ("cutuot: yes\n", r'Did you mean "cutout"'),
    ],
)
def test_mistakes_are_told_with_their_line(text: str, words: str) -> None:
    """A brief that says something impossible is refused with file, line, key and what was probably meant."""
    with pytest.raises(BriefError, match=words):
        parse_brief(text)


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    """One reading names every mistake, in the file's order, each with its line, its key and what was meant."""
    text = (
        "muzic: lo-fi\nseconds: 500\nformats: [3x7]\nseconds: 9\nfields:\n  brand: [a]\n"
        "products:\n  A:\n    titel: x\n    language: klingon\n  B: 5\n"
    )
    with pytest.raises(BriefError) as caught:
        parse_brief(text, "shop/brief.yaml")
    first, *told = caught.value.message.splitlines()
    assert first == "shop/brief.yaml has 8 mistakes:"
    assert [line.strip().split(":")[0] for line in told] == [
        "shop/brief.yaml, line 1",
        "shop/brief.yaml, line 2, seconds",
        "shop/brief.yaml, line 3, formats",
        "shop/brief.yaml, line 4",
        "shop/brief.yaml, line 5, fields",
        "shop/brief.yaml, line 9",
        "shop/brief.yaml, line 10, language",
        "shop/brief.yaml, line 11",
    ]
    assert 'there is no key "muzic". Did you mean "music"?' in told[0]


def test_what_is_no_brief_is_told_in_a_few_lines() -> None:
    """Of thousands of mistakes some are told, and how many there are."""
    with pytest.raises(BriefError, match=r"has 3000 mistakes:(\n.*){20}\n  And 2980 more\.$"):
        parse_brief("\n".join(f"line{number}: x" for number in range(3000)))


def test_brief_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A missing brief says nothing; a link and a file in another encoding are refused."""
    assert read_brief(tmp_path / "brief.yaml").over(Brief()) == Brief()
    (tmp_path / "bad.yaml").write_bytes(b"title: caf\xe9\n")
    (tmp_path / "link.yaml").symlink_to("bad.yaml")
    for name, words in (("bad.yaml", "cannot be read"), ("link.yaml", "is a link")):
        with pytest.raises(BriefError, match=words):
            read_brief(tmp_path / name)


def test_formats_go_by_several_names() -> None:
    """A format is known by its numbers and by its word; an unknown one names all."""
    assert {parse_format("9x16"), parse_format("9:16"), parse_format("Vertical")} == {Format.VERTICAL}
    with pytest.raises(BriefError, match=r'no format "8x8"\. Formats are 9x16 \(vertical\)'):
        parse_format("8x8")


@given(st.text(max_size=60))
def test_any_text_is_a_brief_or_an_error_of_ours(text: str) -> None:
    """Whatever a brief holds, reading it ends in a brief or in a BriefError."""
    try:
        parse_brief(text)
    except BriefError as error:
        assert "brief.yaml" in error.message  # noqa: PT017 - either outcome is right


# --------------------------------------------------------------------------- templates


def test_the_prompt_says_everything_that_is_checked_later() -> None:
    """Our own prompt gives length, aspect, order, transitions, music, title and subtitle in one known shape."""
    brief = Brief(language="zh", music="lo-fi")
    assert _prompt(brief, title="手工粗陶咖啡杯 海蓝釉 350 毫升", price="168.00 CNY", sale_price="") == (
        "Create a 15-second vertical 9:16 product video from all uploaded photos in their order, "
        'with smooth transitions and lo-fi music. Title: "手工粗陶咖啡杯". Subtitle: "¥168.00".'
    )


def test_words_of_the_brief_come_with_the_specifics() -> None:
    """A prompt of one's own still says the specifics: where it writes them, or before it."""
    before = _prompt(Brief(prompt="Slow and dreamy, for {{ title | short }}.", music="none", title="", subtitle=""))
    assert before.startswith("Create a 15-second vertical 9:16")
    assert before.endswith("and no music. No title. Slow and dreamy, for Fungi Table Lamp.")
    inside = _prompt(Brief(prompt="First this. {{ specifics }} Then that."))
    assert inside.startswith("First this. Create a 15-second")
    assert inside.endswith("Then that.")


@pytest.mark.parametrize(
    ("prompt", "seconds"),
    [
        ("Make a 10-second video of it.", 10.0),
        ("A 20 s square product clip", 20.0),
        ("做一个 8 秒的竖版视频", 8.0),
        ("Make it 10 seconds", 10.0),
        ("A 1 minute vertical video", 60.0),
        ("Ready in 30 seconds: brew and enjoy", 15.0),
        ("A 30 second timer. Elegant video.", 15.0),
    ],
)
def test_a_length_in_the_words_holds(prompt: str, seconds: float) -> None:
    """A length that the brief's own words ask for is the clip's; other numbers in them are not taken for one."""
    (clip,) = clips_of(_product(Brief(prompt=prompt)))
    assert clip.seconds == seconds
    assert clip.prompt.startswith(f"Create a{'n' if seconds == 8 else ''} {seconds:g}-second ")


def test_an_impossible_length_in_the_words_is_refused() -> None:
    """A prompt that asks for a video of no possible length is a mistake of the brief."""
    with pytest.raises(BriefError, match="asks for 600 seconds; a video has 3 to 180"):
        clips_of(_product(Brief(prompt="A 10 minute video")))


def test_one_clip_a_format() -> None:
    """Each format of the brief is a clip with a key of its own, and at most the brief's number of photos."""
    clips = clips_of(_product(Brief(formats=(Format.VERTICAL, Format.WIDE), photos=1)))
    assert [clip.name for clip in clips] == ["NR-1 9x16", "NR-1 16x9"]
    assert len({clip.key for clip in clips}) == 2
    assert "wide 16:9" in clips[1].prompt


def test_a_field_that_no_template_uses_decides_nothing() -> None:
    """The key depends on the fields that the templates use, and on no other."""
    (before,) = clips_of(_product(Brief(), description="old"))
    (after,) = clips_of(_product(Brief(), description="new"))
    (dearer,) = clips_of(_product(Brief(), sale_price="99.00 USD"))
    assert before.key == after.key != dearer.key


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{{ titel }}", r'NR-1: The brief\'s title uses a field that products lack: "titel"\. Did you mean "title"'),
        ("{{ title", "is no template"),
        ("{{ title.__class__.__mro__ }}", "cannot be filled in"),
        ("{{ ''.join(range(9)) }}", 'lack: "range"'),
        ("{{ 'a'.center(300000000) }}", "center"),
        ("{{ '%999999999d' % 1 }}", "% is not for briefs"),
        ("{{ title | center(300000000) }}", "center"),
        ("{{ 'x' * 999999999 }}", "is not for briefs"),
        ("{{ 1 / 0 }}", "cannot be filled in"),
        ("{{ title | nosuch }}", "No filter named 'nosuch'"),
        (
            "{{ title | replace('a', 'aaaaaaaaaaaaaaaa') " * 1 + "| replace('a', 'aaaaaaaaaaaaaaaa') " * 9 + "}}",
            "too long",
        ),
        ("{% set a = title ~ title %}{{ a }}", "is not for briefs"),
        ("{% with a = title %}{{ a }}{% endwith %}", "with is not for briefs"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "macro is not for briefs"),
        ("{{ title.encode().hex() }}", "encode"),
        ("{{ title | tojson }}", "No filter named 'tojson'"),
        ("{{ " + "(" * 900 + "title" + ")" * 900 + " }}", "no template|filled in"),
    ],
)
def test_template_mistakes_are_errors_of_the_brief(template: str, words: str) -> None:
    """An unknown field, a broken template and an escape from the sandbox all end in a BriefError."""
    with pytest.raises(BriefError, match=words):
        clips_of(_product(Brief(title=template)))


@given(
    st.lists(st.sampled_from([" | replace('a', 'aaaa')", " | upper", " | title", " ~ title", ".strip()", " | short"]))
)
def test_what_a_template_comes_to_is_bounded(steps: list[str]) -> None:
    """However filters and operators are chained, the result is short, or the brief is refused."""
    try:
        (clip,) = clips_of(_product(Brief(title="{{ title" + "".join(steps) + " }}"), title="a banana"))
    except BriefError:
        return
    assert len(clip.title) <= 4_000


def test_a_call_to_action_is_a_sentence_of_the_prompt() -> None:
    """`cta` is a template like the title; without one, the prompt is what it always was, and so is the key."""
    asked = _prompt(Brief(cta="Shop now: {{ price }}"))
    assert asked.endswith('Call to action: "Shop now: $98.00".')
    assert _prompt(Brief()) == asked.removesuffix(' Call to action: "Shop now: $98.00".')
    (before,) = clips_of(_product(Brief()))
    assert before.key == "7afe57c49982c077392373e6ea6b69a7a18bf6aab27183fd44ab69be244f9194"


def test_how_transparent_parts_are_sent_decides_the_clip() -> None:
    """A cut-out keeps them, a background shows through; each is another video."""
    brief = parse_brief("cutout: yes\n").over(Brief())
    white, cut, ivory = (
        clips_of(_product(found))[0] for found in (Brief(), brief, parse_brief("background: ivory\n").over(Brief()))
    )
    assert (white.behind, cut.behind, ivory.behind) == ((255, 255, 255), None, (255, 255, 240))
    assert len({white.key, cut.key, ivory.key}) == 3


def test_prices_and_dates_are_written_for_the_locale() -> None:
    """The locale wins over the language, and the currency is that of prices that name none."""
    brief = parse_brief("locale: de-CH\ncurrency: chf\ntitle: '{{ price }} until {{ sale_end }}'\n").over(Brief())
    period = "2026-03-01T00:00+0000/2026-03-31T00:00+0000"
    (clip,) = clips_of(_product(brief, price="9", sale_price="5", sale_price_effective_date=period))
    assert clip.title == "CHF 5.00 until 31.03.2026"
    (always,) = clips_of(_product(brief, price="9", sale_price="5"))
    assert always.title == "CHF 5.00 until"


def test_titles_can_stand_in_quotes() -> None:
    """Quotes, tags, entities and line ends of a feed cannot break the prompt's own quotes."""
    (clip,) = clips_of(_product(Brief(title="{{ title }}"), title='A "fine"\n<b>lamp</b> &amp; shade'))
    assert clip.title == "A “fine” lamp & shade"
    assert f'Title: "{clip.title}".' in clip.prompt


def test_the_command_line_wins_over_every_brief() -> None:
    """Overrides replace what they give and leave the rest."""
    brief = Overrides(formats=(Format.SQUARE,)).over(Brief(prompt="Mine", seconds=9))
    assert (brief.formats, brief.prompt, brief.seconds) == ((Format.SQUARE,), "Mine", 9)


# --------------------------------------------------------------------------- words and prices


@pytest.mark.parametrize(
    ("title", "cut"),
    [
        ("Ambre Nocturne Eau de Parfum, 50 ml", "Ambre Nocturne Eau de Parfum"),
        ("手工粗陶咖啡杯 海蓝釉 350 毫升", "手工粗陶咖啡杯"),
        ("Bottle 1,5 l – steel", "Bottle 1,5 l"),
        ("T-Shirt (organic cotton)", "T-Shirt"),
        ("Die außergewöhnlich lange Bezeichnung eines Produkts", "Die außergewöhnlich lange Bezeichnung"),
        ("🔥 Hot Lamp", "🔥 Hot Lamp"),
        ("(Pack of 2) Cups", "(Pack of 2) Cups"),
        ("", ""),
    ],
)
def test_short_cuts_where_a_reader_would(title: str, cut: str) -> None:
    """`short` cuts a title at its first comma, dash or bracket, a Chinese one at its first space, else at a word."""
    assert short(title) == cut


@given(st.text(max_size=200))
def test_short_is_short_and_plain(title: str) -> None:
    """Whatever a title holds, its short form fits the screen, is one line, and stays when cut again."""
    cut = short(title)
    assert len(cut) <= 40
    assert "\n" not in cut
    assert bool(cut) == bool(plain(title)) or len(plain(title)) > 40


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("24.99 USD", "24.99", "USD"),
        ("USD 1,299.00", "1299.00", "USD"),
        ("1.299,00 €", "1299.00", "EUR"),
        ("24,99 EUR", "24.99", "EUR"),
        ("1,299 JPY", "1299", "JPY"),
        ("1'299.50 CHF", "1299.50", "CHF"),
        ("¥168", "168", "CNY"),
        ("98.00", "98.00", ""),
    ],
)
def test_prices_are_read_as_shops_write_them(text: str, amount: str, currency: str) -> None:
    """Codes and signs, before and behind, points and commas either way."""
    price = parse_price(text)
    assert price is not None
    assert (price.amount, price.currency) == (Decimal(amount), currency)


def test_prices_are_written_for_the_language() -> None:
    """The same price is written as people of the brief's language write it; what is no price is left alone."""
    assert view({"price": "168.00 CNY"}, "zh")["price"] == "¥168.00"
    assert view({"price": "1299.5 EUR"}, "de")["price"] == "1.299,50\N{NO-BREAK SPACE}€"
    assert view({"price": "on request"}, "en")["price"] == "on request"
    assert view({"price": "5", "currency": "usd"}, "en")["price"] == "$5.00"


def test_the_sale_price_comes_first() -> None:
    """While there is a lower sale price it is the price, and the regular one is the old price."""
    english = Locale.parse("en")
    assert price_fields(LAMP, english) == {"price": "$98.00", "old_price": "$129.00"}
    dearer = {"price": "98 USD", "sale_price": "129 USD"}
    assert price_fields(dearer, english) == {"price": "$98.00", "old_price": ""}
    assert render("{% if old_price %}was {{ old_price }}{% endif %}", view(LAMP, "en"), "subtitle") == "was $129.00"
