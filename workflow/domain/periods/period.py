"""Reporting periods: what they span, and their deadlines. Which items report in one is `asking`."""

from __future__ import annotations

import calendar as months
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise

from workflow.domain.calendar import Calendar
from workflow.domain.errors import TiendoError
from workflow.domain.rules.routing_rules import PeriodKind, PeriodRule
from workflow.domain.typed import clipped, sound_day, whole_number
from workflow.domain.words import Words, recognised

ROMAN = ("I", "II", "III", "IV")


_MONTH = Words("Tháng %(month)s/%(year)s")
_QUARTER = Words("Quý %(quarter)s/%(year)s")
_HALVES = (Words("6 tháng đầu năm %(year)s"), Words("6 tháng cuối năm %(year)s"))
_YEAR = Words("Năm %(year)s")


@lru_cache(maxsize=1_000)
def label_of(kept: str) -> str:
    """A period's label that was stored as plain text, as `Words` that can be translated again."""
    return recognised(kept, _MONTH, _QUARTER, *_HALVES, _YEAR)


@dataclass(frozen=True, slots=True)
class Span:
    """A period's kind and place in the calendar: the `index`-th (from 1) of the year."""

    kind: PeriodKind
    year: int
    index: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.index <= 12 // self.kind.months:
            raise TiendoError(
                Words("Không có kỳ %(kind)s thứ %(index)s trong năm.", kind=self.kind.value, index=self.index)
            )

    @property
    def first_day(self) -> date:
        """The period's first day."""
        return date(self.year, (self.index - 1) * self.kind.months + 1, 1)

    @property
    def last_day(self) -> date:
        """The period's last day."""
        month = self.index * self.kind.months
        return date(self.year, month, months.monthrange(self.year, month)[1])

    @property
    def previous(self) -> Span:
        """The period of the same kind just before."""
        if self.index > 1:
            return Span(self.kind, self.year, self.index - 1)
        return Span(self.kind, self.year - 1, 12 // self.kind.months)

    @property
    def following(self) -> Span:
        """The period of the same kind just after."""
        if self.index < 12 // self.kind.months:
            return Span(self.kind, self.year, self.index + 1)
        return Span(self.kind, self.year + 1)

    @property
    def code(self) -> str:
        """A short name for addresses: `2026-Q1`, `2026-M03`, `2026-H1`, `2026`."""
        return {
            PeriodKind.MONTH: f"{self.year}-M{self.index:02}",
            PeriodKind.QUARTER: f"{self.year}-Q{self.index}",
            PeriodKind.HALF_YEAR: f"{self.year}-H{self.index}",
            PeriodKind.YEAR: f"{self.year}",
        }[self.kind]

    @property
    def label(self) -> Words:
        """The period as a Vietnamese document writes it: `Quý I/2026`."""
        return {
            PeriodKind.MONTH: Words(_MONTH, month=f"{self.index:02}", year=self.year),
            PeriodKind.QUARTER: Words(_QUARTER, quarter=ROMAN[min(self.index, 4) - 1], year=self.year),
            PeriodKind.HALF_YEAR: Words(_HALVES[self.index != 1], year=self.year),
            PeriodKind.YEAR: Words(_YEAR, year=self.year),
        }[self.kind]

    @property
    def place(self) -> tuple[int, int]:
        """The order of periods: by their last day; of two that end on one day the shorter comes first."""
        return self.last_day.toordinal(), -self.first_day.toordinal()

    @property
    def year_ago(self) -> Span:
        """The same span a year before."""
        return Span(self.kind, self.year - 1, self.index)

    @property
    def holding(self) -> tuple[Span, ...]:
        """The spans of every kind that hold this one, itself first."""
        month = self.last_day.month
        return tuple(
            Span(kind, self.year, -(-month // kind.months))
            for kind in sorted(PeriodKind, key=lambda kind: kind.months)
            if kind.months >= self.kind.months
        )

    def holds(self, other: Span) -> bool:
        """Whether the other lies within this one."""
        return self in other.holding

    @classmethod
    def parse(cls, code: str) -> Span:
        """The inverse of `code`; raises TiendoError with the accepted forms."""
        year, _, rest = code.strip().upper().partition("-")
        try:
            kind = {
                "": PeriodKind.YEAR,
                "Q": PeriodKind.QUARTER,
                "M": PeriodKind.MONTH,
                "H": PeriodKind.HALF_YEAR,
            }[rest[:1]]
            index = whole_number(rest[1:] or "1", 12)
            if sound_day(whole_number(year) or 0, 1, 1) is None or index is None:
                raise ValueError(code)
            return cls(kind, int(year), index)
        except (KeyError, ValueError):
            raise TiendoError(
                Words("Không hiểu kỳ báo cáo “%(code)s”.", code=clipped(code)),
                cure=Words("Viết như 2026-Q1 (quý), 2026-M03 (tháng), 2026-H1 (nửa năm) hoặc 2026 (năm)."),
            ) from None


@dataclass(frozen=True, slots=True)
class Timetable:
    """A period's dates, each the last day (local, included) on which the step is still in time."""

    opens_on: date
    due_on: date
    confirm_by: date
    approve_by: date
    cut_off: date

    def __post_init__(self) -> None:
        if not self.opens_on <= self.due_on <= self.confirm_by <= self.approve_by <= self.cut_off:
            raise TiendoError(
                Words("Các mốc của kỳ báo cáo không theo thứ tự mở kỳ, nộp, xác nhận, biểu quyết, khóa."),
                where=", ".join(
                    day.isoformat()
                    for day in (self.opens_on, self.due_on, self.confirm_by, self.approve_by, self.cut_off)
                ),
            )


def timetable(span: Span, rule: PeriodRule, calendar: Calendar) -> Timetable:
    """The period's dates by the rule: units report by `due_day` of the period's last month, or so many
    working days after or before its end; the further steps follow in working days."""
    last = span.last_day
    if rule.due_working_days is not None:
        due = calendar.add_working_days(last, rule.due_working_days)
    else:
        due = calendar.add_working_days(date(last.year, last.month, min(rule.due_day, last.day)), 0)
    return _due_on(due, calendar.add_working_days(due, -rule.open_working_days_before), rule, calendar)


def moved(before: Timetable, wanted: Mapping[str, date], calendar: Calendar) -> Timetable:
    """Returns the dates wanted, moved to working days. A step after the reports whose date was not changed
    keeps its number of working days after the previous step, if that one moved."""
    days = {name: calendar.add_working_days(day, 0) for name, day in wanted.items()}
    steps = ("due_on", "confirm_by", "approve_by", "cut_off")
    for earlier, step in pairwise(steps):
        was, stays = getattr(before, earlier), getattr(before, step)
        if days[earlier] != was and days[step] == stays:
            length = calendar.working_days_between(was, stays)
            days[step] = calendar.add_working_days(days[earlier], length)
    return Timetable(**days)


STEPS = ("due_on", "confirm_by", "approve_by")
"""The steps whose last day may be extended for an item: report, confirmation, vote."""


def extended(given: Timetable, wanted: Mapping[str, date], calendar: Calendar) -> Timetable:
    """Returns the dates with the steps of `wanted` moved to later days. A step after one that moved keeps its
    number of working days after it, as far as the period's cut-off: that stays, and no step goes past it. A
    wanted day that is a day off, or became one before it passed, is the next working day."""
    days = {"opens_on": given.opens_on}
    for earlier, step in pairwise(("opens_on", *STEPS)):
        was = getattr(given, step)
        day = max(was, calendar.limit(wanted[step], 0)) if step in wanted else was
        if days[earlier] > getattr(given, earlier):
            length = calendar.working_days_between(getattr(given, earlier), was)
            day = max(day, calendar.add_working_days(days[earlier], length))
        days[step] = min(day, given.cut_off)
    return Timetable(**days, cut_off=given.cut_off)


def _due_on(due: date, opens: date, rule: PeriodRule, calendar: Calendar) -> Timetable:
    confirm = calendar.add_working_days(due, rule.confirm_working_days)
    approve = calendar.add_working_days(confirm, rule.approve_working_days)
    return Timetable(
        opens_on=opens,
        due_on=due,
        confirm_by=confirm,
        approve_by=approve,
        cut_off=calendar.add_working_days(approve, rule.cut_off_working_days),
    )
