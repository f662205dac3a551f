"""When people may be written to, by a period's rule of mail."""

from __future__ import annotations

from datetime import datetime, timedelta

from workflow.domain.calendar import Calendar
from workflow.domain.rules.routing_rules import MailRule


def polite(moment: datetime, rule: MailRule, calendar: Calendar) -> datetime:
    """The moment, or the first after it at which the rule lets people be written to."""
    day = calendar.day_of(moment)
    if moment >= calendar.moment(day) + timedelta(hours=rule.to_hour):
        day += timedelta(days=1)
    if not rule.on_days_off:
        day = calendar.add_working_days(day, 0)
    return max(moment, calendar.moment(day) + timedelta(hours=rule.from_hour))
