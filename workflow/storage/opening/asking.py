"""What asking about a plan's items depends on, as stored: their times, what was approved of them in earlier
periods, which opened periods have them, what the office ticked. The answer is `domain.periods.asking`'s."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, select

from workflow.domain.cycles.cycle import Stage
from workflow.domain.errors import NotFound
from workflow.domain.periods.asking import Asked, Past, asked
from workflow.domain.periods.period import Span
from workflow.domain.plans.plan import PlanItem
from workflow.domain.results.record import UNFINISHED, Reported
from workflow.domain.rules.layers import RuleScope, rules_for
from workflow.domain.rules.routing_rules import Rules
from workflow.domain.words import Words
from workflow.storage.opening.seats import units_of_items
from workflow.storage.people.groups import leading_ids
from workflow.storage.plans.plans import rows_in_force, schedule_rows
from workflow.storage.tables import (
    cycles,
    items,
    kept_records,
    periods,
    planned_periods,
    plans,
    submissions,
    targets,
)


@dataclass(frozen=True, slots=True)
class ItemAsked:
    """The answer for one item of the plan. `rule` is the answer without the office's tick, `answer` the one
    that holds."""

    item_id: int
    code: str
    content: str
    rule: Asked
    answer: Asked

    @property
    def is_asked(self) -> bool:
        """Whether the item is to report."""
        return self.answer.is_asked


@dataclass(frozen=True, slots=True)
class PlanAsking:
    """A plan's items with all that asking about them depends on; read once for any number of periods.

    `before` has the items of each opened period, in the periods' order, each with whether its report says
    done and is approved (None where there is none). `ticks` are the office's, by period code and item code.
    `amounts` and `led_by` are by item what `RuleScope` has of them.
    """

    year: int
    rows: tuple[tuple[int, PlanItem], ...]
    before: Mapping[Span, list[tuple[int, bool | None]]]
    ticks: Mapping[str, Mapping[str, bool]]
    amounts: Mapping[int, tuple[Any, ...]]
    led_by: Mapping[int, tuple[str, ...]]


def plan_asking(tx: Connection, plan_id: int) -> PlanAsking:
    """What asking about the plan's items depends on; a fixed number of queries. Raises NotFound."""
    year = tx.scalar(select(plans.c.year).where(plans.c.id == plan_id))
    if year is None:
        raise NotFound(Words("Không có kế hoạch này."), where=str(plan_id))
    ticks = {
        row.code: row.ticks
        for row in tx.execute(
            select(planned_periods.c.code, planned_periods.c.ticks).where(
                planned_periods.c.plan_id == plan_id
            )
        )
    }
    amounts: dict[int, tuple[Any, ...]] = {}
    for row in tx.execute(
        select(targets.c.item_id, targets.c.value, targets.c.measure)
        .join(items, items.c.id == targets.c.item_id)
        .where(items.c.plan_id == plan_id, items.c.withdrawn_at.is_(None))
        .order_by(targets.c.id)
    ):
        amounts[row.item_id] = (*amounts.get(row.item_id, ()), (row.value, row.measure))
    rows = tuple(schedule_rows(tx, plan_id))
    leads, _ = units_of_items(tx, [item_id for item_id, _ in rows])
    return PlanAsking(year, rows, _before(tx, plan_id), ticks, amounts, leading_ids(tx, leads))


def _before(tx: Connection, plan_id: int) -> dict[Span, list[tuple[int, bool | None]]]:
    same = rows_in_force(tx, plan_id)
    found: dict[str, list[tuple[int, bool | None]]] = {}
    for row in tx.execute(
        select(
            periods.c.code,
            cycles.c.item_id,
            cycles.c.stage,
            cycles.c.version,
            submissions.c.reported,
            kept_records.c.status,
        )
        .join(periods, periods.c.id == cycles.c.period_id)
        .outerjoin(
            submissions,
            and_(submissions.c.cycle_id == cycles.c.id, submissions.c.version == cycles.c.version),
        )
        .outerjoin(kept_records, kept_records.c.cycle_id == cycles.c.id)
        .where(periods.c.plan_id == plan_id, cycles.c.stage != Stage.WITHDRAWN.value)
        .order_by(cycles.c.id)
    ):
        # A later report that is not approved, or no longer, leaves no earlier "done" unquestioned.
        is_done = None
        if row.version:
            is_done = row.stage == Stage.APPROVED.value and row.reported == Reported.DONE.value
            # Closed with a target missed, it is not done, whatever was reported.
            is_done = is_done and row.status not in UNFINISHED
        found.setdefault(row.code, []).append((same.get(row.item_id, row.item_id), is_done))
    spans = sorted((Span.parse(code) for code in found), key=lambda span: span.place)
    return {span: found[span.code] for span in spans}


def asking(plan: PlanAsking, span: Span, routing: Rules) -> list[ItemAsked]:
    """Each of the plan's items in its order: asked about in the period or not, and why."""
    done: dict[int, Span | None] = {}
    elsewhere: dict[int, Span] = {}
    # By their place, so that the last word of an item counts.
    for other, its in plan.before.items():
        if other.place < span.place:
            done |= {item_id: other if is_done else None for item_id, is_done in its if is_done is not None}
        if other != span and other.last_day == span.last_day:
            elsewhere |= {item_id: other for item_id, _ in its}
    ticks = plan.ticks.get(span.code, {})
    found = []
    for item_id, row in plan.rows:
        rules = _own_rules(plan, routing, item_id, row)
        past = Past(done.get(item_id), elsewhere.get(item_id))
        rule = asked(row, span, rules, plan.year, past)
        tick = ticks.get(row.code)
        answer = rule if tick is None else asked(row, span, rules, plan.year, past, tick)
        found.append(ItemAsked(item_id, row.code, row.content, rule, answer))
    return found


def _own_rules(plan: PlanAsking, routing: Rules, item_id: int, row: PlanItem) -> Rules:
    if not any(one.period for one in routing.overrides):
        return routing
    amounts, led_by = plan.amounts.get(item_id, ()), plan.led_by.get(item_id, ())
    return rules_for(routing, RuleScope(row.code, row.section_codes, amounts, led_by))


def asking_of(tx: Connection, plan_id: int, span: Span, routing: Rules) -> list[ItemAsked]:
    """Each item of the plan: asked about in the period or not, and why."""
    return asking(plan_asking(tx, plan_id), span, routing)
