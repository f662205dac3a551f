"""What pages and mails tell of orders: what may be ordered about a cycle, what was ordered, what waits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, select

from workflow.domain.cycles.advance import last_open_day
from workflow.domain.cycles.office_acts import PossibleOrders, possible_orders
from workflow.domain.cycles.orders import BY_TWO, DROP, SECOND
from workflow.storage.cycles.acts import cycle_in
from workflow.storage.cycles.facts_of_cycles import load
from workflow.storage.names import person_names, unit_names
from workflow.storage.tables import cycles, items, orders


@dataclass(frozen=True, slots=True)
class OrderDesk:
    """What the office may order about a cycle now, and what such an order begins with: the version shown, the
    units that lead and confirm, today, and the last day on which the cycle takes anything."""

    possible: PossibleOrders
    version: int
    leads: frozenset[int]
    confirming: frozenset[int]
    today: date
    last_day: date


def order_desk(tx: Connection, cycle_id: int, now: datetime) -> OrderDesk:
    """What may be ordered about the cycle."""
    cycle = cycle_in(load(tx, [cycle_id], is_for_writing=False), cycle_id)
    standing, facts = cycle.standing_at(now), cycle.facts
    return OrderDesk(
        possible_orders(facts, standing),
        facts.newest_version,
        facts.lead_units,
        facts.confirming_units - facts.lead_units,
        cycle.calendar.day_of(now),
        last_open_day(facts, cycle.rules, now, cycle.calendar),
    )


@dataclass(frozen=True, slots=True)
class OrderTold:
    """An order as mails and pages tell it: what was ordered about which item, by whom, when and why.

    `second` confirmed it and `dropped_by` took it back, where somebody did; `leads` and `former` are the
    units that lead the item by it and before it; `until` the last day it sets.
    """

    id: int
    cycle_id: int
    kind: str
    version: int
    code: str
    content: str
    person: str
    person_id: int
    at: datetime
    reason: str
    is_by_two: bool
    second: str = ""
    dropped_by: str = ""
    leads: tuple[str, ...] = ()
    confirming: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    until: date | None = None
    step: str = ""
    extent: str = ""
    count: int = 1
    """Of an extension: the step by the name of its last day, which items it is for, and how many it met."""


def order_told(tx: Connection, order_id: int) -> OrderTold:
    """The order of that id or, where that one confirms or takes back another, the one it is about."""
    about = tx.scalar(select(orders.c.about).where(orders.c.id == order_id))
    (found,) = _orders_told(tx, orders.c.id == (about or order_id))
    return found


def orders_awaiting_second(tx: Connection, cycle_id: int) -> tuple[OrderTold, ...]:
    """The orders about the cycle that wait for a second person, the oldest first."""
    found = _orders_told(tx, (orders.c.cycle_id == cycle_id) & orders.c.about.is_(None))
    return tuple(one for one in found if one.is_by_two and not one.second and not one.dropped_by)


def _orders_told(tx: Connection, which: ColumnElement[bool]) -> tuple[OrderTold, ...]:
    after = orders.alias()
    rows = tx.execute(
        select(
            orders,
            items.c.code,
            items.c.content,
            after.c.kind.label("then"),
            after.c.person_id.label("then_by"),
        )
        .join(cycles, cycles.c.id == orders.c.cycle_id)
        .join(items, items.c.id == cycles.c.item_id)
        .outerjoin(after, after.c.about == orders.c.id)
        .where(which)
        .order_by(orders.c.id)
    ).all()
    people = person_names(
        tx, (one for row in rows for one in (row.person_id, row.then_by) if one is not None)
    )
    seats = [(*row.details.get("leads", ()), *row.details.get("confirming", ())) for row in rows]
    were = [row.details.get("before", {}).get("leads", ()) for row in rows]
    names = unit_names(tx, (one for units_of in (*seats, *were) for one in units_of))

    def named(ids: Iterable[int]) -> tuple[str, ...]:
        return tuple(names[one] for one in ids if one in names)

    return tuple(
        OrderTold(
            row.id,
            row.cycle_id,
            row.kind,
            row.version,
            row.code,
            row.content,
            people.get(row.person_id, ""),
            row.person_id,
            row.at,
            row.reason,
            bool(row.details.get(BY_TWO)),
            second=people.get(row.then_by, "") if row.then == SECOND else "",
            dropped_by=people.get(row.then_by, "") if row.then == DROP else "",
            leads=named(row.details.get("leads", ())),
            confirming=named(
                one for one in row.details.get("confirming", ()) if one not in row.details.get("leads", ())
            ),
            former=named(row.details.get("before", {}).get("leads", ())),
            step=row.details.get("step", ""),
            extent=row.details.get("extent", ""),
            count=row.details.get("count", 1),
            until=date.fromisoformat(row.details["until"]) if "until" in row.details else None,
        )
        for row in rows
    )
