"""Generates the two built-in Word templates; the office edits its own copy in Word after (`docs/reports.md`).

One is laid out as a Party document, one as a state body's: what differs between them is here, what both say
is `reports.word.template_body`'s. Run it with `python -m workflow.reports.word.make_template`; what the tags
print is `workflow.reports.values.Report`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docx import Document
from docx.shared import Pt

from workflow.paths import templates_dir
from workflow.reports.word import template_body
from workflow.reports.word.docx import ready_template
from workflow.reports.word.layout import (
    CENTER,
    LEFT,
    a_paragraph,
    a_rule,
    a_table,
    a_tag,
    fill,
    set_base_style,
    set_cell_margins,
    set_page,
)
from workflow.reports.word.template_body import LayoutForm

# Party documents head their parts "I-", give each line 18 points, and know no "./." at the end.
PARTY = LayoutForm(part_mark="-", line_points=18, ends_with=".", appendix="PHỤ LỤC", appendix_title="Kết quả")
# Decree 30/2020, annex I, part I: II.6b ("./."), III.1 (an appendix's name in capitals under "Phụ lục").
STATE = LayoutForm(
    part_mark=".", line_points=None, ends_with="./.", appendix="Phụ lục", appendix_title="KẾT QUẢ"
)


def make() -> tuple[Path, Path]:
    """Writes both templates into the templates folder and prints their paths."""
    return _made(is_party=True), _made(is_party=False)


def _made(*, is_party: bool) -> Path:
    document = Document()
    set_base_style(document)
    set_page(document.sections[0])
    if is_party:
        _party_heading(document)
        template_body.add_body(document, PARTY)
        _party_signature(document)
        template_body.add_appendix(document, PARTY)
    else:
        _state_heading(document)
        template_body.add_body(document, STATE)
        _state_signature(document)
        template_body.add_appendix(document, STATE)
    document.core_properties.author, document.core_properties.comments = "tiendo", ""
    target = templates_dir() / ready_template(is_party=is_party)
    target.parent.mkdir(parents=True, exist_ok=True)
    document.save(str(target))
    return target


def _party_heading(document: Any) -> None:
    """Guidance 05-HD/VPTW of 2026 (before: 36-HD/VPTW of 2018): the Party's title in 15 points with a line as
    long under it; the superior body upright, the issuing one bold, a star under them; `Số` without a colon;
    `BÁO CÁO` in 16, the subject in 14, five hyphens under it."""
    left, right = _heading_cells(document, (8.4, 8.1), size=14)
    _bodies(left, size=14)
    a_paragraph(left, "*", size=14, align=CENTER)
    fill(right, "ĐẢNG CỘNG SẢN VIỆT NAM", size=15, align=CENTER, is_bold=True)
    a_rule(right, indent_cm=0.4)
    a_paragraph(document, "BÁO CÁO", size=16, align=CENTER, is_bold=True, before=18)
    a_paragraph(document, "{{ report.subject }}", size=14, align=CENTER, is_bold=True)
    a_paragraph(document, "-----", size=14, align=CENTER, after=12)


def _state_heading(document: Any) -> None:
    """Decree 30/2020, annex I, part I, section II: item 1 (national name 12-13 bold, motto 13-14 bold, a line
    as long), item 2 (superior body upright, issuing body bold, a line a third to half as long), item 3
    (`Số:`, 13), item 4 (place and date, 13-14 italic), item 5 (kind, subject, 13-14 bold, a line under)."""
    left, right = _heading_cells(document, (6.6, 9.9), size=13)
    _bodies(left, size=12)
    a_rule(left, indent_cm=2.1)
    fill(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", size=12, align=CENTER, is_bold=True)
    a_paragraph(right, "Độc lập - Tự do - Hạnh phúc", size=13, align=CENTER, is_bold=True)
    a_rule(right, indent_cm=2.1)
    a_paragraph(document, "BÁO CÁO", size=14, align=CENTER, is_bold=True, before=18)
    subject = "{{ report.subject[:1]|upper }}{{ report.subject[1:] }}"
    a_paragraph(document, subject, size=14, align=CENTER, is_bold=True)
    a_rule(document, indent_cm=6)
    a_paragraph(document, "", size=8)


def _heading_cells(document: Any, widths_cm: tuple[float, float], *, size: float) -> tuple[Any, Any]:
    """The heading's two sides, with the number and the day in one line under them, however tall they grow."""
    table = a_table(document, 1, widths_cm, has_borders=False)
    set_cell_margins(table, 0)
    # The number is short, and place and day are to stand in one line: so these have widths of their own.
    # Word makes two tables that touch one: a paragraph as high as nothing keeps them apart.
    a_paragraph(document, "", size=1)
    below = a_table(document, 1, (6.3, 10.2), has_borders=False)
    set_cell_margins(below, 0)
    number, day = below.rows[0].cells
    fill(number, "{{ report.number_line }}", size=size, align=CENTER)
    fill(day, "{{ report.place_and_date }}", size=size, align=CENTER, is_italic=True)
    for cell in (number, day):
        cell.paragraphs[0].paragraph_format.space_before = Pt(4)
    left, right = table.rows[0].cells
    return left, right


def _bodies(cell: Any, *, size: float) -> None:
    """The superior body, where there is one, and the issuing body."""
    a_tag(cell, "{%p if report.heading.superior %}", is_first=True)
    a_paragraph(cell, "{{ report.superior_head }}", size=size, align=CENTER)
    a_tag(cell, "{%p endif %}")
    a_paragraph(cell, "{{ report.organisation_head }}", size=size, align=CENTER, is_bold=True)


def _party_signature(document: Any) -> None:
    """Guidance 05-HD/VPTW: `Nơi nhận` underlined; authority bold, office upright, name bold, all in 14."""
    left, right = _signature_cells(document)
    fill(left, "Nơi nhận:", size=14)
    left.paragraphs[0].runs[0].underline = True
    _recipients(left, size=12)
    _signer(right, is_office_bold=False)


def _state_signature(document: Any) -> None:
    """Decree 30/2020, annex I, part I, section II: item 9 (`Nơi nhận:` 12 bold italic, the list 11), item 7
    (authority and office in bold capitals 13-14, the name bold 13-14)."""
    left, right = _signature_cells(document)
    fill(left, "Nơi nhận:", size=12, is_bold=True, is_italic=True)
    _recipients(left, size=11)
    _signer(right, is_office_bold=True)


def _signature_cells(document: Any) -> tuple[Any, Any]:
    a_paragraph(document, "", size=6, keeps_next=True)
    left, right = a_table(document, 1, (7.7, 8.8), has_borders=False, splits=False).rows[0].cells
    return left, right


def _recipients(cell: Any, *, size: float) -> None:
    a_tag(cell, "{%p for recipient in report.heading.recipients %}")
    a_paragraph(cell, "- {{ recipient }};", size=size, align=LEFT)
    a_tag(cell, "{%p endfor %}")
    a_paragraph(cell, "- {{ report.heading.filed }}.", size=size, align=LEFT)


def _signer(cell: Any, *, is_office_bold: bool) -> None:
    fill(cell, "{{ report.heading.signs_for }}", size=14, align=CENTER, is_bold=True)
    a_paragraph(cell, "{{ report.heading.signs_as }}", size=14, align=CENTER, is_bold=is_office_bold)
    for _ in range(4):
        a_paragraph(cell, "", size=14)
    a_paragraph(cell, "{{ report.heading.signer }}", size=14, align=CENTER, is_bold=True)


if __name__ == "__main__":
    for made in make():
        print(f"Đã ghi {made}.")
