"""Briefs: `brief.yaml` at the top of a catalog and in its product folders.

A later brief wins key by key: built-in, then the catalog's, then the product's, then the command line. Values are
read as they are written: `9:16` is an aspect and `no` a word, whatever YAML makes of them. All mistakes of a file are
told at once, each with file, line and key, and with the key that was probably meant.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml
from babel import Locale, UnknownLocaleError
from babel.numbers import is_currency
from PIL import ImageColor
from pydantic import ValidationError

from nightreel.catalog.dress import LISTS, read_list
from nightreel.catalog.library import find
from nightreel.catalog.mistakes import Mistakes
from nightreel.catalog.templates import TEMPLATES, check
from nightreel.catalog.words import near
from nightreel.errors import BriefError
from nightreel.models import Brief, Format, Platform, Value

BRIEF_FILE = "brief.yaml"
MAX_BRIEF_BYTES = 256 * 1024
KEYS = tuple(Brief.model_fields)
FIELDS_KEY = "fields"
PRODUCTS_KEY = "products"

_WORDS = {"vertical": Format.VERTICAL, "portrait": Format.PORTRAIT, "square": Format.SQUARE, "wide": Format.WIDE}


class Overrides(Value):
    """What the command line says over every brief; None means nothing."""

    formats: tuple[Format, ...] | None = None
    prompt: str | None = None
    platforms: tuple[Platform, ...] | None = None

    def over(self, brief: Brief) -> Brief:
        """Return *brief* with what is given here put over it."""
        given = {key: value for key, value in self if value is not None}
        return brief.model_copy(update=given)


class BriefFile(Value):
    """What one brief file says.

    Attributes:
        file: its name, for people.
        values: keys of a Brief, checked.
        lines: the line of each key.
        fields: product fields that the feed lacks (`fields:`).
        products: the same again for single products, by id (`products:`).
    """

    file: str = BRIEF_FILE
    values: Mapping[str, Any] = {}
    lines: Mapping[str, int] = {}
    fields: Mapping[str, str] = {}
    products: Mapping[str, "BriefFile"] = {}

    def over(self, brief: Brief) -> Brief:
        """Return *brief* with what is said here put over it."""
        return brief.model_copy(update=dict(self.values))


def parse_format(text: str) -> Format:
    """Read a format: "9x16", "9:16" or a word such as "vertical".

    Raises:
        BriefError: there is no such format; names all.
    """
    word = text.strip().lower()
    try:
        return _WORDS[word] if word in _WORDS else Format(word.replace(":", "x"))
    except ValueError:
        names = ", ".join(f"{name.value} ({words})" for words, name in _WORDS.items())
        raise BriefError(f'There is no format "{text}".', hint=f"Formats are {names}.") from None


def read_brief(path: Path, name: str = "", *, top: bool = True) -> BriefFile:
    """Read the brief file at *path*, which people know as *name*; a missing one says nothing.

    Args:
        path: the file.
        name: for messages.
        top: whether it stands at the catalog's top, where `products:` is allowed.

    Raises:
        BriefError: it cannot be read, or says something impossible.
    """
    name = name or str(path)
    try:
        if path.is_symlink():
            raise BriefError(f"{name} is a link; links are not followed.", hint="Put the brief itself there.")
        if not path.is_file():
            return BriefFile(file=name)
        if path.stat().st_size > MAX_BRIEF_BYTES:
            raise BriefError(f"{name} is over {MAX_BRIEF_BYTES // 1024} KB: no brief is that long.")
        return parse_brief(path.read_text("utf-8-sig"), name, top=top)
    except (OSError, UnicodeDecodeError) as error:
        raise BriefError(f"{name} cannot be read: {error}.", hint="A brief is a text file in UTF-8.") from None


def parse_brief(text: str, name: str = BRIEF_FILE, *, top: bool = True) -> BriefFile:
    """Parse a brief; pure.

    Raises:
        BriefError: all mistakes, with file, line and key; where it is no YAML, the first.
    """
    try:
        root = yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BriefError(f"{name}, line {line}: {error.problem or error.context}.") from None
    except yaml.YAMLError as error:
        raise BriefError(f"{name}: {error}.") from None
    except RecursionError:
        raise BriefError(f"{name} holds lists within lists without end.") from None
    if root is None:
        return BriefFile(file=name)
    mistakes = Mistakes(name)
    found = _read(root, name, "a brief", mistakes, top=top)
    mistakes.tell()
    return found


def _read(node: yaml.Node, name: str, what: str, mistakes: Mistakes, *, top: bool) -> BriefFile:
    """Read *node* of the file *name*; mistakes are kept, and what has one is left out."""
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    fields: dict[str, str] = {}
    products: dict[str, BriefFile] = {}
    for key, (line, inner) in _mapping(node, name, what, mistakes).items():
        place = f"{name}, line {line}, {key}"
        if key == FIELDS_KEY:
            for field, (at, value) in _mapping(inner, name, key, mistakes).items():
                with mistakes.kept(at):
                    fields[field] = _scalar(value, place)
        elif key == PRODUCTS_KEY and top:
            for product, (_, value) in _mapping(inner, name, key, mistakes).items():
                products[product] = _read(value, name, product, mistakes, top=False)
        elif key in KEYS:
            with mistakes.kept(line):
                values[key], lines[key] = _value(key, inner, place), line
        else:
            unknown = f'{name}, line {line}: there is no key "{key}".'
            mistakes.keep(BriefError(unknown, hint=_known_keys(key, top=top)), line)
    return BriefFile(file=name, values=values, lines=lines, fields=fields, products=products)


def _value(key: str, node: yaml.Node, place: str) -> object:
    if key == "formats":
        return _formats(node, place)
    if key == "platforms":
        return _platforms(node, place)
    if key in LISTS:
        nodes: list[yaml.Node] = node.value if isinstance(node, yaml.SequenceNode) else [node]
        return read_list(key, [_scalar(item, place) for item in nodes], place)
    text = _scalar(node, place)
    if key in _READERS and text:
        return _READERS[key](text, place)
    try:
        checked = Brief.model_validate({key: text})
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]["msg"]
        raise BriefError(f'{place}: "{text}" does not fit. {problem}.') from None
    return getattr(checked, key)


def _formats(node: yaml.Node, place: str) -> tuple[Format, ...]:
    nodes: list[yaml.Node] = node.value if isinstance(node, yaml.SequenceNode) else [node]
    try:
        formats = tuple(parse_format(_scalar(item, place)) for item in nodes)
    except BriefError as error:
        raise BriefError(f"{place}: {error.message}", hint=error.hint) from None
    if not formats:
        raise BriefError(f"{place}: at least one format is needed.")
    return tuple(dict.fromkeys(formats))


def _platforms(node: yaml.Node, place: str) -> tuple[Platform, ...]:
    nodes: list[yaml.Node] = node.value if isinstance(node, yaml.SequenceNode) else [node]
    names = [_scalar(item, place).strip().lower().replace(" ", "-").replace("_", "-") for item in nodes]
    known = {platform.value for platform in Platform}
    for name in names:
        if name and name not in known:
            hint = near(name, known) or f"Platforms are {', '.join(sorted(known))}."
            raise BriefError(f'{place}: there is no platform "{name}".', hint=hint)
    return tuple(dict.fromkeys(Platform(name) for name in names if name))


def _language(text: str, place: str) -> str:
    try:
        Locale.parse(text, sep="-")
    except (ValueError, UnknownLocaleError):
        hint = 'Write a language code such as "en", "de" or "zh-Hans".'
        raise BriefError(f'{place}: "{text}" is no language we know.', hint=hint) from None
    return text


def _currency(text: str, place: str) -> str:
    if not is_currency(text.upper()):
        raise BriefError(f'{place}: "{text}" is no currency we know.', hint='Write a code such as "EUR" or "USD".')
    return text.upper()


def _colour(text: str, place: str) -> str:
    try:
        red, green, blue, *_ = ImageColor.getrgb(text)
    except ValueError:
        hint = 'Write a name such as "white", or "#rrggbb" in quotes.'
        raise BriefError(f'{place}: "{text}" is no colour we know.', hint=hint) from None
    return f"#{red:02x}{green:02x}{blue:02x}"


def _template(text: str, place: str) -> str:
    if problem := check(text):
        raise BriefError(f"{place}: {problem}.", hint="Fields are written {{ title }}; quote the whole text.")
    return text


def _of_library(text: str, place: str) -> str:
    try:
        return find(text).name
    except BriefError as error:
        raise BriefError(f"{place}: {error.message}", hint=error.hint) from None


_READERS: Mapping[str, Callable[[str, str], str]] = {
    **dict.fromkeys(TEMPLATES, _template),
    "template": _of_library,
    "language": _language,
    "locale": _language,
    "currency": _currency,
    "background": _colour,
}


def _mapping(node: yaml.Node, name: str, what: str, mistakes: Mistakes) -> dict[str, tuple[int, yaml.Node]]:
    found: dict[str, tuple[int, yaml.Node]] = {}
    with mistakes.kept(node.start_mark.line + 1):
        for key_node, value in _pairs(node, name, what):
            line = key_node.start_mark.line + 1
            with mistakes.kept(line):
                key = _scalar(key_node, f"{name}, line {line}")
                if key in found:
                    raise BriefError(f"{name}, line {line}: {key} stands here twice (first in line {found[key][0]}).")
                found[key] = (line, value)
    return found


def _pairs(node: yaml.Node, name: str, what: str) -> list[tuple[yaml.Node, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        line = node.start_mark.line + 1
        raise BriefError(f"{name}, line {line}: {what} is made of lines such as `key: value`.")
    return node.value


def _scalar(node: yaml.Node, place: str) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise BriefError(f"{place}: one value is wanted here, not a list or a group.")
    text: str = node.value
    plain_null = node.style is None and text in {"", "~", "null"}
    return "" if plain_null else text


def _known_keys(key: str, *, top: bool) -> str:
    known = (*KEYS, FIELDS_KEY, *([PRODUCTS_KEY] if top else []))
    return near(key, known) or f"Keys are {', '.join(known)}."
