"""Every fault at every endpoint that it can meet, on a real socket: what a bare client sees, and what was done."""

import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import count
from typing import Any

import httpx
import pytest

from nightreel.clock import ManualClock
from nightreel.nemo.wire import Code
from nightreel.studio import server, sessions
from nightreel.studio.accounts import LOCAL
from nightreel.studio.faults import KINDS, Endpoint, Fault, Schedule
from nightreel.studio.studio import Studio

Outcome = httpx.Response | httpx.TransportError
Call = tuple[str, str, dict[str, Any]]

PHOTO = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415478da63606060000000040001f61738"
    "550000000049454e44ae426082"
)
"""A PNG of one pixel."""

EFFECTS: Mapping[Endpoint, str] = {
    Endpoint.TOKEN: "SELECT count(*) FROM tokens",
    Endpoint.CLAIM: "SELECT count(*) FROM claims",
    Endpoint.SESSION: "SELECT count(*) FROM sessions",
    Endpoint.UPLOAD: "SELECT count(*) FROM assets",
    Endpoint.RUN: "SELECT count(*) FROM runs",
    Endpoint.SUBMIT: "SELECT count(*) FROM renders",
}
"""What grows when a request is carried out."""


@dataclass
class World:
    """A studio with one finished session and one that nothing was asked of, and two ways to it.

    Attributes:
        clean: reaches it past all faults.
        broken: reaches it over a socket.
        link: path and query of the finished export's download.
    """

    studio: Studio
    clean: Any
    broken: Any
    finished: str = ""
    fresh: str = ""
    draft: dict[str, Any] = field(default_factory=dict[str, Any])
    link: str = ""
    task: str = ""

    async def prepare(self) -> None:
        """Make the sessions and an export."""
        self.finished, self.draft = await self.clean.made()
        self.fresh = await self.clean.session(1)
        await self.clean.submit("render_1", self.finished, self.draft)
        self.link = httpx.URL((await self.clean.ended("render_1"))["outputUrl"]).raw_path.decode()
        self.task = (await self.studio.store.run(sessions.find, LOCAL, self.finished)).task

    def call(self, place: Endpoint) -> Call:
        """Return a request at *place* that can be carried out."""
        prompt = {"parts": [{"text": "Create a 10-second video"}]}
        export = {"id": "render_2", "sessionId": self.finished, "draft": self.draft}
        photo = {"files": ("a.png", PHOTO, "image/png")}
        ids = {"task_id": self.task, "session_id": self.finished}
        calls: dict[Endpoint, Call] = {
            Endpoint.TOKEN: ("POST", "/api/auth/anonymous-token", {"headers": {"X-Client-Id": "somebody"}}),
            Endpoint.CLAIM: ("POST", "/api/auth/claim-token", {"json": ids}),
            Endpoint.SESSION: ("POST", "/api/tasks/me/with-session/nemo_agent", {"json": {"task_name": "project"}}),
            Endpoint.UPLOAD: ("POST", f"/api/upload-video/nemo_agent/me/{self.finished}", {"files": photo}),
            Endpoint.RUN: ("POST", "/run_sse", {"json": {"session_id": self.fresh, "new_message": prompt}}),
            Endpoint.STATE: ("GET", f"/api/state/nemo_agent/me/{self.finished}/latest", {}),
            Endpoint.BALANCE: ("GET", "/api/credits/balance/simple", {}),
            Endpoint.SUBMIT: ("POST", "/api/render/proxy/lambda", {"json": export}),
            Endpoint.POLL: ("GET", "/api/render/proxy/lambda/render_1", {}),
            Endpoint.CANCEL: ("POST", "/api/render/proxy/lambda/render_1/cancel", {}),
            Endpoint.LINK: ("GET", self.link, {}),
            Endpoint.DOWNLOAD: ("GET", "/api/render/proxy/render_1/download", {}),
        }
        return calls[Endpoint.POLL if place is Endpoint.RESULT else place]

    async def meet(self, place: Endpoint, timeout: float = 10) -> Outcome:  # noqa: ASYNC109 - httpx's own
        """Send a request to *place* over the socket; return what comes of it."""
        method, path, named = self.call(place)
        if place is not Endpoint.LINK:  # which is followed without a bearer
            named["headers"] = {**self.broken.headers, **named.get("headers", {})}
        try:
            return await self.broken.http.request(method, path, **named, timeout=timeout)
        except httpx.TransportError as error:
            return error

    async def effect(self, place: Endpoint) -> int:
        """Return how much there is of what a request at *place* makes."""
        statement = EFFECTS.get(place, "SELECT 0")
        return int(await self.studio.store.run(lambda db: db.execute(statement).fetchone()[0]))

    async def last(self) -> tuple[str, int, str]:
        """Return the last fault that happened: where, to which request, which."""
        told = (await self.broken.call("GET", "/studio/faults")).json()[-1]
        return told["endpoint"], told["n"], told["fault"]


