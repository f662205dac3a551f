"""The office's page of one person of the directory: adding, mending, leaving and coming back.

`GET, POST /o/{token}/directory/people/new`          fields as below; `?unit=` offers a role in that unit
`GET, POST /o/{token}/directory/people/{id}`         fields `stamp`, `name`, `title`, `email`; `keep`, a role
                                                     each, `unit:role`; `unit-1`, `role-1`, ... for more;
                                                     `renew`, `1` to end every link where the address
                                                     changes and to mail new ones; `sure` once what
                                                     follows was looked at
`GET, POST /o/{token}/directory/people/{id}/leave`   a look at what leaving touches; fields `stamp`, `sure`
`POST /o/{token}/directory/people/{id}/back`         puts the person back into the directory; field `stamp`
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.amending.directory import Stale, put_person
from workflow.amending.directory_checks import Complaint, Unfit
from workflow.domain.errors import NotFound
from workflow.domain.people.directory import Role
from workflow.domain.typed import whole_number
from workflow.domain.words import Words
from workflow.storage.amending.leader_bindings import leaders_to_bind
from workflow.storage.people.entries import PersonEntry, Staff, staff_of
from workflow.storage.people.history import person_history
from workflow.storage.personal.forgetting import is_forgotten
from workflow.storage.plans.plans import running_plan
from workflow.web.asked import Id
from workflow.web.forms import Posted, count_of, is_sure, text_of, texts_of
from workflow.web.frames import plain_frame
from workflow.web.pages import page
from workflow.web.people.forms import ShownEntry, editor_of, looked_at, stamp_of, stamped, tried
from workflow.web.people.words import clashes, history_lines, merged
from workflow.web.site import AsOfficer, AtSite, Holder, Site, note_refused

router = APIRouter(include_in_schema=False)

PERSON = "directory-person"
NEW_ROLES = 3
"""Rows for further roles on a page."""


@dataclass(frozen=True, slots=True)
class PersonShown(ShownEntry):
    """The same of a person: also the roles typed without their unit, or the other way round (`half`), and
    whether new links go to a new address."""

    half: tuple[tuple[str, str], ...] = ()
    renews: bool = True


@router.api_route("/o/{token}/directory/people/new", methods=["GET", "HEAD"])
def new_person(request: Request, site: AtSite, holder: AsOfficer, unit: str = "") -> HTMLResponse:
    """The form to add a person."""
    return _page(request, site, holder, PersonEntry(), PersonEntry(), PersonShown(half=((unit, ""),)))


@router.api_route("/o/{token}/directory/people/{person_id}", methods=["GET", "HEAD"])
def person_page(request: Request, site: AtSite, holder: AsOfficer, person_id: Id) -> HTMLResponse:
    """One person, with the form to mend them and their history."""
    with site.store.reading() as tx:
        person = _person(staff_of(tx, holder.link.organisation_id), person_id)
    return _page(request, site, holder, person, person, PersonShown())


@router.post("/o/{token}/directory/people/new")
def add_person(request: Request, site: AtSite, holder: AsOfficer, form: Posted) -> Response:
    """Writes a new person as typed; shows first what follows, where something does."""
    return _saved(request, site, holder, form, 0)


@router.post("/o/{token}/directory/people/{person_id}")
def save_person(request: Request, site: AtSite, holder: AsOfficer, person_id: Id, form: Posted) -> Response:
    """The same of a person who is in the directory."""
    return _saved(request, site, holder, form, person_id)


def _saved(request: Request, site: Site, holder: Holder, form: FormData, person_id: int) -> Response:
    seen = PersonEntry.from_json(stamped(site, holder, form, PERSON, person_id))
    typed, shown = _typed(form, seen)
    complaints = list(shown.complaints)
    period_id = _period(site, holder)
    try:
        done = tried(
            site,
            holder,
            lambda tx: put_person(
                tx,
                editor_of(site, holder),
                seen,
                typed,
                ends_links=shown.renews,
                period_id=period_id,
                but_link=holder.link.id,
            ),
            is_wanted=lambda found: not complaints and (is_sure(form) or not found.effects.is_to_be_seen),
        )
    except Unfit as error:
        complaints += error.complaints
    except Stale:
        note_refused(request)
        with site.store.reading() as tx:
            staff = staff_of(tx, holder.link.organisation_id)
        now = _person(staff, person_id)
        shown = replace(shown, clashes=clashes(seen, now, typed, staff))
        return _page(request, site, holder, now, merged(seen, now, typed), shown)
    if complaints:
        note_refused(request)
        return _page(request, site, holder, seen, typed, replace(shown, complaints=complaints))
    if done.effects.is_to_be_seen and not is_sure(form):
        return _page(request, site, holder, seen, typed, replace(shown, effects=done.effects))
    what = "saved" if seen.id else "added"
    ended = "" if done.ended is None else f"&ended={done.ended}"
    return RedirectResponse(f"{holder.base}/directory/people/{done.id}?done={what}{ended}", 303)


@router.api_route("/o/{token}/directory/people/{person_id}/leave", methods=["GET", "HEAD"])
def leaving_page(request: Request, site: AtSite, holder: AsOfficer, person_id: Id) -> HTMLResponse:
    """What it touches when the person leaves the directory."""
    with site.store.reading() as tx:
        person = _person(staff_of(tx, holder.link.organisation_id), person_id)
    return _leaving(request, site, holder, person)


@router.post("/o/{token}/directory/people/{person_id}/leave")
def leave(request: Request, site: AtSite, holder: AsOfficer, person_id: Id, form: Posted) -> Response:
    """Takes the person out of the directory."""
    seen = PersonEntry.from_json(stamped(site, holder, form, PERSON, person_id))
    if not is_sure(form):
        return _leaving(request, site, holder, seen)
    try:
        tried(
            site,
            holder,
            lambda tx: put_person(tx, editor_of(site, holder), seen, replace(seen, is_active=False)),
        )
    except Unfit as error:
        note_refused(request)
        return _leaving(request, site, holder, seen, error.complaints)
    return RedirectResponse(f"{holder.base}/directory/people/{person_id}?done=left", 303)


@router.post("/o/{token}/directory/people/{person_id}/back")
def come_back(request: Request, site: AtSite, holder: AsOfficer, person_id: Id, form: Posted) -> Response:
    """Puts the person back into the directory, without roles yet."""
    seen = PersonEntry.from_json(stamped(site, holder, form, PERSON, person_id))
    typed = replace(seen, is_active=True)
    try:
        tried(site, holder, lambda tx: put_person(tx, editor_of(site, holder), seen, typed))
    except Unfit as error:
        note_refused(request)
        return _page(request, site, holder, seen, seen, PersonShown(error.complaints))
    return RedirectResponse(f"{holder.base}/directory/people/{person_id}?done=back", 303)


def _person(staff: Staff, person_id: int) -> PersonEntry:
    found = staff.persons.get(person_id)
    if found is None:
        raise NotFound(Words("Không có người này trong danh bạ."))
    return found


def _period(site: Site, holder: Holder) -> int | None:
    with site.store.reading() as tx:
        period = plain_frame(tx, holder, "directory")["period"]
    return period.id if period else None


def _typed(form: FormData, seen: PersonEntry) -> tuple[PersonEntry, PersonShown]:
    """The person as typed, and the errors of fields that could not be read."""
    held, half = set[tuple[int, Role]](), list[tuple[str, str]]()
    pairs = [one.split(":", 1) for one in texts_of(form, "keep") if ":" in one]
    pairs += [[text_of(form, f"unit-{n}"), text_of(form, f"role-{n}")] for n in range(1, NEW_ROLES + 1)]
    for unit, role in pairs:
        unit_id = whole_number(unit)
        if unit_id is not None and role in list(Role):
            held.add((unit_id, Role(role)))
        elif unit or role:
            half.append((unit, role))
    typed = PersonEntry(
        seen.id,
        " ".join(text_of(form, "name").split())[:200],
        " ".join(text_of(form, "title").split())[:200],
        text_of(form, "email")[:200],
        tuple(sorted(held)),
        seen.is_active,
    )
    what = Words("Có dòng mới ghi đơn vị hoặc vai trò, chưa ghi cả hai.")
    complaints = [Complaint("roles", what, Words("Chọn cả đơn vị và vai trò, hoặc để trống cả hai."))]
    return typed, PersonShown(
        complaints if half else (), half=tuple(half), renews=text_of(form, "renew") == "1"
    )


def _page(
    request: Request, site: Site, holder: Holder, seen: PersonEntry, typed: PersonEntry, shown: PersonShown
) -> HTMLResponse:
    with site.store.reading() as tx:
        staff = staff_of(tx, holder.link.organisation_id)
        history = (
            history_lines(person_history(tx, holder.link.organisation_id, seen.id), staff) if seen.id else []
        )
        frame = plain_frame(tx, holder, "directory")
        plan = running_plan(tx, holder.link.organisation_id) if seen.id else None
        leads_as = leaders_to_bind(tx, plan.id, seen.name) if plan else ()
    known = sorted({*seen.roles, *typed.roles})
    return page(
        request,
        "people/directory_person.html",
        status=shown.status,
        whose=seen,
        typed=typed,
        shown=shown,
        held=[
            (unit, staff.units[unit].name, role, (unit, role) in typed.roles)
            for unit, role in known
            if unit in staff.units
        ],
        units=sorted((one for one in staff.units.values() if one.is_active), key=lambda one: one.name),
        roles=list(Role),
        rows=[*shown.half, *[("", "")] * NEW_ROLES][:NEW_ROLES],
        history=history,
        leads_as=leads_as,
        done=request.query_params.get("done", ""),
        ended=count_of(request, "ended"),
        forgotten=is_forgotten(seen.email),
        is_own=seen.id == holder.person_id,
        stamp=stamp_of(site, holder, PERSON, seen),
        **frame,
    )


def _leaving(
    request: Request,
    site: Site,
    holder: Holder,
    seen: PersonEntry,
    complaints: Sequence[Complaint] = (),
) -> HTMLResponse:
    gone = replace(seen, is_active=False)
    effects, complaints = looked_at(
        site, holder, lambda tx: put_person(tx, editor_of(site, holder), seen, gone), complaints
    )
    with site.store.reading() as tx:
        staff = staff_of(tx, holder.link.organisation_id)
        frame = plain_frame(tx, holder, "directory")
    return page(
        request,
        "people/directory_leave.html",
        status=409 if complaints else 200,
        kind="people",
        whose=seen,
        effects=effects,
        complaints=complaints,
        lost=[(staff.units[unit].name, role) for unit, role in seen.roles if unit in staff.units],
        named={},
        groups=(),
        stamp=stamp_of(site, holder, PERSON, seen),
        **frame,
    )
