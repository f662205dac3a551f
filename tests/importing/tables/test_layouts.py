from tests.importing.plans import LETTERHEAD, a_heading, a_row, reading_of
from workflow.importing.findings.findings import FindingKind
from workflow.importing.readers.text import read_text
from workflow.importing.reading import Reading, read_plan
from workflow.importing.tables.columns import Column
from workflow.importing.tables.gathering import PlanRows, plan_rows
from workflow.importing.tables.numbering import split_label
from workflow.importing.tables.table import Cell, Document, Row, Table

SIMPLE = "TT\tNội dung\tCơ quan chủ trì\tThời hạn"


def a_plan(*lines: str) -> bytes:
    return "\n".join((*LETTERHEAD, "", *lines, "")).encode()


def rows_in(*lines: str) -> PlanRows:
    return plan_rows(read_text(a_plan(*lines)))


def codes_in(*lines: str) -> list[str]:
    return [item.code for item in read_plan(a_plan(*lines)).plan.items]


def kinds(reading: Reading) -> list[FindingKind]:
    return [finding.kind for finding in reading.findings]


# --- headers ------------------------------------------------------------------------------------------------


def test_words_merged_over_others_are_one_header_with_them():
    (row,) = rows_in(
        "TT\tNhiệm vụ\tPhân công\t\tThời gian\t",
        "\t\tChính\tPhối hợp\tTừ\tĐến",
        "1\tSửa cầu\tPhòng Kinh tế\tCông an xã\tTháng 2\tTháng 3",
    ).rows
    texts = {column: cell.text for column, cell in row.cells.items()}
    assert (texts[Column.LEAD], texts[Column.COORDINATING]) == ("Phòng Kinh tế", "Công an xã")
    assert (texts[Column.START], texts[Column.DEADLINE]) == ("Tháng 2", "Tháng 3")


def test_a_plain_time_beside_a_start_is_the_deadline():
    (row,) = rows_in(
        "TT\tNhiệm vụ\tChủ trì\tThời gian\tTần suất", "1\tTrực\tCông an xã\tTháng 2\tHằng ngày"
    ).rows
    assert row[Column.DEADLINE].text == "Tháng 2"


def test_columns_are_told_by_what_they_hold_where_no_header_is_known():
    reading = read_plan(
        a_plan(
            "#\tPhần việc\tBên làm chính\tBên làm cùng\tMốc xong",
            "1\tSửa chữa cầu treo\tPhòng Kinh tế\tCông an xã, các thôn\tTháng 2",
            "2\tNạo vét kênh mương\tHội Nông dân xã\tĐoàn thanh niên xã, các thôn\tQuý II",
            "3\tTrồng cây đầu xuân\tĐoàn thanh niên xã\tHội Phụ nữ xã, các thôn\tTháng 1",
        )
    )
    assert [item.lead_units for item in reading.plan.items] == [
        ("Phòng Kinh tế",), ("Hội Nông dân xã",), ("Đoàn thanh niên xã",)
    ]  # fmt: skip
    assert reading.plan.items[1].due is not None
    assert kinds(reading) == [FindingKind.COLUMNS_GUESSED]


def test_a_table_of_money_is_no_plan():
    assert (
        rows_in("TT\tNội dung chi\tĐơn vị tính\tSố lượng\tThành tiền", "1\tMua vở\tQuyển\t10\t50.000").rows
        == ()
    )


def test_a_column_of_unknown_meaning_is_told():
    reading = read_plan(a_plan(f"{SIMPLE}\tKinh phí", "1\tSửa cầu\tPhòng Kinh tế\tTháng 2\t5 triệu"))
    assert kinds(reading) == [FindingKind.COLUMN_LEFT_OUT]


def test_a_plan_that_names_no_lead_is_told_once():
    reading = read_plan(
        a_plan("TT\tNội dung\tLãnh đạo\tHạn", *(f"{n}\tViệc {n}\tĐ/c An\t5/3" for n in (1, 2)))
    )
    assert kinds(reading) == [FindingKind.COLUMN_MISSING]


