"""What a cycle's own item adds to the period's rules: the overrides that meet it, and the members who have a
part in it. Computed when the cycle is seated and stored with it, so that routing need not query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from workflow.domain.cycles.cycle import Interests
from workflow.domain.rules.layers import RuleScope, layers
from workflow.storage.people.groups import leading_ids
from workflow.storage.people.rolls import voters
from workflow.storage.plans.item_leaders import leaders_of_cycles
from workflow.storage.rules import pinned
from workflow.storage.tables import LEAD, cycle_units, cycles, items, periods, roles, rules, targets

_SET_SCOPE = (
    update(cycles)
    .where(cycles.c.id == bindparam("cycle"))
    .values(layers=bindparam("places"), interests=bindparam("part"))
)


def scope(tx: Connection, cycle_ids: Collection[int]) -> None:
    """Stores with each cycle what its item adds to the rules; to be called when its units are seated."""
    scopes = scopes_of(tx, cycle_ids)
    parts = _interests(tx, cycle_ids)
    rows = [
        {
            "cycle": row.id,
            "places": list(layers(pinned(row.sha256, row.routing), scopes[row.id])),
            "part": parts[row.id],
        }
        for row in tx.execute(
            select(cycles.c.id, rules.c.sha256, rules.c.routing)
            .join(periods, periods.c.id == cycles.c.period_id)
            .join(rules, rules.c.id == periods.c.rules_id)
            .where(cycles.c.id.in_(cycle_ids))
        )
    ]
    if rows:
        tx.execute(_SET_SCOPE, rows)


def scopes_of(tx: Connection, cycle_ids: Collection[int]) -> dict[int, RuleScope]:
    """The properties of each cycle's item by which overrides of the rules apply to it."""
    amounts: dict[int, list[Any]] = defaultdict(list)
    for row in tx.execute(
        select(cycles.c.id, targets.c.value, targets.c.measure)
        .join(targets, targets.c.item_id == cycles.c.item_id)
        .where(cycles.c.id.in_(cycle_ids))
        .order_by(targets.c.id)
    ):
        amounts[row.id].append((row.value, row.measure))
    found = tx.execute(
        select(cycles.c.id, items.c.code, items.c.section_codes)
        .join(items, items.c.id == cycles.c.item_id)
        .where(cycles.c.id.in_(cycle_ids))
    )
    led_by = leading_ids(tx, _leads(tx, cycle_ids))
    return {
        row.id: RuleScope(row.code, tuple(row.section_codes), tuple(amounts[row.id]), led_by.get(row.id, ()))
        for row in found
    }


def _leads(tx: Connection, cycle_ids: Collection[int]) -> dict[int, list[int]]:
    """Each cycle's lead units, the main one first."""
    found: dict[int, list[int]] = {}
    for row in tx.execute(
        select(cycle_units.c.cycle_id, cycle_units.c.unit_id)
        .where(cycle_units.c.cycle_id.in_(cycle_ids), cycle_units.c.role == LEAD)
        .order_by(cycle_units.c.cycle_id, cycle_units.c.position)
    ):
        found.setdefault(row.cycle_id, []).append(row.unit_id)
    return found


def _interests(tx: Connection, cycle_ids: Collection[int]) -> dict[int, dict[str, list[int]]]:
    """The voting bodies' members who lead each cycle's item, and who belong to one of its lead units."""
    found: dict[int, dict[str, list[int]]] = {}
    rows = tx.execute(
        select(cycles.c.id, periods.c.committee)
        .join(periods, periods.c.id == cycles.c.period_id)
        .where(cycles.c.id.in_(cycle_ids))
    ).all()
    members = {person for row in rows for person in _members(row.committee)}
    led_by = leaders_of_cycles(tx, cycle_ids)
    units_of: dict[int, set[int]] = defaultdict(set)
    for person, unit in tx.execute(
        select(roles.c.person_id, roles.c.unit_id).where(roles.c.person_id.in_(members))
    ):
        units_of[person].add(unit)
    leads = _leads(tx, cycle_ids)
    for row in rows:
        roll = _members(row.committee)
        leaders = [person for person in roll if person in led_by.get(row.id, ())]
        of_units = [person for person in roll if not units_of[person].isdisjoint(leads.get(row.id, ()))]
        interests = {"leaders": leaders, "of_lead_units": of_units}
        found[row.id] = {what: people for what, people in interests.items() if people}
    return found


def _members(committee: dict[str, Any]) -> list[int]:
    return sorted(voters(committee))


def interests_kept(kept: dict[str, list[int]]) -> Interests:
    """Who has an interest in the item, as its row keeps them."""
    if not kept:
        return _NO_INTERESTS
    return Interests(frozenset(kept.get("leaders", ())), frozenset(kept.get("of_lead_units", ())))


_NO_INTERESTS = Interests()
