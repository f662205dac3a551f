"""The submission that asks for commendations, with its list as an annex, as a Word document."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

from docx import Document

from workflow.domain.plain_text import printable
from workflow.domain.vietnamese import day_in_words
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
from workflow.reports.word.official import official_heading, sentence
from workflow.storage.scores.award_requests import AwardRequest

_COLUMNS = (("TT", 1.0), ("Tên, chức vụ", 4.4), ("Hình thức đề nghị", 3.6), ("Thành tích, nội dung", 7.5))


def write_award_request(found: AwardRequest, heading: ReportHeading) -> bytes:
    """The submission as a DOCX file, in the organisation's layout."""
    document: Any = Document()
    set_base_style(document)
    set_page(document.sections[0])
    numbered = replace(heading, number=found.number or _blank(heading), on=found.dated_on)
    official_heading(document, numbered, "TỜ TRÌNH", "về việc đề nghị khen thưởng", is_sent_up=True)
    a_paragraph(document, f"Kính gửi: {printable(found.addressee)}", align=CENTER, after=8)
    for paragraph in filter(None, map(str.strip, found.grounds.splitlines())):
        sentence(document, paragraph)
    sentence(
        document,
        f"{heading.organisation} trân trọng đề nghị {found.addressee} xem xét, quyết định đối với "
        f"{len(found.lines):02} trường hợp trong danh sách kèm theo.",
    )
    _signature(document, found, heading)
    document.add_page_break()
    a_paragraph(document, "DANH SÁCH ĐỀ NGHỊ", align=CENTER, is_bold=True)
    number = f"Tờ trình số {found.number}" if found.number else "Tờ trình"
    when = f" {day_in_words(found.dated_on)}" if found.dated_on else ""
    about = f"(Kèm theo {number}{when} của {printable(heading.organisation)})"
    a_paragraph(document, about, align=CENTER, is_italic=True, after=8)
    table = a_table(
        document,
        len(found.lines) + 1,
        [width for _, width in _COLUMNS],
        titles=[title for title, _ in _COLUMNS],
        size=12,
    )
    set_cell_margins(table, 80)
    for place, line in enumerate(found.lines, 1):
        cells = table.rows[place].cells
        fill(cells[0], str(place), size=12, align=CENTER)
        fill(cells[1], printable(line.who), size=12, is_bold=True)
        if under := ", ".join(filter(None, (line.title, line.body))):
            a_paragraph(cells[1], printable(under), size=12)
        fill(cells[2], printable(line.award) or "Điển hình, mô hình hay", size=12)
        fill(cells[3], printable(line.text), size=12)
    properties = document.core_properties
    properties.title = "Tờ trình đề nghị khen thưởng"
    properties.author, properties.comments = printable(heading.organisation)[:255], ""
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def _blank(heading: ReportHeading) -> str:
    """Room for a number written by hand, with the series."""
    return "      -TTr/…" if heading.is_party else "      /TTr-…"


def _signature(document: Any, found: AwardRequest, heading: ReportHeading) -> None:
    """Recipients and signer, as Guidance 36-HD/VPTW and Decree 30/2020 place them."""
    a_paragraph(document, "", size=6, keeps_next=True)
    left, right = a_table(document, 1, (7.7, 8.8), has_borders=False, splits=False).rows[0].cells
    is_party = heading.is_party
    fill(left, "Nơi nhận:", size=14 if is_party else 12, is_bold=not is_party, is_italic=not is_party)
    if is_party:
        left.paragraphs[0].runs[0].underline = True
    size = 12 if is_party else 11
    for one in (*found.recipients,):
        a_paragraph(left, f"- {printable(one)};", size=size, align=LEFT)
    a_paragraph(left, f"- {printable(heading.filed)}.", size=size, align=LEFT)
    fill(right, printable(heading.signs_for), size=14, align=CENTER, is_bold=True)
    a_paragraph(right, printable(heading.signs_as), size=14, align=CENTER, is_bold=not is_party)
    for _ in range(4):
        a_paragraph(right, "", size=14)
    a_paragraph(right, printable(heading.signer), size=14, align=CENTER, is_bold=True)
