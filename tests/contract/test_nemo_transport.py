"""The client against a network that fails: what was sent, what is repeated, and what stays unknown."""

import asyncio
import json
import socket
import ssl
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from pydantic import SecretStr

from nightreel.clock import ManualClock, SystemClock
from nightreel.errors import (
    MalformedAnswer,
    NightreelError,
    OutcomeUnknown,
    RateLimited,
    ServerFault,
    SettingsError,
    StreamLost,
    Unsent,
)
from nightreel.nemo import AgentEvent, EventKind, NemoClient, Patience
from nightreel.settings import load_settings

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
SSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
GOOD = b'data: {"type":"text","content":"Done."}\n\n'
BALANCE = {"code": 0, "data": {"available": 5, "frozen": 0, "total": 5}}
TOKEN = SecretStr("nmv_usr_transport_canary")


@dataclass
class Wire:
    """A TCP server that treats its connections as *plan* says, the last one for ever."""

    plan: list[Handler]
    requests: list[bytes] = field(default_factory=list[bytes])
    connections: int = 0
    url: str = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Treat one connection."""
        self.connections += 1
        try:
            await self.plan[min(self.connections, len(self.plan)) - 1](reader, writer)
        finally:
            writer.close()

    async def read(self, reader: asyncio.StreamReader) -> None:
        """Read one whole request."""
        head = await reader.readuntil(b"\r\n\r\n")
        length = next((int(line.split(b":")[1]) for line in head.lower().split(b"\r\n")
                       if line.startswith(b"content-length")), 0)  # fmt: skip
        self.requests.append(head + await reader.readexactly(length))

    def answers(self, answer: bytes) -> Handler:
        """Return a handler that reads a request, gives *answer* and closes."""

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self.read(reader)
            writer.write(answer)
            await writer.drain()

        return handle


@asynccontextmanager
async def _wire(*plan: Handler) -> AsyncGenerator[Wire, None]:
    wire = Wire(list(plan))
    server = await asyncio.start_server(wire.handle, "127.0.0.1", 0)
    wire.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield wire


def _client(url: str, clock: ManualClock | None = None, patience: Patience | None = None) -> NemoClient:
    return NemoClient(load_settings(api_url=url), clock=clock or ManualClock(), token=TOKEN, patience=patience)


def _json(body: object, status: str = "200 OK", more: str = "") -> bytes:
    text = json.dumps(body).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{more}Content-Length: {len(text)}\r\n\r\n"
    return head.encode() + text


def _reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.close()


async def _closed_port() -> str:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{sock.getsockname()[1]}"


async def test_a_refused_connection_is_unsent_and_repeated_within_a_budget() -> None:
    """A prompt that could not be sent is tried again after waits whose bounds double, and ends as Unsent."""
    clock = ManualClock()
    async with _client(await _closed_port(), clock) as nemo:
        with pytest.raises(Unsent):
            await nemo.send("s", "make it")
    assert len(clock.slept) == 5
    assert all(0 <= slept <= most for slept, most in zip(clock.slept, (1, 2, 4, 8, 16), strict=True))


async def test_a_service_that_moved_is_found() -> None:
    """The address is asked for anew before each attempt: an unsent prompt goes to the new one, once."""
    async with _wire() as wire:
        wire.plan.append(wire.answers(SSE + b"\r\n" + GOOD))
        addresses = [await _closed_port(), wire.url]

        async def origin() -> str:
            return addresses.pop(0) if len(addresses) > 1 else addresses[0]

        async with NemoClient(load_settings(), clock=ManualClock(), origin=origin, token=TOKEN) as nemo:
            assert (await nemo.send("s", "make it")).text == "Done."
        assert wire.connections == 1


async def _reset_at_once(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    _reset(writer)


async def _close_after_headers(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")


async def _reset_after_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1 << 16)
    _reset(writer)


async def _silence(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


@pytest.mark.parametrize("fault", [_reset_at_once, _close_after_headers, _reset_after_body, _silence])
async def test_a_prompt_that_broke_after_a_byte_left_is_unknown_and_never_repeated(fault: Handler) -> None:
    """Reset before, during and after the body, and silence, leave the outcome unknown; no second request is made."""
    async with _wire(fault) as wire, _client(wire.url, patience=Patience(silence=0.1, read=0.1)) as nemo:
        with pytest.raises(OutcomeUnknown):
            await nemo.send("s", "make it")
        assert wire.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        SSE + b"Content-Length: 999\r\n\r\n" + GOOD,
        SSE + b"Transfer-Encoding: chunked\r\n\r\n2a\r\n" + GOOD,
        SSE + b"\r\n" + GOOD + b'data: {"type":"te',
    ],
    ids=["short body", "cut between chunks", "cut inside an event"],
)
async def test_a_stream_that_is_cut_is_lost(answer: bytes) -> None:
    """A body shorter than promised, or ended inside an event, is no answer."""
    async with _wire() as wire, _client(wire.url) as nemo:
        wire.plan.append(wire.answers(answer))
        with pytest.raises(StreamLost):
            await nemo.send("s", "make it")
        assert wire.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        _json({"detail": "boom"}, "500 Internal Server Error"),
        _json({"anything": 1}),
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<p/>",
    ],
    ids=["500", "JSON", "HTML"],
)
@pytest.mark.parametrize("call", ["send", "upload_urls"])
async def test_an_unreadable_answer_to_a_once_only_request_is_unknown(answer: bytes, call: str) -> None:
    """A fault, or an answer that says nothing, leaves a once-only request unknown, and it is not repeated."""
    async with _wire() as wire, _client(wire.url) as nemo:
        wire.plan.append(wire.answers(answer))
        with pytest.raises(OutcomeUnknown):
            await (
                nemo.send("s", "make it") if call == "send" else nemo.upload_urls("s", ["https://a.example/a.jpg"])
            )
        assert wire.connections == 1


@pytest.mark.parametrize(
    "error", [httpx.ConnectError("no such host"), httpx.ConnectTimeout(""), httpx.PoolTimeout("")]
)
async def test_what_ends_before_a_byte_has_left_is_unsent(error: httpx.TransportError) -> None:
    """A name that is not found, a connection that is not made and a pool without one: the prompt is sent again."""
    faults: list[httpx.TransportError] = [error]

    async def network(_request: httpx.Request) -> httpx.Response:
        if faults:
            raise faults.pop()
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=GOOD)

    clock, transport = ManualClock(), httpx.MockTransport(network)
    async with NemoClient(load_settings(), clock=clock, token=TOKEN, transport=transport) as nemo:
        assert (await nemo.send("s", "make it")).text == "Done."
    assert len(clock.slept) == 1


async def test_a_token_request_that_fails_leaves_the_prompt_unsent() -> None:
    """Without a token nothing is sent: whatever came of the token's request, the prompt is not in doubt."""
    token = {"code": 0, "data": {"token": "nmv_usr_transport_fetched", "expires_at": "2030-01-01T00:00:00Z"}}
    async with _wire(_reset_at_once) as wire:
        settings, clock = load_settings(api_url=wire.url), ManualClock()
        async with NemoClient(settings, clock=clock) as nemo:
            with pytest.raises(Unsent, match="for lack of a token"):
                await nemo.send("s", "make it")
        assert wire.connections == 6, "one layer repeats, and it repeats the prompt"
        wire.plan += [*[wire.plan[0]] * 5, wire.answers(_json(token)), wire.answers(SSE + b"\r\n" + GOOD)]
        async with NemoClient(settings, clock=clock) as nemo:
            assert (await nemo.send("s", "make it")).text == "Done."


