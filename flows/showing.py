"""Shows our cycles in Prefect: creates runs, sets their stages, resumes them.

Every function takes many runs at once and uses Prefect's bulk routes (one request for 50 or 100 runs), may be
repeated at will, and answers per run with an `Outcome` instead of raising when the run is over or gone. What
should be shown is decided by our database; this module only makes Prefect agree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, TypeVar
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import DeploymentFlowRunCreate, StateCreate
from prefect.client.schemas.filters import FlowRunFilter, WorkPoolFilter, WorkPoolFilterName
from prefect.client.schemas.objects import StateDetails, StateType

T = TypeVar("T")

# Limits of Prefect's routes (server/api: BULK_OPERATION_LIMIT, BULK_CREATE_LIMIT, default page size).
SET_AT_ONCE = 50
CREATE_AT_ONCE = 100
READ_AT_ONCE = 200

# A run of a living cycle that was cancelled in Prefect's UI goes back under its stage: the cycle is not
# cancelled by that. One that failed is not hidden behind a stage, but run again by `resume_runs`.
SHOWABLE = (StateType.PAUSED, StateType.CANCELLED)
RESUMABLE = (StateType.PAUSED, StateType.CANCELLED, StateType.FAILED, StateType.CRASHED)
IN_A_PASS = (StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)


class Outcome(Enum):
    """The result of a request about one run."""

    DONE = "done"
    ALREADY = "already"  # Prefect agreed before
    BUSY = "busy"  # a pass is waiting or under way: look again when it has ended
    BROKEN = "broken"  # its last pass failed: only `resume_runs` helps
    OVER = "over"  # completed
    GONE = "gone"  # Prefect doesn't know it (any more): create it again


@dataclass(frozen=True)
class RunSpec:
    """A run to be created. With a `stage` it begins suspended under that name, without a pass of its own."""

    name: str
    parameters: Mapping[str, Any]
    idempotency_key: str
    tags: Sequence[str] = ()
    stage: str | None = None


@dataclass(frozen=True)
class RunView:
    """A run as Prefect knows it."""

    id: UUID
    name: str
    state_type: StateType
    state_name: str
    idempotency_key: str | None = None


class RunRefused(Exception):
    """Prefect would not create a run: the parameters don't fit the deployment."""


def waiting_state(stage: str, key: str | None = None) -> StateCreate:
    """A suspended state without a timeout under the name of a stage.

    Prefect's own is called "Suspended"; what makes it one is `pause_reschedule`, not the name.
    """
    return StateCreate(
        type=StateType.PAUSED,
        name=stage,
        state_details=StateDetails(pause_reschedule=True, pause_timeout=None, pause_key=key),
    )


async def create_runs(client: PrefectClient, deployment_id: UUID, specs: Sequence[RunSpec]) -> list[UUID]:
    """Create the runs, in order; one whose idempotency key is known already is returned, not created again.

    Raises `prefect.exceptions.PrefectHTTPStatusError` (404) when the deployment is gone.
    """
    ids: list[UUID] = []
    for batch in _batches(specs, CREATE_AT_ONCE):
        wanted = [
            DeploymentFlowRunCreate(
                name=spec.name,
                parameters=dict(spec.parameters),
                idempotency_key=spec.idempotency_key,
                tags=list(spec.tags),
                state=waiting_state(spec.stage) if spec.stage else None,
            ).model_dump(mode="json", exclude_unset=True)
            for spec in batch
        ]
        answer = await _post(client, f"/deployments/{deployment_id}/create_flow_run/bulk", wanted)
        for spec, result in zip(batch, answer["results"], strict=True):
            if result["status"] != "CREATED":
                raise RunRefused(f"Prefect refused the run “{spec.name}”: {result['error']}")
            ids.append(UUID(result["flow_run_id"]))
    return ids


async def show_stages(client: PrefectClient, stages: Mapping[UUID, str]) -> dict[UUID, Outcome]:
    """Put suspended runs under the name of their stage, with one request per stage and 50 runs."""
    outcomes: dict[UUID, Outcome] = {}
    by_stage: dict[str, list[UUID]] = defaultdict(list)
    for run_id, stage in stages.items():
        by_stage[stage].append(run_id)
    for stage, run_ids in by_stage.items():
        # PAUSED under the right name already is not touched; CANCELLED never has a stage's name.
        changed = await _set_states(client, run_ids, waiting_state(stage), only=SHOWABLE, except_named=stage)
        outcomes |= dict.fromkeys(changed, Outcome.DONE)
    for run_id, view in (await read_runs(client, stages.keys() - outcomes.keys())).items():
        outcomes[run_id] = _standing(view, at_rest=SHOWABLE)
    return outcomes


async def show_stage(client: PrefectClient, flow_run_id: UUID, name: str) -> Outcome:
    """Put one suspended run under the name of its stage."""
    return (await show_stages(client, {flow_run_id: name}))[flow_run_id]


