"""Who we are to the service: the kept client id, the kept token, and secrets that stay inside."""

import asyncio
import json
import logging
import traceback
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from nightreel.clock import ManualClock
from nightreel.errors import ClientIdMissing, NightreelError, SettingsError
from nightreel.nemo import REDACTOR, NemoClient
from nightreel.nemo.auth import Auth, client_id, own_token
from nightreel.nemo.platforms import attribution, platform
from nightreel.nemo.redact import guard_logs
from nightreel.nemo.wire import TokenData
from nightreel.settings import load_settings

CANARY = "nmv_usr_CANARY0123456789"


class Service:
    """Gives tokens, one after another, and counts them."""

    def __init__(self, expires_at: str = "2026-01-08T00:00:00Z") -> None:
        self.expires_at = expires_at
        self.ids: list[str] = []
        self.refuse = 0

    async def fetch(self, client: str) -> TokenData:
        """Give a token."""
        await asyncio.sleep(0)  # noqa: TID251 - lets the other callers run
        self.ids.append(client)
        if self.refuse >= len(self.ids):
            raise ClientIdMissing("no client id")
        return TokenData(token=f"nmv_usr_{len(self.ids)}", user_id="anon_1", expires_at=self.expires_at)


def _auth(service: Service, clock: ManualClock | None = None, url: str = "a") -> Auth:
    return Auth(load_settings(), clock or ManualClock(), service.fetch, None, url)


def test_the_client_id_is_made_once_and_kept() -> None:
    """The client id is a UUID, the same at every call, in a file of its own that only its owner reads."""
    settings = load_settings()
    first = client_id(settings)
    assert uuid.UUID(first)
    assert client_id(settings) == first == settings.client_id_file.read_text()
    assert settings.client_id_file.stat().st_mode & 0o777 == 0o600


def test_a_kept_client_id_that_others_can_read_is_closed() -> None:
    """A client id file left open to others is closed, and its id stays."""
    settings = load_settings()
    first = client_id(settings)
    settings.client_id_file.chmod(0o644)
    assert client_id(settings) == first
    assert settings.client_id_file.stat().st_mode & 0o777 == 0o600


def test_a_damaged_client_id_is_made_anew_and_a_wrong_setting_is_refused() -> None:
    """A file without a UUID gets a new one; NEMO_CLIENT_ID wins, and must be one."""
    settings = load_settings()
    settings.client_id_file.parent.mkdir(parents=True)
    settings.client_id_file.write_text("damaged")
    assert uuid.UUID(client_id(settings))
    given = str(uuid.uuid4())
    assert client_id(load_settings(client_id=given)) == given
    with pytest.raises(SettingsError, match="NEMO_CLIENT_ID"):
        client_id(load_settings(client_id="mine"))


async def test_one_token_serves_all_who_ask_at_once() -> None:
    """Many callers, and a second client on the same machine, share one anonymous token."""
    service = Service()
    first = _auth(service)
    tokens = await asyncio.gather(*(first.bearer() for _ in range(8)), _auth(service).bearer())
    assert {token.get_secret_value() for token in tokens} == {"nmv_usr_1"}
    assert await first.renew(tokens[0])
    assert await _auth(service).renew(tokens[0])
    assert len(service.ids) == 2


async def test_a_token_is_kept_until_it_expires_and_for_its_own_service() -> None:
    """A kept token is used until its end, by the service that gave it and by no other."""
    service, clock = Service(), ManualClock()
    await _auth(service, clock).bearer()
    clock.advance(6 * 86_400)
    assert (await _auth(service, clock).bearer()).get_secret_value() == "nmv_usr_1"
    assert (await _auth(service, clock, "b").bearer()).get_secret_value() == "nmv_usr_2"
    clock.advance(86_400)
    assert (await _auth(service, clock).bearer()).get_secret_value() == "nmv_usr_3"
    store = load_settings().home_dir / "nemo_tokens.json"
    assert store.stat().st_mode & 0o777 == 0o600
    assert set(json.loads(store.read_text())) == {"a", "b"}


async def test_a_client_id_that_the_service_misses_is_made_anew_once() -> None:
    """400 on the token request: a new client id is made and the request repeated once."""
    service = Service()
    service.refuse = 1
    await _auth(service).bearer()
    assert len(set(service.ids)) == 2
    service = Service()
    service.refuse = 9
    with pytest.raises(ClientIdMissing):
        await _auth(service, url="b").bearer()
    assert len(service.ids) == 2


