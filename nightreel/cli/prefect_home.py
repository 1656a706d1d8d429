"""The Prefect server of `nightreel up`, a child process: `python -m nightreel.cli.prefect_home FOLDER PORT VIDEOS`.

Unlike the one that a run brings along, it keeps what happens: its database stays in the home folder, and is only
begun from the migrated, empty template. It has the UI and all services, and shows the videos below `/videos`.
"""

import os
import shutil
import socket
import sys
from functools import partial
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

from nightreel import tether
from nightreel.files import part_of

VIDEOS = "/videos"
"""Where the server shows the output folder: the UI cannot open files."""

DATABASE = "server.db"


def main() -> None:
    """Serve until the parent lets go of the tether."""
    folder, port, videos = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    listener = socket.create_server(("127.0.0.1", port), reuse_port=False)
    database = folder / DATABASE
    _begin(database, folder / "runs" / f"template-{version('prefect')}.sqlite")
    os.environ["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = f"sqlite+aiosqlite:///{quote(str(database))}"
    os.environ["PREFECT_SERVER_UI_API_URL"] = f"http://127.0.0.1:{listener.getsockname()[1]}/api"
    _use_one_connection()
    _serve(listener, videos)


def _begin(database: Path, template: Path) -> None:
    """Begin a new database from the *template*: its migrations take longer than everything else."""
    if not database.exists() and template.exists():
        part = part_of(database)
        shutil.copyfile(template, part)
        part.replace(database)


def _use_one_connection() -> None:
    """Have Prefect open its SQLite file once, as it does one in memory: fifteen times, it waits for itself.

    With tens of clips in flight its requests then stand still for a minute, and fail. No setting of Prefect's says
    how many connections a file gets.
    """
    from prefect.server.database import configurations
    from sqlalchemy.ext.asyncio import create_async_engine

    once = partial(create_async_engine, pool_size=1, max_overflow=0)
    configurations.create_async_engine = once  # pyright: ignore[reportPrivateImportUsage] - there is no other way


def _serve(listener: socket.socket, videos: Path) -> None:
    import uvicorn
    from prefect.server.api.server import create_app
    from starlette.routing import Mount
    from starlette.staticfiles import StaticFiles

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            if not self.should_exit:
                tether.say_ready(f"http://127.0.0.1:{listener.getsockname()[1]}")

    app = create_app(final=True)
    app.router.routes.insert(0, Mount(VIDEOS, StaticFiles(directory=videos, check_dir=False)))
    server = Server(uvicorn.Config(app, log_level="error", lifespan="on", timeout_graceful_shutdown=3))

    def farewell() -> None:
        server.should_exit = True

    tether.end_with_parent(farewell)
    server.run(sockets=[listener])


if __name__ == "__main__":
    main()
