"""What only web pages and Markdown have: spans, layout tables, leftover marks."""

from workflow.importing.documents import open_document
from workflow.importing.readers.markdown import is_markdown
from workflow.importing.tables.table import Table


def the_table(page: str) -> Table:
    (table,) = open_document(page.encode()).tables
    return table


def texts(page: str) -> list[tuple[str, ...]]:
    return [row.texts for row in the_table(page).rows]


def test_spans_are_spread_over_rows_and_columns():
    page = "<table><tr><td rowspan=2>A<td colspan=2>B<tr><td>C<td>D</table>"
    assert texts(page) == [("A", "B", "B"), ("A", "C", "D")]
    assert the_table(page).rows[1][0].is_from_above


def test_a_rowspan_of_nought_goes_to_the_end():
    assert texts("<table><tr><td rowspan=0>A<td>B<tr><td>C</table>") == [("A", "B"), ("A", "C")]


def test_a_table_within_a_cell_becomes_part_of_the_cell():
    page = (
        "<table><tr><td>1<td>Các tổ:<table><tr><td>- Tổ 1</td></tr></table></td></tr><tr><td>2<td>B</table>"
    )
    assert the_table(page).rows[0][1].text == "Các tổ:\n- Tổ 1"


def test_a_table_that_lays_out_a_larger_one_is_looked_through():
    page = "<table><tr><td>Trang chủ<td><table><tr><td>1<td>A<tr><td>2<td>B</table></table>"
    assert texts(page) == [("1", "A"), ("2", "B")]


def test_lists_and_line_breaks_in_a_cell_are_lines():
    page = "<table><tr><td>1<td>Việc:<ul><li>Trồng cây<li>Sửa cầu</ul>xong<br>hết</table>"
    assert the_table(page).rows[0][1].text == "Việc:\n- Trồng cây\n- Sửa cầu\nxong\nhết"


def test_hidden_and_deleted_text_and_scripts_are_left_out():
    unseen = "<del>hoa</del>cây<span style='display:none'>ẩn</span><script>x</script>"
    page = f"<table><tr><td>1<td>Trồng {unseen}</table>"
    assert texts(page) == [("1", "Trồng cây")]


def test_the_encoding_a_page_names_is_taken():
    page = "<html><meta charset='utf-16'><table><tr><td>Trồng cây<td>B</table></html>"
    assert open_document(page.encode("utf-16")).tables[0].rows[0].texts == ("Trồng cây", "B")


def test_an_old_script_in_a_page_is_converted():
    page = "<html><meta charset='windows-1252'><table><tr><td>nhiÖm vô träng t©m<td>§/c An</table></html>"
    assert open_document(page.encode("cp1252")).tables[0].rows[0].texts == ("nhiệm vụ trọng tâm", "Đ/c An")


def test_pipe_tables_are_read_with_their_line_numbers():
    source = "KẾ HOẠCH\n\n| TT | Nội dung |\n|---|:---:|\n| 1 | **Trồng cây**<br>- hoa \\| lá |\n"
    (table,) = open_document(source.encode()).tables
    assert [row.texts for row in table.rows] == [("TT", "Nội dung"), ("1", "Trồng cây - hoa | lá")]
    assert str(table.rows[1].place) == "dòng 5"


def test_tables_as_markup_within_markdown_are_read():
    source = "# KẾ HOẠCH\n\n<table><tr><td>1</td><td>Trồng cây</td></tr></table>\n\nNơi nhận:\n"
    document = open_document(source.encode())
    assert [type(block).__name__ for block in document.blocks] == ["Paragraph", "Table", "Paragraph"]


def test_lines_with_bars_but_no_frame_are_no_markdown():
    assert not is_markdown("TT|Nội dung|Đơn vị\n1|Trồng cây|UBND\n|- hoa|\n")
    assert is_markdown("| TT | Nội dung | Đơn vị |\n| 1 | Trồng cây | UBND |\n")
