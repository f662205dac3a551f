"""Who leads an item and who is asked to confirm it: the plan's units, groups replaced by their members,
without the units that nobody reports for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, select

from workflow.domain.people.directory import Role
from workflow.storage.people.groups import expanded, group_members
from workflow.storage.tables import CONFIRMING, LEAD, item_units, roles

UnitsByItem = dict[int, list[int]]


def seats_of(tx: Connection, items_by_cycle: Mapping[int, int]) -> list[dict[str, Any]]:
    """Who leads and who confirms each cycle, as rows of `cycle_units`: groups replaced by their members,
    co-leads asked to confirm what one of them reports, units that nobody reports for left out."""
    leads, confirming = units_of_items(tx, set(items_by_cycle.values()))
    rows = []
    for cycle, item in items_by_cycle.items():
        lead = leads.get(item, [])
        asked = lead + [unit for unit in confirming.get(item, []) if unit not in lead]
        rows += [
            {"cycle_id": cycle, "unit_id": unit, "role": LEAD, "position": place}
            for place, unit in enumerate(lead)
        ]
        if len(asked) > 1 or not lead:
            rows += [
                {"cycle_id": cycle, "unit_id": unit, "role": CONFIRMING, "position": place}
                for place, unit in enumerate(asked)
            ]
    return rows


def units_of_items(tx: Connection, item_ids: Collection[int]) -> tuple[UnitsByItem, UnitsByItem]:
    """The units that lead each item, the main one first, and those that coordinate."""
    members = group_members(tx)
    able = set(tx.scalars(select(roles.c.unit_id).where(roles.c.role == Role.REPORTER.value)))
    named = tx.execute(
        select(item_units.c.item_id, item_units.c.unit_id, item_units.c.role)
        .where(item_units.c.item_id.in_(item_ids))
        .order_by(
            item_units.c.item_id,
            item_units.c.part_id.is_not(None),
            item_units.c.position,
            item_units.c.id,
        )
    ).all()
    leads: UnitsByItem = {}
    confirming: UnitsByItem = {}
    for row in named:
        seats = leads if row.role == LEAD else confirming
        place = seats.setdefault(row.item_id, [])
        place += [unit for unit in expanded(row.unit_id, members) if unit in able and unit not in place]
    return leads, confirming
