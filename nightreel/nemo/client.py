"""The one client of the service, for the cloud and the studio alike."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from nightreel.clock import Clock, SystemClock
from nightreel.errors import OutcomeUnknown
from nightreel.models import Credits
from nightreel.nemo import wire
from nightreel.nemo.answers import top_up
from nightreel.nemo.asks import Ask, Kind, nothing, path_of
from nightreel.nemo.caller import Caller, Origin
from nightreel.nemo.download import MAX_VIDEO_BYTES, Download, Target
from nightreel.nemo.exchange import Observer
from nightreel.nemo.fetch import Fetcher
from nightreel.nemo.redact import guard_logs
from nightreel.nemo.stream import Listener, OnEvent, Reply
from nightreel.nemo.transport import Patience, open_http
from nightreel.nemo.upload import OnProgress, Upload, UploadFile, check_files
from nightreel.settings import CLOUD_URL, Settings


@dataclass(frozen=True)
class ClaimLink:
    """A session's link for a browser; *expires_in* in seconds. Whoever has the link has the session."""

    url: str
    expires_in: int


class NemoClient:
    """Speaks to the service. Use it as `async with NemoClient(settings) as nemo`.

    Every method raises the classes of :mod:`nightreel.errors`; reads and unsent requests are repeated within a
    budget, a paid or once-only request never after a byte of it has left.

    Args:
        settings: token, client id, attribution, where things are kept.
        clock: all waits and deadlines go through it.
        origin: returns the base URL, asked before every request; the settings' own, or the cloud.
        token: the account's own; wins over the settings'.
        transport: instead of sockets.
        patience: how long things may take.
        observer: told of each attempt, as it went over the wire.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        origin: Origin | None = None,
        token: SecretStr | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        patience: Patience | None = None,
        observer: Observer | None = None,
    ) -> None:
        guard_logs()
        self._clock = clock or SystemClock()
        self._patience = patience or Patience()
        self._web = settings.web_url.rstrip("/")
        self._caller = Caller(
            settings,
            self._clock,
            origin or _fixed(settings.api_url or CLOUD_URL),
            token,
            transport,
            self._patience,
            observer,
        )
        self._plain = open_http(transport)
        self._fetcher = Fetcher(self._caller, self._plain)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._plain.aclose()
        await self._caller.aclose()

    @property
    def anonymous(self) -> bool:
        """Whether the account is an anonymous one."""
        return self._caller.auth.anonymous

    @property
    def top_up(self) -> str:
        """How the account comes by credits, as a sentence; names the link where an anonymous one is registered."""
        return top_up(self._caller.auth.register)

    # ------------------------------------------------------------------- session

    async def open_session(self, name: str = "project", language: str = "en") -> wire.SessionData:
        """Open an editing session. One whose answer is lost stays behind, empty, and costs nothing."""
        body = wire.SessionRequest(task_name=name, language=language)
        ask = self._ask("POST", wire.PATH_SESSION, "opening a session", json=body.model_dump())
        return await self._caller.data(ask, wire.SessionData.model_validate)

    async def claim_link(self, session: wire.SessionData) -> ClaimLink:
        """Return *session*'s link for a browser."""
        body = wire.ClaimRequest(task_id=session.task_id, session_id=session.session_id)
        ask = self._ask("POST", wire.PATH_CLAIM, "the claim link", json=body.model_dump())
        data = await self._caller.data(ask, wire.ClaimData.model_validate)
        return ClaimLink(f"{self._web}/workspace/claim?ct={quote(data.claim_token, safe='')}", data.expires_in)

    async def state(self, session_id: str) -> wire.State:
        """Read a session's state."""
        ask = self._ask("GET", path_of(wire.PATH_STATE, session_id=session_id), "the state")
        return await self._caller.data(ask, _state)

    async def credits(self) -> Credits:
        """Read the balance."""
        data = await self._caller.data(
            self._ask("GET", wire.PATH_BALANCE, "the balance"), wire.BalanceData.model_validate
        )
        return Credits(available=data.available, held=data.frozen, total=data.total)

    # ------------------------------------------------------------------- upload

    async def upload(
        self, session_id: str, files: Sequence[UploadFile], progress: OnProgress | None = None
    ) -> list[wire.UploadedFile]:
        """Upload *files* in one request, streamed; sent once.

        Raises:
            UnsupportedFile, FileTooLarge: before a byte is sent, or by the service.
            PhotoChanged: a file is not the planned one; the service was not given the whole request.
            OutcomeUnknown: they may be there or not; a repeat could put them in twice.
        """
        check_files(files)
        if not files:
            return []
        ask = Ask(
            "POST",
            path_of(wire.PATH_UPLOAD, session_id=session_id),
            "the upload",
            Kind.ONCE,
            files=Upload(files, progress).parts,
            seconds=self._patience.transfer,
        )
        return (await self._caller.data(ask, wire.UploadData.model_validate)).files

    async def upload_urls(self, session_id: str, urls: Sequence[str]) -> list[wire.UploadedFile]:
        """Have the service fetch *urls* itself; sent once."""
        path, body = path_of(wire.PATH_UPLOAD, session_id=session_id), wire.UploadUrls(urls=list(urls))
        seconds = self._patience.transfer
        ask = Ask("POST", path, "the upload by URL", Kind.ONCE, json=body.model_dump(), seconds=seconds)
        return (await self._caller.data(ask, wire.UploadData.model_validate)).files

    # ------------------------------------------------------------------- message

    async def send(
        self,
        session_id: str,
        prompt: str,
        on_event: OnEvent | None = None,
        *,
        before: Callable[[], None] | None = None,
    ) -> Reply:
        """Send *prompt*, once, and listen until the stream ends. That end proves nothing: read the state.

        Args:
            session_id: the session, in which no other prompt is under way.
            prompt: what is asked for.
            on_event: told how the run goes on, and every two minutes that it is waited for.
            before: called before a byte is sent, after a rate limit too; what it raises calls the prompt off.

        Raises:
            Unsent: no byte left, in spite of repeats.
            StreamLost, OutcomeUnknown: what came of it must be read from the state.
            AgentFailed: the stream held an error; the spend is checked before it is released.
        """
        ask = Ask(
            "POST",
            wire.PATH_RUN,
            "the prompt",
            Kind.ONCE,
            json=wire.RunRequest.of(session_id, prompt).model_dump(),
            headers={"Accept": "text/event-stream", "Cache-Control": "no-store"},
            before=before or nothing,
        )

        async def listen(response: httpx.Response) -> Reply:
            if response.status_code != HTTPStatus.OK or "event-stream" not in response.headers.get(
                "content-type", ""
            ):
                raise await self._caller.refusal(response, ask) or OutcomeUnknown(
                    "The prompt: no event stream came.", hint="Read the state before anything is sent."
                )
            return await Listener(self._clock, self._patience, on_event, self._caller.auth.register).listen(response)

        return await self._caller.exchange(ask, listen)

    # ------------------------------------------------------------------- export

    async def submit_render(
        self, render_id: str, session_id: str, draft: Mapping[str, Any], quality: str = "high"
    ) -> wire.RenderJob:
        """Submit an export under an id of our own; sent once. The draft goes back as it came.

        Raises:
            DuplicateRender: the id is known: if it is ours, it was taken.
            OutcomeUnknown: look whether :meth:`render` knows the id.
        """
        body = wire.RenderRequest(
            id=render_id, sessionId=session_id, draft=dict(draft), output=wire.RenderOutput(quality=quality)
        )
        ask = self._ask("POST", wire.PATH_RENDER, "the export", Kind.ONCE, json=body.model_dump(by_alias=True))
        return await self._caller.bare(ask, lambda found: _submitted(found, render_id))

    async def render(self, render_id: str) -> wire.RenderJob:
        """Read an export's status. An id that is not known raises RequestRefused with status 404."""
        ask = self._ask("GET", path_of(wire.PATH_RENDER_JOB, render_id=render_id), "the export's status")
        return await self._caller.bare(ask, wire.RenderJob.read)

    async def cancel_render(self, render_id: str) -> None:
        """Cancel an export; its status tells what came of it."""
        ask = self._ask("POST", path_of(wire.PATH_RENDER_CANCEL, render_id=render_id), "the cancellation")
        await self._caller.bare(ask, lambda _: None)

    async def download(
        self,
        render_id: str,
        to: Path,
        url: str = "",
        max_bytes: int = MAX_VIDEO_BYTES,
        progress: OnProgress | None = None,
    ) -> Download:
        """Download a finished export to *to*, which appears whole: by *url*, a fresh link, or the fallback path."""

        async def fresh() -> str:
            return (await self.render(render_id)).url

        return await self._fetcher.fetch(render_id, url, Target(to, max_bytes, progress), fresh)

    # ------------------------------------------------------------------- pieces

    def _ask(self, method: str, path: str, what: str, kind: Kind = Kind.READ, json: object = None) -> Ask:
        return Ask(method, path, what, kind, json=json, seconds=self._patience.answer)


def _fixed(address: str) -> Callable[[], Awaitable[str]]:
    async def origin() -> str:
        return address

    return origin


def _state(data: object) -> wire.State:
    """Read a state; what is null in it is empty."""
    state = cast("dict[str, Any]", data).get("state") if isinstance(data, dict) else None
    if state is None:
        return wire.State()
    if not isinstance(state, dict):
        raise ValueError("the state is no object")
    given = cast("dict[str, Any]", state)
    return wire.State.model_validate({name: value for name, value in given.items() if value is not None})


def _submitted(body: object, render_id: str) -> wire.RenderJob:
    """Read the answer to a submit; a success that says nothing of the job means that it waits."""
    try:
        return wire.RenderJob.read(body)
    except ValueError:
        if not isinstance(body, dict):
            raise
        return wire.RenderJob(id=render_id, status=wire.RenderStatus.PENDING)
