from collections import Counter
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.importing.cells.kinds_by_hand import BY_HAND
from workflow.domain.plans.target_kinds import TargetKind
from workflow.importing.cells.target_kinds import DONE, KEPT, KindRead, keeping_kinds, read_kinds, targets_of
from workflow.importing.reading import read_plan

ROOT = Path(__file__).parents[3]
THE_REAL_PLAN = ROOT.parent / "shared" / "plan"
PAGE = ROOT / "docs" / "targets-of-a-year.md"
FLOW, LEVEL, RATE, RANK = TargetKind.FLOW, TargetKind.LEVEL, TargetKind.RATE, TargetKind.RANK


def kinds(content: str) -> list[TargetKind]:
    return [one.kind for one in targets_of(content)]


def read_one(content: str) -> KindRead:
    (found,) = read_kinds(content, targets_of(content))
    return found


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("Duy trì 12 tuyến phố văn minh", LEVEL),
        ("Giữ vững 03 trường học đạt chuẩn", LEVEL),
        ("Xây mới 2 nhà văn hóa", FLOW),
        ("Vận động quỹ đạt 90.000.000 đồng", FLOW),
        ("Tập huấn 4 lớp cho cán bộ", FLOW),
        ("Đặt thùng rác tại 02 điểm công cộng; lắp đặt 02 điểm tập kết", FLOW),
        ("Chỉ số cải cách hành chính đạt 92 điểm", RATE),
        ("Ra quân dọn vệ sinh 2 lần/năm", FLOW),
        ("Kiểm tra 2 lần/tháng", RATE),
        ("Tặng quà trị giá 500.000 đồng/suất", RATE),
        ("Kết nạp ít nhất 1 đảng viên/thôn", RATE),
        ("Thu nhập bình quân 70 triệu đồng/người/năm", RATE),
        ("80 % hộ phân loại rác tại nguồn", RATE),
        ("Xếp hạng thứ 3 toàn quận", RANK),
        ("Trợ cấp hằng tháng cho 9 hộ gia đình", LEVEL),
        ("Thực hiện 10 tiêu chí văn minh", LEVEL),
        ("Hoàn thành 2 tiêu chí nông thôn mới", FLOW),
        ("Giảm số hộ nghèo xuống còn 7 hộ", LEVEL),
        ("Công nhận 5 tổ dân phố mới đạt chuẩn", FLOW),
    ],
)
def test_the_words_of_an_item_say_the_kind_of_its_target(content, kind):
    assert set(kinds(content)) == {kind}


def test_each_target_of_one_item_has_the_kind_that_its_own_clause_says():
    content = "Duy trì 9 mô hình cũ; xây dựng 2 mô hình và 80% hộ tham gia, trong đó duy trì 03 câu lạc bộ"
    assert kinds(content) == [LEVEL, FLOW, RATE, LEVEL]


def test_a_plural_verb_of_an_earlier_clause_does_not_reach_into_the_next():
    assert kinds("Duy trì các mô hình đã có; xây dựng điểm từ 1 đến 3 mô hình mẫu") == [FLOW]


@pytest.mark.parametrize(
    "content",
    [
        "Duy trì và phát triển 5 câu lạc bộ",
        "Hỗ trợ 02 hộ khó khăn",
        "Kiểm tra 2 lần/tháng",
        "Giám sát tối thiểu 1 lần/năm/cơ sở",
        "Duy trì 6 buổi tuyên truyền",
        "Bản tin 12 hộ tiêu biểu",
        "Mỗi chi bộ có 1 mô hình",
    ],
)
def test_where_the_words_allow_two_kinds_somebody_is_asked(content):
    assert read_one(content).is_doubtful


@pytest.mark.parametrize(
    "content", ["Duy trì 12 tuyến phố", "Trồng 300 cây xanh", "Đạt 95% hồ sơ đúng hạn", "Xây mới 1 nhà"]
)
def test_where_the_words_are_plain_nobody_is_asked(content):
    found = read_one(content)
    assert not found.is_doubtful
    assert found.reason


@given(st.sampled_from(KEPT), st.integers(2, 99), st.sampled_from(["tuyến phố", "mô hình", "câu lạc bộ"]))
def test_whatever_is_kept_is_a_level(verb, count, measure):
    found = kinds(f"{verb.capitalize()} {count} {measure}")
    assume(found)  # `cấp 2` counts nothing
    assert found == [LEVEL]


@given(st.sampled_from(DONE), st.integers(2, 99), st.sampled_from(["tuyến phố", "mô hình", "câu lạc bộ"]))
def test_whatever_is_done_is_a_flow(verb, count, measure):
    found = kinds(f"{verb.capitalize()} {count} {measure}")
    assume(found)
    assert found == [FLOW]


def test_a_kind_that_was_chosen_stays_with_the_target_that_says_the_same():
    running = targets_of("Hỗ trợ 02 hộ khó khăn; tặng 5 sổ")
    chosen = keeping_kinds(running, [running[0]])
    (first, second) = keeping_kinds(
        running, [type(running[0])(**{**_fields(running[0]), "kind": LEVEL}), *running[1:]]
    )
    assert chosen == running
    assert (first.kind, second.kind) == (LEVEL, FLOW)


def _fields(target):
    return {name: getattr(target, name) for name in type(target).__slots__}


# --- the real plan ------------------------------------------------------------------------------------------


def rows_read():
    plan = read_plan(THE_REAL_PLAN / "ke-hoach-145.txt").plan
    return [
        (row.code, target, read)
        for item in plan.items
        for row in (item, *item.parts)
        for target, read in zip(row.targets, read_kinds(row.content, row.targets), strict=True)
    ]


def table():
    lines = ["| item | number | measure | kind | asked | why |", "|---|---|---|---|---|---|"]
    for code, target, read in rows_read():
        asked = "asked" if read.is_doubtful else ""
        number = f"{target.value.normalize():f}"
        lines.append(f"| {code} | {number} | {target.measure} | {read.kind} | {asked} | {read.reason} |")
    return "\n".join(lines)


@pytest.mark.skipif(not THE_REAL_PLAN.exists(), reason="the plan lies beside the repository")
def test_the_page_of_the_real_plans_targets_says_what_the_reader_says_now():
    assert table() in PAGE.read_text(encoding="utf-8")


@pytest.mark.skipif(not THE_REAL_PLAN.exists(), reason="the plan lies beside the repository")
def test_no_target_of_the_real_plan_is_of_another_kind_than_by_hand_without_being_asked_about():
    by_hand = Counter(BY_HAND)
    certain = Counter(
        (code, f"{target.value.normalize():f}", target.measure, read.kind.value)
        for code, target, read in rows_read()
        if not read.is_doubtful
    )
    assert not certain - by_hand


@pytest.mark.skipif(not THE_REAL_PLAN.exists(), reason="the plan lies beside the repository")
def test_few_targets_of_the_real_plan_are_asked_about():
    assert sum(read.is_doubtful for _, _, read in rows_read()) <= 6
