"""Registers at a Prefect server what Nightreel needs there: work pool, limits, deployments, automations.

What the operator has changed since stays: a deployment is only written again when ours has changed, and limits,
pool and automations only when they are not there; of the pool, the interpreter that it names is kept true.
"""

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from nightreel.cli.prefect_automations import HEARTBEAT, ensure
from nightreel.cli.prefect_worker import command, interpreter_of
from nightreel.errors import ConfigurationError
from nightreel.models import digest

if TYPE_CHECKING:
    from uuid import UUID

    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas.actions import DeploymentScheduleCreate

POOL = "videos"
DEPLOYMENTS = Path(__file__).parents[2] / "deployments" / "prefect.yaml"

RUNS = {"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT), "PREFECT_LOGGING_EXTRA_LOGGERS": "nightreel"}
"""What every worker of the pool sets for its flow runs, whoever has started it: signs of life, and our log."""

STEP = "prefect.deployments.steps.set_working_directory"
"""What a worker does before a flow run: it goes to the folder that relative paths are relative to."""

Entry = Mapping[str, Any]


def entries(file: Path = DEPLOYMENTS) -> list[Entry]:
    """Return the deployments that *file* describes.

    Raises:
        ConfigurationError: it cannot be read.
    """
    try:
        return list(yaml.safe_load(file.read_text(encoding="utf-8"))["deployments"])
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{file} cannot be read: {error}", hint="Install again, or mend it.") from None


async def set_up(client: "PrefectClient", folder: Path, limits: Mapping[str, int], zone: str) -> list[str]:
    """Register everything; return the names of the deployments that were written.

    Args:
        client: to the server.
        folder: where flow runs work: what relative paths are relative to.
        limits: how many tasks of a tag run at once, by tag; for parallelism only, never for credits.
        zone: in which a schedule is meant that names none.
    """
    await _ensure_pool(client)
    for tag, limit in limits.items():
        await _ensure_limit(client, f"tag:{tag}", limit)
    written = [name for entry in entries() if (name := await _deploy(client, entry, folder, zone))]
    await ensure(client)
    return written


async def _ensure_pool(client: "PrefectClient") -> None:
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.exceptions import ObjectAlreadyExists
    from prefect.workers.process import ProcessWorker

    template = ProcessWorker.get_default_base_job_template()
    variables = template["variables"]["properties"]
    variables["command"]["default"] = command()
    variables["env"]["default"] = {**RUNS}
    try:
        await client.create_work_pool(WorkPoolCreate(name=POOL, type="process", base_job_template=template))
    except ObjectAlreadyExists:
        await _keep_true(client)


async def _keep_true(client: "PrefectClient") -> None:
    """Have the pool name the interpreter that is here: it may have moved since. A command of the operator's stays."""
    from prefect.client.schemas.actions import WorkPoolUpdate

    template = (await client.read_work_pool(POOL)).base_job_template
    named = command_in(template)
    if interpreter_of(named) and named != command():
        template["variables"]["properties"]["command"]["default"] = command()
        await client.update_work_pool(POOL, WorkPoolUpdate(base_job_template=template))


def command_in(template: Mapping[str, Any]) -> str:
    """Return the command of a flow run that a pool's job template names; "" where there is none."""
    properties: Mapping[str, Any] = template.get("variables", {}).get("properties", {})
    return str(properties.get("command", {}).get("default") or "")


async def _ensure_limit(client: "PrefectClient", name: str, limit: int) -> None:
    from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
    from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound

    try:
        await client.read_global_concurrency_limit_by_name(name)
    except ObjectNotFound:
        wanted = GlobalConcurrencyLimitCreate(name=name, limit=limit)
        try:
            await client.create_global_concurrency_limit(wanted)
        except ObjectAlreadyExists:  # another `up` was quicker
            return


async def _deploy(client: "PrefectClient", entry: Entry, folder: Path, zone: str) -> str:
    """Write one deployment, unless it stands there as ours; return its name if it was written."""
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyOptions
    from prefect.exceptions import ObjectNotFound
    from prefect.flows import load_flow_from_entrypoint
    from prefect.utilities.callables import parameter_schema

    flow = load_flow_from_entrypoint(entry["entrypoint"])
    schema = parameter_schema(flow).model_dump(exclude_unset=True)
    name = f"{flow.name}/{entry['name']}"
    version = digest([entry, schema, str(folder), *_zones(entry, zone)])[:12]
    try:
        if (await client.read_deployment_by_name(name)).version == version:
            return ""
    except ObjectNotFound:
        pass
    limit = ConcurrencyLimitConfig(**entry["concurrency_limit"]) if "concurrency_limit" in entry else None
    deployed = await client.create_deployment(
        await client.create_flow_from_name(flow.name),
        entry["name"],
        version=version,
        description=entry["description"],
        entrypoint=entry["entrypoint"],
        parameters=dict(entry.get("parameters") or {}),
        parameter_openapi_schema=json.loads(json.dumps(schema)),
        enforce_parameter_schema=True,
        schedules=schedules_of(entry, zone),
        concurrency_limit=limit.limit if limit else None,
        concurrency_options=ConcurrencyOptions(collision_strategy=limit.collision_strategy) if limit else None,
        tags=list(entry.get("tags") or []),
        work_pool_name=entry["work_pool"]["name"],
        pull_steps=[{STEP: {"directory": str(folder)}}],
    )
    for trigger in entry.get("triggers") or ():
        await _set_trigger(client, trigger, deployed)
    return name


def _zones(entry: Entry, zone: str) -> list[str]:
    """Return what *zone* is to *entry*: nothing where each schedule names its own."""
    return [zone] if any("timezone" not in given for given in entry.get("schedules") or ()) else []


def schedules_of(entry: Entry, zone: str) -> "list[DeploymentScheduleCreate]":
    """Return the schedules that *entry* describes; one that names no time zone is meant in *zone*."""
    from prefect.client.schemas.actions import DeploymentScheduleCreate
    from prefect.client.schemas.schedules import construct_schedule

    found: list[DeploymentScheduleCreate] = []
    for given in entry.get("schedules") or ():
        when: dict[str, Any] = {"timezone": zone} | {key: value for key, value in given.items() if key != "active"}
        found.append(DeploymentScheduleCreate(schedule=construct_schedule(**when), active=given.get("active", True)))
    return found


async def _set_trigger(client: "PrefectClient", given: Entry, deployment: "UUID") -> None:
    """Have an event start the deployment, as `prefect deploy` does."""
    from prefect.events import DeploymentEventTrigger
    from prefect.exceptions import ObjectNotFound

    trigger = DeploymentEventTrigger.model_validate({k: v for k, v in given.items() if k != "type"})
    trigger.set_deployment_id(deployment)
    with contextlib.suppress(ObjectNotFound):
        await client.delete_resource_owned_automations(f"prefect.deployment.{deployment}")
    await client.create_automation(trigger.as_automation())
