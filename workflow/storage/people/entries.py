"""The directory as the office edits it: each unit and person by id, those that were dropped too, and the
writing of one of them. What is valid, and what follows from a change, is `workflow.amending.directory`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, delete, or_, select, update

from workflow.domain.people.directory import BodyKind, Role
from workflow.storage.people.directory import slug_of
from workflow.storage.tables import persons, roles, unit_members, units


@dataclass(frozen=True, slots=True)
class UnitEntry:
    """A unit as stored or as it is to be written; `id` is 0 of a new one. `members` are units' ids."""

    id: int = 0
    name: str = ""
    aliases: tuple[str, ...] = ()
    cluster: str = ""
    is_committee: bool = False
    members: tuple[int, ...] = ()
    is_active: bool = True
    body: BodyKind = BodyKind.COMMITTEE

    def as_json(self) -> list[Any]:
        """As plain values, for a page to bring back."""
        fields = (self.name, list(self.aliases), self.cluster, self.is_committee, list(self.members))
        return [self.id, *fields, self.is_active, self.body.value]

    @classmethod
    def from_json(cls, values: list[Any]) -> UnitEntry:
        """What `as_json` gave."""
        id_, name, aliases, cluster, is_committee, members, is_active, body = values
        known = (tuple(aliases), cluster, is_committee, tuple(members), is_active)
        return cls(id_, name, *known, BodyKind(body))


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """A person as stored or as they are to be written; `id` is 0 of a new one. `roles` are by unit's id."""

    id: int = 0
    name: str = ""
    title: str = ""
    email: str = ""
    roles: tuple[tuple[int, Role], ...] = ()
    is_active: bool = True

    def as_json(self) -> list[Any]:
        """As plain values, for a page to bring back."""
        held = [[unit, role.value] for unit, role in self.roles]
        return [self.id, self.name, self.title, self.email, held, self.is_active]

    @classmethod
    def from_json(cls, values: list[Any]) -> PersonEntry:
        """What `as_json` gave."""
        id_, name, title, email, held, is_active = values
        return cls(id_, name, title, email, tuple((unit, Role(role)) for unit, role in held), is_active)


@dataclass(frozen=True, slots=True)
class Staff:
    """An organisation's units and persons by id, dropped ones too."""

    units: dict[int, UnitEntry]
    persons: dict[int, PersonEntry]

    def holders(self, unit_id: int, *wanted: Role) -> list[PersonEntry]:
        """Who holds one of the roles in the unit."""
        return [
            person
            for person in self.persons.values()
            if any(unit == unit_id and role in wanted for unit, role in person.roles)
        ]

    def reported(self) -> frozenset[int]:
        """The units that someone reports for."""
        return frozenset(
            unit for person in self.persons.values() for unit, role in person.roles if role is Role.REPORTER
        )

    def having(self, entry: UnitEntry | PersonEntry) -> Staff:
        """The same with an entry changed or, of one that is new, added. A unit that is dropped takes its
        members, its places in groups and the roles in it along."""
        if isinstance(entry, PersonEntry):
            return replace(self, persons={**self.persons, entry.id: entry})
        changed = {**self.units, entry.id: entry}
        if entry.is_active:
            return replace(self, units=changed)
        return Staff(
            {
                key: replace(unit, members=tuple(one for one in unit.members if one != entry.id))
                for key, unit in changed.items()
            },
            {
                key: replace(
                    person, roles=tuple((unit, role) for unit, role in person.roles if unit != entry.id)
                )
                for key, person in self.persons.items()
            },
        )


def hold(tx: Connection, organisation_id: int) -> None:
    """Locks the directory against other changes until the transaction ends; acts on cycles do not wait for
    it. The organisation's own row is left to the log, which everyone locks last."""
    tx.execute(
        select(persons.c.id)
        .where(persons.c.organisation_id == organisation_id)
        .order_by(persons.c.id)
        .with_for_update(key_share=True)
    )


