"""A run's event stream: read to its end within its deadlines, and told as a reply or as what went wrong.

The stream's end proves nothing: there is no "done" event. A reply says that the body ended cleanly and held no error;
whether the edit was made, the state tells.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass

import httpx

from nightreel.clock import Clock
from nightreel.errors import AgentFailed, CreditsExhausted, NightreelError, StreamLost, sentence
from nightreel.nemo import wire
from nightreel.nemo.answers import top_up
from nightreel.nemo.events import AgentEvent, EventKind, Transcript
from nightreel.nemo.frames import Frames, StreamTooLarge
from nightreel.nemo.phrases import Spoken, translate
from nightreel.nemo.transport import Patience, real

OnEvent = Callable[[AgentEvent], None]

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
    def spoken(self) -> Spoken:
        """The text without words meant for a screen, and what they ask for."""
        return translate(self.text)


class Listener:
    """Reads one stream.

    Args:
        on_event: called for each event, pings too, and while none comes; must not block and must not raise.
        register: where an anonymous account becomes a registered one.
    """

    def __init__(self, clock: Clock, patience: Patience, on_event: OnEvent | None, register: str = "") -> None:
        self._clock, self._patience, self._register = clock, patience, register
        self._on_event = on_event
        self._transcript = Transcript()
        self._began = self._progressed = self._told = clock.monotonic()
        self._pinged = False

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
        while (chunk := await self._next(chunks)) is not None:
            yield chunk

    async def _next(self, chunks: AsyncIterator[bytes]) -> bytes | None:
        """Return the next bytes, None at the end; people are told now and then that it is waited for."""
        coming = asyncio.ensure_future(anext(chunks, None))
        try:
            while not coming.done():
                await asyncio.wait({coming}, timeout=real(self._clock, self._left()))
                self._remind()
            return coming.result()
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise StreamLost(f"The run's stream broke off ({type(error).__name__}).", hint=_HINT) from error
        finally:
            coming.cancel()
            with suppress(asyncio.CancelledError, httpx.HTTPError):
                await coming

    def _left(self) -> float:
        """Return the seconds until the next deadline, or until people are told again.

        Raises:
            StreamLost: a deadline has passed.
        """
        now, patience = self._clock.monotonic(), self._patience
        deadline = min(self._began + patience.run, self._progressed + patience.progress)
        if deadline <= now:
            took = now - self._began
            raise StreamLost(f"The run made no end or no progress ({took:.0f} s).", hint=_HINT)
        return min(deadline - now, max(0.0, self._due - now))

    def _tell(self, events: list[AgentEvent]) -> None:
        for event in events:
            if event.kind is EventKind.HEARTBEAT:
                self._pinged = True
                self._remind()
            if self._on_event is not None:
                self._on_event(event)

    @property
    def _due(self) -> float:
        """When people are told again that it is waited for."""
        return max(self._told, self._progressed) + self._patience.still_working

    def _remind(self) -> None:
        """Say that the service still works, or that nothing is heard of it, when that is due."""
        now = self._clock.monotonic()
        if now < self._due:
            return
        said = "Still working…" if self._pinged else "Still waiting, nothing is heard…"
        self._told, self._pinged = now, False
        if self._on_event is not None:
            self._on_event(AgentEvent(EventKind.WAITING, f"{said} ({(now - self._began) / 60:.0f} min)"))


def failed(error: AgentEvent, register: str = "") -> NightreelError:
    """Return the exception for an error event."""
    message = f"The agent gave up: {sentence(error.text or error.name)}"
    code = int(error.name) if error.name.isdecimal() else 0
    if code == wire.Code.OUT_OF_CREDITS:
        return CreditsExhausted(message, hint=top_up(register), code=code, status=200)
    return AgentFailed(message, hint="Read the state and the balance before anything is sent.", code=code, status=200)
