"""Parsed JSON from outside, taken as what it should be; what is of another type counts as empty."""

from typing import Any, cast


def object_in(value: Any) -> dict[str, Any]:  # noqa: ANN401 - parsed JSON
    """Return *value* if it is a JSON object, else an empty one."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def list_in(value: Any) -> list[Any]:  # noqa: ANN401 - parsed JSON
    """Return *value* if it is a JSON list, else an empty one."""
    return cast("list[Any]", value) if isinstance(value, list) else []
