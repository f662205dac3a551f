"""Ad hoc proposals for commendations, models worth copying and the submission to the superior body, on pages.

`GET /o/{token}/nominations`                       the period's list; `?period=`
`POST /o/{token}/nominations`                      puts forward: `stamp`, `kind`, `award`,
                                                   `unit` or `outside`, `name`, `title`, `text`, `why`,
                                                   `evidence`, `sure`
`POST /o/{token}/nominations/vote`                 puts some to the council: `stamp`, `entry` (each), `until`,
                                                   `sure`
`POST /o/{token}/nominations/request`              draws a submission up: `stamp`, `entry`, `addressee`,
                                                   `grounds`, `recipients`, `number`, `dated_on`, `sure`
`GET /o/{token}/nominations/{request_id}.docx`     the submission as a Word document; `?period=`
`GET`, `POST /l/{token}/nominations`               a unit's own, at any time
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.typed import whole_number
from workflow.domain.words import Words
from workflow.reports.period_reports import heading_of
from workflow.reports.report_files import DOCX
from workflow.reports.word.award_request_docx import write_award_request
from workflow.storage.cycles.difficulties import able_units
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.periods.periods import Period, period_of
from workflow.storage.post.receipts import given_before
from workflow.storage.rules import pinned_rules
from workflow.storage.scores.award_requests import NewRequest, draw_up, request_in, requests_of
from workflow.storage.scores.nominations import (
    NewNomination,
    NominationKind,
    ad_hoc_sittings,
    nominate,
    nominations_of,
    open_nomination_vote,
    reported_units,
)
from workflow.web.asked import Id
from workflow.web.downloads import saved_as
from workflow.web.forms import Posted, day_of, ids_of, text_of
from workflow.web.frames import context_of, office_frame, office_period
from workflow.web.pages import page
from workflow.web.scores.council_pages import CLOSE, check_sure, last_day_of
from workflow.web.site import AsOfficer, AsPerson, AtSite, Holder, Site
from workflow.web.stamps import NotFromThePage

router = APIRouter(include_in_schema=False)

NOMINATE = "nominate"
_FIELDS = ("kind", "award", "unit", "outside", "name", "title", "text", "why", "evidence")
_OF_REQUEST = ("addressee", "grounds", "recipients", "number", "dated_on")


@router.api_route("/o/{token}/nominations", methods=["GET", "HEAD"])
def office_page(request: Request, site: AtSite, holder: AsOfficer, period: str = "") -> HTMLResponse:
    """The period's nominations, the council's votes on them and the submissions."""
    return _office(request, site, holder, period)


def _office(
    request: Request, site: Site, holder: Holder, period: str, wrong: str = "", form: FormData | None = None
) -> HTMLResponse:
    now = site.clock.now()
    with site.store.reading() as tx:
        head, known = office_period(tx, holder, period)
        found = nominations_of(tx, head.id)
        held = ad_hoc_sittings(tx, head.id)
        drawn = requests_of(tx, head.id)
        able = able_units(tx, head.organisation_id)
        scoring = pinned_rules(tx, head.id).scores
        heading = heading_of(tx, head.id)
        calendar = organisation_calendar(tx, head.organisation_id)
    today = calendar.day_of(now)
    return page(
        request,
        "scores/nominations.html",
        status=409 if wrong else 200,
        found=found,
        held=held,
        drawn=drawn,
        able=able,
        kinds=list(NominationKind),
        today=today,
        until=calendar.add_working_days(today, scoring.council.working_days if scoring else 3),
        superior=heading.superior,
        wrong=wrong,
        typed={name: text_of(form, name) if form else "" for name in (*_FIELDS, *_OF_REQUEST)},
        stamp=site.stamps.made(holder.link.id, NOMINATE, [(head.id,)]),
        close_stamps={one.id: site.stamps.made(holder.link.id, CLOSE, [(one.id,)]) for one in held},
        **office_frame(holder, head, known, "commendations"),
    )


def _nomination(form: FormData) -> NewNomination:
    kind, unit = text_of(form, "kind"), text_of(form, "unit")
    if kind not in list(NominationKind):
        raise NotAllowed(Words("Chưa chọn loại đề nghị."), cure=Words("Chọn một loại trong danh sách."))
    said = {name: text_of(form, name) for name in _FIELDS if name not in ("kind", "unit")}
    return NewNomination(NominationKind(kind), unit_id=whole_number(unit) if unit else None, **said)


@router.post("/o/{token}/nominations")
@router.post("/o/{token}/nominations/vote")
@router.post("/o/{token}/nominations/request")
def act(request: Request, site: AtSite, holder: AsOfficer, form: Posted, period: str = "") -> Response:
    """Puts forward, puts to the council, or draws up a submission."""
    now = site.clock.now()
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, NOMINATE)
    try:
        with site.store.begin() as tx:
            head, _ = office_period(tx, holder, period)
            if stamp.shown != ((head.id,),):
                raise NotFromThePage
            check_sure(form)
            if given_before(tx, holder.link.id, stamp.mark) is None:
                match request.url.path.rpartition("/")[2]:
                    case "vote":
                        until = last_day_of(form)
                        ids = ids_of(form, "entry")
                        number = open_nomination_vote(tx, holder.person_id, head.id, ids, until, now)
                    case "request":
                        number = draw_up(tx, holder.person_id, head.id, _request(form), now)
                    case _:
                        number = nominate(tx, holder.person_id, head.id, _nomination(form), now)
                holder.note(tx, f"{stamp.mark} {number}", now)
    except (Conflict, NotAllowed) as error:
        return _office(request, site, holder, period, error.told, form)
    return RedirectResponse(f"{holder.base}/nominations?period={head.code}", 303)


def _request(form: FormData) -> NewRequest:
    dated_on = text_of(form, "dated_on")
    return NewRequest(
        text_of(form, "addressee"),
        text_of(form, "grounds"),
        text_of(form, "recipients").splitlines(),
        list(ids_of(form, "entry")),
        text_of(form, "number"),
        day_of(dated_on, Words("Ngày không đúng."), Words("Chọn lại ngày.")) if dated_on else None,
    )


@router.api_route("/o/{token}/nominations/{request_id}.docx", methods=["GET", "HEAD"])
def document(site: AtSite, holder: AsOfficer, request_id: Id, period: str = "") -> Response:
    """A submission as a Word document."""
    with site.store.reading() as tx:
        head, _ = office_period(tx, holder, period)
        made = write_award_request(request_in(tx, head.id, request_id), heading_of(tx, head.id))
    return saved_as(f"to-trinh-khen-thuong-{request_id}.docx", made, DOCX)


@router.api_route("/l/{token}/nominations", methods=["GET", "HEAD"])
def own_page(request: Request, site: AtSite, holder: AsPerson) -> HTMLResponse:
    """What the holder's units put forward, and the form to do so."""
    return _own(request, site, holder)