def staff_of(tx: Connection, organisation_id: int) -> Staff:
    """The organisation's directory."""
    members: dict[int, list[int]] = {}
    for group_id, unit_id in tx.execute(
        select(unit_members)
        .join(units, units.c.id == unit_members.c.group_id)
        .where(units.c.organisation_id == organisation_id)
        .order_by(unit_members.c.unit_id)
    ):
        members.setdefault(group_id, []).append(unit_id)
    held: dict[int, list[tuple[int, Role]]] = {}
    for row in tx.execute(
        select(roles)
        .join(persons, persons.c.id == roles.c.person_id)
        .where(persons.c.organisation_id == organisation_id)
        .order_by(roles.c.unit_id, roles.c.role)
    ):
        held.setdefault(row.person_id, []).append((row.unit_id, Role(row.role)))
    unit_rows = tx.execute(
        select(units).where(units.c.organisation_id == organisation_id).order_by(units.c.id)
    )
    person_rows = tx.execute(
        select(persons).where(persons.c.organisation_id == organisation_id).order_by(persons.c.id)
    )
    return Staff(
        {
            row.id: UnitEntry(
                row.id,
                row.name,
                tuple(row.aliases),
                row.cluster,
                row.is_committee,
                tuple(members.get(row.id, ())),
                row.is_active,
                BodyKind(row.body),
            )
            for row in unit_rows
        },
        {
            row.id: PersonEntry(
                row.id, row.name, row.title, row.email, tuple(held.get(row.id, ())), row.is_active
            )
            for row in person_rows
        },
    )


def write_unit(tx: Connection, organisation_id: int, entry: UnitEntry) -> int:
    """Writes a unit, a new one under a slug of its own, and returns its id. One that is dropped loses its
    members, its places in groups and the roles in it."""
    values = {
        "name": entry.name,
        "aliases": list(entry.aliases),
        "cluster": entry.cluster,
        "is_committee": entry.is_committee,
        "body": entry.body.value,
        "is_active": entry.is_active,
    }
    if entry.id:
        unit_id = entry.id
        tx.execute(update(units).where(units.c.id == unit_id).values(values))
    else:
        own = {"organisation_id": organisation_id, "slug": _free_slug(tx, organisation_id, entry.name)}
        unit_id = tx.execute(units.insert().values(**values, **own).returning(units.c.id)).scalar_one()
    tx.execute(delete(unit_members).where(unit_members.c.group_id == unit_id))
    if not entry.is_active:
        tx.execute(delete(unit_members).where(unit_members.c.unit_id == unit_id))
        tx.execute(delete(roles).where(roles.c.unit_id == unit_id))
    elif entry.members:
        rows = [{"group_id": unit_id, "unit_id": member} for member in entry.members]
        tx.execute(unit_members.insert(), rows)
    return int(unit_id)


def write_person(tx: Connection, organisation_id: int, entry: PersonEntry) -> int:
    """Writes a person with their roles, and returns the id."""
    values = {
        "name": entry.name,
        "title": entry.title,
        "email": entry.email,
        "is_active": entry.is_active,
    }
    if entry.id:
        person_id = entry.id
        tx.execute(update(persons).where(persons.c.id == person_id).values(values))
    else:
        inserting = persons.insert().values(organisation_id=organisation_id, **values)
        person_id = tx.execute(inserting.returning(persons.c.id)).scalar_one()
    tx.execute(delete(roles).where(roles.c.person_id == person_id))
    if entry.roles:
        tx.execute(
            roles.insert(),
            [{"person_id": person_id, "unit_id": unit, "role": role.value} for unit, role in entry.roles],
        )
    return int(person_id)


def _free_slug(tx: Connection, organisation_id: int, name: str) -> str:
    """The slug of a name, numbered where a unit has it already."""
    slug = slug_of(name)[:76]
    taken = set(
        tx.scalars(
            select(units.c.slug).where(
                units.c.organisation_id == organisation_id,
                or_(units.c.slug == slug, units.c.slug.startswith(f"{slug}-", autoescape=True)),
            )
        )
    )
    number = 2
    found = slug
    while found in taken:
        found, number = f"{slug}-{number}", number + 1
    return found
