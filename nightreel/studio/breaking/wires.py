"""The sockets behind the requests: ASGI does not know them, and a connection is reset by its socket alone."""

import asyncio
import socket
import struct

from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

_AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER: what is not sent is dropped, and the other side gets a reset."""


class Wire:
    """One connection."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def write(self, data: bytes) -> None:
        """Send *data* as it is."""
        self._transport.write(data)

    def close(self) -> None:
        """Close it as a server does that has nothing more to say."""
        self._transport.close()

    def reset(self) -> None:
        """Cut it off: the other side reads what has reached it, and then an error."""
        self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self._transport.abort()


class Wires:
    """All connections of a server, by the address of the other side."""

    def __init__(self) -> None:
        self._wires: dict[tuple[str, int], Wire] = {}

    def of(self, scope: Scope) -> Wire | None:
        """Return the connection that a request came by; None when it is closed already."""
        return self._wires.get(tuple(scope["client"]))

    def protocol(self) -> type[asyncio.Protocol]:
        """Return uvicorn's protocol, which tells us of each connection."""
        wires = self._wires

        class Told(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - uvicorn's own
                super().connection_made(transport)
                if self.client is not None:
                    wires[self.client] = Wire(transport)

            def connection_lost(self, exc: Exception | None) -> None:
                if self.client is not None:
                    wires.pop(self.client, None)
                super().connection_lost(exc)

        return Told
