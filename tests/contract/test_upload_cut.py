"""An upload that is cut at any byte, on a real socket: its session has all of it or nothing; the next one has it."""

import asyncio
import contextlib
import hashlib
import io
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from nightreel.clock import ManualClock
from nightreel.errors import OutcomeUnknown
from nightreel.nemo import NemoClient, UploadFile
from nightreel.settings import load_settings

Serve = Callable[..., AbstractContextManager[str]]
NEVER = 1 << 30


class Knife:
    """Stands between client and service; passes *left* bytes of each request on, then cuts both connections."""

    def __init__(self, service: str) -> None:
        self._host, _, port = service.removeprefix("http://").partition(":")
        self._port = int(port)
        self.left = NEVER
        self.lines = set[asyncio.Task[None]]()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection, and keep hold of it."""
        self.lines.add(asyncio.create_task(self._carry(reader, writer)))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, service = await asyncio.open_connection(self._host, self._port)
        answers = asyncio.create_task(self._back(there, writer))
        left = self.left
        with contextlib.suppress(OSError):
            while left and (piece := await reader.read(min(left, 8192))):
                service.write(piece)
                await service.drain()
                left -= len(piece)
        if not left:
            answers.cancel()
            writer.transport.abort()
        service.close()
        await asyncio.gather(answers, return_exceptions=True)

    async def _back(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await there.read(8192):
            writer.write(piece)
        writer.close()


@asynccontextmanager
async def _knife(service: str) -> AsyncGenerator[tuple[Knife, str]]:
    knife = Knife(service)
    server = await asyncio.start_server(knife.accept, "127.0.0.1", 0)
    try:
        yield knife, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await asyncio.gather(*knife.lines)


async def _attempt(service: str, photos: list[UploadFile], cut: int) -> tuple[int, int]:
    """Upload with the knife, then again to another session; return how many files each session has."""
    async with _knife(service) as (knife, url):
        straight = NemoClient(load_settings(api_url=service), clock=ManualClock())
        through = NemoClient(load_settings(api_url=url), clock=ManualClock())
        async with straight, through:
            first, second = await straight.open_session(), await straight.open_session()
            knife.left = cut
            try:
                await through.upload(first.session_id, photos)
            except OutcomeUnknown:
                knife.left = NEVER
                await through.upload(second.session_id, photos)
            states = [await straight.state(session.session_id) for session in (first, second)]
    return len(states[0].video_infos), len(states[1].video_infos)


def test_a_cut_upload_harms_nothing(serve: Serve, tmp_path: Path) -> None:
    """Whichever byte is the last: no photo is there half, none is lost, and none is in a session twice."""
    photos = [_photo(tmp_path / f"{number}.jpg", number) for number in range(2)]
    size = sum(photo.path.stat().st_size for photo in photos)

    with serve() as service:

        @settings(max_examples=25, deadline=None)
        @given(cut=st.integers(1, size + 1200))
        @example(cut=1)
        @example(cut=size)
        def cut_there(cut: int) -> None:
            before, after = asyncio.run(_attempt(service, photos, cut))
            assert (before, after) in {(0, 2), (2, 2), (2, 0)}, "all or nothing, and then all of it once"
            assert before == 0 or cut > size, "less than the photos is no upload"

        cut_there()


def _photo(path: Path, number: int) -> UploadFile:
    data = io.BytesIO()
    Image.effect_noise((160, 160), 80 + number).save(data, format="JPEG", quality=95)
    path.write_bytes(data.getvalue())
    return UploadFile(path, path.name, "image/jpeg", hashlib.sha256(data.getvalue()).hexdigest())
