"""The one retry layer: a table, and what is counted by it.

How often one request is sent is decided here and nowhere else: neither the token request that one may need, nor the
steps of a clip, nor Prefect's tasks repeat what has failed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from pydantic import SecretStr

from nightreel.errors import (
    MalformedAnswer,
    NightreelError,
    OutcomeUnknown,
    RateLimited,
    ServerFault,
    TokenRejected,
    Unsent,
)
from nightreel.nemo.asks import Kind


class Then(StrEnum):
    """What follows an error."""

    WAIT = "sent again, after a wait of its own"
    GATE = "sent again, once, when the gate of all requests opens: after `Retry-After`, else 30 s"
    RENEW = "sent again, once, with a new token; an account's own token cannot be renewed"
    UNKNOWN = "never sent again: whether it was carried out is unknown"
    NEVER = "never sent again: it would fail again, or the error itself says that its outcome is unknown"


class Row(NamedTuple):
    """What follows an error of a request that changes nothing, and of one that is sent once; *times* it is waited."""

    read: Then
    once: Then
    times: int = 0


TABLE: Mapping[type[NightreelError], Row] = MappingProxyType(
    {
        #                    a read       a once-only request
        Unsent: Row(         Then.WAIT,   Then.WAIT, times=5),  # no byte left
        RateLimited: Row(    Then.GATE,   Then.GATE),           # the service refused it
        TokenRejected: Row(  Then.RENEW,  Then.RENEW),          # the service refused it
        ServerFault: Row(    Then.WAIT,   Then.UNKNOWN, times=4),
        MalformedAnswer: Row(Then.WAIT,   Then.UNKNOWN, times=4),
        OutcomeUnknown: Row( Then.WAIT,   Then.NEVER, times=4),
        NightreelError: Row( Then.NEVER,  Then.NEVER),
    }
)  # fmt: skip
"""By class, the first that fits."""

FIRST_WAIT = 1.0
LONGEST_WAIT = 16.0


def row_of(error: NightreelError) -> Row:
    """Return the row that *error* falls under."""
    return next(row for kind, row in TABLE.items() if isinstance(error, kind))


def backoff(waits: int, chance: float) -> float:
    """Return the seconds of the n-th wait: full jitter, so that clients which failed together do not return together.

    Args:
        waits: which wait of the request it is, at least 1.
        chance: 0..1, uniform.
    """
    return min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (waits - 1)) * chance


@dataclass
class Tries:
    """What one request has been through.

    Attributes:
        waits: how often it has waited.
        token: what it was last sent with.
    """

    kind: Kind
    waits: int = 0
    token: SecretStr | None = None
    _done: set[Then] = field(default_factory=set[Then])

    def after(self, error: NightreelError) -> Then:
        """Return what follows *error*, and count it."""
        row = row_of(error)
        then = row.read if self.kind is Kind.READ else row.once
        if then is Then.WAIT:
            self.waits += 1
            return then if self.waits <= row.times else Then.NEVER
        if then in self._done and then in {Then.GATE, Then.RENEW}:
            return Then.NEVER
        self._done.add(then)
        return then

    @property
    def renewing(self) -> bool:
        """Whether its token was refused."""
        return Then.RENEW in self._done


@dataclass
class Budget:
    """How many repeats a client has left: each takes one, each success gives a part of one back.

    Without it, a service in trouble gets several times its load.
    """

    most: float
    back: float = 0.2
    left: float = 0.0

    def take(self) -> bool:
        """Take one repeat; False when there is none."""
        if self.left < 1:
            return False
        self.left -= 1
        return True

    def give_back(self) -> None:
        """Count a success."""
        self.left = min(self.most, self.left + self.back)
