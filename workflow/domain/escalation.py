"""Which steps of the escalation ladder are due: from the duty, its last day and the working calendar.

Who receives a step, and that each is taken once, is `workflow.storage.escalating`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from workflow.domain.advance import Duty
from workflow.domain.calendar import Calendar
from workflow.domain.period import Timetable
from workflow.domain.rules import EscalationRule, EscalationStep


def last_day(
    duty: Duty, timetable: Timetable, since: date, silence_working_days: int, calendar: Calendar
) -> date:
    """The last day on which a duty that arose on `since` is done in time.

    Nobody is late before the day they were asked: a report sent back, or a vote called, after the period's
    own date counts from the day it came.
    """
    match duty:
        case Duty.SUBMIT:
            return max(timetable.due_on, since)
        case Duty.CONFIRM:
            return max(timetable.confirm_by, calendar.add_working_days(since, silence_working_days))
        case Duty.VOTE:
            return max(timetable.approve_by, since)


def late_working_days(last: date, today: date, calendar: Calendar) -> int:
    """How many working days have gone by since the last day, today among them; 0 while it is in time."""
    return calendar.working_days_between(last, today)


def steps_due(
    rule: EscalationRule, late: int, taken: Collection[EscalationStep] = ()
) -> tuple[EscalationStep, ...]:
    """The steps to take now for what is `late` working days late, the lowest first; `taken` are behind it.

    A sweep that did not run for some days takes all it missed at once.
    """
    return tuple(
        step
        for step in sorted(set(rule.steps), key=lambda step: (step.late_working_days, step.to))
        if late >= step.late_working_days and step not in taken
    )


def is_to_be_reminded(last: date, today: date, days_before: Collection[int], calendar: Calendar) -> bool:
    """Whether the rule reminds today of what is owed until `last`: on each working day after it, and on the
    working days before it that the rule names (0 is the day itself)."""
    if not calendar.is_working(today):
        return False
    if today > last:
        return True
    return any(today == (calendar.add_working_days(last, -days) if days else last) for days in days_before)
