"""The only place that reads time or sleeps.

Durations are measured on the monotonic clock, in seconds; wall time (aware, UTC) is for display, leases and
token expiry. A rehearsal runs both sides at one rate; a test moves time by hand.
"""

import asyncio
import os
import time
import zoneinfo
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """What the product asks of time."""

    def now(self) -> datetime:
        """Return the wall time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds on a clock that never jumps; only differences mean anything."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Sleep for *seconds* of this clock."""
        ...

    def real(self, seconds: float) -> float:
        """Return how many real seconds *seconds* of this clock take: for socket and process time-outs."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """Return the wall time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Sleep for *seconds*."""
        await asyncio.sleep(max(0.0, seconds))

    def real(self, seconds: float) -> float:
        """Return *seconds*: this clock runs at the real rate."""
        return seconds


class ScaledClock:
    """Time that runs *rate* times as fast as the machine's: 60 makes a minute pass in a second.

    Args:
        rate: how fast.
        start: what it shows at first; by default the machine's time.
    """

    def __init__(self, rate: float, start: datetime | None = None) -> None:
        if not rate > 0:
            raise ValueError(f"a clock rate is a positive number, not {rate!r}")
        self.rate = rate
        self._started = start or datetime.now(UTC)
        self._origin = time.monotonic()

    def now(self) -> datetime:
        """Return the start plus the scaled time since."""
        return self._started + timedelta(seconds=self.monotonic() - self._origin)

    def monotonic(self) -> float:
        """Return scaled monotonic seconds."""
        return self._origin + (time.monotonic() - self._origin) * self.rate

    async def sleep(self, seconds: float) -> None:
        """Sleep for *seconds* of this clock."""
        await asyncio.sleep(max(0.0, self.real(seconds)))

    def real(self, seconds: float) -> float:
        """Return *seconds* divided by the rate."""
        return seconds / self.rate


class ManualClock:
    """Time that moves only when it is slept on or advanced: a night of waits passes at once."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime(2026, 1, 1, tzinfo=UTC)
        self._monotonic = 0.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        """Return the wall time that was set."""
        return self._now

    def monotonic(self) -> float:
        """Return the seconds that have been advanced."""
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        """Advance by *seconds* and let other tasks run once."""
        self.slept.append(seconds)
        self.advance(max(0.0, seconds))
        await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        """Move both clocks on by *seconds*."""
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds

    def jump(self, seconds: float) -> None:
        """Move the wall clock alone, as a corrected system clock does."""
        self._now += timedelta(seconds=seconds)

    def real(self, seconds: float) -> float:
        """Return *seconds*: sockets do not know this clock."""
        return seconds


def local_zone(localtime: Path = Path("/etc/localtime")) -> str:
    """Return the name of this machine's time zone, as `TZ`, *localtime* or the file beside it say; else "UTC"."""
    names = [os.environ.get("TZ", "").removeprefix(":"), str(localtime.resolve()).rpartition("zoneinfo/")[2]]
    beside = localtime.with_name("timezone")
    if beside.is_file():
        names.append(beside.read_text(encoding="utf-8", errors="replace").strip())
    return next((name for name in names if is_zone(name)), "UTC")


def is_zone(name: str) -> bool:
    """Whether *name* is that of a time zone, such as Europe/Berlin."""
    return name in zoneinfo.available_timezones()
