"""How long a night will take, by how long the last clips took."""

import math
from statistics import median

from nightreel.models import Engine, Value
from nightreel.runtime import Runtime

CLOUD = 300.0
"""Seconds of a clip at the service, where none was made yet: generation 100–300, export 30–90 (protocol.md)."""

LOCAL = 80.0
"""Seconds of one by the studio, as `make demo` sees it on two cores with all its clips at once."""

DELIVERY = 0.5
"""Seconds to put a kept master into its place."""


class Pace(Value):
    """How fast clips are made.

    Attributes:
        clip: real seconds from a clip's beginning to its end, among as many as are made at once.
        at_once: so many.
    """

    clip: float
    at_once: int

    def of(self, clips: int, deliveries: int = 0) -> float:
        """Return the real seconds of a night that makes *clips* and delivers others again."""
        return math.ceil(clips / self.at_once) * self.clip + deliveries * DELIVERY


async def paces(runtime: Runtime) -> Pace:
    """Return the pace of the account's last clips; of the engine, where there are none."""
    tools = runtime.tools
    usual = LOCAL if tools.engine is Engine.LOCAL else CLOUD
    seen = await runtime.ledger.journal.paces(tools.engine, tools.account)
    if runtime.settings.rehearse and not seen:
        usual = CLOUD
    seconds = median(seen) if seen else usual
    return Pace(clip=runtime.clock.real(seconds), at_once=runtime.settings.clips_at_once)
