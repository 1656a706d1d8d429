"""Faults in what is told of an export."""

import json
from collections.abc import Awaitable, Callable, Mapping

from nightreel.nemo import wire
from nightreel.nemo.wire import RenderJob, RenderStatus
from nightreel.studio.answers import render_answer
from nightreel.studio.breaking.answers import Act
from nightreel.studio.breaking.exchange import Exchange, Whole
from nightreel.studio.faults import Fault

_NEARLY = 90.0


async def completed_early(it: Exchange) -> None:
    """Completed, while it is at work; what has ended is told as it is."""
    whole = await it.answer()
    job = _job(whole)
    if job is None or job.status.terminal:
        await it.respond(whole.response)
        return
    await it.happens()
    path = it.studio.links.sign(wire.PATH_RENDER_DOWNLOAD.format(render_id=job.id))
    link = f"{str(it.request.base_url).rstrip('/')}{path}"
    early = RenderJob(id=job.id, status=RenderStatus.COMPLETED, progress=100, url=link)
    await it.respond(render_answer(early, it.studio.options))


async def told(it: Exchange, late: Callable[[], Awaitable[bool]]) -> None:
    """Tell of an export; one that is completed is told as processing when *late* says so."""
    whole = await it.answer()
    job = _job(whole)
    if job is None or job.status is not RenderStatus.COMPLETED or not await late():
        await it.respond(whole.response)
        return
    before = RenderJob(id=job.id, status=RenderStatus.PROCESSING, progress=_NEARLY)
    await it.respond(render_answer(before, it.studio.options))


def _job(whole: Whole) -> RenderJob | None:
    return RenderJob.read(json.loads(whole.body)) if whole.ok else None


ACTS: Mapping[Fault, Act] = {Fault.COMPLETED_EARLY: completed_early}
