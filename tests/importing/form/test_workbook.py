"""The correction loop: a reading as a workbook, mended by hand in Excel, read back and checked."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from tests.builders import a_directory, a_part, a_plan, a_target, an_item
from tests.importing.plans import a_document, a_row
from workflow.domain.errors import UnreadablePlan
from workflow.domain.people.directory import Role
from workflow.domain.plans.plan import Comparison, Every, PlanItem, Schedule, ScheduleKind
from workflow.importing.cells.phrases import read_schedule
from workflow.importing.cells.schedule_words import said
from workflow.importing.files.directory_file import read_directory
from workflow.importing.files.plan_file import plan_yaml, read_plan_yaml
from workflow.importing.form.checking import RefusedPlan
from workflow.importing.form.filling import form_of
from workflow.importing.form.form import COLUMNS, FormSheet
from workflow.importing.form.reading import Accepted, accept
from workflow.importing.form.workbook import write_workbook
from workflow.importing.form.workbook_reading import is_form, read_workbook
from workflow.importing.offering import DocumentReading, offer, read_document
from workflow.sample import directory_path, plan_path

DIRECTORY = read_directory(directory_path())
SAMPLE = read_document(plan_path(), DIRECTORY)


class Book:
    """A workbook under a clerk's hands: cells by sheet, row and column title."""

    def __init__(self, content: bytes | None = None) -> None:
        self.book = openpyxl.load_workbook(BytesIO(content or write_workbook(SAMPLE.form("plan.txt"))))

    def page(self, sheet: FormSheet) -> Worksheet:
        return self.book[sheet.value]

    def column(self, sheet: FormSheet, key: str) -> int:
        title = next(column.title for column in COLUMNS[sheet] if column.key == key)
        return next(cell.column for cell in self.page(sheet)[1] if cell.value == title)

    def set(self, sheet: FormSheet, row: int, key: str, value: Any) -> None:
        self.page(sheet).cell(row, self.column(sheet, key)).value = value

    def get(self, sheet: FormSheet, row: int, key: str) -> Any:
        return self.page(sheet).cell(row, self.column(sheet, key))

    def bytes(self) -> bytes:
        written = BytesIO()
        self.book.save(written)
        return written.getvalue()

    def read(self) -> Accepted:
        return accept(read_workbook(self.bytes(), "plan.xlsx"))

    def problems(self) -> list[tuple[str, str]]:
        with pytest.raises(RefusedPlan) as refused:
            self.read()
        return [(problem.where, problem.what) for problem in refused.value.problems]


def item_row(code: str) -> int:
    """Where an item of the sample stands in its workbook."""
    codes = [row["code"] for row in SAMPLE.form().rows(FormSheet.ITEMS)]
    return codes.index(code) + 2


def read_item(**changes: Any) -> PlanItem:
    """An item whose times are all read, as those of a loaded plan are."""
    january = Schedule(ScheduleKind.MONTH, date(2026, 1, 1), date(2026, 1, 31))
    return an_item(
        1,
        **(
            {"start": january, "leaders": ("Nguyễn Thị Minh Hằng",), "coordinating_text": "MTTQ, công an"}
            | changes
        ),
    )


# --- there and back -------------------------------------------------------------------------------------


def test_a_workbook_nobody_touched_gives_the_reading_again():
    found = Book().read()
    assert found.plan == SAMPLE.reading.plan
    assert found.directory == DIRECTORY
    assert list(found.findings) == [finding.as_json() for finding in SAMPLE.reading.findings]


def test_a_yaml_file_gives_the_reading_again_and_is_always_written_the_same():
    findings = tuple(finding.as_json() for finding in SAMPLE.reading.findings)
    text = plan_yaml(SAMPLE.reading.plan, DIRECTORY, findings)
    found = read_plan_yaml(text, "plan.yaml")
    assert (found.plan, found.directory, found.findings) == (SAMPLE.reading.plan, DIRECTORY, findings)
    assert plan_yaml(found.plan, found.directory, found.findings) == text


def test_sorted_reordered_and_added_columns_and_blank_rows_change_nothing():
    book = Book()
    page = book.page(FormSheet.ITEMS)
    rows = [[cell.value for cell in row] for row in page.iter_rows()]
    header, body = rows[0], [row for row in rows[1:] if any(row)]
    body = sorted(body, key=lambda row: str(row[2]))
    order = list(range(len(header)))
    random.Random(3).shuffle(order)
    page.delete_rows(1, page.max_row)
    for place, row in enumerate([header, *body]):
        values = [row[at] for at in order]
        page.append(["Theo dõi", *values] if place == 0 else ["đã gọi điện", *values])
        if place % 7 == 3:
            page.append([])
    assert book.read().plan == SAMPLE.reading.plan


