"""Faults of the connection, and in how an answer goes over it."""

import zlib
from collections.abc import Callable, Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import Message

from nightreel.studio.breaking.answers import Act
from nightreel.studio.breaking.exchange import Exchange
from nightreel.studio.faults import Fault

_MISSING = 1_000
"""Bytes that a length that is too long promises too much."""

_DROPS, _PAUSES = 5, 10
"""Pieces of a part of an answer, and pauses in the whole of it."""

_GZIP = 16 + zlib.MAX_WBITS


async def closed_unread(it: Exchange) -> None:
    """The end of the connection, while the client may still be sending."""
    await it.happens()
    await it.close()


async def closed_unanswered(it: Exchange) -> None:
    """The end of the connection, for an answer."""
    await it.take_body()
    await it.happens()
    await it.close()


async def reset_unanswered(it: Exchange) -> None:
    """A reset, for an answer."""
    await it.take_body()
    await it.happens()
    await it.cut()


async def reset_head(it: Exchange) -> None:
    """A reset after some bytes of the head."""
    await it.carry_out()
    await it.happens()
    it.wire.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Request")
    await it.cut()


async def closed_behind(it: Exchange) -> None:
    """The answer, and no connection for the next request."""
    await it.happens()
    await it.pass_on()
    it.wire.close()


async def silence(it: Exchange) -> None:
    """Nothing, for as long as somebody waits."""
    await it.carry_out()
    await it.happens()
    await it.silent()
    await it.close()


class Twist:
    """Stands between an application and its client; as it is, everything passes."""

    def __init__(self, it: Exchange) -> None:
        self.it = it
        self.status = 0
        self.length = 0

    async def __call__(self, message: Message) -> None:
        """Take a message of the application's."""
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            self.status = message["status"]
            self.length = int(headers.get("content-length", "0"))
            self.twist_head(headers)
            await self.it.send(message)
        else:
            await self.twist_body(message.get("body", b""), more=bool(message.get("more_body", False)))

    def twist_head(self, headers: MutableHeaders) -> None:
        """Change the head."""

    async def twist_body(self, data: bytes, *, more: bool) -> None:
        """Change a part of the body."""
        await self.give(data, more=more)

    async def give(self, data: bytes, *, more: bool) -> None:
        """Give the client a part of the body."""
        await self.it.send({"type": "http.response.body", "body": data, "more_body": more})


class _Halved(Twist):
    """Tells the first half of a body from the second."""

    given = 0

    def halves(self, data: bytes) -> tuple[bytes, bytes]:
        """Cut *data* where the body's middle is."""
        at = max(0, min(len(data), self.length // 2 - self.given))
        self.given += len(data)
        return data[:at], data[at:]


class ResetBody(_Halved):
    """Resets the connection in the middle of the body."""

    cut = False

    async def twist_body(self, data: bytes, *, more: bool) -> None:
        """Give the first half; an empty body has none."""
        del more
        first, second = self.halves(data)
        if self.cut:
            return
        await self.give(first, more=True)
        if second:
            self.cut = True
            await self.it.cut()


class TooLong(Twist):
    """Promises more than there is."""

    def twist_head(self, headers: MutableHeaders) -> None:
        """Lie."""
        headers["content-length"] = str(self.length + _MISSING)

    async def twist_body(self, data: bytes, *, more: bool) -> None:
        """Give what there is, and no more."""
        await self.give(data, more=True)
        if not more:
            await self.it.close()


class TooShort(_Halved):
    """Promises half of what there is, and goes on."""

    def twist_head(self, headers: MutableHeaders) -> None:
        """Lie."""
        headers["content-length"] = str(self.length // 2)

    async def twist_body(self, data: bytes, *, more: bool) -> None:
        """Give what was promised, and the rest past the protocol."""
        first, second = self.halves(data)
        await self.give(first, more=True)
        self.it.wire.write(second)
        if not more:
            await self.it.close()


class Encoded(Twist):
    """Zips what nobody wants zipped."""

    def twist_head(self, headers: MutableHeaders) -> None:
        """Say so."""
        self._zip = zlib.compressobj(wbits=_GZIP)
        del headers["content-length"]
        headers["content-encoding"] = "gzip"

    async def twist_body(self, data: bytes, *, more: bool) -> None:
        """Zip."""
        await self.give(self._zip.compress(data) + (b"" if more else self._zip.flush()), more=more)


class SlowDrip(Twist):
    """Gives its parts in drops; after a while it has had enough of that."""

    paused = 0

    async def twist_body(self, data: bytes, *, more: bool) -> None:
        """Give *data* in drops."""
        size = max(1, len(data) // _DROPS)
        for start in range(0, len(data), size):
            if self.paused < _PAUSES:
                self.paused += 1
                await self.it.studio.options.clock.sleep(1 + 2 * self.it.lot(f"drop {self.paused}"))
            await self.give(data[start : start + size], more=True)
        if not more:
            await self.give(b"", more=False)


def twisted(kind: Callable[[Exchange], Twist]) -> Act:
    """Return what has a request answered through a twist."""

    async def act(it: Exchange) -> None:
        await it.happens()
        await it.pass_on(kind(it))

    return act


ACTS: Mapping[Fault, Act] = {
    Fault.CLOSED_UNREAD: closed_unread,
    Fault.CLOSED_UNANSWERED: closed_unanswered,
    Fault.RESET_UNANSWERED: reset_unanswered,
    Fault.RESET_HEAD: reset_head,
    Fault.CLOSED_BEHIND: closed_behind,
    Fault.SILENCE: silence,
    Fault.RESET_BODY: twisted(ResetBody),
    Fault.LENGTH_TOO_LONG: twisted(TooLong),
    Fault.LENGTH_TOO_SHORT: twisted(TooShort),
    Fault.ENCODED: twisted(Encoded),
    Fault.SLOW_DRIP: twisted(SlowDrip),
}
