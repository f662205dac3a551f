"""The year's periods, and what the schedule does about them at a moment.

Pure and level-triggered: the result depends on the current state only, not on the previous call, so that any
number of calls, in any order and after any gap, end alike. Storing the year and carrying out what is due are
`workflow.storage`'s.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum

from workflow.domain.calendar import Calendar
from workflow.domain.periods.period import Span, Timetable, moved
from workflow.domain.rules.routing_rules import Close, PeriodKind, ScheduleRule
from workflow.domain.words import Words


class PeriodStanding(StrEnum):
    """The state of a period of the year."""

    PLANNED = "planned"
    HELD = "held"
    """The office stopped it from opening by itself."""
    MISSED = "missed"
    """Its opening day has passed and too little time is left to report: the office decides."""
    PAST = "past"
    """Its reports were due before the plan was loaded."""
    OPEN = "open"
    CLOSED = "closed"

    @property
    def label(self) -> Words:
        """The label shown on pages."""
        return {
            "planned": Words("chưa mở"),
            "held": Words("tạm giữ"),
            "missed": Words("chờ văn phòng quyết định"),
            "past": Words("đã qua, không mở"),
            "open": Words("đang mở"),
            "closed": Words("đã khóa"),
        }[self.value]


class PeriodNotice(StrEnum):
    """A notice about a period that is sent to the office, each at most once a period."""

    OPENING = "opening"
    CHOICE = "choice"
    TROUBLE = "trouble"
    """It could not be opened or closed by itself."""
    CLOSING = "closing"
    BY_HAND = "by-hand"
    """It is time to close it, which the office does by hand."""


@dataclass(frozen=True, slots=True)
class Begun:
    """An opened period, with the schedule pinned for it; `live` cycles are under way. `is_reported`:
    its report is drafted and, where nobody approves it, issued."""

    period_id: int
    schedule: ScheduleRule
    is_closed: bool = False
    is_reported: bool = False
    live: int = 0
    is_evaluated: bool = False
    """It is made from closed periods; nobody reports in it."""


@dataclass(frozen=True, slots=True)
class YearPeriod:
    """A period of the year. `dates` are those the rules give, or the office's own; `reason` is what the
    office gave when it last changed or held it; `told` are the notices already sent to the office."""

    span: Span
    dates: Timetable
    begun: Begun | None = None
    is_shifted: bool = False
    is_held: bool = False
    reason: str = ""
    told: frozenset[PeriodNotice] = frozenset()
    n_items: int = 0


@dataclass(frozen=True, slots=True)
class Situation:
    """The input of a plan's schedule: the rules in force, the day, and the day the plan was loaded."""

    rule: ScheduleRule
    calendar: Calendar
    today: date
    since: date


@dataclass(frozen=True, slots=True)
class WhatIsDue:
    """What the schedule does now: periods to open, close and report on, and notices to send (`tell`)."""

    open: tuple[Span, ...] = ()
    close: tuple[int, ...] = ()
    report: tuple[int, ...] = ()
    tell: tuple[tuple[PeriodNotice, Span], ...] = ()


def spans_of(year: int, kinds: Collection[PeriodKind]) -> list[Span]:
    """The year's periods of those kinds, by the day they end; the shorter first."""
    found = [
        Span(kind, year, index) for kind in PeriodKind if kind in kinds for index in range(1, _n(kind) + 1)
    ]
    return sorted(found, key=lambda span: (span.last_day, span.kind.months))


def _n(kind: PeriodKind) -> int:
    return 12 // kind.months


def standing(period: YearPeriod, at: Situation) -> PeriodStanding:
    """Returns the state of the period."""
    if period.begun is not None:
        return PeriodStanding.CLOSED if period.begun.is_closed else PeriodStanding.OPEN
    if period.is_held:
        return PeriodStanding.HELD
    if at.today < period.dates.opens_on:
        return PeriodStanding.PLANNED
    if period.dates.due_on < at.since:
        return PeriodStanding.PAST
    # Where the office opens by hand, no day of opening is missed.
    is_in_time = not at.rule.automatic or has_fair_time(period.dates, at)
    return PeriodStanding.PLANNED if is_in_time else PeriodStanding.MISSED


def has_fair_time(dates: Timetable, at: Situation) -> bool:
    """Whether who opens the period today still gives people a fair time to report."""
    left = at.calendar.working_days_between(at.today, dates.due_on)
    return at.today <= dates.due_on and left >= _fair_days(dates, at.rule, at.calendar)


def fair_dates(dates: Timetable, rule: ScheduleRule, today: date, calendar: Calendar) -> Timetable:
    """The dates of a period that opens today: its own while they leave people a fair time to report; else the
    reports are due `fair_working_days` from today, and every later step keeps its working days."""
    wanted = asdict(dates) | {"opens_on": max(dates.opens_on, today)}
    if not has_fair_time(dates, Situation(rule, calendar, today, today)):
        wanted["due_on"] = calendar.add_working_days(today, _fair_days(dates, rule, calendar))
    return moved(dates, wanted, calendar)


def _fair_days(dates: Timetable, rule: ScheduleRule, calendar: Calendar) -> int:
    return min(rule.fair_working_days, calendar.working_days_between(dates.opens_on, dates.due_on))


def closes_after(dates: Timetable, rule: ScheduleRule, calendar: Calendar) -> date:
    """The last day before the period closes."""
    days = rule.close_working_days
    return calendar.add_working_days(dates.cut_off, days) if days else dates.cut_off


def what_is_due(year: Iterable[YearPeriod], at: Situation) -> WhatIsDue:
    """Returns the periods to open, close and report on now, and the notices to send to the office."""
    periods = sorted(year, key=lambda one: (one.dates.opens_on, one.span.last_day, one.span.code))
    begun = [(one, one.begun) for one in periods if one.begun is not None]
    return WhatIsDue(
        open=tuple(one.span for one in periods if _is_to_open(one, at)),
        close=tuple(found.period_id for one, found in begun if _is_to_close(one, found, at)),
        report=tuple(found.period_id for _, found in begun if found.is_closed and not found.is_reported),
        tell=tuple(
            (notice, one.span) for one in periods for notice in _notices(one, at) if notice not in one.told
        ),
    )


def _is_to_open(period: YearPeriod, at: Situation) -> bool:
    return (
        at.rule.automatic
        and at.today >= period.dates.opens_on
        and period.begun is None
        and standing(period, at) is PeriodStanding.PLANNED
    )


def _is_over(period: YearPeriod, begun: Begun, at: Situation) -> bool:
    return (
        begun.schedule.automatic
        and not begun.is_closed
        and at.today > closes_after(period.dates, begun.schedule, at.calendar)
    )


def _is_to_close(period: YearPeriod, begun: Begun, at: Situation) -> bool:
    return begun.schedule.close is Close.AUTOMATIC and _is_over(period, begun, at)


def _notices(period: YearPeriod, at: Situation) -> Iterator[PeriodNotice]:
    dates, begun = period.dates, period.begun
    if begun is None:
        stands = standing(period, at)
        if stands is PeriodStanding.MISSED:
            yield PeriodNotice.CHOICE
        days = at.rule.tell_working_days_before
        if at.rule.automatic and stands is PeriodStanding.PLANNED and _is_near(dates.opens_on, days, at):
            yield PeriodNotice.OPENING
    elif begun.schedule.automatic and not begun.is_closed:
        days = begun.schedule.tell_working_days_before
        # On the cut-off's own day there is still time to report; after it, nothing to warn of.
        if begun.live and (_is_near(dates.cut_off, days, at) or (days and at.today == dates.cut_off)):
            yield PeriodNotice.CLOSING
        if begun.schedule.close is Close.BY_HAND and _is_over(period, begun, at):
            yield PeriodNotice.BY_HAND


def _is_near(day: date, working_days: int, at: Situation) -> bool:
    return at.calendar.add_working_days(day, -working_days) <= at.today < day
