"""The clock: the only place that reads time or sleeps."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from nightreel.clock import ManualClock, ScaledClock, SystemClock, local_zone


async def test_manual_clock_passes_a_night_at_once() -> None:
    """Sleeping on the manual clock advances both its clocks and nothing else."""
    clock = ManualClock()
    before, started = clock.monotonic(), clock.now()
    await clock.sleep(8 * 3600)
    assert clock.monotonic() - before == 8 * 3600
    assert clock.now() - started == timedelta(hours=8)


async def test_a_jump_of_the_wall_clock_leaves_durations_alone() -> None:
    """A corrected system clock changes what is displayed, never what is measured."""
    clock = ManualClock()
    clock.jump(-3600)
    assert clock.monotonic() == 0


async def test_scaled_clock_runs_at_its_rate() -> None:
    """At rate 100 a sleep of one second takes ten milliseconds, and both clocks say one second."""
    clock, real = ScaledClock(100), SystemClock()
    before, real_before = clock.monotonic(), real.monotonic()
    await clock.sleep(1.0)
    assert clock.monotonic() - before >= 1.0
    assert real.monotonic() - real_before < 1.0


def test_a_clock_rate_is_positive() -> None:
    """A rate of zero or less is refused with its value."""
    with pytest.raises(ValueError, match="-1"):
        ScaledClock(-1)


async def test_sleeping_lets_other_tasks_run() -> None:
    """A manual sleep yields to the loop once, so that tasks waiting on each other go on."""
    clock, ran = ManualClock(), asyncio.Event()
    task = asyncio.create_task(_set(ran))
    await clock.sleep(1)
    await task
    assert ran.is_set()


async def _set(event: asyncio.Event) -> None:
    event.set()


@pytest.mark.parametrize(
    ("variable", "linked", "written", "zone"),
    [
        ("Asia/Tokyo", "Europe/Berlin", "Europe/Rome", "Asia/Tokyo"),
        (":Asia/Tokyo", "", "", "Asia/Tokyo"),
        ("CET-1CEST", "Europe/Berlin", "", "Europe/Berlin"),
        ("", "America/Argentina/Salta", "Europe/Rome", "America/Argentina/Salta"),
        ("", "", "Europe/Rome\n", "Europe/Rome"),
        ("", "", "", "UTC"),
    ],
)
def test_the_machines_zone_has_a_name(
    variable: str, linked: str, written: str, zone: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As TZ, the link /etc/localtime or the file beside it say, in this order; UTC where nobody says anything."""
    monkeypatch.setenv("TZ", variable)
    if linked:
        (tmp_path / "localtime").symlink_to(f"/usr/share/zoneinfo/{linked}")
    else:
        (tmp_path / "localtime").write_bytes(b"TZif2")
    if written:
        (tmp_path / "timezone").write_text(written, encoding="utf-8")
    assert local_zone(tmp_path / "localtime") == zone
