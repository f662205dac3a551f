"""Reads the workbook back into the form: sheets and columns found by name, rows in any order, cells as
Excel may have turned them (dates, numbers), and a bound on what is read from a stranger's file."""

from __future__ import annotations

import unicodedata
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from math import isfinite
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from workflow.domain.numbers import written
from workflow.domain.words import Words
from workflow.importing import limits
from workflow.importing.folding import fold
from workflow.importing.form.checking import PlanProblem, RefusedPlan
from workflow.importing.form.form import COLUMNS, YES, FormColumn, FormRow, FormSheet, PlanForm
from workflow.importing.readers.package import checked_package, readable_package

_NEEDED = (FormSheet.ITEMS, FormSheet.UNITS, FormSheet.PERSONS, FormSheet.ABOUT)


def is_form(content: bytes) -> bool:
    """Whether the bytes are a workbook that `write_workbook` made, mended or not."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive, archive.open("xl/workbook.xml") as part:
            head = part.read(200_000).decode("utf-8", "replace")
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError, NotImplementedError):
        return False
    return all(
        f'"{sheet.value}"' in unicodedata.normalize("NFC", head)
        for sheet in (FormSheet.ITEMS, FormSheet.ABOUT)
    )


def read_workbook(content: bytes, name: str = "", needed: Collection[FormSheet] = _NEEDED) -> PlanForm:
    """The form in a workbook; Refused where a `needed` sheet or a column it can't do without is missing."""
    checked_package(content, name)
    with readable_package(name):
        book = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
        pages = {fold(title): title for title in book.sheetnames}
        sheets: dict[FormSheet, tuple[FormRow, ...]] = {}
        letters: dict[FormSheet, Mapping[str, str]] = {}
        problems: list[PlanProblem] = []
        for sheet in FormSheet:
            title = pages.get(fold(sheet.value))
            if title is not None:
                rows = book[title].iter_rows(max_row=limits.ROWS, max_col=limits.COLUMNS, values_only=True)
                columns, sheets[sheet] = _read_sheet(limits.in_time(rows, name), sheet)
                letters[sheet] = {key: get_column_letter(at + 1) for key, at in columns.items()}
                problems += _missing_columns(sheet, columns)
            elif sheet in needed:
                cure = Words("Đừng xóa hay đổi tên trang; dùng lại tệp do “tiendo plan import” ghi.")
                problems.append(PlanProblem(name, Words("Thiếu trang “%(sheet)s”.", sheet=sheet), cure))
        book.close()
    if problems:
        raise RefusedPlan(problems, where=name)
    return PlanForm(sheets, letters)


def _read_sheet(
    rows: Iterable[Sequence[Any]], sheet: FormSheet
) -> tuple[dict[str, int], tuple[FormRow, ...]]:
    """The place of each known column, and the rows that hold anything; the header may have moved down."""
    columns: dict[str, int] = {}
    found: list[FormRow] = []
    for number, row in enumerate(rows, start=1):
        if not columns:
            columns = _columns(row, sheet)
            continue
        cells = {key: _cell(row[at]) for key, at in columns.items() if at < len(row)}
        cells = {key: text for key, text in cells.items() if text}
        if _says_anything(cells, sheet):
            found.append(FormRow(cells, number=number))
    return columns, tuple(found)


def _says_anything(cells: Mapping[str, str], sheet: FormSheet) -> bool:
    """Whether a row holds more than what tiendo wrote beside it: a clerk empties a row to drop it."""
    ours = {column.key for column in COLUMNS[sheet] if column.is_ours or column.is_hidden} | {"order"}
    return sheet is FormSheet.ABOUT or bool(set(cells) - ours)


def _columns(row: Sequence[Any], sheet: FormSheet) -> dict[str, int]:
    """The place of each column by its title; empty where the row is no header of the sheet."""
    titles: dict[str, int] = {}
    for at, value in enumerate(row):
        titles.setdefault(fold(_cell(value)), at)
    found = {
        column.key: titles[fold(column.title)] for column in COLUMNS[sheet] if fold(column.title) in titles
    }
    return found if len(found) * 2 >= len(COLUMNS[sheet]) else {}


def _missing_columns(sheet: FormSheet, columns: Mapping[str, int]) -> Iterator[PlanProblem]:
    where = f"trang “{sheet}”"
    if not columns:
        yield PlanProblem(
            where, Words("Không thấy dòng tiêu đề."), Words("Giữ nguyên dòng tiêu đề của trang.")
        )
        return
    for column in COLUMNS[sheet]:
        if column.key not in columns and _is_needed(column, sheet):
            yield PlanProblem(
                where,
                Words("Thiếu cột “%(title)s”.", title=column.title),
                Words("Giữ nguyên tên các cột; thứ tự thì tùy."),
            )


def _is_needed(column: FormColumn, sheet: FormSheet) -> bool:
    always = {FormSheet.ITEMS: {"lead", "deadline"}, FormSheet.ABOUT: {"value"}}.get(sheet, set())
    return column.is_required or column.key in always


def _cell(value: Any) -> str:
    """A cell's text as a person sees it: a date as 15/06/2026, a number with a decimal comma."""
    match value:
        case None:
            return ""
        case bool():
            return YES if value else ""
        case datetime() | date():
            return f"{value:%d/%m/%Y}"
        case int():
            return str(value)
        case float() | Decimal() if not isfinite(value):
            return str(value)
        case float() | Decimal():
            return written(Decimal(str(value)))
    lines = unicodedata.normalize("NFC", str(value)).replace("_x000D_", "").replace("\r\n", "\n").split("\n")
    return "\n".join(line.strip() for line in lines).strip()
