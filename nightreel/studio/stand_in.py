"""What renders in a rehearsal: waits as long as the service takes, and leaves a placeholder."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from nightreel.studio import placeholder
from nightreel.studio.draft import Draft
from nightreel.studio.options import StudioOptions

_PARTS = 10
"""Moments at which the progress moves."""


async def render(draft: Draft, out: Path, options: StudioOptions, progress: Callable[[float], None]) -> None:
    """Make a placeholder of *draft* at *out*, in the service's own time; *progress* is told 0..1.

    Raises:
        ValueError: there is nothing to show.
    """
    seconds = options.tempo.render(draft)
    for part in range(_PARTS):
        progress(part / _PARTS)
        await options.clock.sleep(seconds / _PARTS)
    await asyncio.to_thread(placeholder.write, draft, out)
