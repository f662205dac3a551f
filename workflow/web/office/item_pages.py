"""The office's page of one item in a period: its whole history, and what the office may order about it.

`GET /o/{token}/item/{cycle_id}`                            the page; `?ordered=` says what was just recorded
`POST /o/{token}/item/{cycle_id}/{act}`                     an order: `recall`, `withdraw`, `reopen` with
                                                            `until`, `reassign` with `lead`s, `coordinating`s,
                                                            `extend` with `step`, `until`, `extent`,
                                                            `to-vote` with `until`
`POST /o/{token}/item/{cycle_id}/order/{order_id}/{act}`    a second person's word on one that waits: `second`
                                                            or `drop`

Every form carries `stamp`, bound to the version shown, and `sure`, a box to tick; the orders `reason`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.domain.errors import Conflict, NotAllowed, NotFound
from workflow.domain.words import Words
from workflow.storage.amending.extensions import ExtendedStep, Extent, MoreTime, extend
from workflow.storage.amending.second_words import drop, second
from workflow.storage.amending.votes_anew import to_vote
from workflow.storage.cycles import orders
from workflow.storage.cycles.difficulties import able_units
from workflow.storage.cycles.history import history
from workflow.storage.cycles.orders import OrderReceipt
from workflow.storage.duties.order_lists import order_desk, orders_awaiting_second
from workflow.storage.periods.periods import own_periods
from workflow.storage.post.receipts import given_before
from workflow.storage.results.earlier_reports import in_the_year
from workflow.web.asked import Id
from workflow.web.forms import Posted, day_of, ids_of, is_sure, text_of
from workflow.web.frames import office_frame
from workflow.web.office.urging import URGE, UrgedCount
from workflow.web.pages import page
from workflow.web.site import AsOfficer, AtSite, Holder, Site
from workflow.web.stamps import NotFromThePage

router = APIRouter(include_in_schema=False)


class OrderForm(StrEnum):
    """The forms of orders, by the last word of their address."""

    RECALL = "recall"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"
    REASSIGN = "reassign"
    EXTEND = "extend"
    TO_VOTE = "to-vote"


class SecondForm(StrEnum):
    """The two answers to an order that waits for a second person."""

    SECOND = "second"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class OrderRefusal:
    """An order that could not be recorded: of which form, why, and what was typed for it."""

    form: str = ""
    why: str = ""
    typed: dict[str, Any] = field(default_factory=dict)

    def of(self, form: str) -> OrderRefusal | None:
        """The refusal, if it was of this form."""
        return self if self.form == form else None


@router.api_route("/o/{token}/item/{cycle_id}", methods=["GET", "HEAD"])
def item_page(
    request: Request, site: AtSite, holder: AsOfficer, cycle_id: Id, ordered: str = ""
) -> HTMLResponse:
    """One item with its whole history, and what the office may order about it."""
    return _shown(request, site, holder, cycle_id, ordered=ordered)


def _shown(
    request: Request,
    site: Site,
    holder: Holder,
    cycle_id: int,
    refusal: OrderRefusal = OrderRefusal(),
    *,
    ordered: str = "",
) -> HTMLResponse:
    now = site.clock.now()
    with site.store.reading() as tx:
        found = history(tx, holder.link.organisation_id, cycle_id)
        if found is None:
            raise NotFound(Words("Không có lượt báo cáo này."))
        reports = in_the_year(tx, found.period.id, [one.report for one in found.versions])
        versions = (replace(one, report=report) for one, report in zip(found.versions, reports, strict=True))
        found = replace(found, versions=tuple(versions))
        known = own_periods(tx, holder.link.organisation_id)
        desk = order_desk(tx, cycle_id, now)
        waiting = orders_awaiting_second(tx, cycle_id)
        able = able_units(tx, holder.link.organisation_id)
    shown = (cycle_id, desk.version)
    return page(
        request,
        "office/item.html",
        status=409 if refusal.why else 200,
        history=found,
        cycle=found.cycle,
        told=UrgedCount.read(request.query_params),
        stamp=site.stamps.made(holder.link.id, URGE, [(found.period.id,)]),
        desk=desk,
        waiting=waiting,
        able=able,
        refusal=refusal,
        ordered=ordered,
        order_stamps={one.value: site.stamps.made(holder.link.id, one.value, [shown]) for one in OrderForm},
        second_stamps={
            one.id: {
                act.value: site.stamps.made(holder.link.id, act.value, [(one.id,)]) for act in SecondForm
            }
            for one in waiting
        },
        own_id=holder.person_id,
        **office_frame(holder, found.period, known, "item"),
    )


@router.post("/o/{token}/item/{cycle_id}/{act}")
def order(
    request: Request, site: AtSite, holder: AsOfficer, cycle_id: Id, act: OrderForm, form: Posted
) -> Response:
    """Records an order about the item."""

    def given(tx: Connection, seen: int, now: datetime) -> OrderReceipt:
        who, reason = holder.person_id, text_of(form, "reason")
        match act:
            case OrderForm.RECALL:
                return orders.recall(tx, who, cycle_id, seen, now, reason=reason)
            case OrderForm.WITHDRAW:
                return orders.withdraw(tx, who, cycle_id, reason, now, seen_version=seen)
            case OrderForm.REOPEN:
                until = day_of(
                    text_of(form, "until"),
                    Words("Chưa chọn ngày kết thúc của lượt mở lại."),
                    Words("Chọn một ngày."),
                )
                return orders.reopen(tx, who, cycle_id, reason, until, now, seen_version=seen)
            case OrderForm.TO_VOTE:
                until = day_of(
                    text_of(form, "until"), Words("Chưa chọn hạn biểu quyết mới."), Words("Chọn một ngày.")
                )
                return to_vote(tx, who, cycle_id, reason, until, now, seen_version=seen)
            case OrderForm.EXTEND:
                return extend(tx, who, cycle_id, _more_time(form, reason), now, seen_version=seen)
        leads, coordinating = sorted(ids_of(form, "lead")), sorted(ids_of(form, "coordinating"))
        return orders.reassign(tx, who, cycle_id, leads, coordinating, reason, now, seen_version=seen)

    return _recorded(request, site, holder, cycle_id, form, act.value, cycle_id, given)


def _more_time(form: FormData, reason: str) -> MoreTime:
    until = day_of(text_of(form, "until"), Words("Chưa chọn hạn mới."), Words("Chọn một ngày."))
    try:
        step, extent = ExtendedStep(text_of(form, "step")), Extent(text_of(form, "extent"))
    except ValueError:
        raise NotAllowed(Words("Chưa chọn lùi hạn việc gì, cho những nội dung nào.")) from None
    return MoreTime(step, until, reason, extent)


@router.post("/o/{token}/item/{cycle_id}/order/{order_id}/{act}")
def second_word(
    request: Request,
    site: AtSite,
    holder: AsOfficer,
    cycle_id: Id,
    order_id: Id,
    act: SecondForm,
    form: Posted,
) -> Response:
    """Confirms an order that waits for a second person, or takes it back."""

    def given(tx: Connection, _seen: int, now: datetime) -> OrderReceipt:
        does = second if act is SecondForm.SECOND else drop
        return does(tx, holder.person_id, order_id, now)

    return _recorded(request, site, holder, cycle_id, form, act.value, order_id, given)


def _recorded(
    request: Request,
    site: Site,
    holder: Holder,
    cycle_id: int,
    form: FormData,
    name: str,
    about: int,
    given: Callable[[Connection, int, datetime], OrderReceipt],
) -> Response:
    """Records what one form orders, once however often it is sent, and leads back to the item; a refused one
    is shown again with what was typed."""
    now = site.clock.now()
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, name)
    ((shown_id, *seen),) = stamp.shown
    if shown_id != about:
        raise NotFromThePage
    done = "recorded"
    try:
        if not is_sure(form):
            raise NotAllowed(
                Words("Chưa đánh dấu vào ô xác nhận."), cure=Words("Đánh dấu vào ô trên nút gửi rồi gửi lại.")
            )
        with site.store.begin() as tx:
            if given_before(tx, holder.link.id, stamp.mark) is None:
                receipt = given(tx, int(seen[0]) if seen else 0, now)
                done = f"{name}-asked" if receipt.waits else name
                holder.note(tx, f"{stamp.mark} {receipt.number}", now)
    except (Conflict, NotAllowed) as error:
        with site.store.begin() as tx:
            holder.note(tx, f"{name} refused", now)
        typed = {one: text_of(form, one) for one in ("reason", "until", "step", "extent")}
        units = {one: ids_of(form, one) for one in ("lead", "coordinating")}
        refusal = OrderRefusal(name, error.told, typed | units)
        return _shown(request, site, holder, cycle_id, refusal)
    query = urlencode({"ordered": done})
    return RedirectResponse(f"{holder.base}/item/{cycle_id}?{query}#viec-van-phong", 303)
