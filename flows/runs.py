"""Flow runs, read from Prefect's API: in pages, since it gives two hundred at once."""

from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import TERMINAL_STATES, FlowRun
from prefect.client.schemas.sorting import FlowRunSort

from nightreel.clock import SystemClock

PAGE = 50
"""Runs that are asked for at once: each comes with its parameters (a shard's clips); Prefect gives 200 at most."""


async def read_runs(client: PrefectClient, ids: Sequence[UUID]) -> dict[UUID, FlowRun]:
    """Return the runs of *ids* by id; one that Prefect does not know any more is not among them."""
    found: dict[UUID, FlowRun] = {}
    for first in range(0, len(ids), PAGE):
        some = FlowRunFilter(id=FlowRunFilterId(any_=list(ids[first : first + PAGE])))
        found |= {run.id: run for run in await client.read_flow_runs(flow_run_filter=some, limit=PAGE)}
    return found


async def under_way(client: PrefectClient, tag: str) -> AsyncGenerator[FlowRun]:
    """Yield the day's runs with *tag* that have not ended, those included that no worker has taken yet.

    What has not ended after a day was left standing by a worker that died.
    """
    yesterday = SystemClock().now() - timedelta(days=1)
    wanted = FlowRunFilter(
        tags=FlowRunFilterTags(all_=[tag]),
        state=FlowRunFilterState(type=FlowRunFilterStateType(not_any_=list(TERMINAL_STATES))),
        expected_start_time=FlowRunFilterExpectedStartTime.model_validate({"after_": yesterday}),
    )
    offset, more = 0, True
    while more:
        page = await client.read_flow_runs(
            flow_run_filter=wanted, sort=FlowRunSort.ID_DESC, limit=PAGE, offset=offset
        )
        for run in page:
            yield run
        offset, more = offset + PAGE, len(page) == PAGE
