"""A plan's year as stored: its periods, planned, open and closed, and what the schedule makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, func, select

from workflow.domain.cycles.cycle import Stage
from workflow.domain.errors import NotFound
from workflow.domain.people.directory import Role
from workflow.domain.periods.period import Span, Timetable, timetable
from workflow.domain.periods.schedule import (
    Begun,
    PeriodNotice,
    PeriodStanding,
    Situation,
    YearPeriod,
    closes_after,
    fair_dates,
    spans_of,
    standing,
)
from workflow.domain.reports.report_issue import needs_approval
from workflow.domain.rules.routing_rules import Rules
from workflow.domain.words import Words
from workflow.storage.names import unit_names
from workflow.storage.opening.asking import asking, asking_of, plan_asking
from workflow.storage.opening.opening import items_asked
from workflow.storage.opening.planned import dates_from
from workflow.storage.people.groups import expanded, group_members, organisation_calendar
from workflow.storage.rules import pinned, rules_in_force
from workflow.storage.tables import (
    LEAD,
    cycles,
    item_units,
    organisations,
    periods,
    persons,
    planned_periods,
    plans,
    report_issues,
    roles,
    schedule_notices,
    units,
)
from workflow.storage.tables import rules as rules_table


@dataclass(frozen=True, slots=True)
class Year:
    """A plan's year. `rules_id` is of the rules in force, None where no rules are stored yet (`rules` are
    then the defaults, by which nothing opens by itself)."""

    plan_id: int
    organisation_id: int
    organisation: str
    number: str
    title: str
    year: int
    rules_id: int | None
    rules: Rules
    at: Situation
    periods: tuple[YearPeriod, ...]

    def standing(self, period: YearPeriod) -> PeriodStanding:
        """The state of one of its periods."""
        return standing(period, self.at)

    def of(self, code: str) -> YearPeriod:
        """The period of that code; raises NotFound."""
        for one in self.periods:
            if one.span.code == code.upper():
                return one
        raise NotFound(Words("Lịch của kế hoạch không có kỳ %(code)s.", code=code))

    def closes_after(self, period: YearPeriod) -> Any:
        """The last day before an open period closes, by the rules pinned for it."""
        rule = period.begun.schedule if period.begun else self.rules.schedule
        return closes_after(period.dates, rule, self.at.calendar)

    def dates_today(self, period: YearPeriod) -> Timetable:
        """The dates of a period if it opens today: its own, moved where they are no longer fair."""
        return fair_dates(period.dates, self.rules.schedule, self.at.today, self.at.calendar)


def year_of(tx: Connection, plan_id: int, now: datetime) -> Year:
    """The plan's year at `now`; raises NotFound."""
    plan = tx.execute(
        select(plans, organisations.c.name.label("organisation"))
        .join(organisations, organisations.c.id == plans.c.organisation_id)
        .where(plans.c.id == plan_id)
    ).first()
    if plan is None:
        raise NotFound(Words("Không có kế hoạch này."), where=str(plan_id))
    rules_id, rules = rules_in_force(tx, plan.organisation_id) or (None, Rules())
    calendar = organisation_calendar(tx, plan.organisation_id)
    begun = _begun(tx, plan_id)
    said = {
        own.code: own
        for own in tx.execute(select(planned_periods).where(planned_periods.c.plan_id == plan_id))
    }
    notices: dict[str, set[PeriodNotice]] = {}
    for notice in tx.execute(select(schedule_notices).where(schedule_notices.c.plan_id == plan_id)):
        notices.setdefault(notice.code, set()).add(PeriodNotice(notice.about))
    items = plan_asking(tx, plan_id)
    since = min([plan.loaded_at, *(one.opened_at for one in begun.values())])
    spans = spans_of(plan.year, rules.schedule.kinds)
    # Opened by hand, or spoken of, though the rules have no such periods (any more).
    spans += [Span.parse(code) for code in {*begun, *said} - {span.code for span in spans}]
    found = []
    for span in spans:
        known = frozenset(notices.get(span.code, ()))
        if span.code in begun:
            found.append(_begun_period(span, begun[span.code], known))
        elif n_items := len(items_asked(asking(items, span, rules))):
            dates = timetable(span, rules.period, calendar)
            found.append(_planned_period(span, dates, said.get(span.code), known, n_items))
    found.sort(key=lambda one: (one.dates.due_on, one.span.kind.months, one.span.code))
    return Year(
        plan_id,
        plan.organisation_id,
        plan.organisation,
        plan.number,
        plan.title,
        plan.year,
        rules_id,
        rules,
        Situation(rules.schedule, calendar, calendar.day_of(now), calendar.day_of(since)),
        tuple(found),
    )


