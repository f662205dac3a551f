"""Any table as a file: CSV for other programs, XLSX for people.

CSV is UTF-8 with the mark a spreadsheet knows it by, and semicolons: with the decimal comma of Vietnamese
settings Excel does not take a comma for a column's end.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from openpyxl import Workbook
from starlette.responses import Response

from workflow.domain.plain_text import csv_cell
from workflow.reports.sheets.sheets import Value, add_sheet
from workflow.web.downloads import saved_as

Form = Literal["csv", "xlsx"]
_CSV = "text/csv; charset=utf-8"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class TableFile:
    """A table to download. `name` is the file's without its ending; `columns` are headings with their width
    in characters; `header` is printed on every page. Moments are local and without their zone."""

    name: str
    title: str
    header: str
    columns: tuple[tuple[str, int], ...]
    rows: Sequence[Sequence[Value]]
    frozen_columns: int = 1


def table_answer(table: TableFile, form: Form) -> Response:
    """The table as a file in the requested format."""
    body, media_type = (
        (as_xlsx(table), _XLSX) if form == "xlsx" else (as_csv(table), "text/csv; charset=utf-8")
    )
    return saved_as(f"{table.name}.{form}", body, media_type)


def as_csv(table: TableFile) -> bytes:
    """The table as CSV."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";")
    writer.writerow([name for name, _ in table.columns])
    writer.writerows([_plain(value) for value in row] for row in table.rows)
    return ("\ufeff" + buffer.getvalue()).encode()


def as_xlsx(table: TableFile) -> bytes:
    """The table as a workbook of one sheet."""
    book = Workbook()
    book.remove(book.worksheets[0])
    add_sheet(book, table.header, table.title, table.columns, table.rows, table.frozen_columns)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _plain(value: Value) -> str:
    """A value as a cell of text that a spreadsheet never takes for a formula."""
    match value:
        case None:
            return ""
        case datetime():
            return f"{value:%d/%m/%Y %H:%M}"
        case date():
            return f"{value:%d/%m/%Y}"
        case str():
            return csv_cell(value)
    return str(value).replace(".", ",")
