"""Working days: weekends, Vietnamese public holidays with Tết, swapped days, the organisation's own.

One calendar computes every deadline, so that a reminder and the lapse it warns of never disagree. A limit is
counted by `limit`, which never moves one that had already passed when a day off was entered; which days may
be entered when is `workflow.domain.periods.days_off`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, timezone
from functools import cache, lru_cache
from importlib.metadata import version
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
class NationalDays:
    """The days off that hold for everybody in a year, with their names, the weekend days worked in exchange,
    and where the list is from. `has_swaps` is whether it has a notice on swapped days for that year: without
    one, there may be none or the list may not know it yet."""

    year: int
    off: tuple[tuple[date, str], ...]
    worked: tuple[date, ...]
    has_swaps: bool
    source: str


@cache
def national_days(year: int) -> NationalDays:
    """The national list of a year as the calendar counts with it."""
    off, known = _public_days(year)
    # The package lists days worked across the turn of a year in every year.
    worked = {day for day in known if day.year == year}
    named: Mapping[date, str] = holidays.country_holidays("VN", years=year, language="vi")
    return NationalDays(
        year,
        tuple((day, named.get(day, "")) for day in sorted(off)),
        tuple(sorted(worked)),
        # A swap always has its day worked; of one over the turn of a year the days lie in two.
        bool(worked or off & _SWAPPED.keys()),
        f"holidays {version('holidays')}",
    )


@lru_cache(maxsize=4096)
def _moment(zone: str, day: date, hour: int, minute: int) -> datetime:
    return datetime.combine(day, time(hour, minute), ZoneInfo(zone)).astimezone(timezone.utc)


@dataclass(frozen=True, slots=True)
class Calendar:
    """An organisation's days: its time zone, its own days off, and days worked although they look off.

    `late` are those of the days off that were entered only after they had begun, each with the moment; until
    then they were worked.
    """

    zone: str = VIETNAM
    days_off: frozenset[date] = field(default_factory=frozenset)
    days_worked: frozenset[date] = field(default_factory=frozenset)
    late: tuple[tuple[datetime, date], ...] = ()

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

    def limit(self, day: date, count: int, closing: Callable[[date], datetime] | None = None) -> date:
        """The last day of a limit of `count` working days from that day: `add_working_days`, but a day off
        entered after it had begun counts only where the limit had not passed at that moment.

        A day that was entered before it began needs no such care: a limit that has passed lies before it.
        `closing` is the moment the limit passes on its last day; the end of that day by default.
        """
        closing = closing or self.end_of
        for n, (entered_at, _) in enumerate(self.late):
            found = self._before(n).add_working_days(day, count)
            if closing(found) <= entered_at:
                return found
        return self.add_working_days(day, count)

    def as_known_on_the_day(self) -> Calendar:
        """The calendar without the days off that were entered after they had begun: for counting days late,
        so that one that was counted stays counted."""
        return self._before(0)

    def _before(self, n: int) -> Calendar:
        """The calendar before the n-th day off that was entered late, and those after it."""
        if n >= len(self.late):
            return self
        unknown = frozenset(day for _, day in self.late[n:])
        return replace(
            self, days_off=self.days_off - unknown, days_worked=self.days_worked | unknown, late=()
        )

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
        return _moment(self.zone, day, hour, minute)

    def end_of(self, day: date) -> datetime:
        """The first moment after a local day, in UTC."""
        return self.moment(day + timedelta(days=1))
