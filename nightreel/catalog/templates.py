"""Templates of a brief, over a product's fields: jinja2 in its sandbox, and an unknown field is an error.

Fields are the feed's columns (lower case, `_` for what is no letter or digit) and the usual ones, which are empty
where a feed lacks them. `price` is written as people of the brief's locale do, and is the sale price while there
is one; `old_price` is then the regular one. Filters: `short`, which cuts a title for the screen, and those of jinja2
that change a text. What a template comes to is never much longer than what stands in it: there are no loops, no
macros, no variables, and no way to make long texts of short ones.
"""

import re
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from babel import Locale
from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, UndefinedError, meta, nodes
from jinja2.sandbox import SandboxedEnvironment

from nightreel.catalog.prices import price_fields, sale_fields
from nightreel.catalog.words import near, plain, short
from nightreel.errors import BriefError

TEMPLATES = ("prompt", "title", "subtitle", "cta", "price", "brand")
"""Keys of a brief that are templates."""

USUAL_FIELDS = (
    "id", "title", "description", "brand", "price", "old_price", "sale_price", "sale_start", "sale_end", "currency",
    "link", "availability", "condition", "color", "size", "material", "product_type", "gtin", "mpn",
)  # fmt: skip
"""Always there, if only empty."""

MAX_TEXT = 4_000
MAX_TEMPLATE = 8_000

_FILTERS = {
    "abs", "capitalize", "d", "default", "first", "float", "int", "last", "length", "count", "lower", "string",
    "striptags", "title", "trim", "truncate", "upper", "wordcount",
}  # fmt: skip
_METHODS = {
    "lower", "upper", "title", "capitalize", "swapcase", "strip", "lstrip", "rstrip", "split", "rsplit", "partition",
    "rpartition", "startswith", "endswith", "removeprefix", "removesuffix", "find", "count", "isdigit", "isalpha",
}  # fmt: skip
_NODES: tuple[type[nodes.Node], ...] = (
    nodes.For, nodes.Macro, nodes.CallBlock, nodes.Assign, nodes.AssignBlock, nodes.With, nodes.Block, nodes.Extends,
    nodes.Include, nodes.Import, nodes.FromImport,
)  # fmt: skip
_PRECISE = 6
_OPTIONAL = re.compile(r"\bdefined\b|\bdefault\b|\|\s*d\s*\(")
_UNDEFINED = re.compile(r"'([^']*)' is undefined")


class _Environment(SandboxedEnvironment):
    """The sandbox, and no way to grow texts without end."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        """Allow the methods that leave a text no longer than it was, beside what the sandbox refuses."""
        return attr in _METHODS and super().is_safe_attribute(obj, attr, value)

    def call_binop(self, context: object, operator: str, left: object, right: object) -> object:  # noqa: ARG002
        raise TemplateError(f"{operator} is not for briefs")


def _replaced(text: object, old: str, new: str, count: int | None = None) -> str:
    """Replace, within the bound of a text."""
    found = str(text)
    if not old or len(found) + found.count(old) * len(new) > MAX_TEXT:
        raise TemplateError("replace makes it too long")
    return found.replace(old, new, -1 if count is None else count)


def _rounded(value: float, precision: int = 0) -> float:
    return round(float(value), min(max(precision, 0), _PRECISE))


def _environment() -> _Environment:
    made = _Environment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)
    ours: dict[str, Callable[..., Any]] = {"short": short, "replace": _replaced, "round": _rounded}
    kept: dict[str, Callable[..., Any]] = {name: made.filters[name] for name in _FILTERS}
    made.filters = kept | ours
    made.globals.clear()
    return made


_ENVIRONMENT = _environment()


class _Compiled(NamedTuple):
    """A template, the fields that it names, and whether it looks itself whether they are there."""

    template: Template
    fields: frozenset[str]
    careful: bool


@lru_cache(maxsize=512)
def _compiled(source: str) -> _Compiled:
    """Compile once.

    Raises:
        TemplateError: it is no template, or uses what is not for briefs.
    """
    if len(source) > MAX_TEMPLATE:
        raise TemplateError(f"it has {len(source)} characters; at most {MAX_TEMPLATE} are read")
    tree = _ENVIRONMENT.parse(source)
    if (found := next(iter(tree.find_all(_NODES)), None)) is not None:
        raise TemplateError(f"{type(found).__name__.lower()} is not for briefs")
    template = _ENVIRONMENT.from_string(tree)
    return _Compiled(template, frozenset(meta.find_undeclared_variables(tree)), bool(_OPTIONAL.search(source)))


def check(template: str) -> str:
    """Return why *template* is none, or ""."""
    try:
        _compiled(template)
    except TemplateSyntaxError as error:
        return f"it is no template: {error.message}"
    except (TemplateError, RecursionError, ValueError, OverflowError) as error:
        return f"it is no template: {error}"
    return ""


def fields_of(*templates: str) -> frozenset[str]:
    """Return the fields that *templates*, which are checked, use."""
    return frozenset(name for template in templates for name in _compiled(template).fields)


def missing_field(template: str, fields: Collection[str]) -> str:
    """Return a field that *template* uses and that is not among *fields*, or ""; one that looks itself lacks none."""
    compiled = _compiled(template)
    if compiled.careful:
        return ""
    return min((name for name in compiled.fields if name not in fields and name not in _GIVEN), default="")


_GIVEN = frozenset({*USUAL_FIELDS, "specifics"})


def view(fields: Mapping[str, str], locale: str, currency: str = "") -> dict[str, str]:
    """Return what templates see of a product's *fields*; *currency* is that of prices that name none."""
    clean = {key: plain(value) for key, value in fields.items()}
    if currency and not clean.get("currency"):
        clean["currency"] = currency
    language = _locale(locale)
    return {**_EMPTY, **clean, **price_fields(clean, language), **sale_fields(clean, language)}


_EMPTY = dict.fromkeys(USUAL_FIELDS, "")


@lru_cache(maxsize=64)
def _locale(code: str) -> Locale:
    return Locale.parse(code, sep="-")


def render(template: str, fields: Mapping[str, str], key: str) -> str:
    """Fill in *template*, which is the brief's *key*; the result is one line.

    Raises:
        BriefError: it is no template, or uses a field that there is not.
    """
    try:
        text = _compiled(template).template.render(fields)
    except UndefinedError as error:
        raise _unknown_field(str(error.message), fields, key) from None
    except TemplateSyntaxError as error:
        raise BriefError(f'The brief\'s {key}, "{template}", is no template: {error.message}.') from None
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
        raise BriefError(f'The brief\'s {key}, "{template}", cannot be filled in: {error}.') from None
    text = plain(text)
    if len(text) > MAX_TEXT:
        raise BriefError(f"The brief's {key} comes to {len(text)} characters; at most {MAX_TEXT} are sent.")
    return text


def _unknown_field(message: str, fields: Mapping[str, str], key: str) -> BriefError:
    found = _UNDEFINED.search(message)
    if not found:
        return BriefError(f"The brief's {key} cannot be filled in: {message}.")
    hint = near(found.group(1), fields) or f"Fields are {', '.join(sorted(fields))}."
    return BriefError(f'The brief\'s {key} uses a field that products lack: "{found.group(1)}".', hint=hint)