def _own(
    request: Request, site: Site, holder: Holder, wrong: str = "", form: FormData | None = None
) -> HTMLResponse:
    now = site.clock.now()
    with site.store.reading() as tx:
        head: Period = period_of(tx, holder.period_id)
        mine = reported_units(tx, holder.person_id, holder.period_id, now)
        found = [one for one in nominations_of(tx, holder.period_id) if one.unit_id in mine]
    return page(
        request,
        "scores/own_nominations.html",
        status=409 if wrong else 200,
        found=found,
        able=list(mine.items()),
        kinds=list(NominationKind),
        wrong=wrong,
        typed={name: text_of(form, name) if form else "" for name in _FIELDS},
        stamp=site.stamps.made(holder.link.id, NOMINATE, [(holder.period_id,)]),
        **context_of(holder, head, now),
    )


@router.post("/l/{token}/nominations")
def put_own(request: Request, site: AtSite, holder: AsPerson, form: Posted) -> Response:
    """Puts somebody of the holder's unit forward, or a model."""
    now = site.clock.now()
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, NOMINATE)
    if stamp.shown != ((holder.period_id,),):
        raise NotFromThePage
    try:
        check_sure(form)
        with site.store.begin() as tx:
            if given_before(tx, holder.link.id, stamp.mark) is None:
                number = nominate(tx, holder.person_id, holder.period_id, _nomination(form), now)
                holder.note(tx, f"{stamp.mark} {number}", now)
    except (Conflict, NotAllowed) as error:
        return _own(request, site, holder, error.told, form)
    return RedirectResponse(f"{holder.base}/nominations", 303)
