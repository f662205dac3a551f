"""The calls from the flows into `workflow`: the only module here that knows both sides.

Every function is idempotent and answers from the database; Prefect may repeat it at any time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from prefect.client.orchestration import PrefectClient

from flows.showing import RunSpec


@dataclass(frozen=True)
class CycleView:
    """A cycle as its Prefect run shows it."""

    run_name: str
    stage: str
    stage_label: str
    is_final: bool
    summary: str
    link: str


@dataclass(frozen=True)
class Account:
    """What a period or sweep flow did: a word for the run's final state, and Markdown for its artifact."""

    label: str
    summary: str


@dataclass(frozen=True)
class Difference:
    """A cycle that Prefect doesn't show as it stands; `flow_run_id` is None until a run has been made.

    `run.stage` should be the label of a stage that waits, and None for a final one.
    """

    cycle_id: int
    flow_run_id: UUID | None
    run: RunSpec
    stage_label: str
    is_final: bool


async def cycle_state(cycle_id: int) -> CycleView:
    """How the cycle stands, without moving it."""
    raise NotImplementedError


async def advance_cycle(cycle_id: int) -> CycleView:
    """Let the routing engine move the cycle as far as the facts allow, and say how it stands."""
    raise NotImplementedError


async def open_period(period_id: int) -> Account:
    """Make the period's cycles; a second call finds them made."""
    raise NotImplementedError


async def close_period(period_id: int) -> Account:
    """Roll up, score, report and lock the period."""
    raise NotImplementedError


async def sweep() -> Account:
    """Reminders, escalations, lapses and deemed consent over all cycles."""
    raise NotImplementedError


async def reconcile(client: PrefectClient) -> Account:
    """Compare every cycle with Prefect itself, not with what we remember of it, and note what differs."""
    raise NotImplementedError


async def differences() -> Sequence[Difference]:
    """The cycles whose shown stage is not their stage, oldest first, a few hundred at most."""
    raise NotImplementedError


async def remember_runs(runs: Mapping[int, UUID]) -> None:
    """Keep the id of each cycle's new run."""
    raise NotImplementedError


async def mark_shown(cycle_ids: Sequence[int]) -> None:
    """Prefect shows these cycles as the last `differences` gave them."""
    raise NotImplementedError


async def forget_runs(cycle_ids: Sequence[int]) -> None:
    """Prefect doesn't know these cycles' runs any more: let `differences` name them without a run."""
    raise NotImplementedError
