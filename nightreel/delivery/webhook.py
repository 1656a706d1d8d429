"""A webhook: told of each finished video, signed, until it has taken it.

A message's id hangs on what it tells of, so whoever gets it twice (we were killed after it was taken, and before that
was written down) counts it once. It goes to the very address that was looked at, follows no redirect, and over https;
plain http is for this machine alone, and addresses of one's own network have to be allowed.
"""

import asyncio
import hashlib
import hmac
import ipaddress
import json
import socket
from collections.abc import Mapping
from contextlib import AsyncExitStack
from email.utils import parsedate_to_datetime
from secrets import SystemRandom
from types import TracebackType
from typing import Any, Self

import httpx
from pydantic import SecretStr

from nightreel import __version__
from nightreel.clock import Clock
from nightreel.errors import SettingsError, WebhookRefused
from nightreel.models import Value
from nightreel.nemo.redact import REDACTOR

HEADER_ID = "X-Nightreel-Delivery"
HEADER_EVENT = "X-Nightreel-Event"
HEADER_SIGNATURE = "X-Nightreel-Signature-256"
TRIES = 5
LONGEST_WAIT = 60.0
_FIRST_WAIT = 1.0
_TIMEOUT = httpx.Timeout(20.0, connect=10.0)
_AGAIN = {408, 425, 429}
_LEAST_SECRET = 16


class Message(Value):
    """What is told; *body* is JSON, and the same for the same *id*."""

    id: str
    event: str
    body: Mapping[str, Any]


class Hook:
    """The webhook, open for a night's messages.

    Args:
        url: where it is.
        secret: what messages are signed with; at least 16 characters.
        clock: for the waits between tries.
        private: whether it may be an address of one's own network.

    Raises:
        SettingsError: no address, or no secret, that would do.
    """

    def __init__(self, url: str, secret: SecretStr, clock: Clock, *, private: bool = False) -> None:
        self._url, self._secret = _address(url), secret
        if len(secret.get_secret_value()) < _LEAST_SECRET:
            raise SettingsError(
                f"NIGHTREEL_WEBHOOK_SECRET needs {_LEAST_SECRET} characters, to sign what is sent.",
                hint="Make one with `openssl rand -hex 32`; the receiver needs it, too.",
            )
        REDACTOR.hide(secret)
        if len(path := self._url.raw_path.decode("ascii")) >= _LEAST_SECRET:  # who knows it may be able to send
            REDACTOR.hide(SecretStr(path))
        self._clock, self._private, self._stack = clock, private, AsyncExitStack()
        self._chance = SystemRandom().random

    async def __aenter__(self) -> Self:
        """Open the connection pool."""
        client = httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False, follow_redirects=False)
        self._http = await self._stack.enter_async_context(client)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        await self._stack.aclose()

    @property
    def address(self) -> str:
        """The whole address; it may hold a secret of its receiver's."""
        return str(self._url)

    @property
    def host(self) -> str:
        """Where it is, for people."""
        return self._url.host

    async def tell(self, message: Message) -> None:
        """Send *message* until it is taken (2xx), five times at most.

        Raises:
            WebhookRefused: it was not.
        """
        body = json.dumps({"id": message.id, "event": message.event, **message.body}, ensure_ascii=False).encode()
        problem, wait = "", 0.0
        for number in range(TRIES):
            if number:
                await self._clock.sleep(wait)
            wait = min(LONGEST_WAIT, _FIRST_WAIT * 4**number) * (0.5 + self._chance() / 2)
            try:
                answer = await self._send(message, body)
            except (httpx.HTTPError, OSError, UnicodeError) as error:
                problem = f"it cannot be reached ({type(error).__name__})"
                continue
            if answer.is_success:
                return
            problem = f"it answered {answer.status_code}"
            if answer.status_code < 500 and answer.status_code not in _AGAIN:  # noqa: PLR2004 - HTTP's own
                raise WebhookRefused(f"The webhook at {self.host} refused a message: {problem}.", lasting=False)
            wait = max(wait, self._asked(answer))
        raise WebhookRefused(
            f"The webhook at {self.host} took no message: {problem}, {TRIES} times.",
            hint="The next run tells it.",
            lasting=True,
        )

    def _asked(self, answer: httpx.Response) -> float:
        """Return the wait that the answer asks for, in seconds, bounded."""
        value = answer.headers.get("retry-after", "")
        try:
            seconds = (
                float(value)
                if value.isdigit()
                else (parsedate_to_datetime(value) - self._clock.now()).total_seconds()
            )
        except (ValueError, TypeError):
            return 0.0
        return min(LONGEST_WAIT, max(0.0, seconds))

    async def _send(self, message: Message, body: bytes) -> httpx.Response:
        signature = hmac.new(self._secret.get_secret_value().encode(), body, hashlib.sha256).hexdigest()
        request = self._http.build_request(
            "POST",
            self._url.copy_with(host=await self.target()),
            content=body,
            headers={
                "Host": self._url.netloc.decode("ascii"),
                "Content-Type": "application/json",
                "User-Agent": f"nightreel/{__version__}",
                HEADER_ID: message.id,
                HEADER_EVENT: message.event,
                HEADER_SIGNATURE: f"sha256={signature}",
            },
            extensions={"sni_hostname": self._url.host},
        )
        answer = await self._http.send(request, stream=True)
        await answer.aclose()  # what it says is of no use
        return answer

    async def target(self) -> str:
        """Return the address to send to: a name cannot change between look and use.

        Raises:
            WebhookRefused: it is none that may be sent to.
        """
        port = self._url.port or (443 if self._url.scheme == "https" else 80)
        found = await asyncio.get_running_loop().getaddrinfo(self._url.host, port, type=socket.SOCK_STREAM)
        targets = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
        here = all(target.is_loopback for target in targets)
        if self._url.scheme == "http" and not here:
            raise WebhookRefused(f"The webhook at {self.host} is plain http, and not on this machine.", lasting=True)
        if not (here or self._private or all(target.is_global for target in targets)):
            raise WebhookRefused(
                f"The webhook at {self.host} is an address of a private network.",
                hint="Set NIGHTREEL_WEBHOOK_PRIVATE=true if it shall be.",
                lasting=True,
            )
        return str(targets[0])


def _address(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        address = httpx.URL("")
    local = address.host in {"localhost", "127.0.0.1", "::1"}
    if (
        not address.host
        or address.userinfo
        or (address.scheme != "https" and not (address.scheme == "http" and local))
    ):
        raise SettingsError(
            "NIGHTREEL_WEBHOOK is no https address.", hint="Write it as https://host/path, without a password."
        )
    return address
