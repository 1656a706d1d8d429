"""Who we are to the service: the kept client id, and the token, own or anonymous.

An anonymous token is to be had once a client a week: it is kept in *home* until it expires, and one process fetches
it while the others wait. A token never leaves :class:`~pydantic.SecretStr` but for the one header that carries it.
"""

import asyncio
import contextlib
import fcntl
import json
import os
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import httpx
from pydantic import BaseModel, Field, SecretStr

from nightreel.clock import Clock
from nightreel.errors import ClientIdMissing, SettingsError
from nightreel.files import write_whole
from nightreel.nemo import wire
from nightreel.nemo.parsed import object_in
from nightreel.nemo.redact import REDACTOR
from nightreel.settings import Settings

Fetch = Callable[[str], Awaitable[wire.TokenData]]
"""Asks the service for an anonymous token, given the client id."""

TOKENS = "nemo_tokens.json"
"""Where anonymous tokens are kept, in *home*."""

_MARGIN = timedelta(minutes=1)
_LOCK_POLL = 0.1


class Bearer(httpx.Auth):
    """Puts the token into its header as the request leaves, and nowhere else."""

    def __init__(self, token: SecretStr) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign *request*."""
        request.headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        yield request


class Kept(BaseModel):
    """An anonymous token as it is kept."""

    token: SecretStr
    user_id: str = ""
    expires_at: str = ""
    client_id: str = Field(default="", repr=False)

    def valid(self, now: datetime) -> bool:
        """Whether it can be used at *now*; one whose end cannot be read is used until it is refused."""
        try:
            ends = datetime.fromisoformat(self.expires_at)
        except ValueError:
            return True
        return now + _MARGIN < (ends if ends.tzinfo else ends.replace(tzinfo=UTC))

    def plain(self) -> dict[str, str]:
        """Return what stands in the file."""
        return {**self.model_dump(exclude={"token"}), "token": self.token.get_secret_value()}


class Auth:
    """The account's token for one service.

    Args:
        settings: the own token, the client id, where things are kept.
        clock: for the token's end.
        fetch: asks for an anonymous token.
        token: the account's own; wins over the settings'.
        service: the service's base URL: a token goes to the service that gave it, and to no other.
    """

    def __init__(self, settings: Settings, clock: Clock, fetch: Fetch, token: SecretStr | None, service: str) -> None:
        self._settings, self._clock, self._fetch, self._service = settings, clock, fetch, service
        self._own = own_token(token or settings.token)
        self._kept: Kept | None = None
        self._lock = asyncio.Lock()

    @property
    def anonymous(self) -> bool:
        """Whether the account is an anonymous one."""
        return self._own is None

    @property
    def register(self) -> str:
        """Where an anonymous account becomes a registered one; "" for another."""
        if self._own is not None:
            return ""
        bind = self._kept.user_id if self._kept else ""
        return f"{self._settings.web_url.rstrip('/')}/?bind={bind}" if bind else self._settings.web_url

    async def bearer(self) -> SecretStr:
        """Return the token to use now; the first call may fetch one."""
        if self._own is not None:
            return self._own
        if self._kept is None or not self._kept.valid(self._clock.now()):
            await self._renewed(None)
        return cast("Kept", self._kept).token

    async def renew(self, rejected: SecretStr) -> bool:
        """Have another token than the one that was *rejected*; False when there can be none."""
        if self._own is not None:
            return False
        await self._renewed(rejected)
        return True

    async def _renewed(self, rejected: SecretStr | None) -> None:
        """Take the kept token if it is another and valid, else fetch one; one caller a machine at a time."""
        async with self._lock, _file_lock(self._store.with_suffix(".lock"), self._clock):
            kept = self._load()
            if kept is None or kept.token == rejected or not kept.valid(self._clock.now()):
                kept = await self._fetched()
                self._save(kept)
            REDACTOR.hide(kept.token)
            self._kept = kept

    async def _fetched(self) -> Kept:
        client = client_id(self._settings)
        try:
            data = await self._fetch(client)
        except ClientIdMissing:
            if self._settings.client_id:
                raise
            client = client_id(self._settings, anew=True)
            data = await self._fetch(client)
        token = SecretStr(data.token)
        return Kept(token=token, user_id=data.user_id, expires_at=data.expires_at, client_id=client)

    @property
    def _store(self) -> Path:
        return self._settings.home_dir / TOKENS

    def _load(self) -> Kept | None:
        """Return what is kept for this service and client id."""
        found = _tokens(self._store).get(self._service)
        if not isinstance(found, dict):
            return None
        with contextlib.suppress(ValueError):
            kept = Kept.model_validate(found)
            return kept if kept.client_id == client_id(self._settings) else None
        return None

    def _save(self, kept: Kept) -> None:
        tokens = {**_tokens(self._store), self._service: kept.plain()}
        write_private(self._store, json.dumps(tokens, indent=1))


def own_token(token: SecretStr) -> SecretStr | None:
    """Return *token* as it can stand in a header; None if it is empty.

    Raises:
        SettingsError: it cannot; does not quote it.
    """
    value = token.get_secret_value().strip()
    if not value:
        return None
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise SettingsError("NEMO_TOKEN holds characters that no token has.", hint="Copy it again, on one line.")
    REDACTOR.hide(SecretStr(value))
    return SecretStr(value)


def client_id(settings: Settings, *, anew: bool = False) -> str:
    """Return the client id: the setting's, else the kept one, else a new one, which is kept (mode 0600).

    Raises:
        SettingsError: NEMO_CLIENT_ID is no UUID, or the file cannot be written.
    """
    if settings.client_id:
        if (given := _as_uuid(settings.client_id)) is None:
            raise SettingsError("NEMO_CLIENT_ID is no UUID.", hint="Unset it to have one made.")
        return _hidden(given)
    file = settings.client_id_file
    kept = None if anew else _as_uuid(file.read_text("utf-8", "replace") if file.is_file() else "")
    if kept is None:
        kept = str(uuid.uuid4())
        write_private(file, kept)
    elif file.stat().st_mode & 0o077:
        file.chmod(0o600)
    return _hidden(kept)


def _hidden(client: str) -> str:
    """Return *client*, which stands in no log from now on: whoever has it has the account."""
    REDACTOR.hide(SecretStr(client))
    return client


def write_private(file: Path, text: str) -> None:
    """Write *text* to *file* whole, readable by its owner alone.

    Raises:
        SettingsError: it cannot be written.
    """
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(file, text.encode(), mode=0o600)
    except OSError as error:
        raise SettingsError(
            f"{file} cannot be written ({error.strerror}).", hint="Check the folder and its rights."
        ) from error


def _as_uuid(text: str) -> str | None:
    try:
        return str(uuid.UUID(text.strip()))
    except ValueError:
        return None


def _tokens(file: Path) -> dict[str, Any]:
    try:
        return object_in(json.loads(file.read_text("utf-8")))
    except (OSError, ValueError):
        return {}


@contextlib.asynccontextmanager
async def _file_lock(file: Path, clock: Clock) -> AsyncGenerator[None, None]:
    """Hold *file*'s lock; released by the system when a process dies."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise SettingsError(f"{file} cannot be opened ({error.strerror}).", hint="Set NIGHTREEL_HOME.") from error
    try:
        while not _locked(handle):
            await clock.sleep(_LOCK_POLL)
        yield
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
