"""One request that meets a fault: what the acts work with."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nightreel.studio.breaking.asked import Asked
from nightreel.studio.breaking.wires import Wire
from nightreel.studio.faults import Endpoint
from nightreel.studio.studio import Studio

PATIENCE = 20 * 60.0
"""Seconds of the studio's clock that a client is kept waiting at most."""

_CLOSING = 10.0
"""Seconds, real ones, that a connection is given to close."""


@dataclass
class Whole:
    """An answer that was held back."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list[tuple[bytes, bytes]])
    body: bytes = b""

    @property
    def ok(self) -> bool:
        """Whether it is a success."""
        return self.status == HTTPStatus.OK

    @property
    def response(self) -> Response:
        """The answer, with the length that its body has now."""
        response = Response(self.body, self.status)
        length = (b"content-length", str(len(self.body)).encode())
        response.raw_headers = [*(header for header in self.headers if header[0] != length[0]), length]
        return response


@dataclass
class Exchange:
    """A request and its answer.

    Attributes:
        app: what would answer it.
        wire: its connection.
        lot: draws a number for something named, 0 ≤ it < 1: always the same for one request.
        happens: writes the fault down; called when it does.
    """

    app: ASGIApp
    scope: Scope
    receive: Receive
    send: Send
    wire: Wire
    studio: Studio
    asked: Asked
    lot: Callable[[str], float]
    happens: Callable[[], Awaitable[None]]

    @property
    def request(self) -> Request:
        """The request, for whoever reads its head."""
        return Request(self.scope)

    async def take_body(self) -> None:
        """Read the request to its end, and forget it."""
        more = True
        while more:
            more = bool((await self.receive()).get("more_body", False))

    async def pass_on(self, send: Send | None = None) -> None:
        """Have the request answered; *send* stands between, if it is given."""
        await self.app(self.scope, self.receive, send or self.send)

    async def respond(self, response: Response) -> None:
        """Answer it ourselves."""
        await response(self.scope, self.receive, self.send)

    async def answer(self) -> Whole:
        """Have the request carried out; return what would be answered."""
        whole = Whole()

        async def hold(message: Message) -> None:
            if message["type"] == "http.response.start":
                whole.status, whole.headers = message["status"], list(message.get("headers", []))
            whole.body += message.get("body", b"")

        await self.pass_on(hold)
        return whole

    async def carry_out(self) -> int:
        """Have the request carried out (a prompt: begun, the agent goes on by itself); return the answer's status."""
        begun: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def hold(message: Message) -> None:
            if not begun.done():
                begun.set_result(message["status"])

        if self.asked.endpoint is not Endpoint.RUN:
            await self.pass_on(hold)
            return begun.result()
        work = asyncio.ensure_future(self.pass_on(hold))
        try:
            await asyncio.wait({work, begun}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        return begun.result() if begun.done() else HTTPStatus.INTERNAL_SERVER_ERROR

    async def silent(self) -> None:
        """Say nothing until the client goes away, and not for ever."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._gone(), self.studio.options.clock.real(PATIENCE))

    async def cut(self) -> None:
        """Reset the connection."""
        self.wire.reset()
        await self._gone()

    async def close(self) -> None:
        """Close the connection."""
        self.wire.close()
        try:
            await asyncio.wait_for(self._gone(), _CLOSING)
        except TimeoutError:  # somebody who does not read holds it open
            await self.cut()

    async def _gone(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass
