"""Working days: weekends, Vietnamese public holidays with Tết, swapped days, the organisation's own.

One calendar computes every deadline, so that a reminder and the lapse it warns of never disagree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from zoneinfo import ZoneInfo

import holidays

VIETNAM = "Asia/Ho_Chi_Minh"


# Days swapped by a notice the package does not have yet: the day off, and the Saturday worked for it.
# Official dispatch 12729/VPCP-KGVX of 25 December 2025.
_SWAPPED = {date(2026, 1, 2): date(2026, 1, 10)}


@cache
def _public_days(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """The year's public days off, and its weekend days worked in exchange for one."""
    # Labour Code 2019 art. 112: the days themselves; the package follows each year's official notice.
    found = holidays.country_holidays("VN", years=year)
    return (
        frozenset(found) | {day for day in _SWAPPED if day.year == year},
        frozenset(found.weekend_workdays) | {day for day in _SWAPPED.values() if day.year == year},
    )


@dataclass(frozen=True, slots=True)
class Calendar:
    """An organisation's days: its time zone, its own days off, and days worked although they look off."""

    zone: str = VIETNAM
    days_off: frozenset[date] = field(default_factory=frozenset)
    days_worked: frozenset[date] = field(default_factory=frozenset)

    @classmethod
    def of(
        cls, days_off: Iterable[date] = (), days_worked: Iterable[date] = (), zone: str = VIETNAM
    ) -> Calendar:
        """Returns a calendar with the organisation's overrides, which take precedence over public days."""
        return cls(zone, frozenset(days_off), frozenset(days_worked))

    def is_working(self, day: date) -> bool:
        """Whether offices work on that day."""
        if day in self.days_worked:
            return True
        if day in self.days_off:
            return False
        off, worked = _public_days(day.year)
        return day in worked or (day.weekday() < 5 and day not in off)

    def add_working_days(self, day: date, count: int) -> date:
        """The day `count` working days after (before, if negative) that day; 0 gives the next working day
        on or after it."""
        if count == 0:
            while not self.is_working(day):
                day += timedelta(days=1)
            return day
        step = timedelta(days=1 if count > 0 else -1)
        left = abs(count)
        while left:
            day += step
            if self.is_working(day):
                left -= 1
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie after `start` up to and including `end`; 0 if `end` is not later."""
        day, found = start, 0
        while day < end:
            day += timedelta(days=1)
            found += self.is_working(day)
        return found

    def day_of(self, moment: datetime) -> date:
        """The local day of a moment."""
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def moment(self, day: date, hour: int = 0, minute: int = 0) -> datetime:
        """The moment of a local day and hour, in UTC."""
        return datetime.combine(day, time(hour, minute), ZoneInfo(self.zone)).astimezone(timezone.utc)

    def end_of(self, day: date) -> datetime:
        """The first moment after a local day, in UTC."""
        return self.moment(day + timedelta(days=1))
