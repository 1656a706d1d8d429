"""The steps after everything is paid and made: inspect the master, deliver it."""

import asyncio
import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import av

from nightreel import __version__, quality
from nightreel.clips.export import kept
from nightreel.clips.files import copy_whole, places_of, plain_errors
from nightreel.clips.travelling import normalised, out_of, pass_on
from nightreel.clips.verdict import TOLERANCE
from nightreel.clips.verify import made
from nightreel.clips.work import EDIT, Job, Tools, step
from nightreel.delivery import licences_of, made_for, write_extras
from nightreel.errors import LedgerError, VideoRejected
from nightreel.files import sweep, write_whole
from nightreel.ledger.records import ClipRecord, PurchaseRecord
from nightreel.models import Check, Delivery, Engine, Step
from nightreel.nemo import summarise, wire
from nightreel.nemo.summary import segments_of
from nightreel.platforms import post_text

_LEGIBLE = 4
"""Letters of a title that are told from what stands still by chance."""

_USUAL_VOLUME = 0.35
"""Of music, in a draft that asks for nothing else."""


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
    wanted = await _wanted(job, tools)
    checks = await _looked(job, tools, wanted)
    means = {check.mend for check in checks if check.mend}
    if means and await _mended(job, tools, means, wanted):
        checks = await _looked(job, tools, wanted)
    bad = [check for check in checks if not check.ok and (strict or check.name in quality.USABLE)]
    if not bad:
        await tools.ledger.journal.inspected(job.claim, checks)
        return checks
    await tools.ledger.journal.rejected(job.claim, checks)
    said = "; ".join(f"{check.name} is {check.found}, not {check.wanted}" for check in bad)
    raise VideoRejected(f"{job.clip.name}: the video fails its checks: {said}.", hint="Run again to export it again.")


async def _looked(job: Job, tools: Tools, wanted: quality.Wanted) -> tuple[Check, ...]:
    """Look at the master; a rehearsal's placeholder only has to be watchable."""
    by = quality.preset(quality.WATCHABLE if tools.settings.rehearse else quality.MASTER)
    return await asyncio.to_thread(quality.inspect_video, _master(job, tools), wanted, by)


async def _mended(job: Job, tools: Tools, means: set[str], wanted: quality.Wanted) -> bool:
    """Mend the master where that costs nothing and can be done; return whether it was.

    A process that dies here has it exported again, for nothing too.
    """
    master = _master(job, tools)
    render = (await tools.ledger.renders.of(job.clip_id))[-1]
    mend = partial(quality.mend, most_bytes=quality.MOST_BYTES, softer=wanted.softer)
    try:
        with plain_errors(master.parent):
            await asyncio.to_thread(mend, master, master, means)
    except VideoRejected:  # then what the checks have found stands
        return False
    sha256 = await asyncio.to_thread(_hash, master)
    await tools.ledger.journal.mastered(job.claim, render.id, sha256, master.stat().st_size)
    return True


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


async def _wanted(job: Job, tools: Tools) -> quality.Wanted:
    """Return what the master must be; what only the studio is held to is asked of it alone."""
    clip, strict = job.clip, tools.engine is Engine.LOCAL
    strict = strict and not tools.settings.rehearse
    bought = await made(job, tools)
    draft, changed = bought.draft or {}, bought.kind == EDIT
    timeline = summarise(wire.State(draft=draft))
    shown = await normalised(job, tools) if strict and not changed else []
    return quality.Wanted(
        canvas=clip.format.canvas,
        seconds=timeline.seconds if changed else clip.seconds,
        seconds_off=quality.Wanted().seconds_off if strict else TOLERANCE,
        sound=bool(timeline.of("audio")) if changed else clip.music,
        photos=tuple(ready.path for ready in shown),
        texts=tuple(_texts(draft) if strict else ()),
        softer=_is_soft(draft),
    )


def _is_soft(draft: Mapping[str, Any]) -> bool:
    """Whether all that is heard was asked to be softer than music usually is."""
    volumes = [
        meta.get("volume") for kind, _, _, meta in segments_of(wire.State(draft=dict(draft))) if kind == "audio"
    ]
    return bool(volumes) and all(isinstance(one, int | float) and one < _USUAL_VOLUME for one in volumes)


