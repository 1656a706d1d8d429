"""social_drop: what the rules say for today, made and laid out; what is on sale no more is withdrawn."""

from collections.abc import Awaitable
from typing import cast

from prefect import flow
from prefect.artifacts import acreate_table_artifact
from prefect.client.schemas import State
from prefect.states import Completed, Failed

from flows.catalog import catalog_to_video
from flows.events import heard
from nightreel import social
from nightreel.models import Request
from nightreel.report import RunReport
from nightreel.runtime import open_runtime
from nightreel.settings import load_settings
from nightreel.social import Drop, Dropped

DAILY = Drop()
"""Every parameter of a flow needs a default, or an automation's run silently fails."""


@flow(name="social-drop", retries=0, persist_result=False)
async def social_drop(drop: Drop = DAILY) -> State:
    """Take out what is on sale no more, pick whose turn it is, make it, and lay it out by day and platform.

    Again on the same day, nothing is made, bought or laid out twice.
    """
    async with open_runtime(load_settings(engine=drop.engine, rehearse=drop.rehearse or None)) as runtime:
        shelf = social.FolderShelf.of(runtime.settings, drop.out)
        done, report = await social.drop(drop, runtime, _make, shelf)
    await _show(done)
    words = social.in_words(done.told, done.new)
    return Failed(message=words, data=report) if report.exit_code else Completed(message=words, data=report)


async def _make(request: Request) -> RunReport | None:
    """Make a night of it, as any other; None if it broke off."""
    # Prefect's types say that an async flow's state is not awaited; it is.
    state = await cast("Awaitable[State]", catalog_to_video(request, return_state=True))
    told = await state.aresult(raise_on_failure=False)
    return told if isinstance(told, RunReport) else None


async def _show(done: Dropped) -> None:
    """Show the day's posts in Prefect's UI, and what was withdrawn."""
    rows = [
        {"time": f"{each.at:%H:%M}", "slot": each.slot.name, "product": pick.product, "why": pick.why}
        | {
            post.platform: post.files[-1]
            for post in done.posts
            if (post.slot, post.product) == (each.slot.name, pick.product)
        }
        for each in done.planned
        for pick in each.picks
    ]
    rows += [{"withdrawn": it.post.clip, "product": it.post.product, "why": it.why} for it in done.withdrawn]
    if rows and heard():
        await acreate_table_artifact(rows, key="nightreel-social", description=f"Posts of {done.day}")
