from datetime import date

import pytest

from tests.importing.plans import a_document, a_heading, a_row, reading_of
from workflow.domain.errors import UnreadablePlan
from workflow.domain.people.directory import Directory, Unit
from workflow.importing.findings.findings import FindingKind, Severity
from workflow.importing.reading import Reading, read_plan


def kinds(reading: Reading) -> list[FindingKind]:
    return [finding.kind for finding in reading.findings]


def test_a_plan_without_doubts_has_no_findings():
    reading = reading_of(a_heading("1", "Y tế (02 nội dung)"), a_row("1.1"), a_row("1.2"))
    assert reading.findings == ()


def test_an_item_is_read_with_all_its_cells():
    (item,) = reading_of(a_heading("1", "Y tế"), a_row("1.1")).plan.items
    assert item.leaders == ("Lê Thị Mai",)
    assert item.lead_units == ("UBND xã",)
    assert item.coordinating_units == ("Công an xã",)
    assert item.due == date(2024, 6, 30)
    assert (item.sections, item.section_codes, item.source) == (("1 Y tế",), ("1",), "dòng 6")


def test_a_lone_time_column_is_both_start_and_deadline():
    source = a_document(
        ["1\tKhám bệnh\tTrạm Y tế\tQuý I"], "TT\tNhiệm vụ\tĐơn vị thực hiện\tThời gian thực hiện"
    )
    (item,) = read_plan(source).plan.items
    assert item.start == item.deadline
    assert item.due == date(2024, 3, 31)


def test_result_and_note_columns_are_kept():
    source = a_document(
        ["1\tKhám bệnh\tTrạm Y tế\tBáo cáo\tmới"], "TT\tNhiệm vụ\tCơ quan chủ trì\tSản phẩm\tGhi chú"
    )
    (item,) = read_plan(source).plan.items
    assert (item.result, item.note) == ("Báo cáo", "mới")


def test_units_get_the_ids_of_the_directory_and_unknown_ones_are_told_once():
    directory = Directory("UBND xã Tân Hưng", units=(Unit("ubnd", "UBND xã"),))
    reading = read_plan(a_document([a_row(), a_row("2")]), directory=directory)
    assert reading.plan.items[0].lead_ids == ("ubnd",)
    (finding,) = reading.findings
    assert finding.kind is FindingKind.UNIT_UNKNOWN
    assert finding.codes == ("1", "2")
    assert "“Công an xã” (2 dòng)" in finding.message


def test_a_heading_that_promises_more_than_there_is_is_found():
    reading = reading_of(a_heading("1", "Y tế (05 nội dung)"), a_row("1.1"))
    (finding,) = reading.findings
    assert finding.message == "Mục 1 ghi 5 nội dung, nhưng biểu có 1."
    assert (finding.place, finding.severity) == ("dòng 5", Severity.WARNING)
    assert finding.cure


def test_an_unnumbered_row_may_or_may_not_have_been_counted():
    counted = (a_row("1.1"), a_row("", content="Sửa cầu"))
    for promised in ("01", "02"):
        reading = reading_of(a_heading("1", f"Y tế ({promised} nội dung)"), *counted)
        assert kinds(reading) == [FindingKind.NUMBER_ABSENT]


def test_missing_numbers_are_found_in_the_order_of_numbers_not_of_letters():
    numbers = ("1.8", "1.10", "1.12", "1.13")
    (finding,) = reading_of(a_heading("1", "Y tế"), *(a_row(number) for number in numbers)).findings
    assert finding.message == "Mục 1 không có số 1.9 và 1.11."
    assert finding.place == "dòng 7"


def test_a_number_used_twice_is_found():
    assert kinds(reading_of(a_row("1"), a_row("1"))) == [FindingKind.NUMBER_REPEATED]


def test_two_spellings_of_one_leader_are_settled_and_told():
    rows = [a_row(str(n), leader="Đ/c Trần Văn Tình") for n in (1, 2)] + [
        a_row("3", leader="Đ/c Trần Văn Tinh")
    ]
    reading = reading_of(*rows)
    assert {item.leaders for item in reading.plan.items} == {("Trần Văn Tình",)}
    assert kinds(reading) == [FindingKind.TWO_SPELLINGS]
    assert reading.findings[0].codes == ("3",)


def test_a_date_beyond_the_year_of_the_plan_is_found():
    (finding,) = reading_of(a_row(deadline="Tháng 2/2025")).findings
    assert finding.kind is FindingKind.BEYOND_YEAR
    assert "2025, ngoài năm kế hoạch 2024" in finding.message


def test_a_missing_deadline_is_found_unless_the_work_comes_round():
    assert kinds(reading_of(a_row(deadline=""))) == [FindingKind.DEADLINE_MISSING]
    assert kinds(reading_of(a_row(start="Hàng tháng", deadline=""))) == []


def test_a_time_that_cannot_be_read_stays_as_text_and_is_told():
    reading = reading_of(a_row(deadline="Tháng 15/2024"))
    assert kinds(reading) == [FindingKind.TIME_UNREAD]
    assert (reading.plan.items[0].deadline_text, reading.plan.items[0].deadline) == ("Tháng 15/2024", None)


def test_a_person_in_the_place_of_a_unit_is_found():
    assert kinds(reading_of(a_row(coordinating="Đ/c Hoa"))) == [FindingKind.PERSON_AS_UNIT]


def test_an_item_that_nobody_leads_is_found():
    assert kinds(reading_of(a_row(lead=""))) == [FindingKind.LEAD_MISSING]


def test_the_doubts_about_each_item_are_at_hand():
    reading = reading_of(a_row("1"), a_row("2", deadline="Tháng 15/2024"))
    assert list(reading.doubts) == ["2"]


def test_a_row_that_is_item_and_first_part_is_doubted_once():
    reading = reading_of(a_row("1", content="- Trồng cây", deadline="mai"), a_row("", content="- Sửa cầu"))
    assert kinds(reading) == [FindingKind.TIME_UNREAD]


def test_a_document_without_a_plan_is_refused_in_words():
    with pytest.raises(UnreadablePlan, match="Không tìm thấy biểu kế hoạch"):
        read_plan(b"Xin ch\xc3\xa0o")


def test_a_plan_of_no_year_asks_for_one():
    source = a_document([a_row(start="Tháng 2", deadline="Tháng 6")], above=())
    with pytest.raises(UnreadablePlan, match="--year"):
        read_plan(source)
    assert read_plan(source, year=2030).plan.items[0].due == date(2030, 6, 30)
