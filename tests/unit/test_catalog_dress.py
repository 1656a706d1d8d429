"""How a brief dresses texts: its keys, the sentences they become, and what no font can set."""

from pathlib import Path

import pytest

from nightreel.catalog import Catalog
from nightreel.catalog.briefs import parse_brief
from nightreel.catalog.clips import clips_of
from nightreel.errors import BriefError
from nightreel.models import Brief, Product
from nightreel.nights.lettering import readable
from nightreel.studio.agent.cutting import Photo
from nightreel.studio.agent.editing import edit
from nightreel.studio.typecase import Typecase


def _product(title: str = "Mug", brief: Brief | None = None, **fields: str) -> Product:
    return Product(id="P1", fields={"title": title, **fields}, photos=(), brief=brief or Brief())


def test_a_briefs_looks_are_read_and_become_sentences() -> None:
    """Style, colours, font, price, brand and captions stand in the prompt, in words that both engines read."""
    text = """
style: bold
colors: ["#123", "#F6AE2D"]
font: Inter
price: "{{ price }}"
brand: "{{ brand }}"
captions: ["Thrown by hand", 'Fired "twice"', ""]
"""
    brief = parse_brief(text).over(Brief())
    product = _product(brief=brief, brand="Acme", price="24.99 EUR", sale_price="19.99 EUR")
    prompt = clips_of(product)[0].prompt
    assert prompt.endswith(
        'Price: "€19.99" (was "€24.99"). Style: bold. Brand colours #112233, #f6ae2d. Font "Inter". '
        'End card "Acme". Captions: "Thrown by hand", "Fired “twice”".'
    )


def test_a_brief_without_them_asks_as_ever() -> None:
    """No sentence is added: the keys of clips that were made stay theirs."""
    prompt = clips_of(_product())[0].prompt
    assert prompt.endswith('Title: "Mug".')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colors: red", '"red" is no colour'),
        ("colors: '#111, #222 #333 #444, #555'", "5 colours"),
        ("style: loud", '"loud" does not fit'),
        ("captions: {a: b}", "one value is wanted"),
    ],
)
def test_what_makes_no_sense_is_told_with_its_line(text: str, said: str) -> None:
    """File, line and key, and what is wrong."""
    with pytest.raises(BriefError, match=f"brief.yaml, line 1.*{said}"):
        parse_brief(text)


def test_letters_that_no_font_has_are_told_before_anything_is_bought(tmp_path: Path) -> None:
    """Product, text and character are named; symbols that can go are told, other products go on."""
    products = (
        _product("Crema ꙮ").model_copy(update={"id": "A"}),
        _product("Crema 𝄞").model_copy(update={"id": "B"}),
        _product("한국어 قهوة हिन्दी").model_copy(update={"id": "C"}),
        _product("Mug", Brief(font="Nowhere Sans")).model_copy(update={"id": "D"}),
        _product("Mug", ware="ꙮ: a field that no text shows").model_copy(update={"id": "E"}),
    )
    told = readable(Catalog(products=products), Typecase(tmp_path))
    assert [product.id for product in told.products] == ["B", "C", "E"]
    assert told.rejected[0].product == "A"
    assert told.rejected[0].reason == "The title has 'ꙮ' (CYRILLIC LETTER MULTIOCULAR O), which no font here has."
    assert 'no font "Nowhere Sans"' in told.rejected[1].reason
    assert told.notes == ("B: '𝄞' (MUSICAL SYMBOL G CLEF) in the title is left out: no font here has it.",)


def test_the_fonts_of_another_service_are_its_own_matter() -> None:
    """Where the service's fonts are not known, nothing is refused."""
    catalog = Catalog(products=(_product("Crema ꙮ"),))
    assert readable(catalog, None) is catalog


def test_the_studio_is_asked_in_words_that_it_reads() -> None:
    """The title of our sentence is the title that its draft has."""
    draft = edit(clips_of(_product("Crema"))[0].prompt, None, (Photo(asset="a"),), "en", 1).finished
    assert draft is not None
    assert [segment.m.text for segment in draft.text] == ["Crema"]
