"""What is late, for those above: a person's list by the escalation ladder, and the inspection committee's.

`GET /l/{token}/late`       what is late and has reached the holder; for an inspector the units overdue too
`GET /l/{token}/overdue.csv`, `.xlsx`    these as a table, a row a late report
`GET /o/{token}/overdue`    units overdue repeatedly; `?period=`
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from workflow.domain.errors import NotFound
from workflow.domain.words import Words
from workflow.storage.duties.late_list import late_for
from workflow.storage.duties.overdue_units import is_inspector, overdue_units
from workflow.storage.periods.periods import period_of
from workflow.storage.periods.watched import watched_period
from workflow.web.frames import context_of, office_frame, office_period
from workflow.web.office.table_pages import overdue_table
from workflow.web.pages import page
from workflow.web.site import AsOfficer, AsPerson, AtSite
from workflow.web.tables import Form, table_answer

router = APIRouter(include_in_schema=False)


@router.api_route("/l/{token}/late", methods=["GET", "HEAD"])
def late_page(request: Request, site: AtSite, holder: AsPerson) -> HTMLResponse:
    """What is late now and has reached the holder."""
    now = site.clock.now()
    with site.store.reading() as tx:
        period = watched_period(tx, holder.period_id, now)
        rows = late_for(tx, holder.person_id, period)
        inspects = is_inspector(tx, holder.person_id, period.organisation_id)
        listed = overdue_units(tx, period) if inspects else None
        head = period_of(tx, holder.period_id)
    debtors: dict[tuple[str, ...], list[Any]] = {}
    for row in rows:
        debtors.setdefault(row.debtors, []).append(row)
    return page(
        request,
        "office/late.html",
        rows=rows,
        debtors=list(debtors.items()),
        listed=listed,
        **context_of(holder, head, now),
    )


@router.api_route("/l/{token}/overdue.{form}", methods=["GET", "HEAD"])
def inspectors_table(site: AtSite, holder: AsPerson, form: Form) -> Response:
    """The inspection committee's list as a table, for its members."""
    with site.store.reading() as tx:
        period = watched_period(tx, holder.period_id, site.clock.now())
        if not is_inspector(tx, holder.person_id, period.organisation_id):
            raise NotFound(Words("Không có trang này."))
        return table_answer(overdue_table(overdue_units(tx, period)), form)


@router.api_route("/o/{token}/overdue", methods=["GET", "HEAD"])
def overdue_page(request: Request, site: AtSite, holder: AsOfficer, period: str = "") -> HTMLResponse:
    """Units overdue repeatedly or for long, over the period and those before it."""
    with site.store.reading() as tx:
        head, known = office_period(tx, holder, period)
        listed = overdue_units(tx, watched_period(tx, head.id, site.clock.now()))
    return page(request, "office/overdue.html", listed=listed, **office_frame(holder, head, known, "overdue"))
