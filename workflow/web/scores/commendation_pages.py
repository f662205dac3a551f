"""Commendations on pages: the list with its reasons, who is put forward by hand, the council's vote.

`GET /o/{token}/commendations`             the list of a period; `?period=`
`GET /o/{token}/commendations/list.docx`   as a document; also `list.xlsx`; `?period=`
`POST /o/{token}/commendations/enter`      `stamp`, `award`, `unit`, `name`, `title`, `text`, `evidence`,
                                           `sure`
`POST /o/{token}/commendations/vote`       puts candidacies to the council: `stamp`, `subject` (each),
                                           `until`, `sure`
`GET /l/{token}/commendations`             a unit's own proposals, to who reports for it
`POST /l/{token}/commendations`            fields as of `enter`
"""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.domain.errors import Conflict, NotAllowed, NotFound
from workflow.domain.scores.award_rules import Whom
from workflow.domain.typed import whole_number
from workflow.domain.words import Words
from workflow.reports.commendations import commendation_list
from workflow.reports.period_reports import heading_of
from workflow.reports.report_files import DOCX, XLSX
from workflow.reports.sheets.commendations_xlsx import write_list_xlsx
from workflow.reports.word.commendations_docx import write_list
from workflow.storage.cycles.difficulties import able_units
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.periods.periods import Period, period_of
from workflow.storage.periods.watched import watched_period
from workflow.storage.post.receipts import given_before
from workflow.storage.rules import pinned_rules, pinned_scoring
from workflow.storage.scores.commendation_lists import commendation_changes, open_vote, proposals
from workflow.storage.scores.commendations import NewCandidate, put_forward
from workflow.storage.scores.own_share import own_proposals
from workflow.web.downloads import saved_as
from workflow.web.forms import Posted, text_of, texts_of
from workflow.web.frames import context_of, office_frame, office_period
from workflow.web.pages import page
from workflow.web.scores.council_pages import CLOSE, check_sure, last_day_of
from workflow.web.site import AsOfficer, AsPerson, AtSite, Holder, Site
from workflow.web.stamps import NotFromThePage

router = APIRouter(include_in_schema=False)

ENTER, VOTE, OWN = "commend-enter", "commend-vote", "commend-own"
_FIELDS = ("award", "unit", "name", "title", "text", "evidence")


@router.api_route("/o/{token}/commendations", methods=["GET", "HEAD"])
def office_page(request: Request, site: AtSite, holder: AsOfficer, period: str = "") -> HTMLResponse:
    """The list of a period."""
    return _office(request, site, holder, period)


def _office(
    request: Request, site: Site, holder: Holder, period: str, wrong: str = "", form: FormData | None = None
) -> HTMLResponse:
    now = site.clock.now()
    with site.store.reading() as tx:
        head, known = office_period(tx, holder, period)
        is_scored = bool(pinned_rules(tx, head.id).scoring)
        found = proposals(tx, head.id, now) if is_scored else None
        changes = commendation_changes(tx, head.id) if found else []
        council = pinned_scoring(tx, head.id).council if is_scored else None
        able = able_units(tx, head.organisation_id)
        calendar = organisation_calendar(tx, head.organisation_id)
    today = calendar.day_of(now)
    held = found.sittings if found else ()
    return page(
        request,
        "scores/commendations.html",
        status=409 if wrong else 200,
        found=found,
        changes=changes,
        council=council,
        able=able,
        Whom=Whom,
        today=today,
        until=calendar.add_working_days(today, council.working_days) if council else today,
        wrong=wrong,
        typed=_typed(form),
        stamps={name: site.stamps.made(holder.link.id, name, [(head.id,)]) for name in (ENTER, VOTE)},
        close_stamps={
            one.id: site.stamps.made(holder.link.id, CLOSE, [(one.id,)])
            for one in held
            if one.closed_at is None
        },
        **office_frame(holder, head, known, "commendations"),
    )


def _typed(form: FormData | None) -> dict[str, str]:
    return {name: text_of(form, name) if form else "" for name in _FIELDS}


@router.post("/o/{token}/commendations/enter")
def enter(request: Request, site: AtSite, holder: AsOfficer, form: Posted, period: str = "") -> Response:
    """Puts someone forward by hand, as the office does."""
    now = site.clock.now()
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, ENTER)
    try:
        with site.store.begin() as tx:
            head = _checked(tx, holder, stamp.shown, period, form)
            if given_before(tx, holder.link.id, stamp.mark) is None:
                awards = pinned_scoring(tx, head.id).awards
                entry = put_forward(tx, holder.person_id, head.id, _candidate(form), awards, now)
                holder.note(tx, f"{stamp.mark} {entry}", now)
    except (Conflict, NotAllowed) as error:
        return _office(request, site, holder, period, error.told, form)
    return RedirectResponse(f"{holder.base}/commendations?period={head.code}#them", 303)


