"""What the organisation is, and what that brings: words, form of documents, signature, ready rules.

`GET /o/{token}/organisation`    the kinds and what each brings, the present one ticked
`POST /o/{token}/organisation`   fields `stamp`, `kind`
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.domain.errors import NotAllowed
from workflow.domain.people.organisations import OrganisationKind, proposed_kind
from workflow.domain.words import Words
from workflow.storage.cycles.heads import organisation_name
from workflow.storage.people.directory import kind_of, set_kind
from workflow.web.forms import Posted, text_of
from workflow.web.frames import plain_frame
from workflow.web.pages import page
from workflow.web.site import AsOfficer, AtSite, Holder, Site

router = APIRouter(include_in_schema=False)

KIND = "organisation-kind"


@router.api_route("/o/{token}/organisation", methods=["GET", "HEAD"])
def kind_page(request: Request, site: AtSite, holder: AsOfficer) -> HTMLResponse:
    """The kinds, the present one ticked; what the name proposes is shown where it is another."""
    return _page(request, site, holder)


@router.post("/o/{token}/organisation")
def choose_kind(request: Request, site: AtSite, holder: AsOfficer, form: Posted) -> Response:
    """Says what the organisation is."""
    site.stamps.read(text_of(form, "stamp"), holder.link.id, KIND)
    said = text_of(form, "kind")
    if said not in list(OrganisationKind):
        error = NotAllowed(Words("Chưa chọn loại đơn vị."), cure=Words("Chọn một loại trong danh sách."))
        return _page(request, site, holder, error)
    now = site.clock.now()
    with site.store.begin() as tx:
        if set_kind(tx, holder.link.organisation_id, OrganisationKind(said), holder.link.person_id, now):
            holder.note(tx, f"organisation kind {said}", now)
    return RedirectResponse(f"{holder.base}/organisation", 303)


def _page(request: Request, site: Site, holder: Holder, error: NotAllowed | None = None) -> HTMLResponse:
    with site.store.reading() as tx:
        frame = plain_frame(tx, holder, "organisation")
        now_is = kind_of(tx, holder.link.organisation_id)
        name, _ = organisation_name(tx, holder.link.organisation_id)
    return page(
        request,
        "people/organisation_kind.html",
        status=409 if error else 200,
        kinds=list(OrganisationKind),
        now_is=now_is,
        proposed=proposed_kind(name),
        error=error,
        stamp=site.stamps.made(holder.link.id, KIND),
        **frame,
    )
