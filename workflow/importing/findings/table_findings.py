"""What a careful reader would ask about a plan's tables: columns guessed or left out, cells filled in.

Findings about single items are `item_findings`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from workflow.domain.words import Words
from workflow.importing.findings.findings import Finding, FindingKind, Severity, places_said
from workflow.importing.tables.columns import Column
from workflow.importing.tables.gathering import PlanRows
from workflow.importing.tables.headers import Header
from workflow.importing.tables.rows import PlanRow
from workflow.importing.tables.table import Cell, Remark

_NAMES = {
    Column.NUMBER: Words("số thứ tự"),
    Column.GROUP: Words("nhóm"),
    Column.CONTENT: Words("nội dung"),
    Column.LEADER: Words("lãnh đạo phụ trách"),
    Column.LEAD: Words("đơn vị chủ trì"),
    Column.COORDINATING: Words("đơn vị phối hợp"),
    Column.START: Words("thời gian"),
    Column.DEADLINE: Words("thời hạn"),
    Column.RESULT: Words("sản phẩm"),
    Column.ISSUER: Words("cấp trình, ban hành"),
    Column.NOTE: Words("ghi chú"),
}


def table_findings(found: PlanRows) -> tuple[Finding, ...]:
    """The findings about the tables a plan was read from."""
    return (
        *columns_guessed(found.headers),
        *columns_left_out(found.headers),
        *columns_missing(found.rows),
        *cells_filled(found.merged),
        *dittos_unresolved(found.unresolved),
    )


def cells_unread(remarks: Iterable[Remark]) -> Iterator[Finding]:
    """Reports what the file's reader could not read, such as formulas without a computed value."""
    for remark in remarks:
        place, kind = str(remark.place), FindingKind.CELL_UNREAD
        yield Finding(kind, Severity.WARNING, place, remark.message, remark.cure)


def columns_guessed(headers: Iterable[Header]) -> Iterator[Finding]:
    """Reports tables whose columns were guessed from their cells."""
    for header in headers:
        if header.is_guessed:
            places = sorted(header.columns.places.items(), key=lambda entry: entry[1])
            said = Words.joined(
                (
                    Words("cột %(place)s là %(name)s", place=place + 1, name=_NAMES[column])
                    for column, place in places
                ),
                by=", ",
            )
            yield Finding(
                FindingKind.COLUMNS_GUESSED,
                Severity.WARNING,
                str(header.place),
                Words("Không đọc được dòng tiêu đề của biểu; đoán theo nội dung: %(said)s.", said=said),
                Words(
                    "Nếu sai, thêm dòng tiêu đề (STT, Nội dung, Đơn vị chủ trì, Thời hạn, ...) rồi nhập lại."
                ),
            )


def columns_left_out(headers: Iterable[Header]) -> Iterator[Finding]:
    """Reports columns with an unknown header, whose cells are not read."""
    for header in headers:
        if unknown := dict.fromkeys(header.columns.unknown.values()):
            said = ", ".join(f"“{name}”" for name in unknown)
            yield Finding(
                FindingKind.COLUMN_LEFT_OUT,
                Severity.NOTE,
                str(header.place),
                Words("Không dùng đến cột %(said)s của biểu.", said=said),
                Words(
                    "Nếu cột này giao việc hay hẹn ngày, đổi tên cột (Đơn vị chủ trì, Thời hạn...) rồi nhập "
                    "lại."
                ),
            )


def columns_missing(rows: Sequence[PlanRow]) -> Iterator[Finding]:
    """Reports tables without a column for who leads, or for when."""
    work = [row for row in rows if row.has_work]
    without_lead = [row for row in work if Column.LEAD not in row.cells]
    without_time = [row for row in work if Column.START not in row.cells and Column.DEADLINE not in row.cells]
    for lacking, name, cure in (
        (
            without_lead,
            Words("đơn vị chủ trì"),
            Words("Thêm cột đơn vị chủ trì, hoặc chọn đơn vị cho từng nội dung sau khi nhập."),
        ),
        (
            without_time,
            Words("thời gian"),
            Words("Thêm cột thời hạn; nếu không, nội dung được báo cáo ở mọi kỳ đến hết năm."),
        ),
    ):
        if lacking:
            yield Finding(
                FindingKind.COLUMN_MISSING,
                Severity.WARNING,
                str(lacking[0].place.through(lacking[-1].place)),
                Words("Biểu không có cột %(name)s (%(n)s dòng).", name=name, n=len(lacking)),
                cure,
            )


def cells_filled(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Reports empty cells read as merged with the ones above."""
    if cells:
        yield Finding(
            FindingKind.CELLS_FILLED,
            Severity.NOTE,
            places_said(cell.place for cell in cells),
            Words("%(n)s ô để trống ở cột người hoặc đơn vị được đọc như ô phía trên (ô gộp).", n=len(cells)),
            Words("Nếu ô để trống nghĩa là không có ai, xóa tên ở các dòng đó sau khi nhập."),
        )


def dittos_unresolved(cells: Sequence[Cell]) -> Iterator[Finding]:
    """Reports ditto marks (`nt`, `như mục 9`) that refer to nothing in the table."""
    for cell in cells:
        yield Finding(
            FindingKind.DITTO_UNRESOLVED,
            Severity.WARNING,
            str(cell.place),
            Words("Không có ô nào để “%(flat)s” nhắc lại.", flat=cell.flat),
            Words("Ghi rõ tên đơn vị, người hoặc thời gian vào ô này."),
        )