def _texts(draft: Mapping[str, Any]) -> Iterator[quality.Text]:
    """Yield the titles of a draft with their times, but for those too short to be made out by their edges."""
    for kind, start, duration, meta in segments_of(wire.State(draft=dict(draft))):
        text = meta.get("text")
        titles = kind == "text" and meta.get("role", "title") == "title"
        if titles and isinstance(text, str) and len(text.strip()) >= _LEGIBLE:
            yield quality.Text(text=text, start=start, end=start + duration)


@step(Step.DELIVER)
async def deliver(job: Job, tools: Tools) -> Delivery:
    """Put cover, video and record into the output folder, each whole; the clip is then made.

    Raises:
        DiskFull, ConfigurationError: folder or bucket cannot be written to; the master is kept.
    """
    if not await kept(job, tools, _master(job, tools)):
        raise LedgerError(f"{job.clip.name}: the master is not there.", hint="Export it first.")
    clip = await tools.ledger.journal.clip(job.clip_id)
    cost = await tools.ledger.journal.spent_on(job.clip_id)
    bought = await made(job, tools)
    delivery = await asyncio.to_thread(_place, job, tools, clip, cost, bought)
    record = _record(job, clip, delivery, tools.clock.now()) | await _origins(job, tools, bought)
    await asyncio.to_thread(_put_record, record, delivery.record)
    delivery = await asyncio.to_thread(pass_on, job, tools, delivery)
    await tools.ledger.journal.delivered(job.claim, delivery)
    return delivery


def _place(job: Job, tools: Tools, clip: ClipRecord, cost: int, bought: PurchaseRecord) -> Delivery:
    places, master = places_of(job.clip, out_of(job, tools)), _master(job, tools)
    folder = places.video.parent
    with plain_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        sweep(folder)
        seconds = quality.length_of(master)
        quality.cover(master, places.cover)
        sha256 = copy_whole(master, places.video)
        renditions = made_for(job.clip, places.video, rehearsed=tools.settings.rehearse)
        extras = write_extras(job.clip, bought.draft or {}, places.video)
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
        renditions=renditions,
        extras=extras,
    )


async def _origins(job: Job, tools: Tools, bought: PurchaseRecord) -> dict[str, Any]:
    """Return where a video comes from: what was said, where it was made, by what, and what it may be used under."""
    session = await tools.ledger.sessions.get(bought.session_id)
    renders = await tools.ledger.renders.of(job.clip_id)
    said = [one.prompt for one in await tools.ledger.purchases.of(clip_id=job.clip_id) if one.draft is not None]
    return {
        "prompt": said[0] if said else bought.prompt,
        "changes": said[1:],
        "engine": tools.engine.value,
        "session": session.remote_id,
        "render": renders[-1].id if renders else None,
        "versions": {"nightreel": __version__, "recipe": job.clip.recipe, "av": av.__version__},
        "licences": licences_of(bought.draft or {}, tools.engine),
    }


def _record(job: Job, clip: ClipRecord, delivery: Delivery, now: datetime) -> dict[str, Any]:
    """Return what stands beside the video: inputs, credits, checks, what the platforms take."""
    asked = job.clip
    return {
        "clip": asked.name,
        "product": asked.product,
        "format": asked.format.value,
        "key": asked.key,
        "take": clip.take,
        "recipe": clip.recipe,
        "account": clip.account_id,
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
        "renditions": [one.model_dump(mode="json") for one in delivery.renditions],
        "extras": [path.name for path in delivery.extras],
        "post": post_text(asked.post, asked.hashtags),
        "made_at": (clip.made_at or now).isoformat(),
    }


def _put_record(record: Mapping[str, Any], to: Path) -> None:
    with plain_errors(to.parent):
        write_whole(to, (json.dumps(record, indent=2, ensure_ascii=False) + "\n").encode())


def _checks(clip: ClipRecord) -> tuple[Check, ...]:
    return tuple(Check.model_validate(check) for check in clip.checks or ())


def _master(job: Job, tools: Tools) -> Path:
    return tools.masters / f"{job.clip_id}.mp4"
