"""The studio as a whole: its parts, opened and closed together, one a data folder."""

import asyncio
import fcntl
import os
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from nightreel.errors import StudioBusy
from nightreel.files import sync_folder
from nightreel.studio import accounts, links, media, sessions
from nightreel.studio.bodies import Received
from nightreel.studio.keeper import ENDPOINT, LOCK, local_token
from nightreel.studio.links import Links
from nightreel.studio.options import StudioOptions
from nightreel.studio.performer import Performer
from nightreel.studio.render_queue import RenderQueue
from nightreel.studio.sessions import Asset
from nightreel.studio.store import Store
from nightreel.studio.work import Work


@dataclass(frozen=True)
class Studio:
    """What the handlers work with."""

    options: StudioOptions
    store: Store
    links: Links
    performer: Performer
    queue: RenderQueue

    @property
    def incoming(self) -> Path:
        """Where uploads stand while they come in."""
        return self.options.data / "incoming"

    @property
    def assets(self) -> Path:
        """Where uploads stand once they are taken."""
        return self.options.data / "assets"

    def now(self) -> float:
        """Return seconds since the epoch."""
        return self.options.clock.now().timestamp()

    async def keep(self, account: str, session: str, received: Sequence[Received]) -> list[Asset]:
        """Look at received files and add them to the session: all of them, or none.

        Raises:
            Refused: 4001 one is of a type that is not taken; 1002 the session is gone.
        """
        kept: list[Path] = []
        try:
            assets = [await asyncio.to_thread(_look, file) for file in received]
            for asset, file in zip(assets, received, strict=True):
                target = self.assets / asset.file
                await asyncio.to_thread(_settle, file.path, target)
                kept.append(target)
            await self.store.run(sessions.add_assets, account, session, assets)
        except BaseException:
            for path in (*kept, *(file.path for file in received)):
                path.unlink(missing_ok=True)
            raise
        return assets


@asynccontextmanager
async def open_studio(options: StudioOptions) -> AsyncGenerator[Studio, None]:
    """Open the studio of a data folder, go on with what the last one has left, and close it at the end.

    Raises:
        StudioBusy: another one holds the folder.
        SchemaError: it was written by a newer one.
    """
    data = options.data
    for folder in ("assets", "incoming"):
        (data / folder).mkdir(parents=True, exist_ok=True)
    with _lock(data):
        (data / ENDPOINT).unlink(missing_ok=True)  # of one that was killed: nobody listens there any more
        for file in (data / "incoming").iterdir():
            if file.is_file():
                file.unlink()
        store = Store(data / "studio.db")
        work = Work()
        try:
            now = options.clock.now().timestamp()
            token = local_token(data)
            await store.run(accounts.open_local, token.get_secret_value(), options.local_credits, now)
            secret = await store.run(links.load_secret)
            studio = Studio(
                options,
                store,
                Links(secret, options.clock, options.link_seconds),
                Performer(store, options, work),
                RenderQueue(store, options, work),
            )
            await studio.performer.resume()
            await studio.queue.resume()
            yield studio
        finally:
            await work.close()
            store.close()


@contextmanager
def _lock(data: Path) -> Generator[None, None, None]:
    """Hold the data folder; the system lets go of it when we end, however that happens."""
    with (data / LOCK).open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StudioBusy(
                f"Another studio is using {data}.", hint="Use that one, or give this one another folder with --data."
            ) from None
        yield


def _look(file: Received) -> Asset:
    return sessions.new_asset(file.name, media.probe(file.path, file.name, size=file.size, sha256=file.sha256))


def _settle(part: Path, target: Path) -> None:
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(target)
    sync_folder(target.parent)
