"""`nightreel up --check`: what is missing before anything is started."""

import fcntl
import os
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path

from nightreel.cli.doctor.findings import MARKS, Finding, State, bad, warning, well
from nightreel.cli.doctor.orchestration import versions
from nightreel.cli.prefect_setup import entries
from nightreel.cli.shell import out
from nightreel.errors import NightreelError
from nightreel.models import Engine
from nightreel.settings import Settings, make_home


def findings(settings: Settings, port: int, lock: str) -> Iterator[Finding]:
    """Look at everything that `up` needs; start nothing."""
    yield from versions()
    yield _home(settings, lock)
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
    if os.environ.get("PREFECT_API_URL"):
        return well("Port", "not needed: PREFECT_API_URL names a server")
    if free(port):
        return well("Port", f"{port} is free")
    return bad("Port", f"{port} is taken", f"Name another: nightreel up --port {port + 1}; 0 takes a free one.")


def _deployments() -> Finding:
    try:
        described = entries()
    except NightreelError as error:
        return bad("Deployments", error.message, error.hint)
    sources = {
        Path(it["parameters"]["request"]["source"]) for it in described if "request" in (it.get("parameters") or {})
    }
    if gone := [str(path.absolute()) for path in sorted(sources) if "://" not in str(path) and not path.exists()]:
        hint = (
            "Start `up` in the folder that the deployments' paths are relative to, or name yours in the run's form."
        )
        return warning("Deployments", f"{len(described)}; their catalog is not there: {', '.join(gone)}", hint)
    return well("Deployments", str(len(described)))


def _service(settings: Settings) -> Finding:
    if settings.engine is Engine.LOCAL:
        return well("Service", settings.api_url or "the studio on this machine")
    if settings.token.get_secret_value():
        return well("Service", "the cloud, with NEMO_TOKEN")
    return warning("Service", "the cloud, without NEMO_TOKEN", "An anonymous account of 100 credits is used; set it.")
