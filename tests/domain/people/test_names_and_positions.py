"""One name is one name however it is written; rows of a plan keep their place when others come."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.domain.people.person_names import name_key, same_name, untitled
from workflow.domain.plans.positions import first_positions, positions


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nguyễn Thị Hoà", "Nguyễn Thị Hòa"),
        ("Trần Thuý Vy", "TRẦN THÚY VY"),
        ("Lê  Quý", " lê quý"),
        ("Đỗ Khoẻ", "Ðỗ Khỏe"),
        ("H’Hen Niê", "H'Hen Niê"),
    ],
)
def test_one_name_written_two_ways_is_one_name(one: str, other: str) -> None:
    assert same_name(one, other)
    assert same_name(unicodedata.normalize("NFD", one), other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nguyễn Văn An", "Nguyễn Văn An Bình"),
        ("Nguyễn Thị Hoà", "Nguyễn Thị Hoa"),
        ("Nguyễn Thị Hòa", "Nguyễn Thị Hóa"),
        ("Trần Lý", "Trần Lí"),
        ("Nguyễn V. An", "Nguyễn Văn An"),
        ("Nguyen Van An", "Nguyễn Văn An"),
    ],
)
def test_names_that_only_look_alike_are_two_names(one: str, other: str) -> None:
    assert not same_name(one, other)


def test_an_honorific_is_no_part_of_the_name() -> None:
    told = ["Đ/c Lê Thị Mai", "đồng chí Lê Thị Mai", "Bà Lê Thị Mai", "Lê Thị Mai"]
    assert {untitled(one) for one in told} == {"Lê Thị Mai"}
    assert untitled("Bàn Văn Tài") == "Bàn Văn Tài"


@given(st.text(max_size=30))
def test_the_key_of_a_name_does_not_depend_on_the_unicode_form(name: str) -> None:
    assert name_key(unicodedata.normalize("NFD", name)) == name_key(unicodedata.normalize("NFC", name))


codes = st.lists(st.text("abcdefgh", min_size=1, max_size=2), unique=True, max_size=12)


@given(codes, codes, st.data())
def test_rows_that_stay_keep_their_positions_and_all_rise_in_the_plans_order(
    before: list[str], fresh: list[str], data: st.DataObject
) -> None:
    was = dict(zip(before, first_positions(len(before)), strict=True))
    kept = [code for code in before if data.draw(st.booleans())]
    order = list(kept)
    for code in fresh:
        if code not in was:
            order.insert(data.draw(st.integers(0, len(order))), code)
    found = positions(order, was)
    assert found is not None
    assert list(found) == order
    assert sorted(found.values()) == list(found.values())
    assert len(set(found.values())) == len(found)
    assert all(found[code] == was[code] for code in kept)


def test_without_room_between_two_rows_nothing_is_placed() -> None:
    assert positions(["a", "x", "b"], {"a": 5, "b": 6}) is None
