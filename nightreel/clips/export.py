"""Export and download: a render's id is journalled before it is submitted, so that none is ever lost.

The downloaded video is kept as the clip's master. A video that was deleted comes back from the master, from its
render, or from a new render of the same draft; it is never bought again.
"""

import hashlib
from http import HTTPStatus
from pathlib import Path

from nightreel.clips.rendering import Wanted, follow, submit
from nightreel.clips.verify import made
from nightreel.clips.work import Job, Tools, held, report, step
from nightreel.errors import RenderFailed, RequestRefused, sentence
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
    wanted = _wanted(job, tools, purchase)
    problem = "it was not submitted"
    for _ in range(TRIES):
        render = await _going(job, tools, purchase) or await submit(wanted, tools)
        done = await follow(wanted, tools, render)
        if done.status is wire.RenderStatus.COMPLETED and await _download(job, tools, render, done, target):
            return target
        problem = done.error or "the service does not know it any more"
    raise RenderFailed(
        f"{job.clip.name}: the export failed {TRIES} times: {sentence(problem)}", hint="Run again later."
    )


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


def _wanted(job: Job, tools: Tools, purchase: PurchaseRecord) -> Wanted:
    return Wanted(
        name=job.clip.name,
        claim=job.claim,
        session_id=purchase.session_id,
        draft=purchase.draft or {},
        tell=lambda fraction, note: report(job, tools, Step.EXPORT, fraction, note),
    )


async def _download(job: Job, tools: Tools, render: RenderRecord, done: wire.RenderJob, target: Path) -> bool:
    """Download the finished render; False when the service does not have it any more."""
    try:
        async with held(job.claim, tools) as moved:

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
