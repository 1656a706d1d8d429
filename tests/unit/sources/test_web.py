"""Photos of the web: what is fetched, refused, and asked for again; from a real server on loopback."""

import datetime as dt
import ssl
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from nightreel.clock import ManualClock
from nightreel.errors import PhotoRejected
from nightreel.sources.web import PUBLIC, Rules, Web, is_public

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" * 50
HOST = "shop.example"
START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Shop:
    """A shop's server: answers by path, and remembers what it was asked."""

    port: int = 0
    pages: dict[str, Callable[[dict[str, str]], Answer]] = field(default_factory=dict[str, Any])
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list[Any])

    def url(self, path: str, scheme: str = "http", host: str = HOST) -> str:
        """Return an address of this shop."""
        return f"{scheme}://{host}:{self.port}{path}"

    def page(self, path: str, status: int = 200, body: bytes = PNG, **headers: str) -> str:
        """Have an answer at *path*; return its address."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = lambda _: (status, told, body)
        return self.url(path)


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Generator[Shop]:
    """Run a shop."""
    shop = Shop()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            shop.asked.append((self.path, headers))
            status, told, body = shop.pages[self.path.partition("?")[0]](headers)
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | told).items():
                if value:
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002 - its signature

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    shop.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield shop
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def shop() -> Generator[Shop]:
    """A shop by http."""
    with serving() as running:
        yield running


LOOPBACK = Rules(
    schemes=frozenset({"http"}),
    resolve=lambda _host, _port: ["127.0.0.1"],
    allowed=lambda address: address == "127.0.0.1",
)


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands still."""
    return ManualClock(START)


@pytest.fixture
def web(tmp_path: Path, clock: ManualClock) -> Generator[Web]:
    """What fetches from the shop."""
    with Web(tmp_path / "web", clock, lambda head: head.startswith(b"\x89PNG"), LOOPBACK) as opened:
        yield opened


def test_a_photo_is_fetched_once_and_kept_whole(web: Web, shop: Shop) -> None:
    """The photo stands in the cache under its address; its name is host and file, without what may be a key."""
    entry = web.entry(shop.page("/p/mug%20a.png") + "?key=s3cret")
    assert entry.name == "shop.example/mug a.png"
    assert entry.local().read_bytes() == PNG
    entry.local()
    assert (web.fetched, len(shop.asked)) == (1, 1)
    assert shop.asked[0][1]["host"] == f"{HOST}:{shop.port}"
    assert not [left for left in entry.path.parent.iterdir() if left.name.endswith(".part")]


def test_a_photo_is_asked_for_again_when_it_may_have_changed(web: Web, shop: Shop, clock: ManualClock) -> None:
    """After ten minutes the server is asked by ETag and date; 304 keeps the photo, a new one replaces it."""
    tag, body = '"1"', PNG

    def answer(headers: dict[str, str]) -> Answer:
        told = {"ETag": tag, "Last-Modified": "Sun, 01 Mar 2026 00:00:00 GMT"}
        return (304, told, b"") if headers.get("if-none-match") == tag else (200, told, body)

    shop.pages["/a.png"] = answer
    entry = web.entry(shop.url("/a.png"))
    entry.local()
    clock.advance(11 * 60)
    assert entry.local().read_bytes() == PNG
    assert web.fetched == 1
    assert shop.asked[1][1]["if-modified-since"] == "Sun, 01 Mar 2026 00:00:00 GMT"
    tag, body = '"2"', PNG + b"new"
    clock.advance(11 * 60)
    assert entry.local().read_bytes() == PNG + b"new"
    assert web.fetched == 2


@pytest.mark.parametrize(
    ("status", "headers", "body", "words"),
    [
        (404, {}, b"", "it answers 404"),
        (200, {"Content-Type": "text/html"}, b"<html>", "it sends a page, not a photo"),
        (200, {"Content-Type": "image/png"}, b"<html>" * 50, "what it sends is no photo"),
        (200, {}, b"", "what it sends is no photo"),
        (200, {"Content-Encoding": "gzip"}, PNG, "packs the photo"),
        (302, {"Location": "file:///etc/passwd"}, b"", "only https addresses"),
        (302, {"Location": "/loop.png"}, b"", "more than 5 redirects"),
        (200, {"Content-Length": "999"}, PNG, "cannot be reached"),
    ],
)
def test_what_is_no_photo_is_refused(
    web: Web, shop: Shop, status: int, headers: dict[str, str], body: bytes, words: str
) -> None:
    """Errors, pages, packed and cut bodies and redirects without end name host and reason; nothing stays."""
    shop.pages["/loop.png"] = lambda _: (status, {"Connection": "close"} | headers, body)
    entry = web.entry(shop.url("/loop.png?key=s3cret"))
    with pytest.raises(PhotoRejected, match=words) as caught:
        entry.local()
    assert "s3cret" not in str(caught.value)
    assert HOST in str(caught.value) or "only https" in words
    assert not entry.path.exists()


