"""The library of prompt templates: sets of a brief's keys, by name, in the languages that the editor speaks."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from nightreel.catalog.words import near
from nightreel.errors import BriefError
from nightreel.models import Brief, Value

_FILE = Path(__file__).with_name("library.yaml")
_OTHERWISE = "en"


class Template(Value):
    """A template.

    Attributes:
        about: what it is for, in a line.
        values: keys of a brief, checked, by language; "en" is always there.
    """

    name: str
    about: str
    values: Mapping[str, Mapping[str, Any]]

    def under(self, language: str) -> Brief:
        """Return the brief that a brief which chooses this template is laid over."""
        code = language.partition("-")[0].lower()
        return Brief(template=self.name, **self.values.get(code, self.values[_OTHERWISE]))


def find(name: str) -> Template:
    """Return the template of that name.

    Raises:
        BriefError: there is none; says which there are.
    """
    known = library()
    if name not in known:
        hint = near(name, known) or f"Templates are {', '.join(known)}."
        raise BriefError(f'There is no template "{name}".', hint=hint)
    return known[name]


@cache
def library() -> dict[str, Template]:
    """Return all templates, by name."""
    given: dict[str, dict[str, Any]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {name: _read(name, parts) for name, parts in given.items()}


def _read(name: str, parts: Mapping[str, Any]) -> Template:
    languages = [key for key in parts if key not in {"about", "brief"}]
    values = {language: {**parts["brief"], **parts[language]} for language in languages}
    for value in values.values():
        if isinstance(value.get("formats"), str):
            value["formats"] = (value["formats"],)
        Brief.model_validate(value)
    return Template(name=name, about=parts["about"], values=values)
