"""The form as an Excel workbook: doubtful cells coloured with the reason, lists to choose from, ready to
print. `workbook_reading` reads it back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.dimensions import ColumnDimension
from openpyxl.worksheet.worksheet import Worksheet

from workflow.domain.numbers import read_number
from workflow.domain.plain_text import printable
from workflow.importing.cells.schedule_words import TIMES
from workflow.importing.form.filling import people_cells, section_cell
from workflow.importing.form.form import (
    COLUMNS,
    COMPARISONS,
    COUNCIL,
    GUIDE,
    KINDS,
    NO_ONE,
    ROLES,
    YES,
    CellChoices,
    Doubt,
    FormColumn,
    FormRow,
    FormSheet,
    PlanForm,
)
from workflow.sheet_text import put_text

LISTS = "Danh sách chọn"
SPARE_ROWS = 200
"""How many empty rows below the last also have the drop-down lists."""
LINE_HEIGHT = 13.5

_FONT = Font(name="Arial", size=10)
_HEAD = Font(name="Arial", size=10, bold=True, color="FFFFFF")
_OURS = Font(name="Arial", size=9, italic=True, color="2F3B48")
_HEAD_FILL = PatternFill("solid", fgColor="3A6EA5")
_REQUIRED_FILL = PatternFill("solid", fgColor="0B2E4F")
_OURS_HEAD_FILL = PatternFill("solid", fgColor="6B7785")
_GRAVE = PatternFill("solid", fgColor="FFD58A")
_SLIGHT = PatternFill("solid", fgColor="FFF6CC")
_OURS_FILL = PatternFill("solid", fgColor="F1F3F5")
_LINE = Side(style="thin", color="C9CFD6")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_CODE = 1 + [column.key for column in COLUMNS[FormSheet.ITEMS]].index("code")
_PRINTED = {FormSheet.ITEMS: "deadline_read", FormSheet.FINDINGS: "done"}
"""The last column that goes on paper, where not all do."""
_NUMBER = re.compile(r"\d+(?:\.\d{3})*(?:,\d+)?")


def write_workbook(form: PlanForm, sheets: Sequence[FormSheet] = tuple(FormSheet)) -> bytes:
    """The workbook's bytes, with these sheets of the form."""
    book = Workbook()
    book.remove(book.active)
    lists = _lists(form)
    for sheet in sheets:
        _write_sheet(book.create_sheet(sheet.value), sheet, form, lists)
    _write_lists(book.create_sheet(LISTS), lists)
    book.active = sheets.index(FormSheet.ITEMS) if FormSheet.ITEMS in sheets else 0
    written = BytesIO()
    book.save(written)
    return written.getvalue()


Lists = dict[CellChoices, list[str]]


def _lists(form: PlanForm) -> Lists:
    units = form.rows(FormSheet.UNITS)
    return {
        CellChoices.UNIT: [row["name"] for row in units],
        CellChoices.GROUPLESS: [row["name"] for row in units if not row["members"]],
        CellChoices.SECTION: [
            section_cell(row["key"], row["title"]) for row in form.rows(FormSheet.SECTIONS)
        ],
        CellChoices.TIME: list(TIMES),
        CellChoices.COMPARISON: list(COMPARISONS.values()),
        CellChoices.TARGET_KIND: list(KINDS.values()),
        CellChoices.ROLE: list(ROLES.values()),
        CellChoices.PERSON: [*people_cells(form), NO_ONE],
        CellChoices.YES: [YES],
        CellChoices.BODY: [YES, COUNCIL],
    }


def _write_lists(page: Worksheet, lists: Lists) -> None:
    for place, (choice, words) in enumerate(lists.items(), start=1):
        put_text(page.cell(1, place), choice.value)
        for row, word in enumerate(words, start=2):
            put_text(page.cell(row, place), word)
    page.sheet_state = "hidden"


def _write_sheet(page: Worksheet, sheet: FormSheet, form: PlanForm, lists: Lists) -> None:
    columns, rows = COLUMNS[sheet], form.rows(sheet)
    for place, column in enumerate(columns, start=1):
        _write_header(page.cell(1, place), column)
        shape = page.column_dimensions[get_column_letter(place)]
        _style(shape, column)
        shape.width, shape.hidden = column.width, column.is_hidden or _is_idle(column, rows)
    for number, row in enumerate(rows, start=2):
        _write_row(page, number, sheet, row)
    last = len(rows) + 1
    if sheet is FormSheet.ABOUT:
        _write_guide(page, last + 2)
    else:
        page.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{last}"
    _offer_lists(page, columns, last + SPARE_ROWS, lists)
    _set_up(page, sheet, columns, last)


def _is_idle(column: FormColumn, rows: Sequence[FormRow]) -> bool:
    """Whether a plan has nothing for a column that few plans have: it is put out of the way."""
    return column.key in ("result", "note") and not any(row[column.key] for row in rows)


def _write_header(cell: Cell, column: FormColumn) -> None:
    put_text(cell, column.title)
    cell.font = _HEAD
    cell.fill = _OURS_HEAD_FILL if column.is_ours else _REQUIRED_FILL if column.is_required else _HEAD_FILL
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    cell.border = _BORDER
    hints = [column.hint]
    if column.is_required:
        hints.insert(0, "Bắt buộc.")
    if column.is_ours:
        hints.append("Máy ghi, sửa ở đây không có tác dụng.")
    if hint := " ".join(part for part in hints if part):
        cell.comment = _comment(hint)


