"""What is late, for those above: a person's list by the escalation ladder, and the inspection committee's.

`GET /l/{token}/late`       what is late and has reached the holder; for an inspector the units overdue too
`GET /o/{token}/overdue`    units overdue repeatedly; `?period=`
`GET /o/{token}/overdue.csv`, `GET /l/{token}/overdue.csv`    the same as a table, a row a late report
"""

from __future__ import annotations

import csv
import io
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from workflow.domain.errors import NotFound
from workflow.storage.late import late_for
from workflow.storage.overdue import OverdueList, is_inspector, overdue_units
from workflow.storage.viewing import period_head
from workflow.storage.watching import watched_period
from workflow.web.link_pages import context_of
from workflow.web.office_pages import office_frame, office_period
from workflow.web.pages import page
from workflow.web.site import AsOfficer, AsPerson, AtSite

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
        head = period_head(tx, holder.period_id)
    debtors: dict[tuple[str, ...], list[Any]] = {}
    for row in rows:
        debtors.setdefault(row.debtors, []).append(row)
    return page(
        request,
        "late.html",
        rows=rows,
        debtors=list(debtors.items()),
        listed=listed,
        **context_of(holder, head, now),
    )


@router.api_route("/l/{token}/overdue.csv", methods=["GET", "HEAD"])
def inspectors_table(site: AtSite, holder: AsPerson) -> Response:
    """The inspection committee's list as a table, for its members."""
    with site.store.reading() as tx:
        period = watched_period(tx, holder.period_id, site.clock.now())
        if not is_inspector(tx, holder.person_id, period.organisation_id):
            raise NotFound("Không có trang này.")
        return _table(overdue_units(tx, period))


@router.api_route("/o/{token}/overdue", methods=["GET", "HEAD"])
def overdue_page(request: Request, site: AtSite, holder: AsOfficer, period: str = "") -> HTMLResponse:
    """Units overdue repeatedly or for long, over the period and those before it."""
    with site.store.reading() as tx:
        head, known = office_period(tx, holder, period)
        listed = overdue_units(tx, watched_period(tx, head.id, site.clock.now()))
    return page(request, "overdue.html", listed=listed, **office_frame(holder, head, known, "overdue"))


@router.api_route("/o/{token}/overdue.csv", methods=["GET", "HEAD"])
def overdue_table(site: AtSite, holder: AsOfficer, period: str = "") -> Response:
    """The same as a table."""
    with site.store.reading() as tx:
        head, _ = office_period(tx, holder, period)
        return _table(overdue_units(tx, watched_period(tx, head.id, site.clock.now())))


def _table(listed: OverdueList) -> Response:
    """A row a late report. The mark at its head lets a spreadsheet read it as UTF-8."""
    told = io.StringIO()
    rows = csv.writer(told)
    rows.writerow(["Đơn vị", "Số kỳ trễ", "Kỳ", "Mã số", "Nội dung", "Số ngày làm việc trễ", "Tình trạng"])
    labels = dict(listed.periods)
    for unit in listed.units:
        for report in unit.found.reports:
            rows.writerow(
                [
                    _plain(unit.name),
                    len(unit.found.periods),
                    labels[report.period],
                    _plain(report.code),
                    _plain(report.content),
                    report.working_days,
                    "Không có báo cáo" if report.is_missing else "Báo cáo trễ",
                ]
            )
    return Response(
        "\ufeff" + told.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="don-vi-tre-han.csv"'},
    )


def _plain(text: str) -> str:
    """Text that a spreadsheet takes for text, never for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text
