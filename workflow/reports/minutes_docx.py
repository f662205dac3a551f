"""The minutes of the votes as a Word document: heading by Guidance 36-HD/VPTW (Party) or Decree 30/2020."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from docx import Document

from workflow.reports.context import printable
from workflow.reports.layout import (
    CENTER,
    JUSTIFY,
    LEFT,
    a_paragraph,
    a_rule,
    a_table,
    fill,
    set_base_style,
    set_cell_margins,
    set_page,
)
from workflow.reports.minutes import Minutes, RollTold, VoteRow

_COLUMNS = (
    ("Mã số", 1.6),
    ("Nội dung", 6.0),
    ("Tán thành", 1.3),
    ("Trả lại", 1.2),
    ("Không BQ", 1.3),
    ("Không tham gia", 1.4),
    ("Chưa bỏ phiếu", 1.4),
    ("Kết quả", 2.3),
)


def write_minutes(minutes: Minutes) -> bytes:
    """The minutes as a DOCX file."""
    document = Document()
    set_base_style(document)
    set_page(document.sections[0])
    _heading(document, minutes)
    _text(document, minutes.opening)
    _title(document, "I. THÀNH PHẦN")
    for roll in minutes.rolls:
        _roll(document, roll)
    _text(document, f"Chủ trì: {minutes.chair}.")
    _title(document, "II. QUY TẮC BIỂU QUYẾT")
    for line in minutes.rules:
        _text(document, f"- {line}")
    _title(document, "III. KẾT QUẢ KIỂM PHIẾU")
    _votes(document, minutes.rows)
    for line in minutes.sums:
        _text(document, line, before=6)
    if minutes.notes:
        _title(document, "IV. GHI CHÚ TỪNG NỘI DUNG")
        for noted in minutes.notes:
            paragraph = _text(document, f"{noted.title}. ")
            paragraph.runs[0].bold = True
            paragraph.add_run(printable(" ".join(noted.lines)))
    _text(document, minutes.closing, before=6).paragraph_format.keep_with_next = True
    _signatures(document, minutes)
    properties = document.core_properties
    properties.title = printable(f"Biên bản kiểm phiếu {minutes.subject}")[:255]
    properties.author, properties.comments = printable(minutes.heading.organisation)[:255], ""
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def _heading(document: Any, minutes: Minutes) -> None:
    heading = minutes.heading
    organisation = printable(heading.organisation).upper()
    widths = (8.1, 8.4) if heading.is_party else (6.3, 10.2)
    left, right = a_table(document, 1, widths, has_borders=False).rows[0].cells
    if heading.is_party:
        fill(left, organisation, size=14, align=CENTER, is_bold=True)
        a_paragraph(left, "*", size=14, align=CENTER)
        fill(right, "ĐẢNG CỘNG SẢN VIỆT NAM", size=15, align=CENTER, is_bold=True)
        a_rule(right, indent_cm=1)
    else:
        fill(left, organisation, size=12, align=CENTER, is_bold=True)
        a_rule(left, indent_cm=2)
        fill(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", size=12, align=CENTER, is_bold=True)
        a_paragraph(right, "Độc lập - Tự do - Hạnh phúc", size=13, align=CENTER, is_bold=True)
        a_rule(right, indent_cm=2.3)
    size = 16 if heading.is_party else 14
    a_paragraph(document, "BIÊN BẢN KIỂM PHIẾU", size=size, align=CENTER, is_bold=True, before=18)
    a_paragraph(document, printable(minutes.subject), size=14, align=CENTER, is_bold=True)
    if heading.is_party:
        a_paragraph(document, "-----", size=14, align=CENTER, after=10)
    else:
        a_rule(document, indent_cm=6)
        a_paragraph(document, "", size=8)


def _roll(document: Any, roll: RollTold) -> None:
    if roll.name:
        a_paragraph(document, printable(roll.name), is_bold=True, indent_cm=1, after=4, keeps_next=True)
    titles = ("TT", "Họ và tên", "Chức vụ", "Tham gia bỏ phiếu")
    table = a_table(document, len(roll.rows) + 1, (1.0, 4.6, 5.0, 5.9), titles=titles, size=11.5)
    for place, row in enumerate(roll.rows, 1):
        cells = table.rows[place].cells
        for cell, text in zip(cells, (row.number, row.name, row.title, row.part), strict=True):
            fill(cell, printable(text), size=11.5, align=CENTER if cell is cells[0] else LEFT)
    _text(document, roll.present, before=6)


def _votes(document: Any, rows: tuple[VoteRow, ...]) -> None:
    titles = [title for title, _ in _COLUMNS]
    table = a_table(document, len(rows) + 1, [width for _, width in _COLUMNS], titles=titles, size=10)
    set_cell_margins(table, 60)
    for place, row in enumerate(rows, 1):
        # Asked once a row: python-docx looks the cells up anew each time.
        cells = table.rows[place].cells
        if row.is_heading:
            told = f"{row.code}. {row.content}" if row.code else row.content
            whole = cells[0].merge(cells[-1])
            fill(whole, printable(told), size=11, is_bold=True, keeps_next=True)
            continue
        fill(cells[0], row.code, size=11, align=CENTER)
        fill(cells[1], printable(row.content), size=11)
        for cell, number in zip(cells[2:7], row.numbers, strict=True):
            fill(cell, number, size=11, align=CENTER)
        fill(cells[7], row.result, size=11, align=CENTER)


def _signatures(document: Any, minutes: Minutes) -> None:
    a_paragraph(document, "", size=8, keeps_next=True)
    cells = a_table(document, 1, (8.2, 8.3), has_borders=False, splits=False).rows[0].cells
    for cell, role, name in ((cells[0], "THƯ KÝ", ""), (cells[1], "CHỦ TRÌ", minutes.heading.signer)):
        fill(cell, role, size=14, align=CENTER, is_bold=True)
        a_paragraph(cell, "(Ký, ghi rõ họ tên)", size=12, align=CENTER, is_italic=True)
        for _ in range(4):
            a_paragraph(cell, "", size=14)
        a_paragraph(cell, printable(name), size=14, align=CENTER, is_bold=True)


def _title(document: Any, text: str) -> None:
    a_paragraph(document, text, size=14, is_bold=True, before=10, after=4, keeps_next=True)


def _text(document: Any, text: str, before: float = 0) -> Any:
    return a_paragraph(document, printable(text), align=JUSTIFY, indent_cm=1, before=before, after=6)
