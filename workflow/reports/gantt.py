"""The year's schedule as numbers: each item's bar and marks against the months, in percent of the year.

Pure; `pages/office/chart_macros.html` draws it.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from workflow.domain.plans.plan import Every, PlanItem, Schedule, ScheduleKind
from workflow.domain.plans.sections import section_paths

ROW = 24
HEAD = 28
_MONTHS = {Every.MONTH: 1, Every.QUARTER: 3, Every.HALF_YEAR: 6, Every.YEAR: 12}


@dataclass(frozen=True, slots=True)
class GanttLine:
    """A row: a heading (`is_heading`) or an item. `tone` is the CSS class of the item's status. A bar with
    `is_open` has no end date in the plan; `marks` are milestones, or the ends of a cadence."""

    code: str
    text: str
    y: int
    is_heading: bool = False
    x: float = 0
    width: float = 0
    is_open: bool = False
    marks: tuple[float, ...] = ()
    tone: str = ""
    start_text: str = ""
    deadline_text: str = ""
    cycle_id: int | None = None


@dataclass(frozen=True, slots=True)
class Gantt:
    """A plan's year. `today` is today's position, None outside the year."""

    year: int
    lines: tuple[GanttLine, ...]
    months: tuple[float, ...]
    """The position of each month's beginning."""
    today: float | None

    @property
    def height(self) -> int:
        """The chart's height."""
        return HEAD + ROW * len(self.lines) + 4

    @property
    def n_items(self) -> int:
        """How many items it shows."""
        return sum(not line.is_heading for line in self.lines)


def gantt(
    year: int, items: Iterable[PlanItem], today: date, standing: Mapping[str, tuple[str, int]] | None = None
) -> Gantt:
    """The schedule of a plan's items in its order, each under its headings. `standing` maps codes to an
    item's status (a CSS class) and its cycle."""
    found = list(items)
    paths = section_paths((item.section_codes, item.sections) for item in found)
    lines: list[GanttLine] = []
    above: tuple[str, ...] = ()
    for item, path in zip(found, paths, strict=True):
        for depth, code in enumerate(path.codes):
            if path.codes[: depth + 1] != above[: depth + 1]:
                lines.append(GanttLine(code, path.titles[depth], HEAD + ROW * len(lines), True))
        above = path.codes
        tone, cycle_id = (standing or {}).get(item.code, ("", None))
        x, end, is_open = _span(year, item)
        lines.append(
            GanttLine(
                item.code,
                item.content,
                HEAD + ROW * len(lines),
                x=x,
                width=round(max(end - x, 0.6), 2),
                is_open=is_open,
                marks=_marks(year, item.deadline or item.start),
                tone=tone,
                start_text=item.start_text,
                deadline_text=item.deadline_text,
                cycle_id=cycle_id,
            )
        )
    months = tuple(_place(year, date(year, month, 1)) for month in range(1, 13))
    return Gantt(year, tuple(lines), months, _place(year, today) if today.year == year else None)


def _span(year: int, item: PlanItem) -> tuple[float, float, bool]:
    start, deadline = item.start, item.deadline
    begins = (start and (start.first or min(start.dates, default=None))) or (deadline and deadline.first)
    ends = item.due or (start.due if start and not deadline else None)
    x = _place(year, begins) if begins else 0.0
    end = _place(year, ends, is_end=True) if ends else 100.0
    return min(x, end), end, ends is None


def _marks(year: int, schedule: Schedule | None) -> tuple[float, ...]:
    if schedule is None:
        return ()
    if schedule.kind is ScheduleKind.MILESTONES:
        return tuple(_place(year, day, is_end=True) for day in schedule.dates if day.year == year)
    step = _MONTHS.get(schedule.every) if schedule.every else None
    if schedule.kind is not ScheduleKind.CADENCE or step is None:
        return ()
    ends = (date(year, month, monthrange(year, month)[1]) for month in range(step, 13, step))
    return tuple(_place(year, day, is_end=True) for day in ends)


def _place(year: int, day: date, *, is_end: bool = False) -> float:
    """The position of a day's beginning or end in the year; days outside are clamped to its edges."""
    passed = (day - date(year, 1, 1)).days + is_end
    return round(100 * min(max(passed / (366 if isleap(year) else 365), 0), 1), 2)
