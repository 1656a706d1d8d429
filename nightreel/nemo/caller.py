"""Sends requests: address, headers, token, gate, repeats; and says of each failure whether it was sent."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager
from secrets import SystemRandom
from typing import Any, TypeVar

import httpx
from pydantic import SecretStr

from nightreel import __version__
from nightreel.clock import Clock
from nightreel.errors import (
    MalformedAnswer,
    NightreelError,
    OutcomeUnknown,
    RateLimited,
    ServerFault,
    ServiceError,
    SettingsError,
    Unsent,
)
from nightreel.nemo import wire
from nightreel.nemo.answers import Answer, Context, bare_of, data_of, failure, malformed
from nightreel.nemo.asks import Ask, Kind
from nightreel.nemo.auth import Auth, Bearer
from nightreel.nemo.exchange import Exchange, Observer
from nightreel.nemo.gate import Gate
from nightreel.nemo.platforms import attribution
from nightreel.nemo.retry import Budget, Then, Tries, backoff
from nightreel.nemo.transport import Patience, Trace, open_http, real, timeout, told
from nightreel.settings import Settings

Origin = Callable[[], Awaitable[str]]
"""Returns the service's base URL; asked before every request, for the local studio may move to another port."""

T = TypeVar("T")
Read = Callable[[httpx.Response], Awaitable[T]]
"""Reads an answer; called while its connection is open."""

Unwrap = Callable[[Answer, Context], Any]
"""Takes the wrapping off an answer."""

