"""`/cycles/{id}/recall`, `withdraw`, `reopen`, `to-vote`, `reassign`, `extend`: orders of the office.

A key acts in the name of an officer, whom the request names; the key is on record with the order. An order
that needs a second person waits for one on the office's pages: no key is a second person.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from workflow.domain.errors import NotFound
from workflow.domain.typed import GREATEST
from workflow.domain.words import Words
from workflow.storage.amending.extensions import ExtendedStep, Extent, MoreTime, extend
from workflow.storage.amending.votes_anew import to_vote
from workflow.storage.cycles import orders
from workflow.storage.cycles.heads import cycle_heads
from workflow.storage.cycles.orders import OrderReceipt
from workflow.storage.periods.periods import own_period
from workflow.web.api.keys import AsOrderKey, Caller
from workflow.web.api.models import ApiAnswer, Id
from workflow.web.api.problems import answers

router = APIRouter(tags=["orders"])

_Id = Annotated[int, Field(ge=1, le=GREATEST, strict=True)]
_FAULTS = answers(400, 404, 409, 413)


class ToOrder(BaseModel):
    """Who orders it, why, and which version of the report they saw."""

    model_config = ConfigDict(extra="forbid")

    officer_id: _Id = Field(description="the person of the office in whose name it is ordered")
    reason: str = Field(min_length=1, max_length=4000)
    seen_version: Annotated[int, Field(ge=0, le=GREATEST, strict=True)] = Field(
        description="the report's version it is about; another one now: 409"
    )


class ToReopen(ToOrder):
    """The same, and the last day of the reopened round."""

    until: date


class ToVoteAnew(ToOrder):
    """The same, and the last day of the new vote."""

    until: date


class ToReassign(ToOrder):
    """The same, and the units it is given to."""

    leads: list[_Id] = Field(min_length=1, max_length=100)
    coordinating: list[_Id] = Field(default_factory=list, max_length=200)


class ToExtend(ToOrder):
    """The same, the step that gets more time, its new last day, and for which items."""

    step: ExtendedStep
    until: date
    extent: Extent = Extent.ITEM


class OrderOut(ApiAnswer):
    """What was recorded."""

    number: str = Field(description="the receipt's number")
    order_id: int
    waits: bool = Field(description="whether it has no effect before a second person confirms it")


@router.post("/cycles/{cycle_id}/recall", responses=_FAULTS)
def recall_report(caller: AsOrderKey, cycle_id: Id, order: ToOrder) -> OrderOut:
    """Takes back a report that nobody has answered yet, for the unit that sent it."""
    return _given(
        caller,
        cycle_id,
        lambda tx, now: orders.recall(
            tx, order.officer_id, cycle_id, order.seen_version, now, reason=order.reason, via=caller.by
        ),
    )


@router.post("/cycles/{cycle_id}/withdraw", responses=_FAULTS)
def withdraw_cycle(caller: AsOrderKey, cycle_id: Id, order: ToOrder) -> OrderOut:
    """Takes the item out of the period; one that was approved stays until a second person confirms it."""
    return _given(
        caller,
        cycle_id,
        lambda tx, now: orders.withdraw(
            tx,
            order.officer_id,
            cycle_id,
            order.reason,
            now,
            seen_version=order.seen_version,
            via=caller.by,
        ),
    )


@router.post("/cycles/{cycle_id}/reopen", responses=_FAULTS)
def reopen_cycle(caller: AsOrderKey, cycle_id: Id, order: ToReopen) -> OrderOut:
    """Reopens an item that has ended: a new report may be decided until that day."""
    return _given(
        caller,
        cycle_id,
        lambda tx, now: orders.reopen(
            tx,
            order.officer_id,
            cycle_id,
            order.reason,
            order.until,
            now,
            seen_version=order.seen_version,
            via=caller.by,
        ),
    )


@router.post("/cycles/{cycle_id}/to-vote", responses=_FAULTS)
def vote_anew(caller: AsOrderKey, cycle_id: Id, order: ToVoteAnew) -> OrderOut:
    """Puts the report before the committee again until that day, without the ballots cast so far: one whose
    vote closed without a decision at once, one that was returned when a second person confirms it."""
    return _given(
        caller,
        cycle_id,
        lambda tx, now: to_vote(
            tx,
            order.officer_id,
            cycle_id,
            order.reason,
            order.until,
            now,
            seen_version=order.seen_version,
            via=caller.by,
        ),
    )


@router.post("/cycles/{cycle_id}/reassign", responses=_FAULTS)
def reassign_cycle(caller: AsOrderKey, cycle_id: Id, order: ToReassign) -> OrderOut:
    """Gives the item to other units; the report already sent stays."""
    return _given(
        caller,
        cycle_id,
        lambda tx, now: orders.reassign(
            tx,
            order.officer_id,
            cycle_id,
            order.leads,
            order.coordinating,
            order.reason,
            now,
            seen_version=order.seen_version,
            via=caller.by,
        ),
    )


@router.post("/cycles/{cycle_id}/extend", responses=_FAULTS)
def extend_step(caller: AsOrderKey, cycle_id: Id, order: ToExtend) -> OrderOut:
    """Gives the item, all that its lead units lead, or the whole period more time for a step."""
    more = MoreTime(order.step, order.until, order.reason, order.extent)
    return _given(
        caller,
        cycle_id,
        lambda tx, now: extend(
            tx,
            order.officer_id,
            cycle_id,
            more,
            now,
            seen_version=order.seen_version,
            via=caller.by,
        ),
    )


def _given(caller: Caller, cycle_id: int, given: Callable[[Connection, datetime], OrderReceipt]) -> OrderOut:
    with caller.site.store.begin() as tx:
        head = cycle_heads(tx, [cycle_id]).get(cycle_id)
        if head is None:
            raise NotFound(Words("Không có lượt báo cáo này."), where=str(cycle_id))
        own_period(tx, caller.organisation_id, head.period_id)
        return OrderOut.model_validate(given(tx, caller.site.clock.now()))
