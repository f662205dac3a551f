"""Applies `deployments/prefect.yaml` through the API, in a second and without the command line.

Reading the file is `flows.described`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.schedules import CronSchedule
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema

from flows.described import KNOWN_SCHEDULE_KEYS, deployments_file, described_in, refuse_unknown
from flows.worker import TiendoWorker

PLAN_ITEM = "plan-item"
POOL = "tiendo"


async def ensure_deployments(
    client: PrefectClient, file: Path | None = None, *, timezone: str | None = None
) -> dict[str, UUID]:
    """Create or update the work pools and deployments of the file; the deployments' ids by name.

    Schedules go by `timezone`, the organisation's, or else by the file's. A deployment that matches the
    file is not touched, so that its scheduled runs stay: what was due while nobody ran it is run late.
    """
    described = [_in_zone(one, timezone) for one in described_in(file or deployments_file())]
    for pool in sorted({str(one["work_pool"]["name"]) for one in described}):
        await ensure_pool(client, pool)
    return {one["name"]: await _ensure_deployment(client, one) for one in described}


async def ensure_pool(client: PrefectClient, name: str) -> None:
    """Create the work pool, of our worker's type. An existing one keeps its type: it may be `process`."""
    wanted = WorkPoolCreate(
        name=name, type=TiendoWorker.type, base_job_template=TiendoWorker.get_default_base_job_template()
    )
    with contextlib.suppress(ObjectAlreadyExists):
        await client.create_work_pool(wanted)


async def _ensure_deployment(client: PrefectClient, described: dict[str, Any]) -> UUID:
    flow: Flow[..., Any] = load_flow_from_entrypoint(described["entrypoint"], use_placeholder_flow=False)
    parameters = parameter_schema(flow)
    # The flow's parameters count too: with a new signature the deployment must follow.
    version = _version(described | {"schema": parameters.model_dump(mode="json")})
    try:
        there = await client.read_deployment_by_name(f"{flow.name}/{described['name']}")
        if there.version == version:
            return there.id
    except ObjectNotFound:
        pass
    return await client.create_deployment(
        flow_id=await client.create_flow(flow),
        name=described["name"],
        version=version,
        description=described.get("description"),
        tags=described.get("tags"),
        parameters=described.get("parameters"),
        entrypoint=described["entrypoint"],
        work_pool_name=described["work_pool"]["name"],
        schedules=[_schedule(one) for one in described.get("schedules", [])],
        parameter_openapi_schema=parameters.model_dump(),
        enforce_parameter_schema=True,
    )


def _in_zone(described: dict[str, Any], timezone: str | None) -> dict[str, Any]:
    if timezone is None or "schedules" not in described:
        return described
    return described | {"schedules": [one | {"timezone": timezone} for one in described["schedules"]]}


def _schedule(described: dict[str, Any]) -> DeploymentScheduleCreate:
    refuse_unknown(described, KNOWN_SCHEDULE_KEYS, "a schedule")
    return DeploymentScheduleCreate(
        schedule=CronSchedule(cron=described["cron"], timezone=described.get("timezone")),
        active=described.get("active", True),
        slug=described.get("slug"),
    )


def _version(described: dict[str, Any]) -> str:
    text = json.dumps(described, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
