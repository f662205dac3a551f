"""The office gives more time: a later last day for one step of an item, of all items a unit leads, or of the
whole period. An order for each cycle it meets, so that each has its own timetable and its history says why.

What the new day moves is `workflow.domain.periods.period.extended`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, select

from workflow.domain.cycles.cycle import Facts, Stage
from workflow.domain.cycles.office_acts import possible_orders
from workflow.domain.cycles.orders import EXTEND, FROM_VERSION
from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.vietnamese import day as shown_day
from workflow.domain.words import Words
from workflow.storage.access.links import Purpose
from workflow.storage.cycles.acts import cycle_in, settled
from workflow.storage.cycles.entitlement import check_office
from workflow.storage.cycles.facts_of_cycles import Routed, load
from workflow.storage.cycles.orders import (
    OrderReceipt,
    added,
    check_reason,
    check_seen,
    concerned,
    order_recipients,
)
from workflow.storage.post.order_news import intend_order_news
from workflow.storage.tables import LEAD, cycle_units, cycles


class Extent(StrEnum):
    """Which items get more time: one, those that its lead units lead, or all of the period."""

    ITEM = "item"
    UNIT = "unit"
    PERIOD = "period"


class ExtendedStep(StrEnum):
    """The step that gets more time, by the name of its last day."""

    REPORT = "due_on"
    CONFIRM = "confirm_by"
    VOTE = "approve_by"


@dataclass(frozen=True, slots=True)
class MoreTime:
    """The step, its new last day, for which items, and why."""

    step: ExtendedStep
    until: date
    reason: str
    extent: Extent = Extent.ITEM


def extend(
    tx: Connection,
    person_id: int,
    cycle_id: int,
    more: MoreTime,
    now: datetime,
    *,
    seen_version: int | None = None,
    via: Mapping[str, Any] | None = None,
) -> OrderReceipt:
    """Moves the last day of the step to a later one, for the cycle and those of its extent that have not
    ended, were not reopened, and whose day is earlier; never past the period's cut-off. Everyone concerned
    gets one mail, however many items it meets. Raises Conflict where it would move nothing."""
    routed = load(tx, _cycles_of(tx, cycle_id, more.extent))
    this = cycle_in(routed, cycle_id)
    check_office(tx, person_id, this.organisation_id)
    check_reason(more.reason)
    check_seen(this, seen_version)
    cut_off = this.facts.timetable.cut_off
    if more.until > cut_off:
        raise NotAllowed(
            Words("Hạn mới không được sau ngày khóa của kỳ, %(day)s.", day=shown_day(cut_off)),
            cure=Words("Chọn một ngày sớm hơn."),
        )
    if more.until < this.calendar.day_of(now):
        raise NotAllowed(Words("Hạn mới phải từ hôm nay trở đi."))
    met = {one.id: one for one in routed.values() if _moves(one, more, now)}
    if not met:
        raise Conflict(
            Words("Không có nội dung nào được thêm thời gian: đã kết thúc, hoặc hạn đang có không sớm hơn.")
        )
    details = {
        "step": more.step.value,
        "until": more.until.isoformat(),
        "extent": more.extent.value,
        "count": len(met),
    }
    people: set[int] = set()
    first = 0
    for cycle in met.values():
        standing = cycle.standing_at(now)
        # What came back is decided: the time is for the version to come.
        is_owed = standing.stage is Stage.WAITING_SUBMISSION
        holds = {FROM_VERSION: standing.version + 1 if is_owed else standing.version}
        order = added(tx, cycle, EXTEND, person_id, more.reason, details | holds, now, via)
        first = first or order.id
        people |= concerned(tx, cycle, standing, standing, now)
    people.discard(person_id)
    intend_order_news(tx, first, order_recipients(this), people, now, purpose=Purpose.DUTIES.value)
    number = settled(tx, met, len(met), now, told=people).number
    # The timetables follow from the orders: read anew, they give the standings their new days.
    settled(tx, load(tx, met), len(met), now, told=people)
    return OrderReceipt(number, first)


_AHEAD_AT = {
    ExtendedStep.REPORT: {Stage.WAITING_SUBMISSION},
    ExtendedStep.CONFIRM: {Stage.WAITING_SUBMISSION, Stage.WAITING_CONFIRMATION},
    ExtendedStep.VOTE: {Stage.WAITING_SUBMISSION, Stage.WAITING_CONFIRMATION, Stage.WAITING_APPROVAL},
}
"""At which stages the step is not behind the cycle: more time for one that is would take a word back that
silence has given."""


def _moves(cycle: Routed, more: MoreTime, now: datetime) -> bool:
    facts: Facts = cycle.facts
    standing = cycle.standing_at(now)
    has_step_ahead = standing.stage in _AHEAD_AT[more.step]
    return (
        possible_orders(facts, standing).extend
        and has_step_ahead
        and getattr(facts.timetable, more.step.value) < more.until
    )


def _cycles_of(tx: Connection, cycle_id: int, extent: Extent) -> list[int]:
    """The cycles that the extent of an order given for this one has, in the same period."""
    if extent is Extent.ITEM:
        return [cycle_id]
    period = select(cycles.c.period_id).where(cycles.c.id == cycle_id).scalar_subquery()
    asked = select(cycles.c.id).where(cycles.c.period_id == period)
    if extent is Extent.UNIT:
        leads = select(cycle_units.c.unit_id).where(
            cycle_units.c.cycle_id == cycle_id, cycle_units.c.role == LEAD
        )
        led = select(cycle_units.c.cycle_id).where(
            cycle_units.c.unit_id.in_(leads), cycle_units.c.role == LEAD
        )
        asked = asked.where(cycles.c.id.in_(led))
    return list(tx.scalars(asked))
