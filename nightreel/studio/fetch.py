"""Uploads by URL: fetched by the studio, bounded, and not from this machine's own network unless that is allowed."""

import asyncio
import hashlib
import ipaddress
import secrets
import socket
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import httpx

from nightreel.nemo.wire import Code
from nightreel.studio.answers import Refused
from nightreel.studio.bodies import Received, display_name
from nightreel.studio.options import StudioOptions

_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_LONGEST = 15 * 60.0
"""Real seconds for one file: a slow drip holds an upload no longer."""

_HOPS = 5
"""Addresses that are asked for one file: redirects are followed by hand, so that each is looked at."""


async def fetch(urls: list[str], folder: Path, options: StudioOptions) -> list[Received]:
    """Fetch *urls* to *folder*, in order; all of them, or none.

    Raises:
        Refused: 4002 too large, 422 a URL cannot be fetched.
    """
    if not 0 < len(urls) <= options.max_files:
        raise Refused(422, f"urls: between 1 and {options.max_files} of them")
    received: list[Received] = []
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False) as client:
            for url in urls:
                async with asyncio.timeout(_LONGEST):
                    received.append(await _fetch(client, url, folder, options))
    except TimeoutError:
        _drop(received)
        raise Refused(422, f"urls: a file took longer than {_LONGEST / 60:.0f} minutes") from None
    except BaseException:
        _drop(received)
        raise
    return received


def _drop(received: list[Received]) -> None:
    for file in received:
        file.path.unlink(missing_ok=True)


async def _fetch(client: httpx.AsyncClient, url: str, folder: Path, options: StudioOptions) -> Received:
    address = _parse(url)
    for _ in range(_HOPS):
        try:
            request = await _request(client, address, private=options.private_urls)
            answer = await client.send(request, stream=True)
        except (httpx.HTTPError, OSError, UnicodeError) as error:
            raise Refused(422, f"urls: {address.host} cannot be reached ({type(error).__name__})") from None
        try:
            if answer.is_redirect:
                address = _parse(answer.headers.get("location", ""), address)
                continue
            if not answer.is_success:
                raise Refused(422, f"urls: {address.host} answered {answer.status_code}")
            return await _write(answer, _name(address), folder, options)
        finally:
            await answer.aclose()
    raise Refused(422, f"urls: {address.host} redirects too often")


def _parse(url: str, base: httpx.URL | None = None) -> httpx.URL:
    try:
        address = httpx.URL(url) if base is None else base.join(url)
    except (httpx.InvalidURL, ValueError):
        raise Refused(422, "urls: not a URL") from None
    if address.scheme not in {"http", "https"} or not address.host or address.userinfo:
        raise Refused(422, "urls: only http and https addresses without a password are fetched")
    return address


async def _request(client: httpx.AsyncClient, address: httpx.URL, *, private: bool) -> httpx.Request:
    """Return a request to the very address that was looked at: a name cannot change between look and use."""
    port = address.port or (443 if address.scheme == "https" else 80)
    found = await asyncio.get_running_loop().getaddrinfo(address.host, port, type=socket.SOCK_STREAM)
    targets = [str(entry[4][0]) for entry in found]
    if not private and not all(ipaddress.ip_address(target.partition("%")[0]).is_global for target in targets):
        raise Refused(422, f"urls: {address.host} is an address of this machine's own network")
    return client.build_request(
        "GET",
        address.copy_with(host=targets[0]),
        headers={"Host": address.netloc.decode("ascii"), "Accept-Encoding": "identity"},
        extensions={"sni_hostname": address.host},
    )


async def _write(answer: httpx.Response, name: str, folder: Path, options: StudioOptions) -> Received:
    path = folder / f"{secrets.token_hex(16)}.part"
    try:
        size, digest = await _pour(answer, path, options.max_file_bytes)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, httpx.HTTPError):
            raise Refused(422, f"urls: {name} broke off while it was fetched") from None
        raise
    return Received(path, name, size, digest)


async def _pour(answer: httpx.Response, path: Path, limit: int) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        async for piece in answer.aiter_raw(1024 * 1024):
            size += len(piece)
            if size > limit:
                raise Refused(Code.FILE_TOO_LARGE, f"file too large: {limit} bytes at most")
            digest.update(piece)
            await asyncio.to_thread(file.write, piece)
    return size, digest.hexdigest()


def _name(address: httpx.URL) -> str:
    return display_name(unquote(PurePosixPath(address.path).name))
