"""Presets: what a platform takes, as data (`presets.yaml`)."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from nightreel.errors import ConfigurationError
from nightreel.models import Value
from nightreel.quality.checks import RULES, limits_of

MASTER = "master"
"""What every finished video must be."""

WATCHABLE = "watchable"
"""What a video must be to be of any use."""

MOST_BYTES = 100 * 1024 * 1024
"""Of a master: what the least of the platforms takes."""

_FILE = Path(__file__).with_name("presets.yaml")


class Preset(Value):
    """A list of checks with their limits.

    Attributes:
        name: what it is asked for by.
        title: the platform, for people.
        limits: by check, in the order in which they are made.
    """

    name: str
    title: str
    limits: Mapping[str, Any]


def preset(name: str) -> Preset:
    """Return the preset of that name.

    Raises:
        ConfigurationError: there is none; names all.
    """
    known = presets()
    if name not in known:
        raise ConfigurationError(f"There is no preset {name!r}.", hint=f"Presets are {', '.join(known)}.")
    return known[name]


@cache
def presets() -> dict[str, Preset]:
    """Return all presets, by name."""
    given: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {name: _read(name, given) for name in given}


def _read(name: str, given: Mapping[str, Any]) -> Preset:
    checks = _checks(name, given)
    ordered = {rule: checks[rule] for rule in RULES if rule in checks} | checks
    return Preset(name=name, title=given[name]["title"], limits=limits_of(ordered))


def _checks(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    inherited = _checks(given[name]["like"], given) if "like" in given[name] else {}
    return inherited | given[name]["checks"]
