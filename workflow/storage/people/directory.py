"""An organisation's stored directory: units, groups, persons and their roles."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from workflow.domain.calendar import VIETNAM
from workflow.domain.errors import Conflict, NotFound
from workflow.domain.people.directory import BodyKind, Directory, Person, Role, Unit
from workflow.domain.people.organisations import OrganisationKind, proposed_kind
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry, record
from workflow.storage.tables import organisations, persons, roles, unit_members, units
from workflow.storage.writing import insert_new, upsert


@dataclass(frozen=True, slots=True)
class DirectoryRows:
    """The directory's rows by what a plan names them by: units by slug, persons by address."""

    units: Mapping[str, int]
    persons: Mapping[str, int]


def slug_of(name: str) -> str:
    """A name as an address writes it: `Phường Hòa Xuân` becomes `phuong-hoa-xuan`."""
    plain = unicodedata.normalize("NFD", name.replace("Đ", "D").replace("đ", "d"))
    ascii_only = plain.encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:80] or "don-vi"


def kind_of(tx: Connection, organisation_id: int) -> OrganisationKind:
    """What the organisation is."""
    where = organisations.c.id == organisation_id
    return OrganisationKind(tx.execute(select(organisations.c.kind).where(where)).scalar_one())


def set_kind(
    tx: Connection, organisation_id: int, kind: OrganisationKind, person_id: int | None, now: datetime
) -> bool:
    """Says what the organisation is, with an audit entry; returns whether it was something else before.

    Words, form of address, letterhead and signature follow from then on; what is issued stays as it was.
    """
    before = kind_of(tx, organisation_id)
    if before is kind:
        return False
    tx.execute(update(organisations).where(organisations.c.id == organisation_id).values(kind=kind.value))
    details = {"before": before.value, "after": kind.value}
    record(tx, organisation_id, now, AuditEntry("organisation-kind", person_id, details))
    return True


def _check_kind(tx: Connection, directory: Directory) -> None:
    stored = tx.scalar(
        select(organisations.c.kind).where(organisations.c.slug == slug_of(directory.organisation))
    )
    if directory.kind is not None and stored is not None and directory.kind.value != stored:
        raise Conflict(
            Words(
                "Tệp ghi loại đơn vị là “%(said)s”, còn đơn vị này đang là “%(stored)s”.",
                said=directory.kind.label,
                stored=OrganisationKind(stored).label,
            ),
            cure=Words("Sửa ô Loại đơn vị của tệp; muốn đổi loại thì đổi ở trang Loại đơn vị trước."),
        )


def save_directory(tx: Connection, directory: Directory, *, kind: OrganisationKind | None = None) -> int:
    """Writes the directory over the existing rows (nobody is deleted: facts name them) and returns the
    organisation's id. Units and persons no longer listed become inactive and lose their roles.

    `kind` is what a new organisation is: where neither it nor the directory says, what its name proposes.
    Raises Conflict where the directory states another kind than the organisation has.
    """
    _check_kind(tx, directory)
    slug = slug_of(directory.organisation)
    insert_new(
        tx,
        organisations,
        [
            {
                "slug": slug,
                "name": directory.organisation,
                "kind": (kind or directory.kind or proposed_kind(directory.organisation)).value,
                "zone": VIETNAM,
                "days_off": [],
                "days_worked": [],
            }
        ],
        ["slug"],
    )
    organisation_id: int = tx.execute(
        select(organisations.c.id).where(organisations.c.slug == slug)
    ).scalar_one()
    upsert(
        tx,
        units,
        [
            {
                "organisation_id": organisation_id,
                "slug": unit.id,
                "name": unit.name,
                "aliases": list(unit.aliases),
                "is_committee": unit.is_committee,
                "body": unit.body.value,
                "cluster": unit.cluster,
                "is_active": True,
            }
            for unit in directory.units
        ],
        ["organisation_id", "slug"],
    )
    upsert(
        tx,
        persons,
        [
            {
                "organisation_id": organisation_id,
                "name": person.name,
                "email": person.email,
                "title": person.title,
                "is_active": True,
                "is_outside": False,
            }
            for person in directory.persons
        ],
        ["organisation_id", "email"],
    )
    ids = unit_ids(tx, organisation_id)
    listed = {unit.id for unit in directory.units}
    if gone := [unit_id for slug, unit_id in ids.items() if slug not in listed]:
        tx.execute(units.update().where(units.c.id.in_(gone)).values(is_active=False))
    tx.execute(delete(unit_members).where(unit_members.c.group_id.in_(ids.values())))
    insert_new(
        tx,
        unit_members,
        [
            {"group_id": ids[unit.id], "unit_id": ids[member]}
            for unit in directory.units
            for member in unit.members
            if member in ids
        ],
        ["group_id", "unit_id"],
    )
    _save_roles(tx, organisation_id, directory, ids)
    return organisation_id


