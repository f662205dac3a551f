"""The data stored about a person, to hand out to them, and erasing that of one who left; for the office.

`GET /o/{token}/directory/people/{id}/data`           everything, to be read or printed
`POST /o/{token}/directory/people/{id}/data`          the same as a JSON file; field `stamp`. It is logged
`GET, POST /o/{token}/directory/people/{id}/forget`   what would be erased, what stays and why; fields
                                                      `stamp`, `sure`
"""

from __future__ import annotations

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.domain.errors import NotAllowed
from workflow.domain.words import Words
from workflow.old_files import caught_mails
from workflow.reports.personal_data import named, sections
from workflow.storage.audit import AuditEntry, record
from workflow.storage.people.history import PERSON_EXPORTED
from workflow.storage.personal.forgetting import Prospect, forget, prospect
from workflow.storage.personal.held_about import held_about
from workflow.storage.personal.personal_data import Fate
from workflow.web.asked import Id
from workflow.web.downloads import saved_as
from workflow.web.forms import Posted, is_sure, text_of
from workflow.web.frames import plain_frame
from workflow.web.pages import page
from workflow.web.site import AsOfficer, AtSite, Holder, Site, note_refused
from workflow.web.stamps import NotFromThePage

router = APIRouter(include_in_schema=False)

DATA, FORGET = "person-data", "person-forget"


@router.api_route("/o/{token}/directory/people/{person_id}/data", methods=["GET", "HEAD"])
def data_page(request: Request, site: AtSite, holder: AsOfficer, person_id: Id) -> HTMLResponse:
    """Everything stored about the person."""
    _check_acts(holder)
    now = site.clock.now()
    with site.store.reading() as tx:
        held = held_about(tx, holder.link.organisation_id, person_id, now)
        frame = plain_frame(tx, holder, "directory")
    return page(
        request,
        "people/directory_data.html",
        whose=held["person"],
        made_at=now,
        sections=sections(held),
        whose_id=person_id,
        stamp=site.stamps.made(holder.link.id, DATA, [(person_id,)]),
        **frame,
    )


@router.post("/o/{token}/directory/people/{person_id}/data")
def data_file(site: AtSite, holder: AsOfficer, person_id: Id, form: Posted) -> Response:
    """Everything stored about the person as a file; the download is logged."""
    _check_stamp(site, holder, form, DATA, person_id)
    now = site.clock.now()
    with site.store.begin() as tx:
        held = held_about(tx, holder.link.organisation_id, person_id, now)
        entry = AuditEntry(PERSON_EXPORTED, holder.person_id, {"person": person_id})
        record(tx, holder.link.organisation_id, now, entry)
        holder.note(tx, f"directory data of {person_id}", now)
    body = orjson.dumps(held, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)
    return saved_as(f"du-lieu-ca-nhan-{person_id}.json", body, "application/json")


@router.api_route("/o/{token}/directory/people/{person_id}/forget", methods=["GET", "HEAD"])
def forget_page(request: Request, site: AtSite, holder: AsOfficer, person_id: Id) -> HTMLResponse:
    """What would go and what would stay."""
    _check_acts(holder)
    with site.store.reading() as tx:
        found = prospect(tx, holder.link.organisation_id, person_id)
    return _asked(request, site, holder, found)


@router.post("/o/{token}/directory/people/{person_id}/forget")
def forget_person(request: Request, site: AtSite, holder: AsOfficer, person_id: Id, form: Posted) -> Response:
    """Forgets the person."""
    _check_stamp(site, holder, form, FORGET, person_id)
    if not is_sure(form):
        note_refused(request)
        return forget_page(request, site, holder, person_id)
    now = site.clock.now()
    with site.store.begin() as tx:
        done = forget(tx, holder.link.organisation_id, person_id, now, by=holder.person_id)
        holder.note(tx, f"directory forgot {person_id}", now)
    for path in caught_mails(site.settings.data, done.email):
        path.unlink(missing_ok=True)
    return RedirectResponse(f"{holder.base}/directory/people/{person_id}?done=forgotten", 303)


def _asked(request: Request, site: Site, holder: Holder, found: Prospect) -> HTMLResponse:
    with site.store.reading() as tx:
        frame = plain_frame(tx, holder, "directory")
    return page(
        request,
        "people/directory_forget.html",
        whose=found,
        gone=named(found.of(Fate.GOES, Fate.BLANKED)),
        kept=named(found.of(Fate.DECIDED, Fate.CHAINED, Fate.RUNS)),
        stamp=site.stamps.made(holder.link.id, FORGET, [(found.person_id,)]),
        **frame,
    )


def _check_stamp(site: Site, holder: Holder, form: Posted, name: str, person_id: int) -> None:
    _check_acts(holder)
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, name)
    if stamp.shown != ((person_id,),):
        raise NotFromThePage


def _check_acts(holder: Holder) -> None:
    if not holder.may_act:
        raise NotAllowed(Words("Quyền của anh/chị trên các trang này là chỉ xem."))