def _write_row(page: Worksheet, number: int, sheet: FormSheet, row: FormRow) -> None:
    lines = 1
    for place, column in enumerate(COLUMNS[sheet], start=1):
        cell = page.cell(number, place)
        text = row[column.key]
        _style(cell, column)
        if column.is_number and _NUMBER.fullmatch(text):
            cell.value = read_number(text).value
            cell.number_format = "#,##0.####" if "," in text else "#,##0"
        elif text:
            put_text(cell, text)
        if doubts := row.doubts.get(column.key, ()):
            cell.fill = _GRAVE if any(doubt.is_grave for doubt in doubts) else _SLIGHT
            cell.comment = _comment("\n".join(_said(doubt) for doubt in doubts))
        if not column.is_hidden:
            lines = max(lines, _lines(text, column.width))
    if sheet is FormSheet.ITEMS and row["doubt"]:
        is_grave = any(doubt.is_grave for doubts in row.doubts.values() for doubt in doubts)
        page.cell(number, _CODE).fill = _GRAVE if is_grave else _SLIGHT
    page.row_dimensions[number].height = min(lines * LINE_HEIGHT + 3, 400)


def _write_guide(page: Worksheet, number: int) -> None:
    fills = {"Ô màu cam": _GRAVE, "Ô màu vàng nhạt": _SLIGHT, "Cột nền xám": _OURS_FILL}
    for at, (name, words) in enumerate(GUIDE.items(), start=number):
        for place, text in enumerate((name, words), start=1):
            cell = page.cell(at, place)
            put_text(cell, text)
            cell.font = _FONT
            cell.alignment = Alignment(vertical="top", wrap_text=True)
        page.cell(at, 1).fill = fills.get(name, PatternFill())
        page.row_dimensions[at].height = _lines(words, 90) * LINE_HEIGHT + 3


def _said(doubt: Doubt) -> str:
    return f"{doubt.why} {doubt.cure}".strip()


def _style(cell: Cell | ColumnDimension, column: FormColumn) -> None:
    """The look of a column: of its cells, and of those still to be written below them."""
    cell.font = _OURS if column.is_ours else _FONT
    cell.border = _BORDER
    across = "center" if column.key == "order" else None
    cell.alignment = Alignment(horizontal=across, vertical="top", wrap_text=True)
    # As text, so that Excel leaves 1.10, 02/03 and 00123 as they were typed.
    cell.number_format = "General" if column.is_number else "@"
    if column.is_ours:
        cell.fill = _OURS_FILL


def _lines(text: str, width: int) -> int:
    """How many lines a text takes in a cell of that width."""
    return sum(1 + max(len(line) - 1, 0) // max(int(width * 1.15), 1) for line in text.split("\n"))


def _comment(text: str) -> Comment:
    comment = Comment(printable(text), "tiendo")
    comment.width, comment.height = 320, 24 + 18 * _lines(text, 46)
    return comment


def _offer_lists(page: Worksheet, columns: Sequence[FormColumn], last: int, lists: Lists) -> None:
    order = list(lists)
    for place, column in enumerate(columns, start=1):
        if column.choice is None or not lists[column.choice]:
            continue
        letter = get_column_letter(order.index(column.choice) + 1)
        offer = DataValidation(
            type="list",
            formula1=f"='{LISTS}'!${letter}$2:${letter}${len(lists[column.choice]) + 1}",
            allow_blank=True,
            # A cell may name several units, or a time no list has; invalid values are reported when loading.
            showErrorMessage=False,
        )
        page.add_data_validation(offer)
        here = get_column_letter(place)
        offer.add(f"{here}2:{here}{last}")


def _set_up(page: Worksheet, sheet: FormSheet, columns: Sequence[FormColumn], last: int) -> None:
    page.freeze_panes = "D2" if sheet is FormSheet.ITEMS else "A2"
    page.row_dimensions[1].height = 32
    page.sheet_view.zoomScale = 90
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = page.PAPERSIZE_A3 if sheet is FormSheet.ITEMS else page.PAPERSIZE_A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_title_rows = "1:1"
    keys = [column.key for column in columns if not column.is_hidden]
    end = get_column_letter(1 + keys.index(_PRINTED.get(sheet, keys[-1])))
    guide = 1 + len(GUIDE) if sheet is FormSheet.ABOUT else 0
    page.print_area = f"A1:{end}{max(last, 2) + guide}"
    page.page_margins.left = page.page_margins.right = 0.4
    page.page_margins.top = page.page_margins.bottom = 0.5
    page.oddFooter.center.text = f"{sheet.value} · trang &P/&N"
    if sheet is FormSheet.ITEMS:
        page.sheet_properties.tabColor = "1F4E79"
        parent = get_column_letter(1 + keys.index("parent"))
        part = FormulaRule(formula=[f'${parent}2<>""'], font=Font(italic=True, color="1F4E79"))
        page.conditional_formatting.add(f"B2:C{last + SPARE_ROWS}", part)
    if sheet is FormSheet.FINDINGS:
        page.sheet_properties.tabColor = "F0A030"
