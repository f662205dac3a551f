"""A rollup with its changes as a table: for the page, the files and the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from workflow.domain.plans.sections import printed_code
from workflow.domain.results.comparing import Compared, Grouping
from workflow.domain.results.record import Status
from workflow.domain.results.rollup import Tally
from workflow.domain.vietnamese import number, percent
from workflow.reports.charts import StackedBars, stacked
from workflow.reports.sheets.sheets import Value

SHOWN = tuple(status for status in Status if status is not Status.WITHDRAWN)
MOST_BARS = 15


@dataclass(frozen=True, slots=True)
class ComparedFigure:
    """A figure ready to print, with its change since the period before and since a year ago: `+3`, `−2`;
    empty where it is the same, or there is nothing to compare with. `tone` says whether the
    change since the period before is good, bad or neither."""

    value: str
    before: str = ""
    year_ago: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class RollupLine:
    """A row of the page's table."""

    code: str
    name: str
    depth: int
    total: ComparedFigure
    done: ComparedFigure
    overdue: ComparedFigure
    unreported: ComparedFigure
    targets: ComparedFigure
    progress: ComparedFigure
    on_time: str


def line(row: Compared) -> RollupLine:
    """The row with its figures ready to print."""
    share = row.now.reports.reports_on_time_share
    return RollupLine(
        printed_code(row.now.code),
        row.now.name,
        row.now.depth,
        _count(row, lambda one: one.total),
        _count(row, lambda one: one.done, good=1),
        _count(row, lambda one: one.by_status[Status.OVERDUE], good=-1),
        _count(row, _unreported, good=-1),
        _targets(row),
        _progress(row),
        "–" if share is None else percent(share),
    )


def _unreported(one: Tally) -> int:
    return one.by_status[Status.NO_REPORT] + one.by_status[Status.PENDING]


def _count(row: Compared, count: Callable[[Tally], int], good: int = 0) -> ComparedFigure:
    now = count(row.now.items)
    before, year_ago = (None if one is None else now - count(one) for one in (row.before, row.year_ago))
    return ComparedFigure(number(now), _signed(before), _signed(year_ago), _tone(before, good))


def _targets(row: Compared) -> ComparedFigure:
    now = row.now.items
    if not now.figures:
        return ComparedFigure("–")
    text = f"{number(now.figures_reached)}/{number(now.figures)}"
    changes = [
        None if one is None else now.figures_reached - one.figures_reached
        for one in (row.before, row.year_ago)
    ]
    return ComparedFigure(text, _signed(changes[0]), _signed(changes[1]), _tone(changes[0], 1))


def _progress(row: Compared) -> ComparedFigure:
    now = row.now.items.mean_progress
    if now is None:
        return ComparedFigure("–")
    changes = [
        None if one is None or one.mean_progress is None else now - one.mean_progress
        for one in (row.before, row.year_ago)
    ]
    return ComparedFigure(
        f"{number(now, 1)}%", _signed(changes[0]), _signed(changes[1]), _tone(changes[0], 1)
    )


def _signed(change: int | Fraction | None) -> str:
    text = number(abs(change or 0), 1)
    return "" if text == "0" else f"{'+' if change and change > 0 else '−'}{text}"


def _tone(change: int | Fraction | None, good: int) -> str:
    if not change or not good:
        return ""
    return "good" if (change > 0) is (good > 0) else "bad"


def bars(rows: Sequence[Compared]) -> StackedBars | None:
    """The outermost groups by the status of their items; None where there is nothing to compare, or
    too much."""
    shown = [row.now for row in rows if row.now.depth == 1 and row.now.items.total]
    if not 1 < len(shown) <= MOST_BARS:
        return None
    kinds = [(f"status-{one.value}", one.label) for one in SHOWN]
    counts = [
        (
            f"{printed_code(one.code)} {one.name}".strip(),
            {f"status-{status.value}": n for status, n in one.items.by_status.items()},
        )
        for one in shown
    ]
    return stacked(counts, kinds)


def file_columns(by: Grouping) -> tuple[tuple[str, int], ...]:
    """The headings of the file's table with their width in characters."""
    return (
        ("Mã số", 12),
        (by.label, 46),
        ("Tổng số", 9),
        *((status.label, 12) for status in SHOWN),
        ("Hoàn thành, so với kỳ trước", 12),
        ("Hoàn thành, so với cùng kỳ", 12),
        ("Quá hạn, so với kỳ trước", 12),
        ("Quá hạn, so với cùng kỳ", 12),
        ("Chỉ tiêu số đạt", 10),
        ("Chỉ tiêu số", 10),
        ("Tiến độ bình quân (%)", 11),
        ("Báo cáo phải nộp", 10),
        ("Báo cáo đúng hạn", 10),
    )


def file_rows(rows: Iterable[Compared]) -> list[list[Value]]:
    """The table's rows as cells."""
    return [_cells(row) for row in rows]


def _cells(row: Compared) -> list[Value]:
    now, reports = row.now.items, row.now.reports
    others = (row.before, row.year_ago)
    late = Status.OVERDUE
    return [
        printed_code(row.now.code),
        str(row.now.name),
        now.total,
        *(now.by_status[status] for status in SHOWN),
        *(None if one is None else now.done - one.done for one in others),
        *(None if one is None else now.by_status[late] - one.by_status[late] for one in others),
        now.figures_reached,
        now.figures,
        None if now.mean_progress is None else Decimal(round(now.mean_progress * 10)) / 10,
        reports.total,
        reports.reports_on_time,
    ]
