"""The list of commendations and the emulation council's minutes as Word documents."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from docx import Document

from workflow.domain.plain_text import printable
from workflow.domain.scores.award_rules import Whom
from workflow.reports.commendations import CommendationList, CouncilMinutes, ListGroup, SittingTold
from workflow.reports.values import ReportHeading
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


def write_list(found: CommendationList) -> bytes:
    """The list as a DOCX file."""
    document = _begun(found.heading, "DANH SÁCH", found.subject, found.is_draft)
    sentence(document, found.opening)
    for place, group in enumerate(found.groups, 1):
        whom = "tập thể" if group.whom is Whom.UNIT else "cá nhân"
        section_title(document, f"{place}. {group.title} ({len(group.rows)} {whom})")
        _people(document, group)
    if not found.groups:
        sentence(document, "Không có trường hợp nào.")
    for line in found.sums:
        sentence(document, line, before=8).paragraph_format.keep_with_next = True
    signatures(document, (("NGƯỜI LẬP", ""), ("CHỦ TỊCH HỘI ĐỒNG", found.heading.signer)))
    return _saved(document, found.heading, f"Danh sách {found.subject}")


def _people(document: Any, group: ListGroup) -> None:
    is_person = group.whom is Whom.PERSON
    columns: tuple[tuple[str, float], ...] = (
        (
            ("TT", 1.0),
            ("Họ và tên", 3.6),
            ("Chức vụ, đơn vị", 3.7),
            ("Thành tích, lý do", 6.2),
            ("Phiếu", 2.0),
        )
        if is_person
        else (("TT", 1.0), ("Tập thể", 4.7), ("Thành tích, lý do", 8.8), ("Phiếu", 2.0))
    )
    widths = [width for _, width in columns]
    table = a_table(document, len(group.rows) + 1, widths, titles=[title for title, _ in columns], size=11.5)
    set_cell_margins(table, 80)
    for place, row in enumerate(group.rows, 1):
        cells = list(table.rows[place].cells)
        fill(cells[0], row.number, size=11.5, align=CENTER)
        fill(cells[1], printable(row.who), size=11.5, is_bold=True)
        if is_person:
            fill(cells[2], printable(", ".join(filter(None, (row.title, row.unit)))), size=11.5)
        _reasons(cells[-2], row.reasons)
        fill(cells[-1], row.votes or row.result, size=11.5, align=CENTER)


def _reasons(cell: Any, reasons: tuple[str, ...]) -> None:
    fill(cell, printable(f"- {reasons[0]}" if reasons else ""), size=11)
    for reason in reasons[1:]:
        a_paragraph(cell, printable(f"- {reason}"), size=11, before=1, after=1)


def write_council_minutes(minutes: CouncilMinutes) -> bytes:
    """The minutes as a DOCX file."""
    document = _begun(minutes.heading, "BIÊN BẢN HỌP", minutes.subject, False)
    for place, sitting in enumerate(minutes.sittings):
        if place:
            a_paragraph(document, "", size=8)
        _sitting(document, sitting)
    sentence(document, f"Chủ trì: {minutes.chair}.", before=6)
    closing = "Biên bản lập từ phiếu đã ghi nhận trong hệ thống; sổ ghi nối chuỗi giữ từng lượt bỏ phiếu."
    sentence(document, closing).paragraph_format.keep_with_next = True
    signatures(document, (("THƯ KÝ", ""), ("CHỦ TRÌ", minutes.heading.signer)))
    return _saved(document, minutes.heading, f"Biên bản họp {minutes.subject}")


def _sitting(document: Any, sitting: SittingTold) -> None:
    section_title(document, "I. THÀNH PHẦN VÀ CÁCH LẤY PHIẾU")
    sentence(document, sitting.opening)
    titles = ("TT", "Họ và tên", "Chức vụ", "Tham gia bỏ phiếu")
    table = a_table(document, len(sitting.members) + 1, (1.0, 4.6, 5.0, 5.9), titles=titles, size=11.5)
    for place, row in enumerate(sitting.members, 1):
        cells = table.rows[place].cells
        for cell, text in zip(cells, row, strict=True):
            fill(cell, printable(text), size=11.5, align=CENTER if cell is cells[0] else LEFT)
    sentence(document, sitting.present, before=6)
    for line in sitting.rules:
        sentence(document, line)
    section_title(document, "II. KẾT QUẢ BIỂU QUYẾT")
    columns = (
        ("TT", 1.0),
        ("Đề nghị", 6.2),
        ("Tán thành", 1.6),
        ("Không tán thành", 1.7),
        ("Không biểu quyết", 1.7),
        ("Không bỏ phiếu", 1.7),
        ("Kết quả", 2.6),
    )
    widths = [width for _, width in columns]
    table = a_table(document, len(sitting.rows) + 1, widths, titles=[title for title, _ in columns], size=10)
    set_cell_margins(table, 60)
    for place, motion in enumerate(sitting.rows, 1):
        cells = list(table.rows[place].cells)
        fill(cells[0], motion.number, size=11, align=CENTER)
        fill(cells[1], printable(motion.title), size=11)
        if motion.reason:
            a_paragraph(cells[1], printable(motion.reason), size=10, is_italic=True)
        for cell, number in zip(cells[2:6], motion.counts, strict=True):
            fill(cell, number, size=11, align=CENTER)
        fill(cells[6], motion.result, size=11, align=CENTER)
    if sitting.named:
        section_title(document, "III. PHIẾU CỦA TỪNG THÀNH VIÊN")
        for line in sitting.named:
            sentence(document, line)
    section_title(document, f"{'IV' if sitting.named else 'III'}. KẾT LUẬN")
    if not sitting.carried:
        sentence(document, "Không có đề nghị nào được thông qua.")
        return
    sentence(document, f"Hội đồng thông qua {len(sitting.carried):02} trên {len(sitting.rows):02} đề nghị:")
    for title in sitting.carried:
        sentence(document, f"- {title}.")


def _begun(heading: ReportHeading, title: str, subject: str, is_draft: bool) -> Any:
    document = Document()
    set_base_style(document)
    set_page(document.sections[0])
    official_heading(document, heading, title, subject)
    if is_draft:
        a_paragraph(document, "(Dự kiến, chưa qua hội đồng)", align=CENTER, is_italic=True, after=6)
    return document


def _saved(document: Any, heading: ReportHeading, title: str) -> bytes:
    properties = document.core_properties
    properties.title = printable(title)[:255]
    properties.author, properties.comments = printable(heading.organisation)[:255], ""
    written = BytesIO()
    document.save(written)
    return written.getvalue()