def _begun(tx: Connection, plan_id: int) -> dict[str, Any]:
    is_live = cycles.c.stage.not_in(Stage.finals())
    counted = (
        select(
            cycles.c.period_id,
            func.count().label("total"),
            func.sum(case((is_live, 1), else_=0)).label("live"),
        )
        .group_by(cycles.c.period_id)
        .subquery()
    )
    first = select(report_issues.c.id).where(
        report_issues.c.period_id == periods.c.id, report_issues.c.sequence == 1
    )
    return {
        row.code: row
        for row in tx.execute(
            select(
                periods,
                func.coalesce(counted.c.total, 0).label("total"),
                func.coalesce(counted.c.live, 0).label("live"),
                first.exists().label("has_draft"),
                first.where(report_issues.c.issued_at.is_(None)).exists().label("has_open_draft"),
                rules_table.c.sha256,
                rules_table.c.routing,
            )
            .join(rules_table, rules_table.c.id == periods.c.rules_id)
            .outerjoin(counted, counted.c.period_id == periods.c.id)
            .where(periods.c.plan_id == plan_id)
        )
    }


def _begun_period(span: Span, row: Any, notices: frozenset[PeriodNotice]) -> YearPeriod:
    rules = pinned(row.sha256, row.routing)
    # A draft that waits for approval is the office's to bring further; one that nobody approves goes out.
    is_reported = row.has_draft and (needs_approval(rules) or not row.has_open_draft)
    return YearPeriod(
        span,
        Timetable(row.opens_on, row.due_on, row.confirm_by, row.approve_by, row.cut_off),
        Begun(
            row.id,
            rules.schedule,
            row.closed_at is not None,
            is_reported,
            int(row.live),
            is_evaluated=row.evaluation is not None,
        ),
        told=notices,
        n_items=row.total,
    )


def _planned_period(
    span: Span, dates: Timetable, own: Any, notices: frozenset[PeriodNotice], n_items: int
) -> YearPeriod:
    """A period that is not open; `own` is what the office said of it, if anything."""
    if own is None:
        return YearPeriod(span, dates, told=notices, n_items=n_items)
    return YearPeriod(
        span,
        dates_from(own.dates) if own.dates else dates,
        is_shifted=own.dates is not None,
        is_held=own.is_held,
        reason=own.reason,
        told=notices,
        n_items=n_items,
    )


def years_of(tx: Connection, organisation_id: int, now: datetime) -> list[Year]:
    """The years of the organisation's plans, the newest first."""
    found = tx.scalars(
        select(plans.c.id)
        .where(plans.c.organisation_id == organisation_id)
        .order_by(plans.c.year.desc(), plans.c.id.desc())
    )
    return [year_of(tx, plan_id, now) for plan_id in found.all()]


@dataclass(frozen=True, slots=True)
class AskedUnits:
    """Whom a period that opens will ask: lead units, and why some of them cannot be reached."""

    leads: tuple[str, ...] = ()
    without_reporter: tuple[str, ...] = ()
    without_email: tuple[str, ...] = ()


def asked_of(tx: Connection, year: Year, period: YearPeriod) -> AskedUnits:
    """The units a planned period will ask to report, those nobody reports for, and the people that no mail
    will reach for want of an address."""
    due = items_asked(asking_of(tx, year.plan_id, period.span, year.rules))
    members = group_members(tx)
    leads = {
        unit
        for named in tx.scalars(
            select(item_units.c.unit_id)
            .distinct()
            .where(item_units.c.item_id.in_(due), item_units.c.role == LEAD)
        )
        for unit in expanded(named, members)
    }
    names = unit_names(tx, leads)
    holding = tx.execute(
        select(roles.c.unit_id, roles.c.role, persons.c.name, persons.c.email, units.c.is_committee)
        .join(persons, persons.c.id == roles.c.person_id)
        .join(units, units.c.id == roles.c.unit_id)
        .where(units.c.organisation_id == year.organisation_id, persons.c.is_active)
        .order_by(persons.c.name)
    ).all()
    able = {row.unit_id for row in holding if row.role == Role.REPORTER.value}
    voting = (Role.MEMBER.value, Role.CHAIR.value)
    wanted = [
        row
        for row in holding
        if (row.role == Role.REPORTER.value and row.unit_id in leads)
        or (row.role in voting and row.is_committee)
    ]
    return AskedUnits(
        tuple(sorted(names.values())),
        tuple(sorted(name for unit, name in names.items() if unit not in able)),
        tuple(dict.fromkeys(row.name for row in wanted if "@" not in row.email)),
    )
