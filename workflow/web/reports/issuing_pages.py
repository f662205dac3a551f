"""The office's page of a period's report: its stage, and the next steps.

`GET /o/{token}/reports`                        the report and the earlier ones; `?period=`
`GET /o/{token}/reports/{period}/draft`         the draft as a page, `/draft.docx` as a file; `?version=`
`POST /o/{token}/reports/{period}/act/{act}`    fields `stamp`, `sure`; `act` is
    begin (the first draft), ask (puts the draft before those who approve it), remind, issue (`number`,
    `dated_on`), recall (`reason`), replace (`kind`, `reason`)
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.domain.errors import NotAllowed, NotFound, TiendoError
from workflow.domain.reports.report_issue import IssueKind, Phase, needs_approval
from workflow.domain.typed import whole_number
from workflow.domain.words import Words
from workflow.reports.issuing import (
    begin_by_hand,
    begin_replacement,
    issue_report,
    looks_of,
    number_for,
    recall_report,
    template_of,
)
from workflow.reports.letterhead import missing_of
from workflow.reports.pdf.signing import pdf_signer
from workflow.reports.period_reports import document_of
from workflow.reports.report_files import DOCX
from workflow.reports.values import PrintedReport
from workflow.reports.word.docx import write_docx
from workflow.storage.duties.board import issued
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.periods.periods import Period, period_of
from workflow.storage.periods.watched import watched_period
from workflow.storage.reports import approvals
from workflow.storage.reports.awaiting import awaited_in
from workflow.storage.reports.issues import Issue, draft_at, issues_of, results_version
from workflow.storage.reports.recipients import deliveries_of
from workflow.storage.results import locking
from workflow.storage.results.evaluations import changed_since
from workflow.storage.rules import rules_of
from workflow.web.downloads import saved_as
from workflow.web.forms import Posted, day_of, text_of
from workflow.web.frames import office_frame, office_period
from workflow.web.pages import page
from workflow.web.reports.views import report_view
from workflow.web.site import AsOfficer, AtSite, Holder, Site
from workflow.web.stamps import NotFromThePage

router = APIRouter(include_in_schema=False)

ACT = "report-act"
ACTS = ("begin", "ask", "remind", "issue", "recall", "replace")


@router.api_route("/o/{token}/reports", methods=["GET", "HEAD"])
def reports_page(
    request: Request, site: AtSite, holder: AsOfficer, period: str = "", done: str = ""
) -> HTMLResponse:
    """The report of a period, and what is to be done with it."""
    return _shown(request, site, holder, period, done=done if done in ACTS else "")


def _shown(
    request: Request,
    site: Site,
    holder: Holder,
    period: str,
    *,
    done: str = "",
    form: FormData | None = None,
    error: TiendoError | None = None,
) -> HTMLResponse:
    now = site.clock.now()
    with site.store.reading() as tx:
        head, known = office_period(tx, holder, period)
        found = issues_of(tx, head.id)
        current = found[0] if found else None
        asked = approvals.asked_of(tx, current) if current else None
        today = organisation_calendar(tx, head.organisation_id).day_of(now)
        context: dict[str, Any] = {
            "closed_at": period_of(tx, head.id).closed_at,
            "issues": found,
            "current": current,
            "asked": asked,
            "awaited": next(iter(awaited_in(tx, {head.id: watched_period(tx, head.id, now)})), None),
            "phase": approvals.phase_of(tx, current, asked) if current else None,
            "is_approved_by": rules_of(tx, head.id).report.approval.value,
            "needs_approval": needs_approval(rules_of(tx, head.id)),
            "files": issued(tx, head.id),
            "results": results_version(tx, head.id),
            "lock": locking.latest_manifest(tx, head.id),
            "changes": changed_since(tx, head, now),
            "today": today,
            "mails": {one.id: deliveries_of(tx, one) for one in found},
        }
        if current and current.is_open:
            context["missing"] = missing_of(tx, current)
            seen = looks_of(tx, current)
            context["n_edited"] = sum(one.kept.is_edited for one in seen)
            context["n_moved"] = sum(one.has_moved for one in seen)
            context["number"] = number_for(tx, current, today.year)
    return page(
        request,
        "reports/reports.html",
        status=409 if error else 200,
        **context,
        phases=Phase,
        done=done,
        error=error,
        typed={name: text_of(form, name) if form else "" for name in ("number", "dated_on", "reason")},
        stamp=site.stamps.made(holder.link.id, ACT, [_seen(head.id, current)]),
        **office_frame(holder, head, known, "reports"),
    )


def _seen(period_id: int, issue: Issue | None) -> tuple[int, int, int]:
    return (period_id, issue.id, issue.draft.version) if issue else (period_id, 0, 0)


@router.api_route("/o/{token}/reports/{period}/draft", methods=["GET", "HEAD"])
def draft_page(
    request: Request, site: AtSite, holder: AsOfficer, period: str, version: str = ""
) -> HTMLResponse:
    """The draft as it would be issued."""
    with site.store.reading() as tx:
        head, report = _drafted(tx, holder, period, version)
    query = urlencode({"period": head.code})
    return report_view(
        request,
        "reports/issued_report.html",
        report,
        base=holder.base,
        back=f"{holder.base}/reports?{query}",
        query="",
        files=(),
        period=head,
        organisation=head.organisation,
        zone=head.zone,
    )


@router.api_route("/o/{token}/reports/{period}/draft.docx", methods=["GET", "HEAD"])
def draft_file(site: AtSite, holder: AsOfficer, period: str, version: str = "") -> Response:
    """The draft as a Word document."""
    with site.store.reading() as tx:
        head, report = _drafted(tx, holder, period, version)
        template = template_of(tx, site.files, holder.link.organisation_id)
    return word_file(report, template, f"du-thao-bao-cao-{head.code.lower()}.docx")


def _drafted(tx: Connection, holder: Holder, period: str, version: str) -> tuple[Period, PrintedReport]:
    head, _ = office_period(tx, holder, period)
    found = issues_of(tx, head.id)
    if not found:
        raise NotFound(Words("Kỳ này chưa có bản thảo báo cáo."))
    number = whole_number(version)
    wanted = found[0].draft if number is None else draft_at(tx, found[0].id, number)
    return head, document_of(tx, found[0], wanted)


def word_file(report: PrintedReport, template: bytes | None, name: str) -> Response:
    """A report drawn as a Word document (by the office's own template, if any), to be saved."""
    return saved_as(name, write_docx(report, template), DOCX)


@router.post("/o/{token}/reports/{period}/act/{act}")
def act_on(
    request: Request, site: AtSite, holder: AsOfficer, period: str, act: str, form: Posted
) -> Response:
    """One step of the report, as it was when the page showed it."""
    if act not in ACTS:
        raise NotFound(Words("Không có việc này."))
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, ACT)
    now = site.clock.now()
    try:
        ((period_id, issue_id, version),) = ((int(one) for one in seen) for seen in stamp.shown)
        with site.store.reading() as tx:
            head, _ = office_period(tx, holder, period)
        if head.id != period_id:
            raise NotFromThePage
        if text_of(form, "sure") != "1":
            raise NotAllowed(Words("Chưa ghi nhận gì."), cure=Words("Đánh dấu vào ô xác nhận rồi bấm lại."))
        _act(site, holder, act, form, period_id, issue_id, version)
        with site.store.begin() as tx:
            holder.note(tx, f"report {act} {head.code}", now)
    except TiendoError as error:
        if isinstance(error, NotFromThePage):
            raise
        return _shown(request, site, holder, period, form=form, error=error)
    place = f"{holder.base}/reports?{urlencode({'period': head.code, 'done': act})}"
    if act in ("begin", "replace"):
        place = f"{holder.base}/reports/{quote(head.code)}/edit"
    return RedirectResponse(place, 303)


def _act(
    site: Site, holder: Holder, act: str, form: FormData, period_id: int, issue_id: int, version: int
) -> None:
    now, who = site.clock.now(), holder.person_id
    if act == "issue":
        on = day_of(
            text_of(form, "dated_on"),
            Words("Chưa ghi ngày của báo cáo."),
            Words("Chọn ngày, tháng, năm của văn bản."),
        )
        number, signer = text_of(form, "number"), pdf_signer(site.settings)
        issue_report(site.store, site.files, issue_id, version, number, on, who, now, signer=signer)
        return
    with site.store.begin() as tx:
        match act:
            case "begin":
                begin_by_hand(tx, period_id, who, now)
            case "ask":
                approvals.ask(tx, issue_id, version, who, now)
            case "remind":
                approvals.remind(tx, issue_id, now)
            case "recall":
                recall_report(tx, issue_id, text_of(form, "reason"), who, now)
            case "replace":
                chosen = text_of(form, "kind")
                kind = IssueKind.CORRECTION if chosen == IssueKind.CORRECTION else IssueKind.REPLACEMENT
                begin_replacement(tx, period_id, kind, text_of(form, "reason"), who, now)
