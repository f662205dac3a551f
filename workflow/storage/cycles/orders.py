"""Orders about a cycle beside its reports and votes: the lead recalls a report, the office withdraws, reopens
or reassigns, each with a reason. An order is a fact like any other: added, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from workflow.domain.cycles.cycle import Recall, Reopening, Stage
from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.words import Words
from workflow.storage.audit import AuditEntry
from workflow.storage.cycles.acts import Receipt, cycle_in, settled
from workflow.storage.cycles.entitlement import check_office, check_units, units_of
from workflow.storage.cycles.facts_of_cycles import REASSIGN, RECALL, REOPEN, WITHDRAW, Routed, load
from workflow.storage.cycles.item_rules import scope
from workflow.storage.cycles.routing import advance_cycles
from workflow.storage.fact_hashes import FACT, FactKind, fact_hash
from workflow.storage.tables import CONFIRMING, LEAD, cycle_units, cycles, orders


def recall(tx: Connection, person_id: int, cycle_id: int, seen_version: int, now: datetime) -> Receipt:
    """Recalls a report that nobody has confirmed or voted on yet, so that it can be sent again."""
    routed = load(tx, [cycle_id])
    cycle = cycle_in(routed, cycle_id)
    standing, current = cycle.standing_at(now), cycle.facts.current
    if current is None or standing.version != seen_version:
        raise Conflict(Words("Không có báo cáo nào để thu hồi."), cure=Words("Xin mở lại trang để xem."))
    mine = units_of(tx, person_id, routed, (current.unit_id,), now)
    if current.unit_id not in mine:
        raise NotAllowed(Words("Chỉ đơn vị đã gửi báo cáo mới thu hồi được."))
    is_waiting = standing.stage in (Stage.WAITING_CONFIRMATION, Stage.WAITING_APPROVAL)
    if not is_waiting or standing.deemed or cycle.facts.first_answer(seen_version):
        raise Conflict(Words("Báo cáo đã có đơn vị xác nhận hoặc đã biểu quyết, không thu hồi được nữa."))
    acted_for = mine[current.unit_id]
    _order(tx, cycle, RECALL, person_id, "", {}, now, acted_for=acted_for)
    cycle.add(recall=Recall(seen_version, person_id, now))
    return settled(tx, routed, 1, now)


def withdraw(tx: Connection, person_id: int, cycle_id: int, reason: str, now: datetime) -> Receipt:
    """The office takes the item out of the period, with a reason."""
    routed, cycle = _for_office(tx, person_id, cycle_id, reason)
    if cycle.facts.is_closed or cycle.stage is Stage.WITHDRAWN:
        raise Conflict(Words("Nội dung này đã rút, hoặc kỳ đã khóa."))
    _order(tx, cycle, WITHDRAW, person_id, reason, {}, now)
    cycle.withdraw()
    return settled(tx, routed, 1, now)


def reopen(tx: Connection, person_id: int, cycle_id: int, reason: str, until: date, now: datetime) -> Receipt:
    """The office reopens a cycle that is decided, or whose vote ended without a result: the lead sends a new
    version, which may be decided until that day. What was decided stays on record."""
    routed, cycle = _for_office(tx, person_id, cycle_id, reason)
    standing = cycle.standing_at(now)
    is_stuck = standing.stage is Stage.WAITING_APPROVAL and standing.duty is None
    is_ended = standing.stage.is_final and standing.stage is not Stage.WITHDRAWN
    if not is_ended and not is_stuck:
        raise Conflict(
            Words("Nội dung này chưa kết thúc để mở lại: “%(label)s”.", label=standing.stage.label)
        )
    if until < cycle.calendar.day_of(now):
        raise NotAllowed(Words("Hạn của lượt mở lại phải từ hôm nay trở đi."))
    _order(tx, cycle, REOPEN, person_id, reason, {"until": until.isoformat()}, now)
    # Of the last version, though an earlier approved one may stand: what is sent next follows it.
    version = cycle.facts.current.version if cycle.facts.current else 0
    cycle.add(reopening=Reopening(version, person_id, now, reason.strip(), until))
    return settled(tx, routed, 1, now)


def reassign(
    tx: Connection,
    person_id: int,
    cycle_id: int,
    leads: Sequence[int],
    coordinating: Sequence[int],
    reason: str,
    now: datetime,
) -> Receipt:
    """The office gives the cycle to other units, with a reason. The report already sent stays; words of units
    no longer asked stay on record and do not count."""
    routed, cycle = _for_office(tx, person_id, cycle_id, reason)
    if cycle.standing_at(now).stage.is_final:
        raise Conflict(Words("Nội dung này đã kết thúc, không chuyển được nữa."))
    if not leads:
        raise NotAllowed(Words("Phải có ít nhất một đơn vị chủ trì."))
    lead = list(dict.fromkeys(leads))
    asked = list(dict.fromkeys([*lead, *coordinating]))
    check_units(tx, cycle.organisation_id, set(asked))
    before = {"leads": sorted(cycle.facts.lead_units), "confirming": sorted(cycle.facts.confirming_units)}
    seats = [(unit, LEAD, place) for place, unit in enumerate(lead)]
    if len(asked) > 1:
        seats += [(unit, CONFIRMING, place) for place, unit in enumerate(asked)]
    tx.execute(delete(cycle_units).where(cycle_units.c.cycle_id == cycle_id))
    tx.execute(
        cycle_units.insert(),
        [
            {"cycle_id": cycle_id, "unit_id": unit, "role": role, "position": place}
            for unit, role, place in seats
        ],
    )
    details = {"before": before, "leads": lead, "confirming": asked if len(asked) > 1 else []}
    _order(tx, cycle, REASSIGN, person_id, reason, details, now)
    settled(tx, routed, 1, now)
    scope(tx, [cycle_id])
    changes = advance_cycles(tx, [cycle_id], now)
    number = tx.scalar(select(cycles.c.audit_hash).where(cycles.c.id == cycle_id)) or ""
    return Receipt(number[:8].upper(), 1, tuple(changes))


def _for_office(
    tx: Connection, person_id: int, cycle_id: int, reason: str
) -> tuple[dict[int, Routed], Routed]:
    routed = load(tx, [cycle_id])
    cycle = cycle_in(routed, cycle_id)
    check_office(tx, person_id, cycle.organisation_id)
    if not reason.strip():
        raise NotAllowed(Words("Việc này phải nêu lý do."), cure=Words("Ghi lý do vào ô bên dưới."))
    return routed, cycle


_VERBS = {RECALL: "recalled", WITHDRAW: "withdrawn", REOPEN: "reopened", REASSIGN: "reassigned"}


def _order(
    tx: Connection,
    cycle: Routed,
    kind: str,
    person_id: int,
    reason: str,
    details: dict[str, Any],
    now: datetime,
    *,
    acted_for: int | None = None,
) -> None:
    version = cycle.facts.current.version if cycle.facts.current else 0
    row = {
        "cycle_id": cycle.id,
        "kind": kind,
        "version": version,
        "person_id": person_id,
        "acted_for": acted_for,
        "reason": reason.strip(),
        "details": details,
        "at": now,
    }
    tx.execute(orders.insert().values(row))
    logged = {"version": version, "reason": reason.strip(), FACT: fact_hash(FactKind.ORDER, row)} | details
    if acted_for is not None:
        logged["acted_for"] = acted_for
    cycle.entries.append(AuditEntry(_VERBS[kind], person_id, logged))
