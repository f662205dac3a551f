"""The figures a content promises."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.domain.numbers import folded_digits, read_number
from workflow.domain.plans.plan import Comparison, PlanPart
from workflow.importing.cells.targets import read_targets
from workflow.importing.findings.item_findings import ReadRow, numbers_in_doubt
from workflow.importing.tables.numbering import NO_LABEL
from workflow.importing.tables.rows import a_heading
from workflow.importing.tables.table import Place


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
        ("tuyên truyền 12 500 lượt người", "12500", Comparison.AT_LEAST, "lượt người"),
        ("tặng 1,234 thẻ", "1234", Comparison.AT_LEAST, "thẻ"),
        ("tại tổ 12 500 hộ", "500", Comparison.AT_LEAST, "hộ"),
        ("trồng 2,000 m2 hoa", "2000", Comparison.AT_LEAST, "m2"),
        ("thu 1,234.5 triệu đồng", "1234.5", Comparison.AT_LEAST, "triệu đồng"),
        ("hỗ trợ hàng tháng 13 hộ", "13", Comparison.AT_LEAST, "hộ"),
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


@given(
    st.integers(0, 10**12),
    st.integers(0, 9_999),
    st.sampled_from([(".", ","), (",", "."), (" ", ","), (" ", "."), ("\u202f", ",")]),
)
def test_a_number_of_any_convention_is_among_its_readings(
    whole: int, rest: int, marks: tuple[str, str]
) -> None:
    groups, mark = marks
    decimals = f"{rest:04}".rstrip("0")
    printed = f"{whole:,}".replace(",", groups) + (mark + decimals if decimals else "")
    meant = Decimal(whole) + Decimal(rest) / 10_000
    is_lawful_thousand = mark == "." and len(decimals) == 3 and 0 < whole < 1000
    if not is_lawful_thousand:  # `1.250` is 1250 by the Law on Accounting
        assert meant in read_number(folded_digits(printed)).readings


@given(st.integers(0, 10**12), st.integers(0, 99))
def test_numbers_in_the_vietnamese_form_are_read_back(whole: int, hundredths: int) -> None:
    printed = f"{whole:,}".replace(",", ".") + (f",{hundredths:02}" if hundredths else "")
    assert read_number(printed).value == Decimal(whole) + Decimal(hundredths) / 100


def test_a_number_of_two_readings_is_doubted_with_both() -> None:
    read = PlanPart("I.1", "", targets=read_targets("trồng 2,000 m2 hoa và 12 cây"))
    (finding,) = numbers_in_doubt(ReadRow(a_heading(NO_LABEL, "", Place()), read))
    assert "có thể là 2.000 hoặc 2; đọc là 2.000" in finding.message


@given(st.text(max_size=120))
def test_no_content_breaks_the_reader(text: str) -> None:
    read_targets(text)