async def test_a_prompt_that_waits_is_not_sent_when_it_is_called_off() -> None:
    """A prompt that was refused by a rate limit may be called off while it waits: it is not sent again."""
    stopped = asyncio.Event()

    def before() -> None:
        if stopped.is_set():
            raise Unsent("called off")

    async with _wire() as wire, _client(wire.url) as nemo:
        limited = wire.answers(_json({}, "429 Too Many Requests"))

        async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            stopped.set()
            await limited(reader, writer)

        wire.plan.append(refuse)
        with pytest.raises(Unsent, match="called off"):
            await nemo.send("s", "make it", before=before)
        assert wire.connections == 1


async def test_reads_are_repeated_after_any_fault() -> None:
    """A read survives a reset, a server's fault and an unreadable answer."""
    async with _wire(_reset_at_once) as wire, _client(wire.url) as nemo:
        wire.plan += [
            wire.answers(_json({"detail": "boom"}, "503 Service Unavailable")),
            wire.answers(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhm"),
            wire.answers(_json(BALANCE)),
        ]
        assert (await nemo.credits()).available == 5
        assert wire.connections == 4


async def test_reads_end_when_the_budget_does() -> None:
    """A service that stays broken is asked a bounded number of times; after many failures nothing is repeated."""
    async with _wire() as wire, _client(wire.url) as nemo:
        wire.plan.append(wire.answers(_json({}, "500 Internal Server Error")))
        for _ in range(12):
            with pytest.raises(ServerFault):
                await nemo.credits()
        assert wire.connections == 12 + 40


async def test_pings_alone_are_no_progress() -> None:
    """Ten minutes of nothing but pings end a run as lost; every two minutes people are told that it still works."""
    clock, notices = ManualClock(), list[str]()

    def on_event(event: AgentEvent) -> None:
        if event.kind is EventKind.WAITING:
            notices.append(event.text)
        else:
            clock.advance(60)

    async def pings(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1 << 16)
        writer.write(SSE + b"\r\n" + GOOD + b": ping\n\n" * 12)
        await reader.read()

    async with _wire(pings) as wire, _client(wire.url, clock) as nemo:
        with pytest.raises(StreamLost, match="no progress"):
            await nemo.send("s", "make it", on_event)
    assert notices == [f"Still working… ({minute} min)" for minute in (3, 5, 7, 9, 11)]


async def test_silence_is_told_of() -> None:
    """While nothing at all is heard of a run, people are told so, too, until it ends or its deadline passes."""
    told: list[str] = []
    heard = asyncio.Event()

    def on_event(event: AgentEvent) -> None:
        if event.kind is EventKind.WAITING:
            told.append(event.text)
            heard.set()

    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1 << 16)
        writer.write(SSE + b"\r\n")
        await heard.wait()
        writer.write(GOOD)

    async with _wire(late) as wire:
        patience = Patience(still_working=0.05)
        async with NemoClient(load_settings(api_url=wire.url), token=TOKEN, patience=patience) as nemo:
            assert (await nemo.send("s", "make it", on_event)).text == "Done."
    assert "nothing is heard" in told[0]


