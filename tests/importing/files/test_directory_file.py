"""Directories as files: read, written, and proposed from a plan."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from workflow.domain.people.directory import Role
from workflow.domain.plans.plan import PlanItem
from workflow.importing.cells.matching import Matcher
from workflow.importing.files.directory_file import (
    WrongDirectory,
    read_directory,
    read_directory_yaml,
    write_directory,
)
from workflow.importing.files.proposal import propose_directory

GOOD = """
organisation: Đảng ủy xã Tân An
units:
- {id: ubnd, name: UBND xã}
- {id: cac-thon, name: Các thôn, members: [thon-1]}
- {id: thon-1, name: Thôn 1}
persons:
- name: Lê Văn An
  email: an@tanan.example
  roles: {ubnd: [reporter, member]}
"""


def a_file(folder: Path, text: str) -> Path:
    path = folder / "danh-ba.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def an_item(
    code: str, lead: str, *, coordinating: tuple[str, ...] = (), leaders: tuple[str, ...] = ()
) -> PlanItem:
    return PlanItem(code, "Nội dung", leaders=leaders, lead_units=(lead,), coordinating_units=coordinating)


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    directory = read_directory(a_file(tmp_path, GOOD))
    assert directory.persons[0].roles == (("ubnd", Role.REPORTER), ("ubnd", Role.MEMBER))
    write_directory(directory, tmp_path / "again.yaml")
    assert read_directory(tmp_path / "again.yaml") == directory


@pytest.mark.parametrize(
    ("good", "bad", "where", "says"),
    [
        ("id: thon-1,", "id: ubnd,", "units[3].id", "hai lần"),
        ("[thon-1]", "[thon-2]", "units[2].members", "thon-1"),
        ("[thon-1]", "[cac-thon]", "units[2].members", "chính nó"),
        ("reporter, member", "reportr", "persons[1].roles.ubnd", "reporter"),
        ("{ubnd: [", "{ubdn: [", "persons[1].roles", "ubnd"),
        ("an@tanan.example", "an.example", "persons[1].email", "ten@coquan.vn"),
        ("email:", "mail:", "persons[1]", "email"),
        ("id: ubnd", "id: UBND xã", "units[1].id", "chữ thường"),
        ("name: UBND xã", "name: ''", "units[1]", "name"),
        ("persons:", "people:", "danh-ba.yaml", "persons"),
        ("units:", "units: [", "dòng", "thụt lề"),
    ],
)
def test_a_slip_is_named_with_its_place_and_cure(
    tmp_path: Path, good: str, bad: str, where: str, says: str
) -> None:
    with pytest.raises(WrongDirectory) as caught:
        read_directory(a_file(tmp_path, GOOD.replace(good, bad, 1)))
    assert where in caught.value.where
    assert says in f"{caught.value.what} {caught.value.cure}"


def test_a_missing_file_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(WrongDirectory, match="Không mở được"):
        read_directory(tmp_path / "không-có.yaml")


# --- proposals --------------------------------------------------------------------------------------------


def test_every_lead_has_someone_to_write_to() -> None:
    items = [
        an_item("1", "UBND phường", coordinating=("20 tổ dân phố thuộc phường", "các đơn vị liên quan")),
        an_item("2", "Ban CTMT TDP số 3"),
        an_item("3", "Các đơn vị"),
        an_item("4", "Tổ công tác 06"),
    ]
    directory = propose_directory(items, "Đảng ủy phường Hòa Xuân Đông")
    matcher = Matcher(directory)
    answering = {
        unit_id for person in directory.persons for unit_id, role in person.roles if role is Role.REPORTER
    }
    for item in items:
        ids = [unit_id for unit_id in matcher.ids(item.lead_units) if unit_id]
        assert ids, item.code
        assert set(directory.expanded(ids)) <= answering


def test_a_stated_count_makes_a_group_of_numbered_members() -> None:
    directory = propose_directory(
        [an_item("1", "UBND", coordinating=("8 tổ dân phố", "TDP số 2"))], "Xã Tân An"
    )
    group = directory.unit("cac-tdp")
    assert group is not None
    assert group.members == tuple(f"tdp-{number}" for number in range(1, 9))


@pytest.mark.parametrize(
    "vague", ["các đơn vị liên quan", "doanh nghiệp", "công dân", "các cơ quan", "cá nhân"]
)
def test_those_concerned_are_no_unit(vague: str) -> None:
    directory = propose_directory([an_item("1", "UBND xã", coordinating=(vague,))], "Xã Tân An")
    assert {unit.id for unit in directory.units} == {"ubnd", "ban-bieu-quyet", "van-phong"}


def test_another_level_is_not_asked_to_confirm() -> None:
    directory = propose_directory(
        [an_item("1", "UBND xã", coordinating=("Công an tỉnh",))], "Đảng ủy xã Tân An"
    )
    assert directory.unit("cong-an-tinh") is None


def test_leaders_become_the_committee_and_the_senior_title_presides() -> None:
    items = [
        an_item("1", "UBND xã", leaders=("Phó Chủ tịch UBND xã",)),
        an_item("2", "UBND xã", leaders=("Bí thư Đảng ủy",)),
    ]
    directory = propose_directory(items, "Đảng ủy xã Tân An")
    roles = {person.name: {role: unit_id for unit_id, role in person.roles} for person in directory.persons}
    assert roles["Bí thư Đảng ủy"][Role.CHAIR] == "ban-bieu-quyet"
    assert roles["Phó Chủ tịch UBND xã"] == {Role.MEMBER: "ban-bieu-quyet"}
    assert all(person.email.endswith(".example") for person in directory.persons)


def test_a_plan_without_leaders_still_gets_a_chair_and_an_office() -> None:
    directory = propose_directory([an_item("1", "UBND xã")], "Đảng ủy xã Tân An")
    said = {role for person in directory.persons for _, role in person.roles}
    assert said >= {Role.CHAIR, Role.OFFICE, Role.RECIPIENT, Role.REPORTER}


@pytest.mark.parametrize(
    "text",
    [
        # Builders of YAML go down as deep as the text does; the fast one ends the process there.
        "[" * 200_000,
        "a: &a [*a]",
        "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"{y}: &{y} [{', '.join([f'*{x}'] * 10)}]\n" for x, y in pairwise("abcdefghi")),
        "a: " + "9" * 5_000,
        "a: 2026-13-45",
    ],
    ids=["deep", "in itself", "of many references", "a number of thousands of digits", "no day"],
)
def test_yaml_made_to_harm_is_told_as_a_file_that_cannot_be_read(text: str) -> None:
    with pytest.raises(WrongDirectory, match="YAML"):
        read_directory_yaml(text, "danh-ba.yaml")
