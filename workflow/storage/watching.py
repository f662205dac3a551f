"""Periods that are looked after: the open ones, and closed ones with difficulties still to be followed, a
vote of the emulation council under way or a report not issued yet; each with the rules and the calendar it is
judged by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, or_, select

from workflow.domain.calendar import Calendar
from workflow.domain.difficulty import State
from workflow.domain.lateness import Lateness, Term, lateness
from workflow.domain.period import Timetable
from workflow.domain.rules import Rules
from workflow.storage import outbox
from workflow.storage.routing import calendar_of, pinned
from workflow.storage.tables import (
    cycles,
    difficulties,
    organisations,
    periods,
    plans,
    report_issues,
    sittings,
)
from workflow.storage.tables import rules as rules_table

LIVE_DIFFICULTY = difficulties.c.state.not_in([state.value for state in State if state.is_final])


@dataclass(frozen=True, slots=True)
class Watched:
    """A period as it is seen at `now`, on the local day `today`."""

    id: int
    organisation_id: int
    timetable: Timetable
    rules: Rules
    calendar: Calendar
    today: date
    chair: int | None
    members: frozenset[int]
    committee: dict[str, Any]
    """The rolls as they were taken when the period opened (`cycle_facts.roll_of`)."""
    now: datetime

    def owing(self) -> outbox.Owing:
        """An empty list of those to write to, timed by the period's rules."""
        return outbox.Owing(self.organisation_id, self.id, self.rules.mail, self.calendar)

    def lateness(self, term: Term) -> Lateness:
        """How late a duty of the period is."""
        return lateness(term, self.timetable, self.calendar, self.now)


def watched_periods(tx: Connection, now: datetime) -> dict[int, Watched]:
    """Every period to look after, by id."""
    has_live = exists().where(
        cycles.c.period_id == periods.c.id, difficulties.c.cycle_id == cycles.c.id, LIVE_DIFFICULTY
    )
    is_asked = exists().where(sittings.c.period_id == periods.c.id, sittings.c.closed_at.is_(None))
    has_draft = exists().where(report_issues.c.period_id == periods.c.id, report_issues.c.issued_at.is_(None))
    return _watched(tx, or_(periods.c.closed_at.is_(None), has_live, is_asked, has_draft), now)


def watched_period(tx: Connection, period_id: int, now: datetime) -> Watched:
    """One period, open or closed."""
    return _watched(tx, periods.c.id == period_id, now)[period_id]


def _watched(tx: Connection, which: ColumnElement[bool], now: datetime) -> dict[int, Watched]:
    found = {}
    for row in tx.execute(
        select(
            periods,
            plans.c.organisation_id,
            organisations.c.zone,
            organisations.c.days_off,
            organisations.c.days_worked,
            rules_table.c.sha256,
            rules_table.c.routing,
        )
        .join(plans, plans.c.id == periods.c.plan_id)
        .join(organisations, organisations.c.id == plans.c.organisation_id)
        .join(rules_table, rules_table.c.id == periods.c.rules_id)
        .where(which)
        .order_by(periods.c.id)
    ):
        calendar = calendar_of(row.zone, tuple(row.days_off), tuple(row.days_worked))
        found[row.id] = Watched(
            row.id,
            row.organisation_id,
            Timetable(row.opens_on, row.due_on, row.confirm_by, row.approve_by, row.cut_off),
            pinned(row.sha256, row.routing),
            calendar,
            calendar.day_of(now),
            row.committee["chair"],
            frozenset(row.committee["members"]),
            row.committee,
            now,
        )
    return found
