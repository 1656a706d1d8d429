"""Prefect: the versions that go together, and a server that answers."""

import asyncio
import os
import re
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

import httpx

from nightreel import tether
from nightreel.cli.doctor.findings import Finding, bad, well
from nightreel.cli.prefect_api import quiet_environment, require_answer
from nightreel.clock import Clock
from nightreel.settings import Settings

_ANEW = "Install from requirements.lock (make clean, make demo): other pairs of versions break in silence."


class Fit(NamedTuple):
    """Which versions of a package go with the others, and what happens with another."""

    sign: str
    wanted: str
    otherwise: str


TOGETHER: Mapping[str, Fit] = {
    "prefect": Fit("==", "3.8.8", "nobody has tried another"),
    "fastapi": Fit("<", "0.151", "Prefect's server refuses what its own client sends"),
    "sqlalchemy": Fit("<", "2.1", "Prefect's scheduler fails at each turn, and no schedule ever starts a run"),
}
"""As pyproject.toml has it; the metadata of an installation that was not made anew may be older."""


def versions() -> list[Finding]:
    """Look whether Prefect, FastAPI and SQLAlchemy are of versions that work together."""
    if problems := [problem for name, fit in TOGETHER.items() if (problem := _misfit(name, fit))]:
        return [bad("Prefect", "; ".join(problems), _ANEW)]
    return [well("Prefect", ", ".join(f"{name} {version(name)}" for name in TOGETHER))]


def _misfit(name: str, fit: Fit) -> str:
    try:
        here = version(name)
    except PackageNotFoundError:
        return f"{name} is not installed"
    fits = here == fit.wanted if fit.sign == "==" else _numbers(here) < _numbers(fit.wanted)
    return "" if fits else f"{name} is {here}, and has to be {fit.sign}{fit.wanted}: {fit.otherwise}"


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text))


async def server(settings: Settings, clock: Clock) -> list[Finding]:
    """Look whether the server answers: the one that is named, or the one that each run brings."""
    if named := os.environ.get("PREFECT_API_URL"):
        await require_answer()
        return [well("Prefect server", f"{httpx.URL(named).copy_with(userinfo=b'', query=None)} answers")]
    home, began = settings.home_dir / "prefect", clock.monotonic()
    environment = quiet_environment(home, verbose=False)
    child = tether.start(
        "nightreel.cli.prefect_server", [str(home / "runs")], log=home / "server.log", environment=environment
    )
    try:
        up = await child.ready()
    finally:
        await asyncio.to_thread(child.release)
    if not up:
        return [bad("Prefect server", f"it does not start: {child.last_words()}", f"See {child.log}.")]
    return [well("Prefect server", f"the one that each run brings starts ({clock.monotonic() - began:.1f} s)")]
