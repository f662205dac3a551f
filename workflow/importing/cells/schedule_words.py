"""Formats a schedule in words the office reads and may write: `read_schedule` parses what `said` returns.

Used where a parsed value is shown beside its cell.
"""

from __future__ import annotations

from datetime import date

from workflow.domain.periods.period import ROMAN
from workflow.domain.plans.plan import Every, Schedule, ScheduleKind

EVERY_WORDS = {
    Every.DAY: "Hằng ngày",
    Every.WEEK: "Hằng tuần",
    Every.MONTH: "Hằng tháng",
    Every.QUARTER: "Hằng quý",
    Every.HALF_YEAR: "6 tháng/lần",
    Every.YEAR: "Hằng năm",
    Every.ONGOING: "Thường xuyên",
}
"""Each cadence as the office writes it."""
PER_PLAN = "Theo kế hoạch"
PER_PROJECT = "Theo tiến độ dự án"
TIMES = (*EVERY_WORDS.values(), PER_PLAN, PER_PROJECT)
"""What the time cells offer; others may be typed."""


def said(schedule: Schedule | None) -> str:
    """The schedule in words; empty for none."""
    if schedule is None:
        return ""
    if schedule.kind is ScheduleKind.CADENCE:
        return EVERY_WORDS[schedule.every] if schedule.every else ""
    return f"{_span(schedule)} hằng năm" if schedule.every else _span(schedule)


def _span(schedule: Schedule) -> str:
    first, last = schedule.first, schedule.last
    match schedule.kind:
        case ScheduleKind.PER_PLAN:
            return PER_PLAN
        case ScheduleKind.PER_PROJECT:
            return PER_PROJECT
        case ScheduleKind.MILESTONES:
            return "; ".join(_day(day) for day in schedule.dates)
        case ScheduleKind.BEFORE if last:
            return f"Chậm nhất {_day(last)}"
        case ScheduleKind.RANGE if first and not last:
            return f"Từ {_day(first)}"
    if first is None or last is None:
        return ""
    match schedule.kind:
        case ScheduleKind.DAY:
            return _day(last)
        case ScheduleKind.YEAR:
            return f"Năm {first.year}"
        case ScheduleKind.MONTH:
            return f"Tháng {first.month}/{first.year}"
        case ScheduleKind.MONTHS:
            return f"Tháng {first.month}/{first.year} - Tháng {last.month}/{last.year}"
        case ScheduleKind.QUARTER:
            return f"Quý {_quarter(first)}/{first.year}"
        case ScheduleKind.QUARTERS:
            return f"Quý {_quarter(first)}/{first.year} - Quý {_quarter(last)}/{last.year}"
        case ScheduleKind.HALF_YEAR:
            return f"6 tháng {'đầu' if first.month == 1 else 'cuối'} năm {first.year}"
    return f"Từ {_day(first)} đến {_day(last)}"


def _quarter(day: date) -> str:
    return ROMAN[(day.month - 1) // 3]


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