def schedule(fault: Fault, *places: Endpoint, first: int = 1) -> Schedule:
    """Return one in which the *first* requests at each of *places* meet *fault*."""
    mine = (Schedule(seed, frozenset({fault}), share=1.0) for seed in count())
    cells = [(place, _subject(place), n) for place in places for n in range(1, first + 1)]
    return next(it for it in mine if all(it.at(*cell) is fault for cell in cells))


def _subject(place: Endpoint) -> str:
    return "" if place in {Endpoint.TOKEN, Endpoint.BALANCE} else "project"


Wired = Callable[..., Any]


@pytest.fixture
def faulty(wired: Wired) -> Wired:
    """Return `faulty(schedule, **options)`: an open world with its faults, on a socket; its time passes at once."""

    @asynccontextmanager
    async def open_(due: Schedule | None, **options: Any) -> AsyncGenerator[World, None]:  # noqa: ANN401 - of any type
        async with wired(due, **{"clock": ManualClock(), **options}) as both:
            yield World(both.studio, both.clean, both.broken)

    return open_


# --------------------------------------------------------------------------- what a bare client sees

See = Callable[[httpx.Response], bool]

BROKEN: Mapping[Fault, type[httpx.TransportError]] = {
    Fault.CLOSED_UNREAD: httpx.TransportError,  # as it was sent, or before: both are seen
    Fault.CLOSED_UNANSWERED: httpx.RemoteProtocolError,
    Fault.RESET_UNANSWERED: httpx.ReadError,
    Fault.RESET_HEAD: httpx.ReadError,
    Fault.RESET_BODY: httpx.ReadError,
    Fault.RESET_STREAM: httpx.ReadError,
    Fault.LENGTH_TOO_LONG: httpx.RemoteProtocolError,
    Fault.SILENCE: httpx.ReadTimeout,
}
"""Faults after which there is no whole answer, and how httpx calls that."""


def refused(status: int, code: int = 0, *, header: str = "") -> See:
    """Return whether an answer has this status, this code where it has one, and this header where one is named."""
    return lambda it: (
        it.status_code == status and (not code or it.json()["code"] == code) and (not header or header in it.headers)
    )


def failed(it: httpx.Response) -> bool:
    """A 5xx, in JSON or as a page."""
    return it.status_code in {500, 502, 503, 504} and (it.text.startswith("<html>") or it.json()["data"] is None)


def cut_off(it: httpx.Response) -> bool:
    """200, with the length that it says, and no JSON: or half of a video."""
    half = it.content.startswith((b'{"', b"\0\0\0"))
    with contextlib.suppress(ValueError):
        return not it.json()
    return it.status_code == 200 and half and int(it.headers["content-length"]) == len(it.content)


def streamed(*, result: bool, error: bool = False, ends_with: bytes = b"\n\n", has: bytes = b"") -> See:
    """Return whether a stream came: whether a tool's result is in it, an error, these last bytes, these ones."""

    def see(it: httpx.Response) -> bool:
        body = it.content
        fits = body.endswith(ends_with) and has in body and it.headers["content-type"].startswith("text/event-stream")
        return fits and (b"functionResponse" in body) is result and (b'"error' in body) is error

    return see


