"""Who and what a cell names."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.importing.cells.names import is_person, read_leaders, split_units
from workflow.importing.cells.spellings import propose_spellings, settle_spellings
from workflow.importing.cells.vocabulary import unit_key
from workflow.importing.folding import fold

GOLD = Path(__file__).parents[4] / "shared" / "plan" / "gold.json"


@pytest.mark.parametrize(
    ("cell", "leaders"),
    [
        ("", ()),
        ("Đ/c Trần Quốc Bảo - Bí thư Đảng ủy", ("Trần Quốc Bảo",)),
        ("- Đ/c Đ/c Lê Thị Lan; - Đ/c Hồ Đức Trí - PCT UBND", ("Lê Thị Lan", "Hồ Đức Trí")),
        ("Đ/c Hồ Đức Trí - ĐUV, PCT UBND Đ/c Lê Thị Lan – ĐUV", ("Hồ Đức Trí", "Lê Thị Lan")),
        ("Đ/c Bùi Thị Hạnh Chủ tịch Hội PN", ("Bùi Thị Hạnh",)),
        ("Đ/c Huỳnh Nhật Quang ĐUV, PCT UBND phường", ("Huỳnh Nhật Quang",)),
        ("Đ/c Trương Mỹ Linh Trưởng phòng VHXH", ("Trương Mỹ Linh",)),
        ("Ông Tô Văn Ba, Phó Chủ tịch; Bà Mai Thị Lý", ("Tô Văn Ba", "Mai Thị Lý")),
        ("Phó Chủ tịch UBND xã Nguyễn Văn An", ("Nguyễn Văn An",)),
        ("1. Nguyễn Văn An\n2. Trần Thị Bình", ("Nguyễn Văn An", "Trần Thị Bình")),
        ("Nguyễn Văn An, Trần Thị Bình", ("Nguyễn Văn An", "Trần Thị Bình")),
        ("NGUYỄN VĂN AN - Chủ tịch", ("Nguyễn Văn An",)),
        ("Đ/c Phương", ("Phương",)),
        ("Chủ tịch UBND xã", ("Chủ tịch UBND xã",)),
    ],
)
def test_leaders_are_read_without_titles(cell: str, leaders: tuple[str, ...]) -> None:
    assert read_leaders(cell) == leaders


@pytest.mark.parametrize(
    ("cell", "units"),
    [
        ("", ()),
        ("- ", ()),
        ("Công an phường; Hội LHPN, Đoàn TN", ("Công an phường", "Hội LHPN", "Đoàn TN")),
        ("MTTQ và các đoàn thể", ("MTTQ", "các đoàn thể")),
        ("UBMTTQ các đoàn thể", ("UBMTTQ", "các đoàn thể")),
        ("Các thôn Các câu lạc bộ", ("Các thôn", "Các câu lạc bộ")),
        ("UBND, MTTQ xã", ("UBND xã", "MTTQ xã")),
        ("UBND, MTTQ, các hội", ("UBND", "MTTQ", "các hội")),
        ("UBND các xã, phường, thị trấn", ("UBND các xã, phường, thị trấn",)),
        ("Thôn 1, 2 và 5", ("Thôn 1", "Thôn 2", "Thôn 5")),
        ("Các TDP số 1 đến 3", ("TDP số 1", "TDP số 2", "TDP số 3")),
        ("Khu phố 2-4", ("Khu phố 2", "Khu phố 3", "Khu phố 4")),
        ("TDP số 1, 2 HTX", ("TDP số 1", "2 HTX")),
        ("Ban CTMT các TDP số 3, 4", ("Ban CTMT TDP số 3", "Ban CTMT TDP số 4")),
        ("- Công an xã\n- Trạm Y tế xã", ("Công an xã", "Trạm Y tế xã")),
        ("Công ty cổ phần\nmôi trường đô thị", ("Công ty cổ phần môi trường đô thị",)),
        ("1. Công an xã 2. Trạm Y tế", ("Công an xã", "Trạm Y tế")),
        ("Phòng Kinh tế, Hạ tầng và Đô thị", ("Phòng Kinh tế, Hạ tầng và Đô thị",)),
        ("Phòng Giáo dục và Đào tạo", ("Phòng Giáo dục và Đào tạo",)),
        ("Văn phòng HĐND - UBND", ("Văn phòng HĐND - UBND",)),
        ("Sở GD&ĐT, Ban Quản lý dự án đầu tư xây dựng", ("Sở GD&ĐT", "Ban Quản lý dự án đầu tư xây dựng")),
        ("Công an (tổ trực ban, cảnh sát khu vực)", ("Công an (tổ trực ban, cảnh sát khu vực)",)),
        ("Đ/c Lan, Công an phường", ("Công an phường",)),
        ("Đ/c Lan", None),
        ("Nguyễn Văn Bình", None),
        ("Hội CCB duy trì 3 tuyến đường tự quản tại tổ 6", None),
    ],
)
def test_a_cell_is_split_into_bodies(cell: str, units: tuple[str, ...] | None) -> None:
    assert split_units(cell) == units


@pytest.mark.parametrize("body", ["Đoàn Thanh Niên Phường", "Văn Phòng Đảng Ủy", "Trường Mầm Non Hoa Sen"])
def test_a_body_in_capitals_is_no_person(body: str) -> None:
    assert not is_person(body)


@pytest.mark.skipif(not GOLD.exists(), reason="the gold reading lies beside the repository")
def test_the_coordinating_cells_of_the_real_plan_split_as_in_the_gold_reading() -> None:
    gold = json.loads(GOLD.read_text(encoding="utf-8"))
    rows = [row for item in gold["items"] for row in (item, *item["parts"])]
    for row in rows:
        if row["coordinating_units"] is None and (found := split_units(row["coordinating_text"])):
            # A careful reader names nobody here; what we name must at least ask nobody in particular.
            assert all(unit_key(name).is_vague for name in found), row["code"]
        elif row["coordinating_units"] is not None:
            assert split_units(row["coordinating_text"]) == tuple(row["coordinating_units"]), row["code"]


# --- spellings --------------------------------------------------------------------------------------------


def test_lost_accents_are_given_back_to_the_name() -> None:
    assert settle_spellings(["Hồ Đức Tri", "Hồ Đức Trí", "Hồ Đức Trí"]) == {"Hồ Đức Tri": "Hồ Đức Trí"}


def test_accents_win_even_where_the_scan_lost_most_of_them() -> None:
    assert settle_spellings(["Hồ Đức Tri"] * 5 + ["Hồ Đức Trí"] * 4) == {"Hồ Đức Tri": "Hồ Đức Trí"}


def test_a_rare_spelling_with_more_accents_does_not_win() -> None:
    assert settle_spellings(["Lê Thị Hoa"] * 9 + ["Lê Thị Hoà"]) == {"Lê Thị Hoà": "Lê Thị Hoa"}


def test_two_people_of_one_given_name_stay_two() -> None:
    names = ["Nguyễn Thị Hoài"] * 9 + ["Lương Thị Hoài"]
    assert settle_spellings(names) == {}
    assert propose_spellings(names) == ()


def test_a_name_one_letter_away_is_proposed_and_not_settled() -> None:
    names = ["Phạm Hữu Lộc"] * 3 + ["Phạm Hữu Lộe"]
    (proposal,) = propose_spellings(names)
    assert (proposal.spelling, proposal.instead, proposal.certain) == (
        "Phạm Hữu Lộe",
        "Phạm Hữu Lộc",
        False,
    )
    assert settle_spellings(names) == {}


# --- any text --------------------------------------------------------------------------------------------


@given(st.text(max_size=80))
def test_no_cell_breaks_the_readers(cell: str) -> None:
    read_leaders(cell)
    split_units(cell)


@given(st.sampled_from(["Công an xã; Hội LHPN và các thôn", "Đ/c Lê Thị Lan, Trưởng phòng"]))
def test_decomposed_letters_read_the_same(cell: str) -> None:
    decomposed = unicodedata.normalize("NFD", cell)
    assert split_units(decomposed) == split_units(cell)
    assert read_leaders(decomposed) == read_leaders(cell)


def test_folding_leaves_bare_letters() -> None:
    assert fold("  Đảng   ỦY\tPhường ") == "dang uy phuong"
