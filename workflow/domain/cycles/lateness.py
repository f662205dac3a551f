"""How late something owed is: the last day of each duty, whether it has passed, how many working days ago.

The only module that computes it. Board, ladder, digests, pages and the API all show the day returned here,
so that nobody is late before the day their mail named. When a step of a cycle ends is decided by the routing
engine (`Standing.until`); this module turns that moment, or the period's own date, into a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from workflow.domain.calendar import Calendar
from workflow.domain.cycles.advance import Duty
from workflow.domain.cycles.difficulty import DifficultyState
from workflow.domain.periods.period import Timetable
from workflow.domain.rules.routing_rules import Rules, Silence


@dataclass(frozen=True, slots=True)
class Term:
    """What the last day of a duty follows from: the moment it arose and, where there is one, the moment the
    step ends (`until`, the first that is too late), a day that somebody set (`on`), or a number of working
    days to do it in."""

    duty: Duty
    since: datetime
    until: datetime | None = None
    on: date | None = None
    working_days: int | None = None
    extended_to: date | None = None
    """In place of the period's own day to report, where the office gave this item more time."""


@dataclass(frozen=True, slots=True, order=True)
class Lateness:
    """The last local day on which a duty is done in time, whether that day is over, and how many working days
    have gone by since, today among them: 0 on a weekend right after it."""

    last_day: date
    is_late: bool
    working_days: int


def lateness(term: Term, timetable: Timetable, calendar: Calendar, now: datetime) -> Lateness:
    """How late the duty is at `now`."""
    return late_since(last_day(term, timetable, calendar), calendar, now)


def late_since(last: date, calendar: Calendar, now: datetime) -> Lateness:
    """How late something is whose last day is known."""
    today = calendar.day_of(now)
    return Lateness(last, last < today, late_working_days(last, today, calendar))


def last_day(term: Term, timetable: Timetable, calendar: Calendar) -> date:
    """The last day on which the duty is done in time.

    Nobody is late before the day they were asked: a report asked for after the period's own date counts from
    that day; one that others returned has working days of its own, up to the cut-off. Raises ValueError for a
    term that names no day.
    """
    since = calendar.day_of(term.since)
    match term:
        case Term(on=date() as day):
            return day
        case Term(until=datetime() as moment):
            return calendar.day_of(moment - timedelta(microseconds=1))
        case Term(duty=Duty.SUBMIT, working_days=int(days)):
            due_on = term.extended_to or timetable.due_on
            again = max(due_on, calendar.limit(since, days))
            return max(min(again, max(timetable.cut_off, due_on)), since)
        case Term(duty=Duty.ASSESS, working_days=int(days)):
            # A unit scores itself in the days after the reports' last day.
            return calendar.limit(timetable.due_on, days)
        case Term(working_days=int(days)):
            return calendar.limit(since, days)
        case Term(duty=Duty.SUBMIT):
            return max(term.extended_to or timetable.due_on, since)
        case Term(duty=Duty.CONFIRM):
            return max(timetable.confirm_by, since)
        case Term(duty=Duty.VOTE):
            return max(timetable.approve_by, since)
    raise ValueError(f"no last day of {term}")


@lru_cache(maxsize=4096)
def late_working_days(last: date, day: date, calendar: Calendar) -> int:
    """How many working days lie after the last day up to and including `day`; 0 while it is in time."""
    return calendar.as_known_on_the_day().working_days_between(last, day)


def difficulty_term(
    state: DifficultyState, raised_at: datetime, due_on: date | None, rules: Rules
) -> Term | None:
    """The term of what a difficulty waits for: the committee's opinion, or the work of the unit made
    responsible until the day the opinion set. None where it waits for neither."""
    match state:
        case DifficultyState.OPEN:
            return Term(Duty.ANSWER, raised_at, working_days=rules.escalation.opinion_working_days)
        case DifficultyState.ANSWERED if due_on is not None:
            return Term(Duty.ANSWER, raised_at, on=due_on)
    return None


def report_approval_term(asked_at: datetime, rules: Rules) -> Term:
    """The term for the approval of a report that was submitted for approval at that moment."""
    return Term(Duty.APPROVE, asked_at, working_days=rules.report.approve_working_days)


def is_over_in_silence(duty: Duty, found: Lateness, rules: Rules) -> bool:
    """Whether the duty is over though the sweep may not have recorded it yet: a unit's late confirmation,
    where the rules do not wait for it."""
    return duty is Duty.CONFIRM and found.is_late and rules.confirmation.silence is not Silence.BLOCK
