"""Which Prefect API the flows talk to: the one in `PREFECT_API_URL`, or an ephemeral one that is tethered to us.

Prefect reads its settings when it is first imported: the environment is prepared here, before that.
"""

import asyncio
import atexit
import os
from collections.abc import Mapping
from pathlib import Path

from nightreel import tether
from nightreel.errors import ConfigurationError

PATIENT = {"PREFECT_SERVER_DATABASE_TIMEOUT": "60", "PREFECT_SERVER_DATABASE_CONNECTION_TIMEOUT": "60"}
"""SQLite has one writer: a busy machine waits for it, or a task that asks for its slot gets a 503 and fails."""


class PrefectApi:
    """An API for the flows of this process; start it early, its start overlaps with other work.

    It lives and dies with this process.

    Args:
        home: `NIGHTREEL_HOME`; the ephemeral server keeps to a folder of its own in it.
        verbose: whether Prefect's own log is shown.
    """

    def __init__(self, home: Path, *, verbose: bool = False) -> None:
        self._home = home / "prefect"
        self._verbose = verbose
        self._child: tether.Child | None = None
        self._url: asyncio.Task[str] | None = None
        self._used = False

    @property
    def ephemeral(self) -> bool:
        """Whether we bring our own server."""
        return not os.environ.get("PREFECT_API_URL")

    def start(self) -> None:
        """Begin to start the ephemeral server, unless one is configured or started; returns at once."""
        if self._child is not None:
            return
        if self.ephemeral:
            os.environ.update(quiet_environment(self._home, verbose=self._verbose))
            self._child = tether.start(
                "nightreel.cli.prefect_server", [str(self._home / "runs")], log=self._home / "server.log"
            )
            # Prefect sends its last events when the interpreter ends: what is registered first ends last.
            atexit.register(self._child.release)
            self._url = asyncio.create_task(self._child.ready())
        elif not self._verbose:
            os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")  # what failed is told by the live view

    async def ready(self) -> None:
        """Wait until the API answers; from then on Prefect may be imported.

        Raises:
            ConfigurationError: the ephemeral server ended before it was ready, and says its last words; or the one
                that is configured does not answer.
        """
        if self._url is None or self._child is None:
            await require_answer()
            return
        url = await self._url
        self._used = True
        if not url:
            raise ConfigurationError(
                f"Prefect's server did not start: {self._child.last_words()}",
                hint=f"See {self._child.log}, or set PREFECT_API_URL to a server of your own.",
            )
        os.environ["PREFECT_API_URL"] = url

    def drop_unused(self) -> None:
        """End a server that nobody waited for: there was nothing to do, and nobody waits for its start either."""
        if self._child is not None and not self._used:
            self._child.release()


async def require_answer() -> None:
    """Ask the server that `PREFECT_API_URL` names whether it is well.

    Raises:
        ConfigurationError: it is not, or does not answer.
    """
    from prefect import get_client

    async with get_client() as client:
        problem = await client.api_healthcheck()
    if problem is not None:
        raise ConfigurationError(
            f"The Prefect API that PREFECT_API_URL names does not answer: {problem}.",
            hint="Start it, or unset PREFECT_API_URL: then every run brings its own.",
        )


def quiet_environment(home: Path, *, verbose: bool) -> Mapping[str, str]:
    """Return Prefect's settings for an ephemeral server: a home of its own, no telemetry, no log unless asked."""
    return {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_UI_ENABLED": "0",
        "PREFECT__SERVER_EPHEMERAL": "1",
        "PREFECT__SERVER_FINAL": "1",
        "PREFECT_LOGGING_LEVEL": "INFO" if verbose else "CRITICAL",
        "PREFECT_LOGGING_INTERNAL_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "PREFECT_CLIENT_ENABLE_METRICS": "false",
        **PATIENT,
    }
