"""Reporting periods: what they span, their deadlines, and which items are due in them."""

from __future__ import annotations

import calendar as months
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise

from workflow.domain.calendar import Calendar
from workflow.domain.errors import TiendoError
from workflow.domain.plans.plan import Every, PlanPart
from workflow.domain.rules.routing_rules import PeriodKind, PeriodRule, Reporting
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


def timetable_from(day: date, rule: PeriodRule, calendar: Calendar) -> Timetable:
    """The dates of a period that opens on that day, whenever it should have: every step keeps its time."""
    opens = calendar.add_working_days(day, 0)
    return _due_on(calendar.add_working_days(opens, rule.open_working_days_before), opens, rule, calendar)


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
    number of working days after it, as far as the period's cut-off: that stays, and no step goes past it."""
    days = {"opens_on": given.opens_on}
    for earlier, step in pairwise(("opens_on", *STEPS)):
        was = getattr(given, step)
        day = max(was, wanted.get(step, was))
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


def is_due_in(item: PlanPart, span: Span, reporting: Reporting, kinds: Collection[PeriodKind] = ()) -> bool:
    """Whether an item reports in a period; `kinds` are the periods that a year has.

    ALL: every item reports every period. ACTIVE: an item whose time touches the period, or has passed
    its deadline before it. DUE: an item whose deadline falls in the period, or that has none. CADENCE: an
    item in the periods of its own cadence, as `reports_in` says.
    """
    first, last = span.first_day, span.last_day
    begins = item.start.first if item.start else None
    match reporting:
        case Reporting.ALL:
            return True
        case Reporting.ACTIVE:
            return begins is None or begins <= last
        case Reporting.DUE:
            return item.due is None or first <= item.due <= last
        case Reporting.CADENCE:
            return reports_in(_cadence(item), span, kinds)


def reports_in(cadence: PeriodKind, span: Span, kinds: Collection[PeriodKind]) -> bool:
    """Whether an item of that cadence reports in the period: in the periods of its own length, else in the
    next longer ones there are, else in the longest whenever one of its own periods ends with it."""
    there = sorted({*kinds, span.kind}, key=lambda kind: kind.months)
    own = next((kind for kind in there if kind.months >= cadence.months), there[-1])
    return span.kind is own and (own.months >= cadence.months or span.last_day.month % cadence.months == 0)


def _cadence(item: PlanPart) -> PeriodKind:
    """The item's cadence; quarterly where its times name none."""
    every = next((one.every for one in (item.deadline, item.start) if one and one.every), None)
    match every:
        case Every.DAY | Every.WEEK | Every.MONTH:
            return PeriodKind.MONTH
        case Every.HALF_YEAR:
            return PeriodKind.HALF_YEAR
        case Every.YEAR:
            return PeriodKind.YEAR
    return PeriodKind.QUARTER
