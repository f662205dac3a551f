"""A lead unit takes back its own report while nobody has answered it.

`GET` and `POST /l/{token}/recall/{cycle_id}`    fields `stamp`, `reason` (may be empty), `sure`

Answer: 303 to the report's form, which comes filled with the version taken back.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.domain.errors import Conflict, NotAllowed, NotFound
from workflow.domain.words import Words
from workflow.storage.cycles import orders
from workflow.storage.duties.order_lists import order_desk
from workflow.storage.duties.sheets import led_by
from workflow.storage.periods.periods import period_of
from workflow.storage.post.receipts import given_before
from workflow.web.asked import Id
from workflow.web.forms import Posted, is_sure, text_of
from workflow.web.frames import context_of
from workflow.web.pages import page
from workflow.web.site import AsPerson, AtSite, Holder, Site
from workflow.web.stamps import NotFromThePage

router = APIRouter(include_in_schema=False)

RECALL = "own-recall"


@router.api_route("/l/{token}/recall/{cycle_id}", methods=["GET", "HEAD"])
def recall_page(request: Request, site: AtSite, holder: AsPerson, cycle_id: Id) -> HTMLResponse:
    """What follows from a recall, and its form; or why it is too late."""
    return _shown(request, site, holder, cycle_id)


def _shown(
    request: Request, site: Site, holder: Holder, cycle_id: int, wrong: str = "", reason: str = ""
) -> HTMLResponse:
    now = site.clock.now()
    with site.store.reading() as tx:
        led = led_by(tx, holder.person_id, holder.period_id, now=now).get(cycle_id)
        if led is None:
            raise NotFound(Words("Đơn vị của ông/bà không chủ trì nội dung này."))
        desk = order_desk(tx, cycle_id, now)
        head = period_of(tx, holder.period_id)
    return page(
        request,
        "duties/recall.html",
        status=409 if wrong else 200,
        cycle=led.cycle,
        may_recall=desk.possible.recall,
        wrong=wrong,
        reason=reason,
        stamp=site.stamps.made(holder.link.id, RECALL, [(cycle_id, desk.version)]),
        **context_of(holder, head, now),
    )


@router.post("/l/{token}/recall/{cycle_id}")
def recall(request: Request, site: AtSite, holder: AsPerson, cycle_id: Id, form: Posted) -> Response:
    """Takes the report back."""
    now = site.clock.now()
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, RECALL)
    ((shown_id, seen),) = stamp.shown
    if shown_id != cycle_id:
        raise NotFromThePage
    reason = text_of(form, "reason")
    try:
        if not is_sure(form):
            raise NotAllowed(
                Words("Chưa đánh dấu vào ô xác nhận."), cure=Words("Đánh dấu vào ô trên nút gửi rồi gửi lại.")
            )
        with site.store.begin() as tx:
            if given_before(tx, holder.link.id, stamp.mark) is None:
                receipt = orders.recall(tx, holder.person_id, cycle_id, int(seen), now, reason=reason)
                holder.note(tx, f"{stamp.mark} {receipt.number}", now)
    except (Conflict, NotAllowed) as error:
        with site.store.begin() as tx:
            holder.note(tx, f"{RECALL} refused", now)
        return _shown(request, site, holder, cycle_id, error.told, reason)
    return RedirectResponse(f"{holder.base}/report/{cycle_id}", 303)
