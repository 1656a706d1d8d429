"""What Prefect's automations can hear of: doorbells, never the truth (that is the journal).

| event | about | when |
|---|---|---|
| `nightreel.photo.arrived` | a catalog | photos have come or changed (`up` hears of folders'), or somebody says so |
| `nightreel.plan.made` | a catalog | a run knows what there is to do |
| `nightreel.clip.delivered` | a clip | its video stands in the output folder |
| `nightreel.clip.needs-person` | a clip | nothing tells what came of its prompt |
| `nightreel.credits.low` | an account | fewer are available than `NIGHTREEL_CREDITS_LOW` |
| `nightreel.batch.finished` | a catalog | a run has ended, in whichever way |
"""

import os
from typing import Any
from urllib.parse import quote

from prefect.events import emit_event

ARRIVED = "nightreel.photo.arrived"
PLANNED = "nightreel.plan.made"
DELIVERED = "nightreel.clip.delivered"
NEEDS_PERSON = "nightreel.clip.needs-person"
CREDITS_LOW = "nightreel.credits.low"
FINISHED = "nightreel.batch.finished"


def heard() -> bool:
    """Whether anybody can see or hear what a run tells: an ephemeral server goes with its run."""
    return not os.environ.get("PREFECT__SERVER_EPHEMERAL")


def tell(event: str, kind: str, name: str, words: str, **payload: Any) -> None:  # noqa: ANN401 - JSON
    """Emit *event* about the *kind* of thing called *name*; *words* are for people.

    A server that does not take it is no reason to fail anything: Prefect sends it from a thread of its own.
    """
    if heard():
        resource = {"prefect.resource.id": f"nightreel.{kind}.{quote(name, safe='')}", "prefect.resource.name": name}
        emit_event(event, resource, payload={"words": words, **payload})
