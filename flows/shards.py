"""A night's clips in shards, handed to all workers of the pool; what became of them is read in the journal."""

import asyncio
import logging
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from prefect import get_client
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun
from prefect.deployments import arun_deployment
from prefect.states import Cancelling, Crashed

from flows.names import tags_of
from flows.runs import read_runs
from nightreel.clips import Order
from nightreel.clock import SystemClock
from nightreel.errors import class_named
from nightreel.ledger.claims import Holder
from nightreel.models import Clip, Request
from nightreel.nights import STOPS
from nightreel.runtime import Runtime
from nightreel.settings import Settings

log = logging.getLogger("nightreel.flows")

DEPLOYMENT = "make-clips/shard"
POOL = "videos"

SHARD_CLIPS = 200
SHARD_BYTES = 300_000
"""Prefect refuses parameters of more than 512 kB a flow run."""

SHARD_LEAST = 8
"""A flow run costs some ten seconds until its first request: fewer clips are not worth one."""

ROUNDS = 2
"""Shards for each worker: the first to end takes over from the last."""

TRIES = 3
"""How often what a shard has left is handed out, before it is left to the next night."""

EVERY = 2.0
"""Seconds between looks."""

PATIENCE = 300.0
"""Seconds in which cancelled shards end; a worker that lives kills one after half a minute."""


def cut(clips: Iterable[Clip], most: int = SHARD_CLIPS) -> Iterator[tuple[Clip, ...]]:
    """Cut *clips* into shards, of *most* clips at most, that one flow run can take as its parameter."""
    shard: list[Clip] = []
    size = 0
    for clip in clips:
        weight = len(clip.model_dump_json())
        if shard and (len(shard) >= most or size + weight > SHARD_BYTES):
            yield tuple(shard)
            shard, size = [], 0
        shard.append(clip)
        size += weight
    if shard:
        yield tuple(shard)


def parted(work: Sequence[Clip], settings: Settings) -> tuple[tuple[Clip, ...], tuple[Clip, ...]]:
    """Return what any worker can make, and what is made where it was planned: the web's photos were fetched there.

    Their addresses may hold keys, and are not handed on.
    """
    fetched = settings.photo_cache / "web"
    here = {clip.key for clip in work if any(photo.path.is_relative_to(fetched) for photo in clip.photos)}
    return tuple(it for it in work if it.key not in here), tuple(it for it in work if it.key in here)


def size_for(clips: int, workers: int) -> int:
    """Return how many clips a shard has: a few shards for each worker, neither tiny nor too big."""
    return max(SHARD_LEAST, min(SHARD_CLIPS, math.ceil(clips / (ROUNDS * max(1, workers)))))


@dataclass
class Handed:
    """A shard that was handed out; *run* is None until it is."""

    clips: tuple[Clip, ...]
    tries: int = 1
    run: UUID | None = None


