"""The inspection committee's list: units whose reports were late in several of the last periods, or for
long. Counted under the item's main lead unit, as in the rollup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, exists, func, select

from workflow.domain.cycles.cycle import Stage
from workflow.domain.cycles.lateness import late_working_days
from workflow.domain.cycles.overdue import LateReport, Overdue, overdue
from workflow.domain.people.directory import Role
from workflow.domain.rules.routing_rules import EscalationRule
from workflow.storage.cycles.said import first_that_stand
from workflow.storage.names import unit_names
from workflow.storage.periods.watched import Watched
from workflow.storage.tables import (
    LEAD,
    cycle_units,
    cycles,
    items,
    periods,
    plans,
    roles,
    units,
)


@dataclass(frozen=True, slots=True)
class OverdueUnit:
    """A unit on the list, by name."""

    name: str
    found: Overdue


@dataclass(frozen=True, slots=True)
class OverdueList:
    """The list with what it was made by: the rule, and the periods looked at, the newest first (code,
    label)."""

    rule: EscalationRule
    periods: tuple[tuple[str, str], ...]
    units: tuple[OverdueUnit, ...]

    def labels(self, codes: Sequence[str]) -> list[str]:
        """The periods of those codes as people write them."""
        return [label for code, label in self.periods if code in codes]


def overdue_units(tx: Connection, period: Watched) -> OverdueList:
    """The units overdue repeatedly or for long, over the period and those before it, by its rule."""
    rule = period.rules.escalation
    codes = tuple(
        (row.code, row.label)
        for row in tx.execute(
            select(periods.c.code, func.max(periods.c.label).label("label"))
            .join(plans, plans.c.id == periods.c.plan_id)
            .where(
                plans.c.organisation_id == period.organisation_id,
                periods.c.due_on <= period.timetable.due_on,
            )
            .group_by(periods.c.code)
            .order_by(func.max(periods.c.due_on).desc())
            .limit(rule.repeated_periods)
        )
    )
    reports = _late_reports(tx, period, [code for code, _ in codes])
    found = overdue(reports, rule)
    names = unit_names(tx, (one.unit_id for one in found))
    return OverdueList(rule, codes, tuple(OverdueUnit(names[one.unit_id], one) for one in found))


def is_inspector(tx: Connection, person_id: int, organisation_id: int) -> bool:
    """Whether the person sits on the organisation's inspection committee."""
    sits = exists().where(
        roles.c.person_id == person_id,
        roles.c.role == Role.INSPECTOR.value,
        units.c.id == roles.c.unit_id,
        units.c.organisation_id == organisation_id,
    )
    return bool(tx.scalar(select(sits)))


def _late_reports(tx: Connection, period: Watched, codes: Sequence[str]) -> list[LateReport]:
    """The reports of those periods that came after their last day, or have not come by today."""
    first = first_that_stand().subquery()
    rows = tx.execute(
        select(
            cycle_units.c.unit_id,
            cycles.c.id,
            periods.c.code.label("period"),
            periods.c.due_on,
            periods.c.cut_off,
            items.c.code,
            items.c.content,
            first.c.at,
        )
        .join(periods, periods.c.id == cycles.c.period_id)
        .join(plans, plans.c.id == periods.c.plan_id)
        .join(items, items.c.id == cycles.c.item_id)
        .join(
            cycle_units,
            and_(
                cycle_units.c.cycle_id == cycles.c.id,
                cycle_units.c.role == LEAD,
                cycle_units.c.position == 0,
            ),
        )
        .outerjoin(first, first.c.cycle_id == cycles.c.id)
        .where(
            plans.c.organisation_id == period.organisation_id,
            periods.c.code.in_(codes),
            periods.c.due_on < period.today,
            cycles.c.stage != Stage.WITHDRAWN.value,
        )
        .order_by(periods.c.due_on.desc(), items.c.position)
    )
    found = []
    for row in rows:
        came: datetime | None = row.at
        # A report that never came is as late as the period let it be.
        until = period.calendar.day_of(came) if came else min(period.today, row.cut_off)
        days = late_working_days(row.due_on, until, period.calendar)
        if days:
            found.append(
                LateReport(row.unit_id, row.period, row.id, row.code, row.content, days, came is None)
            )
    return found
