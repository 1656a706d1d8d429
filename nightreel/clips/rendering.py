"""One render, from its id to its end: whoever wants it, for a clip or in a talk with the editor.

Its id is journalled before it is submitted, so that none is ever lost.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from nightreel.clips.prepare import NOT_SENT, UNKNOWN
from nightreel.clips.work import Tools, looked, stop_spending
from nightreel.errors import (
    CreditsExhausted,
    DuplicateRender,
    ExportForbidden,
    NeedsPerson,
    OutcomeUnknown,
    RequestRefused,
    ServiceError,
    SessionNotFound,
)
from nightreel.ledger.records import Claim, RenderRecord, RenderStatus
from nightreel.models import digest
from nightreel.nemo import wire

HIGH = "high"
"""The quality that clips are delivered in."""


@dataclass(frozen=True)
class Wanted:
    """What is to be rendered.

    Attributes:
        name: what people call it.
        claim: whose it is.
        session_id: our id of the session.
        draft: goes back to the service as it came.
        tell: told how far it is, 0..1 where that is known, and in a few words.
        quality: of the export.
    """

    name: str
    claim: Claim
    session_id: str
    draft: Mapping[str, Any]
    tell: Callable[[float | None, str], None]
    quality: str = HIGH

    @property
    def mark(self) -> str:
        """What tells this render from others: the draft's hash, and of another quality than usual that, too."""
        return digest(self.draft) if self.quality == HIGH else digest({"draft": self.draft, "quality": self.quality})


async def submit(wanted: Wanted, tools: Tools) -> RenderRecord:
    """Journal a new id, then submit it."""
    session = await tools.ledger.sessions.get(wanted.session_id)
    draft, renders, claim = wanted.draft, tools.ledger.renders, wanted.claim
    tools.stopping.check()
    tools.exports.check()
    render = await renders.intend(claim, session.id, wanted.mark, tools.tariff.export)
    try:
        await tools.nemo.submit_render(render.id, session.remote_id or "", draft, wanted.quality)
    except DuplicateRender:
        pass  # the id is ours alone: it was taken
    except NOT_SENT as error:
        await renders.became(claim, render.id, RenderStatus.UNSENT, error.message)
        raise
    except UNKNOWN as error:
        return await renders.became(claim, render.id, RenderStatus.UNKNOWN, error.message)
    except ServiceError as error:
        await renders.became(claim, render.id, RenderStatus.FAILED, error.message)
        if isinstance(error, CreditsExhausted):
            await stop_spending(tools, error)
        if isinstance(error, ExportForbidden):
            tools.exports.forbid(error)
        if isinstance(error, SessionNotFound):
            raise NeedsPerson(
                f"{wanted.name} was paid for, and its session is gone.", hint="To buy it again, use --remake."
            ) from error
        raise
    return await renders.became(claim, render.id, RenderStatus.TAKEN)


async def follow(wanted: Wanted, tools: Tools, render: RenderRecord) -> wire.RenderJob:
    """Look at the render until it ends; one that the service does not know counts as failed."""
    clock, patience = tools.clock, tools.patience
    if render.status is RenderStatus.UNKNOWN:
        await tools.stopping.unless(clock.sleep(patience.poll))  # the request may still be on its way
    seen: tuple[object, ...] = ()
    heard = moved = clock.monotonic()
    while True:
        found = await looked(_read(tools, render.id), last=clock.monotonic() - heard > patience.give_up)
        if found is not None:
            heard = clock.monotonic()
            if await _noted(wanted.claim, tools, render, found):
                return found
            if seen != (found.status, found.progress):
                seen, moved = (found.status, found.progress), heard
            elif heard - moved > patience.stalled:
                raise OutcomeUnknown(
                    f"{wanted.name}: the export {render.id} makes no progress.", hint="Run again to look for it."
                )
            wanted.tell(found.progress / 100, found.status.value)
        await tools.stopping.unless(clock.sleep(patience.poll))


async def _noted(claim: Claim, tools: Tools, render: RenderRecord, found: wire.RenderJob) -> bool:
    """Write down what was found; return whether the render has ended."""
    renders = tools.ledger.renders
    if found.status is wire.RenderStatus.COMPLETED:
        await renders.became(claim, render.id, RenderStatus.COMPLETED)
    elif found.status is wire.RenderStatus.FAILED and render.status is RenderStatus.COMPLETED:
        await renders.lost(claim, render.id, found.error)
    elif found.status is wire.RenderStatus.FAILED:
        await renders.became(claim, render.id, RenderStatus.FAILED, found.error)
    else:
        await renders.became(claim, render.id, RenderStatus.TAKEN)
    return found.status.terminal


async def _read(tools: Tools, render_id: str) -> wire.RenderJob:
    try:
        return await tools.nemo.render(render_id)
    except RequestRefused as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return wire.RenderJob(id=render_id, status=wire.RenderStatus.FAILED, error="the service does not know it")
