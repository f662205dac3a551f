"""Groups of units with their members, and the working days of an organisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from workflow.domain.calendar import Calendar
from workflow.domain.periods.days_off import OwnDay
from workflow.storage.rules import calendar_of, own_days_of
from workflow.storage.tables import organisations, unit_members


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
