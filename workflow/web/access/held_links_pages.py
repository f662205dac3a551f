"""The office's pages about links: who holds which, how they were used, and revoking them.

`GET /o/{token}/people`                        everyone, with their live links
`GET /o/{token}/people/{person_id}`            one person's links and uses in the period
`POST /o/{token}/people/{person_id}/links`     revokes the person's links; fields `stamp`, `sure` (a box to
                                               tick), `only`, `1` for those of this period alone, and `new`,
                                               `1` to have new ones mailed
"""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from workflow.domain.errors import NotAllowed
from workflow.domain.words import Words
from workflow.storage.access.taking_away import Reach, take_away
from workflow.storage.personal.held_links import access_of, accesses
from workflow.web.asked import Id
from workflow.web.forms import Posted, count_of, text_of
from workflow.web.frames import office_frame, office_period
from workflow.web.pages import page
from workflow.web.site import AsOfficer, AtSite

router = APIRouter(include_in_schema=False)

LINKS = "links"


@router.api_route("/o/{token}/people", methods=["GET", "HEAD"])
def people_page(request: Request, site: AtSite, holder: AsOfficer, period: str = "") -> HTMLResponse:
    """Everyone who is written to, with their live links."""
    with site.store.reading() as tx:
        head, known = office_period(tx, holder, period)
        found = accesses(tx, holder.link.organisation_id, head.id, site.clock.now())
    return page(request, "access/people.html", people=found, **office_frame(holder, head, known, "directory"))


@router.api_route("/o/{token}/people/{person_id}", methods=["GET", "HEAD"])
def person_links(
    request: Request, site: AtSite, holder: AsOfficer, person_id: Id, period: str = ""
) -> HTMLResponse:
    """One person's links of the period and how they were used."""
    now = site.clock.now()
    with site.store.reading() as tx:
        head, known = office_period(tx, holder, period)
        whose, held, uses = access_of(tx, holder.link.organisation_id, head.id, person_id, now)
    return page(
        request,
        "access/person_links.html",
        whose=whose,
        links=[(one, one.is_live(now)) for one in held],
        numbers={one: n for n, one in enumerate(sorted(each.id for each in held), 1)},
        uses=uses,
        is_own=person_id == holder.person_id,
        revoked=count_of(request, "revoked"),
        stamp=site.stamps.made(holder.link.id, LINKS, [(head.id, person_id)]),
        **office_frame(holder, head, known, "directory"),
    )


@router.post("/o/{token}/people/{person_id}/links")
def revoke_links(site: AtSite, holder: AsOfficer, person_id: Id, form: Posted) -> RedirectResponse:
    """Revokes the person's links, of every period or only of the one the page showed."""
    now = site.clock.now()
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, LINKS)
    shown = next((int(period) for period, person in stamp.shown if person == person_id), None)
    if shown is None:
        raise NotAllowed(Words("Trang này nói về người nhận khác."), cure=Words("Mở lại trang rồi bấm lại."))
    if text_of(form, "sure") != "1":
        raise NotAllowed(
            Words("Chưa thu hồi đường dẫn nào."), cure=Words("Đánh dấu vào ô xác nhận rồi bấm lại.")
        )
    with site.store.begin() as tx:
        organisation_id = holder.link.organisation_id
        head, _ = office_period(tx, holder, "", shown)
        count = take_away(
            tx,
            holder.person_id,
            organisation_id,
            person_id,
            now,
            reach=Reach(head.id if text_of(form, "only") == "1" else None, but=holder.link.id),
            sends_new=text_of(form, "new") == "1",
            period_id=head.id,
        )
        holder.note(tx, f"revoked links of {person_id}", now)
    query = urlencode({"period": head.code, "revoked": count})
    return RedirectResponse(f"{holder.base}/people/{person_id}?{query}", 303)
