"""Keeps a journal of today's schema, in the middle of a night, for the versions to come.

Before a new migration is written: `python -m tests.unit.clips.journals.keep`, and commit the folder that it makes.
Its clips stand where a runner was killed or had to give up; `test_clips_replays.py` has each of them made by the code
of the day.
"""

import asyncio
import gzip
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import pytest
from PIL import Image

from nightreel.clock import ManualClock
from nightreel.errors import NightreelError, StreamLost
from nightreel.images import probe
from nightreel.ledger import migrating
from nightreel.models import Clip, Format, Photo
from tests.unit.clips.conftest import Bench, FakeService, Fuse, Killed, set_stage

HERE = Path(__file__).parent
PHOTO = "photo.jpg"
PRODUCTS = ("made", "half-uploaded", "uploaded", "cut-unseen", "prompt-lost", "rendering", "person")
"""Where each clip was left: the names of their products."""


def clip_of(product: str, photo: Photo) -> Clip:
    """Return the clip that the night asks for."""
    return Clip(product=product, format=Format.VERTICAL, photos=(photo,), prompt=f"Show {product}.", title="Clay mug")


class Night:
    """A night on one journal, whose runner is killed again and again."""

    def __init__(self, folder: Path, photo: Photo) -> None:
        self.fuse = Fuse()
        self.photo = photo
        clock = ManualClock()
        self.service = FakeService(clock)
        self.bench = Bench(folder, clock, self.service, clip_of("made", photo), budget=500)

    async def go_by(self) -> None:
        """Leave each clip where its name says."""
        await self._make("made")
        await self._make("half-uploaded", upload=("after", self._killed))
        await self._make("uploaded", state=("before", self._killed))
        await self._make("cut-unseen", send=("after", self._killed))
        await self._make("prompt-lost", send=("before", self._killed))
        await self._make("rendering", submit_render=("after", self._killed))
        for _ in range(2):
            await self._make("person", send=("before", lambda: StreamLost("the stream broke")))

    async def _make(self, product: str, **faults: tuple[str, Callable[[], NightreelError]]) -> None:
        calls = self.service.calls
        self.service.faults = {(name, calls.count(name) + n): fault for name, fault in faults.items() for n in (1, 2)}
        self.fuse.at = 0
        self.bench.clip = clip_of(product, self.photo)
        with suppress(Killed, NightreelError):
            await self.bench.make(self.fuse)

    def _killed(self) -> NightreelError:
        """Kill the process: it writes nothing more, not even that it gives its clip back."""
        self.fuse.at = 1
        return cast("NightreelError", Killed())


def keep(folder: Path) -> None:
    """Keep journal, photo and the service's memory in *folder*."""
    folder.mkdir()
    Image.linear_gradient("L").resize((64, 80)).save(folder / PHOTO)
    with TemporaryDirectory() as there, pytest.MonkeyPatch.context() as patch:
        set_stage(patch)
        patch.setattr("nightreel.ledger.owner._machine", lambda: "studio-1/pid:[4026531836]")
        source = Path(there) / "source" / PHOTO
        source.parent.mkdir()
        source.write_bytes((folder / PHOTO).read_bytes())
        night = Night(Path(there), probe(source, PHOTO))
        asyncio.run(night.go_by())
        journal = (Path(there) / "home" / "nightreel.db").read_bytes()
    (folder / "nightreel.db.gz").write_bytes(gzip.compress(journal, mtime=0))
    (folder / "service.json").write_text(json.dumps(_memory(night.service), indent=1) + "\n", encoding="utf-8")


def _memory(service: FakeService) -> dict[str, object]:
    return {
        "now": service.clock.now().isoformat(),
        "sessions": {name: asdict(session) for name, session in service.sessions.items()},
        "renders": service.renders,
        "bill": service.bill,
    }


if __name__ == "__main__":
    keep(HERE / migrating.HEAD)
