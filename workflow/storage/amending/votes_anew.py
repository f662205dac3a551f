"""The office puts a version before the committee again, which votes on it anew until a day the office names:
one that came back, confirmed by a second person as it undoes a decision; or one whose vote closed without a
decision. What was cast until then stays on record and does not count.

What follows is `Revote` in `workflow.domain.cycles.cycle`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection

from workflow.domain.cycles.advance import Standing, advance, last_open_day
from workflow.domain.cycles.cycle import Revote
from workflow.domain.cycles.office_acts import PossibleOrders, possible_orders
from workflow.domain.cycles.orders import TO_VOTE, Order
from workflow.domain.cycles.voting import vote_closes
from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.vietnamese import day as shown_day
from workflow.domain.words import Words
from workflow.storage.cycles.facts_of_cycles import Routed
from workflow.storage.cycles.orders import OrderReceipt, Via, added, for_office, for_second, in_effect


def to_vote(
    tx: Connection,
    person_id: int,
    cycle_id: int,
    reason: str,
    until: date,
    now: datetime,
    *,
    seen_version: int | None = None,
    via: Via | None = None,
) -> OrderReceipt:
    """Puts the version before the committee again, to be voted on until that day. One that came back waits
    for a second person first. Raises Conflict where it did not come back and its vote is not closed, and
    NotAllowed for a day that is over or after the cycle's own end."""
    routed, cycle = for_office(tx, person_id, cycle_id, reason, seen_version)
    standing = cycle.standing_at(now)
    # Not before the last ballot, where the clock has not moved since.
    at = max([now, *(one.at for one in cycle.facts.ballots)])
    revote = Revote(standing.version, person_id, at, until)
    possible = check_callable(cycle, standing, revote, now)
    details = {"until": until.isoformat()}
    if possible.undoes_return:
        return for_second(tx, routed, cycle, TO_VOTE, person_id, reason, details, at, via)
    order = added(tx, cycle, TO_VOTE, person_id, reason, dict(details), at, via)
    cycle.add(revote=revote)
    return in_effect(tx, routed, cycle, order, standing, now)


def revote_by(order: Order, at: datetime) -> Revote:
    """The vote anew that an order comes to, once it has effect at that moment."""
    return Revote(order.version, order.person_id, at, date.fromisoformat(order.details["until"]))


def check_callable(cycle: Routed, standing: Standing, revote: Revote, now: datetime) -> PossibleOrders:
    """What may be ordered about the cycle, where it may be voted on anew as given."""
    possible = possible_orders(cycle.facts, standing)
    if not possible.to_vote:
        raise Conflict(
            Words(
                "Chỉ đưa lại biểu quyết được khi báo cáo bị trả lại mà chưa gửi bản mới, hoặc khi biểu quyết "
                "đã khép lại mà chưa có quyết định."
            )
        )
    last = last_open_day(cycle.facts, cycle.rules, now, cycle.calendar)
    if revote.until > last:
        raise NotAllowed(
            Words(
                "Hạn biểu quyết mới không được sau ngày cuối của nội dung này, %(day)s.", day=shown_day(last)
            ),
            cure=Words("Chọn một ngày sớm hơn."),
        )
    if vote_closes(revote.until, cycle.rules.approval, cycle.calendar) <= now:
        raise NotAllowed(Words("Hạn biểu quyết mới đã qua."), cure=Words("Chọn một ngày sau."))
    facts = replace(cycle.facts, revotes=(*cycle.facts.revotes, revote))
    if advance(facts, cycle.rules, max(now, revote.at), cycle.calendar).duty is None:
        raise Conflict(
            Words("Số người được biểu quyết nội dung này không đủ để thông qua, dù mọi người đều đồng ý."),
            cure=Words("Văn phòng mở lại nội dung để người khác báo cáo, hoặc báo cáo cấp trên."),
        )
    return possible
