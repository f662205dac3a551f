"""Reader of XLSX: each visible sheet a table, merged ranges spread, values as Excel shows them.

Formulas are never evaluated: a cell has the value Excel last computed, and one without a computed value is
reported. Formatting values is `excel_values`.
"""

from __future__ import annotations

import io
import re
import zipfile
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import openpyxl
from lxml import etree

from workflow.domain.errors import UnreadablePlan
from workflow.domain.words import Words
from workflow.importing import legacy, limits
from workflow.importing.readers.excel_values import shown
from workflow.importing.readers.grid import Placed, table_of
from workflow.importing.readers.package import checked_package, readable_package
from workflow.importing.tables.numbering import NO_LABEL, read_label
from workflow.importing.tables.table import Document, Paragraph, Place, Remark, Row, Table, lined

_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?")
_MOST_REMARKS = 20


def read_excel(source: bytes, name: str = "") -> Document:
    """The document in that workbook."""
    package = checked_package(source, name)
    blocks: list[Paragraph | Table] = []
    remarks: list[Remark] = []
    with readable_package(name):
        _count_strings(package, name)
        workbook = openpyxl.load_workbook(
            io.BytesIO(source), read_only=True, data_only=True, keep_links=False
        )
        for sheet in workbook.worksheets:
            if sheet.sheet_state != "visible":
                continue
            within = Words("trang tính “%(title)s”", title=sheet.title)
            marks = _marks(package, sheet._worksheet_path, name)
            remarks += _remarks(marks, within)
            cells = list(limits.in_time(_placed(sheet, marks, name), name))
            lines = sorted({cell.row for cell in cells})
            if table := table_of(_close(cells, lines), _places(lines, within), name=name):
                blocks += _with_lines_apart(table)
        workbook.close()
    if not blocks:
        raise UnreadablePlan(
            Words("Các trang tính đều trống."),
            where=name,
            cure=Words("Hãy chọn tệp có biểu kế hoạch ở trang tính đang hiện."),
        )
    return Document(tuple(blocks), name, tuple(remarks))


def _count_strings(package: zipfile.ZipFile, name: str) -> None:
    """Refuse more texts than cells: openpyxl keeps all of them in memory."""
    for part in package.namelist():
        if part.lower().endswith("sharedstrings.xml"):
            limits.within(package.read(part).count(b"<si"), limits.CELLS, Words("chuỗi ký tự"), name)


def _with_lines_apart(table: Table) -> Iterator[Paragraph | Table]:
    """The table, and as paragraphs the lines typed below it in its first column."""
    end = len(table.rows)
    while end and _is_line(table.rows[end - 1]):
        end -= 1
    if end:
        yield Table(table.rows[:end])
    for row in table.rows[end:]:
        yield Paragraph(row[0].flat, row.place)


def _is_line(row: Row) -> bool:
    own = [cell for cell in row.cells if cell.text and not cell.is_from_left]
    # A lone number is an item whose other cells are empty.
    return own == [row[0]] and read_label(row[0].flat) is NO_LABEL


@dataclass(slots=True)
class _Marks:
    """Data of a sheet that openpyxl omits when it reads sheets as streams."""

    merged: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    """The rows and columns each merged range covers, by its upper left corner."""
    unworked: list[str] = field(default_factory=list)
    """The formulas without a value."""
    errors: list[str] = field(default_factory=list)


def _marks(package: zipfile.ZipFile, path: str, name: str) -> _Marks:
    """The merged ranges and the formulas without a value of a sheet."""
    marks = _Marks()
    with package.open(path) as part:
        wanted = (f"{_NS}c", f"{_NS}mergeCell", f"{_NS}row")
        steps = etree.iterparse(part, tag=wanted, resolve_entities=False, no_network=True)
        for _, element in limits.in_time(steps, name):
            if element.tag == f"{_NS}mergeCell":
                row, column, rows, columns = _range(element.get("ref") or "")
                marks.merged[row, column] = (rows, columns)
                limits.within(len(marks.merged), limits.CELLS, Words("ô gộp"), name)
            elif element.tag == f"{_NS}c":
                if element.find(f"{_NS}f") is not None and not element.findtext(f"{_NS}v"):
                    marks.unworked.append(element.get("r") or "")
                elif element.get("t") == "e":
                    marks.errors.append(element.get("r") or "")
                continue
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    return marks


def _range(reference: str) -> tuple[int, int, int, int]:
    """The row and column, counted from 0, at which a range begins, and how many of each it covers."""
    match = _RANGE.fullmatch(reference)
    if match is None:
        return 0, 0, 1, 1
    column, row = _column(match[1]), int(match[2]) - 1
    last_column, last_row = _column(match[3] or match[1]), int(match[4] or match[2]) - 1
    return row, column, max(1, last_row - row + 1), max(1, last_column - column + 1)


def _column(letters: str) -> int:
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - ord("A") + 1
    return found - 1


def _placed(sheet: Any, marks: _Marks, name: str) -> Iterator[Placed]:
    """The cells that are not empty, and the corners of merged ranges."""
    columns: set[int] = set()
    count = 0
    sheet.reset_dimensions()
    for cells in limits.in_time(sheet.iter_rows(), name):
        for cell in cells:
            if cell.value is None:
                continue
            row, column = cell.row - 1, cell.column - 1
            columns.add(column)
            count += 1
            limits.within(len(columns), limits.COLUMNS, Words("cột"), name)
            limits.within(count, limits.CELLS, Words("ô"), name)
            rows, wide = marks.merged.get((row, column), (1, 1))
            yield Placed(row, column, _text(cell), rows, wide, bool(cell.font and cell.font.b))


def _text(cell: Any) -> str:
    text = shown(cell.value, cell.number_format)
    if not text.isascii() and cell.font and cell.font.name:
        text = legacy.from_font(text, cell.font.name)
    return lined(text)


def _close(cells: list[Placed], lines: list[int]) -> Iterator[Placed]:
    """The cells without empty rows, so that merged ranges cover only rows with content."""
    index = {line: at for at, line in enumerate(lines)}
    for cell in cells:
        end = cell.row + cell.rows
        first = index[cell.row]
        rows = bisect_left(lines, end) - first
        yield Placed(first, cell.column, cell.text, rows, cell.columns, cell.is_bold)


def _places(lines: list[int], within: str) -> Callable[[int], Place]:
    return lambda row: Place(lines[row] + 1, lines[row] + 1, within=within)


def _remarks(marks: _Marks, within: str) -> Iterator[Remark]:
    for references, message, cure in (
        (
            marks.unworked,
            Words("là công thức chưa có kết quả nên đọc như ô trống"),
            Words("Mở tệp bằng Excel, bấm Lưu rồi nhập lại; hoặc thay công thức bằng giá trị."),
        ),
        (marks.errors, Words("có lỗi công thức"), Words("Sửa ô này trong Excel rồi nhập lại.")),
    ):
        if references:
            first = _range(references[0])[0] + 1
            named = ", ".join(references[:_MOST_REMARKS])
            more = (
                Words(" và %(n)s ô khác", n=len(references) - _MOST_REMARKS)
                if len(references) > _MOST_REMARKS
                else ""
            )
            yield Remark(
                Place(first, first, within=within),
                Words("Ô %(named)s%(more)s %(message)s.", named=named, more=more, message=message),
                cure,
            )
