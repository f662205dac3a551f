import pytest

from tests.importing.plans import a_heading, a_row, outline_of
from workflow.domain.plans.plan import Declared
from workflow.importing.tables.numbering import Rank, letter, read_label
from workflow.importing.tables.structure import Outline, declared_counts


def codes(outline: Outline) -> list[str]:
    return [item.code for item in outline.items]


@pytest.mark.parametrize(
    ("cell", "text", "kind"),
    [
        ("2. 1.15", "2.1.15", Rank.DECIMAL),
        ("3.", "3", Rank.DECIMAL),
        ("IV.", "IV", Rank.ROMAN),
        ("B", "B", Rank.UPPER),
        ("a)", "a", Rank.LOWER),
        ("*", "*", Rank.STAR),
        ("Tổng", "", Rank.NONE),
    ],
)
def test_a_label_is_read_whatever_stands_around_it(cell, text, kind):
    label = read_label(cell)
    assert (label.text, label.kind) == (text, kind)


def test_parts_past_z_go_on_with_two_letters():
    assert [letter(0), letter(25), letter(26)] == ["a", "z", "aa"]


def test_numbers_that_start_again_in_part_two_get_their_own_codes():
    outline = outline_of(
        a_heading("I", "CHỈ TIÊU"), a_heading("1", "Y tế"), a_row("1.1"),
        a_heading("II", "NHIỆM VỤ"), a_heading("1", "Giáo dục"), a_row("1.1"),
    )  # fmt: skip
    assert codes(outline) == ["I.1.1", "II.1.1"]


def test_numbers_that_start_again_under_each_heading_carry_its_code():
    outline = outline_of(
        a_heading("A", "KINH TẾ"), a_heading("I", "Lúa"), a_row("1"), a_row("2"),
        a_heading("II", "Ngô"), a_row("1"), a_heading("B", "XÃ HỘI"), a_row("1"),
    )  # fmt: skip
    assert codes(outline) == ["A.I.1", "A.I.2", "A.II.1", "B.1"]


def test_a_star_groups_items_without_changing_their_codes():
    outline = outline_of(
        a_heading("2", "Đô thị"),
        a_heading("*", "Dự án"),
        a_row("2.1"),
        a_heading("*", "Duy tu"),
        a_row("2.2"),
    )
    assert codes(outline) == ["2.1", "2.2"]
    assert [item.path[-1].printed for item in outline.items] == ["* Dự án", "* Duy tu"]


def test_a_heading_is_told_without_bold_type_and_an_item_in_spite_of_it():
    outline = outline_of(a_heading("1", "Y tế"), a_row("1.1", content="<b>Trồng cây</b>"))
    assert [heading.title for heading in outline.headings] == ["Y tế"]
    assert codes(outline) == ["1.1"]


def test_a_row_without_units_between_its_siblings_is_an_item():
    assert codes(outline_of(a_row("1"), a_heading("2", "Sửa cầu"), a_row("3"))) == ["1", "2", "3"]


def test_a_heading_that_spans_the_table_without_cells_is_read():
    outline = outline_of("A. KINH TẾ", a_row("1"), "B. XÃ HỘI", a_row("1"))
    assert codes(outline) == ["A.1", "B.1"]
    assert [heading.printed for heading in outline.headings] == ["A KINH TẾ", "B XÃ HỘI"]


def test_an_item_beside_a_numbered_heading_is_not_under_it():
    outline = outline_of(a_heading("1", "Y tế"), a_row("1.1"), a_row("1.2"), a_row("2"))
    assert codes(outline) == ["1.1", "1.2", "2"]
    assert outline.items[-1].path == ()


def test_rows_with_the_same_bullet_are_the_parts_of_one_item():
    (item,) = outline_of(a_row("1.4", content="- Trồng cây"), a_row("", content="- Sửa cầu")).items
    assert [(part.code, part.row.unbulleted) for part in item.parts] == [
        ("1.4.a", "Trồng cây"),
        ("1.4.b", "Sửa cầu"),
    ]


def test_rows_with_a_deeper_bullet_are_parts_below_the_item_itself():
    (item,) = outline_of(a_row("3", content="- Khám bệnh"), a_row("", content="+ Đợt một")).items
    assert [(part.code, part.row.unbulleted) for part in item.parts] == [("3.a", "Đợt một")]


def test_lettered_rows_are_parts():
    (item,) = outline_of(a_row("1"), a_row("a"), a_row("b")).items
    assert [part.code for part in item.parts] == ["1.a", "1.b"]


def test_a_bulleted_row_without_cells_is_only_more_content():
    (item,) = outline_of(a_row("1", content="Chỉnh trang:"), "", "\t+ Tuyên truyền" + "\t" * 5).items
    assert item.parts == []
    assert item.row.content.text == "Chỉnh trang:\n+ Tuyên truyền"


def test_an_unnumbered_row_takes_the_code_before_it_with_bis():
    outline = outline_of(a_row("5"), a_row("", content="Sửa cầu"), a_row("", content="Dựng nhà"), a_row("6"))
    assert codes(outline) == ["5", "5bis", "5ter", "6"]
    assert outline.items[1].number is None


def test_codes_are_unique_even_where_numbers_repeat():
    assert codes(outline_of(a_row("1"), a_row("1"))) == ["1", "1bis"]


def test_a_table_may_hold_its_numbers_in_the_content():
    header = "Nhiệm vụ\tThời gian\tĐơn vị thực hiện"
    outline = outline_of("1. Y tế\t\t", "1.1. Khám bệnh\tQuý I\tTrạm Y tế", header=header)
    assert codes(outline) == ["1.1"]
    assert outline.items[0].row.content.text == "Khám bệnh"


@pytest.mark.parametrize(
    ("title", "counts"),
    [
        ("Y tế ( 05 chỉ tiêu)", (Declared(5, "chỉ tiêu"),)),
        ("Y tế ((44 chỉ tiêu))", (Declared(44, "chỉ tiêu"),)),
        ("Đô thị ( 05 dự án, 10 nội dung)", (Declared(5, "dự án"), Declared(10, "nội dung"))),
        ("Nhóm dự án (05 dự án):", (Declared(5, "dự án"),)),
        ("Kỷ niệm 20 năm (năm 2024)", ()),
        ("Hội nghị (tổ chức 2 hội nghị mỗi quý)", ()),
    ],
)
def test_a_heading_promises_only_what_its_brackets_count(title, counts):
    assert declared_counts(title) == counts
