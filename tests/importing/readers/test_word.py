"""What only Word files have: automatic numbers, merged cells, tracked changes, old fonts, odd grids."""

import io

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from workflow.importing.readers.word import read_word
from workflow.importing.tables.table import Paragraph, Table

TEXTS = "".join


def word_file(body: str, numbering: str = "") -> bytes:
    """A Word file with that XML as its body, and those lists."""
    document = docx.Document()
    for child in list(document.element.body):
        document.element.body.remove(child)
    for child in parse_xml(f"<w:body {nsdecls('w')}>{body}</w:body>"):
        document.element.body.append(child)
    if numbering:
        element = document.part.numbering_part.element
        for child in list(element):
            element.remove(child)
        for child in parse_xml(f"<w:numbering {nsdecls('w')}>{numbering}</w:numbering>"):
            element.append(child)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def a_paragraph(text: str, properties: str = "", run: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:rPr>{run}</w:rPr><w:t>{text}</w:t></w:r></w:p>"


def a_cell(text: str, properties: str = "", content: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content or a_paragraph(text)}</w:tc>"


def a_row(*cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{TEXTS(cells)}</w:tr>"


def a_table(*rows: str, widths: tuple[int, ...] = ()) -> str:
    grid = TEXTS(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return f"<w:tbl><w:tblPr/><w:tblGrid>{grid}</w:tblGrid>{TEXTS(rows)}</w:tbl>"


def the_table(body: str, numbering: str = "") -> Table:
    (table,) = read_word(word_file(body, numbering)).tables
    return table


def test_a_cell_merged_down_stands_in_every_row_it_covers():
    table = the_table(
        a_table(
            a_row(a_cell("1"), a_cell("Lê Mai", '<w:vMerge w:val="restart"/>')),
            a_row(a_cell("2"), a_cell("", "<w:vMerge/>")),
            a_row(a_cell("3"), a_cell("Vũ Bình")),
        )
    )
    assert [row[1].text for row in table.rows] == ["Lê Mai", "Lê Mai", "Vũ Bình"]
    assert [row[1].is_from_above for row in table.rows] == [False, True, False]


def test_a_cell_merged_across_stands_in_every_column_it_covers():
    table = the_table(
        a_table(
            a_row(a_cell("1"), a_cell("Trồng cây"), a_cell("UBND")),
            a_row(a_cell("MỤC TIÊU", '<w:gridSpan w:val="3"/>')),
        )
    )
    assert table.rows[1].texts == ("MỤC TIÊU",) * 3
    assert [cell.is_from_left for cell in table.rows[1].cells] == [False, True, True]


def test_borders_that_do_not_quite_meet_are_one():
    table = the_table(
        a_table(
            a_row(a_cell("1"), a_cell("Trồng cây", '<w:gridSpan w:val="2"/>'), a_cell("UBND")),
            a_row(a_cell("2", '<w:gridSpan w:val="2"/>'), a_cell("Sửa cầu"), a_cell("MTTQ")),
            widths=(600, 40, 4000, 2000),
        )
    )
    assert [row.texts for row in table.rows] == [("1", "Trồng cây", "UBND"), ("2", "Sửa cầu", "MTTQ")]


def test_numbers_word_writes_by_itself_are_read():
    levels = TEXTS(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/>'
        f'<w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for at, (form, text) in enumerate([("upperRoman", "%1."), ("decimal", "%2."), ("bullet", "·")])
    )
    lists = f'<w:abstractNum w:abstractNumId="7">{levels}</w:abstractNum>'
    lists += '<w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num>'

    def numbered(level: int, text: str) -> str:
        properties = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="3"/></w:numPr>'
        return a_row(a_cell("", content=a_paragraph("", properties)), a_cell(text))

    rows = [
        numbered(0, "A"),
        numbered(1, "B"),
        numbered(1, "C"),
        numbered(0, "D"),
        numbered(1, "E"),
        numbered(2, "F"),
    ]
    table = the_table(a_table(*rows), lists)
    assert [row[0].text for row in table.rows] == ["I.", "1.", "2.", "II.", "1.", "-"]


def test_deleted_text_hidden_text_and_deleted_rows_are_left_out():
    changed = (
        "<w:p><w:r><w:t>Trồng </w:t></w:r><w:del><w:r><w:delText>hoa</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>cây</w:t></w:r></w:ins><w:r><w:rPr><w:vanish/></w:rPr><w:t>ẩn</w:t></w:r></w:p>"
    )
    table = the_table(
        a_table(
            a_row(a_cell("1"), a_cell("", content=changed)),
            a_row(a_cell("2"), a_cell("Bỏ"), properties="<w:del/>"),
        )
    )
    assert [row.texts for row in table.rows] == [("1", "Trồng cây")]


def test_a_table_within_a_cell_becomes_lines_of_the_cell():
    inner = a_table(a_row(a_cell("- Tổ 1"), a_cell("- Tổ 2")))
    table = the_table(
        a_table(a_row(a_cell("1"), a_cell("", content=f"{a_paragraph('Các tổ:')}{inner}<w:p/>")))
    )
    assert table.rows[0][1].text == "Các tổ:\n- Tổ 1\n- Tổ 2"


def test_an_old_font_is_converted_even_where_words_are_cut():
    font = '<w:rFonts w:ascii=".VnTime" w:hAnsi=".VnTime"/>'
    runs = TEXTS(f"<w:r><w:rPr>{font}</w:rPr><w:t>{text}</w:t></w:r>" for text in ("nhi", "Ö", "m vô"))
    (block,) = read_word(word_file(f"<w:p>{runs}</w:p>")).blocks
    assert isinstance(block, Paragraph)
    assert block.text == "nhiệm vụ"


@pytest.mark.parametrize(("run", "is_bold"), [("<w:b/>", True), ('<w:b w:val="0"/>', False), ("", False)])
def test_bold_cells_are_told(run, is_bold):
    table = the_table(a_table(a_row(a_cell("", content=a_paragraph("MỤC TIÊU", run=run)))))
    assert table.rows[0][0].is_bold is is_bold


def test_places_name_the_table_and_the_row():
    table = the_table(a_table(a_row(a_cell("1")), a_row(a_cell("2"))))
    assert str(table.rows[1].place) == "bảng 1, dòng 2"
