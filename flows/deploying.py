"""Applies `deployments/prefect.yaml` through the API, in a second and without the command line.

The file stays the one place where deployments are described: stock `prefect deploy` reads it as well. Of its
many keys this reads those we use, and refuses the rest rather than ignore them.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.schedules import CronSchedule
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema

from flows.worker import TiendoWorker

PLAN_ITEM = "plan-item"
POOL = "tiendo"

KNOWN_KEYS = {"name", "description", "entrypoint", "tags", "work_pool", "schedules", "parameters"}
KNOWN_SCHEDULE_KEYS = {"cron", "timezone", "slug", "active"}


def deployments_file() -> Path:
    """`deployments/prefect.yaml` of the checkout, or the copy that the wheel ships."""
    root = Path(__file__).resolve().parent.parent
    places = (root / "deployments", root / "workflow" / "_shipped" / "deployments")
    for place in places:
        if (file := place / "prefect.yaml").is_file():
            return file
    raise FileNotFoundError(
        f"no prefect.yaml, neither in {places[0]} nor in {places[1]}; install tiendo again"
    )


async def ensure_deployments(
    client: PrefectClient, file: Path | None = None, *, timezone: str | None = None
) -> dict[str, UUID]:
    """Create or update the work pools and deployments of the file; the deployments' ids by name.

    Schedules go by `timezone`, the organisation's, or else by the file's. A deployment that is as the file
    says is left alone, so that its scheduled runs stay: what was due while nobody ran it is run late.
    """
    described = [_in_zone(one, timezone) for one in _described(file or deployments_file())]
    for pool in sorted({str(one["work_pool"]["name"]) for one in described}):
        await ensure_pool(client, pool)
    return {one["name"]: await _ensure_deployment(client, one) for one in described}


async def ensure_pool(client: PrefectClient, name: str) -> None:
    """Create the work pool, of our worker's type. One that is there keeps its type: it may be `process`."""
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
    _refuse_unknown(described, KNOWN_SCHEDULE_KEYS, "a schedule")
    return DeploymentScheduleCreate(
        schedule=CronSchedule(cron=described["cron"], timezone=described.get("timezone")),
        active=described.get("active", True),
        slug=described.get("slug"),
    )


@cache
def _described(file: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(file.read_text(encoding="utf-8"))["deployments"]
    for one in found:
        _refuse_unknown(one, KNOWN_KEYS, f"deployment {one.get('name')}")
    return found


def _refuse_unknown(given: dict[str, Any], known: set[str], what: str) -> None:
    if unknown := given.keys() - known:
        raise ValueError(f"prefect.yaml: {what} has keys unknown to flows.deploying: {sorted(unknown)}")


def _version(described: dict[str, Any]) -> str:
    text = json.dumps(described, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
