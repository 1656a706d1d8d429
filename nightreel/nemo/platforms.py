"""Which platform this client declares in its attribution headers."""

import re
from pathlib import Path

from nightreel.errors import SettingsError
from nightreel.nemo import wire

_VALUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")
_HERE = Path(__file__)


def platform(skill_source: str = "", installed: Path = _HERE) -> str:
    """Return `clawhub`, `cursor` or `unknown`, found from the path where we are installed; *skill_source* wins.

    Raises:
        SettingsError: *skill_source* cannot stand in a header.
    """
    if skill_source:
        return header_value("SKILL_SOURCE", skill_source)
    folders = {part.lower().lstrip(".") for part in installed.parts}
    return next((name for name in wire.PLATFORMS if name in folders), "unknown")


def attribution(skill_source: str, version: str) -> dict[str, str]:
    """Return the three headers that every request carries; without them the export answers 402."""
    return {
        wire.HEADER_SOURCE: wire.SKILL_SOURCE,
        wire.HEADER_VERSION: header_value("NEMO_SKILL_VERSION", version),
        wire.HEADER_PLATFORM: platform(skill_source),
    }


def header_value(setting: str, value: str) -> str:
    """Return *value* if it can stand in a header.

    Raises:
        SettingsError: it cannot; names the setting.
    """
    if not _VALUE.fullmatch(value.strip()):
        raise SettingsError(
            f"{setting}={value!r} cannot stand in a header.", hint="Use letters, digits, dots and dashes."
        )
    return value.strip()
