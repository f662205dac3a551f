"""Which steps of the escalation ladder are due, and on which days reminders of owed work are sent.

How late something is, is `workflow.domain.cycles.lateness`; who receives a step, and that each is taken once,
`workflow.storage.duties.ladder`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from workflow.domain.calendar import Calendar
from workflow.domain.rules.routing_rules import EscalationRule, EscalationStep


def steps_due(
    rule: EscalationRule, late: int, taken: Collection[EscalationStep] = ()
) -> tuple[EscalationStep, ...]:
    """The steps to take now for work `late` working days late, the lowest first; `taken` are already done.

    A sweep that did not run for some days takes all it missed at once.
    """
    return tuple(
        step
        for step in sorted(set(rule.steps), key=lambda step: (step.late_working_days, step.to))
        if late >= step.late_working_days and step not in taken
    )


def is_to_be_reminded(last: date, today: date, days_before: Collection[int], calendar: Calendar) -> bool:
    """Whether the rule sends a reminder today of work owed until `last`: on each working day after it, and on
    the working days before it that the rule names (0 is the day itself)."""
    if not calendar.is_working(today):
        return False
    if today > last:
        return True
    return any(today == (calendar.add_working_days(last, -days) if days else last) for days in days_before)
