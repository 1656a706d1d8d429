"""The library of prompt templates: what each comes to, and that the editor understands every word of it."""

from pathlib import Path

import pytest

from nightreel.catalog.briefs import Overrides
from nightreel.catalog.clips import clips_of
from nightreel.catalog.layers import Briefs
from nightreel.catalog.library import library
from nightreel.errors import BriefError
from nightreel.models import Brief, Product
from nightreel.sources import Folder
from nightreel.studio.agent.corpus import photos_of
from nightreel.studio.agent.editing import edit

_FIELDS = {"title": "Clay mug", "price": "39.00 EUR", "sale_price": "29.00 EUR", "brand": "Acme"}


def _brief(folder: Path, text: str) -> Brief:
    (folder / "brief.yaml").write_text(text, encoding="utf-8")
    source = Folder(folder)
    return Briefs(source, tuple(source.entries()), Overrides()).of("mug", _FIELDS)[0]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", list(library()))
def test_the_editor_understands_every_word_of_a_template(name: str, language: str) -> None:
    """Whatever the library says is carried out, in both languages: nothing is left over, nothing is impossible."""
    brief = library()[name].under(language).model_copy(update={"language": language})
    clip = clips_of(Product(id="mug", fields=_FIELDS, photos=()), brief)[0]
    made = edit(clip.prompt, None, photos_of(4), language, 0)
    assert made.cut is not None
    assert (made.reading.unknown, made.reading.unable, made.missed) == ((), (), ())
    assert made.cut.seconds == clip.seconds


def test_a_brief_chooses_a_template_and_wins_over_it(tmp_path: Path) -> None:
    """The template's keys hold where the brief says nothing; in the brief's own language."""
    brief = _brief(tmp_path, "template: sale\nmusic: lo-fi\nlanguage: zh\n")
    assert (brief.seconds, brief.style, brief.music, brief.cta) == (10, "bold", "lo-fi", "立即抢购")


def test_a_template_nobody_knows_is_told_with_file_and_line(tmp_path: Path) -> None:
    """A slip of the pen is met with the name that was probably meant."""
    with pytest.raises(BriefError, match=r"brief\.yaml, line 1, template") as told:
        _brief(tmp_path, "template: sail\n")
    assert "sale" in told.value.hint


def test_a_brief_without_a_template_is_what_it_was(tmp_path: Path) -> None:
    """The library changes nothing for who does not use it."""
    assert _brief(tmp_path, "seconds: 12\n") == Brief(seconds=12)