# --- structure ----------------------------------------------------------------------------------------------


ITEM = "1\tSửa cầu\tPhòng Kinh tế\tTháng 2"


def test_numbers_that_start_again_in_a_second_table_do_not_collide():
    assert codes_in(SIMPLE, ITEM, "", SIMPLE, ITEM) == ["B1.1", "B2.1"]


def test_annexes_keep_their_numbers_apart():
    annexes = ("PHỤ LỤC II", "Việc của thôn", SIMPLE, ITEM)
    assert codes_in("PHỤ LỤC I", "Việc của xã", SIMPLE, ITEM, "", *annexes) == ["PLI.1", "PLII.1"]


def test_a_lone_annex_stands_in_no_code():
    assert codes_in("PHỤ LỤC", "(Kèm theo Kế hoạch số 1/KH-UBND)", SIMPLE, ITEM) == ["1"]


def test_lines_above_several_tables_are_their_headings():
    tables = ("I. Việc thường kỳ", "", SIMPLE, ITEM, "", "II. Việc đột xuất", "", SIMPLE, ITEM)
    assert codes_in(*tables) == ["I.1", "II.1"]


def test_numbers_that_start_again_under_headings_without_numbers_take_their_place():
    assert codes_in(
        SIMPLE,
        "\t<b>Kinh tế</b>\t\t", "1\tSửa cầu\tPhòng Kinh tế\tTháng 2",
        "\t<b>Văn hóa</b>\t\t", "1\tHội thi\tPhòng Văn hóa\tTháng 3",
    ) == ["I.1", "II.1"]  # fmt: skip


def test_a_heading_without_a_number_above_numbered_ones_encloses_them():
    items = read_plan(
        a_plan(
            SIMPLE,
            "\t<b>Nhiệm vụ trọng tâm</b>\t\t", "I\tKinh tế\t\t", "1\tSửa cầu\tPhòng Kinh tế\tTháng 2",
            "\t<b>Nhiệm vụ thường xuyên</b>\t\t", "I\tVăn hóa\t\t", "1\tHội thi\tPhòng Văn hóa\tTháng 3",
        )
    ).plan.items  # fmt: skip
    assert [item.code for item in items] == ["I.I.1", "II.I.1"]
    assert items[1].sections == ("Nhiệm vụ thường xuyên", "I Văn hóa")


def test_a_plan_without_numbers_is_counted_row_by_row():
    reading = read_plan(a_plan("Nội dung\tChủ trì\tHạn", *(f"Việc {n}\tCông an xã\t5/3" for n in "abc")))
    assert [item.code for item in reading.plan.items] == ["1", "2", "3"]
    assert kinds(reading) == [FindingKind.NUMBER_ABSENT]


def test_numbers_under_a_heading_may_be_printed_whole():
    assert codes_in(SIMPLE, "II\tKinh tế\t\t", "II.1\tSửa cầu\tPhòng Kinh tế\tTháng 2") == ["II.1"]


def test_bulleted_items_below_a_heading_are_items_not_parts():
    rows = [f"-\tViệc {n}\tCông an xã\tTháng 3" for n in (1, 2)]
    items = read_plan(a_plan(SIMPLE, "I\tKinh tế\t\t", *rows)).plan.items
    assert [(item.code, item.content) for item in items] == [("I.1", "Việc 1"), ("I.2", "Việc 2")]


def test_a_month_over_its_items_is_their_time():
    (item,) = read_plan(
        a_plan("TT\tNội dung\tChủ trì\tGhi chú", "THÁNG 9/2024", "1\tKhai giảng\tBan Giám hiệu\t")
    ).plan.items
    assert item.due is not None
    assert item.due.isoformat() == "2024-09-30"


