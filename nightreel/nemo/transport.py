"""Sockets: how long they may take, and whether a byte of a request has left when one fails.

The exception's type does not tell that; httpx's `trace` extension does (measured with httpx 0.28, httpcore 1.0).
"""

import functools
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx

from nightreel.clock import Clock
from nightreel.errors import NightreelError, OutcomeUnknown, SettingsError, Unsent
from nightreel.nemo.redact import REDACTOR

_FLOOR = 5.0
_SENDING = ".send_request_headers.started"
_BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_LOOPBACK: Mapping[str, None] = {"all://127.0.0.1": None, "all://localhost": None, "all://[::1]": None}


@dataclass(frozen=True)
class Patience:
    """How long things may take, in seconds of the clock, and how often they may be repeated.

    Attributes:
        connect, write: of a socket.
        read: gap between two bytes of an answer.
        silence: the same for a once-only request; a healthy agent says nothing while it works.
        answer: a whole answer.
        progress: the event stream without a real event; pings do not count.
        run: a whole run.
        transfer: a whole upload or download.
        still_working: between two notices that a run goes on.
        repeats: how many requests may be sent again, all together; successes win some back.
    """

    connect: float = 10.0
    write: float = 60.0
    read: float = 60.0
    silence: float = 600.0
    answer: float = 120.0
    progress: float = 600.0
    run: float = 900.0
    transfer: float = 3600.0
    still_working: float = 120.0
    repeats: float = 40.0


def real(clock: Clock, seconds: float) -> float:
    """Return the real seconds of a time-out; a fast clock leaves a socket the few that a busy machine needs."""
    return max(clock.real(seconds), min(seconds, _FLOOR))


def timeout(clock: Clock, patience: Patience, read: float) -> httpx.Timeout:
    """Return httpx's time-outs; it has no total one, so that callers keep their own."""
    return httpx.Timeout(
        connect=real(clock, patience.connect),
        read=real(clock, read),
        write=real(clock, patience.write),
        pool=real(clock, patience.connect),
    )


@dataclass
class Trace:
    """Whether a byte of a request may have left; given to httpx as its `trace` extension."""

    left: bool = False

    async def __call__(self, name: str, _info: Mapping[str, Any]) -> None:
        """Note that the headers are about to be written."""
        self.left = self.left or name.endswith(_SENDING)


def open_http(transport: httpx.AsyncBaseTransport | None, *, fresh: bool = False) -> httpx.AsyncClient:
    """Return an HTTP client: no redirects, no cookies, no proxy for loopback.

    Args:
        transport: instead of sockets.
        fresh: each request over a connection of its own; a stale one would leave its outcome unknown.
    """
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=0 if fresh else 16, keepalive_expiry=30.0)
    mounts: Mapping[str, httpx.AsyncBaseTransport | None] | None = None if transport else dict(_LOOPBACK)
    cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return httpx.AsyncClient(
        transport=transport, verify=_trust(), limits=limits, mounts=mounts, cookies=cookies, follow_redirects=False
    )


@functools.cache
def _trust() -> ssl.SSLContext:
    """Return the certificates that are trusted; reading them takes longer than most requests, so it is done once."""
    return httpx.create_ssl_context()


def told(error: Exception, trace: Trace, what: str) -> NightreelError:
    """Return what a transport's *error* means for the request *what*."""
    why = REDACTOR.clean(f"{type(error).__name__}: {error}".rstrip(": "))
    if _untrusted(error):
        return SettingsError(
            f"{what}: the service's certificate is not trusted.", hint="Check NEMO_API_URL and any proxy between."
        )
    if isinstance(error, httpx.UnsupportedProtocol):
        return SettingsError(f"{what}: the service's address has no http or https.", hint="Check NEMO_API_URL.")
    if not trace.left and isinstance(error, _BEFORE_SENDING):
        return Unsent(f"{what}: the service cannot be reached ({why}).", hint="Check the network and NEMO_API_URL.")
    return OutcomeUnknown(
        f"{what}: sent, but no answer came ({why}).", hint="Read the state before anything is sent."
    )


def _untrusted(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
