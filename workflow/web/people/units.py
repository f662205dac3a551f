"""The office's page of one unit of the directory: adding, mending, and dropping it.

`GET, POST /o/{token}/directory/units/new`         fields as below
`GET, POST /o/{token}/directory/units/{id}`        fields `stamp`, `name`, `aliases` (a line each), `cluster`,
                                                   `committee`, `members` (ids of units); `sure` once what
                                                   follows was looked at
`GET, POST /o/{token}/directory/units/{id}/leave`  a look at what dropping it touches; `stamp`, `sure`
`POST /o/{token}/directory/units/{id}/back`        takes it into use again; field `stamp`
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.amending.directory import Stale, put_unit
from workflow.amending.directory_checks import Complaint, Unfit
from workflow.domain.errors import NotFound
from workflow.domain.people.directory import BodyKind
from workflow.domain.vietnamese import alphabetical
from workflow.domain.words import Words
from workflow.importing.form.form import names_in
from workflow.storage.people.entries import Staff, UnitEntry, staff_of
from workflow.storage.people.history import unit_history
from workflow.storage.people.lists import named_in
from workflow.web.asked import Id
from workflow.web.forms import Posted, ids_of, is_sure, text_of
from workflow.web.frames import plain_frame
from workflow.web.pages import page
from workflow.web.people.forms import ShownEntry, editor_of, looked_at, stamp_of, stamped, tried
from workflow.web.people.words import clashes, history_lines, merged
from workflow.web.site import AsOfficer, AtSite, Holder, Site, note_refused

router = APIRouter(include_in_schema=False)

UNIT = "directory-unit"


@router.api_route("/o/{token}/directory/units/new", methods=["GET", "HEAD"])
def new_unit(request: Request, site: AtSite, holder: AsOfficer) -> HTMLResponse:
    """The form to add a unit."""
    return _page(request, site, holder, UnitEntry(), UnitEntry(), ShownEntry())


@router.api_route("/o/{token}/directory/units/{unit_id}", methods=["GET", "HEAD"])
def unit_page(request: Request, site: AtSite, holder: AsOfficer, unit_id: Id) -> HTMLResponse:
    """One unit, with the form to mend it, its people and its history."""
    with site.store.reading() as tx:
        unit = _unit(staff_of(tx, holder.link.organisation_id), unit_id)
    return _page(request, site, holder, unit, unit, ShownEntry())


@router.post("/o/{token}/directory/units/new")
def add_unit(request: Request, site: AtSite, holder: AsOfficer, form: Posted) -> Response:
    """Writes a new unit as typed; shows first what follows, where something does."""
    return _saved(request, site, holder, form, 0)


@router.post("/o/{token}/directory/units/{unit_id}")
def save_unit(request: Request, site: AtSite, holder: AsOfficer, unit_id: Id, form: Posted) -> Response:
    """The same of a unit that is in the directory."""
    return _saved(request, site, holder, form, unit_id)


def _saved(request: Request, site: Site, holder: Holder, form: FormData, unit_id: int) -> Response:
    seen = UnitEntry.from_json(stamped(site, holder, form, UNIT, unit_id))
    with site.store.reading() as tx:
        typed = _typed(form, seen, staff_of(tx, holder.link.organisation_id))
    try:
        done = tried(
            site,
            holder,
            lambda tx: put_unit(tx, editor_of(site, holder), seen, typed),
            is_wanted=lambda found: is_sure(form) or not found.effects.is_to_be_seen,
        )
    except Unfit as error:
        note_refused(request)
        return _page(request, site, holder, seen, typed, ShownEntry(error.complaints))
    except Stale:
        note_refused(request)
        with site.store.reading() as tx:
            staff = staff_of(tx, holder.link.organisation_id)
        now = _unit(staff, unit_id)
        shown = ShownEntry(clashes=clashes(seen, now, typed, staff))
        return _page(request, site, holder, now, merged(seen, now, typed), shown)
    if done.effects.is_to_be_seen and not is_sure(form):
        return _page(request, site, holder, seen, typed, ShownEntry(effects=done.effects))
    what = "saved" if seen.id else "added"
    return RedirectResponse(f"{holder.base}/directory/units/{done.id}?done={what}", 303)


@router.api_route("/o/{token}/directory/units/{unit_id}/leave", methods=["GET", "HEAD"])
def dropping_page(request: Request, site: AtSite, holder: AsOfficer, unit_id: Id) -> HTMLResponse:
    """What it touches when the unit is dropped."""
    with site.store.reading() as tx:
        unit = _unit(staff_of(tx, holder.link.organisation_id), unit_id)
    return _dropping(request, site, holder, unit)


@router.post("/o/{token}/directory/units/{unit_id}/leave")
def drop(request: Request, site: AtSite, holder: AsOfficer, unit_id: Id, form: Posted) -> Response:
    """Drops the unit from the directory."""
    seen = UnitEntry.from_json(stamped(site, holder, form, UNIT, unit_id))
    if not is_sure(form):
        return _dropping(request, site, holder, seen)
    try:
        tried(site, holder, lambda tx: put_unit(tx, editor_of(site, holder), seen, _dropped(seen)))
    except Unfit as error:
        note_refused(request)
        return _dropping(request, site, holder, seen, error.complaints)
    return RedirectResponse(f"{holder.base}/directory/units/{unit_id}?done=left", 303)


@router.post("/o/{token}/directory/units/{unit_id}/back")
def come_back(request: Request, site: AtSite, holder: AsOfficer, unit_id: Id, form: Posted) -> Response:
    """Takes the unit into use again, without people or members yet."""
    seen = UnitEntry.from_json(stamped(site, holder, form, UNIT, unit_id))
    typed = replace(seen, is_active=True)
    try:
        tried(site, holder, lambda tx: put_unit(tx, editor_of(site, holder), seen, typed))
    except Unfit as error:
        note_refused(request)
        return _page(request, site, holder, seen, seen, ShownEntry(error.complaints))
    return RedirectResponse(f"{holder.base}/directory/units/{unit_id}?done=back", 303)


def _unit(staff: Staff, unit_id: int) -> UnitEntry:
    found = staff.units.get(unit_id)
    if found is None:
        raise NotFound(Words("Không có đơn vị này trong danh bạ."))
    return found


def _dropped(seen: UnitEntry) -> UnitEntry:
    return replace(seen, is_active=False, members=())


def _typed(form: FormData, seen: UnitEntry, staff: Staff) -> UnitEntry:
    name = " ".join(text_of(form, "name").split())[:200]
    ticked = ids_of(form, "members")
    return UnitEntry(
        seen.id,
        name,
        tuple(alias for alias in names_in(text_of(form, "aliases")) if alias != name),
        " ".join(text_of(form, "cluster").split())[:200],
        bool(text_of(form, "committee")),
        tuple(sorted(one for one in ticked if one in staff.units and staff.units[one].is_active)),
        seen.is_active,
        BodyKind.COUNCIL if text_of(form, "committee") == BodyKind.COUNCIL else BodyKind.COMMITTEE,
    )


def _page(
    request: Request, site: Site, holder: Holder, seen: UnitEntry, typed: UnitEntry, shown: ShownEntry
) -> HTMLResponse:
    organisation_id = holder.link.organisation_id
    with site.store.reading() as tx:
        staff = staff_of(tx, organisation_id)
        history = history_lines(unit_history(tx, organisation_id, seen.id), staff) if seen.id else []
        named = named_in(tx, organisation_id, seen.id)
        frame = plain_frame(tx, holder, "directory")
    return page(
        request,
        "people/directory_unit.html",
        status=shown.status,
        whose=seen,
        typed=typed,
        shown=shown,
        others=sorted(
            (one for one in staff.units.values() if one.is_active and one.id != seen.id),
            # Ticked ones come first: the list scrolls.
            key=lambda one: (one.id not in typed.members, alphabetical(one.name)),
        ),
        clusters=sorted({one.cluster for one in staff.units.values() if one.cluster}),
        people=_people(staff, seen.id),
        groups=_groups(staff, seen.id),
        named=named,
        history=history,
        done=request.query_params.get("done", ""),
        stamp=stamp_of(site, holder, UNIT, seen),
        **frame,
    )


def _dropping(
    request: Request, site: Site, holder: Holder, seen: UnitEntry, complaints: Sequence[Complaint] = ()
) -> HTMLResponse:
    effects, complaints = looked_at(
        site, holder, lambda tx: put_unit(tx, editor_of(site, holder), seen, _dropped(seen)), complaints
    )
    with site.store.reading() as tx:
        staff = staff_of(tx, holder.link.organisation_id)
        named = named_in(tx, holder.link.organisation_id, seen.id)
        frame = plain_frame(tx, holder, "directory")
    return page(
        request,
        "people/directory_leave.html",
        status=409 if complaints else 200,
        kind="units",
        whose=seen,
        effects=effects,
        complaints=complaints,
        lost=[(name, role) for name, _, role in effects.roles],
        named=named,
        groups=_groups(staff, seen.id),
        stamp=stamp_of(site, holder, UNIT, seen),
        **frame,
    )


def _people(staff: Staff, unit_id: int) -> list[tuple[int, str, list[Any]]]:
    """Who holds which roles in the unit: id, name, roles."""
    found = [
        (person.id, person.name, [role for unit, role in person.roles if unit == unit_id])
        for person in staff.persons.values()
    ]
    return sorted((one for one in found if one[2]), key=lambda one: alphabetical(one[1]))


def _groups(staff: Staff, unit_id: int) -> list[str]:
    """The groups the unit is a member of."""
    return [unit.name for unit in staff.units.values() if unit_id in unit.members]