def test_a_running_head_on_each_page_is_neither_heading_nor_doubt():
    head = ["", "KẾ HOẠCH NĂM CỦA XÃ", ""]
    item = "{}\tSửa cầu\tPhòng Kinh tế\tTháng 2"
    reading = read_plan(a_plan(SIMPLE, item.format(1), *head, item.format(2), *head, item.format(3)))
    assert [item.sections for item in reading.plan.items] == [(), (), ()]
    assert reading.findings == ()


def test_a_sum_below_the_table_is_no_item():
    reading = read_plan(a_plan(SIMPLE, "1\tSửa cầu\tPhòng Kinh tế\tTháng 2", "\tTổng cộng: 01 việc\t\t"))
    assert len(reading.plan.items) == 1
    assert kinds(reading) == [FindingKind.ROW_LEFT_OUT]


def test_rows_that_share_a_merged_number_are_the_parts_of_one_item():
    def row(number: Cell, content: str) -> Row:
        return Row((number, Cell(content), Cell("Công an xã"), Cell("Tháng 3")))

    header = Row(tuple(Cell(text) for text in SIMPLE.split("\t")))
    merged = Cell("1", is_from_above=True)
    table = Table((header, row(Cell("1"), "Sửa cầu"), row(merged, "Đắp đường"), row(Cell("2"), "Trồng cây")))
    found = plan_rows(Document((table,))).rows
    assert [(row.number, row.is_within_above) for row in found] == [("1", False), ("", True), ("2", False)]


# --- cells --------------------------------------------------------------------------------------------------


def test_a_cell_may_repeat_that_of_another_number():
    reading = reading_of(a_row("1", lead="Trạm Y tế xã"), a_row("2"), a_row("3", lead="Như mục 1"))
    assert reading.plan.items[2].lead_units == ("Trạm Y tế xã",)


def test_a_mark_with_nothing_above_it_is_told():
    assert FindingKind.DITTO_UNRESOLVED in kinds(reading_of(a_row("1", coordinating="nt"), a_row("2")))


def test_a_leader_in_the_first_row_of_each_section_alone_leads_all_of_it():
    rows = [a_row(str(n), leader="Đ/c Lê Thị Mai" if n == 1 else "") for n in (1, 2, 3, 4)]
    reading = reading_of(a_heading("I", "Y tế"), *rows)
    assert {item.leaders for item in reading.plan.items} == {("Lê Thị Mai",)}
    assert kinds(reading) == [FindingKind.CELLS_FILLED]


def test_a_deadline_left_empty_says_nothing_of_the_one_above():
    reading = reading_of(*(a_row(str(n), deadline="Tháng 6" if n == 1 else "") for n in (1, 2, 3, 4)))
    assert [item.deadline_text for item in reading.plan.items] == ["Tháng 6", "", "", ""]


def test_a_school_year_runs_over_two_years():
    lines = ("KẾ HOẠCH NĂM HỌC 2024 - 2025", "", SIMPLE)
    source = "\n".join((*lines, "1\tKhai giảng\tBan Giám hiệu\t5/9", "2\tBế giảng\tBan Giám hiệu\t31/5"))
    reading = read_plan(source.encode())
    assert [item.due.isoformat() for item in reading.plan.items if item.due] == ["2024-09-05", "2025-05-31"]
    assert reading.findings == ()


def test_a_part_of_a_document_may_be_counted_in_words():
    assert split_label("Phần thứ hai: NHIỆM VỤ")[0].text == "P2"


def test_a_first_item_with_a_day_is_no_header_though_the_rows_below_are_ditto_marks():
    rows = ["Mở lớp tập huấn\tUBND xã\tUBND xã\tTháng 1\tXong trước 2/1"]
    rows += [
        f"{what}\tnt\tnt\tTháng 1\tTháng 1" for what in ("Sửa chợ trung tâm", "Trồng cây xanh", "Làm đường")
    ]
    found = [(item.content, item.lead_units) for item in read_plan(a_plan(*rows)).plan.items]
    assert found[0] == ("Mở lớp tập huấn", ("UBND xã",))
    assert len(found) == 4
