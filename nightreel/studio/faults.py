"""Faults on order: what goes wrong at which request, decided by a seed alone. Pure.

A studio with a :class:`Schedule` misbehaves as services do, on the real wire (`nightreel.studio.breaking`): for
trying one's own pipeline. Whether a request meets a fault, and which, hangs on the seed, the endpoint, whose request
it is (the session's name: a clip's) and the how-many-th it is; never on time, on ids drawn by lot, or on which of
several requests comes first. `python -m nightreel.studio.faults` prints which fault can meet which endpoint.
"""

import hashlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Endpoint(StrEnum):
    """What is asked for. A poll that finds its render completed counts as a `result`, too."""

    TOKEN = "token"  # noqa: S105 - an endpoint
    CLAIM = "claim"
    SESSION = "session"
    UPLOAD = "upload"
    RUN = "run"
    STATE = "state"
    BALANCE = "balance"
    SUBMIT = "submit"
    POLL = "poll"
    RESULT = "result"
    CANCEL = "cancel"
    LINK = "link"
    DOWNLOAD = "download"


class Fault(StrEnum):
    """What goes wrong; :data:`KINDS` tells each one's meaning and places."""

    LIMITED = "limited"
    LIMITED_SECONDS = "limited-seconds"
    LIMITED_DATE = "limited-date"
    ERROR_BEFORE = "error-before"
    ERROR_AFTER = "error-after"
    CLOSED_UNREAD = "closed-unread"
    CLOSED_UNANSWERED = "closed-unanswered"
    RESET_UNANSWERED = "reset-unanswered"
    RESET_HEAD = "reset-head"
    RESET_BODY = "reset-body"
    CLOSED_BEHIND = "closed-behind"
    SILENCE = "silence"
    SLOW_DRIP = "slow-drip"
    MALFORMED_JSON = "malformed-json"
    ENCODED = "encoded"
    LENGTH_TOO_LONG = "length-too-long"
    LENGTH_TOO_SHORT = "length-too-short"
    TOKEN_EXPIRED = "token-expired"  # noqa: S105 - a fault
    SESSION_VANISHED = "session-vanished"
    RESET_STREAM = "reset-stream"
    SILENT_END_UNDONE = "silent-end-undone"
    SILENT_END_DONE = "silent-end-done"
    HEARTBEATS_UNDONE = "heartbeats-undone"
    HEARTBEATS_DONE = "heartbeats-done"
    MALFORMED_FRAME = "malformed-frame"
    CUT_FRAME = "cut-frame"
    ERROR_FRAME_UNDONE = "error-frame-undone"
    ERROR_FRAME_DONE = "error-frame-done"
    DUPLICATE_ID = "duplicate-id"
    RENDER_FAILED = "render-failed"
    COMPLETED_EARLY = "completed-early"
    LATE_STATUS = "late-status"
    LINK_EXPIRED = "link-expired"
    REDIRECT = "redirect"


class Kind(NamedTuple):
    """A fault's meaning, for people, and the endpoints that it can meet."""

    means: str
    places: frozenset[Endpoint]


_E = Endpoint
_ALL = frozenset(Endpoint) - {_E.RESULT}
_FILES = frozenset({_E.LINK, _E.DOWNLOAD})
_RUN = frozenset({_E.RUN})
_CHANGES = frozenset({_E.TOKEN, _E.CLAIM, _E.SESSION, _E.UPLOAD, _E.RUN, _E.SUBMIT, _E.CANCEL})
_WITH_BODY = _CHANGES - {_E.TOKEN, _E.CANCEL}
_IN_SESSION = _WITH_BODY - {_E.SESSION} | {_E.STATE}