@router.post("/o/{token}/commendations/vote")
def put_to_council(
    request: Request, site: AtSite, holder: AsOfficer, form: Posted, period: str = ""
) -> Response:
    """Puts the chosen candidacies to the council."""
    now = site.clock.now()
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, VOTE)
    try:
        with site.store.begin() as tx:
            head = _checked(tx, holder, stamp.shown, period, form)
            subjects = set(texts_of(form, "subject"))
            open_vote(tx, holder.person_id, head.id, subjects, last_day_of(form), now)
            holder.note(tx, "council asked on commendations", now)
    except (Conflict, NotAllowed) as error:
        return _office(request, site, holder, period, error.told)
    return RedirectResponse(f"{holder.base}/commendations?period={head.code}#lay-phieu", 303)


def _checked(tx: Connection, holder: Holder, shown: object, period: str, form: FormData) -> Period:
    head, _ = office_period(tx, holder, period)
    if shown != ((head.id,),):
        raise NotFromThePage
    check_sure(form)
    return head


def _candidate(form: FormData) -> NewCandidate:
    unit = whole_number(text_of(form, "unit"))
    if unit is None:
        raise NotAllowed(Words("Chưa chọn đơn vị."), cure=Words("Chọn trong danh sách."))
    return NewCandidate(
        text_of(form, "award"),
        unit,
        text_of(form, "name"),
        text_of(form, "title"),
        text_of(form, "text"),
        text_of(form, "evidence"),
    )


@router.api_route("/o/{token}/commendations/{name}", methods=["GET", "HEAD"])
def document(site: AtSite, holder: AsOfficer, name: str, period: str = "") -> Response:
    """The list as a Word document or a workbook."""
    now = site.clock.now()
    with site.store.reading() as tx:
        head, _ = office_period(tx, holder, period)
        made, media_type = drawn_up(tx, head.id, name, now)
    return saved_as(f"danh-sach-khen-thuong-{head.code.lower()}.{name.rpartition('.')[2]}", made, media_type)


def drawn_up(tx: Connection, period_id: int, name: str, now: datetime) -> tuple[bytes, str]:
    """A document by its name, with its media type; raises NotFound where there is nothing to put into it."""
    found = proposals(tx, period_id, now)
    heading = heading_of(tx, period_id)
    head = period_of(tx, period_id)
    match name:
        case "list.docx" if found.awards:
            return write_list(commendation_list(found, heading, head)), DOCX
        case "list.xlsx" if found.awards:
            return write_list_xlsx(commendation_list(found, heading, head)), XLSX
    raise NotFound(Words("Chưa có gì để lập tài liệu này."))


@router.api_route("/l/{token}/commendations", methods=["GET", "HEAD"])
def own_page(request: Request, site: AtSite, holder: AsPerson) -> HTMLResponse:
    """What the holder's units have proposed."""
    return _own(request, site, holder)


def _own(
    request: Request, site: Site, holder: Holder, wrong: str = "", form: FormData | None = None
) -> HTMLResponse:
    now = site.clock.now()
    with site.store.reading() as tx:
        head = period_of(tx, holder.period_id)
        own = own_proposals(tx, holder.person_id, watched_period(tx, holder.period_id, now))
    return page(
        request,
        "scores/own_commendations.html",
        status=409 if wrong else 200,
        own=own,
        titles={one.code: one.title for one in own.awards},
        wrong=wrong,
        typed=_typed(form),
        stamp=site.stamps.made(holder.link.id, OWN, [(holder.period_id,)]),
        **context_of(holder, head, now),
    )


@router.post("/l/{token}/commendations")
def put_own(request: Request, site: AtSite, holder: AsPerson, form: Posted) -> Response:
    """Puts someone forward for the holder's unit."""
    now = site.clock.now()
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, OWN)
    try:
        check_sure(form)
        with site.store.begin() as tx:
            if given_before(tx, holder.link.id, stamp.mark) is None:
                own = own_proposals(tx, holder.person_id, watched_period(tx, holder.period_id, now))
                new = _candidate(form)
                if new.unit_id not in dict(own.units):
                    raise NotAllowed(Words("Ông/bà không báo cáo thay cho đơn vị này."))
                entry = put_forward(tx, holder.person_id, holder.period_id, new, own.awards, now)
                holder.note(tx, f"{stamp.mark} {entry}", now)
    except (Conflict, NotAllowed) as error:
        return _own(request, site, holder, error.told, form)
    return RedirectResponse(f"{holder.base}/commendations", 303)
