"""Host names: the studio answers to loopback names only, so no web page reaches it by a name of its own."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from nightreel.studio.answers import Refused, failure
from nightreel.studio.options import StudioOptions

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def is_loopback(host: str) -> bool:
    """Whether a Host header names this machine's loopback, with or without a port."""
    name, _, port = host.rpartition(":") if not host.endswith("]") else (host, "", "")
    if not name:
        name, port = host, ""
    return name.lower() in LOOPBACK and (not port or (port.isascii() and port.isdigit()))


class HostGuard:
    """Refuses requests for other hosts: 421, or 400 where none is named."""

    def __init__(self, app: ASGIApp, options: StudioOptions) -> None:
        self._app = app
        self._options = options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is meant for us."""
        if scope["type"] == "http":
            hosts = Headers(scope=scope).getlist("host")
            if len(hosts) != 1:
                await failure(Refused(400, "one Host header is needed"), self._options)(scope, receive, send)
                return
            if not is_loopback(hosts[0]):
                refused = Refused(421, f"this studio answers on {', '.join(LOOPBACK)} only")
                await failure(refused, self._options)(scope, receive, send)
                return
        await self._app(scope, receive, send)
