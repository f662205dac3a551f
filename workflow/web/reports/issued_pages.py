"""The issued reports of a period, for those they are mailed to and for the office.

`GET /l/{token}/report-of-period`   the report as a page, and the files to download
`GET /l/{token}/issued/{sha256}`    one of the files
`GET /o/{token}/report/{period_code}`, `/issued/{sha256}`    the same for the office
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from workflow.domain.errors import NotFound
from workflow.domain.words import Words
from workflow.storage.duties.board import Issued, issued
from workflow.storage.periods.periods import Period, period_of
from workflow.storage.reports.issues import issues_of
from workflow.web.downloads import saved_as
from workflow.web.frames import office_period
from workflow.web.pages import page
from workflow.web.reports.views import report_view
from workflow.web.site import AsOfficer, AsReader, AtSite, Site

router = APIRouter(include_in_schema=False)


@router.api_route("/l/{token}/report-of-period", methods=["GET", "HEAD"])
def report_of_period(request: Request, site: AtSite, holder: AsReader) -> HTMLResponse:
    """The report of the link's period."""
    with site.store.reading() as tx:
        period = period_of(tx, holder.period_id)
        return report_page(request, site, tx, period, holder.base, is_reader=True)


def report_page(
    request: Request,
    site: Site,
    tx: Connection,
    period: Period,
    base: str,
    *,
    back: str = "",
    query: str = "",
    is_reader: bool = False,
) -> HTMLResponse:
    """The report of a period as a page, with the files it was issued as; says so where there is none, or
    where it was recalled: a reader sees no draft. `query` goes with the addresses of the files, `back` leads
    to the page before."""
    known = issues_of(tx, period.id)
    out = next((one for one in known if one.is_out), None)
    recalled = next((one for one in known if one.recalled_at), None) if out is None else None
    current = {file.sha256 for file in out.files} if out else set()
    report = None if is_reader and out is None else site.report_of(tx, period.id)
    context: dict[str, Any] = {
        "base": base,
        "back": back,
        "query": query,
        "period": period,
        "organisation": period.organisation,
        "zone": period.zone,
        "files": [one for one in issued(tx, period.id) if one.sha256 in current],
        "recalled": recalled,
    }
    if report is None:
        return page(request, "reports/report_missing.html", **context)
    return report_view(request, "reports/issued_report.html", report, with_sheets=True, **context)


@router.api_route("/l/{token}/issued/{sha256}", methods=["GET", "HEAD"])
def issued_file(site: AtSite, holder: AsReader, sha256: str) -> Response:
    """A file of the link's period."""
    with site.store.reading() as tx:
        file = one_issued(tx, holder.period_id, sha256)
    return issued_download(site, file)


@router.api_route("/o/{token}/report/{period_code}", methods=["GET", "HEAD"])
def period_report(request: Request, site: AtSite, holder: AsOfficer, period_code: str) -> HTMLResponse:
    """A period's report as a page."""
    with site.store.reading() as tx:
        head, _ = office_period(tx, holder, period_code)
        query = f"?{urlencode({'period': head.code})}"
        return report_page(
            request, site, tx, head, holder.base, back=f"{holder.base}/reports{query}", query=query
        )


@router.api_route("/o/{token}/issued/{sha256}", methods=["GET", "HEAD"])
def office_issued_file(site: AtSite, holder: AsOfficer, sha256: str, period: str = "") -> Response:
    """One issued file."""
    with site.store.reading() as tx:
        head, _ = office_period(tx, holder, period)
        file = one_issued(tx, head.id, sha256)
    return issued_download(site, file)


def one_issued(tx: Connection, period_id: int, sha256: str) -> Issued:
    """The issued file of that content; raises NotFound."""
    file = next((one for one in issued(tx, period_id) if one.sha256 == sha256), None)
    if file is None:
        raise NotFound(Words("Kỳ này không có tệp báo cáo ấy."))
    return file


def issued_download(site: Site, file: Issued) -> Response:
    """The issued file, to be saved."""
    return saved_as(file.name, site.files.get(file.sha256), file.media_type)