@dataclass
class Handing:
    """The shards of one night on their way.

    Attributes:
        waiting: not handed out yet.
        out: handed out.
        late: what a crashed shard has left, clip by clip, until its runner's claim is known to be void.
        buried: claims of runners that are known to be no more.
    """

    order: Order
    request: Request
    runtime: Runtime
    client: PrefectClient
    waiting: list[Handed]
    out: list[Handed] = field(default_factory=list[Handed])
    late: list[Handed] = field(default_factory=list[Handed])
    buried: set[str] = field(default_factory=set[str])

    async def all(self) -> None:
        """Hand out and look, until nothing is left; when asked to stop, the shards are cancelled."""
        try:
            while (self.waiting or self.out or self.late) and not self.runtime.tools.stopping.asked:
                await self._hand_more()
                await SystemClock().sleep(EVERY)
                await self._look()
        finally:
            await asyncio.shield(self._cancel())

    async def _hand_more(self) -> None:
        """Have a few shards for each worker in flight: a worker that comes later gets its part, too."""
        most = ROUNDS * max(1, await workers(self.client))
        while self.waiting and len(self.out) < most:
            shard = self.waiting.pop(0)
            shard.run = (await self._run(shard)).id
            self.out.append(shard)

    async def _run(self, shard: Handed) -> FlowRun:
        first = shard.clips[0].key[:16]
        return await arun_deployment(
            DEPLOYMENT,
            client=self.client,
            parameters={
                "shard": [clip.model_dump(mode="json") for clip in shard.clips],
                "order": self.order.model_dump(mode="json"),
                "request": self.request.model_dump(mode="json"),
            },
            timeout=0,
            tags=tags_of(shard.clips),
            idempotency_key=f"{self.order.run_id}-{first}-{shard.tries}",
        )

    async def _look(self) -> None:
        """See which shards have ended, or died, and hand out again what they have left."""
        runs = await read_runs(self.client, [shard.run for shard in self.out if shard.run])
        holders = await self.runtime.ledger.claims.holders(self.order.run_id)
        for shard in tuple(self.out):
            run = runs.get(shard.run) if shard.run else None
            if run is None or run.state is None or run.state.is_final():
                await self._ended(shard, well=run is not None and run.state is not None and run.state.is_completed())
            elif self._died(shard, holders):
                await self._bury(run)
                await self._ended(shard, well=False)
        await self._take_up(holders)

    def _died(self, shard: Handed, holders: Mapping[str, Holder]) -> bool:
        """Whether a clip of the shard is held, for this run, by a process that is no more."""
        held = [holders[clip.key] for clip in shard.clips if clip.key in holders]
        dead = {holder.name for holder in held if not holder.there} - self.buried
        self.buried |= dead
        return bool(dead)

    async def _bury(self, run: FlowRun) -> None:
        log.warning("%s: its worker has died; what it has left is left to others.", run.name)
        await self.client.set_flow_run_state(run.id, Crashed(message="Its worker has died."), force=True)

    async def _ended(self, shard: Handed, *, well: bool) -> None:
        self.out.remove(shard)
        if await self._of_no_use():
            self.waiting.clear()
            self.late.clear()
        elif not well and shard.tries < TRIES:
            ended = await self.runtime.ledger.journal.ended_keys(self.order.run_id)
            self.late += [Handed((clip,), shard.tries + 1) for clip in shard.clips if clip.key not in ended]

    async def _take_up(self, holders: Mapping[str, Holder]) -> None:
        """Make a shard of what is late and held by nobody any more."""
        free = [it for it in self.late if (holder := holders.get(it.clips[0].key)) is None or not holder.there]
        if free:
            self.late = [it for it in self.late if it not in free]
            tries = max(it.tries for it in free)
            self.waiting += [Handed(part, tries) for part in cut(clip for it in free for clip in it.clips)]

    async def _of_no_use(self) -> bool:
        """Whether an error has come that the next clip would meet as well."""
        kinds = await self.runtime.ledger.journal.failures(self.order.run_id)
        return any(issubclass(class_named(kind), STOPS) for kind in kinds.values())

    async def _cancel(self) -> None:
        """Cancel the shards that are still out: their workers finish what is paid for."""
        for shard in self.out:
            if shard.run is not None:
                await self.client.set_flow_run_state(shard.run, Cancelling())
        end = SystemClock().monotonic() + PATIENCE
        while self.out and await self._still_out():
            if SystemClock().monotonic() > end:
                log.warning("%d shards do not end; what they hold is free when their leases run out.", len(self.out))
                return
            await SystemClock().sleep(EVERY)

    async def _still_out(self) -> bool:
        """Forget the shards that have ended, or whose worker is no more: nobody is left who could end those."""
        runs = await read_runs(self.client, [shard.run for shard in self.out if shard.run])
        holders = await self.runtime.ledger.claims.holders(self.order.run_id)
        for shard in tuple(self.out):
            run = runs.get(shard.run) if shard.run else None
            if run is not None and not _final(run):
                if not self._died(shard, holders):
                    continue
                await self._bury(run)
            self.out.remove(shard)
        return bool(self.out)


def _final(run: FlowRun) -> bool:
    return run.state is not None and run.state.is_final()


async def hand_out(work: tuple[Clip, ...], order: Order, request: Request, runtime: Runtime) -> None:
    """Have all workers make *work*; return when every clip has ended, or nobody goes on."""
    async with get_client() as client:
        size = size_for(len(work), await workers(client))
        await Handing(order, request, runtime, client, [Handed(shard) for shard in cut(work, size)]).all()


async def workers(client: PrefectClient) -> int:
    """Return how many workers of the pool are there."""
    found = await client.read_workers_for_work_pool(POOL)
    return sum(worker.status == "ONLINE" for worker in found)