times = st.sampled_from(
    [
        "Tháng 6",
        "Tháng 6, 11",
        "Tháng 3 - 5",
        "Quý II",
        "Quý I-II",
        "Quý IV/2026 - Quý I/2027",
        "6 tháng đầu năm",
        "Năm 2026",
        "15/11/2026",
        "Trước ngày 25/10",
        "Trước 30/6 hằng năm",
        "Hằng tuần",
        "01 tháng/lần",
        "Thường xuyên",
        "Theo tiến độ dự án",
        "sau khi có hướng dẫn",
        "Từ tháng 3",
        "từ ngày 01/3 đến 15/4",
        "Đợt 1: Tháng 4 Đợt 2: Tháng 10",
    ]
)


@given(times)
def test_what_a_schedule_is_said_as_is_read_as_that_schedule(text):
    schedule = read_schedule(text, 2026)
    assert schedule is not None
    assert read_schedule(said(schedule), 2030) == schedule


words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12).map(
    lambda text: unicodedata.normalize("NFC", text)
)


@settings(max_examples=20, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(
    content=st.lists(words, min_size=1, max_size=4).map(" ".join),
    note=words,
    text=times,
    value=st.decimals(0, 10**9, places=2),
)
def test_any_words_come_back_from_workbook_and_yaml(content, note, text, value):
    schedule = read_schedule(text, 2026)
    plain = read_item(
        content=content,
        note=note,
        deadline_text=text,
        deadline=schedule,
        targets=(replace(a_target(), value=value, scope=note),),
        parts=(
            replace(
                a_part("I.1.1.a", content), lead_units=("UBND phường",), deadline=schedule, deadline_text=text
            ),
        ),
    )
    plan = replace(a_plan(items=[plain]), title=content)
    by_yaml = read_plan_yaml(plan_yaml(plan, a_directory())).plan
    by_workbook = accept(read_workbook(write_workbook(form_of(plan, a_directory())))).plan
    assert by_yaml == plan
    assert by_workbook.items == plan.items
    assert by_workbook.title == plan.title


def test_what_looks_like_a_formula_stays_text():
    item = read_item(content='=HYPERLINK("http://x.example","bấm")', note="+84 905", result="@an")
    content = write_workbook(form_of(a_plan(items=[item]), a_directory()))
    book = Book(content)
    cell = book.get(FormSheet.ITEMS, 2, "content")
    assert (cell.data_type, cell.value) == ("s", item.content)
    assert all(cell.data_type != "f" for page in book.book for row in page.iter_rows() for cell in row)
    read = accept(read_workbook(content)).plan.items[0]
    assert (read.content, read.note, read.result) == (item.content, item.note, item.result)


# --- what the office sees -------------------------------------------------------------------------------


def test_a_doubtful_cell_is_coloured_and_says_why():
    book = Book()
    cell = book.get(FormSheet.ITEMS, item_row("I.2.2.1"), "leaders")
    assert "Hồ Đức Tri" in cell.comment.text
    sure = book.get(FormSheet.ITEMS, item_row("I.1.1"), "leaders")
    assert (cell.fill.fgColor.rgb, sure.comment) != (sure.fill.fgColor.rgb, cell.comment)
    assert sure.comment is None


def test_units_times_and_roles_are_offered_and_nothing_else_is_forbidden():
    book = Book()
    offered = {
        sheet: {
            str(one.sqref).rstrip("0123456789").split(":")[0][0]
            for one in book.page(sheet).data_validations.dataValidation
        }
        for sheet in (FormSheet.ITEMS, FormSheet.PERSONS)
    }
    letters = {
        openpyxl.utils.get_column_letter(book.column(FormSheet.ITEMS, key))
        for key in ("lead", "coordinating", "start", "deadline", "section")
    }
    assert letters <= offered[FormSheet.ITEMS]
    assert len(offered[FormSheet.PERSONS]) == 2
    for sheet in (FormSheet.ITEMS, FormSheet.PERSONS):
        assert not any(one.showErrorMessage for one in book.page(sheet).data_validations.dataValidation)


def test_a_document_of_its_own_kind_is_told_from_our_workbook():
    plain = openpyxl.Workbook()
    plain.active.title = "Nội dung"
    written = BytesIO()
    plain.save(written)
    assert not is_form(written.getvalue())
    assert is_form(Book().bytes())
    assert not is_form(b"PK\x03\x04 nonsense")


# --- mending --------------------------------------------------------------------------------------------


def test_a_deadline_mended_as_a_date_is_that_day():
    book = Book()
    book.set(FormSheet.ITEMS, item_row("I.1.1"), "deadline", datetime(2026, 6, 15))  # noqa: DTZ001 - as Excel has it
    item = book.read().plan.items[0]
    assert item.deadline_text == "15/06/2026"
    assert item.deadline == Schedule(ScheduleKind.DAY, date(2026, 6, 15), date(2026, 6, 15))


def test_what_a_cell_is_taken_for_can_be_mended_without_touching_the_plans_own_words():
    book = Book()
    book.set(FormSheet.ITEMS, item_row("I.1.1"), "deadline_read", "Quý III")
    item = book.read().plan.items[0]
    assert (item.deadline_text, item.due) == ("Tháng 12/2026", date(2026, 9, 30))


def test_of_a_mended_text_and_its_old_reading_the_text_counts():
    book = Book()
    book.set(FormSheet.ITEMS, item_row("I.1.1"), "start", "Hằng tuần")
    item = book.read().plan.items[0]
    assert item.start == Schedule(ScheduleKind.CADENCE, every=Every.WEEK)


def test_a_new_row_takes_its_place_its_targets_and_its_units():
    book = Book()
    page = book.page(FormSheet.ITEMS)
    at = item_row("I.1.3")
    page.insert_rows(at)
    for key, value in {
        "code": "I.1.2b",
        "content": "Tỷ lệ đảng viên hoàn thành tốt nhiệm vụ đạt trên 90%",
        "lead": "UBND phường; Hội LHPN phường",
        "section": "I.1",
        "deadline": "Quý IV",
    }.items():
        book.set(FormSheet.ITEMS, at, key, value)
    items = book.read().plan.items
    new = items[2]
    assert [item.code for item in items[:4]] == ["I.1.1", "I.1.2", "I.1.2b", "I.1.3"]
    assert new.lead_ids == ("ubnd", "hoi-lhpn")
    assert new.section_codes == ("I", "I.1")
    assert [(target.value, target.comparison) for target in new.targets] == [(90, Comparison.MORE_THAN)]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("2,000", "I.1.1: “2,000” có thể hiểu hai cách."),
        ("1.2.3,4", "I.1.1: “1.2.3,4” không phải là một số."),
        ("12 50", "I.1.1: “12 50” không phải là một số."),
    ],
)
def test_a_number_typed_into_the_workbook_is_never_guessed(typed, told):
    book = Book()
    book.set(FormSheet.TARGETS, 2, "value", typed)
    assert told in [what for _, what in book.problems()]


