"""Writes the workbook a unit fills in: every item still to report by section, with last period's figures and
the drafts so far. Only the boxes to fill are open; the protection has no password and hides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from workflow.domain.errors import NotAllowed
from workflow.domain.results.plausible import AskedFigure
from workflow.domain.results.record import Reported
from workflow.domain.typed import FIGURES, plain_number
from workflow.domain.typed_number import typed_number
from workflow.domain.vietnamese import day, quantity
from workflow.sheet_text import page_head, put_text
from workflow.storage.cycles.heads import TargetRow
from workflow.storage.duties.sheets import ReportSheet
from workflow.storage.periods.periods import Period
from workflow.web.duties.own_work import Own
from workflow.web.duties.report_reading import day_typed, fields_of
from workflow.web.sheets.columns import COLUMNS, GUIDE, KEYS_ROW, REPORTS, TITLES_ROW, Mark

_FONT = "Arial"
_LINE = Side(style="thin", color="C9CFD6")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD = PatternFill("solid", fgColor="14532D")
_SECTION = PatternFill("solid", fgColor="E3EFE7")
_OURS = PatternFill("solid", fgColor="F1F3F5")
_OPEN = PatternFill("solid", fgColor="FFFDF0")
_LINE_POINTS = 13.5
_PLACE = {column.key: at for at, column in enumerate(COLUMNS, start=1)}
Row = tuple[Mark, dict[str, str]]


def write_sheet(period: Period, work: Sequence[Own]) -> bytes:
    """The workbook's bytes, for the items of the work that are still to report."""
    book = Workbook()
    page = book.active
    page.title = REPORTS
    _write_titles(page)
    section = None
    number = TITLES_ROW
    for one in work:
        if one.sheet is None:
            continue
        if one.cycle.section_codes != section:
            section = one.cycle.section_codes
            number += 1
            _write_section(page, number, one.cycle.section)
        for mark, texts in _rows(one, one.sheet):
            number += 1
            _write_row(page, number, mark, texts)
    _set_up(page, period, number)
    _write_guide(book.create_sheet(GUIDE), period)
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def _rows(one: Own, sheet: ReportSheet) -> Iterator[Row]:
    """The rows of an item: itself, its own targets, each part with its targets."""
    cycle, last = one.cycle, sheet.last
    typed = _typed(one)
    shown = {"code": cycle.code, "content": cycle.content, "planned": cycle.deadline_text}
    if last:
        shown["before"] = f"{last.report.progress}%\n{last.period}"
    item = Mark(cycle.id, cycle.version)
    yield item, shown | _filled(item, typed)
    for target in sheet.targets:
        if target.part_id is None:
            yield _target_row(item, target, typed, sheet.asked[target.id])
    for part in sheet.parts:
        mark = Mark(cycle.id, cycle.version, "p", part.id)
        shown = {"code": part.code, "content": part.content, "planned": part.deadline_text}
        if last and part.id in last.part_words and last.part_words[part.id][0] is not None:
            shown["before"] = f"{last.part_words[part.id][0]}%"
        yield mark, shown | _filled(mark, typed)
        for target in sheet.targets:
            if target.part_id == part.id:
                yield _target_row(item, target, typed, sheet.asked[target.id])


def _target_row(item: Mark, target: TargetRow, typed: Mapping[str, Any], asked: AskedFigure) -> Row:
    mark = Mark(item.cycle_id, item.version, "t", target.id)
    shown = {
        "content": f"    • {target.label or 'chỉ tiêu'}",
        "planned": f"{target.comparison.label} {quantity(target.value, target.measure)}",
    }
    if asked.last is not None:
        shown["before"] = quantity(asked.last, target.measure)
    if asked.adds_up and asked.figure.before:
        so_far = quantity(asked.figure.before, target.measure)
        shown["before"] = f"{shown.get('before', '')}\n(từ đầu năm {so_far})".strip()
    return mark, shown | _filled(mark, typed, target.measure)


def _typed(one: Own) -> Mapping[str, Any]:
    """What the page would show in the boxes: the draft, else the version sent back."""
    if one.draft is not None:
        return one.draft.fields
    return fields_of(one.sheet.owed.last) if one.sheet and one.sheet.owed.last else {}


def _filled(mark: Mark, typed: Mapping[str, Any], measure: str = "") -> dict[str, str]:
    found = {key: str(typed.get(mark.field(key), "")) for key in _PLACE if mark.field(key)}
    if found.get("reported"):
        found["reported"] = next(
            (one.label for one in Reported if one.value == found["reported"]), found["reported"]
        )
    if found.get("figure"):
        found["figure"] = _plain_figure(found["figure"], measure)
    return found


def _plain_figure(text: str, measure: str) -> str:
    try:
        return f"{typed_number(text, measure).normalize():f}"
    except NotAllowed:
        return text


def _write_titles(page: Worksheet) -> None:
    for at, column in enumerate(COLUMNS, start=1):
        page.cell(KEYS_ROW, at, column.key)
        cell = page.cell(TITLES_ROW, at, column.title)
        cell.font = Font(name=_FONT, size=10, bold=True, color="FFFFFF")
        cell.fill, cell.border = _HEAD, _BORDER
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        page.column_dimensions[get_column_letter(at)].width = column.width
    page.row_dimensions[KEYS_ROW].hidden = True
    page.row_dimensions[TITLES_ROW].height = 32
    page.column_dimensions[get_column_letter(_PLACE["mark"])].hidden = True


def _write_section(page: Worksheet, number: int, title: str) -> None:
    for at in range(1, len(COLUMNS)):
        page.cell(number, at).fill = _SECTION
    cell = page.cell(number, 1)
    put_text(cell, title)
    cell.font = Font(name=_FONT, size=10, bold=True)
    page.row_dimensions[number].height = 20


