"""What other machines have made comes into the night's own folder, by the bucket that it travels by."""

import asyncio
from collections.abc import Iterable, Sequence

from nightreel.clips import Order
from nightreel.clips.files import Places, all_names, places_of, plain_errors, tidy
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
    if order.put:
        await asyncio.to_thread(_have, [places_of(clip, order.out) for clip in clips], order, settings)


def _have(places: Sequence[Places], order: Order, settings: Settings) -> None:
    """Have in the night's folder just what the bucket has; of a cut that was replaced, nothing stays. Blocks."""
    files = {path.relative_to(order.out).as_posix(): path for one in places for path in all_names(one)}
    Outbox(order.put, settings).fetch(files)
    with plain_errors(order.out):
        for one in places:
            tidy(one)
