"""What a Prefect server does by itself: tells somebody of trouble, and calls a run crashed whose worker has died."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from nightreel.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from prefect.client.orchestration import PrefectClient
    from prefect.events.schemas.automations import AutomationCore, EventTrigger

HEARTBEAT = 30
"""Seconds between the signs of life of a flow run: the least that Prefect takes."""

SILENCE = timedelta(seconds=4 * HEARTBEAT)
"""Without one for so long, a run counts as crashed."""

BLOCK = "nightreel-notify"

_ENDS = ("Completed", "Failed", "Cancelled", "Crashed")


async def ensure(client: "PrefectClient", silence: timedelta = SILENCE) -> None:
    """Have the automations; one that is there stays as the operator has it.

    Args:
        client: to the server.
        silence: after which a run counts as crashed.
    """
    block = await _notifier(client)
    for wanted in _wanted(block, silence):
        if not await client.read_automations_by_name(wanted.name):
            await client.create_automation(wanted)


def _wanted(block: "UUID | None", silence: timedelta) -> "Iterator[AutomationCore]":
    from prefect.client.schemas.objects import StateType
    from prefect.events.actions import ChangeFlowRunState, SendNotification
    from prefect.events.schemas.automations import AutomationCore

    crashed = ChangeFlowRunState.model_validate(
        {"state": StateType.CRASHED, "message": "Its worker gives no sign of life any more."}
    )
    yield AutomationCore(
        name="nightreel: a run whose worker has died is crashed",
        description="The next run goes on where it was: the journal knows what was paid for.",
        trigger=_silent(silence),
        actions=[crashed],
    )
    if block is None:
        return
    for name, trigger, body in _news():
        tell = SendNotification(block_document_id=block, subject=f"Nightreel: {name}", body=body)
        yield AutomationCore(name=f"nightreel: tell of {name}", trigger=trigger, actions=[tell])


def _silent(silence: timedelta) -> "EventTrigger":
    from prefect.events.schemas.automations import EventTrigger, Posture

    return EventTrigger(
        after={"prefect.flow-run.heartbeat"},
        expect={"prefect.flow-run.heartbeat", *(f"prefect.flow-run.{end}" for end in _ENDS)},
        for_each={"prefect.resource.id"},
        posture=Posture.Proactive,
        threshold=1,
        within=silence,
    )


def _news() -> "Iterator[tuple[str, EventTrigger, str]]":
    """Give what somebody is told of, when, and in which words."""
    from prefect.events.schemas.automations import EventTrigger, Posture

    def on(*events: str) -> EventTrigger:
        return EventTrigger(expect=set(events), posture=Posture.Reactive, threshold=1, within=timedelta(0))

    ended = "{{ event.payload.words }}"
    run = "{{ flow_run.name }}: {{ flow_run.state.message }}"
    yield "a run that failed", on("prefect.flow-run.Failed", "prefect.flow-run.Crashed"), run
    yield "credits that run low", on("nightreel.credits.low"), ended
    yield "a clip that needs a person", on("nightreel.clip.needs-person"), ended


async def _notifier(client: "PrefectClient") -> "UUID | None":
    """Keep `NIGHTREEL_NOTIFY_URL` as a block, in which it is masked; None where nobody wants to be told."""
    from prefect.blocks.notifications import CustomWebhookNotificationBlock

    url = load_settings().notify_url.get_secret_value()
    if not url:
        return None
    told: dict[str, Any] = {"text": "{{subject}}\n{{body}}"}
    block = CustomWebhookNotificationBlock.model_validate(
        {"name": "nightreel", "url": "{{address}}", "json_data": told, "secrets": {"address": url}}
    )
    return await block.asave(BLOCK, overwrite=True, client=client)