def _save_roles(tx: Connection, organisation_id: int, directory: Directory, ids: dict[str, int]) -> None:
    known = {
        row.email: row.id
        for row in tx.execute(
            select(persons.c.id, persons.c.email).where(
                persons.c.organisation_id == organisation_id, ~persons.c.is_outside
            )
        )
    }
    listed = {person.email for person in directory.persons}
    gone = [person_id for email, person_id in known.items() if email not in listed]
    tx.execute(delete(roles).where(roles.c.person_id.in_(known.values())))
    if gone:
        tx.execute(persons.update().where(persons.c.id.in_(gone)).values(is_active=False))
    insert_new(
        tx,
        roles,
        [
            {"person_id": known[person.email], "unit_id": ids[unit], "role": role.value}
            for person in directory.persons
            for unit, role in person.roles
            if unit in ids
        ],
        ["person_id", "unit_id", "role"],
    )


def organisation_of(tx: Connection, name: str) -> int | None:
    """The organisation of that name, None where there is none yet."""
    return tx.scalar(select(organisations.c.id).where(organisations.c.slug == slug_of(name)))


def unit_ids(tx: Connection, organisation_id: int) -> dict[str, int]:
    """The organisation's unit ids by slug."""
    return {
        row.slug: row.id
        for row in tx.execute(
            select(units.c.slug, units.c.id).where(units.c.organisation_id == organisation_id)
        )
    }


def known_ids(tx: Connection, organisation_id: int) -> DirectoryRows:
    """The ids of the organisation's units and persons, of those that were dropped too."""
    return DirectoryRows(
        unit_ids(tx, organisation_id),
        {
            row.email: row.id
            for row in tx.execute(
                select(persons.c.email, persons.c.id).where(
                    persons.c.organisation_id == organisation_id, ~persons.c.is_outside
                )
            )
        },
    )


def load_directory(tx: Connection, organisation_id: int) -> Directory:
    """The current directory, without the units and persons that were dropped from it."""
    name = tx.scalar(select(organisations.c.name).where(organisations.c.id == organisation_id))
    if name is None:
        raise NotFound(Words("Không có đơn vị ban hành này."), where=str(organisation_id))
    found = tx.execute(
        select(units)
        .where(units.c.organisation_id == organisation_id, units.c.is_active)
        .order_by(units.c.id)
    )
    slugs = {}
    rows = found.all()
    for row in rows:
        slugs[row.id] = row.slug
    members: dict[int, list[str]] = {}
    for group_id, unit_id in tx.execute(
        select(unit_members).where(unit_members.c.group_id.in_(slugs)).order_by(unit_members.c.unit_id)
    ):
        members.setdefault(group_id, []).append(slugs[unit_id])
    held: dict[int, list[tuple[str, Role]]] = {}
    for row in tx.execute(
        select(roles).where(roles.c.unit_id.in_(slugs)).order_by(roles.c.unit_id, roles.c.role)
    ):
        held.setdefault(row.person_id, []).append((slugs[row.unit_id], Role(row.role)))
    people = tx.execute(
        select(persons)
        .where(persons.c.organisation_id == organisation_id, persons.c.is_active, ~persons.c.is_outside)
        .order_by(persons.c.id)
    )
    return Directory(
        kind=kind_of(tx, organisation_id),
        organisation=name,
        units=tuple(
            Unit(
                row.slug,
                row.name,
                tuple(row.aliases),
                tuple(members.get(row.id, ())),
                row.is_committee,
                row.cluster,
                BodyKind(row.body),
            )
            for row in rows
        ),
        persons=tuple(Person(row.name, row.email, row.title, tuple(held.get(row.id, ()))) for row in people),
    )


def holders(tx: Connection, organisation_id: int, *wanted: Role) -> list[int]:
    """The active persons who hold one of the roles in any unit of the organisation, each once."""
    return list(
        tx.scalars(
            select(persons.c.id)
            .distinct()
            .join(roles, roles.c.person_id == persons.c.id)
            .where(
                persons.c.organisation_id == organisation_id,
                persons.c.is_active,
                roles.c.role.in_([role.value for role in wanted]),
            )
            .order_by(persons.c.id)
        )
    )
