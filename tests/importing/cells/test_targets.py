"""The figures a content promises."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.domain.numbers import read_number
from workflow.domain.plans.plan import Comparison
from workflow.importing.cells.targets import doubtful_figures, read_targets


@pytest.mark.parametrize(
    ("text", "value", "comparison", "measure"),
    [
        ("100% hộ kinh doanh", "100", Comparison.AT_LEAST, "%"),
        ("đạt trên 95% người dân", "95", Comparison.MORE_THAN, "%"),
        ("bao phủ bảo hiểm y tế đạt 93,5%.", "93.5", Comparison.AT_LEAST, "%"),
        ("tư vấn cho 450 lượt người", "450", Comparison.AT_LEAST, "lượt người"),
        ("thẻ bảo hiểm (74 thẻ)", "74", Comparison.AT_LEAST, "thẻ"),
        ("(02 sổ)", "2", Comparison.AT_LEAST, "sổ"),
        ("đứng thứ 3 toàn quận", "3", Comparison.RANK, "thứ hạng"),
        ("trong tốp 5 của tỉnh", "5", Comparison.RANK, "thứ hạng"),
        ("ủng hộ trên 120.000.000 đồng", "120000000", Comparison.MORE_THAN, "đồng"),
        ("dự kiến 17 triệu đồng", "17", Comparison.AT_LEAST, "triệu đồng"),
        ("thu ngân sách 12,5 tỷ đồng", "12.5", Comparison.AT_LEAST, "tỷ đồng"),
        ("khám chữa bệnh 02 lần/năm", "2", Comparison.AT_LEAST, "lần/năm"),
        ("kiểm tra tối thiểu 1 lần/năm/cơ sở", "1", Comparison.AT_LEAST, "lần/năm/cơ sở"),
        ("đạt từ 100 lượt người trở lên", "100", Comparison.AT_LEAST, "lượt người"),
        ("hộ nghèo không quá 0,8%", "0.8", Comparison.AT_MOST, "%"),
        ("hộ nghèo còn dưới 0,5%", "0.5", Comparison.LESS_THAN, "%"),
        ("hộ nghèo xuống còn 1.2%", "1.2", Comparison.AT_MOST, "%"),
        ("hỗ trợ hàng tháng 13 hộ", "13", Comparison.AT_LEAST, "hộ"),
        ("khám cho 12 500 lượt người", "12500", Comparison.AT_LEAST, "lượt người"),
        ("khám cho 12\u00a0500 lượt người", "12500", Comparison.AT_LEAST, "lượt người"),
        ("thu ngân sách 15 tỷ 500 triệu đồng", "15500", Comparison.AT_LEAST, "triệu đồng"),
        ("ủng hộ 2 triệu 500.000 đồng", "2500000", Comparison.AT_LEAST, "đồng"),
        ("đầu tư 2 tỷ rưỡi", "2.5", Comparison.AT_LEAST, "tỷ"),
        ("trồng mới 1,234.5 ha", "1234.5", Comparison.AT_LEAST, "ha"),
        ("hộ nghèo còn 0.125%", "0.125", Comparison.AT_MOST, "%"),
        ("năm 2025 500 hộ", "500", Comparison.AT_LEAST, "hộ"),
    ],
)
def test_a_figure_is_read(text: str, value: str, comparison: Comparison, measure: str) -> None:
    (target,) = read_targets(text)
    assert (target.value, target.comparison, target.measure) == (Decimal(value), comparison, measure)


def test_a_range_has_both_ends() -> None:
    (target,) = read_targets("giúp đỡ từ 10 đến 14 hộ cận nghèo")
    assert (target.value, target.upper, target.measure) == (Decimal(10), Decimal(14), "hộ")


@pytest.mark.parametrize(
    "text",
    [
        "theo Quyết định 04/2022/QĐ-TTg",
        "kỷ niệm 20 năm thành lập quận (06/11/2003)",
        "ngày hội đại đoàn kết (18/11)",
        "tại TDP số 7 và tổ 16",
        "chủ đề công tác năm 2023",
        "theo đề án 06 của Chính phủ",
        "kế hoạch 211-KH/QU",
        "các ô quy hoạch N0 - 01; N0 - 02",
    ],
)
def test_what_only_names_or_dates_is_no_figure(text: str) -> None:
    assert read_targets(text) == ()


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("Tỷ lệ gia đình văn hóa đạt 94%; khác", "Tỷ lệ gia đình văn hóa"),
        ("Phấn đấu đạt trên 95% người dân được quản lý sức khỏe", "người dân được quản lý sức khỏe"),
        ("Hỗ trợ thẻ BHYT (74 thẻ)", "thẻ BHYT"),
    ],
)
def test_a_figure_says_what_it_is_of(text: str, scope: str) -> None:
    assert read_targets(text)[0].scope == scope


@given(st.integers(0, 10**12), st.integers(0, 99))
def test_numbers_in_the_vietnamese_form_are_read_back(whole: int, hundredths: int) -> None:
    printed = f"{whole:,}".replace(",", ".") + (f",{hundredths:02}" if hundredths else "")
    assert read_number(printed).value == Decimal(whole) + Decimal(hundredths) / 100


@pytest.mark.parametrize("between", ["; ", "\n", " + ", " và ", "\n- ", ", "])
def test_several_figures_in_one_cell_are_each_a_target_of_their_own(between: str) -> None:
    targets = read_targets(f"200 hộ{between}12 500 cây xanh{between}1,5 tỷ đồng")
    read = [(str(one.value), one.measure, one.scope) for one in targets]
    assert read == [("200", "hộ", ""), ("12500", "cây xanh", ""), ("1.5", "tỷ đồng", "")]


@pytest.mark.parametrize(
    ("text", "taken", "other"),
    [
        ("trồng 2,000 m2 hoa", "2000", "2"),
        ("trồng 1,234 km đường", "1.234", "1234"),
        ("mời 1,234 hộ", "1234", "1.234"),
        ("đạt 98.125%", "98.125", "98125"),
        ("tổ 12 500 hộ", "500", "12500"),
        ("tổ 3, 4 120 hộ", "120", "4120"),
        ("trồng ở ngõ 12\n500 cây", "500", "12500"),
        ("từ 1.200 đến 1,500 hộ", "1500", "1.5"),
    ],
)
def test_a_figure_with_two_readings_is_taken_in_doubt_with_both(text: str, taken: str, other: str) -> None:
    (doubt,) = doubtful_figures(text)
    assert (doubt.taken, doubt.other) == (Decimal(taken), Decimal(other))
    (target,) = read_targets(text)
    assert doubt.taken in (target.value, target.upper)


@pytest.mark.parametrize("text", ["mời 1.2.3,4 hộ", "mời 12 50 hộ", "mời 1.23.456 hộ", "chi 12 500.000 đồng"])
def test_a_figure_that_no_convention_reads_is_no_target_but_told(text: str) -> None:
    assert read_targets(text) == ()
    assert [doubt.taken for doubt in doubtful_figures(text)] == [None]


@pytest.mark.parametrize(
    "text", ["mời 1.250 hộ", "ngày 06.11.2003, 20 hộ", "tổ 12 50 hộ", "thu 1.250.000 đồng"]
)
def test_an_ordinary_figure_is_not_doubted(text: str) -> None:
    assert doubtful_figures(text) == ()


@given(st.text(max_size=120))
def test_no_content_breaks_the_reader(text: str) -> None:
    read_targets(text)
