"""Doing what is due by the schedule, and notifying the office of it: one plan in one transaction, idempotent.

Reports are drawn up afterwards, outside the transaction: `ScheduleResult.to_report` says of which periods.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, select

from workflow.domain.errors import TiendoError
from workflow.domain.people.directory import Role
from workflow.domain.periods.period import Span, Timetable
from workflow.domain.periods.schedule import PeriodNotice, YearPeriod, what_is_due
from workflow.domain.rules.mail_hours import polite
from workflow.storage.opening.opening import open_period
from workflow.storage.opening.schedule import Year, year_of
from workflow.storage.people.directory import holders
from workflow.storage.periods.periods import period_of
from workflow.storage.post import intents
from workflow.storage.results.closing import close_period
from workflow.storage.sweeps.announcements import announce_closing, announce_opening
from workflow.storage.tables import organisations, plans, schedule_notices
from workflow.storage.writing import insert_new

YEARS_AROUND = 1
"""A year's last periods close in the next; its first may open in the one before."""


@dataclass(frozen=True, slots=True)
class ScheduleResult:
    """What keeping a schedule did: periods opened and closed (labels), periods whose reports are to be drawn
    up (ids), how many new notices the office gets, and what could not be done."""

    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    to_report: tuple[int, ...] = ()
    notices: int = 0
    troubles: tuple[str, ...] = ()


def plans_to_keep(tx: Connection, now: datetime, organisation_id: int | None = None) -> list[int]:
    """The plans whose schedules may have something due, of one organisation or all."""
    around = (now.year - YEARS_AROUND, now.year + YEARS_AROUND)
    question = select(plans.c.id).where(plans.c.year.between(*around)).order_by(plans.c.id)
    if organisation_id is not None:
        question = question.where(plans.c.organisation_id == organisation_id)
    return list(tx.scalars(question))


def zone_of_schedules(tx: Connection) -> str | None:
    """The time zone by which the deployment looks for what is due: the first organisation's, None while there
    is none."""
    return tx.scalar(select(organisations.c.zone).order_by(organisations.c.id).limit(1))


def keep_schedule(tx: Connection, plan_id: int, now: datetime) -> ScheduleResult:
    """Opens and closes what is due in the plan's year, and puts one mail to the office into the outbox about
    what it has not been notified of. Of two concurrent callers the second finds everything done."""
    tx.execute(select(plans.c.id).where(plans.c.id == plan_id).with_for_update())
    year = year_of(tx, plan_id, now)
    due = what_is_due(year.periods, year.at)
    labels = {one.begun.period_id: one.span for one in year.periods if one.begun}
    opened: list[str] = []
    closed: list[int] = []
    failed: dict[Span, str] = {}
    for span in due.open:
        if trouble := _tried(tx, partial(_open, tx, year, span, now)):
            failed[span] = trouble
        else:
            opened.append(span.label)
    for period_id in due.close:
        if trouble := _tried(tx, partial(close_and_announce, tx, period_id, now)):
            failed[labels[period_id]] = trouble
        else:
            closed.append(period_id)
    news = [(notice, span, "") for notice, span in due.tell]
    news += [
        (PeriodNotice.TROUBLE, span, why)
        for span, why in failed.items()
        if PeriodNotice.TROUBLE not in year.of(span.code).told
    ]
    _notify_office(tx, year, news, now)
    return ScheduleResult(
        tuple(opened),
        tuple(labels[period_id].label for period_id in closed),
        (*due.report, *closed),
        len(news),
        tuple(f"{span.label}: {why}" for span, why in failed.items()),
    )


def open_and_announce(
    tx: Connection, plan_id: int, span: Span, rules_id: int, now: datetime, *, dates: Timetable | None = None
) -> int:
    """Opens the period, by those dates where they are given, and mails everyone concerned; returns its id."""
    period_id = open_period(tx, plan_id, span, rules_id, now, dates=dates)
    announce_opening(tx, period_id, now)
    return period_id


def close_and_announce(tx: Connection, period_id: int, now: datetime, *, is_early: bool = False) -> None:
    """Closes the period and mails everyone concerned; of an evaluated one nobody but those who get its report
    is, for no item ends with it."""
    close_period(tx, period_id, now, is_early=is_early)
    if period_of(tx, period_id).evaluation is None:
        announce_closing(tx, period_id, now)


def _open(tx: Connection, year: Year, span: Span, now: datetime) -> None:
    assert year.rules_id is not None, "nothing is automatic without rules"
    open_and_announce(tx, year.plan_id, span, year.rules_id, now)


def _tried(tx: Connection, act: Callable[[], None]) -> str:
    """Runs it in a savepoint; returns "", or the reason where it failed and was rolled back."""
    trial = tx.begin_nested()
    try:
        act()
    except TiendoError as error:
        trial.rollback()
        return str(error.told)
    trial.commit()
    return ""


def _notify_office(
    tx: Connection, year: Year, news: list[tuple[PeriodNotice, Span, str]], now: datetime
) -> None:
    rows = [
        {"plan_id": year.plan_id, "code": span.code, "about": notice.value, "text": why, "at": now}
        for notice, span, why in news
    ]
    insert_new(tx, schedule_notices, rows, ["plan_id", "code", "about"])
    if rows:
        mail = year.rules.mail
        goes_at = polite(now + timedelta(minutes=mail.settle_minutes), mail, year.at.calendar)
        people = holders(tx, year.organisation_id, Role.OFFICE)
        intents.intend_schedule(tx, year.organisation_id, people, now, goes_at)


@dataclass(frozen=True, slots=True)
class News:
    """Something the office is to know of a period of a year; `text` says what went wrong."""

    about: PeriodNotice
    year: Year
    period: YearPeriod
    text: str = ""


def news_of(tx: Connection, organisation_id: int, now: datetime) -> list[News]:
    """Everything the office is to know of its schedules now, notified before or not: a mail composed of it is
    up to date when it is sent."""
    found = []
    for plan_id in plans_to_keep(tx, now, organisation_id):
        year = year_of(tx, plan_id, now)
        unnoticed = [replace(one, told=frozenset()) for one in year.periods]
        due = what_is_due(unnoticed, year.at)
        found += [News(notice, year, year.of(span.code)) for notice, span in due.tell]
        still = {span.code for span in due.open} | {
            one.span.code for one in year.periods if one.begun and one.begun.period_id in due.close
        }
        for row in tx.execute(
            select(schedule_notices).where(
                schedule_notices.c.plan_id == plan_id, schedule_notices.c.about == PeriodNotice.TROUBLE.value
            )
        ):
            if row.code in still:
                found.append(News(PeriodNotice.TROUBLE, year, year.of(row.code), row.text))
    return found
