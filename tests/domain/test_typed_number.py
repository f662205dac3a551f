"""Numbers as people type them beside a target."""

from __future__ import annotations

from decimal import Decimal

import pytest

from workflow.domain.errors import NotAllowed
from workflow.domain.typed_number import typed_number


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("98,5", "98.5"),
        ("98.5", "98.5"),
        ("1.250", "1250"),
        ("1.234.567,8", "1234567.8"),
        ("0.125", "0.125"),
        ("0,125", "0.125"),
        ("12 000", "12000"),
        ("12\u202f500", "12500"),
        ("1,234.5", "1234.5"),
        ("1,234,567", "1234567"),
        ("１２", "12"),
        ("75%", "75"),
        ("-3", "-3"),
    ],
)
def test_a_number_is_read_as_vietnamese_write_it(typed: str, meant: str) -> None:
    assert typed_number(typed) == Decimal(meant)


@pytest.mark.parametrize(
    ("typed", "measure", "meant"),
    [
        ("120 triệu", "triệu đồng", "120"),
        ("120 triệu đồng", "đồng", "120000000"),
        ("1,2 tỷ", "triệu đồng", "1200"),
        ("1,2 triệu", "lượt", "1200000"),
        ("12 hộ", "hộ", "12"),
        ("15 tỷ 500 triệu", "đồng", "15500000000"),
        ("15 tỷ 500 triệu đồng", "tỷ đồng", "15.5"),
        ("2 tỷ rưỡi", "triệu đồng", "2500"),
        ("98,5 %", "%", "98.5"),
    ],
)
def test_words_after_a_number_are_held_against_the_measure(typed: str, measure: str, meant: str) -> None:
    assert typed_number(typed, measure) == Decimal(meant)


@pytest.mark.parametrize(
    "typed", ["", "nhiều", "1,2,3", "1.2.3,4", "1.23.456", "12 50", "1e5", "NaN", "12 người"]
)
def test_what_is_no_number_is_told(typed: str) -> None:
    with pytest.raises(NotAllowed, match="không phải là một số"):
        typed_number(typed)


@pytest.mark.parametrize(
    ("typed", "measure", "told"),
    [
        ("1,234", "hộ", "Viết 1.234 nếu là hàng nghìn, 1,2340 nếu 234 là phần lẻ"),
        ("1,200 tỷ", "đồng", "Viết 1.200 nếu là hàng nghìn, 1,2 nếu 200 là phần lẻ"),
        ("98.125", "%", "Viết 98.125 nếu là hàng nghìn, 98,1250 nếu 125 là phần lẻ"),
        ("12 500.000", "đồng", "Viết 12.500.000 nếu là hàng nghìn"),
        ("5 người", "hộ", "tính bằng hộ"),
        ("75%", "hộ", "tính bằng hộ"),
        ("2 triệu", "%", "tính bằng %"),
    ],
)
def test_what_can_be_read_two_ways_is_told_with_how_to_write_it(typed: str, measure: str, told: str) -> None:
    with pytest.raises(NotAllowed, match=told):
        typed_number(typed, measure)