@pytest.mark.parametrize("value", ["1.234", "0.125", "2", "1250", "1250.125", "999.999"])
def test_a_figure_of_three_decimals_comes_back_from_the_workbook_and_from_yaml(value):
    plan = a_plan(items=[read_item(targets=(replace(a_target(), value=Decimal(value)),))])
    by_workbook = accept(read_workbook(write_workbook(form_of(plan, a_directory())))).plan
    by_yaml = read_plan_yaml(plan_yaml(plan, a_directory())).plan
    read = [row.items[0].targets[0].value for row in (by_workbook, by_yaml)]
    assert read == [Decimal(value)] * 2


def test_a_figure_in_yaml_is_read_as_people_write_it_or_refused():
    text = plan_yaml(
        a_plan(items=[read_item(targets=(replace(a_target(), value=Decimal(95)),))]), a_directory()
    )
    assert "value: '95'" in text
    read = read_plan_yaml(text.replace("value: '95'", "value: 1,234.5")).plan
    assert read.items[0].targets[0].value == Decimal("1234.5")
    with pytest.raises(RefusedPlan) as refused:
        read_plan_yaml(text.replace("value: '95'", "value: 2,000"))
    assert [problem.what for problem in refused.value.problems] == ["Không đọc được chỉ tiêu."]


