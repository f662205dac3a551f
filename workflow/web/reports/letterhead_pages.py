"""What stands around the text of an organisation's reports: place, superior body, signature, with a picture
of head and foot as they will be printed.

`GET /o/{token}/letterhead`    the form, and the picture of what is kept
`POST /o/{token}/letterhead`   fields `stamp`, one for each of `FIELDS`, `no_superior`; `look` shows what was
                               typed and keeps nothing
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.domain.errors import NotAllowed, TiendoError
from workflow.domain.words import Words
from workflow.storage.cycles.entitlement import check_office
from workflow.storage.cycles.heads import organisation_name
from workflow.storage.people.directory import kind_of
from workflow.storage.reports.letterheads import letterhead_of, set_letterhead
from workflow.web.forms import Posted, text_of
from workflow.web.frames import plain_frame
from workflow.web.pages import page
from workflow.web.site import AsOfficer, AtSite, Holder, Site

router = APIRouter(include_in_schema=False)

LETTERHEAD = "letterhead"
FIELDS = ("place", "superior", "signs_for", "signs_as", "signer", "filed")
MOST = 200
"""Letters a field may have."""


@router.api_route("/o/{token}/letterhead", methods=["GET", "HEAD"])
def letterhead_page(request: Request, site: AtSite, holder: AsOfficer, done: str = "") -> HTMLResponse:
    """The letterhead as it is kept."""
    return _page(request, site, holder, done=done == "saved")


@router.post("/o/{token}/letterhead")
def save_letterhead(request: Request, site: AtSite, holder: AsOfficer, form: Posted) -> Response:
    """Keeps what was typed, or shows how it would look."""
    site.stamps.read(text_of(form, "stamp"), holder.link.id, LETTERHEAD)
    typed: dict[str, str | bool] = {name: text_of(form, name) for name in FIELDS}
    typed["no_superior"] = text_of(form, "no_superior") == "1"
    try:
        if any(len(str(value)) > MOST for value in typed.values()):
            raise NotAllowed(Words("Một ô dài quá %(n)s chữ.", n=MOST), cure=Words("Rút gọn rồi lưu lại."))
        if typed["no_superior"] and typed["superior"]:
            raise NotAllowed(
                Words("Vừa ghi cơ quan cấp trên vừa đánh dấu không có."),
                cure=Words("Bỏ đánh dấu, hoặc xóa tên cơ quan cấp trên."),
            )
        if text_of(form, "look"):
            return _page(request, site, holder, typed)
        now = site.clock.now()
        with site.store.begin() as tx:
            check_office(tx, holder.person_id, holder.link.organisation_id)
            set_letterhead(tx, holder.link.organisation_id, now, holder.person_id, **typed)
            holder.note(tx, "letterhead", now)
    except TiendoError as error:
        return _page(request, site, holder, typed, error=error)
    return RedirectResponse(f"{holder.base}/letterhead?done=saved", 303)


def _page(
    request: Request,
    site: Site,
    holder: Holder,
    typed: Mapping[str, str | bool] | None = None,
    *,
    done: bool = False,
    error: TiendoError | None = None,
) -> HTMLResponse:
    with site.store.reading() as tx:
        frame = plain_frame(tx, holder, "letterhead")
        kind = kind_of(tx, holder.link.organisation_id)
        name, _ = organisation_name(tx, holder.link.organisation_id)
        kept = asdict(letterhead_of(tx, holder.link.organisation_id))
    return page(
        request,
        "reports/letterhead.html",
        status=409 if error else 200,
        values=dict(typed) if typed is not None else kept,
        is_look=typed is not None and error is None,
        name=name,
        kind=kind,
        done=done,
        error=error,
        stamp=site.stamps.made(holder.link.id, LETTERHEAD),
        **frame,
    )
