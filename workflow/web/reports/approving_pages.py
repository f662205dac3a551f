"""Reading a period's report before it is issued, and approving it or sending it back, by a mailed link.

`GET /l/{token}/approve`         the report as it would be issued, and the form
`GET /l/{token}/approve/docx`    the same as a Word document
`POST /l/{token}/approve`        fields `stamp`, `choice`, `reason`, `sure`
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.domain.cycles.cycle import Choice
from workflow.domain.errors import Conflict, NotAllowed, NotFound, TiendoError
from workflow.domain.reports.report_issue import Phase
from workflow.domain.rules.routing_rules import ReportApproval
from workflow.domain.words import Words
from workflow.reports.issuing import template_of
from workflow.reports.period_reports import document_of
from workflow.storage.periods.periods import period_of
from workflow.storage.periods.watched import watched_period
from workflow.storage.reports.approvals import (
    ApprovalRequest,
    ApprovalWord,
    decide,
    issue_asked,
    phase_of,
    seats,
)
from workflow.storage.reports.awaiting import last_day
from workflow.storage.reports.issues import Issue, draft_at
from workflow.web.duties.vote_codes import ask_for_code
from workflow.web.forms import Posted, text_of
from workflow.web.frames import context_of
from workflow.web.reports.issuing_pages import word_file
from workflow.web.reports.views import report_view
from workflow.web.site import AsApprover, AtSite, Holder, Site
from workflow.web.stamps import NotFromThePage

router = APIRouter(include_in_schema=False)

APPROVE = "report-approve"


def _asked(tx: Connection, site: Site, holder: Holder) -> tuple[Issue, ApprovalRequest]:
    found = issue_asked(tx, holder.period_id, holder.person_id, site.clock.now())
    if found is None:
        raise NotFound(Words("Không có báo cáo nào trình ông/bà phê duyệt trong kỳ này."))
    return found


@router.api_route("/l/{token}/approve", methods=["GET", "HEAD"])
def approve_page(request: Request, site: AtSite, holder: AsApprover) -> HTMLResponse:
    """The report submitted to the holder for approval, in its current state."""
    return _shown(request, site, holder)


def _shown(
    request: Request,
    site: Site,
    holder: Holder,
    *,
    form: FormData | None = None,
    error: TiendoError | None = None,
) -> HTMLResponse:
    now = site.clock.now()
    with site.store.reading() as tx:
        issue, asked = _asked(tx, site, holder)
        phase = phase_of(tx, issue, asked)
        mine = seats(tx, issue, asked, holder.person_id, now)
        # The version submitted to them, whatever the office has changed since.
        report = document_of(tx, issue, draft_at(tx, issue.id, asked.version))
        period = period_of(tx, holder.period_id)
        until = last_day(asked, watched_period(tx, holder.period_id, now))
    said = next((one for one in asked.said if one.member_id in mine), None)
    context: dict[str, Any] = {
        "issue": issue,
        "asked": asked,
        "until": until,
        "is_open": phase is Phase.ASKED,
        "phase": phase.value,
        "is_committee": asked.approval is ReportApproval.COMMITTEE,
        "said": said,
        "error": error,
        "typed": {name: text_of(form, name) if form else "" for name in ("choice", "reason")},
        "stamp": site.stamps.made(holder.link.id, APPROVE, [(issue.id, asked.id, asked.sha256)]),
    }
    return report_view(
        request,
        "reports/report_approve.html",
        report,
        status=409 if error else 200,
        **context,
        **context_of(holder, period, now),
    )


@router.api_route("/l/{token}/approve/docx", methods=["GET", "HEAD"])
def approve_file(site: AtSite, holder: AsApprover) -> Response:
    """The report submitted to the holder, as a Word document."""
    with site.store.reading() as tx:
        issue, asked = _asked(tx, site, holder)
        report = document_of(tx, issue, draft_at(tx, issue.id, asked.version))
        code = period_of(tx, holder.period_id).code
        template = template_of(tx, site.files, issue.organisation_id)
    return word_file(report, template, f"trinh-bao-cao-{code.lower()}.docx")


@router.post("/l/{token}/approve")
def approve_one(request: Request, site: AtSite, holder: AsApprover, form: Posted) -> Response:
    """Records the holder's decision."""
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, APPROVE)
    ((issue_id, asked_id, sha256),) = stamp.shown
    chosen = text_of(form, "choice")
    now = site.clock.now()
    try:
        if chosen not in (Choice.APPROVE, Choice.RETURN, Choice.ABSTAIN):
            raise NotAllowed(Words("Chưa chọn ý kiến."), cure=Words("Chọn một ý kiến rồi gửi."))
        if text_of(form, "sure") != "1":
            raise NotAllowed(Words("Chưa ghi nhận gì."), cure=Words("Đánh dấu vào ô xác nhận rồi gửi lại."))
        if code := ask_for_code(request, site, holder, form, 1):
            return code
        word = ApprovalWord(int(asked_id), str(sha256), Choice(chosen), text_of(form, "reason"))
        with site.store.begin() as tx:
            decide(tx, int(issue_id), holder.person_id, word, now)
            holder.note(tx, f"report {chosen}", now)
    except (Conflict, NotAllowed) as error:
        if isinstance(error, NotFromThePage):
            raise
        return _shown(request, site, holder, form=form, error=error)
    return RedirectResponse(f"{holder.base}/approve", 303)
