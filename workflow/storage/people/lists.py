"""The directory as the office looks through it: which unit lacks a reporter, whose mail does not arrive, who
is away.

An organisation's units and persons are few: they are read whole, and searched when asked.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from workflow.domain.people.directory import Role
from workflow.domain.vietnamese import alphabetical, fold
from workflow.storage.people.entries import PersonEntry, UnitEntry, staff_of
from workflow.storage.people.groups import expanded, group_members
from workflow.storage.people.stand_ins import stand_ins
from workflow.storage.tables import COORDINATING, LEAD, item_units, items, plans


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit with the names of its members and of those who report for it. `is_bare`: the plan asks it, and
    nobody reports for it."""

    entry: UnitEntry
    members: tuple[str, ...]
    reporters: tuple[str, ...]
    people: int
    is_bare: bool


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person with what they hold where. `substitute` stands in for them today; `is_unreached`: a mail of
    the period did not arrive."""

    entry: PersonEntry
    held: tuple[tuple[int, str, Role], ...]
    substitute: str
    is_unreached: bool


@dataclass(frozen=True, slots=True)
class StaffList:
    """All of an organisation's units and persons, dropped ones too, each in the order of their names."""

    units: tuple[UnitRow, ...]
    persons: tuple[PersonRow, ...]


def staff_list(tx: Connection, organisation_id: int, on: date, unreached: Collection[int] = ()) -> StaffList:
    """The directory on that day; `unreached` are the persons whom a mail did not reach (`office_mails`)."""
    staff = staff_of(tx, organisation_id)
    asked = units_asked(tx, organisation_id)
    away = stand_ins(tx, on)
    reported = staff.reported()
    unit_rows = [
        UnitRow(
            unit,
            tuple(staff.units[member].name for member in unit.members),
            tuple(person.name for person in staff.holders(unit.id, Role.REPORTER)),
            len(staff.holders(unit.id, *Role)),
            unit.is_active and unit.id in asked and unit.id not in reported,
        )
        for unit in staff.units.values()
    ]
    person_rows = [
        PersonRow(
            person,
            tuple((unit, staff.units[unit].name, role) for unit, role in person.roles),
            staff.persons[away[person.id].person_id].name if person.id in away else "",
            person.id in unreached,
        )
        for person in staff.persons.values()
    ]
    return StaffList(
        tuple(sorted(unit_rows, key=lambda row: alphabetical(row.entry.name))),
        tuple(sorted(person_rows, key=lambda row: _by_given_name(row.entry.name))),
    )


def units_asked(tx: Connection, organisation_id: int) -> set[int]:
    """The units that items of the organisation's plans name, groups replaced by their members."""
    named = tx.scalars(
        select(item_units.c.unit_id)
        .distinct()
        .join(items, items.c.id == item_units.c.item_id)
        .join(plans, plans.c.id == items.c.plan_id)
        .where(plans.c.organisation_id == organisation_id, items.c.withdrawn_at.is_(None))
    )
    members = group_members(tx)
    return {unit for one in named for unit in expanded(one, members)}


def named_in(tx: Connection, organisation_id: int, unit_id: int) -> dict[str, int]:
    """In how many items of the organisation's plans the unit itself is named, by role."""
    found: dict[str, set[int]] = {LEAD: set(), COORDINATING: set()}
    for role, item in tx.execute(
        select(item_units.c.role, item_units.c.item_id)
        .join(items, items.c.id == item_units.c.item_id)
        .join(plans, plans.c.id == items.c.plan_id)
        .where(
            plans.c.organisation_id == organisation_id,
            items.c.withdrawn_at.is_(None),
            item_units.c.unit_id == unit_id,
        )
    ):
        found[role].add(item)
    return {role: len(them) for role, them in found.items()}


def _by_given_name(name: str) -> tuple[tuple[tuple[int, ...], tuple[int, ...], str], str]:
    """As Vietnamese lists go: by the given name, which comes last."""
    given = name.split()[-1] if name.split() else ""
    return alphabetical(given), fold(name)
