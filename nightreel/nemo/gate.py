"""One gate for all requests of a client: a rate limit that one of them meets pauses them all."""

from nightreel.clock import Clock


class Gate:
    """Open, or closed until a moment of the clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until = clock.monotonic()

    def close_for(self, seconds: float) -> None:
        """Keep everybody waiting for *seconds* from now; a longer pause stands."""
        self._until = max(self._until, self._clock.monotonic() + seconds)

    async def passed(self) -> None:
        """Return when the gate is open."""
        while (left := self._until - self._clock.monotonic()) > 0:
            await self._clock.sleep(left)
