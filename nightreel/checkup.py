"""A check-up: is everything there that a night needs, and how is it mended? Sends no prompt, and buys nothing."""

import os
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from enum import StrEnum
from importlib.metadata import version

import httpx

from nightreel.errors import NightreelError, RequestRefused
from nightreel.models import Value
from nightreel.nemo import NemoClient, describe, summarise
from nightreel.nemo.recorder import Recorder, forms_of
from nightreel.runtime import Runtime, open_runtime
from nightreel.settings import Settings, make_home

FREE_MB = 1024
"""Less than this in the home, and a big night may not fit."""

_FASTAPI_BELOW = (0, 151)
_PATIENCE = 5.0


class Sign(StrEnum):
    """How it is: good, worth a note, or to be mended before a night."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


class Finding(Value):
    """One thing that was looked at, what was found, and how it is mended where it is not good."""

    about: str
    sign: Sign
    found: str
    mend: str = ""


async def examine(settings: Settings, recorder: Recorder) -> list[Finding]:
    """Look at everything; what the service says goes through *recorder*."""
    return [finding async for finding in _all(settings, recorder)]


async def _all(settings: Settings, recorder: Recorder) -> AsyncIterator[Finding]:
    yield await _prefect()
    try:
        yield _home(settings)
        async with open_runtime(settings) as runtime:
            yield await _books(runtime)
            async with runtime.open_client(recorder) as nemo:
                async for finding in _service(nemo, recorder):
                    yield finding
    except NightreelError as error:
        yield Finding(about="journal", sign=Sign.BAD, found=error.message, mend=error.hint)


def _home(settings: Settings) -> Finding:
    """Look at the home folder.

    Raises:
        SettingsError: it cannot be used.
    """
    home = make_home(settings)
    free = shutil.disk_usage(home).free // 2**20
    found = f"{home}, {free / 1024:.1f} GB free"
    if free < FREE_MB:
        return Finding(
            about="home", sign=Sign.NOTE, found=found, mend="Make room; `nightreel clean` shows what can go."
        )
    return Finding(about="home", sign=Sign.GOOD, found=found)


async def _books(runtime: Runtime) -> Finding:
    """Look whether journal and ledger agree."""
    wrong = await runtime.ledger.audit()
    if wrong:
        more = f" (and {len(wrong) - 1} more)" if wrong[1:] else ""
        mend = "Restore a backup of the journal, or report this; until then every number is in doubt."
        return Finding(about="journal", sign=Sign.BAD, found=f"{wrong[0]}{more}", mend=mend)
    where = "SQLite" if runtime.ledger.store.sqlite else "PostgreSQL"
    return Finding(about="journal", sign=Sign.GOOD, found=f"{where}; state, entries and credits agree")


async def _prefect() -> Finding:
    """Look at Prefect's version, at what it needs, and at its server if one is named."""
    fastapi = version("fastapi")
    found = f"Prefect {version('prefect')}, fastapi {fastapi}"
    if tuple(int(part) for part in fastapi.split(".")[:2]) >= _FASTAPI_BELOW:
        mend = "Install what requirements.lock names: newer ones break Prefect's server in silence."
        return Finding(about="Prefect", sign=Sign.BAD, found=found, mend=mend)
    url = os.environ.get("PREFECT_API_URL", "")
    if not url:
        return Finding(about="Prefect", sign=Sign.GOOD, found=f"{found}; each run brings a server of its own")
    try:
        async with httpx.AsyncClient(timeout=_PATIENCE, trust_env=False) as client:
            (await client.get(f"{url.rstrip('/')}/health")).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        mend = "Start it (`prefect server start`), or unset PREFECT_API_URL."
        return Finding(
            about="Prefect", sign=Sign.BAD, found=f"{url} does not answer ({type(error).__name__})", mend=mend
        )
    return Finding(about="Prefect", sign=Sign.GOOD, found=f"{found}; the server at {url} answers")


async def _service(nemo: NemoClient, recorder: Recorder) -> AsyncIterator[Finding]:
    """Ask the service for everything that costs nothing; the first refusal is the last question."""
    about = "balance"
    try:
        balance = await nemo.credits()
        whose = "an anonymous account" if nemo.anonymous else "the account of NEMO_TOKEN, or the studio's own"
        yield Finding(about="token", sign=Sign.GOOD, found=f"it is taken: {whose}")
        low = balance.available <= 0
        found = f"{balance.available} credits available, {balance.held} held"
        yield Finding(about=about, sign=Sign.NOTE if low else Sign.GOOD, found=found, mend=nemo.top_up if low else "")
        about = "session"
        session = await nemo.open_session("nightreel doctor")
        yield Finding(about=about, sign=Sign.GOOD, found="one was opened; it stays behind, empty")
        about = "state"
        state = await nemo.state(session.session_id)
        yield Finding(about=about, sign=Sign.GOOD, found=describe(summarise(state)))
        about = "exports"
        yield await _unknown_render(nemo)
    except NightreelError as error:
        yield Finding(
            about="token" if about == "balance" else about, sign=Sign.BAD, found=error.message, mend=error.hint
        )
    for what, form in _forms(recorder):
        yield Finding(about=what, sign=Sign.GOOD, found=form)


async def _unknown_render(nemo: NemoClient) -> Finding:
    """Ask for an export that there is not: the answer shows how failures are told."""
    try:
        await nemo.render(f"render_{uuid.uuid4().hex}")
    except RequestRefused:
        return Finding(about="exports", sign=Sign.GOOD, found="their status can be asked for")
    mend = "Report this with --record: a render that was lost could not be told from one that waits."
    return Finding(about="exports", sign=Sign.NOTE, found="an export that there is not has a status", mend=mend)


def _forms(recorder: Recorder) -> Iterator[tuple[str, str]]:
    for what, form in forms_of(recorder.records).items():
        yield f"form of {what}", form
