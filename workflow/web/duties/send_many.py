"""Sending many reports at once: every complete draft, after a preview of what will be sent.

`GET /l/{token}/send`    what is ready, to be unticked one by one, and what the other drafts lack
`POST /l/{token}/send`   with the fields

    stamp   hidden: binds the form to the versions and the drafts it shows
    send    a cycle's id; one checkbox each
    sure    the box to tick

What is sent is what was shown: a draft saved again meanwhile is not sent but shown again. Answer: 303 to the
receipt, or the page again (409) with what could not be recorded and why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from workflow.domain.errors import Conflict, TiendoError
from workflow.domain.words import Words
from workflow.storage.cycles import acts
from workflow.storage.cycles.acts import Receipt, SubmittedReport
from workflow.storage.cycles.drafts import drop
from workflow.storage.periods.periods import period_of
from workflow.storage.post.receipts import given_before, intend_receipt
from workflow.web.duties.drafts import REPORT
from workflow.web.duties.own_page import done
from workflow.web.duties.own_work import Own, WorkState, counts, own_work
from workflow.web.duties.record_each import record_each
from workflow.web.forms import Posted, ids_of, text_of
from workflow.web.frames import context_of
from workflow.web.pages import page
from workflow.web.site import AsPerson, AtSite, Holder, Site

router = APIRouter(include_in_schema=False)

SEND = "send"


@dataclass(frozen=True, slots=True)
class PostOutcome:
    """What became of a form that was posted and not wholly recorded."""

    message: str = ""
    recorded: int = 0
    receipt: str = ""
    refused: tuple[tuple[str, str], ...] = ()
    """Codes with the reasons."""


@router.api_route("/l/{token}/send", methods=["GET", "HEAD"])
def send_page(request: Request, site: AtSite, holder: AsPerson) -> HTMLResponse:
    """What is ready to be sent, and what the rest lacks."""
    return _page(request, site, holder, PostOutcome())


def _page(
    request: Request, site: Site, holder: Holder, outcome: PostOutcome, status: int = 200
) -> HTMLResponse:
    with site.store.reading() as tx:
        work = own_work(tx, holder, site.clock.now())
        period = period_of(tx, holder.period_id)
    ready = [one for one in work if one.state is WorkState.READY]
    stamp = site.stamps.made(holder.link.id, SEND, [_shown(one) for one in ready])
    return page(
        request,
        "duties/send.html",
        status=status,
        ready=ready,
        lacking=[one for one in work if one.state is WorkState.BEGUN],
        left=[one for one in work if one.state in (WorkState.EMPTY, WorkState.RETURNED)],
        counts=counts(work),
        states=WorkState,
        stamp=stamp,
        outcome=outcome,
        **context_of(holder, period, site.clock.now()),
    )


def _shown(one: Own) -> tuple[int, int, int]:
    assert one.draft is not None
    return one.cycle.id, one.cycle.version, one.draft.revision


@router.post("/l/{token}/send")
def send(request: Request, site: AtSite, holder: AsPerson, form: Posted) -> Response:
    """Sends the ticked reports as they were shown."""
    now = site.clock.now()
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, SEND)
    asked = ids_of(form, "send")
    shown = {int(cycle): (cycle, version, revision) for cycle, version, revision in stamp.shown}
    chosen = [cycle for cycle in shown if cycle in asked]
    if not chosen or text_of(form, "sure") != "1":
        message = _NOT_SURE if chosen else Words("Chưa gửi gì: chưa có nội dung nào được chọn.")
        return _page(request, site, holder, PostOutcome(message), status=400)
    with site.store.begin() as tx:
        before = given_before(tx, holder.link.id, stamp.mark)
        if before:
            return done(holder, before)
        work = {one.cycle.id: one for one in own_work(tx, holder, now)}
        live = [work[one] for one in chosen if one in work and _is_as_shown(work[one], shown[one])]
        moved = [work[one].cycle.code if one in work else "" for one in chosen if one not in _ids(live)]
        recorded = record_each(tx, lambda entries: _submit(tx, holder, site, entries), live)
        refused = {one.cycle.id: error for one, error in recorded.refused}
        said = _drop_sent(tx, holder, [one for one in live if one.cycle.id not in refused])
        number = recorded.receipt.number if recorded.receipt else ""
        organisation_id = holder.link.organisation_id
        intend_receipt(tx, organisation_id, holder.person_id, holder.period_id, said, number, now)
        holder.note(tx, f"{stamp.mark} {number}" if number else f"{SEND} refused", now)
    if number and not refused and not moved:
        return done(holder, number)
    why: list[tuple[str, TiendoError]] = [(one.cycle.code, error) for one, error in recorded.refused]
    why += [(code, _MOVED) for code in moved]
    outcome = PostOutcome("", recorded.count, number, tuple((code, error.told) for code, error in why))
    return _page(request, site, holder, outcome, status=409)


_NOT_SURE = Words("Chưa gửi gì: xin đánh dấu vào ô xác nhận ở cuối trang rồi gửi.")
_MOVED = Conflict(
    Words("Nội dung vừa thay đổi hoặc đã được gửi từ một trang khác."), cure=Words("Xin xem lại rồi gửi.")
)


def _ids(found: Sequence[Own]) -> set[int]:
    return {one.cycle.id for one in found}


def _is_as_shown(one: Own, shown: tuple[int | str, ...]) -> bool:
    return one.state is WorkState.READY and _shown(one) == tuple(shown)


def _submit(tx: Connection, holder: Holder, site: Site, entries: Sequence[Own]) -> Receipt:
    return acts.submit(tx, holder.person_id, [_report(one) for one in entries], site.clock.now())


def _report(one: Own) -> SubmittedReport:
    assert one.reading is not None
    assert one.reading.report is not None
    return one.reading.report


def _drop_sent(tx: Connection, holder: Holder, sent: Sequence[Own]) -> dict[int, str]:
    """Deletes the drafts of the reports sent; returns the receipt's text for each."""
    for one in sent:
        drop(tx, holder.person_id, holder.period_id, f"{REPORT}-{one.cycle.id}")
    return {
        one.cycle.id: Words("Đã gửi báo cáo, tiến độ %(progress)s%%", progress=_report(one).progress)
        for one in sent
    }
