"""A run's event stream: read to its end within its deadlines, and told as a reply or as what went wrong.

The stream's end proves nothing: there is no "done" event. A reply says that the body ended cleanly and held no error;
whether the edit was made, the state tells.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

import httpx

from nightreel.clock import Clock
from nightreel.errors import AgentFailed, CreditsExhausted, NightreelError, StreamLost
from nightreel.nemo import wire
from nightreel.nemo.answers import top_up
from nightreel.nemo.events import AgentEvent, EventKind, Transcript
from nightreel.nemo.frames import Frames, StreamTooLarge
from nightreel.nemo.phrases import Spoken, translate
from nightreel.nemo.transport import Patience, real

OnEvent = Callable[[AgentEvent], None]
Notice = Callable[[str], None]

_HINT = "Read the state: the prompt is never sent again before its outcome is known."


@dataclass(frozen=True)
class Reply:
    """What a run said.

    Attributes:
        text: as the service said it; often empty: then the state tells what was done.
        events: all whole events, in order.
        heartbeats, malformed: how many pings, and frames that were no JSON.
        seconds: how long the run took.
    """

    text: str
    events: tuple[AgentEvent, ...] = ()
    heartbeats: int = 0
    malformed: int = 0
    seconds: float = 0.0

    @property
    def tool_calls(self) -> tuple[AgentEvent, ...]:
        """The tools that the agent called."""
        return tuple(event for event in self.events if event.kind is EventKind.TOOL_CALL)

    @property
    def spoken(self) -> Spoken:
        """The text without words meant for a screen, and what they ask for."""
        return translate(self.text)


class Listener:
    """Reads one stream.

    Args:
        on_event: called for each event, pings too; must not block and must not raise.
        notice: called with "Still working…" while only pings come.
        register: where an anonymous account becomes a registered one.
    """

    def __init__(
        self, clock: Clock, patience: Patience, on_event: OnEvent | None, notice: Notice, register: str = ""
    ) -> None:
        self._clock, self._patience, self._register = clock, patience, register
        self._on_event, self._notice = on_event, notice
        self._transcript = Transcript()
        self._began = self._progressed = self._noticed = clock.monotonic()

    async def listen(self, response: httpx.Response) -> Reply:
        """Read *response* to its end.

        Raises:
            StreamLost: it broke, ended inside an event, or made no progress for too long.
            AgentFailed, CreditsExhausted: it held an error.
        """
        try:
            await self._read(response)
        except StreamLost:
            if self._transcript.error is None:
                raise
        if self._transcript.error is not None:
            raise failed(self._transcript.error, self._register)
        seconds = self._clock.monotonic() - self._began
        script = self._transcript
        return Reply(script.text, tuple(script.events), script.heartbeats, script.malformed, seconds)

    async def _read(self, response: httpx.Response) -> None:
        async with aclosing(self._chunks(response)) as chunks:
            frames = Frames(chunks, lambda: self._tell(self._transcript.beat()))
            try:
                await self._take_all(frames)
            except StreamTooLarge as error:
                raise StreamLost(f"The run's stream: {error}.", hint=_HINT) from error

    async def _take_all(self, frames: Frames) -> None:
        async with aclosing(frames.read()) as datas:
            async for data in datas:
                before = self._transcript.malformed, self._transcript.frames
                self._tell(self._transcript.take(data))
                malformed, count = self._transcript.malformed, self._transcript.frames
                if count > before[1]:
                    self._progressed = self._clock.monotonic()
                if frames.cut and malformed > before[0]:
                    raise StreamLost("The run's stream ended in the middle of an event.", hint=_HINT)

    async def _chunks(self, response: httpx.Response) -> AsyncGenerator[bytes, None]:
        """Yield the body's bytes, each within the deadlines."""
        chunks = aiter(response.aiter_bytes())
        while True:
            left = self._left()
            try:
                async with asyncio.timeout(real(self._clock, left)):
                    chunk = await anext(chunks)
            except StopAsyncIteration:
                return
            except TimeoutError as error:
                raise self._late() from error
            except (httpx.TransportError, httpx.DecodingError) as error:
                raise StreamLost(f"The run's stream broke off ({type(error).__name__}).", hint=_HINT) from error
            yield chunk

    def _left(self) -> float:
        """Return the seconds until the nearer deadline.

        Raises:
            StreamLost: it has passed.
        """
        now = self._clock.monotonic()
        run, progress = self._began + self._patience.run - now, self._progressed + self._patience.progress - now
        if min(run, progress) <= 0:
            raise self._late()
        return min(run, progress)

    def _late(self) -> StreamLost:
        took = self._clock.monotonic() - self._began
        return StreamLost(f"The run made no end or no progress ({took:.0f} s).", hint=_HINT)

    def _tell(self, events: list[AgentEvent]) -> None:
        for event in events:
            if event.kind is EventKind.HEARTBEAT:
                self._still_working()
            if self._on_event is not None:
                self._on_event(event)

    def _still_working(self) -> None:
        now = self._clock.monotonic()
        if now - max(self._noticed, self._progressed) >= self._patience.still_working:
            self._noticed = now
            self._notice("Still working…")


def failed(error: AgentEvent, register: str = "") -> NightreelError:
    """Return the exception for an error event."""
    message = f"The agent gave up: {error.text or error.name}."
    code = int(error.name) if error.name.isdecimal() else 0
    if code == wire.Code.OUT_OF_CREDITS:
        return CreditsExhausted(message, hint=top_up(register), code=code, status=200)
    return AgentFailed(message, hint="Read the state and the balance before anything is sent.", code=code, status=200)
