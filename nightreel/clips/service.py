"""What the steps ask of their neighbours: the service's client and the photo intake, as protocols.

`nightreel.nemo.NemoClient` and `nightreel.images.Intake` are what stands behind them.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from nightreel.images import Ready
from nightreel.models import Colour, Credits, Photo
from nightreel.nemo import ClaimLink, Download, Reply, UploadFile, wire
from nightreel.nemo.download import MAX_VIDEO_BYTES
from nightreel.nemo.stream import OnEvent
from nightreel.nemo.upload import OnProgress


class Service(Protocol):
    """The video service; each method as in `NemoClient`."""

    @property
    def top_up(self) -> str:
        """How the account comes by credits, as a sentence."""
        ...

    async def open_session(self, name: str = "project", language: str = "en") -> wire.SessionData:
        """Open an editing session."""
        ...

    async def upload(
        self, session_id: str, files: Sequence[UploadFile], progress: OnProgress | None = None
    ) -> list[wire.UploadedFile]:
        """Upload files, once."""
        ...

    async def state(self, session_id: str) -> wire.State:
        """Read a session's state."""
        ...

    async def credits(self) -> Credits:
        """Read the balance."""
        ...

    async def send(
        self,
        session_id: str,
        prompt: str,
        on_event: OnEvent | None = None,
        *,
        before: Callable[[], None] | None = None,
    ) -> Reply:
        """Send a prompt, once, and listen until the stream ends."""
        ...

    async def submit_render(
        self, render_id: str, session_id: str, draft: Mapping[str, Any], quality: str = "high"
    ) -> wire.RenderJob:
        """Submit an export under our own id, once."""
        ...

    async def claim_link(self, session: wire.SessionData) -> ClaimLink:
        """Return a session's link for a browser."""
        ...

    async def render(self, render_id: str) -> wire.RenderJob:
        """Read an export's status."""
        ...

    async def download(
        self,
        render_id: str,
        to: Path,
        url: str = "",
        max_bytes: int = MAX_VIDEO_BYTES,
        progress: OnProgress | None = None,
    ) -> Download:
        """Download a finished export; the file appears whole."""
        ...


class Photos(Protocol):
    """The photo intake."""

    async def probe(self, path: Path, name: str) -> Photo:
        """Look at a photo, which people know as *name*."""
        ...

    async def normalise(self, photo: Photo, *, background: Colour | None = ...) -> Ready:
        """Return the photo as every engine takes it; what shows through its transparent parts, None keeps them."""
        ...
