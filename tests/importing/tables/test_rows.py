from tests.importing.plans import HEADER, a_heading, a_row, rows_of
from workflow.importing.tables.columns import Column

REST_OF_COORDINATING = "\t\t\t\tcác đoàn thể xã\t\t"
REST_OF_CONTENT = "\tdọc tuyến đường liên xã\t\t\t\t\t"


def test_the_rest_of_a_content_cell_is_appended():
    (row,) = rows_of(a_row(content="Trồng cây"), "", REST_OF_CONTENT).rows
    assert row.content.text == "Trồng cây dọc tuyến đường liên xã"
    assert str(row.place) == "dòng 5-7"


def test_the_rest_of_another_cell_is_appended_to_that_cell():
    (row,) = rows_of(a_row(coordinating="Công an xã,"), "", REST_OF_COORDINATING).rows
    assert row[Column.COORDINATING].text == "Công an xã, các đoàn thể xã"


def test_a_repeated_header_is_dropped_and_the_row_it_broke_made_whole():
    rows = rows_of(a_row(), HEADER, REST_OF_CONTENT, a_row("2")).rows
    assert [row.number for row in rows] == ["1", "2"]
    assert rows[0].content.text.endswith("liên xã")


def test_several_cells_may_be_broken_at_once():
    whole = rows_of(
        a_row(leader="Đ/c Lê Thị Mai - ĐUV,", lead="Ban Chỉ huy", deadline="Tháng"),
        "",
        "\t\tPCT UBND xã\tquân sự xã\t\t\t6/2024",
    ).rows
    assert whole[0][Column.LEADER].text == "Đ/c Lê Thị Mai - ĐUV, PCT UBND xã"
    assert whole[0][Column.LEAD].text == "Ban Chỉ huy quân sự xã"
    assert whole[0][Column.DEADLINE].text == "Tháng 6/2024"


def test_a_row_without_a_number_that_stands_alone_is_its_own():
    assert len(rows_of(a_row(), a_row("", content="Sửa cầu")).rows) == 2


def test_it_stands_alone_after_a_page_break_too():
    assert len(rows_of(a_row(), "", a_row("", content="Sửa cầu")).rows) == 2


def test_a_broken_heading_is_made_whole():
    (heading, _) = rows_of(
        a_heading("1", "<b>Công tác chăm lo</b>"), "\t<b>đời sống</b>" + "\t" * 5, a_row()
    ).rows
    assert heading.content.text == "Công tác chăm lo đời sống"


def test_ditto_marks_repeat_the_cell_above():
    rows = rows_of(a_row(lead="Công an xã"), a_row("2", lead="nt", coordinating="//")).rows
    assert rows[1][Column.LEAD].text == "Công an xã"
    assert rows[1][Column.COORDINATING].text == rows[0][Column.COORDINATING].text


def test_a_signature_below_the_table_is_left_out_and_told():
    found = rows_of(a_row(), "Nơi nhận:\t\t\tTM. UBND XÃ")
    assert len(found.rows) == 1
    assert len(found.strays) == 1


def test_a_line_inside_the_table_is_never_lost_silently():
    found = rows_of(a_row(), "Phụ lục kèm theo kế hoạch", a_row("2"))
    assert [row.number for row in found.rows] == ["1", "2"]
    assert [stray.texts for stray in found.strays] == [("Phụ lục kèm theo kế hoạch",)]


def test_a_table_without_a_plan_header_is_no_part_of_the_plan():
    assert rows_of("1\tLê An\t10", header="STT\tHọ và tên\tĐiểm").rows == ()
