"""Files up and down: flat memory, the planned bytes, whole files, and no secrets for strangers."""

import asyncio
import hashlib
import json
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from nightreel.clock import ManualClock
from nightreel.errors import (
    FileTooLarge,
    MalformedAnswer,
    OutcomeUnknown,
    PhotoChanged,
    RequestRefused,
    ServiceError,
    UnsupportedFile,
)
from nightreel.nemo import NemoClient, UploadFile
from nightreel.settings import load_settings

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 8000
TOKEN = SecretStr("nmv_usr_files_canary")
TAKEN = {"code": 0, "data": {"files": [{"filename": "a.jpg"}]}}
FALLBACK = "/api/render/proxy/r1/download"


def _answer(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    named = {"Content-Length": str(len(body)), **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status}\r\n{lines}Connection: close\r\n\r\n".encode() + body


class Site:
    """A TCP server with an answer for each path; it keeps what it was sent."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        self.seen: list[bytes] = []
        self.came = asyncio.Event()
        self.url = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        head = await reader.readuntil(b"\r\n\r\n")
        length = next((int(line.split(b":")[1]) for line in head.lower().split(b"\r\n")
                       if line.startswith(b"content-length")), 0)  # fmt: skip
        try:
            body = await reader.readexactly(length)
        except asyncio.IncompleteReadError:
            body = b"(cut)"
        self.seen.append(head + body)
        self.came.set()
        path = head.split(b" ")[1].decode().partition("?")[0]
        writer.write(self.pages.get(path, _answer(b'{"error":"no such render"}', "404 Not Found")))
        await writer.drain()
        writer.close()


@asynccontextmanager
async def _site(pages: Mapping[str, bytes]) -> AsyncGenerator[Site, None]:
    site = Site()
    site.pages = dict(pages)
    server = await asyncio.start_server(site.handle, "127.0.0.1", 0)
    site.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield site


def _client(site: Site) -> NemoClient:
    return NemoClient(load_settings(api_url=site.url), clock=ManualClock(), token=TOKEN)


def _photo(folder: Path, data: bytes = b"jpeg" * 1000, planned: bytes | None = None) -> UploadFile:
    path = folder / "a.jpg"
    path.write_bytes(data)
    return UploadFile(path, "a.jpg", "image/jpeg", hashlib.sha256(data if planned is None else planned).hexdigest())


# --------------------------------------------------------------------------- up


async def test_an_upload_tells_its_progress(tmp_path: Path) -> None:
    """The bytes sent grow up to the total, and the service gets the file's own bytes."""
    told: list[tuple[int, int]] = []
    page = {"/api/upload-video/nemo_agent/me/s": _answer(json.dumps(TAKEN).encode())}
    async with _site(page) as site, _client(site) as nemo:
        files = await nemo.upload("s", [_photo(tmp_path)], lambda sent, total: told.append((sent, total)))
    assert [file.filename for file in files] == ["a.jpg"]
    assert told[-1] == (4000, 4000)
    assert b"jpeg" * 1000 in site.seen[0]


async def test_a_photo_that_is_not_the_planned_one_ends_the_request(tmp_path: Path) -> None:
    """A file whose bytes are not the planned ones never arrives whole: the request is broken off before its end."""
    page = {"/api/upload-video/nemo_agent/me/s": _answer(json.dumps(TAKEN).encode())}
    async with _site(page) as site, _client(site) as nemo:
        with pytest.raises(PhotoChanged, match=r"a\.jpg"):
            await nemo.upload("s", [_photo(tmp_path, planned=b"another")])
        await asyncio.wait_for(site.came.wait(), 60)
    assert site.seen[0].endswith(b"(cut)")


async def test_unfit_files_are_refused_before_a_byte_is_sent(tmp_path: Path) -> None:
    """A type that the service does not take, a file over 200 MB and a missing one send nothing."""
    large = tmp_path / "large.png"
    with large.open("wb") as out:
        out.truncate(200 * 1024 * 1024 + 1)
    async with _site({}) as site, _client(site) as nemo:
        with pytest.raises(UnsupportedFile, match="heic"):
            await nemo.upload("s", [UploadFile(tmp_path / "a.heic", "a.heic", "image/heic")])
        with pytest.raises(FileTooLarge, match=r"large\.png"):
            await nemo.upload("s", [UploadFile(large, "large.png", "image/png")])
        with pytest.raises(PhotoChanged):
            await nemo.upload("s", [UploadFile(tmp_path / "gone.png", "gone.png", "image/png")])
    assert not site.seen


_MEMORY = """
import asyncio, re, resource, sys
from pathlib import Path
from pydantic import SecretStr
from nightreel.nemo import NemoClient, UploadFile
from nightreel.settings import load_settings

def peak():  # in MB; what a child was forked from counts in getrusage on Linux
    try:
        return int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
    except FileNotFoundError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2

async def main():
    async with NemoClient(load_settings(api_url=sys.argv[1]), token=SecretStr("nmv_usr_x")) as nemo:
        await nemo.upload("s", [UploadFile(Path(sys.argv[3]), "small.mp4", "video/mp4")])
        before = peak()
        await nemo.upload("s", [UploadFile(Path(sys.argv[2]), "large.mp4", "video/mp4")])
        print(peak(), peak() - before)
asyncio.run(main())
"""


async def test_an_upload_of_200_mb_takes_no_memory(tmp_path: Path) -> None:
    """A file of 200 MB is streamed: the process stays under 100 MB in all, and grows by a few at most."""
    large, small, counted = tmp_path / "large.mp4", tmp_path / "small.mp4", list[int]()
    with large.open("wb") as out:
        out.truncate(200 * 1024 * 1024)
    small.write_bytes(b"x")

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n")
                      if line.startswith(b"content-length"))  # fmt: skip
        left = length
        while left:
            left -= len(await reader.read(min(left, 1 << 20)))
        counted.append(length)
        writer.write(_answer(json.dumps(TAKEN).encode()))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, limit=1 << 20)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        command = [sys.executable, "-c", _MEMORY, url, str(large), str(small)]
        done = await asyncio.to_thread(
            subprocess.run, command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
        )
    assert counted[-1] > 200 * 1024 * 1024
    peak, grown = map(float, done.stdout.split())
    assert peak < 100
    assert grown < 16


