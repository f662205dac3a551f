"""What Prefect should show and does not yet: cycles whose shown stage lags behind. Prefect itself is the
business of `flows`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select, update

from workflow.domain.cycles.cycle import Stage
from workflow.domain.plain_text import one_line
from workflow.storage.names import lead_names
from workflow.storage.tables import (
    cycles,
    deployment,
    items,
    organisations,
    periods,
    plans,
)

INSTALLATION = "installation"


@dataclass(frozen=True, slots=True)
class ShownCycle:
    """A cycle as Prefect should show it. `run_name` reads `II.3.1.4 · Quý I/2023 · UBND phường`."""

    cycle_id: int
    run_name: str
    run_key: str
    """The same for the same cycle of the same installation, so that its run is created once."""
    tags: tuple[str, ...]
    stage: Stage
    version: int
    content: str
    flow_run_id: str | None
    shown_stage: str


def to_show(tx: Connection, limit: int) -> list[ShownCycle]:
    """Cycles whose run must be created or whose shown stage differs, oldest first."""
    return _shown_cycles(tx, _CYCLES.where(cycles.c.shown_stage != cycles.c.stage).limit(limit))


def count_to_show(tx: Connection, period_id: int) -> int:
    """How many cycles of the period Prefect does not show as they stand."""
    behind = (cycles.c.period_id == period_id, cycles.c.shown_stage != cycles.c.stage)
    return tx.scalar(select(func.count()).where(*behind)) or 0


def shown_cycle(tx: Connection, cycle_id: int) -> ShownCycle | None:
    """One cycle as it should be shown."""
    return next(iter(_shown_cycles(tx, _CYCLES.where(cycles.c.id == cycle_id))), None)


def with_runs(tx: Connection) -> list[ShownCycle]:
    """Every cycle of an open period that has a run, for checking that Prefect still knows it."""
    return _shown_cycles(tx, _CYCLES.where(cycles.c.flow_run_id.is_not(None), periods.c.closed_at.is_(None)))


_CYCLES = (
    select(
        cycles,
        items.c.code,
        items.c.content,
        periods.c.label,
        plans.c.number,
        organisations.c.name.label("organisation"),
    )
    .join(items, items.c.id == cycles.c.item_id)
    .join(periods, periods.c.id == cycles.c.period_id)
    .join(plans, plans.c.id == periods.c.plan_id)
    .join(organisations, organisations.c.id == plans.c.organisation_id)
    .order_by(cycles.c.id)
)


def _shown_cycles(tx: Connection, question: Select[Any]) -> list[ShownCycle]:
    rows = tx.execute(question).all()
    if not rows:
        return []
    home = _installation(tx)
    leads = {one: names[0] for one, names in lead_names(tx, [row.id for row in rows]).items()}
    return [
        ShownCycle(
            cycle_id=row.id,
            run_key=f"{home}-cycle-{row.id}",
            run_name=" · ".join(
                one_line(part) for part in (row.code, row.label, leads.get(row.id, "chưa rõ đơn vị")) if part
            ),
            tags=tuple(one_line(tag) for tag in (row.label, leads.get(row.id), row.organisation) if tag),
            stage=Stage(row.stage),
            version=row.version,
            content=row.content,
            flow_run_id=row.flow_run_id,
            shown_stage=row.shown_stage,
        )
        for row in rows
    ]


def note_runs(tx: Connection, runs: Mapping[int, str]) -> None:
    """Stores the flow run id of each cycle; no stage is shown in it yet."""
    for cycle_id, run_id in runs.items():
        tx.execute(update(cycles).where(cycles.c.id == cycle_id).values(flow_run_id=run_id, shown_stage=""))


def note_shown(tx: Connection, seen: Mapping[int, Stage]) -> None:
    """Prefect now shows these stages."""
    for stage in set(seen.values()):
        ids = [cycle_id for cycle_id, one in seen.items() if one is stage]
        tx.execute(update(cycles).where(cycles.c.id.in_(ids)).values(shown_stage=stage.value))


def note_not_shown(tx: Connection, cycle_ids: Sequence[int]) -> None:
    """Prefect shows these cycles wrongly, whatever was noted before."""
    tx.execute(update(cycles).where(cycles.c.id.in_(cycle_ids)).values(shown_stage=""))


def _installation(tx: Connection) -> str:
    """This installation's own mark, so that several may share a Prefect server."""
    found: str = tx.execute(select(deployment.c.value).where(deployment.c.key == INSTALLATION)).scalar_one()
    return found


def forget_runs(tx: Connection, cycle_ids: Sequence[int]) -> None:
    """Prefect no longer knows these runs; they will be created again."""
    tx.execute(update(cycles).where(cycles.c.id.in_(cycle_ids)).values(flow_run_id=None, shown_stage=""))
