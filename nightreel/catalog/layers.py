"""Which brief applies to a product: the built-in one, the catalog's, the product's, the command line's, in layers."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from nightreel.catalog.briefs import BRIEF_FILE, BriefFile, Overrides, read_brief
from nightreel.catalog.library import find
from nightreel.catalog.misnamed import misnamed
from nightreel.catalog.mistakes import Mistakes
from nightreel.catalog.templates import TEMPLATES, missing_field
from nightreel.catalog.words import near
from nightreel.errors import BriefError
from nightreel.models import Brief
from nightreel.sources import Entry, Source

_NOTHING = BriefFile()


def _over(brief: Brief, files: Iterable[BriefFile]) -> Brief:
    """Return *brief* with what the files say put over it, one after another."""
    for file in files:
        brief = file.over(brief)
    return brief


class Briefs:
    """The briefs of a catalog.

    Args:
        folder: where they are.
        entries: what stands at its top.
        overrides: what the command line says over all of them.

    Attributes:
        top: the catalog's own.
        notes: files that might have been meant as briefs beside one that is, as sentences.

    Raises:
        BriefError: it says something impossible, or is not called as a brief is.
    """

    def __init__(self, folder: Source, entries: tuple[Entry, ...], overrides: Overrides) -> None:
        self._folder, self._overrides = folder, overrides
        self._folders = {entry.key for entry in entries if entry.kind == "folder"}
        self.notes: list[str] = []
        self.top = self._read(BRIEF_FILE, entries, top=True)

    def of(
        self, product: str, fields: Mapping[str, str], inside: tuple[Entry, ...] | None = None
    ) -> tuple[Brief, dict[str, str]]:
        """Put the briefs of *product* over each other, and the fields: the catalog's fill gaps, its own win.

        *inside* is what stands in the product's folder, where that is known.

        Raises:
            BriefError: one says something impossible, is not called as a brief is, or uses a field that the product
                lacks.
        """
        named = self.top.products.get(product, _NOTHING)
        own = self._own(product, inside) if product in self._folders else _NOTHING
        given = {key: value for key, value in fields.items() if value}
        merged = {**fields, **self.top.fields, **given, **named.fields, **own.fields}
        brief = self._usual if not (named.values or own.values) else self._layered(named, own)
        self._require_fields(product, brief, merged, (own, named, self.top))
        return brief, merged

    @cached_property
    def _usual(self) -> Brief:
        return self._layered(_NOTHING, _NOTHING)

    def _layered(self, named: BriefFile, own: BriefFile) -> Brief:
        over = (self.top, named, own)
        brief = _over(Brief(), over)
        if brief.template:
            brief = _over(find(brief.template).under(brief.language), over)
        return self._overrides.over(brief)

    def _own(self, product: str, inside: tuple[Entry, ...] | None) -> BriefFile:
        entries = self._folder.entries(product) if inside is None else inside
        return self._read(f"{product}/{BRIEF_FILE}", entries, top=False)

    def _read(self, name: str, beside: tuple[Entry, ...], *, top: bool) -> BriefFile:
        path = self._folder.local(name)
        brief = BriefFile(file=name) if path is None else read_brief(path, name, top=top)
        for other in misnamed(beside, BRIEF_FILE):
            if path is None or not path.exists():
                raise BriefError(f"{other} is not read.", hint=f"Call it {BRIEF_FILE}.")
            if any(entry.key == name for entry in beside):  # else it is the same, where case makes no difference
                self.notes.append(f"{other} is not read; {name} is.")
        return brief

    def _require_fields(
        self, product: str, brief: Brief, fields: Mapping[str, str], layers: tuple[BriefFile, ...]
    ) -> None:
        """See that templates use no field that is not there; say in which line of which file they do."""
        mistakes = Mistakes(f"The brief of {product}")
        for key in TEMPLATES:
            missing = missing_field(getattr(brief, key), fields)
            if not missing:
                continue
            place = next((f"{said.file}, line {said.lines[key]}, {key}" for said in layers if key in said.lines), key)
            if key == "prompt" and self._overrides.prompt is not None:
                place = "--prompt"
            hint = near(missing, fields) or f"Its fields are {', '.join(sorted(fields))}."
            mistakes.keep(BriefError(f'{place}: uses a field that {product} lacks: "{missing}".', hint=hint))
        mistakes.tell()
