"""Sweeps: what time alone brings about. One pass over all open periods, set-based and idempotent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from workflow.domain.cycle import Stage
from workflow.storage import outbox
from workflow.storage.routing import Change, advance_cycles, calendar_of, pinned
from workflow.storage.tables import cycles, duties, organisations, periods, plans, rules


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did: cycles moved by the clock (deemed consent, lapse), periods whose people were
    reminded."""

    changes: tuple[Change, ...]
    reminded_periods: int


def sweep(tx: Connection, now: datetime) -> Swept:
    """Brings every open cycle to where the clock puts it, and intends the day's reminders."""
    final = [stage.value for stage in Stage if stage.is_final]
    live = tx.scalars(
        select(cycles.c.id)
        .join(periods, periods.c.id == cycles.c.period_id)
        .where(periods.c.closed_at.is_(None), cycles.c.stage.not_in(final))
    ).all()
    changes = advance_cycles(tx, live, now)
    return Swept(tuple(changes), remind(tx, now))


def remind(tx: Connection, now: datetime) -> int:
    """Intends a digest for everyone who owes something near or past its date; says for how many periods.

    Nobody is reminded on a day off, nor within `gap_hours` of their last digest.
    """
    found = tx.execute(
        select(
            periods,
            plans.c.organisation_id,
            organisations.c.zone,
            organisations.c.days_off,
            organisations.c.days_worked,
            rules.c.sha256,
            rules.c.routing,
        )
        .join(plans, plans.c.id == periods.c.plan_id)
        .join(organisations, organisations.c.id == plans.c.organisation_id)
        .join(rules, rules.c.id == periods.c.rules_id)
        .where(periods.c.closed_at.is_(None))
    ).all()
    reminded = 0
    for period in found:
        calendar = calendar_of(period.zone, tuple(period.days_off), tuple(period.days_worked))
        today = calendar.day_of(now)
        if not calendar.is_working(today):
            continue
        rule = pinned(period.sha256, period.routing).mail
        ends = {"submit": period.due_on, "confirm": period.confirm_by, "vote": period.approve_by}
        pressing = [
            duty
            for duty, end in ends.items()
            if today > end
            or any(
                calendar.add_working_days(end, -days) == today
                for days in rule.remind_working_days_before
                if days
            )
            or (0 in rule.remind_working_days_before and today == end)
        ]
        if not pressing:
            continue
        owing = outbox.Owing(period.organisation_id, period.id, rule, calendar)
        for row in tx.execute(
            select(duties.c.unit_id, duties.c.person_id)
            .distinct()
            .join(cycles, cycles.c.id == duties.c.cycle_id)
            .where(cycles.c.period_id == period.id, duties.c.duty.in_(pressing))
        ):
            if row.unit_id:
                owing.units.add(row.unit_id)
            else:
                owing.persons.add(row.person_id)
        if owing.units or owing.persons:
            outbox.intend_digests(tx, owing, now)
            reminded += 1
    return reminded
