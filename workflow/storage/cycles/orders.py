"""Orders about a cycle beside its reports and votes: a report is recalled, the office withdraws, reopens or
reassigns, each with a reason. An order is a fact like any other: added, never changed.

One that undoes a decision waits until a second person of the office confirms it or somebody takes it back
(`workflow.storage.amending.second_words`), as ballots on paper do. Everyone concerned gets one mail.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete

from workflow.domain.cycles.advance import Standing
from workflow.domain.cycles.cycle import Recall, Reopening, Stage, standing_confirmations
from workflow.domain.cycles.office_acts import PossibleOrders, possible_orders
from workflow.domain.cycles.orders import (
    BY_TWO,
    DROP,
    EXTEND,
    REASSIGN,
    RECALL,
    REOPEN,
    SECOND,
    TO_VOTE,
    WITHDRAW,
    Order,
    awaiting_second,
)
from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.people.directory import Role
from workflow.domain.words import Words
from workflow.storage.access.links import Purpose
from workflow.storage.audit import AuditEntry
from workflow.storage.cycles.acts import Receipt, cycle_in, settled
from workflow.storage.cycles.entitlement import check_office, check_units, is_officer, units_of
from workflow.storage.cycles.facts_of_cycles import Routed, load
from workflow.storage.cycles.item_rules import scope
from workflow.storage.fact_hashes import FACT, FactKind, fact_hash
from workflow.storage.people.directory import holders
from workflow.storage.post.intents import Ballots, Recipients, people_of
from workflow.storage.post.order_news import intend_order_news
from workflow.storage.tables import CONFIRMING, LEAD, cycle_units, orders

Via = Mapping[str, Any]
"""Through what the order came where that is no page: the user of the machine, or a key of the API."""


@dataclass(frozen=True, slots=True)
class OrderReceipt:
    """What was recorded: a number to quote, the order's id, and whether it waits for a second person."""

    number: str
    order_id: int
    waits: bool = False


def recall(
    tx: Connection,
    person_id: int,
    cycle_id: int,
    seen_version: int,
    now: datetime,
    *,
    reason: str = "",
    via: Via | None = None,
) -> OrderReceipt:
    """Recalls a report that nobody has confirmed or voted on yet, so that it can be sent again: who reports
    for the unit that sent it or, with a reason, the office for them."""
    routed = load(tx, [cycle_id])
    cycle = cycle_in(routed, cycle_id)
    standing, current = cycle.standing_at(now), cycle.facts.current
    if current is None or standing.version != seen_version:
        raise Conflict(Words("Không có báo cáo nào để thu hồi."), cure=Words("Xin mở lại trang để xem."))
    mine = units_of(tx, person_id, routed, (current.unit_id,), now)
    acted_for = mine.get(current.unit_id)
    if current.unit_id not in mine:
        if not is_officer(tx, person_id, cycle.organisation_id):
            raise NotAllowed(Words("Chỉ đơn vị đã gửi báo cáo hoặc Văn phòng mới thu hồi được."))
        check_reason(reason)
    if not possible_orders(cycle.facts, standing).recall:
        raise Conflict(Words("Báo cáo đã có đơn vị xác nhận hoặc đã biểu quyết, không thu hồi được nữa."))
    order = added(tx, cycle, RECALL, person_id, reason, {}, now, via, acted_for=acted_for)
    cycle.add(recall=Recall(seen_version, person_id, now))
    return in_effect(tx, routed, cycle, order, standing, now)


def withdraw(
    tx: Connection,
    person_id: int,
    cycle_id: int,
    reason: str,
    now: datetime,
    *,
    seen_version: int | None = None,
    via: Via | None = None,
) -> OrderReceipt:
    """The office takes the item out of the period, with a reason. One that the committee approved, or that
    was reopened, stays until a second person confirms the order."""
    routed, cycle = for_office(tx, person_id, cycle_id, reason, seen_version)
    standing = cycle.standing_at(now)
    if withdrawable(cycle, standing).undoes_decision:
        return for_second(tx, routed, cycle, WITHDRAW, person_id, reason, {}, now, via)
    order = added(tx, cycle, WITHDRAW, person_id, reason, {}, now, via)
    cycle.withdraw()
    return in_effect(tx, routed, cycle, order, standing, now)


