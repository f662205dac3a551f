"""A unit's own summary of an evaluated half-year or year, by link: one question, one text, one last day.

`GET /l/{token}/summary`              the units the holder reports for
`POST /l/{token}/summary/{unit_id}`   fields `stamp`, `sure`, `text`
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.typed import whole_number
from workflow.domain.words import Words
from workflow.storage.periods.watched import watched_period
from workflow.storage.post.receipts import given_before
from workflow.storage.results.unit_summaries import MOST, answer, summaries_asked
from workflow.web.asked import Id
from workflow.web.forms import Posted, text_of
from workflow.web.frames import context_of
from workflow.web.pages import page
from workflow.web.site import AsPerson, AtSite, Holder, Site
from workflow.web.stamps import NotFromThePage

router = APIRouter(include_in_schema=False)

SUMMARY = "summary"


@router.api_route("/l/{token}/summary", methods=["GET", "HEAD"])
def summary_page(request: Request, site: AtSite, holder: AsPerson, saved: str = "") -> HTMLResponse:
    """The question to the holder's units, and what they answered."""
    return _shown(request, site, holder, saved=saved)


def _shown(
    request: Request,
    site: Site,
    holder: Holder,
    *,
    saved: str = "",
    at: int = 0,
    wrong: str = "",
    typed: str = "",
) -> HTMLResponse:
    now = site.clock.now()
    with site.store.reading() as tx:
        period = watched_period(tx, holder.period_id, now)
        asked = summaries_asked(tx, holder.person_id, period)
    return page(
        request,
        "duties/summary.html",
        status=409 if wrong else 200,
        asked=asked,
        stamps={one.unit_id: site.stamps.made(holder.link.id, SUMMARY, [(one.unit_id,)]) for one in asked},
        saved=whole_number(saved) or 0,
        at_fault=at,
        wrong=wrong,
        typed=typed,
        most=MOST,
        **context_of(holder, period, now),
    )


@router.post("/l/{token}/summary/{unit_id}")
def give(request: Request, site: AtSite, holder: AsPerson, unit_id: Id, form: Posted) -> Response:
    """Records the unit's answer."""
    now = site.clock.now()
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, SUMMARY)
    if stamp.shown != ((unit_id,),):
        raise NotFromThePage
    text = text_of(form, "text")
    try:
        if text_of(form, "sure") != "1":
            raise NotAllowed(Words("Chưa ghi nhận gì."), cure=Words("Đánh dấu vào ô xác nhận rồi bấm lại."))
        with site.store.begin() as tx:
            if given_before(tx, holder.link.id, stamp.mark) is None:
                answer(tx, holder.person_id, holder.period_id, unit_id, text, now)
                holder.note(tx, f"{stamp.mark} {unit_id}", now)
    except (Conflict, NotAllowed) as error:
        why = Words.joined((error.what, error.where, error.cure))
        return _shown(request, site, holder, at=unit_id, wrong=why, typed=text)
    return RedirectResponse(f"{holder.base}/summary?saved={unit_id}#don-vi-{unit_id}", 303)
