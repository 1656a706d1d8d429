"""Faults of a run's event stream."""

from collections.abc import AsyncIterator, Callable, Mapping
from http import HTTPStatus

from starlette.responses import StreamingResponse

from nightreel.studio.agent.script import Beat, Trouble
from nightreel.studio.breaking.answers import Act
from nightreel.studio.breaking.connections import Twist
from nightreel.studio.breaking.exchange import PATIENCE, Exchange
from nightreel.studio.events import Encoder
from nightreel.studio.faults import Fault

_HALF_A_FRAME = b'data: {"content": {"parts": [{"text": "Your pho'
_NO_JSON = _HALF_A_FRAME + b"\n\n"
_TROUBLE = Trouble("INTERNAL", "The model is overloaded. Try again later.")
_BARE = b'data: {"error": "Internal error", "error_details": "the tool did not answer"}\n\n'


class _AtPart(Twist):
    """Does something when one of the first parts of the stream comes: which, is drawn. A refusal passes as it is."""

    seen = 0
    over = False

    async def twist_body(self, data: bytes, *, more: bool) -> None:
        """Count, and do it."""
        self.seen += 1
        if self.over:
            return
        if self.seen == 2 + int(2 * self.it.lot("part")):
            await self.it.happens()
            await self.strike()
        if not self.over:
            await self.give(data, more=more)

    async def strike(self) -> None:
        """Do it."""


class ResetStream(_AtPart):
    """Resets the connection."""

    async def strike(self) -> None:
        """Cut."""
        self.over = True
        await self.it.cut()


class SilentEnd(_AtPart):
    """Ends the stream as if that were all."""

    async def strike(self) -> None:
        """End."""
        self.over = True
        await self.give(b"", more=False)


class CutFrame(_AtPart):
    """Ends the stream within a frame."""

    async def strike(self) -> None:
        """Begin a frame and end."""
        self.over = True
        await self.give(_HALF_A_FRAME, more=False)


class MalformedFrame(_AtPart):
    """Puts a frame that is no JSON among the others."""

    async def strike(self) -> None:
        """Put it there."""
        await self.give(_NO_JSON, more=True)


class ErrorAtTheEnd(Twist):
    """Has the work done and told, and then claims that it failed."""

    async def twist_body(self, data: bytes, *, more: bool) -> None:
        """Put an error before the end of a stream."""
        if not more and self.status == HTTPStatus.OK:
            await self.it.happens()
            data += _error(self.it)
        await self.give(data, more=more)


async def silent_end_undone(it: Exchange) -> None:
    """A sign of life, and the end."""
    await it.take_body()
    await it.happens()
    await _stream(it, _one(_beat(it)))


async def error_frame_undone(it: Exchange) -> None:
    """A sign of life, and an error."""
    await it.take_body()
    await it.happens()
    await _stream(it, _one(_beat(it) + _error(it)))


async def heartbeats_undone(it: Exchange) -> None:
    """Signs of life, and nothing behind them."""
    await it.take_body()
    await it.happens()
    await _stream(it, _beats(it))


async def heartbeats_done(it: Exchange) -> None:
    """Signs of life, while the agent works and nothing of it is told."""
    await it.carry_out()
    await it.happens()
    await _stream(it, _beats(it))


def watched(kind: Callable[[Exchange], Twist]) -> Act:
    """Return what has a prompt carried out under the eyes of a twist, which says itself when it strikes."""

    async def act(it: Exchange) -> None:
        await it.pass_on(kind(it))

    return act


async def _stream(it: Exchange, frames: AsyncIterator[bytes]) -> None:
    await it.respond(StreamingResponse(frames, media_type="text/event-stream"))


async def _one(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def _beats(it: Exchange) -> AsyncIterator[bytes]:
    options, encoder = it.studio.options, Encoder(it.studio.options)
    for _ in range(int(PATIENCE / options.heartbeat)):
        for frame in encoder.encode(Beat(), options.clock.now()):
            yield frame
        await options.clock.sleep(options.heartbeat)


def _beat(it: Exchange) -> bytes:
    return b"".join(Encoder(it.studio.options).encode(Beat(), it.studio.options.clock.now()))


def _error(it: Exchange) -> bytes:
    """Return an error in one of the two shapes that are seen."""
    if it.lot("shape") < 0.5:  # noqa: PLR2004 - one in two
        return _BARE
    return b"".join(Encoder(it.studio.options).encode(_TROUBLE, it.studio.options.clock.now()))


ACTS: Mapping[Fault, Act] = {
    Fault.RESET_STREAM: watched(ResetStream),
    Fault.SILENT_END_UNDONE: silent_end_undone,
    Fault.SILENT_END_DONE: watched(SilentEnd),
    Fault.HEARTBEATS_UNDONE: heartbeats_undone,
    Fault.HEARTBEATS_DONE: heartbeats_done,
    Fault.MALFORMED_FRAME: watched(MalformedFrame),
    Fault.CUT_FRAME: watched(CutFrame),
    Fault.ERROR_FRAME_UNDONE: error_frame_undone,
    Fault.ERROR_FRAME_DONE: watched(ErrorAtTheEnd),
}
