"""A unit's official score on its own link once the period is closed, and its request to have it reviewed.

`GET /l/{token}/score`                                    points, grade and reasons of the holder's units
`POST /l/{token}/score/{unit_id}/review`                  fields `stamp`, `code`, `text`, `evidence` (files),
                                                          `kept`, `sure`
`GET /l/{token}/review-file/{review_id}/{sha256}`         a file of it, to the unit and the council asked
`GET /o/{token}/review-file/{review_id}/{sha256}`         the same, to the office; `?period=`
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.domain.errors import Conflict, NotAllowed, NotFound
from workflow.domain.scores.reviews import Review, ReviewFile
from workflow.domain.typed import whole_number
from workflow.domain.words import Words
from workflow.storage.periods.periods import period_of
from workflow.storage.periods.watched import watched_period
from workflow.storage.post.receipts import given_before
from workflow.storage.scores.reviews import (
    NewReview,
    ask_review,
    review_in,
    review_term,
    reviews_of,
    scored_units_of,
)
from workflow.storage.scores.sheets import score_sheet
from workflow.storage.scores.sitting_lists import sittings_for
from workflow.storage.scores.votes import titles_of
from workflow.web.asked import Id
from workflow.web.downloads import saved_as
from workflow.web.duties.evidence import EvidenceLimits, sealed_evidence, take_evidence
from workflow.web.forms import Posted, text_of
from workflow.web.frames import context_of, office_period
from workflow.web.pages import page
from workflow.web.scores.council_pages import check_sure
from workflow.web.site import AsOfficer, AsPerson, AtSite, Holder, Site
from workflow.web.stamps import NotFromThePage

router = APIRouter(include_in_schema=False)

REVIEW = "review"


@router.api_route("/l/{token}/score", methods=["GET", "HEAD"])
def score_page(request: Request, site: AtSite, holder: AsPerson, asked: str = "") -> HTMLResponse:
    """The official scores of the holder's units."""
    return _shown(request, site, holder, asked=asked)


def _shown(
    request: Request,
    site: Site,
    holder: Holder,
    *,
    asked: str = "",
    at: int = 0,
    wrong: str = "",
    form: FormData | None = None,
) -> HTMLResponse:
    now = site.clock.now()
    with site.store.reading() as tx:
        head = period_of(tx, holder.period_id)
        period = watched_period(tx, holder.period_id, now)
        sheets = [
            score_sheet(tx, holder.period_id, one.id, now)
            for one in scored_units_of(tx, holder.person_id, period)
        ]
        reviews = reviews_of(tx, holder.period_id) if sheets else []
    rules = sheets[0].rules if sheets else None
    kept = take_evidence(site, holder, -at, form).files if form else []
    return page(
        request,
        "scores/own_official.html",
        status=409 if wrong else 200,
        sheets=sheets,
        reviews={
            sheet.unit["unit"]["id"]: [one for one in reviews if one.unit.id == sheet.unit["unit"]["id"]]
            for sheet in sheets
        },
        term=review_term(period, rules) if rules else None,
        titles=titles_of(rules) if rules else {},
        stamps={
            one.unit["unit"]["id"]: site.stamps.made(holder.link.id, REVIEW, [(one.unit["unit"]["id"],)])
            for one in sheets
        },
        kept=sealed_evidence(site, holder, -at, kept),
        limits=EvidenceLimits.of(site.settings),
        asked=whole_number(asked) or 0,
        at_fault=at,
        wrong=wrong,
        typed={name: text_of(form, name) if form else "" for name in ("code", "text")},
        **context_of(holder, head, now),
    )


@router.post("/l/{token}/score/{unit_id}/review")
def ask(request: Request, site: AtSite, holder: AsPerson, unit_id: Id, form: Posted) -> Response:
    """Records the unit's request that its score be reviewed."""
    now = site.clock.now()
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, REVIEW)
    if stamp.shown != ((unit_id,),):
        raise NotFromThePage
    try:
        taken = take_evidence(site, holder, -unit_id, form)
        if taken.refusals:
            raise NotAllowed(Words("Có tệp chưa được nhận."), cure=taken.refusals)
        check_sure(form)
        files = [ReviewFile(one.sha256, one.name, one.media_type, one.size) for one in taken.files]
        new = NewReview(unit_id, text_of(form, "code"), text_of(form, "text"), files)
        with site.store.begin() as tx:
            if given_before(tx, holder.link.id, stamp.mark) is None:
                number = ask_review(tx, holder.person_id, holder.period_id, new, now)
                holder.note(tx, f"{stamp.mark} {number}", now)
    except (Conflict, NotAllowed) as error:
        return _shown(request, site, holder, at=unit_id, wrong=error.told, form=form)
    return RedirectResponse(f"{holder.base}/score?asked={unit_id}#xem-lai-{unit_id}", 303)


@router.api_route("/l/{token}/review-file/{review_id}/{sha256}", methods=["GET", "HEAD"])
def own_file(site: AtSite, holder: AsPerson, review_id: Id, sha256: str) -> Response:
    """A file that came with a request, to the unit that asked and to the council it was put to."""
    with site.store.reading() as tx:
        review = review_in(tx, holder.period_id, review_id)
        period = watched_period(tx, holder.period_id, site.clock.now())
        subjects = {f"entry:{one.id}" for one in review.entries}
        is_member = any(
            motion.subject in subjects
            for sitting in sittings_for(tx, holder.person_id, holder.period_id)
            for motion in sitting.motions
        )
        mine = [one.id for one in scored_units_of(tx, holder.person_id, period)]
    if not is_member and review.unit.id not in mine:
        raise NotFound(Words("Không có tệp này."))
    return _file(site, review, sha256)


@router.api_route("/o/{token}/review-file/{review_id}/{sha256}", methods=["GET", "HEAD"])
def office_file(site: AtSite, holder: AsOfficer, review_id: Id, sha256: str, period: str = "") -> Response:
    """A file that came with a request, to the office."""
    with site.store.reading() as tx:
        head, _ = office_period(tx, holder, period)
        review = review_in(tx, head.id, review_id)
    return _file(site, review, sha256)


def _file(site: Site, review: Review, sha256: str) -> Response:
    file = next((one for one in review.files if one.sha256 == sha256), None)
    if file is None:
        raise NotFound(Words("Không có tệp này."))
    harmless = {"Content-Security-Policy": "default-src 'none'; sandbox"}
    return saved_as(file.name, site.files.get(file.sha256), file.media_type, harmless)