def test_a_photo_is_not_read_beyond_its_limit(web: Web, shop: Shop) -> None:
    """A photo that is too large is given up, whether its length is told or not."""
    web.rules = replace(LOOPBACK, most=200)
    for headers in ({}, {"Content-Length": "", "Connection": "close"}):
        shop.pages["/big.png"] = lambda _, headers=headers: (200, headers, PNG * 10)
        with pytest.raises(PhotoRejected, match="over 0 MB"):
            web.entry(shop.url("/big.png")).local()


def test_redirects_are_looked_at_each(web: Web, shop: Shop) -> None:
    """A public host that leads to a private address is refused, and so is one that has both kinds."""
    addresses = {HOST: ["127.0.0.1"], "inner.example": ["10.0.0.7"], "both.example": ["127.0.0.1", "169.254.169.254"]}

    def resolve(host: str, _port: int) -> list[str]:
        return addresses[host]

    web.rules = replace(LOOPBACK, resolve=resolve)
    for inner in ("inner.example", "both.example"):
        shop.page("/r.png", 302, b"", Location=f"http://{inner}:{shop.port}/a.png")
        with pytest.raises(PhotoRejected, match=rf"from {inner}: it is an address of a private network"):
            web.entry(shop.url("/r.png")).local()
    assert [path for path, _ in shop.asked] == ["/r.png", "/r.png"]


def test_a_name_is_looked_up_once_for_the_very_connection(web: Web, shop: Shop) -> None:
    """A name that leads elsewhere at its second look-up changes nothing: there is none."""
    answers = [["127.0.0.1"], ["10.0.0.1"]]

    def resolve(_host: str, _port: int) -> list[str]:
        return answers.pop(0)

    web.rules = replace(LOOPBACK, resolve=resolve)
    web.entry(shop.page("/a.png")).local()
    assert len(answers) == 1


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.1"),
        *("224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1"),
        *("2002:7f00:1::", "64:ff9b::7f00:1"),
    ],
)
def test_private_addresses_are_not_public(address: str) -> None:
    """Loopback, private, link-local, metadata and shared addresses, however they are written."""
    assert not is_public(address)
    assert not PUBLIC.allowed(address)
    assert is_public("93.184.216.34")
    assert is_public("2606:2800:220:1::1")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://shop.example/a.png", "only https"),
        ("ftp://shop.example/a.png", "only https"),
        ("https://user:pass@shop.example/a.png", "with a password"),
        ("https:///a.png", "only https"),
        ("https://shop.example:port/a.png", "no web address"),
    ],
)
def test_users_may_name_https_alone(tmp_path: Path, url: str, words: str) -> None:
    """Before anything is asked, other schemes, passwords and broken addresses are refused."""
    with (
        Web(tmp_path, ManualClock(START), lambda _: True) as web,
        pytest.raises(PhotoRejected, match=words) as caught,
    ):
        web.entry(url)
    assert "pass@" not in str(caught.value)
    assert web.rules is PUBLIC


def test_the_certificate_is_that_of_the_name(tmp_path: Path) -> None:
    """TLS goes to the address that was looked at, and checks the certificate of the name that was asked for."""
    server, client = certified(HOST, tmp_path)
    with serving(server) as shop:
        shop.page("/a.png")
        rules = replace(LOOPBACK, schemes=frozenset({"https"}), tls=client)
        with Web(tmp_path / "web", ManualClock(START), lambda _: True, rules) as web:
            assert web.entry(shop.url("/a.png", "https")).local().read_bytes() == PNG
            with pytest.raises(PhotoRejected, match=r"from other\.example: .*its certificate is not valid"):
                web.entry(shop.url("/a.png", "https", "other.example")).local()


def certified(host: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return what a server shows as *host*, and what a client believes."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    long_ago, later = dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.datetime(2120, 1, 1, tzinfo=dt.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(7).not_valid_before(long_ago).not_valid_after(later)
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(secret + pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "server.pem")
    return server, ssl.create_default_context(cadata=pem.decode())
