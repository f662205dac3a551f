"""A report as a workbook with live formulas: totals, rates, points and ranks are formulas over two data
sheets, the appendix and the points line by line.

Where a rule of ours goes beyond a formula (a tie broken by further criteria, another rounding) the cell holds
our value, and a note says so. Charts are `workflow.reports.sheets.chart_sheets`'s, ranks
`workflow.reports.sheets.rank_sheets`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from io import BytesIO

from openpyxl import Workbook

from workflow.domain.results.record import CycleRecord, Status
from workflow.domain.results.rollup import UNKNOWN_UNIT, Tally
from workflow.domain.vietnamese import name_in_text, unbroken
from workflow.reports.context import (
    content_text,
    coordinating_text,
    deadline_text,
    decision_text,
    result_text,
    start_text,
)
from workflow.reports.sheets.chart_sheets import add_charts
from workflow.reports.sheets.formulas import Formula, with_values
from workflow.reports.sheets.rank_sheets import POINTS, RANKING, point_rows, rank_rows, unit_names
from workflow.reports.sheets.sheets import Value, add_sheet
from workflow.reports.values import PrintedReport

_APPENDIX = (
    ("Mục", 9),
    ("Nội dung", 36),
    ("Lãnh đạo phụ trách", 15),
    ("Đơn vị chủ trì", 17),
    ("Đơn vị phối hợp", 19),
    ("Bắt đầu", 14),
    ("Hoàn thành", 14),
    ("Kết quả thực hiện", 36),
    ("Tiến độ (%)", 8),
    ("Đánh giá", 14),
    ("Phê duyệt", 13),
    ("Ngày đến hạn", 12),
    ("Ngày báo cáo", 12),
    ("Chậm (ngày làm việc)", 10),
    ("Khó khăn, vướng mắc", 30),
    ("Kiến nghị, đề xuất", 30),
    ("Nhóm nội dung", 30),
    ("Thuộc các mục", 18),
    ("Chủ trì chính", 20),
)
_PRINTED = 11
# The appendix's columns that formulas look into, from its second row on.
_PROGRESS, _STATUS, _CAME, _LATE, _PATH, _LEAD = "I", "J", "M", "N", "R", "S"
_STATUSES = (
    Status.DONE_ON_TIME,
    Status.DONE_LATE,
    Status.UNDER_WAY,
    Status.OVERDUE,
    Status.NOT_STARTED,
    Status.ONGOING,
    Status.NOT_ARISEN,
    Status.NO_REPORT,
)
_TOTALS = (
    ("Tổng hợp theo", 15),
    ("Mục", 8),
    ("Tên", 38),
    ("Tổng số", 8),
    *((status.label, 10) for status in _STATUSES),
    ("Tiến độ bình quân (%)", 10),
    ("Báo cáo đúng hạn", 9),
    ("Tỷ lệ báo cáo đúng hạn", 10),
    ("Tỷ lệ hoàn thành đúng hạn", 10),
    ("Tìm trong Phụ lục", 40),
)
_FIGURES = (
    ("Mục", 10),
    ("Chỉ tiêu", 60),
    ("Kế hoạch", 14),
    ("Kết quả", 14),
    ("Đơn vị tính", 12),
    ("Kết quả/kế hoạch", 12),
    ("Đánh giá", 16),
)


def write_xlsx(report: PrintedReport) -> bytes:
    """The report as an XLSX file: every sheet with a frozen, filtered heading row, printed on A4."""
    book, formulas = workbook_of(report)
    written = BytesIO()
    book.save(written)
    return with_values(written.getvalue(), formulas)


def workbook_of(report: PrintedReport) -> tuple[Workbook, Mapping[int, Mapping[str, Formula]]]:
    """The workbook, and its formulas by the sheet's number from 1 and the cell."""
    book = Workbook()
    book.remove(book.worksheets[0])
    header = f"{report.heading.organisation} – {report.span.label}"
    names = unit_names(report)
    below = _TotalRows(len(report.records))
    tables: tuple[tuple[str, Sequence[tuple[str, int]], Iterable[Sequence[Value]], int, int | None], ...] = (
        ("Tổng hợp", _TOTALS, _total_rows(report, names, below), 3, len(_TOTALS) - 1),
        ("Phụ lục", _APPENDIX, [_appendix_row(record, names) for record in report.records], 2, _PRINTED),
        ("Chỉ tiêu", _FIGURES, _figure_rows(report), 2, None),
        ("Xếp hạng", RANKING, rank_rows(report, names), 3, None),
        ("Điểm chi tiết", POINTS, point_rows(report, names), 1, None),
    )
    formulas = {
        number: add_sheet(book, header, title, columns, rows, frozen, printed)
        for number, (title, columns, rows, frozen, printed) in enumerate(tables, 1)
    }
    cells = {"status": below.cells(_STATUS), "path": below.cells(_PATH), "came": below.cells(_CAME)}
    formulas |= dict(enumerate(add_charts(book, header, report, cells), len(tables) + 1))
    return book, formulas


