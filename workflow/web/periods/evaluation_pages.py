"""The office's page of a half-year or year evaluated from closed periods.

`GET, POST /o/{token}/periods/evaluate/{plan_id}/{code}`   what it is, or would be, made from; fields `stamp`,
                                                           `report_on`, `question`, `answer_by`, `because`,
                                                           `sure`
`POST .../again`                                           fields `stamp`, `sure`: counted anew from the
                                                           newest results
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from workflow.domain.errors import NotAllowed, NotFound, TiendoError
from workflow.domain.periods.period import Span
from workflow.domain.words import Words
from workflow.storage.opening.schedule import Year, year_of
from workflow.storage.periods.periods import period_of
from workflow.storage.results.closing import evaluate_again
from workflow.storage.results.evaluations import NewEvaluation, changed_since, evaluate, readiness
from workflow.storage.results.unit_summaries import summaries_of
from workflow.web.asked import Id
from workflow.web.forms import Posted, day_of, text_of
from workflow.web.frames import plain_frame
from workflow.web.pages import page
from workflow.web.site import AsOfficer, AtSite, Holder, Site
from workflow.web.stamps import NotFromThePage

router = APIRouter(include_in_schema=False)

EVALUATE = "period-evaluate"
AT = "/o/{token}/periods/evaluate/{plan_id}/{code}"
FIELDS = ("report_on", "question", "answer_by", "because")


def _wanted(plan_id: Id, code: str) -> tuple[int, Span]:
    return plan_id, Span.parse(code)


Wanted = Annotated[tuple[int, Span], Depends(_wanted)]
"""The plan and the span that an address names."""


@router.api_route(AT, methods=["GET", "HEAD"])
def evaluation_page(request: Request, site: AtSite, holder: AsOfficer, wanted: Wanted) -> Response:
    """What the span is made from, or would be."""
    return _shown(request, site, holder, wanted)


def _shown(
    request: Request,
    site: Site,
    holder: Holder,
    wanted: tuple[int, Span],
    form: FormData | None = None,
    error: TiendoError | None = None,
) -> Response:
    plan_id, span = wanted
    now = site.clock.now()
    with site.store.reading() as tx:
        year = _own_year(tx, site, holder, plan_id)
        begun = next((one.begun for one in year.periods if one.span == span and one.begun), None)
        made = period_of(tx, begun.period_id) if begun else None
        ready = readiness(tx, plan_id, span, now)
        changes = changed_since(tx, made, now) if made else ()
        said = summaries_of(tx, made.id) if made else []
        frame = plain_frame(tx, holder, "periods", span.code if made else "")
    return page(
        request,
        "periods/period_evaluate.html",
        status=409 if error else 200,
        year=year,
        span=span,
        made=made,
        ready=ready,
        changes=changes,
        said=said,
        today=year.at.today,
        typed={name: text_of(form, name) if form else "" for name in FIELDS},
        error=error,
        stamp=site.stamps.made(holder.link.id, EVALUATE, [(plan_id, span.code)]),
        **frame,
    )


def _own_year(tx: Connection, site: Site, holder: Holder, plan_id: int) -> Year:
    year = year_of(tx, plan_id, site.clock.now())
    if year.organisation_id != holder.link.organisation_id:
        raise NotFound(Words("Không có kế hoạch này."), where=str(plan_id))
    return year


@router.post(AT)
def evaluate_one(request: Request, site: AtSite, holder: AsOfficer, wanted: Wanted, form: Posted) -> Response:
    """Makes the span's period."""
    plan_id, span = wanted
    try:
        _check_sure(site, holder, wanted, form)
        answer_by = text_of(form, "answer_by")
        new = NewEvaluation(
            _day(form, "report_on"),
            text_of(form, "question"),
            _day(form, "answer_by") if answer_by else None,
            text_of(form, "because"),
        )
        with site.store.begin() as tx:
            _own_year(tx, site, holder, plan_id)
            evaluate(tx, plan_id, span, new, site.clock.now(), person_id=holder.person_id)
            holder.note(tx, f"period evaluated {span.code}", site.clock.now())
    except TiendoError as error:
        if isinstance(error, NotFromThePage | NotFound):
            raise
        return _shown(request, site, holder, wanted, form, error)
    return RedirectResponse(f"{holder.base}/periods/evaluate/{plan_id}/{span.code}", 303)


@router.post(f"{AT}/again")
def count_again(request: Request, site: AtSite, holder: AsOfficer, wanted: Wanted, form: Posted) -> Response:
    """Takes the newest results of its periods."""
    plan_id, span = wanted
    try:
        _check_sure(site, holder, wanted, form)
        with site.store.begin() as tx:
            begun = _own_year(tx, site, holder, plan_id).of(span.code).begun
            if begun is None:
                raise NotFound(Words("Chưa đánh giá kỳ này."))
            evaluate_again(tx, begun.period_id, site.clock.now(), person_id=holder.person_id)
            holder.note(tx, f"period counted anew {span.code}", site.clock.now())
    except TiendoError as error:
        if isinstance(error, NotFromThePage | NotFound):
            raise
        return _shown(request, site, holder, wanted, form, error)
    return RedirectResponse(f"{holder.base}/periods/evaluate/{plan_id}/{span.code}", 303)


def _check_sure(site: Site, holder: Holder, wanted: tuple[int, Span], form: FormData) -> None:
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, EVALUATE)
    if stamp.shown != ((wanted[0], wanted[1].code),):
        raise NotFromThePage
    if text_of(form, "sure") != "1":
        raise NotAllowed(Words("Chưa ghi nhận gì."), cure=Words("Đánh dấu vào ô xác nhận rồi bấm lại."))


def _day(form: FormData, name: str) -> date:
    return day_of(text_of(form, name), Words("Chưa ghi ngày."), Words("Chọn một ngày trong lịch."))
