"""Photos: opened safely, looked at to the last pixel, made into what every engine takes.

What stands here is imported when it is asked for: a decoder's process starts for every command, and needs little.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nightreel.images.advice import advised
    from nightreel.images.check import CheckLine, check_file, check_paths
    from nightreel.images.intake import Intake
    from nightreel.images.photos import Ready, normalise, probe

__all__ = ["CheckLine", "Intake", "Ready", "advised", "check_file", "check_paths", "normalise", "probe"]

_PLACES = {
    "advised": "advice",
    "CheckLine": "check",
    "check_file": "check",
    "check_paths": "check",
    "Intake": "intake",
    "Ready": "photos",
    "normalise": "photos",
    "probe": "photos",
}


def __getattr__(name: str) -> object:
    if name not in _PLACES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