def _write_row(page: Worksheet, number: int, mark: Mark, texts: Mapping[str, str]) -> None:
    lines = 1
    for at, column in enumerate(COLUMNS, start=1):
        cell = page.cell(number, at)
        is_open = bool(mark.field(column.key))
        cell.font = Font(
            name=_FONT, size=10, bold=column.key == "code", italic=mark.kind == "p" and not is_open
        )
        cell.border, cell.fill = _BORDER, _OPEN if is_open else _OURS
        cell.alignment = Alignment(vertical="top", wrap_text=True)
        cell.protection = Protection(locked=not is_open)
        text = str(mark) if column.key == "mark" else texts.get(column.key, "")
        _fill(cell, column.key if is_open else "", text)
        if column.key != "mark":
            lines = max(lines, _lines(text, column.width))
    page.row_dimensions[number].height = min(max(lines, 1 if mark.kind == "t" else 3) * _LINE_POINTS + 4, 400)


def _fill(cell: Cell, key: str, text: str) -> None:
    """Puts a value into a cell as Excel would hold it: numbers and days as such, words as words."""
    if key in ("progress", "figure"):
        cell.number_format = "0" if key == "progress" else "#,##0.####"
        if (value := plain_number(text, FIGURES)) is not None and "," not in text:
            cell.value = value
            return
    elif key == "done-on":
        cell.number_format = "dd/mm/yyyy"
        found: date | None = day_typed(text) if text else None
        if found:
            cell.value = found
            return
    elif key:
        cell.number_format = "@"
    put_text(cell, text)


def _lines(text: str, width: int) -> int:
    return sum(1 + len(line) // max(int(width * 1.05), 1) for line in text.split("\n"))


def _set_up(page: Worksheet, period: Period, last: int) -> None:
    def offer(key: str, **rule: Any) -> None:
        found = DataValidation(allow_blank=True, showErrorMessage=True, showInputMessage=True, **rule)
        page.add_data_validation(found)
        letter = get_column_letter(_PLACE[key])
        found.add(f"{letter}{TITLES_ROW + 1}:{letter}{max(last, TITLES_ROW + 1)}")

    offer(
        "progress", type="whole", operator="between", formula1="0", formula2="100", errorTitle="Tiến độ",
        error="Tiến độ là một số nguyên từ 0 đến 100.",
    )  # fmt: skip
    labels = ",".join(one.label for one in Reported)
    offer(
        "reported",
        type="list",
        formula1=f'"{labels}"',
        errorTitle="Tình trạng",
        error="Chọn trong danh sách.",
    )
    page.freeze_panes = page.cell(TITLES_ROW + 1, 3)
    page.sheet_view.zoomScale = 90
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", page.PAPERSIZE_A3
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_title_rows = f"{TITLES_ROW}:{TITLES_ROW}"
    page.oddHeader.center.text = page_head(f"{period.organisation} – {period.label}")
    page.oddFooter.center.text = "&P/&N"
    page.protection.sheet = True
    page.protection.formatCells = page.protection.formatRows = page.protection.formatColumns = False


_HOW = {
    "Điền vào đâu": f"Trang “{REPORTS}”, các ô nền vàng nhạt. Ô nền xám là của kế hoạch, đã khóa.",
    "Bắt buộc": "Tiến độ (số nguyên từ 0 đến 100) và Kết quả thực hiện của mỗi nội dung muốn báo cáo.",
    "Số liệu": "Mỗi chỉ tiêu một dòng, có dấu •. Ghi con số theo đơn vị ở cột Kế hoạch. Chỉ tiêu cộng dồn "
    "(cột Kỳ trước có số “từ đầu năm”) thì chỉ ghi số của riêng kỳ này; không phát sinh thì ghi 0.",
    "Lý do": "Số liệu khác thường (quá xa kế hoạch hoặc kỳ trước, báo xong mà chỉ tiêu chưa đạt hay thiếu "
    "minh chứng) thì ghi lý do ở cột “Lý do”; lý do đi cùng báo cáo đến đơn vị phối hợp và người biểu quyết.",
    "Tình trạng": "Chọn trong danh sách; “Đã hoàn thành” thì tiến độ là 100. Để trống là “Đang thực hiện”.",
    "Để trống": "Nội dung chưa điền gì thì bỏ qua. Ô để trống giữ nguyên điều đã lưu trên trang.",
    "Sắp xếp": "Trang khóa không mật khẩu: bỏ bảo vệ trang tính thì xóa bớt dòng, sắp xếp, đổi chỗ hay "
    "đổi tên cột đều được; giữ nguyên cột ẩn “Mã dòng”.",
    "Nạp lại": "Mở đường dẫn trong thư, vào “Điền bằng Excel”, chọn tệp này. Nội dung chỉ thành bản nháp: "
    "xem lại trên trang rồi mới gửi.",
    "Minh chứng": "Tệp ảnh, tài liệu kèm theo thì thêm trên trang của từng nội dung.",
}


def _write_guide(page: Worksheet, period: Period) -> None:
    head = {f"Báo cáo kết quả thực hiện – {period.label}": "", "Hạn báo cáo": day(period.due_on)}
    lines = (head | _HOW).items()
    for number, (name, words) in enumerate(lines, start=1):
        for at, text in enumerate((name, words), start=1):
            cell = page.cell(number, at)
            put_text(cell, text)
            cell.font = Font(name=_FONT, size=14 if number == 1 else 10, bold=at == 1)
            cell.alignment = Alignment(vertical="top", wrap_text=number > 1)
        page.row_dimensions[number].height = 24 if number == 1 else _lines(words, 90) * _LINE_POINTS + 6
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 18, 90
