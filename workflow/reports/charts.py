"""Charts as numbers: the position of each bar, column and mark, in percent of the width and pixels of height.

Pure functions; `office/chart_macros.html` draws them as SVG, with the same figures in words for who can't see
it. Percents let a chart be as wide as the page while its letters keep their size.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from workflow.domain.plans.sections import printed_code
from workflow.domain.results.record import Status
from workflow.domain.results.rollup import Rollup, SectionTotal
from workflow.reports.values import PrintedReport

BAR_STEP = 46
COLUMN_HEIGHT = 140
_FEW_SECTIONS = 4
MOST_DAYS = 31
"""A longer time is shown by weeks."""

Kind = tuple[str, str]
"""What is counted: its CSS class and its label."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar."""

    tone: str
    count: int
    x: float
    width: float

    @property
    def middle(self) -> float:
        """The position of its count's text."""
        return round(self.x + self.width / 2, 2)

    @property
    def has_room(self) -> bool:
        """Whether its count can be written into it."""
        return self.width >= 4


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of a chart of stacked bars; `counts` are those of every kind, zero included."""

    label: str
    total: int
    y: int
    segments: tuple[Segment, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StackedBars:
    """Bars of one length each, divided by kind; kinds with a count of zero everywhere are left out."""

    bars: tuple[Bar, ...]
    kinds: tuple[Kind, ...]
    totals: tuple[int, ...]

    @property
    def height(self) -> int:
        """The chart's height."""
        return BAR_STEP * len(self.bars)

    def told(self, bar: Bar) -> list[tuple[str, int]]:
        """The label and the count of each kind in the bar, without zeros."""
        pairs = zip(self.kinds, bar.counts, strict=True)
        return [(label, count) for (_, label), count in pairs if count]


def stacked(rows: Sequence[tuple[str, Mapping[str, int]]], kinds: Sequence[Kind]) -> StackedBars:
    """A bar for each row (its label, and how many of each kind, by the kind's CSS class)."""
    shown = tuple(kind for kind in kinds if any(counts.get(kind[0]) for _, counts in rows))
    bars = []
    for place, (label, counts) in enumerate(rows):
        total = sum(counts.get(tone, 0) for tone, _ in shown)
        segments, before = [], 0
        for tone, _ in shown:
            if count := counts.get(tone, 0):
                segments.append(
                    Segment(tone, count, round(100 * before / total, 2), round(100 * count / total, 2))
                )
                before += count
        found = tuple(counts.get(tone, 0) for tone, _ in shown)
        bars.append(Bar(label, total, place * BAR_STEP, tuple(segments), found))
    sums = tuple(sum(bar.counts[place] for bar in bars) for place in range(len(shown)))
    return StackedBars(tuple(bars), shown, sums)


def by_status(report: PrintedReport) -> StackedBars:
    """A report's sections by the status of their items: the outermost sections, or where these are few,
    those within them."""
    rows = [
        (". ".join(filter(None, (printed_code(section.code), section.title))), section.tally.by_status)
        for section in sections_drawn(report.rollup)
    ]
    kinds = [(f"status-{one.value}", one.label) for one in Status if one is not Status.WITHDRAWN]
    return stacked(
        [(label, {f"status-{one.value}": n for one, n in tally.items()}) for label, tally in rows], kinds
    )


def sections_drawn(rollup: Rollup) -> tuple[SectionTotal, ...]:
    """The sections a chart shows, each item in one of them."""
    outermost, within = (
        tuple(section for section in rollup.sections if section.depth == depth) for depth in (1, 2)
    )
    covers_all = sum(section.tally.total for section in within) == rollup.whole.total
    return within if covers_all and len(outermost) < _FEW_SECTIONS <= len(within) + 1 else outermost


def came_in(report: PrintedReport) -> TimelinessChart | None:
    """When a report's first reports came; None where nobody was asked for any."""
    if not report.records:
        return None
    came = [record.first_submitted_on for record in report.records if record.first_submitted_on]
    due_on = max(record.report_due_on for record in report.records)
    return timeliness(came, min([due_on, *came]), due_on, due_on, len(report.records))


@dataclass(frozen=True, slots=True)
class ChartColumn:
    """The first reports that came on a day or in the week from it; `so_far` sums them up."""

    first: date
    last: date
    count: int
    so_far: int
    is_late: bool
    x: float
    height: float


@dataclass(frozen=True, slots=True)
class TimelinessChart:
    """First reports by the day or week they came, against the deadline."""

    columns: tuple[ChartColumn, ...]
    due_on: date
    due_x: float
    """The position of the end of the last day."""
    on_time: int
    late: int
    missing: int
    by_week: bool

    @property
    def width(self) -> float:
        """A column's width."""
        return round(78 / len(self.columns), 2)

    @property
    def label_step(self) -> int:
        """Every so-manyth column has its day written under it, so that a phone has room."""
        return -(-len(self.columns) // 6)


def timeliness(
    came: Iterable[date], opens_on: date, due_on: date, today: date, total: int
) -> TimelinessChart:
    """When the first reports of `total` items came. Weeks are counted back from the deadline, so that no
    column mixes reports in time with late ones."""
    days = Counter(came)
    first = min([opens_on, *days])
    last = max([due_on, *days, today if len(days) < total and today > due_on else due_on])
    step = 1 if (last - first).days < MOST_DAYS else 7
    begins = due_on + timedelta(1) - timedelta(step) * -(-((due_on - first).days + 1) // step)
    spans = []
    while begins <= last:
        spans.append((begins, begins + timedelta(step - 1)))
        begins += timedelta(step)
    counts = [sum(days[one + timedelta(n)] for n in range(step)) for one, _ in spans]
    most = max([1, *counts])
    columns, so_far = [], 0
    for place, ((one, until), count) in enumerate(zip(spans, counts, strict=True)):
        so_far += count
        x = round(100 * place / len(spans), 2)
        height = round(COLUMN_HEIGHT * count / most, 1)
        columns.append(ChartColumn(one, until, count, so_far, one > due_on, x, height))
    on_time = sum(column.count for column in columns if not column.is_late)
    in_time = sum(not column.is_late for column in columns)
    return TimelinessChart(
        tuple(columns),
        due_on,
        round(100 * in_time / len(columns), 2),
        on_time,
        so_far - on_time,
        max(total - so_far, 0),
        step == 7,
    )
