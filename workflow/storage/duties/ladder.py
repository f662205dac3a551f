"""The escalation ladder over everything that is late: whom it is reported to next, each step once and logged.

What is owed, by whom and how late is `storage.duties.owed`; the mail is composed when it is sent, from
`storage.duties.late_list`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import Connection, select

from workflow.domain.cycles.advance import Duty
from workflow.domain.cycles.escalation import steps_due
from workflow.domain.cycles.lateness import Lateness
from workflow.domain.people.directory import Role
from workflow.domain.rules.routing_rules import EscalateTo, EscalationStep
from workflow.storage.audit import AuditEntry
from workflow.storage.cycles.facts_of_cycles import load
from workflow.storage.cycles.routing import settle
from workflow.storage.duties.owed import owed_in
from workflow.storage.people.stand_ins import stand_ins
from workflow.storage.periods.watched import Watched
from workflow.storage.plans.item_leaders import leaders_of_cycles
from workflow.storage.post import intents
from workflow.storage.tables import escalations, persons, roles, units
from workflow.storage.writing import insert_new

DIFFICULTY = "difficulty"


@dataclass(slots=True)
class Matter:
    """Something owed: a cycle's duty on a version, or a difficulty (`number`), by units or by persons
    (members of the committee, or who stands in for them). `holders` are all who are to do it, `lateness` the
    earliest among those who owe it."""

    period: Watched
    cycle_id: int
    what: str
    number: int
    lateness: Lateness
    units: set[int] = field(default_factory=set)
    persons: set[int] = field(default_factory=set)
    holders: set[int] = field(default_factory=set)
    acting: dict[int, int] = field(default_factory=dict)
    """Of the persons, in whose place those do it who stand in for an absent member."""

    @property
    def last(self) -> date:
        """The last day on which it is done in time."""
        return self.lateness.last_day

    @property
    def late(self) -> int:
        """How many working days late it is."""
        return self.lateness.working_days


def matters(tx: Connection, watched: Mapping[int, Watched]) -> list[Matter]:
    """Everything owed in the periods: duties on cycles, and difficulties that wait for somebody."""
    found: dict[tuple[int, str, int], Matter] = {}
    for owed in owed_in(tx, watched):
        assert owed.cycle_id is not None
        what = DIFFICULTY if owed.duty is Duty.ANSWER else owed.duty.value
        matter = found.setdefault(
            (owed.cycle_id, what, owed.number),
            Matter(watched[owed.period_id], owed.cycle_id, what, owed.number, owed.lateness),
        )
        matter.lateness = min(matter.lateness, owed.lateness)
        matter.holders |= owed.persons
        if owed.unit_id is not None:
            matter.units.add(owed.unit_id)
        elif owed.member_id is not None:
            matter.persons |= owed.persons or {owed.member_id}
            matter.acting |= {one.person_id: one.acted_for for one in owed.holders if one.acted_for}
    return list(found.values())


def escalate(tx: Connection, owed: Iterable[Matter], now: datetime) -> int:
    """Takes each step that is due and was not taken; returns how many. The cycles are locked first, so that
    of two concurrent sweeps one sees the other's steps as taken."""
    late = [matter for matter in owed if steps_due(matter.period.rules.escalation, matter.late)]
    if not late:
        return 0
    routed = load(tx, {matter.cycle_id for matter in late})
    taken = _taken(tx, routed)
    receivers_of = _Receivers(tx, late)
    rows = []
    owing: dict[int, intents.Recipients] = {}
    count = 0
    for matter in late:
        key = (matter.cycle_id, matter.what, matter.number)
        for step in steps_due(matter.period.rules.escalation, matter.late, taken.get(key, ())):
            receivers = receivers_of.of(matter, step.to)
            if not receivers:
                continue
            count += 1
            rows += [
                {
                    "cycle_id": matter.cycle_id,
                    "matter": matter.what,
                    "number": matter.number,
                    "step": _name(step),
                    "person_id": person,
                    "last_day": matter.last,
                    "at": now,
                }
                for person in sorted(receivers)
            ]
            routed[matter.cycle_id].entries.append(
                AuditEntry(
                    "escalated",
                    details={
                        "matter": matter.what,
                        "number": matter.number,
                        "to": step.to.value,
                        "late_working_days": matter.late,
                        "last_day": matter.last.isoformat(),
                        "persons": sorted(receivers),
                    },
                )
            )
            owing.setdefault(matter.period.id, matter.period.owing()).persons |= receivers
    insert_new(tx, escalations, rows, ["cycle_id", "matter", "number", "step", "person_id"])
    settle(tx, list(routed.values()), now)
    for receivers_of_period in owing.values():
        intents.intend_escalations(tx, receivers_of_period, now)
    return count


def _name(step: EscalationStep) -> str:
    return f"{step.to.value}-{step.late_working_days}"


def _taken(tx: Connection, cycle_ids: Iterable[int]) -> dict[tuple[int, str, int], set[EscalationStep]]:
    found: dict[tuple[int, str, int], set[EscalationStep]] = {}
    for row in tx.execute(
        select(escalations.c.cycle_id, escalations.c.matter, escalations.c.number, escalations.c.step)
        .distinct()
        .where(escalations.c.cycle_id.in_(cycle_ids))
    ):
        to, _, days = row.step.rpartition("-")
        step = EscalationStep(int(days), EscalateTo(to))
        found.setdefault((row.cycle_id, row.matter, row.number), set()).add(step)
    return found


class _Receivers:
    """Whom a matter is reported to at each rung, looked up once for all matters."""

    def __init__(self, tx: Connection, late: Iterable[Matter]) -> None:
        matters = list(late)
        organisations = {matter.period.organisation_id for matter in matters}
        days = {matter.period.today for matter in matters}
        self._away = {day: stand_ins(tx, day) for day in days}
        self._heads: dict[int, set[int]] = {}
        self._inspectors: dict[int, set[int]] = {}
        for row in tx.execute(
            select(roles, units.c.organisation_id)
            .join(units, units.c.id == roles.c.unit_id)
            .join(persons, persons.c.id == roles.c.person_id)
            .where(
                units.c.organisation_id.in_(organisations),
                roles.c.role.in_([Role.HEAD.value, Role.INSPECTOR.value]),
                persons.c.is_active,
            )
        ):
            if row.role == Role.HEAD.value:
                self._heads.setdefault(row.unit_id, set()).add(row.person_id)
            else:
                self._inspectors.setdefault(row.organisation_id, set()).add(row.person_id)
        self._leaders = leaders_of_cycles(tx, {matter.cycle_id for matter in matters}, active_only=True)

    def of(self, matter: Matter, to: EscalateTo) -> set[int]:
        """The persons of that rung, an absent one's substitute in their place; empty where the directory
        names none."""
        away = self._away[matter.period.today]
        return {away[one].person_id if one in away else one for one in self._named_for(matter, to)}

    def _named_for(self, matter: Matter, to: EscalateTo) -> set[int]:
        chair = set() if matter.period.chair is None else {matter.period.chair}
        match to:
            case EscalateTo.HEAD:
                return {person for unit in matter.units for person in self._heads.get(unit, ())}
            case EscalateTo.LEADER:
                return self._leaders.get(matter.cycle_id) or chair
            case EscalateTo.CHAIR:
                return chair
            case EscalateTo.INSPECTORS:
                return self._inspectors.get(matter.period.organisation_id, set())
