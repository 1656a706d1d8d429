"""The ephemeral Prefect server, as a child process: `python -m nightreel.cli.prefect_server FOLDER`.

Its database is in memory, and goes with it: no two runs share one, and a killed run leaves no run "Running". The
journal, not Prefect's database, is what a next run reads. In a file, tens of clips at once had Prefect wait for its
own locks, a minute at a time, until a request failed; in memory there is one connection, and nothing to wait for.
Migrations take longer than most nights' planning, so what they make is kept in FOLDER as a template.
"""

import contextlib
import os
import socket
import sqlite3
import sys
from importlib.metadata import version
from pathlib import Path

from nightreel import tether
from nightreel.files import part_of

_MEMORY = "file::memory:?cache=shared"


def main() -> None:
    """Serve until the parent lets go of the tether; then nothing of ours is worth a graceful end."""
    tether.end_with_parent(lambda: os._exit(0))
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    template = folder / f"template-{version('prefect')}.sqlite"
    with contextlib.closing(sqlite3.connect(_MEMORY, uri=True)) as database:  # held open: it lasts as long
        _fill(database, template)
        os.environ["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = f"sqlite+aiosqlite:///{_MEMORY}&uri=true"
        _serve(database, template)


def _fill(database: sqlite3.Connection, template: Path) -> None:
    """Copy the migrated, empty *template* into *database*; a damaged one goes, and all is migrated anew."""
    if template.exists():
        try:
            with contextlib.closing(sqlite3.connect(template)) as source:
                source.backup(database)
        except sqlite3.DatabaseError:
            template.unlink(missing_ok=True)


def _keep(database: sqlite3.Connection, template: Path) -> None:
    """Keep the migrated *database* as *template*, whole, for the runs to come."""
    part = part_of(template)
    with contextlib.closing(sqlite3.connect(part)) as copy:
        database.backup(copy)
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.replace(template)


def _serve(database: sqlite3.Connection, template: Path) -> None:
    import uvicorn
    from prefect.server.api.server import create_app

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            if not self.should_exit:
                if not template.exists():
                    _keep(database, template)
                tether.say_ready(f"http://127.0.0.1:{listener.getsockname()[1]}/api")
            else:
                template.unlink(missing_ok=True)  # it may be damaged; the next run makes a new one

    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(uvicorn.Config(create_app(ephemeral=True, final=True), log_level="error", lifespan="on"))
    server.run(sockets=[listener])


if __name__ == "__main__":
    main()
