"""The office's page of a period that is not open yet: its dates, whom it will ask, and what to do about it.

`GET /o/{token}/periods/planned/{plan_id}/{code}`          the period as it is planned
`POST /o/{token}/periods/planned/{plan_id}/{code}/shift`   fields `stamp`, the five dates, `reason`
`POST .../hold`, `POST .../let-go`                         fields `stamp`, `reason`
`POST .../open`                                            fields `stamp`, those of `opening_form`; without
                                                           `sure` a look, with it the opening
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from workflow.domain.errors import NotAllowed, NotFound, TiendoError
from workflow.domain.periods.period import Span, Timetable, moved
from workflow.domain.periods.schedule import YearPeriod
from workflow.domain.words import Words
from workflow.storage.opening.planned import hold, let_go, shift
from workflow.storage.opening.schedule import Year, asked_of, year_of
from workflow.storage.sweeps.trials import OpeningLook
from workflow.web.asked import Id
from workflow.web.forms import Posted, day_of, text_of
from workflow.web.frames import plain_frame
from workflow.web.pages import page
from workflow.web.periods.opening_form import OpeningForm
from workflow.web.site import AsOfficer, AtSite, Holder, Site
from workflow.web.stamps import NotFromThePage

router = APIRouter(include_in_schema=False)

PLANNED = "period-planned"
DATES = ("opens_on", "due_on", "confirm_by", "approve_by", "cut_off")
AT = "/o/{token}/periods/planned/{plan_id}/{code}"


def _wanted(plan_id: Id, code: str) -> tuple[int, Span]:
    return plan_id, Span.parse(code)


Wanted = Annotated[tuple[int, Span], Depends(_wanted)]
"""The plan and the period that an address names."""


@router.api_route(AT, methods=["GET", "HEAD"])
def planned_page(request: Request, site: AtSite, holder: AsOfficer, wanted: Wanted) -> Response:
    """The period as it is planned; once it is open, the board of it."""
    return _planned(request, site, holder, wanted)


def _planned(
    request: Request,
    site: Site,
    holder: Holder,
    wanted: tuple[int, Span],
    *,
    form: FormData | None = None,
    look: OpeningLook | None = None,
    error: TiendoError | None = None,
) -> Response:
    plan_id, span = wanted
    with site.store.reading() as tx:
        year = _own_year(tx, holder, plan_id, site.clock.now())
        planned = year.of(span.code)
        asked = asked_of(tx, year, planned)
        frame = plain_frame(tx, holder, "periods")
    if planned.begun is not None and error is None:
        return RedirectResponse(f"{holder.base}?period={span.code}", 303)
    stands = year.standing(planned)
    dates = _offered(year, planned)
    typed = {name: day.isoformat() for name, day in asdict(dates).items()} | {"reason": ""}
    if form is not None and "opens_on" in form:
        typed = {name: text_of(form, name) for name in (*DATES, "reason")}
    return page(
        request,
        "periods/period_planned.html",
        status=409 if error else 200,
        year=year,
        planned=planned,
        stands=stands,
        asked=asked,
        typed=typed,
        look=look,
        typed_reason=text_of(form, "reason") if form else "",
        error=error,
        stamp=site.stamps.made(holder.link.id, PLANNED, [(plan_id, span.code)]),
        **frame,
    )


def _own_year(tx: Connection, holder: Holder, plan_id: int, now: datetime) -> Year:
    year = year_of(tx, plan_id, now)
    if year.organisation_id != holder.link.organisation_id:
        raise NotFound(Words("Không có kế hoạch này."), where=str(plan_id))
    return year


@router.post(f"{AT}/shift")
def shift_one(request: Request, site: AtSite, holder: AsOfficer, wanted: Wanted, form: Posted) -> Response:
    """Sets other dates."""

    def act(tx: Connection, year: Year, span: Span, said: dict[str, Any]) -> None:
        calendar = year.at.calendar
        dates = moved(_offered(year, year.of(span.code)), _dates(form), calendar)
        shift(tx, year.plan_id, span, dates, calendar=calendar, **said)

    return _done(request, site, holder, wanted, form, "period shifted", act)


@router.post(f"{AT}/hold")
def hold_one(request: Request, site: AtSite, holder: AsOfficer, wanted: Wanted, form: Posted) -> Response:
    """Keeps it from opening by itself."""
    return _done(
        request,
        site,
        holder,
        wanted,
        form,
        "period held",
        lambda tx, year, span, said: hold(tx, year.plan_id, span, **said),
    )


@router.post(f"{AT}/let-go")
def let_one_go(request: Request, site: AtSite, holder: AsOfficer, wanted: Wanted, form: Posted) -> Response:
    """Lets it open by itself again."""
    return _done(
        request,
        site,
        holder,
        wanted,
        form,
        "period let go",
        lambda tx, year, span, said: let_go(tx, year.plan_id, span, **said),
    )


def _done(
    request: Request,
    site: Site,
    holder: Holder,
    wanted: tuple[int, Span],
    form: FormData,
    act_name: str,
    act: Any,
) -> Response:
    """Does what the form asks for with the period it was shown for, or shows why not."""
    plan_id, span = wanted
    _check_stamp(site, holder, form, wanted)
    now = site.clock.now()
    said = {"reason": text_of(form, "reason"), "now": now, "person_id": holder.link.person_id}
    try:
        with site.store.begin() as tx:
            act(tx, _own_year(tx, holder, plan_id, now), span, said)
            holder.note(tx, f"{act_name} {span.code}", now)
    except TiendoError as error:
        return _planned(request, site, holder, wanted, form=form, error=error)
    return RedirectResponse(f"{holder.base}/periods/planned/{plan_id}/{span.code}", 303)


@router.post(f"{AT}/open")
def open_now(request: Request, site: AtSite, holder: AsOfficer, wanted: Wanted, form: Posted) -> Response:
    """Shows what opening it now would do or, once that was looked at, opens it."""
    plan_id, span = wanted
    _check_stamp(site, holder, form, wanted)
    now = site.clock.now()
    try:
        with site.store.begin() as tx:
            year = _own_year(tx, holder, plan_id, now)
            if year.rules_id is None:
                raise NotAllowed(
                    Words("Chưa có quy tắc nào để mở kỳ."), cure=Words("Mở kỳ đầu tiên ở trang Các kỳ.")
                )
            look, wrong = OpeningForm(plan_id, span, year.rules_id, form).done(tx, now, holder.link.person_id)
            if look is None and wrong is None:
                holder.note(tx, f"period opened {span.code}", now)
    except TiendoError as error:
        return _planned(request, site, holder, wanted, error=error)
    if look is not None or wrong is not None:
        return _planned(request, site, holder, wanted, form=form, look=look, error=wrong)
    return RedirectResponse(f"{holder.base}?period={span.code}", 303)


def _check_stamp(site: Site, holder: Holder, form: FormData, wanted: tuple[int, Span]) -> None:
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, PLANNED)
    if stamp.shown != ((wanted[0], wanted[1].code),):
        raise NotFromThePage


def _offered(year: Year, planned: YearPeriod) -> Timetable:
    """The dates the form begins with: of a period whose day has gone by, those of one that opens today."""
    return year.dates_today(planned)


def _dates(form: FormData) -> dict[str, date]:
    what, cure = Words("Có ngày chưa ghi hoặc ghi sai."), Words("Chọn đủ năm ngày rồi bấm lại.")
    return {name: day_of(text_of(form, name), what, cure) for name in DATES}
