"""Reads the form's sheets of units and persons: a row a unit, a row a person in one role."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from workflow.domain.people.directory import UNIT_ID, BodyKind, Directory, Person, Role, Unit
from workflow.domain.people.organisations import OrganisationKind, kind_said
from workflow.domain.words import Words
from workflow.importing.folding import fold
from workflow.importing.form.checking import nearest
from workflow.importing.form.form import COUNCIL, ROLES, YES, FormSheet, PlanForm, names_in

Complain = Callable[[FormSheet, int, str, str, str], None]
"""Called with each problem: sheet, row, column, what, cure."""
Named = Mapping[str, str]
"""The id of each unit by its folded name, alias or id."""


@dataclass(frozen=True, slots=True)
class DirectoryCells:
    """The directory read from the two sheets, and the row of each unit and person."""

    directory: Directory
    named: Named
    places: Mapping[FormSheet, list[int]]


@dataclass(slots=True)
class _Draft:
    """A person, collected while the rows are read."""

    at: int
    name: str
    email: str
    title: str
    roles: list[tuple[str, Role]] = field(default_factory=list)


def read_directory_cells(form: PlanForm, organisation: str, complain: Complain) -> DirectoryCells:
    """Returns the directory of a form; rows that can't be read are reported to `complain` and left out."""
    if not organisation:
        complain(
            FormSheet.ABOUT,
            -1,
            "organisation",
            Words("Chưa ghi đơn vị sử dụng."),
            Words("Ghi tên cơ quan, như trong kế hoạch."),
        )
    drafts = list(_units(form, complain))
    named: dict[str, str] = {}
    for _, unit in drafts:
        for name in (unit.id, unit.name, *unit.aliases):
            named.setdefault(fold(name), unit.id)
    units = tuple(
        Unit(
            unit.id,
            unit.name,
            unit.aliases,
            tuple(_members(at, unit, named, complain)),
            unit.is_committee,
            unit.cluster,
            unit.body,
        )
        for at, unit in drafts
    )
    people = list(_persons(form, named, complain))
    return DirectoryCells(
        Directory(
            organisation,
            units,
            tuple(Person(one.name, one.email, one.title, tuple(one.roles)) for one in people),
        ),
        named,
        {FormSheet.UNITS: [at for at, _ in drafts], FormSheet.PERSONS: [one.at for one in people]},
    )


def read_kind(said: str, complain: Complain) -> OrganisationKind | None:
    """What the organisation is, as the sheet about the plan says; None where the cell is empty, or cannot be
    read, which is reported to `complain`."""
    kind = kind_said(said) if said else None
    if said and kind is None:
        cure = Words("Ghi một trong: %(names)s.", names="; ".join(one.label for one in OrganisationKind))
        what = Words("Không hiểu loại đơn vị “%(said)s”.", said=said)
        complain(FormSheet.ABOUT, -1, "kind", what, cure)
    return kind


def slug(name: str) -> str:
    """A unit's id made from its name: `Hội LHPN phường` becomes `hoi-lhpn-phuong`."""
    return re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-") or "don-vi"


def _units(form: PlanForm, complain: Complain) -> Iterator[tuple[int, Unit]]:
    """Each row's unit, its members still as written."""
    rows = form.rows(FormSheet.UNITS)
    given = {row["id"] for row in rows}
    for at, row in enumerate(rows):
        if not row["name"]:
            complain(
                FormSheet.UNITS, at, "name", Words("Đơn vị chưa có tên."), Words("Ghi tên, hoặc xóa cả dòng.")
            )
            continue
        unit_id = row["id"]
        if not unit_id:
            base = unit_id = slug(row["name"])
            count = 1
            while unit_id in given:
                count += 1
                unit_id = f"{base}-{count}"
            given.add(unit_id)
        if not UNIT_ID.fullmatch(unit_id):
            cure = Words(
                "Chỉ dùng chữ thường không dấu, chữ số, gạch nối, ví dụ: %(unit_id)s.", unit_id=slug(unit_id)
            )
            complain(
                FormSheet.UNITS,
                at,
                "id",
                Words("Mã đơn vị “%(unit_id)s” không hợp lệ.", unit_id=unit_id),
                cure,
            )
        said = fold(row["committee"])
        is_council = said == fold(COUNCIL)
        if not is_council and said not in ("", "khong", fold(YES), "x"):
            what = Words("Không hiểu “%(committee)s”.", committee=row["committee"])
            complain(
                FormSheet.UNITS,
                at,
                "committee",
                what,
                Words("Ghi “Có”, “%(council)s”, hoặc để trống.", council=COUNCIL),
            )
        yield (
            at,
            Unit(
                unit_id,
                row["name"],
                names_in(row["aliases"]),
                names_in(row["members"]),
                is_council or said in (fold(YES), "x"),
                row["cluster"],
                BodyKind.COUNCIL if is_council else BodyKind.COMMITTEE,
            ),
        )


