"""The office's page of who the leaders printed in the running plan are.

`GET, POST /o/{token}/plan/leaders`     `?item=` of one row only, by its code; fields `stamp`, `who`: a
                                        person's id, or `no-one`
"""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from workflow.domain.errors import NotFound
from workflow.domain.typed import whole_number
from workflow.domain.words import Words
from workflow.storage.amending.leader_bindings import bind_leader, people_to_choose, printed_leaders
from workflow.storage.plans.offers import changed_meanwhile
from workflow.storage.plans.plans import running_plan
from workflow.web.forms import Posted, text_of
from workflow.web.pages import page
from workflow.web.plans.plan_pages import plan_frame
from workflow.web.site import AsOfficer, AtSite

router = APIRouter(include_in_schema=False)

BIND = "leader-bind"
NO_ONE = "no-one"


@router.api_route("/o/{token}/plan/leaders", methods=["GET", "HEAD"])
def leaders_page(
    request: Request, site: AtSite, holder: AsOfficer, item: str = "", rows: str = "", cycles: str = ""
) -> HTMLResponse:
    """Who leads, as the plan prints it and as the directory knows them."""
    with site.store.reading() as tx:
        frame = plan_frame(tx, holder)
        head = running_plan(tx, holder.link.organisation_id)
        found = printed_leaders(tx, head.id, of_code=item) if head else ()
        people = people_to_choose(tx, head.id) if head else []
    stamps = {
        one: site.stamps.made(holder.link.id, BIND, [(head.id if head else 0, one.name, *one.codes)])
        for one in found
    }
    return page(
        request,
        "plans/leaders.html",
        leaders=found,
        people=people,
        stamps=stamps,
        item=item,
        no_one=NO_ONE,
        n_rows=whole_number(rows),
        n_cycles=whole_number(cycles) or 0,
        **frame,
    )


@router.post("/o/{token}/plan/leaders")
def bind(site: AtSite, holder: AsOfficer, form: Posted, item: str = "") -> RedirectResponse:
    """Says who one leader is, in the rows the page showed."""
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, BIND)
    who, now = text_of(form, "who"), site.clock.now()
    person_id = None if who == NO_ONE else whole_number(who)
    if who != NO_ONE and person_id is None:
        raise NotFound(Words("Chưa chọn người nào."), cure=Words("Chọn một người trong danh bạ rồi bấm Ghi."))
    ((plan_id, name, *codes),) = stamp.shown
    with site.store.begin() as tx:
        head = running_plan(tx, holder.link.organisation_id)
        if head is None or head.id != plan_id:
            raise changed_meanwhile()
        count, cycles = bind_leader(
            tx,
            head.id,
            str(name),
            person_id,
            now,
            codes=[str(code) for code in codes],
            by=holder.person_id,
        )
        holder.note(tx, "POST /plan/leaders", now)
    query = {"rows": str(count), "cycles": str(len(cycles))} | ({"item": item} if item else {})
    return RedirectResponse(f"{holder.base}/plan/leaders?{urlencode(query)}", 303)