KINDS: Mapping[Fault, Kind] = {
    Fault.LIMITED: Kind("429 that does not say how long to wait", _ALL),
    Fault.LIMITED_SECONDS: Kind("429 with Retry-After in seconds", _ALL),
    Fault.LIMITED_DATE: Kind("429 with Retry-After as a date", _ALL),
    Fault.ERROR_BEFORE: Kind("500, 502, 503 or 504; nothing was done", _ALL),
    Fault.ERROR_AFTER: Kind("500, 502, 503 or 504, though the work is done", _CHANGES),
    Fault.CLOSED_UNREAD: Kind("the connection is closed before the body is read; nothing was done", _WITH_BODY),
    Fault.CLOSED_UNANSWERED: Kind("the connection is closed after the whole request; nothing was done", _ALL),
    Fault.RESET_UNANSWERED: Kind("the connection is reset after the whole request; nothing was done", _ALL),
    Fault.RESET_HEAD: Kind("the connection is reset within the answer's head; the work is done", _ALL),
    Fault.RESET_BODY: Kind("the connection is reset within the answer's body; the work is done", _ALL - _RUN),
    Fault.CLOSED_BEHIND: Kind("the answer is whole, and its connection, which was to be kept, is closed", _ALL),
    Fault.SILENCE: Kind("the work is done, and no answer comes for 20 minutes", _ALL),
    Fault.SLOW_DRIP: Kind("the answer comes in drops, a few seconds apart", _ALL),
    Fault.MALFORMED_JSON: Kind("the answer's JSON is cut off; the work is done", _ALL - _RUN - _FILES),
    Fault.ENCODED: Kind("the answer is gzipped, though nobody asked for it; the work is done", _ALL - _RUN),
    Fault.LENGTH_TOO_LONG: Kind("Content-Length says more than comes; the work is done", _ALL - _RUN),
    Fault.LENGTH_TOO_SHORT: Kind("Content-Length says half of what comes; the work is done", _ALL - _RUN),
    Fault.TOKEN_EXPIRED: Kind("1001: the token has expired; an anonymous one is gone", _ALL - {_E.TOKEN, _E.LINK}),
    Fault.SESSION_VANISHED: Kind("1002: the session is gone, from now on", _IN_SESSION),
    Fault.RESET_STREAM: Kind("the connection is reset within the stream; the work goes on", _RUN),
    Fault.SILENT_END_UNDONE: Kind("the stream ends without a result; nothing was done", _RUN),
    Fault.SILENT_END_DONE: Kind("the stream ends without a result; the work goes on", _RUN),
    Fault.HEARTBEATS_UNDONE: Kind("nothing but heartbeats for 20 minutes; nothing was done", _RUN),
    Fault.HEARTBEATS_DONE: Kind("nothing but heartbeats for 20 minutes; the work goes on", _RUN),
    Fault.MALFORMED_FRAME: Kind("a frame among the others is no JSON; the work is done", _RUN),
    Fault.CUT_FRAME: Kind("the stream ends within a frame; the work goes on", _RUN),
    Fault.ERROR_FRAME_UNDONE: Kind("200, and an error event; nothing was done", _RUN),
    Fault.ERROR_FRAME_DONE: Kind("the work is done and told, and then comes an error event", _RUN),
    Fault.DUPLICATE_ID: Kind("the export is taken, and its id called a duplicate", frozenset({_E.SUBMIT})),
    Fault.RENDER_FAILED: Kind("the export is taken, and fails", frozenset({_E.SUBMIT})),
    Fault.COMPLETED_EARLY: Kind("completed, with a dead link; then processing; then completed", frozenset({_E.POLL})),
    Fault.LATE_STATUS: Kind("processing, though it is completed and may have been told", frozenset({_E.RESULT})),
    Fault.LINK_EXPIRED: Kind("403: the link has expired; the render gives a fresh one", frozenset({_E.LINK})),
    Fault.REDIRECT: Kind("302 to a fresh link under another host name", _FILES),
}

POSSIBLE: Mapping[Endpoint, tuple[Fault, ...]] = {
    endpoint: tuple(fault for fault, kind in KINDS.items() if endpoint in kind.places) for endpoint in Endpoint
}

IN_A_ROW: Mapping[Endpoint, int] = dict.fromkeys(Endpoint, 2) | dict.fromkeys(_WITH_BODY, 1)
"""Faults that can meet one's requests at an endpoint one after the other; then one goes well."""


SHARE = 0.4
"""Of the requests that could meet a fault, so many do, if nobody says otherwise."""


@dataclass(frozen=True)
class Schedule:
    """Which request meets which fault.

    Attributes:
        seed: decides everything; the same one, the same faults.
        only: the faults that may come.
        share: of the requests that could meet one.
    """

    seed: int
    only: frozenset[Fault] = frozenset(Fault)
    share: float = SHARE

    def at(self, endpoint: Endpoint, subject: str, n: int) -> Fault | None:
        """Return what the *n*-th request (from 1) of *subject* at *endpoint* meets."""
        among = [fault for fault in POSSIBLE[endpoint] if fault in self.only]
        if not among or self._rests(endpoint, subject, n):
            return None
        place = (endpoint, subject, n)
        return among[int(self.draw("which", *place) * len(among))] if self.draw("if", *place) < self.share else None

    def draw(self, *what: object) -> float:
        """Return a number, 0 ≤ it < 1, that hangs on the seed and *what* alone."""
        digest = hashlib.sha256(repr((self.seed, *map(str, what))).encode()).digest()
        return int.from_bytes(digest[:6], "big") / 2**48

    def _rests(self, endpoint: Endpoint, subject: str, n: int) -> bool:
        """Whether this request goes well whatever is drawn: one in so many, so that everything ends some time.

        Seldom the first: most clips send each of their requests once.
        """
        every = IN_A_ROW[endpoint] + 1
        drawn = int(self.draw("rest", endpoint, subject) * 2 * every)
        return n % every == (drawn if drawn < every else 0)


def matrix(met: Mapping[tuple[Endpoint, Fault], int] | None = None) -> str:
    """Return the table of faults and endpoints, and what each fault means.

    Args:
        met: how often each was met; without it the table shows where each can be met.
    """
    wide = max(map(len, Fault))
    head = " " * wide + "  " + " ".join(Endpoint)
    rows = [f"{fault:<{wide}}  {_cells(fault, met)}  {KINDS[fault].means}" for fault in Fault]
    return "\n".join([head, *rows])


def _cells(fault: Fault, met: Mapping[tuple[Endpoint, Fault], int] | None) -> str:
    cells = ("·" if it not in KINDS[fault].places else "x" if met is None else met.get((it, fault), 0) for it in _E)
    return " ".join(str(cell).center(len(it)) for it, cell in zip(_E, cells, strict=True))


if __name__ == "__main__":
    sys.stdout.write(matrix() + "\n")