def _total_rows(
    report: PrintedReport, names: Mapping[int, str], below: _TotalRows
) -> Iterator[Sequence[Value]]:
    path: list[str] = []
    for row, section in zip(report.sections, report.rollup.sections, strict=True):
        path[section.depth - 1 :] = [section.code]
        yield below.row("Nhóm nội dung", row.code, row.name, section.tally, _PATH, f"{_path(path)}*")
    for row, lead in zip(report.leads, report.rollup.leads, strict=True):
        yield below.row("Đơn vị chủ trì", "", row.name, lead.tally, _LEAD, names[lead.unit.id])
    yield below.row("Toàn kỳ", "", report.whole.name, report.rollup.whole, "", "")


class _TotalRows:
    """Writes the rows of totals, each a row of formulas over an appendix of so many records."""

    def __init__(self, records: int) -> None:
        self._last = max(records, 1) + 1
        self._row = 1

    def row(self, kind: str, code: str, name: str, tally: Tally, column: str, wanted: str) -> Sequence[Value]:
        """The totals of the records whose `column` is `wanted` (`*` at its end: begins so), or of all."""
        self._row += 1
        at = self._row
        key = f"$Q{at}"
        among = f"{self.cells(column)},{key}," if column else ""
        counts = [
            Formula(f"COUNTIFS({among}{self.cells(_STATUS)},{letter}$1)", tally.by_status[status], "0")
            for letter, status in zip("EFGHIJK", _STATUSES, strict=False)
        ]
        unreported = " + ".join(
            f'COUNTIFS({among}{self.cells(_STATUS)},"{status.label}")'
            for status in (Status.NO_REPORT, Status.PENDING)
        )
        # Reported as done with a target missed, an item is still under way.
        counts[2] = Formula(
            " + ".join(
                f'COUNTIFS({among}{self.cells(_STATUS)},"{status.label}")'
                for status in (Status.UNDER_WAY, Status.DONE_SHORT)
            ),
            tally.by_status[Status.UNDER_WAY] + tally.by_status[Status.DONE_SHORT],
            "0",
        )
        none = tally.by_status[Status.NO_REPORT] + tally.by_status[Status.PENDING]
        on_time, done_share = tally.reports_on_time_share, tally.done_on_time_share
        return (
            kind,
            code,
            name,
            Formula(f"SUM(E{at}:L{at})", tally.total, "0"),
            *counts,
            Formula(unreported, none, "0"),
            Formula(self._mean(among), _or_dash(tally.mean_progress), "0.0"),
            Formula(f"COUNTIFS({among}{self.cells(_LATE)},0)", tally.reports_on_time, "0"),
            Formula(f'IF(D{at}=0,"–",N{at}/D{at})', _or_dash(on_time), "0.0%"),
            Formula(f'IF(E{at}+F{at}+H{at}=0,"–",E{at}/(E{at}+F{at}+H{at}))', _or_dash(done_share), "0.0%"),
            wanted,
        )

    def cells(self, column: str) -> str:
        """A column of the appendix, without its heading."""
        return f"'Phụ lục'!${column}$2:${column}${self._last}"

    def _mean(self, among: str) -> str:
        # As in the rollup: over approved reports, without items that did not arise.
        without = ",".join(
            f'{self.cells(_STATUS)},"<>{status.label}"'
            for status in (Status.NOT_ARISEN, Status.NO_REPORT, Status.PENDING)
        )
        return f'IFERROR(AVERAGEIFS({self.cells(_PROGRESS)},{among}{without}),"–")'


def _appendix_row(record: CycleRecord, names: Mapping[int, str]) -> Sequence[Value]:
    return (
        record.code,
        content_text(record),
        "\n".join(map(name_in_text, record.leaders_shown)),
        "\n".join(unit.name for unit in record.leads),
        coordinating_text(record),
        unbroken(start_text(record)),
        unbroken(deadline_text(record)),
        result_text(record),
        record.progress,
        record.status.label,
        decision_text(record),
        record.due,
        record.first_submitted_on,
        record.days_late if record.first_submitted_on else None,
        record.difficulties,
        record.proposals,
        record.section_titles[-1] if record.section_titles else "",
        _path(record.section_codes),
        names[(record.leads[0] if record.leads else UNKNOWN_UNIT).id],
    )


def _figure_rows(report: PrintedReport) -> Iterator[Sequence[Value]]:
    figures = [figure for record in report.records if record.counts for figure in record.figures]
    for at, (row, figure) in enumerate(zip(report.figures, figures, strict=True), 2):
        share: Value = "–"
        if figure.share is not None:
            share = Formula(f"D{at}/C{at}", figure.share, "0.0%")
        yield row.code, row.text, figure.expected, figure.reached, figure.measure, share, row.verdict


def _path(codes: Sequence[str]) -> str:
    """The path of an item's sections, as formulas match it: never read as a number or a wildcard."""
    return "".join(f"{code.translate({ord(mark): '' for mark in '*?~'})} › " for code in codes) or "– › "


def _or_dash(share: Fraction | None) -> Fraction | str:
    return "–" if share is None else share
