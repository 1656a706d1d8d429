"""What the studio's fonts can set of a catalog's texts: told before anything is rendered or paid.

Fonts and agent are opened when a text asks for them: a catalog in plain ASCII, or with nothing new, needs neither.
"""
# ruff: noqa: PLC0415 - as above

from collections.abc import Iterable, Iterator
from pathlib import Path

from nightreel.errors import RenderError


class Typecase:
    """The studio's fonts and the user's own.

    Args:
        fonts: the folder of the user's own.
    """

    def __init__(self, fonts: Path) -> None:
        self._fonts = fonts
        self._known: dict[str, bool] = {}

    def doubtful(self, texts: Iterable[str]) -> bool:
        """Whether some character of *texts* is in none of the studio's fonts; quick, however many texts there are."""
        from nightreel.studio.fonts.glyphs import lost

        strange = {character for text in texts if not text.isascii() for character in text if not character.isascii()}
        for character in strange - self._known.keys():
            self._known[character] = not lost(character)
        return not all(self._known[character] for character in strange)

    def missing(self, font: str) -> str:
        """Return why the font of that name cannot be used, "" if it can."""
        from nightreel.studio.fonts.glyphs import own_face

        try:
            own_face(font, self._fonts)
        except RenderError as error:
            return f"{error.message} {error.hint or ''}".strip()
        return ""

    def why_not(self, prompt: str, language: str) -> str:
        """Return why the texts that the studio would read in *prompt* cannot be set; "" if they can."""
        return next((f"The {role} has {one}, which no font here has." for role, one, must in
                     self._lost(prompt, language) if must), "")  # fmt: skip

    def left_out(self, prompt: str, language: str) -> list[str]:
        """Return what of those texts no font has and can be left out, as sentences: symbols, mostly."""
        found = ((role, one) for role, one, must in self._lost(prompt, language) if not must)
        return [f"{one} in the {role} is left out: no font here has it." for role, one in found]

    def _lost(self, prompt: str, language: str) -> Iterator[tuple[str, str, bool]]:
        """Yield the role of a text, a character that no font has, and whether the text says less without it."""
        from nightreel.studio.agent.cutting import Photo
        from nightreel.studio.agent.editing import edit
        from nightreel.studio.fonts.glyphs import lost, named, own_face, unreadable

        draft = edit(prompt, None, (Photo(asset="photo"),), language, 0).finished
        if draft is None:
            return
        own = None if self.missing(draft.m.font) else own_face(draft.m.font, self._fonts)
        for segment in draft.text:
            role = segment.m.role.value.replace("_", " ")
            for text in (segment.m.text, segment.m.old):
                must = unreadable(text, own)
                yield from ((role, named(one), one in must) for one in lost(text, own))