@pytest.mark.parametrize("reset", [True, False], ids=["reset", "closed"])
async def test_an_upload_that_is_cut_anywhere_is_neither_taken_for_done_nor_repeated(
    tmp_path: Path, *, reset: bool
) -> None:
    """Cut after any number of its bytes, its outcome is unknown, and it is sent once; another goes well after it."""
    photo, cut, sent = _photo(tmp_path, b"jpeg" * 50_000), list[int](), list[int]()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        sent.append(len(head))
        left = cut.pop() if cut else int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        while left > 0:
            left -= len(await reader.read(min(left, 4096)))
        if len(sent) % 2:
            if reset:
                writer.transport.abort()
        else:
            writer.write(_answer(json.dumps(TAKEN).encode()))
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, limit=4096)
    site = Site()
    site.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, _client(site) as nemo:
        for place in (0, 1, 100, 4095, 4096, 65_536, 131_072, 199_999, 200_000, 200_150):
            cut.append(place)
            with pytest.raises(OutcomeUnknown):
                await nemo.upload("s", [photo])
            assert [file.filename for file in await nemo.upload("s", [photo])] == ["a.jpg"]
    assert len(sent) == 20


# --------------------------------------------------------------------------- down


def _job(site: Site, link: str) -> bytes:
    body = {"id": "r1", "status": "completed", "output": {"url": link and f"{site.url}{link}"}}
    return _answer(json.dumps(body).encode(), Content_Type="application/json")


