"""The steps after everything is paid and made: inspect the master, deliver it."""

import asyncio
import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from nightreel import quality
from nightreel.clips.export import kept
from nightreel.clips.files import copy_whole, places_of, plain_errors
from nightreel.clips.verdict import TOLERANCE
from nightreel.clips.verify import made
from nightreel.clips.work import Job, Tools, step
from nightreel.errors import LedgerError, VideoRejected
from nightreel.files import sweep, write_whole
from nightreel.ledger.records import ClipRecord
from nightreel.models import Check, Delivery, Engine, Step
from nightreel.nemo import wire
from nightreel.nemo.summary import segments_of


@step(Step.INSPECT)
async def inspect(job: Job, tools: Tools) -> tuple[Check, ...]:
    """Check the master; a second call returns what the first found.

    Our own engine is held to every check. The cloud encodes as it likes, and another export of a paid draft comes out
    the same: there only what makes the video unusable refuses it; the rest is a warning, in report and record.

    Raises:
        VideoRejected: it fails a check; the next run exports it again.
    """
    clip = await tools.ledger.journal.clip(job.clip_id)
    if clip.master_sha256 is not None and clip.checks is not None:
        return _checks(clip)
    strict = tools.engine is Engine.LOCAL
    checks = await _looked(job, tools)
    if means := {check.mend for check in checks if check.mend}:
        await _mend(job, tools, means)
        checks = await _looked(job, tools)
    bad = [check for check in checks if not check.ok and (strict or check.name in quality.USABLE)]
    if not bad:
        await tools.ledger.journal.inspected(job.claim, checks)
        return checks
    await tools.ledger.journal.rejected(job.claim, checks)
    said = "; ".join(f"{check.name} is {check.found}, not {check.wanted}" for check in bad)
    raise VideoRejected(f"{job.clip.name}: the video fails its checks: {said}.", hint="Run again to export it again.")


async def _looked(job: Job, tools: Tools) -> tuple[Check, ...]:
    """Look at the master; a rehearsal's placeholder only has to be watchable."""
    by = quality.preset(quality.WATCHABLE if tools.settings.rehearse else quality.MASTER)
    return await asyncio.to_thread(quality.inspect_video, _master(job, tools), await _wanted(job, tools), by)


async def _mend(job: Job, tools: Tools, means: set[str]) -> None:
    """Mend the master where that costs nothing; a process that dies here has it exported again, for nothing too."""
    master = _master(job, tools)
    render = (await tools.ledger.renders.of(job.clip_id))[-1]
    with plain_errors(master.parent):
        await asyncio.to_thread(quality.mend, master, master, means, most_bytes=quality.MOST_BYTES)
    await tools.ledger.journal.mastered(
        job.claim, render.id, await asyncio.to_thread(_hash, master), master.stat().st_size
    )


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


async def _wanted(job: Job, tools: Tools) -> quality.Wanted:
    """Return what the master must be; what only the studio is held to is asked of it alone."""
    clip, strict = job.clip, tools.engine is Engine.LOCAL
    strict = strict and not tools.settings.rehearse
    shown = clip.photos if strict else ()
    draft = (await made(job, tools)).draft or {}
    return quality.Wanted(
        canvas=clip.format.canvas,
        seconds=clip.seconds,
        seconds_off=quality.Wanted().seconds_off if strict else TOLERANCE,
        sound=clip.music,
        photos=tuple([(await tools.photos.normalise(photo, background=clip.behind)).path for photo in shown]),
        texts=tuple(_texts(draft) if strict else ()),
    )


def _texts(draft: Mapping[str, Any]) -> Iterator[quality.Text]:
    """Yield the texts of a draft, with their times."""
    for kind, start, duration, meta in segments_of(wire.State(draft=dict(draft))):
        if kind == "text" and isinstance(text := meta.get("text"), str):
            yield quality.Text(text=text, start=start, end=start + duration)


@step(Step.DELIVER)
async def deliver(job: Job, tools: Tools) -> Delivery:
    """Put cover, video and record into the output folder, each whole; the clip is then made.

    Raises:
        DiskFull, ConfigurationError: the folder cannot be written to; the master is kept.
    """
    if not await kept(job, tools, _master(job, tools)):
        raise LedgerError(f"{job.clip.name}: the master is not there.", hint="Export it first.")
    clip = await tools.ledger.journal.clip(job.clip_id)
    cost = await tools.ledger.journal.spent_on(job.clip_id)
    asked = (await made(job, tools)).prompt
    delivery = await asyncio.to_thread(_place, job, _master(job, tools), clip, cost)
    record = _record(job, clip, delivery, asked, tools.clock.now())
    await asyncio.to_thread(_put_record, record, delivery.record)
    await tools.ledger.journal.delivered(job.claim, delivery)
    return delivery


def _place(job: Job, master: Path, clip: ClipRecord, cost: int) -> Delivery:
    places = places_of(job.clip, job.order.out)
    folder = places.video.parent
    with plain_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        sweep(folder)
        seconds = quality.length_of(master)
        quality.cover(master, places.cover)
        sha256 = copy_whole(master, places.video)
    return Delivery(
        clip=job.clip.name,
        video=places.video,
        cover=places.cover,
        record=places.record,
        seconds=seconds,
        size=places.video.stat().st_size,
        sha256=sha256,
        credits=cost,
        checks=_checks(clip),
    )


def _record(job: Job, clip: ClipRecord, delivery: Delivery, prompt: str, now: datetime) -> dict[str, Any]:
    """Return what stands beside the video: inputs, prompt, credits, checks."""
    asked = job.clip
    return {
        "clip": asked.name,
        "product": asked.product,
        "format": asked.format.value,
        "key": asked.key,
        "take": clip.take,
        "recipe": clip.recipe,
        "account": clip.account_id,
        "prompt": prompt,
        "title": asked.title,
        "seconds": asked.seconds,
        "photos": [{"name": photo.name, "sha256": photo.sha256} for photo in asked.photos],
        "credits": delivery.credits,
        "video": {
            "file": delivery.video.name,
            "seconds": round(delivery.seconds, 3),
            "size": delivery.size,
            "sha256": delivery.sha256,
        },
        "checks": [check.model_dump(mode="json") for check in delivery.checks],
        "made_at": (clip.made_at or now).isoformat(),
    }


def _put_record(record: Mapping[str, Any], to: Path) -> None:
    with plain_errors(to.parent):
        write_whole(to, (json.dumps(record, indent=2, ensure_ascii=False) + "\n").encode())


def _checks(clip: ClipRecord) -> tuple[Check, ...]:
    return tuple(Check.model_validate(check) for check in clip.checks or ())


def _master(job: Job, tools: Tools) -> Path:
    return tools.masters / f"{job.clip_id}.mp4"
