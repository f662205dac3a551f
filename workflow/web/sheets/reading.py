"""Reads the workbook back: what each row fills into the form of its item, and what is wrong, by cell.

Values are stored as typed; `report_reading` interprets them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from workflow.domain.errors import UnreadablePlan
from workflow.domain.results.record import Reported
from workflow.domain.typed import FIGURES, clipped
from workflow.domain.words import Words
from workflow.importing import limits
from workflow.importing.folding import fold
from workflow.importing.readers.package import checked_package, readable_package
from workflow.web.duties.report_reading import decimal_comma
from workflow.web.forms import MAX_TEXT
from workflow.web.sheets.columns import COLUMNS, INPUTS, REPORTS, Mark

_STATES = {fold(one.label): one.value for one in Reported}
_KEYS = {column.key: column.key for column in COLUMNS}
_TITLES = {fold(column.title): column.key for column in COLUMNS}
_MOST_TITLE_ROWS = 20
_MOST_FIGURE = 10**FIGURES.before


@dataclass(slots=True)
class FilledRow:
    """What the workbook fills into one item's form: the fields, and the cell of each, filled or not."""

    cycle_id: int
    version: int
    where: str
    code: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SheetFinding:
    """Something about a cell or a row that the person should know: where, what, and the cure in one."""

    where: str
    told: str
    is_grave: bool = True


@dataclass(slots=True)
class ReadSheet:
    """A parsed workbook: the values by cycle, and the errors found while parsing."""

    rows: dict[int, FilledRow] = field(default_factory=dict)
    findings: list[SheetFinding] = field(default_factory=list)


def read_sheet(content: bytes, name: str) -> ReadSheet:
    """Reads a filled workbook; raises UnreadablePlan where it is none, or beyond the limits."""
    checked_package(content, name)
    with readable_package(name):
        # Twice: for the values of formulas when the file was saved, and to see which cells are formulas.
        values, formulas = (_rows(content, name, is_values=one) for one in (True, False))
        return _read(limits.in_time(zip(values, formulas, strict=False), name), name)


Cells = Sequence[Any]


def _rows(content: bytes, name: str, *, is_values: bool) -> Iterator[Cells]:
    book = load_workbook(BytesIO(content), read_only=True, data_only=is_values, keep_links=False)
    title = next((one for one in book.sheetnames if fold(one) == fold(REPORTS)), None)
    if title is None:
        raise UnreadablePlan(Words("Tệp không có trang “%(reports)s”.", reports=REPORTS), where=name)
    page = book[title]
    page.reset_dimensions()
    rows: Iterator[Cells] = page.iter_rows(max_row=limits.ROWS, max_col=limits.COLUMNS)
    return rows


def _read(rows: Iterable[tuple[Cells, Cells]], name: str) -> ReadSheet:
    found = ReadSheet()
    places: dict[str, int] = {}
    for number, (cells, formulas) in enumerate(rows, start=1):
        if number <= _MOST_TITLE_ROWS and (named := _columns(cells)):
            # The hidden row of keys comes first; a title adds only what the keys lack.
            places = named | places
        elif "mark" in places:
            _read_row(found, number, cells, formulas, places)
    if "mark" not in places:
        raise UnreadablePlan(
            Words("Không thấy cột ẩn “Mã dòng” nên không biết dòng nào của nội dung nào."), where=name
        )
    for column in COLUMNS:
        if column.is_input and column.key not in places:
            text = Words(
                "Không thấy cột “%(title)s”; nội dung của cột ấy không được đọc.", title=column.title
            )
            found.findings.append(SheetFinding(f"trang “{REPORTS}”", text, is_grave=False))
    return found


def _columns(cells: Cells) -> dict[str, int]:
    """The place of each column by its key or its title; nothing where the row is no row of titles."""
    best: dict[str, int] = {}
    for known in (_KEYS, _TITLES):
        places: dict[str, int] = {}
        for at, cell in enumerate(cells):
            text = _shown(cell.value)
            if key := known.get(text if known is _KEYS else fold(text)):
                places.setdefault(key, at)
        if len(places) > max(2, len(best)):
            best = places
    return best


