"""The list of commendations as a workbook, one row a unit or person, to go on working with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO

from openpyxl import Workbook

from workflow.reports.commendations import CommendationList
from workflow.reports.sheets.sheets import Value, add_sheet

_COLUMNS = (
    ("Hình thức khen thưởng", 34),
    ("Đối tượng", 11),
    ("Số", 7),
    ("Họ và tên, tập thể", 30),
    ("Chức vụ", 26),
    ("Đơn vị", 30),
    ("Thành tích, lý do", 80),
    ("Phiếu tán thành", 12),
    ("Kết quả", 16),
)


def write_list_xlsx(found: CommendationList) -> bytes:
    """The list as an XLSX file."""
    book = Workbook()
    book.remove(book.worksheets[0])
    header = f"{found.heading.organisation} – {found.subject}"
    add_sheet(book, header, "Khen thưởng", _COLUMNS, _rows(found), 4)
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def _rows(found: CommendationList) -> Iterator[Sequence[Value]]:
    for group in found.groups:
        for row in group.rows:
            yield (
                group.title,
                str(group.whom.label),
                int(row.number),
                row.who,
                row.title,
                row.unit,
                "\n".join(row.reasons),
                row.votes,
                row.result,
            )