async def test_a_link_is_followed_without_token_or_headers(tmp_path: Path) -> None:
    """A link, and where it redirects to, gets neither the bearer nor the attribution; the file appears whole."""
    to, told = tmp_path / "out" / "v.mp4", list[tuple[int, int]]()
    async with _site({"/v": _answer(MP4)}) as cdn:
        there = _answer(b"", "302 Found", Location=f"{cdn.url}/v?sig=1")
        async with _site({"/link": there}) as site, _client(site) as nemo:
            got = await nemo.download(
                "r1", to, f"{site.url}/link", progress=lambda sent, size: told.append((sent, size))
            )
    for seen in (*site.seen, *cdn.seen):
        assert b"canary" not in seen
        assert b"x-skill" not in seen.lower()
        assert b"accept-encoding: identity" in seen.lower()
    assert (to.read_bytes(), got.size, got.sha256) == (MP4, len(MP4), hashlib.sha256(MP4).hexdigest())
    assert told[-1] == (len(MP4), len(MP4))
    assert [path.name for path in to.parent.iterdir()] == ["v.mp4"]


async def test_an_expired_link_is_replaced_by_a_fresh_one(tmp_path: Path) -> None:
    """When a link has expired the render is asked for another."""
    async with _site({"/fresh": _answer(MP4)}) as site, _client(site) as nemo:
        site.pages["/api/render/proxy/lambda/r1"] = _job(site, "/fresh")
        await nemo.download("r1", tmp_path / "v.mp4", f"{site.url}/old")
    assert (tmp_path / "v.mp4").read_bytes() == MP4


async def test_the_fallback_path_gets_the_token_and_its_redirects_do_not(tmp_path: Path) -> None:
    """Without a link the fallback path is asked with the bearer; another host that it redirects to never sees it."""
    async with _site({"/v": _answer(MP4)}) as cdn, _site({}) as site, _client(site) as nemo:
        site.pages[FALLBACK] = _answer(b"", "302 Found", Location=f"{cdn.url}/v")
        await nemo.download("r1", tmp_path / "v.mp4")
    assert b"Bearer nmv_usr_files_canary" in site.seen[-1]
    assert b"canary" not in cdn.seen[0]
    assert b"x-skill" not in cdn.seen[0].lower()


@pytest.mark.parametrize(
    "answer",
    [
        _answer(b"\x1f\x8b" + b"x" * 50, Content_Encoding="gzip"),
        _answer(MP4, Content_Length=str(len(MP4) + 10)),
        _answer(MP4, Content_Length=str(10**12)),
        _answer(b"<html>" + b"x" * 100),
        _answer(b""),
        _answer(b'{"code":1002,"message":"session not found"}'),
    ],
    ids=["encoded", "shorter than it says", "too large", "no MP4", "empty", "an error under 200"],
)
async def test_what_is_no_whole_video_is_never_left_behind(answer: bytes, tmp_path: Path) -> None:
    """A body that is encoded, cut, too large, empty or no MP4 leaves no file, and the old one stays."""
    to = tmp_path / "v.mp4"
    to.write_bytes(b"before")
    async with _site({FALLBACK: answer}) as site, _client(site) as nemo:
        with pytest.raises(Exception) as raised:  # noqa: PT011 - which class depends on the fault
            await nemo.download("r1", to)
    assert raised.type.__module__ == "nightreel.errors"
    assert to.read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["v.mp4"]


async def test_a_body_without_length_is_counted(tmp_path: Path) -> None:
    """A body that does not say its size is stopped where it passes the limit."""
    endless = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + MP4
    async with _site({FALLBACK: endless}) as site, _client(site) as nemo:
        with pytest.raises(MalformedAnswer, match="larger"):
            await nemo.download("r1", tmp_path / "v.mp4", max_bytes=1_000_000)
        assert (await nemo.download("r1", tmp_path / "v.mp4")).size == len(MP4)


@pytest.mark.parametrize("link", ["file:///etc/passwd", "ftp://a.example/v", "http://user:pw@127.0.0.1/v", "gopher:"])
async def test_unsafe_links_are_not_followed(link: str, tmp_path: Path) -> None:
    """A link to anything but a web host, or with a password in it, is not followed."""
    async with _site({}) as site, _client(site) as nemo:
        with pytest.raises((RequestRefused, ServiceError)):
            await nemo.download("r1", tmp_path / "v.mp4", link)
    assert all(b"/api/render/proxy" in seen for seen in site.seen)
