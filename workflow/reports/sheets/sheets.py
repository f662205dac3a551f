"""A table as a sheet of a workbook: a frozen, filtered heading row, wrapped cells, ready to print.

Numbers and days are cells of their kind, so that the office can compute with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from math import ceil

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.worksheet import Worksheet

from workflow.reports.sheets.formulas import Formula
from workflow.sheet_text import page_head, put_text

Value = str | int | Decimal | date | datetime | Formula | None

_THIN = Side(style="thin", color="FF999999")
_BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD_FILL = PatternFill("solid", fgColor="FFE8EDF3")
_FONT = Font(name="Times New Roman", size=11)
_HEAD_FONT = Font(name="Times New Roman", size=11, bold=True)
_HEAD, _TEXT, _NUMBER = "Tiêu đề bảng", "Chữ trong bảng", "Số trong bảng"
_ALIGNMENTS = {
    _HEAD: Alignment(horizontal="center", vertical="center", wrap_text=True),
    _TEXT: Alignment(vertical="top", wrap_text=True),
    _NUMBER: Alignment(horizontal="center", vertical="top"),
}
_LINE_POINTS = 15


def add_sheet(
    book: Workbook,
    header: str,
    title: str,
    columns: Sequence[tuple[str, int]],
    rows: Iterable[Sequence[Value]],
    frozen_columns: int,
    printed_columns: int | None = None,
) -> dict[str, Formula]:
    """Adds a sheet with these columns (heading, width in characters) and returns its formulas by cell;
    `header` is printed on every page, and only so many columns, or all."""
    _name_styles(book)
    formulas: dict[str, Formula] = {}
    sheet: Worksheet = book.create_sheet(title)
    for column, (name, width) in enumerate(columns, 1):
        cell = sheet.cell(1, column)
        put_text(cell, name)
        cell.style = _HEAD
        sheet.column_dimensions[get_column_letter(column)].width = width
    # Bold letters are wider, and words are never cut: so two characters less to a line.
    most = max((_lines(name, max(width - 2, 1)) for name, width in columns), default=1)
    sheet.row_dimensions[1].height = max(most, 2) * _LINE_POINTS + 4
    widths = [width for _, width in columns]
    for number, row in enumerate(rows, 2):
        for column, value in enumerate(row, 1):
            cell = _write(sheet, number, column, value)
            if isinstance(value, Formula):
                formulas[cell.coordinate] = value
        lines = max(_lines(value, width) for value, width in zip(row, widths, strict=True))
        # LibreOffice and Excel leave rows of a written file at one line; 409 points is Excel's most.
        sheet.row_dimensions[number].height = min(lines * _LINE_POINTS + 2, 409)
    for column in range(1, len(columns) + 1):
        # Hidden, not taken out: formulas of other sheets name columns by their letter.
        if sheet.max_row > 1 and all(
            _is_blank(sheet.cell(row, column)) for row in range(2, sheet.max_row + 1)
        ):
            sheet.column_dimensions[get_column_letter(column)].hidden = True
    sheet.freeze_panes = sheet.cell(2, frozen_columns + 1)
    sheet.auto_filter.ref = sheet.dimensions
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.75, bottom=0.6, header=0.3, footer=0.3)
    if printed_columns:
        sheet.print_area = f"A1:{get_column_letter(printed_columns)}{sheet.max_row}"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
    sheet.oddHeader.center.text = page_head(header)
    sheet.oddFooter.center.text = "&P/&N"
    return formulas


def _name_styles(book: Workbook) -> None:
    # Set by name: otherwise openpyxl looks up the font, border and alignment of every cell again.
    for name, alignment in _ALIGNMENTS.items():
        if name not in book.named_styles:
            style = NamedStyle(name, _FONT, border=_BORDER, alignment=alignment)
            if name == _HEAD:
                style.font, style.fill = _HEAD_FONT, _HEAD_FILL
            book.add_named_style(style)


def _write(sheet: Worksheet, row: int, column: int, value: Value) -> Cell:
    cell = sheet.cell(row, column)
    cell.style = _TEXT if isinstance(value, str) else _NUMBER
    if isinstance(value, str):
        put_text(cell, value)
    elif isinstance(value, Formula):
        cell.value, cell.number_format = f"={value.text}", value.form
    else:
        cell.value = value
        if isinstance(value, datetime):
            cell.number_format = "dd/mm/yyyy hh:mm"
        elif isinstance(value, date):
            cell.number_format = "dd/mm/yyyy"
    return cell


def _is_blank(cell: Cell) -> bool:
    return cell.value is None or cell.value == ""


def _lines(value: Value, width: int) -> int:
    """How many lines a wrapped value takes in a column so many characters wide."""
    return sum(ceil(len(line) / width) or 1 for line in value.split("\n")) if isinstance(value, str) else 1
