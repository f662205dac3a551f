"""A later document over the running plan: what each row is taken for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.importing.plans import a_document, a_row
from workflow.domain.plans.plan import Plan, PlanItem
from workflow.domain.plans.plan_difference import difference
from workflow.importing.amending.amending import AmendmentKind, RowMatch, amended, kind_of
from workflow.importing.amending.renumbering import pairs, renumbered
from workflow.importing.files.directory_file import read_directory
from workflow.importing.form.checking import RefusedPlan
from workflow.importing.form.reading import Accepted
from workflow.importing.offering import amend_offer, read_document
from workflow.sample import directory_path, plan_path

DIRECTORY = read_directory(directory_path())
PLAN = read_document(plan_path(), DIRECTORY).reading.plan
RUNNING = Accepted(PLAN, DIRECTORY)
FIRST = PLAN.items[0]


def a_line(content: str, **cells: str) -> str:
    blank = {"number": "1", "leader": "", "lead": "", "coordinating": "", "start": "", "deadline": ""}
    return a_row(**(blank | {"content": content} | cells))


def amend(*rows: str, title: str = "Bổ sung Kế hoạch năm 2026", lines: tuple[str, ...] = (), kind=None):
    content = a_document(rows, above=("KẾ HOẠCH", title, *lines))
    return amend_offer(content, "bo-sung.txt", RUNNING, kind=kind)[0]


def item_of(plan: Plan, code: str) -> PlanItem:
    return next(item for item in plan.items if item.code == code)


def test_the_title_says_what_a_document_does():
    for title, kind in {
        "Kế hoạch bổ sung nhiệm vụ năm 2026": AmendmentKind.SUPPLEMENT,
        "Kế hoạch điều chỉnh, bổ sung chỉ tiêu": AmendmentKind.ADJUSTMENT,
        "Kế hoạch thay thế Kế hoạch số 37-KH/ĐU": AmendmentKind.REPLACING,
    }.items():
        assert kind_of(replace(PLAN, title=title)) is kind


def test_a_supplement_adds_its_rows_and_leaves_the_rest_alone():
    found = amend(a_line("Tổ chức Ngày hội Chuyển đổi số", lead="UBND phường", deadline="Quý IV/2026"))
    changes = difference(PLAN, found.plan)
    assert [item.content for item in changes.added] == ["Tổ chức Ngày hội Chuyển đổi số"]
    assert (changes.changed, changes.withdrawn) == ((), ())
    assert [one.how for one in found.taken] == [RowMatch.NEW]


def test_a_row_with_like_words_changes_the_item_and_keeps_what_it_leaves_empty():
    found = amend(a_line(f"{FIRST.content} trở xuống", number="9", deadline="Tháng 10/2026"))
    item = item_of(found.plan, FIRST.code)
    assert [(one.code, one.how) for one in found.taken] == [(FIRST.code, RowMatch.BY_WORDS)]
    assert item.due == date(2026, 10, 31)
    assert (item.lead_ids, item.leaders, item.start) == (FIRST.lead_ids, FIRST.leaders, FIRST.start)


def test_an_items_own_number_in_a_supplement_is_not_enough():
    plain = replace(PLAN, items=(replace(FIRST, code="1", number="1"), *PLAN.items[1:]))
    row = replace(FIRST, code="1", content="Lắp đặt 20 ghế đá tại công viên", section_codes=(), sections=())
    document = replace(PLAN, title="Bổ sung", items=(row,))
    assert [one.how for one in amended(plain, document).taken] == [RowMatch.NEW]
    adjusting = replace(document, title="Kế hoạch điều chỉnh")
    assert [one.how for one in amended(plain, adjusting).taken] == [RowMatch.BY_CODE]


@pytest.mark.parametrize(
    "row",
    [
        a_line(f"Bãi bỏ nội dung: {FIRST.content}"),
        a_line(f"Không thực hiện nội dung số {FIRST.code}"),
        a_line(f"Rút khỏi kế hoạch nội dung {FIRST.code}"),
    ],
)
def test_an_item_goes_only_where_the_document_says_so(row):
    found = amend(row)
    assert {item.code for item in PLAN.items} - {item.code for item in found.plan.items} == {FIRST.code}


def test_a_sentence_outside_the_table_withdraws_items_by_their_codes():
    line = f"Bãi bỏ các nội dung {PLAN.items[1].code}, {PLAN.items[2].code} của Kế hoạch số 37-KH/ĐU."
    found = amend(a_line("Việc mới của phường", lead="UBND phường", deadline="Quý IV"), lines=(line,))
    gone = {item.code for item in difference(PLAN, found.plan).withdrawn}
    assert gone == {PLAN.items[1].code, PLAN.items[2].code}


def test_rows_under_a_heading_that_withdraws_are_withdrawn():
    row = replace(
        FIRST, sections=("II Bãi bỏ các nội dung sau", "1 Xây dựng Đảng"), section_codes=("II", "II.1")
    )
    found = amended(PLAN, replace(PLAN, title="Điều chỉnh", items=(row,), sections=()))
    assert [(one.code, one.how) for one in found.taken] == [(FIRST.code, RowMatch.WITHDRAWAL)]


def test_shortening_the_time_of_something_is_no_withdrawal():
    row = a_line("Rút ngắn 30% thời gian giải quyết hồ sơ", lead="UBND phường", deadline="Quý IV")
    assert difference(PLAN, amend(row).plan).withdrawn == ()


def test_what_is_withdrawn_but_never_was_in_the_plan_is_told():
    found = amend(
        a_line("Bãi bỏ nội dung: Xây cầu vượt sông Cái"), a_line("Việc mới", number="2", lead="UBND phường")
    )
    assert "Xây cầu vượt" in found.unmatched[0]


def test_a_replacing_document_withdraws_what_it_leaves_out_and_keeps_what_it_renumbers():
    rows = [
        a_line(item.content, number=str(number), lead="UBND phường", deadline="Quý IV/2026")
        for number, item in enumerate(PLAN.items[:3], start=1)
    ]
    found = amend(*rows, kind=AmendmentKind.REPLACING)
    changes = difference(PLAN, found.plan, found.renumbered)
    assert not changes.added
    assert len(changes.changed) == 3
    assert len(changes.withdrawn) == len(PLAN.items) - 3


def test_a_new_row_under_a_heading_of_the_plan_takes_the_next_number_there():
    row = replace(
        FIRST, code="1.1", content="Lập tổ công nghệ số cộng đồng", sections=("1 Quốc phòng - an ninh",)
    )
    row = replace(row, section_codes=("1",))
    found = amended(PLAN, replace(PLAN, title="Bổ sung", items=(row,), sections=()))
    new = next(one.code for one in found.taken)
    home = [item for item in PLAN.items if item.section_codes[-1] == "I.4"]
    assert new == f"I.4.{len(home) + 1}"
    codes = [item.code for item in found.plan.items]
    assert codes[codes.index(new) - 1] == home[-1].code


def test_an_amended_plan_that_cannot_stand_is_refused_with_the_rows_place():
    with pytest.raises(RefusedPlan) as refused:
        amend(a_line("Việc mới của phường", lead="Ban Quản lý dự án tỉnh Xa", deadline="hôm nào đó"))
    where = {problem.where for problem in refused.value.problems}
    assert where == {"bo-sung.txt, dòng 5"}
    assert len(refused.value.problems) == 2


def test_laying_a_document_over_the_plan_twice_changes_nothing_more():
    row = a_line("Tổ chức Ngày hội Chuyển đổi số", lead="UBND phường", deadline="Quý IV/2026")
    content = a_document([row], above=("KẾ HOẠCH", "Bổ sung Kế hoạch năm 2026"))
    once, accepted = amend_offer(content, "a.txt", RUNNING)
    again, _ = amend_offer(content, "a.txt", accepted)
    assert difference(once.plan, again.plan).is_empty


def test_an_item_whose_number_shifted_is_found_by_its_words():
    after = tuple(
        replace(item, code=f"I.1.{number}")
        for number, item in enumerate((PLAN.items[5], *PLAN.items[:3]), start=1)
    )
    assert renumbered(PLAN.items[:6], after) == {
        "I.1.1": PLAN.items[5].code,
        "I.1.2": "I.1.1",
        "I.1.3": "I.1.2",
        "I.1.4": "I.1.3",
    }


def test_a_rewritten_item_keeps_its_code_where_nothing_else_is_like_it():
    after = (replace(FIRST, content="Một việc hoàn toàn khác"), *PLAN.items[1:])
    assert not renumbered(PLAN.items, after)
    assert len(pairs(PLAN.items, after)) == len(PLAN.items)
