"""The seven steps of a clip, each as a Prefect task."""

from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE

from nightreel import clips
from nightreel.clips import Job
from nightreel.models import Check, Delivery, Timeline
from nightreel.runtime import open_runtime

MINUTE = 60


@task(
    task_run_name="open session {job.clip.name}", tags=["session"], timeout_seconds=10 * MINUTE, cache_policy=NO_CACHE
)
async def open_session(job: Job) -> str:
    """Have an editing session for *job*'s clip; return its id in the journal."""
    async with open_runtime() as runtime:
        return await clips.open_session(job, runtime.tools)


@task(task_run_name="upload {job.clip.name}", tags=["upload"], timeout_seconds=60 * MINUTE, cache_policy=NO_CACHE)
async def upload(job: Job) -> int:
    """Have all photos of the clip in its session; return how many."""
    async with open_runtime() as runtime:
        return await clips.upload(job, runtime.tools)


@task(task_run_name="generate {job.clip.name}", tags=["paid"], timeout_seconds=60 * MINUTE, cache_policy=NO_CACHE)
async def generate(job: Job) -> Timeline:
    """Have the service make the clip's timeline; return it as read back from the state.

    Safe to run again: the journal knows what was sent, and what is unknown is looked up, never sent twice.
    """
    async with open_runtime() as runtime:
        return await clips.generate(job, runtime.tools)


@task(task_run_name="verify {job.clip.name}", tags=["session"], timeout_seconds=15 * MINUTE, cache_policy=NO_CACHE)
async def verify(job: Job) -> Timeline:
    """Read the session's state and see that it shows what was asked for."""
    async with open_runtime() as runtime:
        return await clips.verify(job, runtime.tools)


@task(task_run_name="export {job.clip.name}", tags=["render"], timeout_seconds=120 * MINUTE, cache_policy=NO_CACHE)
async def export(job: Job) -> Path:
    """Have the clip rendered and fetched; return the kept master."""
    async with open_runtime() as runtime:
        return await clips.export(job, runtime.tools)


@task(task_run_name="inspect {job.clip.name}", tags=["check"], timeout_seconds=15 * MINUTE, cache_policy=NO_CACHE)
async def inspect(job: Job) -> tuple[Check, ...]:
    """Check the finished file; one that fails is not delivered."""
    async with open_runtime() as runtime:
        return await clips.inspect(job, runtime.tools)


@task(task_run_name="deliver {job.clip.name}", tags=["deliver"], timeout_seconds=15 * MINUTE, cache_policy=NO_CACHE)
async def deliver(job: Job) -> Delivery:
    """Put video, cover and record into the output folder, whole."""
    async with open_runtime() as runtime:
        return await clips.deliver(job, runtime.tools)
