"""Whom the leaders printed in a plan are bound to, and binding them after the plan was taken in.

A binding is a change of the plan: open cycles follow it, what was decided keeps what it decided
(`plan_changes`), and it is in the log.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select

from workflow.domain.errors import NotFound
from workflow.domain.people.person_names import name_key, same_name, untitled
from workflow.domain.plans.plan import NOBODY, Plan, PlanItem, PlanPart, without_last_nones
from workflow.domain.words import Words
from workflow.storage.amending.cycle_changes import Consequence
from workflow.storage.amending.plan_changes import change_plan
from workflow.storage.audit import AuditEntry, record
from workflow.storage.plans.plans import load_plan, plan_head
from workflow.storage.tables import persons, plans

BOUND = "leader-bound"


@dataclass(frozen=True, slots=True)
class Someone:
    """A person of the directory to choose from."""

    id: int
    name: str
    email: str
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class PrintedLeader:
    """A leader as a plan prints them, with the rows (by code) and who it is: a person, no one of the
    directory (`is_no_one`), or nobody has said. `proposed` bear the very name, where nobody has said."""

    name: str
    codes: tuple[str, ...]
    person: Someone | None
    is_no_one: bool
    proposed: tuple[Someone, ...] = ()

    @property
    def is_asked(self) -> bool:
        """Whether somebody should say who it is: nobody did, or who was said left the directory."""
        return not self.is_no_one and (self.person is None or not self.person.is_active)


def printed_leaders(tx: Connection, plan_id: int, *, of_code: str = "") -> tuple[PrintedLeader, ...]:
    """The leaders of the plan, those somebody should say something of first, each in the plan's order; only
    those of one row where `of_code` names it."""
    plan, organisation_id = load_plan(tx, plan_id), plan_head(tx, plan_id).organisation_id
    known = {one.email: one for one in _people(tx, organisation_id)}
    found: dict[tuple[str, str | None], tuple[str, list[str]]] = {}
    for row in _rows(plan):
        for name, said in row.led_by:
            _, codes = found.setdefault((_key(name), said), (name, []))
            codes.append(row.code)
    printed = []
    for (key, said), (name, codes) in found.items():
        if of_code and of_code not in codes:
            continue
        person = known.get(said) if said else None
        proposed = tuple(
            one for one in known.values() if one.is_active and person is None and _key(one.name) == key
        )
        printed.append(PrintedLeader(name, tuple(codes), person, said == NOBODY, proposed))
    return tuple(sorted(printed, key=lambda one: (not one.is_asked, not one.proposed)))


def leaders_to_bind(tx: Connection, plan_id: int, person_name: str) -> tuple[PrintedLeader, ...]:
    """The leaders of that very name whom the plan does not know yet: what to propose for a new person."""
    return tuple(
        one
        for one in printed_leaders(tx, plan_id)
        if one.person is None and same_name(untitled(one.name), person_name)
    )


def people_to_choose(tx: Connection, plan_id: int) -> list[Someone]:
    """The persons a leader may be bound to, in the order of their names."""
    everyone = _people(tx, plan_head(tx, plan_id).organisation_id)
    return sorted((one for one in everyone if one.is_active), key=lambda one: (_key(one.name), one.email))


def bind_leader(
    tx: Connection,
    plan_id: int,
    name: str,
    person_id: int | None,
    now: datetime,
    *,
    codes: Collection[str] = (),
    by: int | None = None,
) -> tuple[int, tuple[Consequence, ...]]:
    """Binds the leader printed as `name` to a person, None for no one of the directory: in the rows of these
    codes, else wherever it is printed. Returns how many rows changed, and what became of the open cycles.

    Raises NotFound where the plan has no such leader, or the organisation no such person.
    """
    tx.execute(select(plans.c.id).where(plans.c.id == plan_id).with_for_update())
    plan, organisation_id = load_plan(tx, plan_id), plan_head(tx, plan_id).organisation_id
    people = {one.id: one.email for one in _people(tx, organisation_id) if one.is_active}
    if person_id is not None and person_id not in people:
        raise NotFound(Words("Không có người này trong danh bạ."), where=str(person_id))
    said = NOBODY if person_id is None else people[person_id]
    wanted = [
        row.code
        for row in _rows(plan)
        if (not codes or row.code in codes) and any(_key(one) == _key(name) for one in row.leaders)
    ]
    if not wanted:
        raise NotFound(
            Words("Kế hoạch không có lãnh đạo nào ghi là “%(name)s”.", name=name),
            cure=Words("Ghi đúng như kế hoạch in; xem danh sách ở trang Lãnh đạo phụ trách."),
        )
    changed = change_plan(tx, plan_id, _saying(plan, name, said, wanted), now)
    details = {"plan": plan_id, "name": name, "person": person_id, "codes": wanted}
    record(tx, organisation_id, now, AuditEntry(BOUND, by, details))
    return len(wanted), changed.consequences


def _saying(plan: Plan, name: str, said: str, codes: Collection[str]) -> Plan:
    def ids(row: PlanPart) -> tuple[str | None, ...]:
        if row.code not in codes:
            return row.leader_ids
        return without_last_nones(
            [said if _key(printed) == _key(name) else was for printed, was in row.led_by]
        )

    def item_saying(item: PlanItem) -> PlanItem:
        parts = tuple(replace(part, leader_ids=ids(part)) for part in item.parts)
        return replace(item, leader_ids=ids(item), parts=parts)

    return replace(plan, items=tuple(item_saying(item) for item in plan.items))


def _rows(plan: Plan) -> Iterator[PlanPart]:
    for item in plan.items:
        yield item
        yield from item.parts


def _key(name: str) -> str:
    return name_key(untitled(name))


def _people(tx: Connection, organisation_id: int) -> list[Someone]:
    rows = tx.execute(
        select(persons.c.id, persons.c.name, persons.c.email, persons.c.is_active)
        .where(persons.c.organisation_id == organisation_id, ~persons.c.is_outside)
        .order_by(persons.c.id)
    )
    return [Someone(*row) for row in rows]