def test_an_emptied_row_is_an_item_the_office_dropped():
    book = Book()
    row = item_row("I.1.2")
    for column in COLUMNS[FormSheet.ITEMS]:
        if column.key not in ("order", "kept", "doubt", "targets"):
            book.set(FormSheet.ITEMS, row, column.key, None)
    targets = book.page(FormSheet.TARGETS)
    for number in range(targets.max_row, 1, -1):
        if targets.cell(number, 1).value == "I.1.2":
            targets.delete_rows(number)
    assert "I.1.2" not in {item.code for item in book.read().plan.items}


def test_a_ticked_finding_is_not_told_again():
    book = Book()
    book.set(FormSheet.FINDINGS, 2, "done", "x")
    found = book.read().findings
    assert list(found) == [finding.as_json() for finding in SAMPLE.reading.findings[1:]]


def test_a_new_unit_gets_an_id_and_its_reporter_a_role():
    book = Book()
    page = book.page(FormSheet.UNITS)
    at = page.max_row + 1
    book.set(FormSheet.UNITS, at, "name", "Hội Người cao tuổi phường")
    people = book.page(FormSheet.PERSONS)
    at = people.max_row + 1
    for key, value in {
        "name": "Tạ Văn An",
        "email": "an@hoaxuandong.example",
        "unit": "Hội Người cao tuổi phường",
        "role": "Báo cáo, xác nhận",
    }.items():
        book.set(FormSheet.PERSONS, at, key, value)
    found = book.read()
    unit = found.directory.unit("hoi-nguoi-cao-tuoi-phuong")
    assert unit is not None
    assert found.directory.persons[-1].roles == ((unit.id, Role.REPORTER),)
    item = next(item for item in found.plan.items if item.code == "I.3.6")
    assert unit.id in item.coordinating_ids


# --- what can't stand -----------------------------------------------------------------------------------


def test_every_problem_is_told_at_once_with_its_row_and_column():
    book = Book()
    book.set(FormSheet.ITEMS, 2, "lead", "Phòng Tài chính huyện")
    book.set(FormSheet.ITEMS, 3, "deadline", "mai mốt")
    book.set(FormSheet.ITEMS, 4, "code", "I.1.1")
    book.set(FormSheet.ITEMS, item_row("I.2.2.2.a"), "parent", "I.9.9")
    book.set(FormSheet.ITEMS, 6, "leaders", "Phạm Hữu Lọc Anh")
    book.set(FormSheet.ITEMS, 7, "section", "V.1")
    book.set(FormSheet.PERSONS, 2, "email", "khong phai thu")
    book.set(FormSheet.PERSONS, 4, "role", "Bieu quyt")
    book.set(FormSheet.PERSONS, 5, "unit", "Ban Thường vụ xã khác")
    book.set(FormSheet.TARGETS, 2, "value", "nhiều")
    book.set(FormSheet.TARGETS, 3, "code", "X.1")
    book.set(FormSheet.ABOUT, 5, "value", "hai nghìn")
    told = book.problems()
    letter = openpyxl.utils.get_column_letter(book.column(FormSheet.ITEMS, "lead"))
    assert (
        f"trang “Nội dung”, dòng 2, cột {letter} (Đơn vị chủ trì)",
        "I.1.1: không có đơn vị “Phòng Tài chính huyện”.",
    ) in told
    text = "\n".join(what for _, what in told)
    for words_ in (
        "không đọc được thời gian “mai mốt”",
        "Mã I.1.1 đã dùng ở dòng 2",
        "không có nội dung mã “I.9.9”",
        "Không có đề mục “V.1”",
        "“khong phai thu” không phải địa chỉ thư",
        "Không có vai trò “Bieu quyt”",
        "Không có đơn vị “Ban Thường vụ xã khác”",
        "“nhiều” không phải là một số",
        "Không có nội dung mã “X.1”",
        "Không đọc được năm “hai nghìn”",
    ):
        assert words_ in text
    assert all("dòng" in where or "trang" in where for where, _ in told)


def test_a_leader_one_letter_off_is_asked_about():
    book = Book()
    book.set(FormSheet.ITEMS, 6, "leaders", "Phạm Hữu Lọcc")
    assert "có phải là Phạm Hữu Lộc <" in book.problems()[0][1]


def test_a_coordinating_unit_typed_in_must_be_known_but_one_the_plan_prints_may_stay():
    book = Book()
    row = item_row("I.2.1.2")
    assert not any("doanh nghiệp" in note.what for note in book.read().notes)
    book.set(FormSheet.ITEMS, row, "coordinating", "Công an phường\nHội Khuyến học")
    assert "không có ở trang Đơn vị" in book.problems()[0][1]