def reopen(
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
    """The office reopens a cycle that is decided, or whose vote ended without a result: the lead sends a new
    version, which may be decided until that day. What was decided stays on record."""
    routed, cycle = for_office(tx, person_id, cycle_id, reason, seen_version)
    standing = cycle.standing_at(now)
    if not possible_orders(cycle.facts, standing).reopen:
        raise Conflict(
            Words("Nội dung này chưa kết thúc để mở lại: “%(label)s”.", label=standing.stage.label)
        )
    if until < cycle.calendar.day_of(now):
        raise NotAllowed(Words("Hạn của lượt mở lại phải từ hôm nay trở đi."))
    order = added(tx, cycle, REOPEN, person_id, reason, {"until": until.isoformat()}, now, via)
    # Of the last version, though an earlier approved one may stand: what is sent next follows it.
    version = cycle.facts.newest_version
    cycle.add(reopening=Reopening(version, person_id, now, reason.strip(), until))
    return in_effect(tx, routed, cycle, order, standing, now)


def reassign(
    tx: Connection,
    person_id: int,
    cycle_id: int,
    leads: Sequence[int],
    coordinating: Sequence[int],
    reason: str,
    now: datetime,
    *,
    seen_version: int | None = None,
    via: Via | None = None,
) -> OrderReceipt:
    """The office gives the cycle to other units, with a reason. The report already sent stays; words of units
    no longer asked stay on record and do not count."""
    routed, cycle = for_office(tx, person_id, cycle_id, reason, seen_version)
    standing = cycle.standing_at(now)
    if not possible_orders(cycle.facts, standing).reassign:
        raise Conflict(Words("Nội dung này đã kết thúc, không chuyển được nữa."))
    if not leads:
        raise NotAllowed(
            Words("Phải có ít nhất một đơn vị chủ trì."), cure=Words("Chọn đơn vị chủ trì trong danh sách.")
        )
    lead = list(dict.fromkeys(leads))
    asked = list(dict.fromkeys([*lead, *coordinating]))
    check_units(tx, cycle.organisation_id, set(asked))
    before = {"leads": sorted(cycle.facts.lead_units), "confirming": sorted(cycle.facts.confirming_units)}
    seats = [(unit, LEAD, place) for place, unit in enumerate(lead)]
    if len(asked) > 1:
        seats += [(unit, CONFIRMING, place) for place, unit in enumerate(asked)]
    given = {"leads": sorted(lead), "confirming": sorted(asked) if len(asked) > 1 else []}
    if given == before:
        raise Conflict(Words("Nội dung này đã do đúng các đơn vị ấy làm."))
    tx.execute(delete(cycle_units).where(cycle_units.c.cycle_id == cycle_id))
    tx.execute(
        cycle_units.insert(),
        [
            {"cycle_id": cycle_id, "unit_id": unit, "role": role, "position": place}
            for unit, role, place in seats
        ],
    )
    details = {"before": before, "leads": lead, "confirming": asked if len(asked) > 1 else []}
    order = added(tx, cycle, REASSIGN, person_id, reason, details, now, via)
    was, entries = cycle, cycle.entries
    scope(tx, [cycle_id])
    routed = load(tx, [cycle_id])
    cycle = routed[cycle_id]
    cycle.entries = entries
    also = concerned(tx, was, standing, standing, now)
    return in_effect(tx, routed, cycle, order, standing, now, also=also)


def withdrawable(cycle: Routed, standing: Standing) -> PossibleOrders:
    """What may be ordered about the cycle, which may be taken out of its period; raises Conflict where it may
    not."""
    possible = possible_orders(cycle.facts, standing)
    if not possible.withdraw:
        raise Conflict(Words("Nội dung này đã rút, hoặc kỳ đã khóa."))
    return possible


def for_office(
    tx: Connection, person_id: int, cycle_id: int, reason: str, seen_version: int | None
) -> tuple[dict[int, Routed], Routed]:
    """The cycle under lock, for an officer who gives a reason and saw the version that counts."""
    routed = load(tx, [cycle_id])
    cycle = cycle_in(routed, cycle_id)
    check_office(tx, person_id, cycle.organisation_id)
    check_reason(reason)
    check_seen(cycle, seen_version)
    return routed, cycle


def check_seen(cycle: Routed, seen_version: int | None) -> None:
    """Refuses an order about another version of the report than the one that counts now."""
    if seen_version is not None and seen_version != cycle.facts.newest_version:
        raise Conflict(
            Words("Báo cáo vừa được thay bằng bản mới."), cure=Words("Xin mở lại trang để xem bản mới.")
        )


def check_reason(reason: str) -> None:
    """Refuses an order without a reason."""
    if not reason.strip():
        raise NotAllowed(Words("Việc này phải nêu lý do."), cure=Words("Ghi lý do vào ô bên dưới."))


def for_second(
    tx: Connection,
    routed: dict[int, Routed],
    cycle: Routed,
    kind: str,
    person_id: int,
    reason: str,
    details: dict[str, Any],
    now: datetime,
    via: Via | None,
) -> OrderReceipt:
    """Records an order that has no effect yet, and has the others of the office told that it waits."""
    if any(one.kind == kind for one in awaiting_second(cycle.orders)):
        raise Conflict(
            Words("Việc này đã có người đề nghị, đang chờ người thứ hai."),
            cure=Words("Người thứ hai xác nhận hoặc bỏ đề nghị đó."),
        )
    others = set(holders(tx, cycle.organisation_id, Role.OFFICE)) - {person_id}
    if not others:
        raise NotAllowed(
            Words("Việc này cần hai người của Văn phòng, mà danh bạ chỉ có một."),
            cure=Words("Thêm một người giữ vai Văn phòng vào danh bạ."),
        )
    order = added(tx, cycle, kind, person_id, reason, details | {BY_TWO: True}, now, via)
    tell_office(tx, cycle, order, others, now)
    return OrderReceipt(settled(tx, routed, 1, now).number, order.id, waits=True)


def in_effect(
    tx: Connection,
    routed: dict[int, Routed],
    cycle: Routed,
    order: Order,
    before: Standing,
    now: datetime,
    *,
    also: Collection[int] = (),
    second_id: int | None = None,
) -> OrderReceipt:
    """Writes what follows from an order that has effect, and has everyone concerned told in one mail."""
    actor = second_id or order.person_id
    told = (concerned(tx, cycle, before, cycle.standing_at(now), now) | set(also)) - {actor}
    intend_order_news(tx, order.id, order_recipients(cycle), told, now, purpose=Purpose.DUTIES.value)
    if second_id is not None:
        tell_office(tx, cycle, order, {order.person_id} - told, now)
    receipt: Receipt = settled(tx, routed, 1, now, told={*told, actor})
    return OrderReceipt(receipt.number, order.id)


def concerned(tx: Connection, cycle: Routed, before: Standing, after: Standing, now: datetime) -> set[int]:
    """Whom an order concerns: who reports for the lead units, for the units that confirmed the report, and
    for those something was or is now awaited from; and the committee, where the report waited or waits for it
    or had its approval."""
    facts = cycle.facts
    whom = order_recipients(cycle)
    whom.units |= facts.lead_units | set(standing_confirmations(facts, before.version))
    whom.units |= before.units | after.units
    stages = (before.stage, after.stage)
    if before.stage is Stage.APPROVED or Stage.WAITING_APPROVAL in stages:
        authors = frozenset(one for one in facts.authors(before.version) if one is not None)
        rule = cycle.rules.approval
        whom.ask(facts.roll.members, Ballots(facts.roll.members, rule.substitutes, authors))
    return people_of(tx, whom, now)


def order_recipients(cycle: Routed) -> Recipients:
    """An empty list of those to write to about an order."""
    return Recipients(
        cycle.organisation_id,
        cycle.period_id,
        cycle.rules.mail,
        cycle.calendar,
        has_absences=cycle.has_absences,
    )


def tell_office(tx: Connection, cycle: Routed, order: Order, people: Collection[int], now: datetime) -> None:
    """Has people of the office told what became of an order that waited, or waits, for a second person."""
    intend_order_news(tx, order.id, order_recipients(cycle), people, now, purpose=Purpose.OFFICE.value)


_VERBS = {
    RECALL: "recalled",
    WITHDRAW: "withdrawn",
    REOPEN: "reopened",
    REASSIGN: "reassigned",
    EXTEND: "extended",
    TO_VOTE: "vote-called-anew",
    SECOND: "order-confirmed",
    DROP: "order-dropped",
}
_ASKED = {WITHDRAW: "withdrawal-asked", TO_VOTE: "vote-anew-asked"}
"""The verbs of orders that wait for a second person."""


def added(
    tx: Connection,
    cycle: Routed,
    kind: str,
    person_id: int,
    reason: str,
    details: dict[str, Any],
    now: datetime,
    via: Via | None,
    *,
    acted_for: int | None = None,
    about: int | None = None,
) -> Order:
    """Writes the order's row and its audit entry."""
    version = cycle.facts.newest_version
    row: dict[str, Any] = {
        "cycle_id": cycle.id,
        "kind": kind,
        "version": version,
        "person_id": person_id,
        "acted_for": acted_for,
        "reason": reason.strip(),
        "details": details | dict(via or {}),
        "at": now,
        "about": about,
    }
    order_id: int = tx.execute(orders.insert().values(row).returning(orders.c.id)).scalar_one()
    order = Order(order_id, kind, version, person_id, now, row["reason"], row["details"], about)
    logged = {"version": version, "reason": row["reason"], FACT: fact_hash(FactKind.ORDER, row)}
    if acted_for is not None:
        logged["acted_for"] = acted_for
    verb = _ASKED[kind] if order.is_by_two else _VERBS[kind]
    cycle.entries.append(AuditEntry(verb, person_id, logged | row["details"]))
    return order
