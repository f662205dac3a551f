"""The second person's word on an order that undoes a decision: from it on the order has effect; or somebody
takes the order back. Four eyes, as with ballots on paper."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from workflow.domain.cycles.orders import DROP, SECOND, TO_VOTE, Order, awaiting_second, is_second
from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.words import Words
from workflow.storage.amending.votes_anew import check_callable, revote_by
from workflow.storage.cycles.acts import after, cycle_in, settled
from workflow.storage.cycles.entitlement import check_office
from workflow.storage.cycles.facts_of_cycles import Routed, load
from workflow.storage.cycles.orders import OrderReceipt, Via, added, in_effect, tell_office, withdrawable
from workflow.storage.tables import orders


def second(
    tx: Connection, person_id: int, order_id: int, now: datetime, *, via: Via | None = None
) -> OrderReceipt:
    """Confirms an order that another person gave: from now on it has effect."""
    routed, cycle, order = _waiting(tx, person_id, order_id)
    if not is_second(order.person_id, person_id):
        raise NotAllowed(
            Words("Người đã đề nghị không tự xác nhận."), cure=Words("Người khác của Văn phòng xác nhận.")
        )
    standing = cycle.standing_at(now)
    # Not `standing.version`: after a reopening in vain an earlier version stands than the last one sent.
    if cycle.facts.newest_version != order.version:
        raise Conflict(Words("Báo cáo vừa được thay bằng bản mới."), cure=Words("Bỏ đề nghị này."))
    at = after(now, order.at)
    if order.kind == TO_VOTE:
        revote = revote_by(order, at)
        check_callable(cycle, standing, revote, now)
    else:
        withdrawable(cycle, standing)
    added(tx, cycle, SECOND, person_id, "", {"order": order.kind}, at, via, about=order.id)
    if order.kind == TO_VOTE:
        cycle.add(revote=revote)
    else:
        cycle.withdraw()
    return in_effect(tx, routed, cycle, order, standing, now, second_id=person_id)


def drop(
    tx: Connection, person_id: int, order_id: int, now: datetime, *, via: Via | None = None
) -> OrderReceipt:
    """Takes back an order that waits for its second person; anybody of the office may, and it stays on
    record. Who gave it is told, where another took it back."""
    routed, cycle, order = _waiting(tx, person_id, order_id)
    at = after(now, order.at)
    dropped = added(tx, cycle, DROP, person_id, "", {"order": order.kind}, at, via, about=order.id)
    tell_office(tx, cycle, dropped, {order.person_id} - {person_id}, now)
    return OrderReceipt(settled(tx, routed, 1, now).number, dropped.id)


def _waiting(tx: Connection, person_id: int, order_id: int) -> tuple[dict[int, Routed], Routed, Order]:
    """An order that waits for its second person, and its cycle, locked."""
    cycle_id = tx.scalar(select(orders.c.cycle_id).where(orders.c.id == order_id))
    routed = load(tx, [] if cycle_id is None else [cycle_id])
    if cycle_id is None:
        raise NotAllowed(Words("Không có đề nghị này."))
    cycle = cycle_in(routed, cycle_id)
    check_office(tx, person_id, cycle.organisation_id)
    order = next((one for one in awaiting_second(cycle.orders) if one.id == order_id), None)
    if order is None:
        raise Conflict(Words("Đề nghị này đã được xác nhận hoặc đã bỏ."))
    return routed, cycle, order
