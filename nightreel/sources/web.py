"""Photos that a feed names by https: fetched within limits, kept, asked for again when they may have changed.

An address in a feed is somebody else's word. So only https is spoken, to public hosts: the name is resolved here,
each address that it has is looked at, and the connection goes to the very one, at each redirect anew.
Size and kind are checked while bytes come in; a photo stands in the cache whole or not at all.
"""

import hashlib
import ipaddress
import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from typing import Any, Self
from urllib.parse import unquote

import httpx

from nightreel import __version__
from nightreel.clock import Clock
from nightreel.errors import DiskFull, PhotoRejected
from nightreel.files import is_full, whole, write_whole
from nightreel.models import MAX_FILE_BYTES
from nightreel.names import readable
from nightreel.sources.entries import Entry

_HOPS = 5
_AT_ONCE = 8
_MOST_CLIENTS = 16
_PIECE = 256 * 1024
_HEAD = 64
_FRESH = timedelta(minutes=10)
_FRESHEST = timedelta(days=1)
_TIMEOUT = httpx.Timeout(20.0, connect=10.0)
_LONGEST = timedelta(minutes=5)
_MAX_AGE = re.compile(r"max-age=(\d{1,9})")
_HEADERS = {"User-Agent": f"nightreel/{__version__}", "Accept": "image/*", "Accept-Encoding": "identity"}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of *host*.

    Raises:
        OSError: it has none.
    """
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: str) -> bool:
    """Tell whether *address* is one of the open internet: not this machine's, its network's or a cloud's own."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address) and (
        found.ipv4_mapped or found.sixtofour or found.teredo or found in _NAT64
    ):
        return False  # another way to write an IPv4 address
    return found.is_global and not found.is_multicast


@dataclass(frozen=True)
class Rules:
    """What may be fetched; tests have others than users.

    Attributes:
        schemes: of addresses.
        resolve: gives a host's addresses.
        allowed: tells which of them may be connected to.
        tls: what certificates are checked by; None means the system's.
        most: bytes of one photo.
    """

    schemes: frozenset[str] = frozenset({"https"})
    resolve: Callable[[str, int], list[str]] = resolve
    allowed: Callable[[str], bool] = is_public
    tls: ssl.SSLContext | None = None
    most: int = MAX_FILE_BYTES


PUBLIC = Rules()


@dataclass(frozen=True)
class _Kept:
    """What is known of a photo in the cache."""

    etag: str = ""
    modified: str = ""
    fresh_until: str = ""

    def is_fresh(self, now: datetime) -> bool:
        """Whether it need not be asked for."""
        with suppress(ValueError, TypeError):
            return now < datetime.fromisoformat(self.fresh_until)
        return False


