"""The one retry layer: a table and pure functions.

| error | a read | a once-only request | waits, in seconds |
|---|---|---|---|
| Unsent | repeated | repeated: no byte left | 0.5, 1, 2, 4, 8 with jitter |
| OutcomeUnknown, ServerFault, MalformedAnswer | repeated | never | 1, 2, 4, 8 with jitter |
| RateLimited | once | once: the service refused it | the gate's: `Retry-After`, else 30 |
| TokenRejected | once, after a renewal | once: the service refused it | none |

A client's repeats are limited together as well: without that, a service in trouble gets several times its load.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from nightreel.errors import MalformedAnswer, NightreelError, OutcomeUnknown, ServerFault, Unsent
from nightreel.nemo.asks import Kind

_BACKOFF: Mapping[type[NightreelError], tuple[float, ...]] = {
    Unsent: (0.5, 1.0, 2.0, 4.0, 8.0),
    OutcomeUnknown: (1.0, 2.0, 4.0, 8.0),
    ServerFault: (1.0, 2.0, 4.0, 8.0),
    MalformedAnswer: (1.0, 2.0, 4.0, 8.0),
}
_JITTER = 0.5


def wait_before(kind: Kind, error: NightreelError, attempt: int, chance: float) -> float | None:
    """Return the seconds to wait before the next attempt, or None if there is none.

    Args:
        kind: of the request.
        error: what the attempt ended with.
        attempt: how many have been made, at least 1.
        chance: 0..1, uniform: spreads clients that failed together.
    """
    if kind is Kind.ONCE and not isinstance(error, Unsent):
        return None
    waits = next((waits for caught, waits in _BACKOFF.items() if isinstance(error, caught)), ())
    if attempt > len(waits):
        return None
    return waits[attempt - 1] * (1 - _JITTER + _JITTER * chance)


@dataclass
class Budget:
    """How many repeats a client has left: each takes one, each success gives a part of one back."""

    most: float = 40.0
    back: float = 0.2
    left: float = 40.0

    def take(self) -> bool:
        """Take one repeat; False when there is none."""
        if self.left < 1:
            return False
        self.left -= 1
        return True

    def give_back(self) -> None:
        """Count a success."""
        self.left = min(self.most, self.left + self.back)
