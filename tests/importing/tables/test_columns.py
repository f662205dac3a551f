import pytest

from workflow.importing.tables.columns import Column, is_column_numbers, meaning, read_columns
from workflow.importing.tables.table import Cell, Row


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("TT", Column.NUMBER),
        ("Số TT", Column.NUMBER),
        ("Nội dung thực hiện", Column.CONTENT),
        ("NHIỆM VỤ TRỌNG TÂM", Column.CONTENT),
        ("Tên đề án, văn bản", Column.CONTENT),
        ("Lãnh đạo phụ trách", Column.LEADER),
        ("Lãnh đạo UBND chỉ đạo", Column.LEADER),
        ("Người phụ trách", Column.LEADER),
        ("Đơn vị chủ trì", Column.LEAD),
        ("Cơ quan chủ trì, phối hợp", Column.LEAD),
        ("Đơn vị thực hiện", Column.LEAD),
        ("Cơ quan tham mưu", Column.LEAD),
        ("Đơn vị phối hợp", Column.COORDINATING),
        ("Phối hợp thực hiện", Column.COORDINATING),
        ("Thời gian thực hiện", Column.START),
        ("Thời gian bắt đầu", Column.START),
        ("Thời gian hoàn thành", Column.DEADLINE),
        ("Thời hạn", Column.DEADLINE),
        ("Thời gian trình", Column.DEADLINE),
        ("Sản phẩm hoàn thành", Column.RESULT),
        ("Kết quả thực hiện", Column.RESULT),
        ("Cơ quan ban hành", Column.ISSUER),
        ("Ghi chú", Column.NOTE),
        ("Nguyễn Văn An", None),
    ],
)
def test_a_header_says_what_its_column_holds(header, column):
    assert meaning(header) == column


def test_case_and_tone_marks_do_not_matter():
    assert meaning("ĐƠN VỊ CHỦ TRÌ") == meaning("Don vi chu tri") == Column.LEAD


def test_columns_may_come_in_any_order():
    columns = read_columns(["Đơn vị chủ trì", "Thời hạn", "STT", "Nhiệm vụ"])
    assert columns.places == {Column.LEAD: 0, Column.DEADLINE: 1, Column.NUMBER: 2, Column.CONTENT: 3}


def test_an_item_row_is_no_header():
    cells = ["1.1", "Nội dung họp dân", "Lê Thị Mai", "Đơn vị quân đội", "", "Tháng 2", ""]
    assert read_columns(cells) is None


def test_a_row_that_counts_the_columns_is_no_item():
    def row(*texts: str) -> Row:
        return Row(tuple(Cell(text) for text in texts))

    assert is_column_numbers(row("(1)", "(2)", "(3)", "(4)"))
    assert is_column_numbers(row("A", "B", "1", "2", "3"))
    assert not is_column_numbers(row("1", "Trồng cây", "2"))