@dataclass
class Web:
    """Photos of the web; a context manager, safe to use from several threads.

    Args:
        cache: where photos are kept, by address.
        clock: tells how old they are.
        accepts: tells by a file's first bytes whether it is a photo.
        rules: what may be fetched.

    Attributes:
        fetched: how many photos were downloaded; none, when nothing changed.
    """

    cache: Path
    clock: Clock
    accepts: Callable[[bytes], bool]
    rules: Rules = PUBLIC
    fetched: int = 0
    _turns: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(_AT_ONCE))
    _clients: dict[str, httpx.Client] = field(default_factory=dict[str, httpx.Client])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients.values():
            client.close()

    def entry(self, url: str) -> Entry:
        """Return the photo at *url*; nothing is fetched yet.

        Raises:
            PhotoRejected: it is no address that may be fetched.
        """
        address = self._address(url)
        path = self.cache / hashlib.sha256(str(address).encode()).hexdigest()
        return Entry(path, name_of(url), "file", str(address), fetch=partial(self._have, address, path))

    def _have(self, address: httpx.URL, path: Path) -> None:
        """Have the photo at *path*, as it is at *address* now."""
        kept = _known(path)
        if kept.is_fresh(self.clock.now()) and path.exists():
            return
        with self._turns:
            try:
                self._get_stubbornly(address, path, kept if path.exists() else _Kept())
            except httpx.TimeoutException:
                raise _failed(address, "it does not answer in time.") from None
            except (httpx.HTTPError, OSError, UnicodeError) as error:
                if isinstance(error, OSError) and is_full(error):
                    raise DiskFull(f"No space is left for photos in {self.cache}.", hint="Free some.") from None
                raise _failed(address, f"it cannot be reached ({_reason(error)}).") from None

    def _get_stubbornly(self, address: httpx.URL, path: Path, kept: _Kept) -> None:
        """Ask twice where a connection breaks: a night of thousands of photos has such moments."""
        try:
            self._get(address, path, kept)
        except (httpx.NetworkError, httpx.RemoteProtocolError):
            self._get(address, path, kept)

    def _get(self, address: httpx.URL, path: Path, kept: _Kept) -> None:
        asked = {"If-None-Match": kept.etag, "If-Modified-Since": kept.modified}
        headers = {name: value for name, value in asked.items() if value}
        for _ in range(_HOPS):
            with self._answer(address, headers) as answer:
                if answer.has_redirect_location:
                    address = self._address(answer.headers.get("location", ""), address)
                    continue
                if answer.status_code != HTTPStatus.NOT_MODIFIED:
                    self._save(address, answer, path)
                    self.fetched += 1
                self._note(answer, path, kept)
                return
        raise _failed(address, f"it leads through more than {_HOPS} redirects.")

    @contextmanager
    def _answer(self, address: httpx.URL, headers: Mapping[str, str]) -> Generator[httpx.Response]:
        """Ask the very address that was looked at: a name cannot lead elsewhere between look and use."""
        port = address.port or (443 if address.scheme == "https" else 80)
        targets = self.rules.resolve(address.host, port)
        if not targets or not all(map(self.rules.allowed, targets)):
            raise _failed(
                address, "it is an address of a private network.", "Only public hosts are asked for photos."
            )
        client = self._client(address.host)
        request = client.build_request(
            "GET",
            address.copy_with(host=targets[0], fragment=None),
            headers={**_HEADERS, **headers, "Host": address.netloc.decode("ascii")},
            extensions={"sni_hostname": address.host},
        )
        answer = client.send(request, stream=True)
        try:
            yield answer
        finally:
            answer.close()

    def _save(self, address: httpx.URL, answer: httpx.Response, path: Path) -> None:
        if answer.status_code != HTTPStatus.OK:
            raise _failed(address, f"it answers {answer.status_code}.")
        if answer.headers.get("content-encoding", "identity") != "identity":
            raise _failed(address, "it packs the photo though it was asked not to.")
        if answer.headers.get("content-type", "").startswith("text/"):
            raise _failed(address, "it sends a page, not a photo.")
        told = answer.headers.get("content-length", "")
        self._require_size(address, int(told) if told.isdecimal() else 0)
        with whole(path) as out:
            head, size = b"", 0
            for piece in self._pieces(address, answer):
                size += len(piece)
                self._require_size(address, size)
                if len(head) < _HEAD:
                    head += piece[:_HEAD]
                    if len(head) >= _HEAD and not self.accepts(head):
                        raise _failed(address, "what it sends is no photo.")
                out.write(piece)
            if not self.accepts(head):
                raise _failed(address, "what it sends is no photo.")

    def _pieces(self, address: httpx.URL, answer: httpx.Response) -> Iterator[bytes]:
        """Yield the body; a host that sends a byte now and then is not waited for without end."""
        ends = self.clock.now() + _LONGEST
        for piece in answer.iter_raw(_PIECE):
            if self.clock.now() > ends:
                raise _failed(address, "it sends too slowly.")
            yield piece

    def _note(self, answer: httpx.Response, path: Path, kept: _Kept) -> None:
        told = answer.headers
        given = _MAX_AGE.search(told.get("cache-control", ""))
        age = timedelta(seconds=int(given.group(1))) if given else _FRESH
        fresh = self.clock.now() + min(max(age, _FRESH), _FRESHEST)
        said: dict[str, Any] = {
            "etag": told.get("etag", kept.etag),
            "modified": told.get("last-modified", kept.modified),
            "fresh_until": fresh.isoformat(),
        }
        write_whole(_note_of(path), json.dumps(said).encode())

    def _require_size(self, address: httpx.URL, size: int) -> None:
        if size > self.rules.most:
            raise _failed(address, f"the photo is over {self.rules.most // 2**20} MB.", "Name a smaller one.")

    def _address(self, url: str, base: httpx.URL | None = None) -> httpx.URL:
        try:
            address = base.join(url) if base is not None else httpx.URL(url)
        except (httpx.InvalidURL, ValueError):
            raise PhotoRejected(f"{name_of(url)} is no web address.") from None
        if address.userinfo:
            raise PhotoRejected(f"{name_of(url)}: addresses with a password are not fetched.")
        if address.scheme not in self.rules.schemes or not address.host:
            raise PhotoRejected(f"{name_of(url)}: only https addresses are fetched.", hint="Name it by https.")
        return address

    def _client(self, host: str) -> httpx.Client:
        """Return the client of *host* alone: a connection is kept by address, and several hosts may share one."""
        with self._lock:
            name = host if host in self._clients or len(self._clients) < _MOST_CLIENTS else ""
            if name not in self._clients:
                limits = httpx.Limits(max_connections=_AT_ONCE, max_keepalive_connections=_AT_ONCE if name else 0)
                verify = self.rules.tls or True
                self._clients[name] = httpx.Client(timeout=_TIMEOUT, trust_env=False, limits=limits, verify=verify)
            return self._clients[name]


def is_address(name: str) -> bool:
    """Tell whether a feed's *name* of a photo is a web address."""
    return "://" in name


def name_of(url: str) -> str:
    """Return what people call the photo at *url*: host and file, never what follows a `?`, which may be a key."""
    with suppress(httpx.InvalidURL, ValueError):
        address = httpx.URL(url)
        return readable(f"{address.host}/{unquote(PurePosixPath(address.path).name)}")
    return readable(url.partition("?")[0].rpartition("@")[2][:120])


def _failed(address: httpx.URL, reason: str, hint: str = "Open it in a browser, and mend the feed.") -> PhotoRejected:
    return PhotoRejected(f"{name_of(str(address))} cannot be fetched from {address.host}: {reason}", hint=hint)


def _reason(error: Exception) -> str:
    """Return a word for what went wrong; not the library's, which may quote an address with its keys."""
    if isinstance(error, socket.gaierror):
        return "no such host"
    return "its certificate is not valid" if "CERTIFICATE" in str(error) else type(error).__name__


def _note_of(path: Path) -> Path:
    return path.with_suffix(".json")


def _known(path: Path) -> _Kept:
    with suppress(OSError, ValueError, TypeError):
        return _Kept(**json.loads(_note_of(path).read_bytes()))
    return _Kept()
