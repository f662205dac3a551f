"""The workbook's charts, each on a sheet of its own over a table of formulas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from openpyxl import Workbook
from openpyxl.chart import Reference
from openpyxl.chart.series_factory import SeriesFactory

from workflow.reports.charts import TimelinessChart, by_status, came_in, sections_drawn
from workflow.reports.sheets.formulas import Formula
from workflow.reports.sheets.office_charts import (
    COUNT,
    ChartTable,
    a_bar_chart,
    table_of_days,
    table_of_sections,
)
from workflow.reports.sheets.sheets import Value, add_sheet
from workflow.reports.values import PrintedReport

_WIDTH_CM = 25


def add_charts(
    book: Workbook, header: str, report: PrintedReport, cells: dict[str, str]
) -> list[dict[str, Formula]]:
    """Adds a sheet for each chart that has data, and returns their formulas. `cells` are ranges of the
    appendix, by their content: `status`, `path` and `came`."""
    found = []
    chart, days = by_status(report), came_in(report)
    if sections := table_of_sections(chart):
        columns = [("Nhóm nội dung", 44), *((label, 12) for _, label in sections.kinds)]
        rows = list(_section_rows(report, sections, cells))
        found.append(add_sheet(book, header, "Biểu đồ kết quả", columns, rows, 1))
        _draw(book, sections, first_column=2)
    if days and (table := table_of_days(days)):
        columns = [("Thời gian", 14), ("Từ ngày", 13), ("Đến ngày", 13), *((k, 12) for _, k in table.kinds)]
        rows = list(_day_rows(days, table, cells))
        found.append(add_sheet(book, header, "Biểu đồ nộp báo cáo", columns, rows, 1))
        _draw(book, table, first_column=4)
    return found


def _section_rows(
    report: PrintedReport, table: ChartTable, cells: dict[str, str]
) -> Iterator[Sequence[Value]]:
    drawn = set(map(id, sections_drawn(report.rollup)))
    rows = [at for at, section in enumerate(report.rollup.sections, 2) if id(section) in drawn]
    for at, label, counts in zip(rows, table.categories, zip(*table.counts, strict=True), strict=True):
        yield (
            label,
            *(
                Formula(
                    f"COUNTIFS({cells['path']},'Tổng hợp'!$Q{at},{cells['status']},{letter}$1)", count, COUNT
                )
                for letter, count in zip("BCDEFGHIJ", counts, strict=False)
            ),
        )


def _day_rows(days: TimelinessChart, table: ChartTable, cells: dict[str, str]) -> Iterator[Sequence[Value]]:
    for at, (column, label) in enumerate(zip(days.columns, table.categories, strict=True), 2):
        came = Formula(
            f'COUNTIFS({cells["came"]},">="&B{at},{cells["came"]},"<="&C{at})', column.count, COUNT
        )
        counts = (None, came) if column.is_late else (came, None)
        yield label, column.first, column.last, *counts


def _draw(book: Workbook, table: ChartTable, *, first_column: int) -> None:
    sheet = book.worksheets[-1]
    sheet.auto_filter.ref = None
    last = len(table.categories) + 1
    columns = range(first_column, first_column + len(table.kinds))
    series = [
        SeriesFactory(Reference(sheet, min_col=column, min_row=1, max_row=last), title_from_data=True)
        for column in columns
    ]
    chart = a_bar_chart(table.kinds, series, is_lying=table.is_lying)
    chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=last))
    chart.width, chart.height = _WIDTH_CM, table.height_cm
    sheet.add_chart(chart, f"A{last + 2}")
