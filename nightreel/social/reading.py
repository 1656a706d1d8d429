"""A YAML file read into a value; what is wrong in it is told with file, line and key. Pure."""

from collections.abc import Sequence
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from nightreel.catalog.words import near
from nightreel.errors import ConfigurationError
from nightreel.models import Value

V = TypeVar("V", bound=Value)
Place = tuple[str | int, ...]

_DEEPEST = 8
_PREFIX = "Value error, "


def read(text: str, name: str, wanted: type[V], parts: dict[str, type[Value]]) -> V:
    """Read *text* as a *wanted*; its values are taken as they are written, whatever YAML makes of them.

    Args:
        text: of the file.
        name: of the file, for people.
        wanted: what the file holds.
        parts: what the entries of a list are, by its key: their keys are suggested for misspelt ones.

    Raises:
        ConfigurationError: with file, line and key.
    """
    lines: dict[Place, int] = {}
    data = _plain(_root(text, name), (), lines, name)
    try:
        return wanted.model_validate(data if data is not None else {})
    except ValidationError as error:
        first: dict[str, Any] = error.errors(include_url=False)[0]  # pyright: ignore[reportAssignmentType] - a TypedDict
        raise _told(first, lines, name, wanted, parts) from None


def _root(text: str, name: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationError(f"{name}, line {line}: {error.problem or error.context}.") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigurationError(f"{name}: {error}.") from None


def _plain(node: yaml.Node | None, place: Place, lines: dict[Place, int], name: str) -> object:
    """Return *node* as lists, mappings and strings; note in which line each stands."""
    if node is None:
        return None
    lines.setdefault(place, node.start_mark.line + 1)
    if len(place) > _DEEPEST:
        raise ConfigurationError(f"{name}, line {lines[place]}: groups stand in groups too deep.")
    if isinstance(node, yaml.SequenceNode):
        items: list[yaml.Node] = node.value
        return [_plain(item, (*place, number), lines, name) for number, item in enumerate(items)]
    if isinstance(node, yaml.MappingNode):
        return _group(node, place, lines, name)
    plain = isinstance(node, yaml.ScalarNode) and node.style is None
    return None if plain and node.value in {"", "~", "null"} else str(node.value)


def _group(node: yaml.MappingNode, place: Place, lines: dict[Place, int], name: str) -> dict[str, object]:
    found: dict[str, object] = {}
    pairs: list[tuple[yaml.Node, yaml.Node]] = node.value
    for key_node, value in pairs:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        if key in found:
            raise ConfigurationError(f"{name}, line {line}: {key} stands here twice.")
        lines[(*place, key)] = line
        if (plain := _plain(value, (*place, key), lines, name)) is not None:
            found[key] = plain
    return found


def _told(
    error: dict[str, Any], lines: dict[Place, int], name: str, wanted: type[Value], parts: dict[str, type[Value]]
) -> ConfigurationError:
    place: Place = error["loc"]
    where = f"{name}, line {_line(place, lines)}"
    keys = [part for part in place if isinstance(part, str)]
    if error["type"] == "extra_forbidden":
        known = parts.get(keys[0], wanted) if len(keys) > 1 else wanted
        hint = near(keys[-1], known.model_fields) or f"Keys are {', '.join(known.model_fields)}."
        return ConfigurationError(f'{where}: there is no key "{keys[-1]}".', hint=hint)
    said = str(error["msg"]).removeprefix(_PREFIX)
    key, value = next((part for part in keys if part != "[key]"), "the file"), error["input"]
    shown = f'"{value}" does not fit. ' if isinstance(value, str) and not error["msg"].startswith(_PREFIX) else ""
    return ConfigurationError(f"{where}, {keys[-1] if keys else key}: {shown}{said}{'' if said[-1] in '.?' else '.'}")


def _line(place: Sequence[str | int], lines: dict[Place, int]) -> int:
    """Return the line of *place*, or of the nearest thing around it that stands in the file."""
    for length in range(len(place), -1, -1):
        if (line := lines.get(tuple(place[:length]))) is not None:
            return line
    return 1
