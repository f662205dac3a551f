import unicodedata

import pytest

from tests.importing.plans import a_document, a_row
from workflow.domain.errors import UnreadablePlan
from workflow.importing.documents import open_document
from workflow.importing.readers.text import clean, read_text
from workflow.importing.tables.table import Table


def the_table(source: bytes) -> Table:
    (table,) = read_text(source).tables
    return table


def test_each_cell_remembers_the_line_it_stands_on():
    table = the_table(a_document([a_row(), a_row("2")]))
    assert [str(row.place) for row in table.rows] == ["dòng 4", "dòng 5", "dòng 6"]


def test_leftover_tags_and_asterisks_are_no_text():
    assert clean("<b>Về y tế</b>") == clean("**Về y tế**") == clean("*Về y tế*") == "Về y tế"


def test_paragraph_tags_part_the_lines_of_a_cell():
    assert clean("<p>- Lê An</p> <p>- Vũ Bình</p>") == "- Lê An\n- Vũ Bình"


def test_a_less_than_sign_is_no_tag():
    assert clean("tỷ lệ < 5% và > 2%") == "tỷ lệ < 5% và > 2%"


def test_a_lone_star_survives_as_a_number():
    assert clean("<b>*</b>") == "*"


def test_a_byte_order_mark_and_windows_line_ends_change_nothing():
    source = a_document([a_row()])
    windows = b"\xef\xbb\xbf" + source.replace(b"\n", b"\r\n")
    assert the_table(windows) == the_table(source)


def test_decomposed_letters_are_composed():
    source = a_document([a_row(content="Cải cách hành chính")])
    assert the_table(unicodedata.normalize("NFD", source.decode()).encode()) == the_table(source)


def test_bytes_that_are_not_utf_8_are_refused_with_place_and_cure():
    source = a_document([a_row()]) + b"\t\xff\xfe"
    with pytest.raises(UnreadablePlan) as refused:
        read_text(source, "kh.txt")
    assert "kh.txt, dòng 6" in refused.value.where
    assert "UTF-8" in refused.value.cure


def test_a_word_file_is_refused_with_what_to_do():
    with pytest.raises(UnreadablePlan) as refused:
        open_document(b"PK\x03\x04rest", "kh.docx")
    assert "Word" in refused.value.what
    assert refused.value.cure


def test_a_missing_file_is_refused_in_words(tmp_path):
    with pytest.raises(UnreadablePlan, match="Không mở được"):
        open_document(tmp_path / "none.txt")


def test_a_cell_may_run_over_several_lines():
    row = a_row(content="<p>Trồng cây</p>\n\n<p>+ Dọc tuyến đường</p>")
    assert the_table(a_document([row, a_row("2")])).rows[1][1].text == "Trồng cây\n+ Dọc tuyến đường"


def test_a_row_without_its_trailing_tabs_is_whole():
    table = the_table(a_document(["I\tKINH TẾ", a_row()]))
    assert [row[0].text for row in table.rows[1:]] == ["I", "1"]


def test_a_page_number_inside_the_table_is_a_page_break():
    table = the_table(a_document([a_row(), "Trang 3/12", a_row("2")]))
    assert len(table.rows) == 3
    assert table.rows[2].is_after_break


def test_the_text_after_the_table_is_paragraphs():
    document = read_text(a_document([a_row(), "", "Trên đây là kế hoạch của xã."]))
    assert document.blocks[-1].text == "Trên đây là kế hoạch của xã."
