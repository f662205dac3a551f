"""What official documents have in common: heading by Guidance 36-HD/VPTW (Party) or Decree 30/2020, titles of
parts, sentences, signatures. Paragraphs and tables are `workflow.reports.word.layout`'s."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workflow.domain.plain_text import printable
from workflow.domain.vietnamese import day_in_words
from workflow.reports.values import ReportHeading
from workflow.reports.word.layout import CENTER, JUSTIFY, a_paragraph, a_rule, a_table, fill

_OPEN_DAY = "ngày … tháng … năm …"


def official_heading(
    document: Any, heading: ReportHeading, title: str, subject: str, *, is_sent_up: bool = False
) -> None:
    """Who issues the document, the country's or the Party's line, the title and what it is about. What
    `is_sent_up` names the superior body, and leaves room to write the day where none is given."""
    organisation = printable(heading.organisation).upper()
    widths = (8.1, 8.4) if heading.is_party else (6.3, 10.2)
    left, right = a_table(document, 1, widths, has_borders=False).rows[0].cells
    size = 14 if heading.is_party else 12
    if is_sent_up and heading.superior:
        fill(left, printable(heading.superior).upper(), size=size, align=CENTER)
        a_paragraph(left, organisation, size=size, align=CENTER, is_bold=True)
    else:
        fill(left, organisation, size=size, align=CENTER, is_bold=True)
    if heading.is_party:
        a_paragraph(left, "*", size=14, align=CENTER)
        fill(right, "ĐẢNG CỘNG SẢN VIỆT NAM", size=15, align=CENTER, is_bold=True)
        a_rule(right, indent_cm=1)
    else:
        a_rule(left, indent_cm=2)
        fill(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", size=12, align=CENTER, is_bold=True)
        a_paragraph(right, "Độc lập - Tự do - Hạnh phúc", size=13, align=CENTER, is_bold=True)
        a_rule(right, indent_cm=2.3)
    small = 14 if heading.is_party else 13
    if heading.number:
        # Guidance 36-HD/VPTW writes “Số 03-BB/ĐU”, Decree 30/2020 “Số: 03/BB-UBND”.
        label = "Số" if heading.is_party else "Số:"
        a_paragraph(left, f"{label} {printable(heading.number)}", size=small, align=CENTER)
    dated = day_in_words(heading.on) if heading.on else _OPEN_DAY if is_sent_up else ""
    if dated:
        when = ", ".join(filter(None, (printable(heading.place), dated)))
        a_paragraph(right, when, size=small, align=CENTER, is_italic=True)
    size = 16 if heading.is_party else 14
    a_paragraph(document, title, size=size, align=CENTER, is_bold=True, before=18)
    a_paragraph(document, printable(subject), size=14, align=CENTER, is_bold=True)
    if heading.is_party:
        a_paragraph(document, "-----", size=14, align=CENTER, after=10)
    else:
        a_rule(document, indent_cm=6)
        a_paragraph(document, "", size=8)


def signatures(document: Any, signers: Sequence[tuple[str, str]]) -> None:
    """Two places to sign, side by side, each with its role and name."""
    a_paragraph(document, "", size=8, keeps_next=True)
    cells = a_table(document, 1, (8.2, 8.3), has_borders=False, splits=False).rows[0].cells
    for cell, (role, name) in zip(cells, signers, strict=True):
        fill(cell, role, size=14, align=CENTER, is_bold=True)
        a_paragraph(cell, "(Ký, ghi rõ họ tên)", size=12, align=CENTER, is_italic=True)
        for _ in range(4):
            a_paragraph(cell, "", size=14)
        a_paragraph(cell, printable(name), size=14, align=CENTER, is_bold=True)


def section_title(document: Any, text: str) -> None:
    """The title of a part."""
    a_paragraph(document, text, size=14, is_bold=True, before=10, after=4, keeps_next=True)


def sentence(document: Any, text: str, before: float = 0) -> Any:
    """A paragraph of running text."""
    return a_paragraph(document, printable(text), align=JUSTIFY, indent_cm=1, before=before, after=6)
