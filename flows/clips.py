"""make_clips: one shard of a night's clips, fanned out, bounded. What workers run."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import nullcontext

from prefect import flow, tags

import tasks.clip as step
from flows import events
from flows.names import name_of_shard
from flows.stopping import draining
from nightreel import clips
from nightreel.clips import Job, Order, Tools
from nightreel.errors import NightreelError
from nightreel.models import Clip, Delivery, Request
from nightreel.nights import STOPS
from nightreel.runtime import open_runtime
from nightreel.settings import settings_of

log = logging.getLogger("nightreel.flows")


@flow(name="make-clips", flow_run_name=name_of_shard, retries=0, persist_result=False)
async def make_clips(
    shard: tuple[Clip, ...] = (), order: Order | None = None, request: Request | None = None
) -> bool:
    """Make every clip of *shard*, so many at once as the settings say; return whether another shard is of use.

    One failed clip fails neither its shard nor its run: what came of each stands in the journal. When credits or the
    budget run out, or an error comes that the next clip would meet as well, no further clip is begun; those that are
    in work go on to their end. Nor is one begun when the run is asked to stop.
    """
    if order is None:
        return True
    async with open_runtime(settings_of(request or Request())) as runtime, draining(runtime.tools.stopping):
        waiting = iter(shard)
        runners = min(runtime.settings.clips_at_once, len(shard))
        stop = asyncio.Event()
        await asyncio.gather(*(_make_some(waiting, order, runtime.tools, stop) for _ in range(runners)))
        return not stop.is_set() and not runtime.tools.stopping.asked


async def _make_some(waiting: Iterator[Clip], order: Order, tools: Tools, stop: asyncio.Event) -> None:
    """Take one waiting clip after the other until none is left, or it is of no use."""
    for clip in waiting:
        if stop.is_set() or tools.stopping.asked:
            break
        try:
            with tags(clip.product, clip.format.value) if events.heard() else nullcontext():
                made = await clips.make(clip, order, tools, take_steps)
            events.tell(events.DELIVERED, "clip", clip.name, f"{clip.name} is made.", credits=made.credits)
        except NightreelError as error:
            log.info("%s: %s", clip.name, error)
            if isinstance(error, STOPS):
                stop.set()
        except Exception:  # what failed is in the journal; one clip fails neither its shard nor its run
            log.exception("%s failed of something unforeseen", clip.name)


async def take_steps(job: Job) -> Delivery:
    """The story of a clip."""
    await step.open_session(job)
    await step.upload(job)
    await step.generate(job)
    await step.verify(job)
    await step.export(job)
    await step.inspect(job)
    return await step.deliver(job)