def _members(at: int, unit: Unit, named: Named, complain: Complain) -> Iterator[str]:
    for name in unit.members:
        if found := named.get(fold(name)):
            yield found
        else:
            cure = Words("Ghi tên một đơn vị của trang này.%(name)s", name=nearest(name, list(named)))
            complain(
                FormSheet.UNITS,
                at,
                "members",
                Words("“%(name)s”: không có đơn vị “%(name_2)s”.", name=unit.name, name_2=name),
                cure,
            )


def _persons(form: PlanForm, named: Named, complain: Complain) -> Iterator[_Draft]:
    found: dict[str, _Draft] = {}
    for at, row in enumerate(form.rows(FormSheet.PERSONS)):
        if not row["email"]:
            cure = Words("Ghi địa chỉ thư, hoặc xóa cả dòng.")
            complain(
                FormSheet.PERSONS,
                at,
                "email",
                Words("%(name)s: chưa có thư điện tử.", name=row["name"] or Words("Dòng này")),
                cure,
            )
            continue
        person = found.setdefault(
            row["email"].casefold(), _Draft(at, row["name"], row["email"], row["title"])
        )
        if row["name"] and fold(person.name) != fold(row["name"]):
            what = Words(
                "Địa chỉ %(email)s ghi cho cả “%(name)s” và “%(name_2)s”.",
                email=row["email"],
                name=person.name,
                name_2=row["name"],
            )
            complain(FormSheet.PERSONS, at, "email", what, Words("Mỗi người một địa chỉ riêng."))
        unit, role = _unit(at, row["unit"], named, complain), _role(at, row["role"], complain)
        if bool(row["unit"]) != bool(row["role"]):
            key = "role" if row["unit"] else "unit"
            what = (
                Words("%(name)s: có đơn vị mà chưa có vai trò.", name=row["name"])
                if row["unit"]
                else Words("%(name)s: có vai trò mà chưa có đơn vị.", name=row["name"])
            )
            complain(
                FormSheet.PERSONS, at, key, what, Words("Ghi cả đơn vị và vai trò, hoặc để trống cả hai.")
            )
        if unit and role and (unit, role) not in person.roles:
            person.roles.append((unit, role))
    yield from found.values()


def _unit(at: int, name: str, named: Named, complain: Complain) -> str | None:
    if name and fold(name) not in named:
        cure = Words(
            "Chọn trong danh sách, hoặc thêm vào trang Đơn vị.%(name)s", name=nearest(name, list(named))
        )
        complain(FormSheet.PERSONS, at, "unit", Words("Không có đơn vị “%(name)s”.", name=name), cure)
    return named.get(fold(name))


def _role(at: int, said: str, complain: Complain) -> Role | None:
    for role, words in ROLES.items():
        if fold(said) in (fold(words), role.value):
            return role
    if said:
        cure = Words(
            "Chọn: %(names)s.%(said)s",
            names=", ".join(ROLES.values()),
            said=nearest(said, list(ROLES.values())),
        )
        complain(FormSheet.PERSONS, at, "role", Words("Không có vai trò “%(said)s”.", said=said), cure)
    return None
