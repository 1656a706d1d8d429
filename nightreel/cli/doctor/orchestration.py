"""Prefect: the versions that go together, and a server that answers."""

import asyncio
import os
import re
from importlib.metadata import PackageNotFoundError, requires, version

import httpx

from nightreel import tether
from nightreel.cli.doctor.findings import Finding, bad, well
from nightreel.cli.prefect_api import quiet_environment, require_answer
from nightreel.clock import Clock
from nightreel.settings import Settings

_PIN = re.compile(r"(prefect|fastapi)(==|<)([\d.]+)")
_ANEW = "Install from requirements.lock (make clean, make demo): other pairs of versions break in silence."


def versions() -> list[Finding]:
    """Look whether Prefect and FastAPI are of versions that work together."""
    pins = [pin.groups() for line in requires("nightreel") or () if (pin := _PIN.fullmatch(line))]
    problems = [problem for name, sign, wanted in sorted(pins) if (problem := _misfit(name, sign, wanted))]
    if problems or not pins:
        return [bad("Prefect", "; ".join(problems) or "which versions go together is not known", _ANEW)]
    return [well("Prefect", " with ".join(f"{name} {version(name)}" for name, _, _ in sorted(pins, reverse=True)))]


def _misfit(name: str, sign: str, wanted: str) -> str:
    try:
        here = version(name)
    except PackageNotFoundError:
        return f"{name} is not installed"
    fits = here == wanted if sign == "==" else _numbers(here) < _numbers(wanted)
    return "" if fits else f"{name} is {here}, and has to be {sign}{wanted}"


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