SEEN: Mapping[Fault, See] = {
    Fault.LIMITED: lambda it: refused(429, 429)(it) and "retry-after" not in it.headers,
    Fault.LIMITED_SECONDS: lambda it: refused(429, 429)(it) and 1 <= int(it.headers["retry-after"]) <= 20,
    Fault.LIMITED_DATE: lambda it: refused(429, 429)(it) and it.headers["retry-after"].endswith(" GMT"),
    Fault.ERROR_BEFORE: failed,
    Fault.ERROR_AFTER: failed,
    Fault.CLOSED_BEHIND: lambda it: it.status_code == 200 and "close" not in it.headers.get("connection", ""),
    Fault.SLOW_DRIP: lambda it: it.status_code == 200 and len(it.content) > 0,
    Fault.MALFORMED_JSON: cut_off,
    Fault.LENGTH_TOO_SHORT: cut_off,
    Fault.ENCODED: lambda it: it.status_code == 200 and it.headers["content-encoding"] == "gzip",
    Fault.TOKEN_EXPIRED: refused(401, Code.TOKEN_REJECTED),
    Fault.SESSION_VANISHED: refused(404, Code.SESSION_NOT_FOUND),
    Fault.SILENT_END_UNDONE: streamed(result=False),
    Fault.SILENT_END_DONE: streamed(result=False),
    Fault.HEARTBEATS_UNDONE: streamed(result=False, has=b": heartbeat\n\ndata:\n\n: heartbeat\n\n"),
    Fault.HEARTBEATS_DONE: streamed(result=False, has=b": heartbeat\n\ndata:\n\n: heartbeat\n\n"),
    Fault.MALFORMED_FRAME: streamed(result=True, has=b'"Your pho\n\n'),
    Fault.CUT_FRAME: streamed(result=False, ends_with=b'"Your pho'),
    Fault.ERROR_FRAME_UNDONE: streamed(result=False, error=True),
    Fault.ERROR_FRAME_DONE: streamed(result=True, error=True),
    Fault.DUPLICATE_ID: refused(409),
    Fault.RENDER_FAILED: refused(200),
    Fault.LATE_STATUS: lambda it: (
        it.json()["data"]["status"] == "processing" and "outputUrl" not in it.json()["data"]
    ),
    Fault.LINK_EXPIRED: refused(403),
    Fault.REDIRECT: refused(302, header="location"),
}
"""Faults with an answer, and what is wrong with it."""

UNDONE = {
    *(Fault.LIMITED, Fault.LIMITED_SECONDS, Fault.LIMITED_DATE, Fault.ERROR_BEFORE, Fault.CLOSED_UNREAD),
    *(Fault.CLOSED_UNANSWERED, Fault.RESET_UNANSWERED, Fault.TOKEN_EXPIRED, Fault.SESSION_VANISHED),
    *(Fault.SILENT_END_UNDONE, Fault.HEARTBEATS_UNDONE, Fault.ERROR_FRAME_UNDONE),
}
"""Faults after which nothing was done; after all others it was."""

CELLS = [
    pytest.param(fault, sorted(KINDS[fault].places), id=fault) for fault in Fault if fault != Fault.COMPLETED_EARLY
]


@pytest.mark.parametrize(("fault", "places"), CELLS)
async def test_every_fault_is_seen_and_written_down(faulty: Wired, fault: Fault, places: list[Endpoint]) -> None:
    """At each endpoint that it can meet, a fault looks as it should, and the work was done, or not, as it says."""
    async with faulty(schedule(fault, *places)) as world:
        await world.prepare()
        for place in places:
            if fault is Fault.SESSION_VANISHED:
                await world.prepare()
            before = await world.effect(place)
            seen = await world.meet(place, timeout=0.1 if fault is Fault.SILENCE else 60)
            if fault in BROKEN:
                assert isinstance(seen, BROKEN[fault]), (place, seen)
            else:
                assert isinstance(seen, httpx.Response), (place, seen)
                assert SEEN[fault](seen), (place, seen, seen.headers, seen.content[-2_000:])
            assert await world.effect(place) == before + (place in EFFECTS and fault not in UNDONE), place
            assert await world.last() == (place, 1, fault)


# --------------------------------------------------------------------------- what comes after