async def resume_runs(client: PrefectClient, flow_run_ids: Iterable[UUID]) -> dict[UUID, Outcome]:
    """Schedule one more pass of each run, be it suspended, cancelled, failed or crashed."""
    wanted = list(flow_run_ids)
    changed = await _set_states(client, wanted, _scheduled_now(), only=RESUMABLE)
    outcomes = dict.fromkeys(changed, Outcome.DONE)
    for run_id, view in (await read_runs(client, set(wanted) - outcomes.keys())).items():
        outcomes[run_id] = _standing(view, at_rest=RESUMABLE)
    return outcomes


async def resume(client: PrefectClient, flow_run_id: UUID) -> Outcome:
    """Schedule one more pass of a run."""
    return (await resume_runs(client, [flow_run_id]))[flow_run_id]


async def read_runs(client: PrefectClient, flow_run_ids: Iterable[UUID]) -> dict[UUID, RunView | None]:
    """The runs as Prefect knows them; None for one it doesn't know."""
    views: dict[UUID, RunView | None] = dict.fromkeys(flow_run_ids)
    for batch in _batches(list(views), READ_AT_ONCE):
        for view in await _read(client, {"id": {"any_": [str(run_id) for run_id in batch]}}):
            views[view.id] = view
    return views


async def find_runs(client: PrefectClient, idempotency_keys: Sequence[str]) -> dict[str, RunView]:
    """The runs that were created with these keys, as far as Prefect still knows them."""
    found: dict[str, RunView] = {}
    for batch in _batches(idempotency_keys, READ_AT_ONCE):
        for view in await _read(client, {"idempotency_key": {"any_": list(batch)}}):
            found[str(view.idempotency_key)] = view
    return found


async def unfinished_passes(client: PrefectClient, work_pool_name: str, *, before: datetime) -> list[UUID]:
    """The runs of a pool that have been taken by a worker, and have not changed state since `before`."""
    runs = await client.read_flow_runs(
        flow_run_filter=FlowRunFilter.model_validate({"state": {"type": {"any_": ["PENDING", "RUNNING"]}}}),
        work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[work_pool_name])),
        limit=READ_AT_ONCE,
    )
    return [run.id for run in runs if run.state is not None and run.state.timestamp <= before]


async def hand_back(client: PrefectClient, flow_run_ids: Sequence[UUID]) -> list[UUID]:
    """Schedule again the passes that a dead worker left pending or running."""
    return await _set_states(
        client, flow_run_ids, _scheduled_now(), only=(StateType.PENDING, StateType.RUNNING)
    )


async def _set_states(
    client: PrefectClient,
    flow_run_ids: Sequence[UUID],
    state: StateCreate,
    *,
    only: Iterable[StateType],
    except_named: str | None = None,
) -> list[UUID]:
    """Force the state on those runs that are in one of the given states; the ids of those that were.

    The server does the choosing, so a run that has just been resumed isn't put back.
    """
    changed: list[UUID] = []
    standing: dict[str, Any] = {"type": {"any_": [state_type.value for state_type in only]}}
    if except_named is not None:
        standing["name"] = {"not_any_": [except_named]}
    for batch in _batches(flow_run_ids, SET_AT_ONCE):
        wanted = {
            "flow_runs": {"id": {"any_": [str(run_id) for run_id in batch]}, "state": standing},
            "state": state.model_dump(mode="json", exclude_unset=True),
            "force": True,
        }
        answer = await _post(client, "/flow_runs/bulk_set_state", wanted)
        changed += [UUID(one["flow_run_id"]) for one in answer["results"] if one["status"] == "ACCEPT"]
    return changed


async def _read(client: PrefectClient, wanted: Mapping[str, Any]) -> list[RunView]:
    matching = FlowRunFilter.model_validate(wanted)
    runs = await client.read_flow_runs(flow_run_filter=matching, limit=READ_AT_ONCE)
    return [
        RunView(
            id=run.id,
            name=run.name,
            state_type=run.state.type,
            state_name=run.state.name or run.state.type.value.title(),
            idempotency_key=run.idempotency_key,
        )
        for run in runs
        if run.state is not None
    ]


async def _post(client: PrefectClient, path: str, body: object) -> Any:
    # The bulk routes are part of the public API of 3.8, but the client has no methods for them yet.
    answer = await client.request("POST", path, json=body)  # type: ignore[arg-type]
    return answer.json()


def _standing(view: RunView | None, *, at_rest: Iterable[StateType]) -> Outcome:
    """Why a request changed nothing."""
    if view is None:
        return Outcome.GONE
    if view.state_type in IN_A_PASS:
        return Outcome.BUSY
    if view.state_type is StateType.COMPLETED:
        return Outcome.OVER
    return Outcome.ALREADY if view.state_type in at_rest else Outcome.BROKEN


def _scheduled_now() -> StateCreate:
    details = StateDetails.model_validate({"scheduled_time": datetime.now(UTC)})
    return StateCreate(type=StateType.SCHEDULED, name="Resuming", state_details=details)


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
