"""What runs are called and tagged by, so that one finds them in Prefect's UI."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from prefect import get_client
from prefect.runtime import flow_run

from flows.events import heard
from nightreel.models import Clip, Request

FEW = 3
"""Products that a name tells."""

TAGGED = 10
"""Products whose names a run bears as tags; a run of more is about the catalog."""


def name_of() -> str:
    """Return what the current run of a catalog is called: "catalog: MUG, LAMP · 9x16"."""
    parameters: dict[str, Any] = flow_run.parameters
    request = parameters.get("request", Request())
    request = request if isinstance(request, Request) else Request.model_validate(request)
    return title(request)


def name_of_shard() -> str:
    """Return what the current run of a shard is called: "make 4 clips: MUG, LAMP"."""
    shard = [Clip.model_validate(clip) for clip in flow_run.parameters.get("shard") or ()]
    many = "clip" if len(shard) == 1 else "clips"
    return f"make {len(shard)} {many}: {_few([clip.product for clip in shard])}"


def _few(names: Sequence[str]) -> str:
    each = list(dict.fromkeys(names))
    return ", ".join(each[:FEW]) + (f" and {len(each) - FEW} more" if len(each) > FEW else "")


def title(request: Request) -> str:
    """Return a request in a few words."""
    words = PurePath(request.source.rstrip("/")).name or request.source
    if request.only:
        words += f": {_few(request.only)}"
    formats = ", ".join(it.value for it in request.formats)
    return " · ".join(part for part in (words, formats, "rehearsal" if request.rehearse else "") if part)


def tags_of(clips: Sequence[Clip]) -> list[str]:
    """Return the tags of a run that makes *clips*: their formats, and their products if they are few."""
    products = dict.fromkeys(clip.product for clip in clips)
    formats = sorted({clip.format.value for clip in clips})
    return [*formats, *(products if len(products) <= TAGGED else ())]


async def label(clips: Sequence[Clip]) -> None:
    """Tag the current run with what it makes."""
    if heard() and clips and (run := flow_run.id):
        async with get_client() as client:
            await client.update_flow_run(run, tags=[*flow_run.tags, *tags_of(clips)])
