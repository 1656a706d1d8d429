"""The webhook, over real HTTP on loopback: signed, repeated within bounds, never to where it must not go."""

import asyncio
import hashlib
import hmac
import json
import logging
import socket
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import SecretStr

from nightreel.clock import ManualClock
from nightreel.delivery import Hook, Message
from nightreel.errors import SettingsError, WebhookRefused

SECRET = SecretStr("a secret of twenty-four!")
MESSAGE = Message(id="d" * 32, event="video.ready", body={"product": "手工 mug", "video": {"size": 3}})


@dataclass
class Receiver:
    """A receiver that answers as it is told, one status after the other, the last for ever."""

    answers: Sequence[str]
    url: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list[tuple[dict[str, str], bytes]])

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        answer = self.answers[min(len(self.got), len(self.answers) - 1)]
        self.got.append((headers, body))
        if answer != "cut":
            writer.write(f"HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        writer.close()


@asynccontextmanager
async def receiving(*answers: str) -> AsyncGenerator[Receiver, None]:
    """Serve a receiver on loopback."""
    receiver = Receiver(answers)
    server = await asyncio.start_server(receiver.handle, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook?key=kkk"
    async with server:
        yield receiver


async def test_a_message_is_signed_over_its_very_bytes() -> None:
    """Whoever has the secret can tell that it is ours: HMAC-SHA256 over the body, which carries the delivery's id."""
    async with receiving("204 No Content") as receiver, Hook(receiver.url, SECRET, ManualClock()) as hook:
        await hook.tell(MESSAGE)
    ((headers, body),) = receiver.got
    expected = hmac.new(SECRET.get_secret_value().encode(), body, hashlib.sha256).hexdigest()
    assert headers["x-nightreel-signature-256"] == f"sha256={expected}"
    assert headers["x-nightreel-delivery"] == json.loads(body)["id"] == MESSAGE.id
    assert headers["x-nightreel-event"] == json.loads(body)["event"] == "video.ready"
    assert json.loads(body)["product"] == "手工 mug"


async def test_what_was_not_taken_is_told_again_the_very_same() -> None:
    """A fault, a cut connection and a limit are waited out, longer each time; the bytes and the id stay."""
    clock = ManualClock()
    answers = ("503 Busy", "cut", "429 Slow\r\nRetry-After: 30", "200 OK")
    async with receiving(*answers) as receiver, Hook(receiver.url, SECRET, clock) as hook:
        await hook.tell(MESSAGE)
    assert len(receiver.got) == 4
    assert len({body for _, body in receiver.got}) == 1
    first, second, third = clock.slept
    assert 0.5 <= first <= 1
    assert 2 <= second <= 4
    assert third == 30


async def test_no_wait_is_longer_than_a_minute() -> None:
    """However long the receiver asks for, five tries are over in some minutes."""
    clock = ManualClock()
    async with receiving("503 Busy\r\nRetry-After: 86400") as receiver, Hook(receiver.url, SECRET, clock) as hook:
        with pytest.raises(WebhookRefused, match="answered 503, 5 times") as told:
            await hook.tell(MESSAGE)
    assert told.value.lasting
    assert (len(receiver.got), max(clock.slept)) == (5, 60)


@pytest.mark.parametrize("answer", ["400 No", "401 No", "410 Gone", "302 Found\r\nLocation: http://127.0.0.1:1/"])
async def test_a_no_is_not_repeated_and_no_redirect_followed(answer: str) -> None:
    """The message is at fault, or the address: another message may be taken all the same."""
    async with receiving(answer) as receiver, Hook(receiver.url, SECRET, ManualClock()) as hook:
        with pytest.raises(WebhookRefused, match=f"answered {answer[:3]}") as told:
            await hook.tell(MESSAGE)
    assert not told.value.lasting
    assert len(receiver.got) == 1


@pytest.mark.parametrize(
    "url", ["http://shop.example/hook", "https://user:pass@shop.example", "ftp://a", "shop.example/hook", "https://"]
)
def test_only_https_and_this_machine_are_addresses(url: str) -> None:
    """What is signed is not shown to the open network, and a password is no part of an address."""
    with pytest.raises(SettingsError, match="no https address"):
        Hook(url, SECRET, ManualClock())


def test_a_short_secret_signs_nothing() -> None:
    """It is refused before the night begins."""
    with pytest.raises(SettingsError, match="16 characters"):
        Hook("https://shop.example/hook", SecretStr("short"), ManualClock())


@pytest.mark.parametrize("target", ["10.0.0.7", "192.168.1.2", "169.254.169.254", "fd00::1", "100.64.0.1"])
async def test_a_name_that_leads_into_a_private_network_is_not_followed(
    monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    """Nothing is sent to it, unless the settings allow it; the look-up and the connection are one address."""

    async def found(*_: object, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (target, 443))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", found)
    async with Hook("https://shop.example/hook", SECRET, ManualClock()) as hook:
        with pytest.raises(WebhookRefused, match="private network") as told:
            await hook.tell(MESSAGE)
    assert "NIGHTREEL_WEBHOOK_PRIVATE" in told.value.hint
    async with Hook("https://shop.example/hook", SECRET, ManualClock(), private=True) as hook:
        assert await hook.target() == target


async def test_neither_secret_nor_query_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A receiver's address may hold a key; errors and logs name its host alone."""
    caplog.set_level(logging.DEBUG)
    async with receiving("400 No") as receiver, Hook(receiver.url, SECRET, ManualClock()) as hook:
        with pytest.raises(WebhookRefused) as told:
            await hook.tell(MESSAGE)
    assert "kkk" not in str(told.value) + hook.host
    assert SECRET.get_secret_value() not in caplog.text