def test_without_a_committee_or_a_reporter_nothing_is_loaded():
    book = Book()
    page = book.page(FormSheet.UNITS)
    for row in range(2, page.max_row + 1):
        book.set(FormSheet.UNITS, row, "committee", None)
    people = book.page(FormSheet.PERSONS)
    for row in range(2, people.max_row + 1):
        if book.get(FormSheet.PERSONS, row, "unit").value == "Ban Xây dựng Đảng":
            book.set(FormSheet.PERSONS, row, "role", "Nhận báo cáo tổng hợp")
    told = [what for _, what in book.problems()]
    assert "Chưa có ban biểu quyết." in told
    assert any("“Ban Xây dựng Đảng” chưa có người báo cáo" in what for what in told)


def test_a_missing_sheet_or_column_is_named():
    book = Book()
    del book.book[FormSheet.PERSONS.value]
    book.page(FormSheet.ITEMS).cell(1, book.column(FormSheet.ITEMS, "code")).value = "Ký hiệu"
    with pytest.raises(RefusedPlan) as refused:
        read_workbook(book.bytes(), "plan.xlsx")
    told = {problem.what for problem in refused.value.problems}
    assert told == {"Thiếu trang “Người nhận”.", "Thiếu cột “Mã”."}


def test_a_group_that_holds_itself_and_a_name_of_two_units_are_refused():
    book = Book()
    page = book.page(FormSheet.UNITS)
    row = next(row for row in range(2, page.max_row + 1) if page.cell(row, 1).value == "cac-doan-the")
    book.set(FormSheet.UNITS, row, "members", "Các đoàn thể chính trị - xã hội phường")
    book.set(FormSheet.UNITS, 2, "aliases", "Công an phường")
    told = [what for _, what in book.problems()]
    assert any("chứa chính nó" in what for what in told)
    assert any("“Công an phường” vừa là" in what for what in told)


def test_a_yaml_file_is_refused_with_the_place_of_each_slip():
    text = plan_yaml(a_plan(), a_directory())
    text = text.replace("lead_ids: [ubnd]", "lead_ids: [ubndd]", 1).replace(
        "comparison: at-least", "comparison: hơn"
    )
    with pytest.raises(RefusedPlan) as refused:
        read_plan_yaml(text, "plan.yaml")
    assert [problem.where for problem in refused.value.problems] == [
        "plan.yaml: items[1].lead_ids",
        "plan.yaml: items[2].targets[1]",
    ]


def test_a_yaml_row_written_by_hand_is_read_from_its_words():
    text = plan_yaml(a_plan(items=[read_item()]), a_directory())
    row = "{code: X.1, content: Vận động 50 hộ, lead_units: [UBND phường], deadline_text: Quý II}"
    found = read_plan_yaml(text.replace("findings:", f"- {row}\nfindings:"), "plan.yaml").plan.items[-1]
    assert (found.lead_ids, found.due) == (("ubnd",), date(2026, 6, 30))
    assert found.targets[0].value == Decimal(50)


def test_a_document_read_with_a_proposed_directory_can_be_mended_and_loaded():
    read = read_document(a_document([a_row("1.1"), a_row("1.2", lead="Trạm Y tế xã")]))
    assert isinstance(read, DocumentReading)
    assert read.is_proposed
    found = offer(write_workbook(read.form()), "ke-hoach.xlsx").accepted
    assert [item.lead_ids for item in found.plan.items] == [("ubnd",), ("tram-y-te",)]


def test_a_file_that_is_no_workbook_at_all_is_refused_in_words():
    with pytest.raises(UnreadablePlan):
        offer(b"PK\x03\x04 nonsense", "plan.xlsx")


# --- for a page -----------------------------------------------------------------------------------------


def test_a_page_shows_the_doubtful_rows_first_mends_a_cell_and_accepts():
    form = SAMPLE.form()
    rows = form.doubtful()
    assert any(doubt.is_grave for doubt in next(iter(rows[0][1].doubts.values())))
    at = [row["code"] for row in form.rows(FormSheet.ITEMS)].index("I.1.1")
    broken = form.with_cell(FormSheet.ITEMS, at, "lead", "Ban lạ")
    with pytest.raises(RefusedPlan):
        accept(broken)
    assert accept(broken.with_cell(FormSheet.ITEMS, at, "lead", "UBND phường")).plan.items[0].lead_ids == (
        "ubnd",
    )
