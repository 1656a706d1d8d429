"""Which brief applies to a product: the built-in one, the catalog's, the product's, the command line's, in layers."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from nightreel.catalog.briefs import BRIEF_FILE, BriefFile, Overrides, read_brief
from nightreel.catalog.library import find
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

    Raises:
        BriefError: it says something impossible.
    """

    def __init__(self, folder: Source, entries: tuple[Entry, ...], overrides: Overrides) -> None:
        self._folder, self._overrides = folder, overrides
        self._folders = {entry.key for entry in entries if entry.kind == "folder"}
        self.top = self._read(BRIEF_FILE, top=True)

    def of(self, product: str, fields: Mapping[str, str]) -> tuple[Brief, dict[str, str]]:
        """Put the briefs of *product* over each other, and the fields: the catalog's fill gaps, its own win.

        Raises:
            BriefError: one says something impossible, or uses a field that the product lacks.
        """
        named = self.top.products.get(product, _NOTHING)
        own = self._read(f"{product}/{BRIEF_FILE}", top=False) if product in self._folders else _NOTHING
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

    def _read(self, name: str, *, top: bool) -> BriefFile:
        path = self._folder.local(name)
        return BriefFile(file=name) if path is None else read_brief(path, name, top=top)

    def _require_fields(
        self, product: str, brief: Brief, fields: Mapping[str, str], layers: tuple[BriefFile, ...]
    ) -> None:
        """See that templates use no field that is not there; say in which line of which file they do."""
        for key in TEMPLATES:
            missing = missing_field(getattr(brief, key), fields)
            if not missing:
                continue
            place = next((f"{said.file}, line {said.lines[key]}, {key}" for said in layers if key in said.lines), key)
            if key == "prompt" and self._overrides.prompt is not None:
                place = "--prompt"
            hint = near(missing, fields) or f"Its fields are {', '.join(sorted(fields))}."
            raise BriefError(f'{place}: uses a field that {product} lacks: "{missing}".', hint=hint)
