"""The minutes of the votes as a Word document: heading by Guidance 36-HD/VPTW (Party) or Decree 30/2020."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from docx import Document

from workflow.domain.plain_text import printable
from workflow.reports.minutes import Minutes, RollTold, VoteRow
from workflow.reports.word.layout import (
    CENTER,
    LEFT,
    a_paragraph,
    a_table,
    fill,
    set_base_style,
    set_cell_margins,
    set_page,
)
from workflow.reports.word.official import official_heading, section_title, sentence, signatures

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
    official_heading(document, minutes.heading, "BIÊN BẢN KIỂM PHIẾU", minutes.subject)
    sentence(document, minutes.opening)
    section_title(document, "I. THÀNH PHẦN")
    for roll in minutes.rolls:
        _roll(document, roll)
    sentence(document, f"Chủ trì: {minutes.chair}.")
    section_title(document, "II. QUY TẮC BIỂU QUYẾT")
    for number, line in enumerate(minutes.rules, 1):
        sentence(document, f"{number}. {line}")
    section_title(document, "III. KẾT QUẢ KIỂM PHIẾU")
    _votes(document, minutes.rows)
    for line in minutes.sums:
        sentence(document, line, before=6)
    if minutes.notes:
        section_title(document, "IV. GHI CHÚ TỪNG NỘI DUNG")
        for noted in minutes.notes:
            paragraph = sentence(document, f"{noted.title}. ")
            paragraph.runs[0].bold = True
            paragraph.add_run(printable(" ".join(noted.lines)))
    sentence(document, minutes.closing, before=6).paragraph_format.keep_with_next = True
    signatures(document, (("THƯ KÝ", ""), ("CHỦ TRÌ", minutes.heading.signer)))
    properties = document.core_properties
    properties.title = printable(f"Biên bản kiểm phiếu {minutes.subject}")[:255]
    properties.author, properties.comments = printable(minutes.heading.organisation)[:255], ""
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def _roll(document: Any, roll: RollTold) -> None:
    if roll.name:
        a_paragraph(document, printable(roll.name), is_bold=True, indent_cm=1, after=4, keeps_next=True)
    titles = ("TT", "Họ và tên", "Chức vụ", "Tham gia bỏ phiếu")
    table = a_table(document, len(roll.rows) + 1, (1.0, 4.6, 5.0, 5.9), titles=titles, size=11.5)
    for place, row in enumerate(roll.rows, 1):
        cells = table.rows[place].cells
        for cell, text in zip(cells, (row.number, row.name, row.title, row.part), strict=True):
            fill(cell, printable(text), size=11.5, align=CENTER if cell is cells[0] else LEFT)
    sentence(document, roll.present, before=6)


def _votes(document: Any, rows: tuple[VoteRow, ...]) -> None:
    titles = [title for title, _ in _COLUMNS]
    table = a_table(document, len(rows) + 1, [width for _, width in _COLUMNS], titles=titles, size=10)
    set_cell_margins(table, 60)
    for place, row in enumerate(rows, 1):
        # Asked once a row: python-docx looks the cells up again each time.
        cells = table.rows[place].cells
        if row.is_heading:
            text = f"{row.code}. {row.content}" if row.code else row.content
            whole = cells[0].merge(cells[-1])
            fill(whole, printable(text), size=11, is_bold=True, keeps_next=True)
            continue
        fill(cells[0], row.code, size=11, align=CENTER)
        fill(cells[1], printable(row.content), size=11)
        for cell, number in zip(cells[2:7], row.numbers, strict=True):
            fill(cell, number, size=11, align=CENTER)
        fill(cells[7], row.result, size=11, align=CENTER)
