"""A unit's own score by link, until the day the rules give: points for each criterion, reason and evidence.

`GET /l/{token}/own-score`              the units the holder reports for
`POST /l/{token}/own-score/{unit_id}`   fields `stamp`, `sure`, and of each criterion `points-{code}`,
                                        `text-{code}`, `evidence-{code}`
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.typed import points_typed, whole_number
from workflow.domain.words import Words
from workflow.storage.periods.periods import period_of
from workflow.storage.periods.watched import watched_period
from workflow.storage.post.receipts import given_before
from workflow.storage.scores.own_scores import OwnPoints, give_own_score, own_sheets
from workflow.web.asked import Id
from workflow.web.forms import Posted, text_of
from workflow.web.frames import context_of
from workflow.web.pages import page
from workflow.web.site import AsPerson, AtSite, Holder, Site
from workflow.web.stamps import NotFromThePage

router = APIRouter(include_in_schema=False)

OWN = "own-score"


@router.api_route("/l/{token}/own-score", methods=["GET", "HEAD"])
def own_score_page(request: Request, site: AtSite, holder: AsPerson, saved: str = "") -> HTMLResponse:
    """The own scores of the holder's units."""
    return _shown(request, site, holder, saved=saved)


def _shown(
    request: Request,
    site: Site,
    holder: Holder,
    *,
    saved: str = "",
    at: int = 0,
    wrong: str = "",
    typed: dict[str, str] | None = None,
) -> HTMLResponse:
    now = site.clock.now()
    with site.store.reading() as tx:
        sheets = own_sheets(tx, holder.person_id, watched_period(tx, holder.period_id, now))
        head = period_of(tx, holder.period_id)
    return page(
        request,
        "scores/own_score.html",
        status=409 if wrong else 200,
        sheets=sheets,
        stamps={one.unit.id: site.stamps.made(holder.link.id, OWN, [(one.unit.id,)]) for one in sheets},
        saved=whole_number(saved) or 0,
        at_fault=at,
        wrong=wrong,
        typed=typed or {},
        **context_of(holder, head, now),
    )


@router.post("/l/{token}/own-score/{unit_id}")
def give(request: Request, site: AtSite, holder: AsPerson, unit_id: Id, form: Posted) -> Response:
    """Records the unit's own points."""
    now = site.clock.now()
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, OWN)
    if stamp.shown != ((unit_id,),):
        raise NotFromThePage
    try:
        if text_of(form, "sure") != "1":
            raise NotAllowed(Words("Chưa ghi nhận gì."), cure=Words("Đánh dấu vào ô xác nhận rồi bấm lại."))
        points = _points(form)
        with site.store.begin() as tx:
            if given_before(tx, holder.link.id, stamp.mark) is None:
                give_own_score(tx, holder.person_id, holder.period_id, unit_id, points, now)
                holder.note(tx, f"{stamp.mark} {unit_id}", now)
    except (Conflict, NotAllowed) as error:
        typed = {name: value for name, value in form.items() if isinstance(value, str)}
        why = Words.joined((error.what, error.where, error.cure))
        return _shown(request, site, holder, at=unit_id, wrong=why, typed=typed)
    return RedirectResponse(f"{holder.base}/own-score?saved={unit_id}#don-vi-{unit_id}", 303)


def _points(form: FormData) -> dict[str, OwnPoints]:
    """The unit's own points and reasons, by the code of each criterion that has points."""
    found = {}
    for name in form:
        code = name.removeprefix("points-")
        if code == name or not text_of(form, name):
            continue
        found[code] = OwnPoints(
            points_typed(text_of(form, name)),
            text_of(form, f"text-{code}"),
            text_of(form, f"evidence-{code}"),
        )
    return found
