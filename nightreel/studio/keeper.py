"""Keeps one studio running for a data folder: ours, or the one that another runner has started there.

A studio holds a lock on its data folder for its life and writes where it listens. Whoever needs it asks
:meth:`StudioKeeper.origin` before each request: if the studio has ended with the runner that owned it, the first to
ask starts it again, and its unfinished renders go on.
"""

import asyncio
import fcntl
import json
import secrets
from collections.abc import Sequence
from pathlib import Path

from pydantic import SecretStr

from nightreel import tether
from nightreel.clock import Clock
from nightreel.errors import StudioUnavailable
from nightreel.files import write_whole

LOCK = "studio.lock"
TOKEN = "token"  # noqa: S105 - a file's name
ENDPOINT = "endpoint.json"
LOG = "studio.log"
HELD = 75
"""Exit code of a studio that finds its data folder in use (EX_TEMPFAIL of sysexits.h)."""


class StudioKeeper:
    """Finds or starts the studio of *data*.

    Args:
        data: the studio's data folder.
        options: more of the studio's command line.
        clock: for the pauses between looks.
        tries: how often a studio is looked for or started before we give up.
    """

    def __init__(self, data: Path, clock: Clock, *, options: Sequence[str] = (), tries: int = 20) -> None:
        self._data = data
        self._clock = clock
        self._options = options
        self._tries = tries
        self._child: tether.Child | None = None
        self._turn = asyncio.Lock()

    async def origin(self) -> str:
        """Return the base URL of the studio of this data folder, starting it if none runs.

        Raises:
            StudioUnavailable: it does not start; says its last words.
        """
        async with self._turn:
            for _ in range(self._tries):
                if (url := running(self._data)) is not None:
                    return url
                await self._start()
            raise StudioUnavailable(
                f"The studio does not start: {self._child.last_words() if self._child else ''}",
                hint=f"See {self._data / LOG}.",
            )

    async def _start(self) -> None:
        """Start a studio, and wait until it listens or ends."""
        if self._child is not None:
            await asyncio.to_thread(self._child.release)
        arguments = ["--data", str(self._data), "--tethered", *self._options]
        self._child = tether.start("nightreel.studio.server", arguments, log=self._data / LOG)
        if not await self._child.ready():
            code = await asyncio.to_thread(self._child.process.wait)
            if code != HELD:
                raise StudioUnavailable(
                    f"The studio ended with code {code}: {self._child.last_words()}",
                    hint=f"See {self._data / LOG}.",
                )
            # Another runner was quicker: its studio is about to say where it listens.
            await self._clock.sleep(0.1)

    async def close(self) -> None:
        """Let go of the studio that we started, if we did; one that is somebody else's goes on."""
        if self._child is not None:
            await asyncio.to_thread(self._child.release)
            self._child = None


def running(data: Path) -> str | None:
    """Return where the studio of *data* listens, None if none holds the folder's lock or it does not listen yet."""
    if not _held(data / LOCK):
        return None
    try:
        return str(json.loads((data / ENDPOINT).read_text(encoding="utf-8"))["url"])
    except (FileNotFoundError, ValueError, KeyError):
        return None


def local_token(data: Path) -> SecretStr:
    """Return the bearer of the local default account of the studio of *data*; made when it is first asked for.

    The file is readable by its owner alone: whoever can read it may use the studio.
    """
    path = data / TOKEN
    if not path.exists():
        write_whole(path, f"nmv_usr_{secrets.token_urlsafe(32)}".encode(), mode=0o600, keep=True)
    return SecretStr(path.read_text(encoding="utf-8").strip())


def _held(path: Path) -> bool:
    try:
        with path.open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
