"""`nightreel up`: Prefect's server, deployments, a worker and the studio on this machine, and where to click."""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncGenerator, Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from nightreel import tether
from nightreel.cli import logs
from nightreel.cli.options import Verbose
from nightreel.cli.prefect_api import PATIENT
from nightreel.cli.prefect_check import findings, free, show
from nightreel.cli.prefect_home import VIDEOS
from nightreel.cli.prefect_setup import POOL, RUNS, entries, set_up
from nightreel.cli.prefect_worker import PATIENCE
from nightreel.cli.shell import err, out, run_async
from nightreel.errors import ConfigurationError
from nightreel.settings import Settings, load_settings, make_home

PORT = 4200
LOCK = "up.lock"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(up)


def up(
    port: Annotated[
        int, typer.Option("--port", metavar="N", help="Of Prefect's server; 0 takes a free one.", min=0, max=65535)
    ] = PORT,
    runs: Annotated[int, typer.Option("--runs", metavar="N", help="Flow runs at once.", min=1, max=64)] = 4,
    check: Annotated[bool, typer.Option("--check", help="Say what is missing, and start nothing.")] = False,
    register_only: Annotated[
        bool, typer.Option("--register", help="Register everything at the server PREFECT_API_URL names, and end.")
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Prefect's server, a worker and the studio on this machine, with all deployments; stopped by Ctrl-C.

    The deployments are those of `deployments/prefect.yaml`. By themselves run nightly (at two), watch (every ten
    minutes), social-drop (at half past six), social-withdraw (every hour: takes out of the outbox what is on sale no
    more), reconcile (every hour) and credits-report (at seven), in this machine's time zone or NIGHTREEL_TIMEZONE;
    by their forms on-demand, review, quick-edit, batch-style and iterative-edit. Folders in them are relative to
    where you start this. Open the printed address; what happened is kept in `NIGHTREEL_HOME/prefect`.

    With `PREFECT_API_URL` set, that server is used, and only worker and studio are started here. A schedule that you
    change in the UI stays changed until a new version brings another.
    """
    logs.set_up(verbose=verbose)
    settings = load_settings()
    if check:
        raise typer.Exit(show(findings(settings, port, LOCK)))
    if register_only:
        run_async(_register(settings))
        return
    with _alone(settings):
        run_async(_up(settings, port, runs))


async def _register(settings: Settings) -> None:
    """Register everything at a server that runs somewhere."""
    from nightreel.cli.prefect_api import require_answer

    if not os.environ.get("PREFECT_API_URL"):
        raise ConfigurationError(
            "PREFECT_API_URL names no server.", hint="Set it, or leave --register out: then one is started here."
        )
    await require_answer()
    _tell_written(await _set_up(settings))


async def _up(settings: Settings, port: int, runs: int) -> None:
    """Start everything, the slowest first; tell where it is; wait until somebody stops it."""
    from nightreel.cli.prefect_bell import ringing

    async with contextlib.AsyncExitStack() as stack:
        server = await _start_server(settings, port)
        stack.push_async_callback(server.stop)
        with err.status("Starting Prefect's server and the studio…"):
            studio = await stack.enter_async_context(_studio(settings))
            url = await server.ready()
        with err.status("Registering deployments…"):
            written = await _set_up(settings)
        worker = await stack.enter_async_context(_worker(settings, runs))
        await stack.enter_async_context(ringing(settings))
        _tell_written(written)
        _tell(url, studio, settings)
        await _first_end([child for child in (server.child, worker) if child is not None])


async def _set_up(settings: Settings) -> list[str]:
    from prefect import get_client

    renders = settings.renders_at_once or os.cpu_count() or 1
    limits = {"session": 4 * settings.clips_at_once, "upload": settings.clips_at_once, "render": max(4, 2 * renders)}
    async with get_client() as client:
        return await set_up(client, Path.cwd(), limits, settings.zone)


# --------------------------------------------------------------------------- what is started


@dataclass(frozen=True)
class Server:
    """Prefect's server; *child* is None where it is somebody else's, at *named*."""

    named: str = ""
    child: tether.Child | None = None

    async def ready(self) -> str:
        """Wait until it answers, and name it to all that is started after; return where its UI is.

        Raises:
            ConfigurationError: it did not start.
        """
        if self.child is None:
            return self.named.removesuffix("/").removesuffix("/api")
        url = await self.child.ready()
        if not url:
            raise ConfigurationError(
                f"Prefect's server did not start: {self.child.last_words()}", hint=f"See {self.child.log}."
            )
        os.environ["PREFECT_API_URL"] = f"{url}/api"
        os.environ.setdefault("NIGHTREEL_VIDEOS_URL", f"{url}{VIDEOS}")
        os.environ.setdefault("NIGHTREEL_VIDEOS_FOLDER", str(videos_folder()))
        return url

    async def stop(self) -> None:
        """End it, if it is ours."""
        if self.child is not None:
            await asyncio.to_thread(self.child.release)


async def _start_server(settings: Settings, port: int) -> Server:
    """Begin to start a server, or see that the one that is named answers."""
    from nightreel.cli.prefect_api import require_answer

    home = settings.shared_dir / "prefect"
    os.environ.update(lasting_environment(home))
    if named := os.environ.get("PREFECT_API_URL"):
        await require_answer()
        return Server(named)
    _require_port(port)
    arguments = [str(home), str(port), str(videos_folder())]
    return Server(child=tether.start("nightreel.cli.prefect_home", arguments, log=home / "up-server.log"))


def lasting_environment(home: Path) -> Mapping[str, str]:
    """Return Prefect's settings for a server, a worker and flow runs that stay at home and tell nobody."""
    return {
        "PREFECT_HOME": str(home),
        "PREFECT_PROFILES_PATH": str(home / "profiles.toml"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_CLIENT_ENABLE_METRICS": "false",
        **RUNS,
        "PREFECT_WORKER_QUERY_SECONDS": "5",
        **PATIENT,
    }


def videos_folder() -> Path:
    """Return the output folder of the nightly deployment: what the server shows."""
    for entry in entries():
        if entry["name"] == "nightly":
            return Path(entry["parameters"]["request"]["out"]).absolute()
    return Path("out").absolute()


@contextlib.asynccontextmanager
async def _studio(settings: Settings) -> AsyncGenerator[str]:
    """Keep the studio up for all runs; "" where the service is elsewhere."""
    from nightreel.runtime import open_runtime

    async with open_runtime(settings) as runtime:
        await runtime.warm_up()
        yield await runtime.studio.origin() if runtime.studio is not None else ""


@contextlib.asynccontextmanager
async def _worker(settings: Settings, runs: int) -> AsyncGenerator[tether.Child]:
    home = settings.shared_dir / "prefect"
    arguments = [POOL, str(runs), str(home / "worker.lock")]
    child = tether.start("nightreel.cli.prefect_worker", arguments, log=home / "up-worker.log")
    try:
        if not await child.ready():
            raise ConfigurationError(f"The worker did not start: {child.last_words()}", hint=f"See {child.log}.")
        yield child
    finally:
        await asyncio.to_thread(child.release, 2 * PATIENCE)


async def _first_end(children: list[tether.Child]) -> None:
    """Wait until one of the *children* ends by itself, which is trouble."""
    waits = [asyncio.to_thread(child.process.wait) for child in children]
    tasks = [asyncio.create_task(wait) for wait in waits]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    ended = next(child for child, task in zip(children, tasks, strict=True) if task.done())
    raise ConfigurationError(f"A part of it ended: {ended.last_words()}", hint=f"See {ended.log}.")


# --------------------------------------------------------------------------- one at a time


@contextlib.contextmanager
def _alone(settings: Settings) -> Generator[None]:
    """Hold the home for this `up`.

    Raises:
        ConfigurationError: another one runs in this home.
    """
    make_home(settings)
    path = settings.shared_dir / "prefect" / LOCK
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationError(
                f"`nightreel up` runs already in {settings.shared_dir}.",
                hint="Use that one, or set NIGHTREEL_HOME to another folder.",
            ) from None
        yield


def _require_port(port: int) -> None:
    """See that *port* is free.

    Raises:
        ConfigurationError: somebody listens there.
    """
    if not free(port):
        raise ConfigurationError(
            f"Port {port} is taken.", hint=f"Name another: nightreel up --port {port + 1}; 0 takes a free one."
        )


# --------------------------------------------------------------------------- what is told


def _tell_written(written: list[str]) -> None:
    if written:
        err.print(f"Registered: {', '.join(written)}.", markup=False, soft_wrap=True)


def _tell(url: str, studio: str, settings: Settings) -> None:
    out.print(f"Prefect      {url}", markup=False, soft_wrap=True)
    out.print(f"Deployments  {url}/deployments", markup=False, soft_wrap=True)
    out.print(f"Runs         {url}/runs", markup=False, soft_wrap=True)
    out.print(f"Schedules    in {settings.zone}", markup=False, soft_wrap=True)
    out.print(f"Studio       {studio or settings.api_url or 'the cloud'}", markup=False, soft_wrap=True)
    out.print(f"Kept in      {settings.shared_dir}", markup=False, soft_wrap=True)
    out.print("Ctrl-C stops everything.")
    out.file.flush()