MAX_ANSWER = 32 * 1024 * 1024
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Caller:
    """Everything that all requests share; the arguments are the client's."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        origin: Origin,
        token: SecretStr | None,
        transport: httpx.AsyncBaseTransport | None,
        patience: Patience,
        observer: Observer | None,
    ) -> None:
        self.settings, self.clock, self.patience = settings, clock, patience
        self._budget, self._observer = Budget(patience.repeats, left=patience.repeats), observer
        self._origin = origin
        self._headers = {
            **attribution(settings.skill_source, settings.skill_version),
            "User-Agent": f"nightreel/{__version__}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        }
        self._reads = open_http(transport)
        self._once = open_http(transport, fresh=True)
        self.auth = Auth(settings, clock, self._fetch_token, token, settings.api_url or settings.engine.value)
        self._gate = Gate(clock)
        self._chance = SystemRandom().random

    async def aclose(self) -> None:
        """Close all connections."""
        await self._reads.aclose()
        await self._once.aclose()

    # ------------------------------------------------------------------- whole answers

    async def data(self, ask: Ask, shape: Callable[[Any], T]) -> T:
        """Return the envelope's data in its *shape*."""
        return await self._whole(ask, data_of, shape)

    async def bare(self, ask: Ask, shape: Callable[[Any], T]) -> T:
        """Return the body of an answer without an envelope in its *shape*."""
        return await self._whole(ask, bare_of, shape)

    async def _whole(self, ask: Ask, unwrap: Unwrap, shape: Callable[[Any], T]) -> T:
        return await self.exchange(ask, lambda response: self._shaped(response, ask, unwrap, shape))

    async def _shaped(self, response: httpx.Response, ask: Ask, unwrap: Unwrap, shape: Callable[[Any], T]) -> T:
        answer, context = await self.answer(response, ask), self.context(ask)
        found = unwrap(answer, context)
        try:
            return shape(found)
        except (ValueError, TypeError):
            raise malformed(answer, context) from None

    # ------------------------------------------------------------------- one request, with its repeats

    async def exchange(self, ask: Ask, read: Read[T]) -> T:
        """Send *ask* and have *read* read the answer; repeat as :mod:`~nightreel.nemo.retry` allows."""

        async def once(tries: Tries) -> T:
            ask.before()
            tries.token = await self._token(ask, tries)
            return await self._attempt(ask, tries.token, read)

        return await self.repeat(ask.kind, once)

    async def repeat(self, kind: Kind, once: Callable[[Tries], Awaitable[T]]) -> T:
        """Do *once* until it succeeds, or fails in a way that must not be, or need not be, repeated."""
        tries = Tries(kind)
        while True:
            await self._gate.passed()
            try:
                result = await once(tries)
            except NightreelError as error:
                await self._recover(tries, error)
            else:
                self._budget.give_back()
                return result

    async def _recover(self, tries: Tries, error: NightreelError) -> None:
        """Return when the request may be sent again; raise *error*, or what it means, if it may not."""
        then = tries.after(error)
        if isinstance(error, RateLimited):
            self._gate.close_for(error.retry_after)
        if then is Then.UNKNOWN:
            raise _unknown(error) from error
        if then is Then.NEVER or (then is Then.RENEW and not self.auth.anonymous) or not self._budget.take():
            raise error
        if then is Then.WAIT:
            await self.clock.sleep(backoff(tries.waits, self._chance()))

    async def _token(self, ask: Ask, tries: Tries) -> SecretStr | None:
        """Return the token to send *ask* with: another one than that which was refused.

        Raises:
            Unsent: there is none to be had now, and nothing was sent that may be sent once only.
        """
        if not ask.bearer:
            return None
        try:
            if tries.renewing and tries.token is not None:
                await self.auth.renew(tries.token)
            return await self.auth.bearer()
        except (OutcomeUnknown, ServerFault, MalformedAnswer) as error:
            if ask.kind is Kind.READ:
                raise
            raise Unsent(f"{ask.what}: not sent, for lack of a token: {error.message}", hint=error.hint) from error

    async def _attempt(self, ask: Ask, token: SecretStr | None, read: Read[T]) -> T:
        trace = Trace()
        try:
            async with asyncio.timeout(real(self.clock, ask.seconds) if ask.seconds else None):
                async with self._sent(ask, token, trace) as response:
                    return await read(response)
        except (httpx.TransportError, TimeoutError) as error:
            self._observe(ask, self._headers, error=type(error).__name__)
            raise told(error, trace, ask.what) from error

    @asynccontextmanager
    async def _sent(self, ask: Ask, token: SecretStr | None, trace: Trace) -> AsyncGenerator[httpx.Response, None]:
        client = self._once if ask.kind is Kind.ONCE else self._reads
        with ExitStack() as files:
            request = client.build_request(
                ask.method,
                await self.base() + ask.path,
                headers={**self._headers, **ask.headers},
                json=ask.json,
                files=ask.files(files) if ask.files else None,
                timeout=timeout(self.clock, self.patience, _read_gap(ask, self.patience)),
                extensions={"trace": trace},
            )
            response = await client.send(request, stream=True, auth=Bearer(token) if token else None)
            try:
                yield response
            finally:
                await response.aclose()

    # ------------------------------------------------------------------- pieces

    async def base(self) -> str:
        """Return the service's base URL, checked.

        Raises:
            SettingsError: it is none, or it would carry the token over the open network.
        """
        address = (await self._origin()).rstrip("/")
        try:
            url = httpx.URL(address)
        except httpx.InvalidURL:
            url = httpx.URL("")
        if url.scheme not in {"http", "https"} or not url.host or url.query or url.userinfo:
            raise SettingsError("NEMO_API_URL is no base URL.", hint="Write it as https://host.")
        if url.scheme == "http" and url.host not in _LOOPBACK:
            raise SettingsError(f"NEMO_API_URL: {url.host} over plain http would show the token.", hint="Use https.")
        return address

    def context(self, ask: Ask) -> Context:
        """Return what error messages about *ask* need."""
        return Context(ask.what, self.clock.now(), self.auth.register, token_request=ask.path == wire.PATH_TOKEN)

    async def answer(self, response: httpx.Response, ask: Ask) -> Answer:
        """Read a whole answer, bounded.

        Raises:
            MalformedAnswer: it is encoded, though we asked for none, or too large.
        """
        body = bytearray()
        answer = Answer(response.status_code, response.headers)
        if response.headers.get("content-encoding", "identity") != "identity":
            raise malformed(answer, self.context(ask), "it is encoded, though none was asked for")
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > MAX_ANSWER:
                raise malformed(answer, self.context(ask), f"it is larger than {MAX_ANSWER} bytes")
        whole = Answer(response.status_code, response.headers, bytes(body))
        self._observe(ask, response.request.headers, whole)
        return whole

    def _observe(
        self, ask: Ask, headers: Mapping[str, str], answer: Answer | None = None, *, error: str = ""
    ) -> None:
        if self._observer is not None:
            status, answered, body = (answer.status, answer.headers, answer.body) if answer else (0, None, b"")
            self._observer(Exchange(ask.method, ask.path, headers, ask.json, status, answered, body, error))

    async def refusal(self, response: httpx.Response, ask: Ask) -> ServiceError | None:
        """Read an answer that is no stream or file; return the error that it is."""
        return failure(await self.answer(response, ask), self.context(ask))

    async def _fetch_token(self, client: str) -> wire.TokenData:
        """Ask for an anonymous token, once: the request that needs it repeats."""
        ask = Ask(
            "POST",
            wire.PATH_TOKEN,
            "the anonymous token",
            Kind.READ,
            headers={wire.HEADER_CLIENT_ID: client},
            bearer=False,
            seconds=self.patience.answer,
        )
        return await self._attempt(
            ask, None, lambda response: self._shaped(response, ask, data_of, wire.TokenData.model_validate)
        )


def _read_gap(ask: Ask, patience: Patience) -> float:
    """Return the gap between bytes that is waited for: to give up a once-only request leaves it unknown."""
    return patience.silence if ask.kind is Kind.ONCE else patience.read


def _unknown(error: NightreelError) -> OutcomeUnknown:
    """Return what a fault means for a once-only request."""
    return OutcomeUnknown(
        f"{error.message} Whether it was carried out is unknown.", hint="Read the state before anything is sent."
    )
