"""A figure: something measured, the goal it is held to, and what it is measured against."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement.

    Attributes:
        name: what is measured.
        value: the number; none if it could not be measured.
        unit: of *value*; "" for a share.
        goal: the number that *value* is held to; none where it is only shown.
        holds: whether the goal is met; none when its peer is missing, which is no pass.
        against: the peer, measured in the same run; "" for an absolute figure.
    """

    name: str
    value: float | None
    unit: str
    goal: float | None
    holds: bool | None
    against: str = ""


_WORDS = {True: "yes", False: "[red]no[/red]", None: "[yellow]not measured[/yellow]"}


def table(figures: Sequence[Figure]) -> Table:
    """Return *figures* as a table for people."""
    made = Table("figure", "against")
    for name in ("value", "goal"):
        made.add_column(name, justify="right")
    made.add_column("holds")
    for figure in figures:
        made.add_row(
            figure.name,
            figure.against,
            _value(figure),
            _goal(figure),
            _WORDS[figure.holds] if figure.goal is not None or figure.holds is None else "",
        )
    return made


def line(figure: Figure) -> str:
    """Return *figure* in a line, as it is told while others are still measured."""
    goal = f"  (goal {_goal(figure)}: {_WORDS[figure.holds]})" if figure.goal is not None else ""
    against = f"  against {figure.against}" if figure.against else ""
    return f"{figure.name}: [bold]{_value(figure)}[/bold]{against}{goal}"


def _value(figure: Figure) -> str:
    return "-" if figure.value is None else f"{figure.value:.3g} {figure.unit}".rstrip()


def _goal(figure: Figure) -> str:
    return "" if figure.goal is None else f"{figure.goal:g}"


def write(figures: Sequence[Figure], path: Path) -> None:
    """Write *figures* as JSON, for a machine that compares runs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(figure) for figure in figures], indent=2) + "\n")


def passed(figures: Sequence[Figure]) -> bool:
    """Return whether every figure was measured and holds."""
    return all(figure.holds is True for figure in figures)
