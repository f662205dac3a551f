"""How the items of a period ended, or stand so far: for who leads them, for who confirms them, and all."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from workflow.domain.cycles.cycle import Stage
from workflow.storage.people.stand_ins import units_held
from workflow.storage.tables import cycle_units, cycles, items


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """An item that was reported on in a period, and where its cycle stands."""

    code: str
    content: str
    stage: Stage


_OUTCOMES = (
    select(items.c.code, items.c.content, cycles.c.stage)
    .join(items, items.c.id == cycles.c.item_id)
    .where(cycles.c.stage != Stage.WITHDRAWN.value)
    .order_by(items.c.position, items.c.id)
)


def outcomes_of(tx: Connection, period_id: int) -> list[ItemOutcome]:
    """The period's items in the plan's order, but those that were withdrawn."""
    rows = tx.execute(_OUTCOMES.where(cycles.c.period_id == period_id))
    return [ItemOutcome(row.code, row.content, Stage(row.stage)) for row in rows]


def outcomes_for(tx: Connection, period_id: int, person_id: int, part: str) -> list[ItemOutcome]:
    """Those in which the person's own units have that part, `LEAD` or `CONFIRMING`."""
    own = select(cycle_units.c.cycle_id).where(
        cycle_units.c.role == part, cycle_units.c.unit_id.in_(units_held())
    )
    rows = tx.execute(
        _OUTCOMES.where(cycles.c.period_id == period_id, cycles.c.id.in_(own)), {"reports_for": [person_id]}
    )
    return [ItemOutcome(row.code, row.content, Stage(row.stage)) for row in rows]
