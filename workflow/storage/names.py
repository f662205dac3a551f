"""Names by id, for lists: of persons, of units, and of the units that lead each cycle; one query for many."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, bindparam, select

from workflow.storage.tables import LEAD, cycle_units, persons, units

_PERSONS = select(persons.c.id, persons.c.name).where(persons.c.id.in_(bindparam("ids", expanding=True)))
_UNITS = select(units.c.id, units.c.name).where(units.c.id.in_(bindparam("ids", expanding=True)))
_LEADS = (
    select(cycle_units.c.cycle_id, units.c.name)
    .join(units, units.c.id == cycle_units.c.unit_id)
    .where(cycle_units.c.role == LEAD, cycle_units.c.cycle_id.in_(bindparam("ids", expanding=True)))
    .order_by(cycle_units.c.cycle_id, cycle_units.c.position)
)


def person_names(tx: Connection, person_ids: Iterable[int]) -> dict[int, str]:
    """The names of those persons."""
    ids = set(person_ids)
    return dict(tx.execute(_PERSONS, {"ids": sorted(ids)}).all()) if ids else {}


def unit_names(tx: Connection, unit_ids: Iterable[int]) -> dict[int, str]:
    """The names of those units."""
    ids = set(unit_ids)
    return dict(tx.execute(_UNITS, {"ids": sorted(ids)}).all()) if ids else {}


def lead_names(tx: Connection, cycle_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """The names of the units that lead each cycle, the first named by the plan first; a cycle without any is
    not among them."""
    found: dict[int, list[str]] = {}
    if cycle_ids:
        for cycle_id, name in tx.execute(_LEADS, {"ids": list(cycle_ids)}):
            found.setdefault(cycle_id, []).append(name)
    return {cycle_id: tuple(names) for cycle_id, names in found.items()}
