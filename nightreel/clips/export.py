"""Export and download: a render's id is journalled before it is submitted, so that none is ever lost.

The downloaded video is kept as the clip's master. A video that was deleted comes back from the master, from its
render, or from a new render of the same draft; it is never bought again.
"""

import hashlib
from http import HTTPStatus
from pathlib import Path

from nightreel.clips.prepare import NOT_SENT, UNKNOWN
from nightreel.clips.verify import made
from nightreel.clips.work import Job, Tools, held, looked, report, step, stop_spending
from nightreel.errors import (
    CreditsExhausted,
    DuplicateRender,
    ExportForbidden,
    NeedsPerson,
    OutcomeUnknown,
    RenderFailed,
    RequestRefused,
    ServiceError,
    SessionNotFound,
)
from nightreel.ledger.records import PurchaseRecord, RenderRecord, RenderStatus
from nightreel.models import Step, digest
from nightreel.nemo import wire

TRIES = 2
"""Render ids a call may use: one, and one more when the first failed or never arrived."""

_GOING = {RenderStatus.INTENT, RenderStatus.UNKNOWN, RenderStatus.TAKEN, RenderStatus.COMPLETED}


@step(Step.EXPORT)
async def export(job: Job, tools: Tools) -> Path:
    """Have the verified draft rendered and download it; return the kept master.

    Raises:
        RenderFailed: it failed twice.
        ExportForbidden: the account's plan allows no exports; what was bought is kept.
        OutcomeUnknown: the render makes no progress; run again to look for it.
    """
    target = tools.masters / f"{job.clip_id}.mp4"
    if await kept(job, tools, target):
        return target
    purchase = await made(job, tools)
    problem = "it was not submitted"
    for _ in range(TRIES):
        render = await _going(job, tools, purchase) or await _submit(job, tools, purchase)
        done = await _follow(job, tools, render)
        if done.status is wire.RenderStatus.COMPLETED and await _download(job, tools, render, done, target):
            return target
        problem = done.error or "the service does not know it any more"
    raise RenderFailed(f"{job.clip.name}: the export failed {TRIES} times: {problem}.", hint="Run again later.")


async def kept(job: Job, tools: Tools, target: Path) -> bool:
    """Whether the master is there, byte for byte as it was downloaded."""
    clip = await tools.ledger.journal.clip(job.clip_id)
    if clip.master_sha256 is None or not target.is_file() or target.stat().st_size != clip.master_size:
        return False
    with target.open("rb") as video:
        return hashlib.file_digest(video, "sha256").hexdigest() == clip.master_sha256


async def _going(job: Job, tools: Tools, purchase: PurchaseRecord) -> RenderRecord | None:
    """Return the clip's last render if its result can still be had and was not found wanting."""
    renders = await tools.ledger.renders.of(job.clip_id)
    if not renders or renders[-1].status not in _GOING or renders[-1].draft_hash != digest(purchase.draft):
        return None
    clip = await tools.ledger.journal.clip(job.clip_id)
    rejected = clip.master_sha256 is None and clip.checks is not None
    return None if rejected else renders[-1]


async def _submit(job: Job, tools: Tools, purchase: PurchaseRecord) -> RenderRecord:
    """Journal a new id, then submit it."""
    session = await tools.ledger.sessions.get(purchase.session_id)
    draft = purchase.draft or {}
    renders, claim = tools.ledger.renders, job.claim
    tools.stopping.check()
    tools.exports.check()
    render = await renders.intend(claim, session.id, digest(draft), tools.tariff.export)
    try:
        await tools.nemo.submit_render(render.id, session.remote_id or "", draft)
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
                f"{job.clip.name} was paid for, and its session is gone.", hint="To buy it again, use --remake."
            ) from error
        raise
    return await renders.became(claim, render.id, RenderStatus.TAKEN)


async def _follow(job: Job, tools: Tools, render: RenderRecord) -> wire.RenderJob:
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
            if await _noted(job, tools, render, found):
                return found
            if seen != (found.status, found.progress):
                seen, moved = (found.status, found.progress), heard
            elif heard - moved > patience.stalled:
                raise OutcomeUnknown(
                    f"{job.clip.name}: the export {render.id} makes no progress.", hint="Run again to look for it."
                )
            report(job, tools, Step.EXPORT, found.progress / 100, found.status.value)
        await tools.stopping.unless(clock.sleep(patience.poll))


async def _noted(job: Job, tools: Tools, render: RenderRecord, found: wire.RenderJob) -> bool:
    """Write down what was found; return whether the render has ended."""
    renders = tools.ledger.renders
    if found.status is wire.RenderStatus.COMPLETED:
        await renders.became(job.claim, render.id, RenderStatus.COMPLETED)
    elif found.status is wire.RenderStatus.FAILED and render.status is RenderStatus.COMPLETED:
        await renders.lost(job.claim, render.id, found.error)
    elif found.status is wire.RenderStatus.FAILED:
        await renders.became(job.claim, render.id, RenderStatus.FAILED, found.error)
    else:
        await renders.became(job.claim, render.id, RenderStatus.TAKEN)
    return found.status.terminal


async def _read(tools: Tools, render_id: str) -> wire.RenderJob:
    try:
        return await tools.nemo.render(render_id)
    except RequestRefused as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return wire.RenderJob(id=render_id, status=wire.RenderStatus.FAILED, error="the service does not know it")


async def _download(job: Job, tools: Tools, render: RenderRecord, done: wire.RenderJob, target: Path) -> bool:
    """Download the finished render; False when the service does not have it any more."""
    try:
        async with held(job, tools) as moved:

            def progress(got: int, total: int) -> None:
                moved()
                report(job, tools, Step.EXPORT, got / total if total else None, "downloading")

            download = await tools.nemo.download(render.id, target, done.url, progress=progress)
    except RequestRefused as error:
        if error.status not in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            raise
        await tools.ledger.renders.lost(job.claim, render.id, error.message)
        return False
    await tools.ledger.journal.mastered(job.claim, render.id, download.sha256, download.size)
    return True
