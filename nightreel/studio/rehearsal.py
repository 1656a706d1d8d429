"""A rehearsal's time, and its data folder, which no other studio may use.

The folder keeps how fast time goes in it and since when: studio and runners that read it share one time, which goes
on when one of them is started again.
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from nightreel.clock import ScaledClock, SystemClock
from nightreel.errors import StudioError
from nightreel.files import write_whole
from nightreel.studio.keeper import running

CLOCK = "clock.json"
RATE = 60.0
"""Seconds of a rehearsal in one of ours, if nobody says otherwise: a video takes some five seconds."""

FASTEST = 3600.0
"""Beyond it the machine's own work takes longer than the service's waits."""

CREDITS = 1_000_000_000
"""What the local account is given: more than the biggest nights cost, one after the other."""

_DATABASE = "studio.db"
_ANOTHER = "Give it another data folder with --data"


class Pact(BaseModel):
    """How a rehearsal's time goes: *rate* times as fast as ours, and at *ours* it showed *shown*."""

    rate: Annotated[float, Field(gt=0, le=FASTEST)]
    ours: AwareDatetime
    shown: AwareDatetime

    def at(self, now: datetime) -> datetime:
        """Return what it shows when our clock shows *now*."""
        return self.shown + (now - self.ours) * self.rate


def open_clock(data: Path, rate: float | None = None) -> ScaledClock:
    """Return the clock of the rehearsal in *data*; at *rate*, else as it goes there, else 60 times as fast as ours.

    Raises:
        StudioError: the folder is a studio's that renders; or a studio runs there at another rate.
    """
    now = SystemClock().now()
    pact = _read(data)
    if pact is None:
        if (data / _DATABASE).exists():
            raise StudioError(f"{data} belongs to a studio that renders.", hint=f"{_ANOTHER} to rehearse.")
        pact = _agree(data, Pact(rate=rate or RATE, ours=now, shown=now), keep=True)
    if rate is not None and rate != pact.rate:
        if running(data) is not None:
            raise StudioError(
                f"The rehearsal in {data} goes on at rate {pact.rate:g}, not {rate:g}.",
                hint="End its studio first, or leave --rate out.",
            )
        pact = _agree(data, Pact(rate=rate, ours=now, shown=pact.at(now)))
    return ScaledClock(pact.rate, pact.at(SystemClock().now()))


def refuse(data: Path) -> None:
    """See that *data* is no rehearsal's: its videos are placeholders.

    Raises:
        StudioError: it is.
    """
    if (data / CLOCK).exists():
        raise StudioError(f"{data} is a rehearsal's.", hint=f"{_ANOTHER}, or go on with --rehearse.")


def _read(data: Path) -> Pact | None:
    try:
        return Pact.model_validate_json((data / CLOCK).read_bytes())
    except FileNotFoundError:
        return None
    except ValueError:
        raise StudioError(
            f"{data / CLOCK} cannot be read.", hint=f"Remove {data} to begin the rehearsal anew."
        ) from None


def _agree(data: Path, pact: Pact, *, keep: bool = False) -> Pact:
    """Write *pact* down; with *keep*, one that somebody wrote in this moment holds instead."""
    write_whole(data / CLOCK, pact.model_dump_json().encode(), keep=keep)
    return _read(data) or pact
