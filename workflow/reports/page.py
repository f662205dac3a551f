"""A report as web pages: what the template `reports/report.html` shows, and the parts that have pages of
their own: each unit's score sheet, the appendix where it is long.

The pages are rendered by `workflow.web`, whose environment holds the base page and the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from workflow.domain.scores.score_lines import ScoreLine, UnitScore
from workflow.domain.vietnamese import number
from workflow.reports.charts import by_status
from workflow.reports.values import AppendixRow, PrintedReport

TEMPLATE = "pages/reports/report.html"
PART_BYTES = 55_000
"""Text of one part of the appendix, with what its markup takes."""
_MARKUP_BYTES = 350


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of a score sheet: points ready to print, with the reasons behind them."""

    group: str
    title: str
    points: str
    maximum: str
    reasons: tuple[tuple[str, tuple[str, ...]], ...]
    """(sentence, codes of the cycles it speaks of)."""


@dataclass(frozen=True, slots=True)
class ScoreSheet:
    """A unit's score line by line."""

    unit: str
    points: str
    maximum: str
    lines: tuple[LineRow, ...]


@dataclass(frozen=True, slots=True)
class AppendixPart:
    """The rows of one page of the appendix: its number, and the codes of its first and last item."""

    place: int
    rows: tuple[AppendixRow, ...]
    first: str
    last: str


def page_context(report: PrintedReport) -> dict[str, Any]:
    """What `report.html` shows of the report: itself, and the chart of its sections by the status of
    their items."""
    return {"report": report, "by_section": by_status(report)}


def score_sheet(report: PrintedReport, unit_id: int) -> ScoreSheet | None:
    """The score of a unit explained line by line, None where it has none."""
    return next((_sheet(score) for score in report.scores if score.unit.id == unit_id), None)


def appendix_parts(report: PrintedReport) -> tuple[AppendixPart, ...]:
    """The appendix cut into parts a page can hold; a heading stays with the item below it."""
    parts = []
    for place, rows in enumerate(_cut(report.appendix), 1):
        codes = [row.code for row in rows if not row.is_heading]
        parts.append(AppendixPart(place, rows, codes[0], codes[-1]))
    return tuple(parts)


def _cut(rows: tuple[AppendixRow, ...]) -> Iterator[tuple[AppendixRow, ...]]:
    part: list[AppendixRow] = []
    headings: list[AppendixRow] = []
    size = 0
    for row in rows:
        if row.is_heading:
            headings.append(row)
            continue
        added = sum(map(_size, (*headings, row)))
        if part and size + added > PART_BYTES:
            yield tuple(part)
            part, size = [], 0
        part += [*headings, row]
        headings, size = [], size + added
    if part:
        yield tuple(part)


def _size(row: AppendixRow) -> int:
    texts = (row.content, row.leaders, row.leads, row.coordinating, row.result)
    return _MARKUP_BYTES + sum(len(text.encode()) for text in texts)


def _sheet(score: UnitScore) -> ScoreSheet:
    return ScoreSheet(
        unit=score.unit.name,
        points=number(score.points),
        maximum=number(score.maximum),
        lines=tuple(_line(line) for line in score.lines),
    )


def _line(line: ScoreLine) -> LineRow:
    return LineRow(
        group=line.criterion.group,
        title=line.criterion.title,
        points=number(line.points),
        maximum=number(line.maximum),
        reasons=tuple((reason.text, reason.codes) for reason in line.reasons),
    )
