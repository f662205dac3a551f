"""Paragraphs, tables and rules of an official document, for making Word templates.

Sizes are in points, widths and indents in centimetres.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

FONT = "Times New Roman"
LEFT = WD_ALIGN_PARAGRAPH.LEFT
CENTER = WD_ALIGN_PARAGRAPH.CENTER
JUSTIFY = WD_ALIGN_PARAGRAPH.JUSTIFY


def set_base_style(document: Any) -> None:
    """Times New Roman 14 in Vietnamese as the default, for every script Word distinguishes."""
    style = document.styles["Normal"]
    style.font.name = FONT
    style.font.size = Pt(14)
    style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(script), FONT)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "vi-VN")
    style.element.get_or_add_rPr().append(language)


def set_page(section: Any) -> None:
    """An A4 page upright, with the page number from the second one on."""
    # Decree 30/2020, annex I: A4, 20-25 mm above and below, 30-35 left, 15-20 right.
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin = section.bottom_margin = Cm(2)
    section.left_margin, section.right_margin = Cm(3), Cm(1.5)
    section.header_distance = section.footer_distance = Cm(1)
    # The page number is above the text, centred, from the second page on.
    section.different_first_page_header_footer = True
    a_page_number(section.header)


def restart_page_numbers(section: Any) -> None:
    """Counts the section's pages from 1; its first page shows no number."""
    section.different_first_page_header_footer = True
    numbering = OxmlElement("w:pgNumType")
    numbering.set(qn("w:start"), "1")
    section._sectPr.insert_element_before(numbering, "w:cols", "w:titlePg", "w:docGrid")


def a_paragraph(
    place: Any,
    text: str,
    *,
    size: float = 14,
    align: Any = LEFT,
    is_bold: bool = False,
    is_italic: bool = False,
    before: float = 0,
    after: float = 0,
    indent_cm: float = 0,
    keeps_next: bool = False,
) -> Any:
    """A paragraph added to a document or a cell; `indent_cm` is its first line's."""
    paragraph = place.add_paragraph()
    _write(paragraph, text, size, align, is_bold, is_italic)
    form = paragraph.paragraph_format
    form.space_before, form.space_after = Pt(before), Pt(after)
    form.first_line_indent = Cm(indent_cm) if indent_cm else None
    form.keep_with_next = keeps_next
    return paragraph


def a_tag(place: Any, tag: str, *, is_first: bool = False) -> None:
    """A paragraph that holds only a template tag and disappears when the report is rendered."""
    paragraph = place.paragraphs[0] if is_first else place.add_paragraph()
    _write(paragraph, tag, 8, LEFT, False, True)


def a_rule(place: Any, *, indent_cm: float) -> None:
    """A short horizontal line, centred: the upper border of an empty paragraph indented on both sides."""
    paragraph = a_paragraph(place, "", size=2)
    form = paragraph.paragraph_format
    form.left_indent = form.right_indent = Cm(indent_cm)
    form.line_spacing, form.space_before = Pt(3), Pt(3)
    borders = OxmlElement("w:pBdr")
    borders.append(_border("w:top", 6))
    # The schema wants the border before spacing, indent and alignment.
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")


def a_page_number(header: Any) -> None:
    """The page number in the middle of a header."""
    paragraph = header.paragraphs[0]
    paragraph.alignment = CENTER
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "2"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def a_table(
    document: Any,
    rows: int,
    widths_cm: Sequence[float],
    *,
    titles: Sequence[str] = (),
    size: float = 11,
    has_borders: bool = True,
    splits: bool = True,
) -> Any:
    """A table of fixed widths. With `titles` its first row is a heading, repeated on every page."""
    table = document.add_table(rows=rows, cols=len(widths_cm))
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    if has_borders:
        table.style = "Table Grid"
    for column, width in zip(table.columns, widths_cm, strict=True):
        column.width = Cm(width)
    for row in table.rows:
        if has_borders or not splits:
            row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, width in zip(row.cells, widths_cm, strict=True):
            cell.width = Cm(width)
    if titles:
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        for cell, title in zip(table.rows[0].cells, titles, strict=True):
            fill(cell, title, size=size, align=CENTER, is_bold=True)
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    return table


def fill(
    cell: Any,
    text: str,
    *,
    size: float = 11,
    align: Any = LEFT,
    is_bold: bool = False,
    is_italic: bool = False,
    keeps_next: bool = False,
) -> None:
    """Text into a cell's first paragraph."""
    paragraph = cell.paragraphs[0]
    _write(paragraph, text, size, align, is_bold, is_italic)
    form = paragraph.paragraph_format
    form.space_before = form.space_after = Pt(0 if size > 12 else 1.5)
    form.keep_with_next = keeps_next


def set_cell_margins(table: Any, twips: int) -> None:
    """The padding left and right of a cell's text, in twentieths of a point."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("w:left", "w:right"):
        margin = OxmlElement(side)
        margin.set(qn("w:w"), str(twips))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook", "w:tblCaption", "w:tblDescription")


def _border(side: str, eighths: int) -> Any:
    border = OxmlElement(side)
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", "1"), ("color", "auto")):
        border.set(qn(f"w:{name}"), value)
    return border


def _write(paragraph: Any, text: str, size: float, align: Any, is_bold: bool, is_italic: bool) -> None:
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    run.bold, run.italic = is_bold or None, is_italic or None
    paragraph.alignment = align
