"""The office's page of absences: who stands in for whom from day to day.

`GET, POST /o/{token}/directory/absences`        fields `stamp`, `person`, `substitute` (ids), `from`, `to`
                                                 (days), `votes`, `1` where they vote too
`POST /o/{token}/directory/absences/{id}/end`    ends one before its last day; field `stamp`
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.domain.errors import NotAllowed, NotFound, TiendoError
from workflow.domain.people.directory import Role
from workflow.domain.typed import whole_number
from workflow.domain.vietnamese import day, fold
from workflow.domain.words import Words
from workflow.storage.people.absences import Substitution, revoke, substitute, substitutions_of
from workflow.storage.people.entries import Staff, staff_of
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.rules import pinned_rules
from workflow.web.asked import Id
from workflow.web.forms import Posted, day_of, text_of
from workflow.web.frames import plain_frame
from workflow.web.pages import page
from workflow.web.site import AsOfficer, AtSite, Holder, Site, note_refused

router = APIRouter(include_in_schema=False)

ABSENCES = "absences"
_FIELDS = ("person", "substitute", "from", "to", "votes")


@router.api_route("/o/{token}/directory/absences", methods=["GET", "HEAD"])
def absences_page(request: Request, site: AtSite, holder: AsOfficer) -> HTMLResponse:
    """Absences under way, to come and past, and the form to add one; `?person=` says for whom."""
    return _page(request, site, holder, request.query_params)


@router.post("/o/{token}/directory/absences")
def add_absence(request: Request, site: AtSite, holder: AsOfficer, form: Posted) -> Response:
    """Records who stands in for whom."""
    site.stamps.read(text_of(form, "stamp"), holder.link.id, ABSENCES)
    try:
        with site.store.begin() as tx:
            _add(tx, site, holder, form)
    except TiendoError as error:
        note_refused(request)
        typed = {name: text_of(form, name) for name in _FIELDS}
        return _page(request, site, holder, typed, error)
    return RedirectResponse(f"{holder.base}/directory/absences?done=added", 303)


@router.post("/o/{token}/directory/absences/{absence_id}/end")
def end_absence(site: AtSite, holder: AsOfficer, absence_id: Id, form: Posted) -> Response:
    """Ends an absence before its last day."""
    site.stamps.read(text_of(form, "stamp"), holder.link.id, ABSENCES)
    now = site.clock.now()
    with site.store.begin() as tx:
        if absence_id not in {one.id for one in substitutions_of(tx, holder.link.organisation_id)}:
            raise NotFound(Words("Không có lần thay này."))
        revoke(tx, absence_id, now, by=holder.person_id)
        holder.note(tx, f"absence ended {absence_id}", now)
    return RedirectResponse(f"{holder.base}/directory/absences?done=ended", 303)


def _add(tx: Connection, site: Site, holder: Holder, form: FormData) -> None:
    now, organisation_id = site.clock.now(), holder.link.organisation_id
    staff = staff_of(tx, organisation_id)
    ids = [text_of(form, name) for name in ("person", "substitute")]
    people = [staff.persons.get(whole_number(one) or 0) for one in ids]
    absent, other = people
    if absent is None or other is None:
        raise NotAllowed(
            Words("Chưa chọn người vắng hoặc người thay."), cure=Words("Chọn cả hai trong danh sách.")
        )
    first, last = (_day(text_of(form, name)) for name in ("from", "to"))
    if last < organisation_calendar(tx, organisation_id).day_of(now):
        raise NotAllowed(
            Words("Ngày cuối %(day)s đã qua.", day=day(last)), cure=Words("Ghi những ngày từ hôm nay.")
        )
    votes = text_of(form, "votes") == "1"
    if votes and _is_member(staff, other.id):
        what = Words(
            "%(name)s đã có phiếu của mình nên không biểu quyết thay người khác được.", name=other.name
        )
        raise NotAllowed(what, cure=Words("Chọn người khác, hoặc bỏ đánh dấu “biểu quyết thay”."))
    made = substitute(tx, absent.id, other.id, first, last, now, votes=votes, made_by=holder.person_id)
    holder.note(tx, f"absence added {made}", now)


def _day(typed: str) -> date:
    what = Words("“%(typed)s” không phải một ngày.", typed=typed)
    return day_of(typed, what, Words("Chọn ngày đầu và ngày cuối."))


def _is_member(staff: Staff, person_id: int) -> bool:
    return any(
        role in (Role.MEMBER, Role.CHAIR) and staff.units[unit].is_committee
        for unit, role in staff.persons[person_id].roles
    )


def _page(
    request: Request,
    site: Site,
    holder: Holder,
    typed: Mapping[str, str],
    error: TiendoError | None = None,
) -> HTMLResponse:
    with site.store.reading() as tx:
        organisation_id = holder.link.organisation_id
        frame = plain_frame(tx, holder, "directory")
        today = organisation_calendar(tx, organisation_id).day_of(site.clock.now())
        found = substitutions_of(tx, organisation_id)
        staff = staff_of(tx, organisation_id)
        may_vote = True
        if frame["period"]:
            may_vote = pinned_rules(tx, frame["period"].id).routing.approval.substitutes
    live = [one for one in found if one.revoked_at is None and one.to_on >= today]
    people = sorted(
        (one for one in staff.persons.values() if one.is_active),
        key=lambda one: (fold(one.name).split()[-1:], fold(one.name)),
    )
    return page(
        request,
        "people/directory_absences.html",
        status=409 if error else 200,
        live=[(one, list(_notes(one, live, staff, may_vote=may_vote))) for one in live],
        past=[one for one in found if one not in live][:50],
        people=people,
        today=today,
        typed={name: typed.get(name, "") for name in _FIELDS},
        error=error,
        done=request.query_params.get("done", ""),
        stamp=site.stamps.made(holder.link.id, ABSENCES),
        **frame,
    )


def _notes(absence: Substitution, live: list[Substitution], staff: Staff, *, may_vote: bool) -> Iterator[Any]:
    """What the office should know of an absence beside its days."""
    for other in live:
        meets = other.from_on <= absence.to_on and other.to_on >= absence.from_on
        if other.person_id == absence.substitute_id and meets:
            yield Words(
                "%(name)s cũng vắng từ %(first)s đến %(last)s: những ngày ấy %(next)s làm thay.",
                name=absence.substitute,
                first=day(other.from_on),
                last=day(other.to_on),
                next=other.substitute,
            )
    if absence.votes and not may_vote:
        yield Words("Quy tắc của kỳ này không cho biểu quyết thay: phiếu không được bỏ thay.")
    if _is_member(staff, absence.person_id) and not absence.votes:
        yield Words("Không biểu quyết thay: phiếu của %(name)s vẫn chờ chính người ấy.", name=absence.person)