async def test_an_expired_token_is_gone_if_it_was_anonymous(faulty: Wired) -> None:
    """After 1001 an anonymous account needs a new token; the local account's own is only refused once."""
    async with faulty(schedule(Fault.TOKEN_EXPIRED, Endpoint.BALANCE)) as world:
        guest = await world.broken.anonymous()
        balance = ("GET", "/api/credits/balance/simple")
        assert (await guest.call(*balance)).json()["code"] == 1001
        clean = [await world.clean.http.request(*balance, headers=it.headers) for it in (guest, world.broken)]
        assert [answer.json()["code"] for answer in clean] == [1001, 0]


async def test_a_vanished_session_never_comes_back(faulty: Wired) -> None:
    """After 1002 every request to the session is answered so, without counting; its exports can still be had."""
    async with faulty(schedule(Fault.SESSION_VANISHED, Endpoint.STATE)) as world:
        await world.prepare()
        for place in (Endpoint.STATE, Endpoint.UPLOAD, Endpoint.CLAIM, Endpoint.STATE):
            seen = await world.meet(place)
            assert isinstance(seen, httpx.Response)
            assert seen.json()["code"] == 1002
        assert len((await world.broken.call("GET", "/studio/faults")).json()) == 1
        assert (await world.broken.poll("render_1"))["status"] == "completed"


async def test_an_export_that_shall_fail_fails(faulty: Wired) -> None:
    """It is taken as any other, ends as failed with a reason, and leaves no video; the next id is made."""
    async with faulty(schedule(Fault.RENDER_FAILED, Endpoint.SUBMIT)) as world:
        await world.prepare()
        await world.meet(Endpoint.SUBMIT)
        ended = await world.broken.ended("render_2")
        assert (ended["status"], ended["error"]) == ("failed", "the renderer ran out of memory")
        await world.broken.submit("render_3", world.finished, world.draft)
        assert (await world.broken.ended("render_3"))["status"] == "completed"


async def test_a_completed_export_is_told_as_processing_and_completed_again(faulty: Wired) -> None:
    """A late status takes nothing back: two answers at most say so, and then it is completed as before."""
    async with faulty(schedule(Fault.LATE_STATUS, Endpoint.RESULT)) as world:
        await world.prepare()
        told = [(await world.broken.poll("render_1"))["status"] for _ in range(3)]
        assert told[0] == "processing"
        assert "completed" in told[1:]


async def test_an_export_is_completed_twice(faulty: Wired, gate: Callable[[], None]) -> None:
    """Called completed while it is at work, its link leads nowhere; then it is processing, then completed."""
    due = schedule(Fault.COMPLETED_EARLY, Endpoint.POLL)
    options = {"rehearse": False, "pace": 0.0, "render_module": "tiny_renderer"}
    async with faulty(due, **options) as world:
        session, draft = await world.clean.made("hold")
        await world.clean.submit("render_1", session, draft)
        await world.clean.at_work("render_1")
        early = await world.broken.poll("render_1")
        assert early["status"] == "completed"
        assert (await world.clean.http.get(early["outputUrl"])).status_code == 404
        assert await world.last() == (Endpoint.POLL, 1, Fault.COMPLETED_EARLY)
        assert (await world.clean.poll("render_1"))["status"] == "processing"
        gate()
        assert (await world.clean.ended("render_1"))["status"] == "completed"
        assert (await world.clean.http.get(early["outputUrl"])).status_code == 200


async def test_a_redirect_leads_to_the_video_for_whoever_may_have_it(faulty: Wired) -> None:
    """It names another host and needs no bearer; a link that is not ours, or no bearer, leads nowhere."""
    async with faulty(schedule(Fault.REDIRECT, Endpoint.LINK, Endpoint.DOWNLOAD, first=2)) as world:
        await world.prepare()
        for place in (Endpoint.LINK, Endpoint.DOWNLOAD):
            seen = await world.meet(place)
            assert isinstance(seen, httpx.Response)
            link = httpx.URL(seen.headers["location"])
            assert (link.host, link.path) == ("localhost", "/api/render/proxy/render_1/download")
            assert (await world.clean.http.get(link)).content[4:8] == b"ftyp"
        forged = await world.broken.http.get("/api/render/proxy/render_1/download?expires=9999999999&signature=0")
        nobody = await world.broken.http.get("/api/render/proxy/render_1/download")
        assert (forged.status_code, nobody.status_code) == (403, 401)