@pytest.mark.parametrize("token", [f"{CANARY}\nmore", f"{CANARY} x", f"{CANARY}é"])
def test_a_token_that_cannot_stand_in_a_header_is_refused_unquoted(token: str) -> None:
    """A token with a line break, a blank or an accent is refused, and the message does not quote it."""
    with pytest.raises(SettingsError) as raised:
        own_token(SecretStr(token))
    assert CANARY not in str(raised.value)
    own = own_token(SecretStr(f" {CANARY}\n"))
    assert own is not None
    assert own.get_secret_value() == CANARY


def test_the_platform_is_found_from_the_install_path() -> None:
    """A folder of clawhub or cursor in the path tells; SKILL_SOURCE wins; a value that breaks a header is refused."""
    assert platform(installed=Path("/home/x/.clawhub/skills/nightreel/a.py")) == "clawhub"
    assert platform(installed=Path("/home/x/.cursor/skills/a.py")) == "cursor"
    assert platform(installed=Path("/usr/lib/a.py")) == "unknown"
    assert attribution("cursor", "1.2")["X-Skill-Platform"] == "cursor"
    with pytest.raises(SettingsError, match="SKILL_SOURCE"):
        platform("a\r\nX-Evil: 1")


# --------------------------------------------------------------------------- secrets


async def _echo(request: httpx.Request) -> httpx.Response:
    """Answer as a careless service does: it repeats what it was sent."""
    return httpx.Response(422, json={"detail": f"bad header {dict(request.headers)}"})


async def _fail(_request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError(f"lost while sending {CANARY}")


@pytest.mark.parametrize("handler", [_echo, _fail])
async def test_a_canary_token_is_in_nothing_that_is_written(
    handler: Any,  # noqa: ANN401 - as httpx has it
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """No log record, at any level, no repr, no message, no traceback, no URL holds the token."""
    caplog.set_level(logging.DEBUG)
    caplog.handler.addFilter(REDACTOR)
    urls: list[str] = []

    async def seen(request: httpx.Request) -> httpx.Response:
        assert request.headers["Authorization"] == f"Bearer {CANARY}"
        urls.append(str(request.url))
        return await handler(request)

    settings = load_settings(token=CANARY, api_url="https://service.example")
    written = [repr(settings)]
    async with NemoClient(settings, clock=ManualClock(), transport=httpx.MockTransport(seen)) as nemo:
        written.append(repr(nemo))
        calls = [
            nemo.credits(),
            nemo.send("s", "p"),
            nemo.state("s"),
            nemo.render("r"),
            nemo.download("r", tmp_path / "v"),
        ]
        for call in calls:
            with pytest.raises(NightreelError) as raised:
                await call
            written += [str(raised.value), repr(raised.value)]
            logging.getLogger("nightreel.nemo").warning("failed: %s", CANARY, exc_info=raised.value)
    written += urls + [record.getMessage() + (record.exc_text or "") for record in caplog.records]
    assert len(urls) >= len(calls)
    assert not [text for text in written if CANARY in text]
    assert CANARY not in caplog.text + "".join(capfd.readouterr())


def test_a_traceback_of_a_refused_token_quotes_nothing() -> None:
    """An answer of the token request that cannot be read quotes neither the token nor the body."""

    async def run() -> None:
        body = {"code": 0, "data": {"token": CANARY, "credits": "many"}}
        transport = httpx.MockTransport(lambda _: httpx.Response(200, json=body))
        async with NemoClient(
            load_settings(api_url="https://a.example"), clock=ManualClock(), transport=transport
        ) as nemo:
            await nemo.credits()

    with pytest.raises(NightreelError) as raised:
        asyncio.run(run())
    assert CANARY not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize("name", ["nightreel.clips", "httpx", "prefect.task_runs"])
def test_records_are_made_without_secrets(name: str) -> None:
    """Whatever handler a record goes to (Prefect's sends it to a server), its message and its traceback are clean."""
    own_token(SecretStr(CANARY))
    guard_logs()
    with pytest.raises(ValueError, match="invalid literal") as raised:
        int(CANARY)
    trace = (raised.type, raised.value, raised.tb)
    record = logging.getLogRecordFactory()(name, logging.ERROR, __file__, 1, "failed: %s", (CANARY,), trace)
    assert CANARY not in logging.Formatter().format(record)


def test_signed_links_lose_their_query_in_logs() -> None:
    """The query of a URL, where signatures stand, is cut from what is logged."""
    cleaned = REDACTOR.clean('GET "https://cdn.example/v.mp4?sig=abc&x=1" Bearer abc clm_secret')
    assert cleaned == 'GET "https://cdn.example/v.mp4?…" Bearer [hidden] [hidden]'
