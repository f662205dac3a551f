"""Groups of units with their members, and the working days of an organisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from workflow.domain.calendar import Calendar
from workflow.domain.periods.days_off import OwnDay
from workflow.storage.rules import calendar_of, own_days_of
from workflow.storage.tables import organisations, unit_members, units


def organisation_calendar(tx: Connection, organisation_id: int) -> Calendar:
    """The organisation's working days."""
    row = tx.execute(
        select(organisations.c.zone, organisations.c.days_off, organisations.c.days_worked).where(
            organisations.c.id == organisation_id
        )
    ).one()
    return calendar_of(row.zone, row.days_off, row.days_worked)


def own_days(tx: Connection, organisation_id: int) -> list[OwnDay]:
    """The days off and the days worked in exchange that the organisation entered, sorted."""
    row = tx.execute(
        select(organisations.c.days_off, organisations.c.days_worked).where(
            organisations.c.id == organisation_id
        )
    ).one()
    return own_days_of(row.days_off, row.days_worked)


def group_members(tx: Connection) -> dict[int, list[int]]:
    """The units each group stands for."""
    members: dict[int, list[int]] = {}
    for group_id, unit_id in tx.execute(select(unit_members).order_by(unit_members.c.unit_id)):
        members.setdefault(group_id, []).append(unit_id)
    return members


def expanded(unit_id: int, members: Mapping[int, Sequence[int]]) -> list[int]:
    """The unit or, where it is a group, its members and theirs."""
    if unit_id not in members:
        return [unit_id]
    return [unit for member in members[unit_id] for unit in expanded(member, members)]


def leading_ids(tx: Connection, leads: Mapping[int, Sequence[int]]) -> dict[int, tuple[str, ...]]:
    """For each key, the directory's ids of its units in their order, then of the groups they belong to, the
    narrower before the wider: what `RuleScope.led_by` is."""
    members = group_members(tx)
    groups = {group: expanded(group, members) for group in members}
    wanted = {unit for one in leads.values() for unit in one}
    slugs = {
        row.id: row.slug
        for row in tx.execute(select(units.c.id, units.c.slug).where(units.c.id.in_(wanted | set(groups))))
    }
    inner_first = sorted(groups, key=lambda group: (len(groups[group]), slugs[group]))
    return {
        key: tuple(
            slugs[unit]
            for unit in (*one, *(group for group in inner_first if not set(one).isdisjoint(groups[group])))
        )
        for key, one in leads.items()
    }
