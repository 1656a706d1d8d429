"""The ephemeral Prefect server, as a child process: `python -m nightreel.cli.prefect_server FOLDER`.

Its migrations take longer than most nights' planning, so a migrated, empty database is kept as a template; every
run gets a copy of its own (two runs never share one, a killed run leaves no run "Running") and drops it at the end.
The journal, not Prefect's database, is what a next run reads.
"""

import contextlib
import fcntl
import os
import shutil
import socket
import sqlite3
import sys
import uuid
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

from nightreel import tether
from nightreel.files import part_of


def main() -> None:
    """Serve until the parent lets go of the tether; then nothing of ours is worth a graceful end."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    _drop_abandoned(folder)
    new = folder / f"{uuid.uuid4().hex}.new"
    with new.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        lock = new.rename(new.with_suffix(".lock"))  # it appears held: nobody takes it for an abandoned one
        tether.end_with_parent(lambda: _vanish(lock))
        database = lock.with_suffix(".db")
        template = folder / f"template-{version('prefect')}.sqlite"
        if template.exists():
            shutil.copyfile(template, database)
        os.environ["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = f"sqlite+aiosqlite:///{quote(str(database))}"
        _serve(database, template)


def _vanish(lock: Path) -> None:
    _drop(lock)
    os._exit(0)


def _drop_abandoned(folder: Path) -> None:
    for lock in folder.glob("*.lock"):
        with lock.open("a") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            _drop(lock)
    for database in folder.glob("*.db*"):  # of a server that was told to end while it began
        if not (folder / f"{database.name.partition('.')[0]}.lock").exists():
            database.unlink(missing_ok=True)


def _drop(lock: Path) -> None:
    for path in lock.parent.glob(f"{lock.stem}.*"):
        path.unlink(missing_ok=True)


def _keep_template(database: Path, template: Path) -> None:
    """Keep a copy of the migrated *database*, whole, for the runs to come."""
    part = part_of(template)
    with contextlib.closing(sqlite3.connect(database)) as source, contextlib.closing(sqlite3.connect(part)) as copy:
        source.backup(copy)
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.replace(template)


def _serve(database: Path, template: Path) -> None:
    import uvicorn
    from prefect.server.api.server import create_app

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            if not self.should_exit:
                if not template.exists():
                    _keep_template(database, template)
                tether.say_ready(f"http://127.0.0.1:{listener.getsockname()[1]}/api")
            else:
                template.unlink(missing_ok=True)  # it may be damaged; the next run makes a new one

    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(uvicorn.Config(create_app(ephemeral=True, final=True), log_level="error", lifespan="on"))

    server.run(sockets=[listener])


if __name__ == "__main__":
    main()
