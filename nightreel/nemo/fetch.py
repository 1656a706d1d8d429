"""Finds a render's video: by its link, by a fresh link, by the fallback path."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from http import HTTPStatus

import httpx

from nightreel import __version__
from nightreel.errors import MalformedAnswer, RequestRefused, ServiceError, TransportError
from nightreel.nemo import wire
from nightreel.nemo.answers import Answer, failure
from nightreel.nemo.asks import Ask, Kind, path_of
from nightreel.nemo.caller import Caller
from nightreel.nemo.download import Download, Target, next_hop, refuse_encoded, safe_link, save
from nightreel.nemo.transport import Trace, real, timeout, told

_HOPS = 5
_MESSAGE_MOST = 64 * 1024
_WHAT = "the download"
_PLAIN = {"Accept-Encoding": "identity", "User-Agent": f"nightreel/{__version__}"}


class Fetcher:
    """Downloads videos.

    Args:
        caller: for the fallback path, which needs our token.
        plain: for links, which get neither token nor attribution.
    """

    def __init__(self, caller: Caller, plain: httpx.AsyncClient) -> None:
        self._caller, self._plain = caller, plain

    async def fetch(self, render_id: str, url: str, target: Target, fresh: Callable[[], Awaitable[str]]) -> Download:
        """Download to *target*: from *url*, from the link that *fresh* returns, from the fallback path."""
        if url and (got := await self._try(url, target)):
            return got
        link = await self._fresh(fresh)
        if link and link != url and (got := await self._try(link, target)):
            return got
        return await self._fallback(render_id, target)

    async def _try(self, url: str, target: Target) -> Download | None:
        try:
            return await self._caller.repeat(Kind.READ, lambda _: self._follow(url, target))
        except (ServiceError, TransportError):
            return None

    async def _fresh(self, fresh: Callable[[], Awaitable[str]]) -> str:
        try:
            return await fresh()
        except (ServiceError, TransportError):
            return ""

    async def _fallback(self, render_id: str, target: Target) -> Download:
        path = path_of(wire.PATH_RENDER_DOWNLOAD, render_id=render_id)
        accept = {"Accept": "video/mp4, */*"}
        ask = Ask("GET", path, _WHAT, Kind.READ, headers=accept, seconds=self._caller.patience.transfer)

        async def read(response: httpx.Response) -> Download:
            if hop := next_hop(response, response.url):
                return await self._follow(str(hop), target)
            return await self._saved(response, target, ask)

        return await self._caller.exchange(ask, read)

    async def _follow(self, link: str, target: Target) -> Download:
        """Download from *link*, through redirects."""
        ask = Ask("GET", "", _WHAT, Kind.READ)
        url = safe_link(link, httpx.URL(await self._caller.base()))
        try:
            async with asyncio.timeout(real(self._caller.clock, self._caller.patience.transfer)):
                for _ in range(_HOPS):
                    found = await self._hop(url, target, ask)
                    if isinstance(found, Download):
                        return found
                    url = found
        except TimeoutError as error:
            raise told(error, Trace(left=True), _WHAT) from error
        raise RequestRefused(f"The download link leads through more than {_HOPS} redirects.", hint="Export again.")

    async def _hop(self, url: httpx.URL, target: Target, ask: Ask) -> Download | httpx.URL:
        trace, patience = Trace(), self._caller.patience
        limits = timeout(self._caller.clock, patience, patience.read)
        try:
            async with self._plain.stream(
                "GET", url, headers=_PLAIN, timeout=limits, extensions={"trace": trace}
            ) as response:
                return next_hop(response, url) or await self._saved(response, target, ask)
        except httpx.TransportError as error:
            raise told(error, trace, _WHAT) from error

    async def _saved(self, response: httpx.Response, target: Target, ask: Ask) -> Download:
        """Save a video; an answer that is none is read as what went wrong."""
        context = self._caller.context(ask)
        if response.status_code != HTTPStatus.OK:
            raise await self._caller.refusal(response, ask) or _none(response)
        refuse_encoded(response)
        chunks = response.aiter_bytes()
        first = await anext(chunks, b"")
        if first.lstrip().startswith(b"{"):
            body = first + b"".join([chunk async for chunk in _short(chunks)])
            raise failure(Answer(response.status_code, response.headers, body), context) or _none(response)
        return await save(response, target, _chained(first, chunks))


def _none(response: httpx.Response) -> MalformedAnswer:
    return MalformedAnswer(f"{_WHAT}: no video came.", hint="Look at the render.", status=response.status_code)


async def _chained(first: bytes, rest: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    yield first
    async for chunk in rest:
        yield chunk


async def _short(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Yield *chunks* as far as an honest error message goes."""
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > _MESSAGE_MOST:
            return
        yield chunk