def _read_row(
    found: ReadSheet, number: int, cells: Cells, formulas: Cells, places: Mapping[str, int]
) -> None:
    def cell_of(key: str) -> Any:
        at = places.get(key, len(cells))
        return cells[at] if at < len(cells) else None

    said = {}
    for key in INPUTS & places.keys():
        at = places[key]
        is_formula = at < len(formulas) and formulas[at].data_type == "f"
        if is_formula or (at < len(cells) and _shown(cells[at].value)):
            said[key] = (cells[at], is_formula)
    marked = cell_of("mark")
    mark = Mark.read(_shown(marked.value)) if marked is not None else None
    if mark is None:
        if said:
            text = Words("Dòng này không có mã (cột ẩn) nên chưa được đọc; chép phần đã điền sang dòng gốc.")
            found.findings.append(SheetFinding(Words("dòng %(number)s", number=number), text))
        return
    row = found.rows.setdefault(
        mark.cycle_id, FilledRow(mark.cycle_id, mark.version, Words("dòng %(number)s", number=number))
    )
    code = cell_of("code")
    if not mark.kind:
        row.where = Words("dòng %(number)s", number=number)
        row.code = _shown(code.value) if code is not None else ""
    for column in COLUMNS:
        if column.key not in INPUTS & places.keys():
            continue
        where = Words(
            "ô %(places)s%(number)s", places=get_column_letter(places[column.key] + 1), number=number
        )
        if name := mark.field(column.key):
            row.cells[name] = where
        if column.key in said:
            _read_cell(found, row, mark, column.key, where, *said[column.key])


def _read_cell(
    found: ReadSheet, row: FilledRow, mark: Mark, key: str, where: str, cell: Any, is_formula: bool
) -> None:
    def report(text: str, *, is_grave: bool = True) -> None:
        found.findings.append(SheetFinding(where, text, is_grave))

    name = mark.field(key)
    if not name:
        report(Words("Ô này không dùng cho dòng này nên bị bỏ qua; ghi vào ô nền vàng cùng dòng."))
        return
    if is_formula and cell.value is None:
        report(Words("Công thức chưa có kết quả; mở tệp bằng Excel rồi lưu lại, hoặc gõ thẳng giá trị."))
        return
    if cell.data_type == "e":
        report(Words("Ô báo lỗi %(cell)s; sửa công thức hoặc gõ thẳng giá trị.", cell=cell.value))
        return
    value = _text(cell, key)
    if is_formula:
        report(Words("Ô là công thức; đã lấy kết quả “%(value)s”.", value=value[:40]), is_grave=False)
    if name in row.fields:
        report(Words("Nội dung này có hai dòng trong tệp; lấy dòng sau cùng."), is_grave=False)
    row.fields[name] = value


def _shown(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _text(cell: Any, key: str) -> str:
    """A cell's value as text for the form's field."""
    match cell.value:
        case bool() as value:
            return "Đúng" if value else "Sai"
        case datetime() | date() as value:
            return f"{value:%d/%m/%Y}"
        case int() | float() as value:
            if not -_MOST_FIGURE < value < _MOST_FIGURE:
                # An infinity, or hundreds of digits: the reader of the field reports the error.
                return clipped(str(value))
            number = Decimal(str(value))
            if "%" in (cell.number_format or ""):
                # With its sign, so that a share is no number of households.
                return f"{_number(number * 100)}%"
            return _number(number)
    plain = unicodedata.normalize("NFC", str(cell.value)).replace("_x000D_", "").replace("\r\n", "\n")
    text = "".join(sign for sign in plain if sign == "\n" or sign.isprintable()).strip()[:MAX_TEXT]
    if key == "reported":
        return _STATES.get(fold(text), text)
    return text


def _number(value: Decimal) -> str:
    return decimal_comma(f"{round(value, 4).normalize():f}")


def all_findings(found: ReadSheet, problems: Mapping[int, Mapping[str, str]]) -> Iterator[SheetFinding]:
    """All errors by cell: from parsing, and from interpreting the rows (by cycle and field)."""
    yield from found.findings
    for cycle_id, by_field in problems.items():
        row = found.rows[cycle_id]
        for name, text in by_field.items():
            where = row.cells.get(name, row.where)
            yield SheetFinding(f"{where} ({row.code})" if row.code else where, text)
