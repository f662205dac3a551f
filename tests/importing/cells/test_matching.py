"""Which unit a printed name means."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workflow.domain.people.directory import Directory, Unit
from workflow.importing.cells.matching import Matcher, MatchKind
from workflow.importing.cells.names import split_units
from workflow.importing.files.directory_file import read_directory

GOLD = Path(__file__).parents[4] / "shared" / "plan" / "gold.json"
DIRECTORY_145 = Path(__file__).parents[2] / "data" / "directory-145.yaml"


def a_matcher(*units: Unit, organisation: str = "Đảng ủy phường Hòa Xuân Đông") -> Matcher:
    return Matcher(Directory(organisation, units))


WARD = a_matcher(
    Unit("ubnd", "UBND phường"),
    Unit("mttq", "Ủy ban MTTQ Việt Nam phường"),
    Unit("hoi-lhpn", "Hội LHPN phường"),
    Unit("cong-an", "Công an phường"),
    Unit("khoi-dan-van", "Khối Dân vận"),
    Unit("phong-kinh-te", "Phòng Kinh tế, Hạ tầng và Đô thị", aliases=("Phòng KTHTĐT",)),
    Unit("tieu-hoc-le-loi", "Trường Tiểu học Lê Lợi"),
    Unit("cac-doan-the", "Các đoàn thể chính trị - xã hội"),
    Unit("cac-tdp", "Các tổ dân phố", members=("tdp-1", "tdp-2")),
    Unit("tdp-1", "TDP số 1"),
    Unit("tdp-2", "TDP số 2"),
    Unit("cac-ban-ctmt", "Tất cả Mặt trận cơ sở", members=("ban-ctmt-1",)),
    Unit("ban-ctmt-1", "Ban CTMT TDP số 1"),
)


@pytest.mark.parametrize(
    ("name", "unit_id"),
    [
        ("UBND", "ubnd"),
        ("Ủy ban nhân dân phường Hòa Xuân Đông", "ubnd"),
        ("UBMTTQ", "mttq"),
        ("Mặt trận Tổ quốc", "mttq"),
        ("Hội Liên hiệp Phụ nữ", "hoi-lhpn"),
        ("HLHPN phường", "hoi-lhpn"),
        ("CA phường", "cong-an"),
        ("Phòng KTHTĐT", "phong-kinh-te"),
        ("các đoàn thể CT-XH phường", "cac-doan-the"),
        ("Các tổ chức chính trị xã hội", "cac-doan-the"),
        ("20 tổ dân phố thuộc phường", "cac-tdp"),
        ("tổ dân phố liên quan", "cac-tdp"),
        ("Khu phố 2", "tdp-2"),
        ("tổ dân phố số 01", "tdp-1"),
        ("các Ban công tác mặt trận TDP", "cac-ban-ctmt"),
        ("Ban công tác mặt trận khu phố 1", "ban-ctmt-1"),
    ],
)
def test_a_name_is_known_by_rule(name: str, unit_id: str) -> None:
    found = WARD.match(name)
    assert found.unit_id == unit_id
    assert found.how in {MatchKind.NAME, MatchKind.RULE}
    assert found.confidence >= 0.9


@pytest.mark.parametrize(
    "name",
    [
        "UBND quận",
        "UBND phường Đông Ngạc và",
        "Công an thành phố",
        "Tổ dân vận",
        "Chi hội phụ nữ",
        "TDP số 3",
        "Trường Tiểu học Lê Lai",
        "các đơn vị liên quan",
        "doanh nghiệp",
    ],
)
def test_a_body_of_another_kind_or_level_is_not_taken_for_ours(name: str) -> None:
    assert WARD.match(name).unit_id is None


def test_a_slip_of_the_scan_is_known_by_likeness_and_is_less_sure() -> None:
    found = WARD.match("Trường Tiếu hoc Lê Lơi")
    assert found.unit_id == "tieu-hoc-le-loi"
    slip = WARD.match("Trưởmg Tiểu học Lê Lợi")
    assert (slip.unit_id, slip.how) == ("tieu-hoc-le-loi", MatchKind.LIKENESS)
    assert slip.confidence < 0.9


def test_ids_keep_the_order_and_the_gaps() -> None:
    assert WARD.ids(["Công an", "công dân", "UBND"]) == ("cong-an", None, "ubnd")


@pytest.mark.skipif(not GOLD.exists(), reason="the gold reading lies beside the repository")
def test_the_real_plan_matches_its_directory() -> None:
    matcher = Matcher(read_directory(DIRECTORY_145))
    gold = json.loads(GOLD.read_text(encoding="utf-8"))
    rows = [row for item in gold["items"] for row in (item, *item["parts"])]
    right = expected = 0
    for row in rows:
        assert list(matcher.ids(row["lead_units"])) == row["lead_ids"], row["code"]
        if row["coordinating_ids"] is not None:
            found = set(matcher.known(split_units(row["coordinating_text"]) or ()))
            right += len(found & set(row["coordinating_ids"]))
            expected += len(found | set(row["coordinating_ids"]))
    assert right / expected >= 0.99
