"""`nightreel up --check`: what is missing before anything is started."""

import asyncio
import fcntl
import os
import socket
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from nightreel.cli.doctor.findings import MARKS, Finding, State, bad, warning, well
from nightreel.cli.doctor.orchestration import versions
from nightreel.cli.prefect_api import require_answer
from nightreel.cli.prefect_setup import POOL, STEP, Entry, command_in, entries
from nightreel.cli.prefect_worker import interpreter_of
from nightreel.cli.shell import out
from nightreel.errors import NightreelError
from nightreel.models import Engine
from nightreel.settings import Settings, make_home
from nightreel.sources.stores import is_bucket

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient


def findings(settings: Settings, port: int, lock: str) -> Iterator[Finding]:
    """Look at everything that `up` needs; start nothing."""
    yield from versions()
    yield _home(settings, lock)
    if os.environ.get("PREFECT_API_URL"):
        yield from asyncio.run(_server())
    else:
        yield _port(port)
    yield _deployments()
    yield _service(settings)


def show(found: Iterable[Finding]) -> int:
    """Print *found*; return the exit code: 2 when something is missing."""
    code = 0
    for finding in found:
        out.print(f"{MARKS[finding.state]} {finding.what}: {finding.found}", markup=False, soft_wrap=True)
        if finding.mend:
            out.print(f"  → {finding.mend}", markup=False, soft_wrap=True)
        code = 2 if finding.state is State.BAD else code
    return code


def free(port: int) -> bool:
    """Whether nobody listens at *port* of this machine."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def _home(settings: Settings, lock: str) -> Finding:
    try:
        make_home(settings)
    except NightreelError as error:
        return bad("Home", error.message, error.hint)
    path = settings.shared_dir / "prefect" / lock
    if path.exists():
        with path.open("a") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return bad("Home", f"`nightreel up` runs already in {settings.shared_dir}", "Use that one.")
    return well("Home", str(settings.shared_dir))


def _port(port: int) -> Finding:
    if free(port):
        return well("Port", f"{port} is free")
    return bad("Port", f"{port} is taken", f"Name another: nightreel up --port {port + 1}; 0 takes a free one.")


async def _server() -> list[Finding]:
    """Look at the server that is named, and whether what is registered there can run on this machine."""
    from prefect import get_client

    try:
        await require_answer()
    except NightreelError as error:
        return [bad("Prefect server", error.message, error.hint)]
    async with get_client() as client:
        return [well("Prefect server", "it answers"), await _pool(client), await _folders(client)]


async def _pool(client: "PrefectClient") -> Finding:
    """Compare the interpreter that workers start flow runs with: `up`'s own takes the one that is here."""
    from prefect.exceptions import ObjectNotFound

    try:
        named = interpreter_of(command_in((await client.read_work_pool(POOL)).base_job_template))
    except ObjectNotFound:
        return warning("Work pool", f"{POOL} is not there yet", "`nightreel up --register` makes it.")
    if not named or named == sys.executable:
        return well("Work pool", POOL)
    said = f"{POOL}: workers start flow runs by {named}"
    if Path(named).exists():
        return warning("Work pool", f"{said}, not by {sys.executable}", "`nightreel up --register` names this one.")
    return bad(
        "Work pool",
        f"{said}, which is not on this machine: all would crash",
        "`nightreel up --register` names the one that is here; workers of one pool need it at the same path.",
    )


async def _folders(client: "PrefectClient") -> Finding:
    """Look for the folders that the deployments' paths are relative to."""
    from prefect.client.schemas.filters import WorkPoolFilter, WorkPoolFilterName

    ours = WorkPoolFilter(name=WorkPoolFilterName(any_=[POOL]))
    found = await client.read_deployments(work_pool_filter=ours)
    given = {str(step[STEP]["directory"]) for it in found for step in it.pull_steps or () if STEP in step}
    if gone := sorted(folder for folder in given if not Path(folder).is_dir()):
        hint = "Make it here, or `nightreel up --register` in a folder that each machine has."
        return bad("Folder", f"flow runs work in {', '.join(gone)}, which is not on this machine", hint)
    return well("Folder", ", ".join(sorted(given)) or "nothing is registered yet")


def _deployments() -> Finding:
    try:
        described = entries()
    except NightreelError as error:
        return bad("Deployments", error.message, error.hint)
    sources = {str(parameter["source"]) for it in described for parameter in _forms(it) if "source" in parameter}
    if gone := [str(Path(it).absolute()) for it in sorted(sources) if not is_bucket(it) and not Path(it).exists()]:
        hint = (
            "Start `up` in the folder that the deployments' paths are relative to, or name yours in the run's form."
        )
        return warning("Deployments", f"{len(described)}; their catalog is not there: {', '.join(gone)}", hint)
    return well("Deployments", str(len(described)))


def _forms(entry: Entry) -> list[Entry]:
    given: Mapping[str, Entry] = entry.get("parameters") or {}
    return list(given.values())


def _service(settings: Settings) -> Finding:
    if settings.engine is Engine.LOCAL:
        return well("Service", settings.api_url or "the studio on this machine")
    if settings.token.get_secret_value():
        return well("Service", "the cloud, with NEMO_TOKEN")
    return warning("Service", "the cloud, without NEMO_TOKEN", "An anonymous account of 100 credits is used; set it.")