async def test_a_rate_limit_names_a_moment_of_the_studios_time(faulty: Wired) -> None:
    """A date is reckoned by the clock that the rehearsal shares with its runners."""
    clock = ManualClock(datetime(2031, 5, 4, 3, 2, 1, tzinfo=UTC))
    async with faulty(schedule(Fault.LIMITED_DATE, Endpoint.BALANCE), clock=clock) as world:
        seen = await world.meet(Endpoint.BALANCE)
        assert isinstance(seen, httpx.Response)
        left = parsedate_to_datetime(seen.headers["retry-after"]) - clock.now()
        assert timedelta(seconds=1) <= left <= timedelta(seconds=20)


async def test_a_drip_takes_its_time(faulty: Wired) -> None:
    """An answer that comes in drops is whole, and takes as many seconds of the clock as it has drops, or more."""
    clock = ManualClock()
    async with faulty(schedule(Fault.SLOW_DRIP, Endpoint.BALANCE), clock=clock) as world:
        seen = await world.meet(Endpoint.BALANCE)
        assert isinstance(seen, httpx.Response)
        assert seen.json()["data"]["available"] == 1_000_000
        assert len(clock.slept) >= 5
        assert min(clock.slept) >= 1


async def test_an_upload_is_cut_off_while_it_is_sent(faulty: Wired) -> None:
    """Closed before the body is read: of a large file most is never sent, and nothing of it is kept."""
    sent = 0

    async def large() -> AsyncGenerator[bytes, None]:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n'
        for _ in range(200):
            sent += 1
            yield bytes(1024 * 1024)

    async with faulty(schedule(Fault.CLOSED_UNREAD, Endpoint.UPLOAD)) as world:
        session = await world.clean.session(0)
        world.broken.headers["Content-Type"] = "multipart/form-data; boundary=x"
        with pytest.raises(httpx.TransportError):
            await world.broken.call("POST", f"/api/upload-video/nemo_agent/me/{session}", content=large())
        assert sent < 100
        assert not list(world.studio.incoming.iterdir())


async def test_a_cut_stream_does_not_stop_the_agent(faulty: Wired) -> None:
    """What is lost on the wire is made all the same, and charged once."""
    async with faulty(schedule(Fault.RESET_STREAM, Endpoint.RUN)) as world:
        session = await world.clean.session()
        with pytest.raises(httpx.ReadError):
            await world.broken.prompt(session)

        async def made() -> bool:
            return len((await world.clean.draft(session)).get("t", [])) > 1

        await world.clean.until(made)
        assert len((await world.clean.call("GET", "/studio/bill")).json()) == 1


async def test_a_restart_goes_on_with_the_schedule(faulty: Wired) -> None:
    """Requests are counted on: the fault of the first one comes once, not once a start."""
    due = schedule(Fault.LIMITED, Endpoint.BALANCE)
    async with faulty(due) as world:
        await world.meet(Endpoint.BALANCE)
    async with faulty(due) as world:
        wanted = [2] if due.at(Endpoint.BALANCE, "", 2) else []
        await world.meet(Endpoint.BALANCE)
        assert [it["n"] for it in (await world.broken.call("GET", "/studio/faults")).json()] == [1, *wanted]


async def test_faults_are_read_by_the_local_account_alone(faulty: Wired) -> None:
    """They name sessions: another account is refused."""
    async with faulty(None) as world:
        guest = await world.broken.anonymous()
        assert (await guest.call("GET", "/studio/faults")).status_code == 403
        assert (await world.broken.call("GET", "/studio/faults")).json() == []


async def test_without_faults_nothing_stands_in_the_way(faulty: Wired) -> None:
    """A studio without a schedule is served by uvicorn's own protocol, and no layer is before its routes."""
    async with faulty(None) as world:
        config = server.config_of(world.studio)
        layers = [str(it.cls) for it in config.app.user_middleware]  # type: ignore[union-attr]
        assert config.http == "auto"
        assert not [it for it in layers if "FaultLayer" in it]