async def test_a_malformed_frame_is_noted_and_the_others_count() -> None:
    """One frame that is no JSON fails no run; whether the edit was made, the state tells."""
    async with _wire() as wire, _client(wire.url) as nemo:
        wire.plan.append(wire.answers(SSE + b'\r\ndata: {"type":"te\n\n' + GOOD))
        reply = await nemo.send("s", "make it")
    assert (reply.text, reply.malformed) == ("Done.", 1)


async def test_a_read_that_stays_unreadable_fails_in_the_end() -> None:
    """An answer that is no JSON is asked for again, four times, and then it is an error with a next step."""
    async with _wire() as wire, _client(wire.url) as nemo:
        wire.plan.append(wire.answers(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhm"))
        with pytest.raises(MalformedAnswer, match="NEMO_API_URL"):
            await nemo.state("s")
        assert wire.connections == 5


async def test_a_run_has_a_deadline() -> None:
    """A run that says nothing ends as lost at its own deadline, whatever the gap between bytes may be."""

    async def headers_only(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1 << 16)
        writer.write(SSE + b"\r\n")
        await reader.read()

    async with _wire(headers_only) as wire:
        nemo = NemoClient(
            load_settings(api_url=wire.url), clock=SystemClock(), token=TOKEN, patience=Patience(run=0.1)
        )
        async with nemo:
            with pytest.raises(StreamLost):
                await nemo.send("s", "make it")


async def test_once_only_requests_use_fresh_connections() -> None:
    """A paid request never goes over a connection that was used before: a stale one would leave it unknown."""
    async with _wire() as wire, _client(wire.url) as nemo:

        async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while not reader.at_eof():
                try:
                    await wire.read(reader)
                except asyncio.IncompleteReadError:
                    return
                prompt = b"/run_sse" in wire.requests[-1]
                body = SSE + f"Content-Length: {len(GOOD)}\r\n\r\n".encode() + GOOD
                writer.write(body if prompt else _json(BALANCE))

        wire.plan.append(keep)
        for _ in range(3):
            await nemo.credits()
        assert wire.connections == 1
        for _ in range(2):
            await nemo.send("s", "make it")
        assert wire.connections == 3


async def test_a_rate_limit_pauses_the_whole_client() -> None:
    """While one call waits after a 429, no other call of the client sends anything."""
    clock = ManualClock()
    async with _wire() as wire, _client(wire.url, clock) as nemo:
        wire.plan += [
            wire.answers(_json({}, "429 Too Many Requests", "Retry-After: 7\r\n")),
            wire.answers(_json({}, "429 Too Many Requests", "Retry-After: 99999\r\n")),
            wire.answers(_json(BALANCE)),
        ]
        with pytest.raises(RateLimited):
            await nemo.credits()
        assert clock.slept == [7]
        await nemo.credits()
        assert clock.slept == [7, 300]


async def test_the_local_studio_is_never_asked_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the machine is for the network: what is on loopback is asked directly."""
    closed = await _closed_port()
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, closed)
    async with _wire() as wire, _client(wire.url) as nemo:
        wire.plan.append(wire.answers(_json(BALANCE)))
        assert (await nemo.credits()).available == 5


async def test_a_certificate_that_is_not_trusted_is_a_setting_to_mend() -> None:
    """A service that cannot prove who it is gets nothing, at once, and the setting is named."""

    async def untrusted(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("TLS") from ssl.SSLCertVerificationError("self-signed")

    clock, transport = ManualClock(), httpx.MockTransport(untrusted)
    async with NemoClient(load_settings(), clock=clock, token=TOKEN, transport=transport) as nemo:
        with pytest.raises(SettingsError, match="certificate"):
            await nemo.credits()
    assert not clock.slept


async def test_a_submit_that_says_nothing_of_the_job_was_taken() -> None:
    """A JSON success without the job's status means that it waits; anything else leaves the submit unknown."""
    async with _wire() as wire, _client(wire.url) as nemo:
        wire.plan += [wire.answers(_json({"ok": True})), wire.answers(b"HTTP/1.1 200 OK\r\n\r\n<html>")]
        assert (await nemo.submit_render("r1", "s", {})).status == "pending"
        with pytest.raises(OutcomeUnknown):
            await nemo.submit_render("r2", "s", {})
        assert wire.connections == 2


async def test_answers_have_bounds() -> None:
    """An answer that is encoded, though none was asked for, is refused before it is inflated."""
    encoded = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b"
    async with _wire() as wire, _client(wire.url) as nemo:
        wire.plan.append(wire.answers(encoded))
        with pytest.raises(NightreelError, match="encoded"):
            await nemo.credits()
        assert b"accept-encoding: identity" in wire.requests[0].lower()


@pytest.mark.parametrize("url", ["ftp://a.example", "nonsense", "https://user:pw@a.example", "http://a.example"])
async def test_an_unfit_address_is_a_setting_to_mend(url: str) -> None:
    """An address that is none, or would show the token, is refused with the setting's name; nothing is sent."""
    async with NemoClient(load_settings(api_url=url, engine="cloud"), token=TOKEN) as nemo:
        with pytest.raises(SettingsError, match="NEMO_API_URL"):
            await nemo.credits()
