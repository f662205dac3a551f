from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from workflow.domain.vietnamese import Number, alphabetical, day_in_words, joined, number, percent, quantity


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234567, "1.234.567"),
        (Decimal("99.50"), "99,5"),
        (Fraction(2, 3), "0,67"),
        (Decimal("0.005"), "0,01"),
        (Decimal("-1.5"), "-1,5"),
        (Decimal("-0.001"), "0"),
    ],
)
def test_numbers_have_a_decimal_comma(value: Number, text: str) -> None:
    assert number(value) == text


def test_percents_and_quantities_of_percent_stand_without_a_space() -> None:
    assert percent(Fraction(17, 18)) == "94,4%"
    assert quantity(Decimal("99.5"), "%") == "99,5%"
    assert quantity(120, "bóng") == "120 bóng"


def test_a_zero_stands_before_small_days_and_the_first_two_months() -> None:
    assert day_in_words(date(2026, 2, 5)) == "ngày 05 tháng 02 năm 2026"
    assert day_in_words(date(2026, 3, 27)) == "ngày 27 tháng 3 năm 2026"


def test_a_long_row_tells_how_many_are_left_out() -> None:
    assert joined(["a", "b", "c"]) == "a, b và c"
    assert joined(["a", "b", "c"], 2, "đơn vị") == "a, b và 01 đơn vị khác"


def test_names_sort_as_in_a_vietnamese_dictionary() -> None:
    names = ["Công an", "Dân vận", "Đoàn thanh niên", "Hội Phụ nữ", "Tổ 2", "Tô 3", "Trạm", "UBND", "Ủy ban"]
    assert sorted(sorted(names, key=len), key=alphabetical) == names
