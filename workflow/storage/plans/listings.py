"""What one organisation has: plans, units, persons, in lists for other systems.

Every question names the organisation: what is another's is not found.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from workflow.domain.errors import NotFound
from workflow.domain.people.directory import BodyKind, Role
from workflow.domain.people.organisations import OrganisationKind
from workflow.domain.words import Words
from workflow.storage.plans.plans import LAST_LOADED_FIRST
from workflow.storage.tables import (
    items,
    organisations,
    persons,
    plans,
    roles,
    unit_members,
    units,
)


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """An organisation."""

    id: int
    slug: str
    name: str
    kind: OrganisationKind
    zone: str


@dataclass(frozen=True, slots=True)
class ListedPlan:
    """A plan in a line, with its current items counted."""

    id: int
    number: str
    title: str
    year: int
    issued_on: date | None
    issuer: str
    loaded_at: datetime
    items: int


@dataclass(frozen=True, slots=True)
class ListedUnit:
    """A unit of the directory; `members` are the units a group stands for."""

    id: int
    slug: str
    name: str
    aliases: tuple[str, ...]
    is_committee: bool
    cluster: str
    is_active: bool
    members: tuple[int, ...]
    body: BodyKind


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """A person of the directory, with their roles in units."""

    id: int
    name: str
    email: str
    title: str
    is_active: bool
    roles: tuple[tuple[int, Role], ...]


def organisation_row(tx: Connection, organisation_id: int) -> OrganisationRow:
    """The organisation of that id."""
    row = tx.execute(select(organisations).where(organisations.c.id == organisation_id)).one()
    return OrganisationRow(row.id, row.slug, row.name, OrganisationKind(row.kind), row.zone)


def plan_rows(tx: Connection, organisation_id: int) -> list[ListedPlan]:
    """The organisation's plans, the last loaded first."""
    return [_plan(row) for row in tx.execute(_PLANS.where(plans.c.organisation_id == organisation_id))]


def plan_row(tx: Connection, organisation_id: int, plan_id: int) -> ListedPlan:
    """One plan of the organisation; raises NotFound."""
    row = tx.execute(_PLANS.where(plans.c.organisation_id == organisation_id, plans.c.id == plan_id)).first()
    if row is None:
        raise NotFound(Words("Không có kế hoạch này."), where=str(plan_id))
    return _plan(row)


def unit_rows(tx: Connection, organisation_id: int) -> list[ListedUnit]:
    """The organisation's units, those dropped from its directory included."""
    rows = tx.execute(
        select(units).where(units.c.organisation_id == organisation_id).order_by(units.c.id)
    ).all()
    members: dict[int, list[int]] = {}
    for group_id, unit_id in tx.execute(
        select(unit_members)
        .where(unit_members.c.group_id.in_([row.id for row in rows]))
        .order_by(unit_members.c.unit_id)
    ):
        members.setdefault(group_id, []).append(unit_id)
    return [
        ListedUnit(
            row.id,
            row.slug,
            row.name,
            tuple(row.aliases),
            row.is_committee,
            row.cluster,
            row.is_active,
            tuple(members.get(row.id, ())),
            BodyKind(row.body),
        )
        for row in rows
    ]


def person_rows(tx: Connection, organisation_id: int) -> list[ListedPerson]:
    """The organisation's persons, those dropped from its directory included."""
    found = tx.execute(
        select(persons).where(persons.c.organisation_id == organisation_id).order_by(persons.c.id)
    ).all()
    held: dict[int, list[tuple[int, Role]]] = {}
    for row in tx.execute(
        select(roles)
        .where(roles.c.person_id.in_([row.id for row in found]))
        .order_by(roles.c.unit_id, roles.c.role)
    ):
        held.setdefault(row.person_id, []).append((row.unit_id, Role(row.role)))
    return [
        ListedPerson(row.id, row.name, row.email, row.title, row.is_active, tuple(held.get(row.id, ())))
        for row in found
    ]


_N_ITEMS = (
    select(func.count())
    .where(items.c.plan_id == plans.c.id, items.c.withdrawn_at.is_(None))
    .scalar_subquery()
)
_PLANS = select(plans, _N_ITEMS.label("n_items")).order_by(*LAST_LOADED_FIRST)


def _plan(row: Row[Any]) -> ListedPlan:
    return ListedPlan(
        row.id, row.number, row.title, row.year, row.issued_on, row.issuer, row.loaded_at, row.n_items
    )
