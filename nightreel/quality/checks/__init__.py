"""Checks of a finished file, each a small function; a module a sense."""

from nightreel.quality.checks import content, hearing, packing, sight, stream
from nightreel.quality.checks.rule import RULES, Evidence, Rule, Text, Verdict, Wanted, limits_of

__all__ = [
    "RULES",
    "Evidence",
    "Rule",
    "Text",
    "Verdict",
    "Wanted",
    "content",
    "hearing",
    "limits_of",
    "packing",
    "sight",
    "stream",
]
