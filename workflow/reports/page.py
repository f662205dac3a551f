"""A report as a web page: the context of the template `pages/report.html`.

The page is rendered by `workflow.web`, whose environment holds the base page and the catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workflow.domain.score_lines import Line, UnitScore
from workflow.domain.vietnamese import number
from workflow.reports.charts import by_status
from workflow.reports.values import Report

TEMPLATE = "pages/report.html"


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
    """A unit's score line by line. `anchor` is the element's id in the page."""

    anchor: str
    unit: str
    points: str
    maximum: str
    lines: tuple[LineRow, ...]


def page_context(report: Report, *, with_sheets: bool = True) -> dict[str, Any]:
    """What `pages/report.html` shows: `report`; `sheets`, the scores explained unit by unit (none where the
    document itself is what is read); and the chart of its sections by how their items stand."""
    return {
        "report": report,
        "sheets": tuple(_sheet(score) for score in report.scores) if with_sheets else (),
        "by_section": by_status(report),
    }


def _sheet(score: UnitScore) -> ScoreSheet:
    return ScoreSheet(
        anchor=f"diem-{score.unit.id}",
        unit=score.unit.name,
        points=number(score.points),
        maximum=number(score.maximum),
        lines=tuple(_line(line) for line in score.lines),
    )


def _line(line: Line) -> LineRow:
    return LineRow(
        group=line.criterion.group,
        title=line.criterion.title,
        points=number(line.points),
        maximum=number(line.maximum),
        reasons=tuple((reason.text, reason.codes) for reason in line.reasons),
    )
