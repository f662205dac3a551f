"""How a period stands that a program plays people in (a demo, the checks of links): what came up only lately,
and whether the mails have caught up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, exists, func, or_, select

from workflow.storage.post.intents import IS_TO_GO
from workflow.storage.tables import (
    CONFIRMING,
    cycle_units,
    cycles,
    difficulties,
    difficulty_steps,
    items,
    outbox,
)


@dataclass(frozen=True, slots=True)
class PlayedCycle:
    """A cycle of the period that is played: since when it stands at its stage, and whether other units
    confirm it."""

    id: int
    stage_since: datetime
    is_confirmed_by_others: bool


def played_cycles(tx: Connection, period_id: int) -> list[PlayedCycle]:
    """The period's cycles, in the plan's order."""
    is_confirmed = exists().where(cycle_units.c.cycle_id == cycles.c.id, cycle_units.c.role == CONFIRMING)
    rows = tx.execute(
        select(cycles.c.id, cycles.c.stage_since, is_confirmed)
        .join(items, items.c.id == cycles.c.item_id)
        .where(cycles.c.period_id == period_id)
        .order_by(items.c.position)
    )
    return [PlayedCycle(*row) for row in rows]


def difficulties_moved_since(tx: Connection, period_id: int, moment: datetime) -> set[int]:
    """The period's difficulties in which something was done at that moment or later."""
    return set(
        tx.scalars(
            select(difficulty_steps.c.difficulty_id)
            .join(difficulties, difficulties.c.id == difficulty_steps.c.difficulty_id)
            .join(cycles, cycles.c.id == difficulties.c.cycle_id)
            .where(cycles.c.period_id == period_id, difficulty_steps.c.at >= moment)
        )
    )


def mails_due(tx: Connection, now: datetime) -> int:
    """How many mails of the outbox are due and not sent yet, those under way included."""
    is_under_way = outbox.c.state == "sending"
    asked = select(func.count()).where(and_(or_(IS_TO_GO, is_under_way), outbox.c.not_before <= now))
    return tx.scalar(asked) or 0


def mails_by_state(tx: Connection) -> dict[str, int]:
    """How many mails of the whole outbox are in each state; a state in which there is none is not named."""
    return dict(tx.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state)).all())
