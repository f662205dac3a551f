"""The open cycles of a period under other rules: what would change if they were adopted. Reads only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select

from workflow.domain.cycles.cycle import Stage
from workflow.domain.cycles.rules_tried import Case, RulesEffect, effects, rule_changes
from workflow.domain.rules.explained import Sentence
from workflow.domain.rules.layers import rules_for
from workflow.domain.rules.routing_rules import Rules
from workflow.storage.cycles.facts_of_cycles import load
from workflow.storage.cycles.item_rules import scopes_of
from workflow.storage.names import person_names, unit_names
from workflow.storage.periods.periods import period_of
from workflow.storage.tables import cycles


@dataclass(frozen=True, slots=True)
class Replay:
    """What new rules would change in a period: rules, and cycles still under way. `names` are of the units
    and persons the cycles wait for, by (is it a unit, id)."""

    rules: list[tuple[Sentence | None, Sentence | None]]
    effects: list[RulesEffect]
    open_cycles: int
    names: dict[tuple[bool, int], str]


def replayed(tx: Connection, period_id: int, new: Rules, now: datetime) -> Replay:
    """Routes the period's open cycles under the new rules. The dates of the period were set when it opened
    and stay; so do its rolls."""
    period = period_of(tx, period_id)
    ids = tx.scalars(
        select(cycles.c.id)
        .where(cycles.c.period_id == period_id, cycles.c.stage.not_in(Stage.finals()))
        .order_by(cycles.c.id)
    ).all()
    routed = load(tx, ids, is_for_writing=False)
    scopes = scopes_of(tx, ids)
    cases = []
    for cycle in routed.values():
        scope = scopes[cycle.id]
        named = rules_for(new, scope).approval.committee or new.bodies.items
        roll = period.body_for_item(named).roll
        cases.append(Case(cycle.id, scope, cycle.facts, cycle.rules, replace(cycle.facts, roll=roll)))
    calendar = next((cycle.calendar for cycle in routed.values()), None)
    found = effects(cases, new, now, calendar) if calendar else []
    return Replay(rule_changes(period.rules, new), found, len(cases), _names(tx, found))


def _names(tx: Connection, found: list[RulesEffect]) -> dict[tuple[bool, int], str]:
    standings = [standing for effect in found for standing in (effect.before, effect.after)]
    unit_ids = {unit for standing in standings for unit in standing.units}
    person_ids = {person for standing in standings for person in standing.persons}
    of_units = {(True, unit): name for unit, name in unit_names(tx, unit_ids).items()}
    return of_units | {(False, person): name for person, name in person_names(tx, person_ids).items()}
