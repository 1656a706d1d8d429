"""What other machines have made comes into the night's own folder, by the bucket that it travels by."""

import asyncio
from collections.abc import Iterable

from nightreel.clips import Order
from nightreel.clips.files import all_names, places_of
from nightreel.errors import NightreelError
from nightreel.models import Clip
from nightreel.nights.planning import Night, missing_of
from nightreel.runtime import Runtime
from nightreel.settings import Settings
from nightreel.sources import Outbox


async def gathered(night: Night, order: Order, runtime: Runtime) -> Night:
    """Return *night* with what its folder lacks fetched, where results travel by a bucket: nobody delivers it again.

    Raises:
        NightreelError: the bucket does not answer, or a file cannot be fetched.
    """
    if not order.put or not night.missing:
        return night
    await _fetch(night.missing, order, runtime.settings)
    left = await asyncio.to_thread(missing_of, night.plan.items, order.out, runtime.tools.account_id)
    return night.model_copy(update={"missing": left})


async def gather(clips: Iterable[Clip], order: Order, settings: Settings) -> str:
    """Fetch what was made of *clips* elsewhere; return what went wrong, or "": what was made is in the bucket."""
    try:
        await _fetch(clips, order, settings)
    except NightreelError as error:
        return str(error)
    return ""


async def _fetch(clips: Iterable[Clip], order: Order, settings: Settings) -> None:
    if not order.put:
        return
    places = {
        path.relative_to(order.out).as_posix(): path
        for clip in clips
        for path in all_names(places_of(clip, order.out))
    }
    await asyncio.to_thread(Outbox(order.put, settings).fetch, places)
