"""The plan's year as a Gantt, and the search over items, units and people.

`GET /o/{token}/schedule`    the year's schedule; `?period=`
`GET /o/{token}/search`      what bears the words of `q`, whatever their diacritics and case; `?period=`
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from workflow.reports.gantt import gantt
from workflow.storage.duties.board_numbers import stages_by_code
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.periods.periods import period_of
from workflow.storage.plans.plans import load_plan
from workflow.storage.plans.search import search
from workflow.web.frames import office_frame, office_period
from workflow.web.pages import page
from workflow.web.site import AsOfficer, AtSite

router = APIRouter(include_in_schema=False)


@router.api_route("/o/{token}/schedule", methods=["GET", "HEAD"])
def schedule_page(request: Request, site: AtSite, holder: AsOfficer, period: str = "") -> HTMLResponse:
    """The year's schedule of the period's plan; each item with its stage in the period."""
    with site.store.reading() as tx:
        head, known = office_period(tx, holder, period)
        plan_id = period_of(tx, head.id).plan_id
        plan = load_plan(tx, plan_id)
        stages = stages_by_code(tx, head.id)
        today = organisation_calendar(tx, head.organisation_id).day_of(site.clock.now())
    shown = {code: (f"stage-{stage.value}", cycle) for code, (stage, cycle) in stages.items()}
    chart = gantt(plan.year, plan.items, today, shown)
    return page(
        request, "periods/schedule.html", chart=chart, **office_frame(holder, head, known, "schedule")
    )


@router.api_route("/o/{token}/search", methods=["GET", "HEAD"])
def search_page(
    request: Request, site: AtSite, holder: AsOfficer, period: str = "", q: str = ""
) -> HTMLResponse:
    """Items, units and people that match the search words."""
    text = q.strip()[:100]
    with site.store.reading() as tx:
        head, known = office_period(tx, holder, period)
        found = search(tx, head.organisation_id, head.id, text)
    return page(
        request, "office/search.html", found=found, q=text, **office_frame(holder, head, known, "search")
    )
