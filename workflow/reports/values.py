"""What a report shows, as plain values ready to print.

`workflow.reports.context` fills them; the DOCX template, the page and the workbook read them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from workflow.domain.periods.period import Span
from workflow.domain.results.record import CycleRecord
from workflow.domain.results.rollup import Rollup
from workflow.domain.scores.score_lines import UnitScore


@dataclass(frozen=True, slots=True)
class ReportHeading:
    """The office's own words: heading, number, date, recipients, signature.

    `is_party` chooses the layout: a Party document (Guidance 36-HD/VPTW) or a state one (Decree
    30/2020). `symbol` stands in the numbers of an organisation whose plan
    bears none. `number` is printed as given (`12-BC/ĐU`); empty leaves space to write it, as does a missing
    date.
    """

    organisation: str
    superior: str = ""
    is_party: bool = True
    symbol: str = ""
    place: str = ""
    number: str = ""
    on: date | None = None
    plan_title: str = ""
    plan_number: str = ""
    plan_issued_on: date | None = None
    signs_for: str = ""
    signs_as: str = ""
    signer: str = ""
    recipients: tuple[str, ...] = ()
    filed: str = "Lưu văn thư"
    to_superior: str = ""
    """The line of the recipients that the superior body would have."""


@dataclass(frozen=True, slots=True)
class TotalRow:
    """One row of a table of counts by status; percents are ready to print."""

    code: str
    name: str
    depth: int
    total: int
    done_on_time: int
    done_late: int
    under_way: int
    overdue: int
    not_started: int
    ongoing: int
    not_arisen: int
    no_report: int
    progress: str
    reports_on_time: str


@dataclass(frozen=True, slots=True)
class SectionText:
    """A section's paragraph."""

    code: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A target against its result: `text` is the item's content with the target's name where it has one,
    `expected` the value asked for, as the plan prints it."""

    code: str
    text: str
    expected: str
    reached: str
    verdict: str
    is_reached: bool


@dataclass(frozen=True, slots=True)
class RankRow:
    """A unit's place in the ranking; points ready to print. `total` is what the rank goes by: the points on
    the scale of all criteria, with the `extras` (bonuses less deductions, signed)."""

    rank: str
    unit: str
    points: str
    maximum: str
    extras: str
    total: str
    grade: str
    note: str
    is_ranked: bool
    is_shared: bool
    """Whether another unit has the same rank."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """The ranking of one emulation cluster; an empty `name` is the only one."""

    name: str
    rows: tuple[RankRow, ...]
    unranked: str = ""
    """Which units are not ranked, and why: a sentence."""


@dataclass(frozen=True, slots=True)
class AppendixRow:
    """A row of the appendix: a section heading (`is_heading`) or an item, first as the plan prints it, then
    with its result."""

    is_heading: bool
    code: str
    content: str
    leaders: str = ""
    leads: str = ""
    coordinating: str = ""
    start: str = ""
    deadline: str = ""
    result: str = ""
    progress: str = ""
    status: str = ""
    decision: str = ""


@dataclass(frozen=True, slots=True)
class PrintedReport:
    """A period's report, ready to print. Tuples of strings are paragraphs."""

    heading: ReportHeading
    span: Span
    is_draft: bool
    """Whether some cycles are still open, so that the figures may change."""
    superior_head: str
    organisation_head: str
    """Both bodies in capitals as the heading prints them, the place in their name kept on one line."""
    number_line: str
    place_and_date: str
    span_text: str
    """The period inside a sentence: `quý I/2026`."""
    subject: str
    appendix_note: str
    """Which report the appendix goes with."""
    opening: str
    discipline: tuple[str, ...]
    overview: tuple[str, ...]
    section_texts: tuple[SectionText, ...]
    sections: tuple[TotalRow, ...]
    leads: tuple[TotalRow, ...]
    whole: TotalRow
    figures: tuple[FigureRow, ...]
    shortfalls: tuple[str, ...]
    difficulties: tuple[str, ...]
    clusters: tuple[Cluster, ...]
    next_work: tuple[str, ...]
    proposals: tuple[str, ...]
    appendix: tuple[AppendixRow, ...]
    rollup: Rollup
    records: tuple[CycleRecord, ...]
    """In plan order, without the withdrawn ones."""
    scores: tuple[UnitScore, ...]
