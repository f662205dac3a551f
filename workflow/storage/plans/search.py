"""Searching a period's plan, units and people by words, whatever their case and diacritics.

Items are compared by the database with what was folded when they were written; an organisation's units and
people are few, and folded when asked.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, and_, case, func, select

from workflow.domain.cycles.cycle import Stage
from workflow.domain.vietnamese import alphabetical, fold
from workflow.storage.tables import cycles, items, periods, persons, roles, units


@dataclass(frozen=True, slots=True)
class FoundItem:
    """An item of the plan, and its cycle in the period where it reports in it."""

    code: str
    content: str
    lead_units: tuple[str, ...]
    cycle_id: int | None
    stage: Stage | None


@dataclass(frozen=True, slots=True)
class FoundUnit:
    """A unit, and how else it is called."""

    id: int
    name: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """A person, with their units."""

    id: int
    name: str
    email: str
    title: str
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found; `n_items` counts beyond the first ones shown."""

    items: tuple[FoundItem, ...] = ()
    n_items: int = 0
    units: tuple[FoundUnit, ...] = ()
    people: tuple[FoundPerson, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether nothing bears the words."""
        return not (self.items or self.units or self.people)


def search(tx: Connection, organisation_id: int, period_id: int, text: str, most_items: int = 50) -> Found:
    """What bears every word of the text: items that bear the words one after another first."""
    words = fold(text).split()
    if not words:
        return Found()
    asked = (
        select(items.c.code, items.c.content, items.c.lead_units, cycles.c.id, cycles.c.stage)
        .join(periods, periods.c.plan_id == items.c.plan_id)
        .outerjoin(cycles, and_(cycles.c.item_id == items.c.id, cycles.c.period_id == periods.c.id))
        .where(
            periods.c.id == period_id,
            items.c.withdrawn_at.is_(None) | cycles.c.id.is_not(None),
            *(items.c.folded.contains(word, autoescape=True) for word in words),
        )
    )
    is_apart = case((items.c.folded.contains(" ".join(words), autoescape=True), 0), else_=1)
    rows = tx.execute(asked.order_by(is_apart, items.c.position, items.c.id).limit(most_items)).all()
    n_items = len(rows)
    if n_items == most_items:
        n_items = tx.scalar(select(func.count()).select_from(asked.subquery())) or 0
    return Found(
        tuple(
            FoundItem(
                row.code, row.content, tuple(row.lead_units), row.id, Stage(row.stage) if row.id else None
            )
            for row in rows
        ),
        n_items,
        _units(tx, organisation_id, words),
        _people(tx, organisation_id, words),
    )


def _units(tx: Connection, organisation_id: int, words: list[str]) -> tuple[FoundUnit, ...]:
    rows = tx.execute(
        select(units.c.id, units.c.name, units.c.aliases).where(
            units.c.organisation_id == organisation_id, units.c.is_active
        )
    )
    found = [
        FoundUnit(row.id, row.name, tuple(row.aliases))
        for row in rows
        if any(bears(name, words) for name in (row.name, *row.aliases))
    ]
    return tuple(sorted(found, key=lambda unit: alphabetical(unit.name)))


def _people(tx: Connection, organisation_id: int, words: list[str]) -> tuple[FoundPerson, ...]:
    ours = and_(persons.c.organisation_id == organisation_id, persons.c.is_active)
    named: dict[int, list[str]] = {}
    for person_id, name in tx.execute(
        select(roles.c.person_id, units.c.name)
        .distinct()
        .join(units, units.c.id == roles.c.unit_id)
        .where(units.c.organisation_id == organisation_id)
        .order_by(units.c.name)
    ):
        named.setdefault(person_id, []).append(name)
    rows = tx.execute(select(persons.c.id, persons.c.name, persons.c.email, persons.c.title).where(ours))
    found = [
        FoundPerson(*row, tuple(named.get(row.id, ())))
        for row in rows
        if bears(f"{row.name} {row.email} {row.title}", words)
    ]
    return tuple(sorted(found, key=lambda person: alphabetical(person.name)))


def bears(text: str, words: list[str]) -> bool:
    """Whether every one of the folded words occurs in the text."""
    folded = fold(text)
    return all(word in folded for word in words)
