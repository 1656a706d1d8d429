"""Templates of a brief, over a product's fields: jinja2 in its sandbox, and an unknown field is an error.

Fields are the feed's columns (lower case, `_` for what is no letter or digit) and the usual ones, which are empty
where a feed lacks them. `price` is written as people of the brief's language do, and is the sale price while there
is one; `old_price` is then the regular one. Filters: jinja2's own and `short`, which cuts a title for the screen.
"""

import re
from collections.abc import Mapping

from babel import Locale
from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.sandbox import SandboxedEnvironment

from nightreel.catalog.prices import price_fields
from nightreel.catalog.words import near, plain, short
from nightreel.errors import BriefError

USUAL_FIELDS = (
    "id", "title", "description", "brand", "price", "old_price", "sale_price", "currency", "link", "availability",
    "condition", "color", "size", "material", "product_type", "gtin", "mpn",
)  # fmt: skip
"""Always there, if only empty."""

MAX_TEXT = 4_000


_GROWING = {"center", "ljust", "rjust", "zfill", "format", "format_map", "expandtabs", "replace", "join", "translate"}
"""Methods of texts that make long ones of short ones."""


class _Environment(SandboxedEnvironment):
    """The sandbox, without loops over invented ranges and without a way to grow texts without end."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        """Refuse what grows texts, beside what the sandbox refuses."""
        return attr not in _GROWING and super().is_safe_attribute(obj, attr, value)

    def call_binop(self, context: object, operator: str, left: object, right: object) -> object:  # noqa: ARG002
        raise TemplateError(f"{operator} is not for briefs")


_ENVIRONMENT = _Environment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)
_ENVIRONMENT.filters["short"] = short
for name in ("center", "format", "indent", "wordwrap", "batch", "slice"):
    del _ENVIRONMENT.filters[name]
_ENVIRONMENT.globals.clear()
_UNDEFINED = re.compile(r"'([^']*)' is undefined")


def view(fields: Mapping[str, str], language: str) -> dict[str, str]:
    """Return what templates see of a product's *fields*."""
    clean = {key: plain(value) for key, value in fields.items()}
    locale = Locale.parse(language, sep="-")
    return {**dict.fromkeys(USUAL_FIELDS, ""), **clean, **price_fields(clean, locale)}


def render(template: str, fields: Mapping[str, str], key: str) -> str:
    """Fill in *template*, which is the brief's *key*; the result is one line.

    Raises:
        BriefError: it is no template, or uses a field that there is not.
    """
    try:
        text = _ENVIRONMENT.from_string(template).render(fields)
    except UndefinedError as error:
        raise _unknown_field(str(error.message), fields, key) from None
    except TemplateSyntaxError as error:
        raise BriefError(f'The brief\'s {key}, "{template}", is no template: {error.message}.') from None
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
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
