"""Who a report goes to, and the outcome of each mail.

`GET /o/{token}/reports/{period}/recipients`               the list, or of an issued report each mail's fate
`POST /o/{token}/reports/{period}/recipients`              fields `stamp`, `label-{n}`, `email-{n}`,
                                                           `printed-{n}`, `usual` (keep for later reports)
`POST /o/{token}/reports/{period}/recipients/{mail}/again` sends one mail again: `stamp`
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.domain.errors import Conflict, NotFound, TiendoError
from workflow.domain.typed import whole_number
from workflow.domain.words import Words
from workflow.reports.letterhead import HeadingPart, missing_of
from workflow.reports.period_reports import heading_of
from workflow.storage.cycles.entitlement import check_office
from workflow.storage.people.directory import load_directory
from workflow.storage.reports.issues import Issue, Recipient, held_issue, issue_of, issues_of
from workflow.storage.reports.recipients import deliveries_of, resend, save_recipients
from workflow.web.asked import Id
from workflow.web.forms import Posted, text_of
from workflow.web.frames import office_frame, office_period
from workflow.web.office.mail_words import STATES
from workflow.web.pages import page
from workflow.web.site import AsOfficer, AtSite, Holder, Site
from workflow.web.stamps import NotFromThePage

router = APIRouter(include_in_schema=False)

LIST, AGAIN = "report-recipients", "report-again"
BLANK = 4
"""Empty lines at the end of the form."""


@router.api_route("/o/{token}/reports/{period}/recipients", methods=["GET", "HEAD"])
def recipients_page(
    request: Request, site: AtSite, holder: AsOfficer, period: str, done: str = "", n: str = ""
) -> HTMLResponse:
    """The recipients of the period's newest report, or of an earlier one (`?n=`)."""
    return _shown(request, site, holder, period, done=done, sequence=whole_number(n) or 0)


def _shown(
    request: Request,
    site: Site,
    holder: Holder,
    period: str,
    *,
    done: str = "",
    sequence: int = 0,
    typed: Sequence[Recipient] | None = None,
    error: TiendoError | None = None,
) -> HTMLResponse:
    with site.store.reading() as tx:
        head, known = office_period(tx, holder, period)
        issue = _issue(tx, head.id, sequence)
        mails = deliveries_of(tx, issue)
        people = load_directory(tx, head.organisation_id).persons if issue.is_open else ()
        lacks = [one.part for one in missing_of(tx, issue)] if issue.is_open else []
        proposed = heading_of(tx, head.id).to_superior if HeadingPart.TO_SUPERIOR in lacks else ""
    return page(
        request,
        "reports/report_recipients.html",
        status=409 if error else 200,
        issue=issue,
        recipients=[*(typed or issue.recipients), Recipient(proposed), *[Recipient("")] * (BLANK - 1)],
        lacks_superior=HeadingPart.TO_SUPERIOR in lacks,
        proposed=proposed,
        mails=mails,
        people=people,
        state_words=STATES,
        done=done,
        error=error,
        stamps={name: site.stamps.made(holder.link.id, name, [(issue.id,)]) for name in (LIST, AGAIN)},
        **office_frame(holder, head, known, "reports"),
    )


def _issue(tx: Connection, period_id: int, sequence: int) -> Issue:
    found = issues_of(tx, period_id)
    wanted = [one for one in found if one.sequence == sequence] if sequence else found[:1]
    if not wanted:
        raise NotFound(Words("Kỳ này chưa có bản thảo báo cáo."), cure=Words("Khóa kỳ trước."))
    return wanted[0]


@router.post("/o/{token}/reports/{period}/recipients")
def save_list(request: Request, site: AtSite, holder: AsOfficer, period: str, form: Posted) -> Response:
    """Keeps the list."""
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, LIST)
    typed = _typed(form)
    now = site.clock.now()
    try:
        with site.store.begin() as tx:
            head, _ = office_period(tx, holder, period)
            issue = held_issue(tx, int(stamp.shown[0][0]))
            if issue.period_id != head.id:
                raise NotFromThePage
            check_office(tx, holder.person_id, issue.organisation_id)
            as_usual = text_of(form, "usual") == "1"
            save_recipients(tx, issue, typed, holder.person_id, now, as_usual=as_usual)
            holder.note(tx, f"report recipients {head.code}", now)
    except TiendoError as error:
        if isinstance(error, NotFromThePage):
            raise
        return _shown(request, site, holder, period, typed=typed, error=error)
    return RedirectResponse(f"{holder.base}/reports/{quote(head.code)}/recipients?done=saved", 303)


def _typed(form: FormData) -> list[Recipient]:
    """The lines that are not empty, in the form's order."""
    places = [name.removeprefix("label-") for name in form if name.startswith("label-")]
    found = [
        Recipient(
            text_of(form, f"label-{place}")[:300],
            text_of(form, f"email-{place}")[:200],
            text_of(form, f"printed-{place}") == "1",
        )
        for place in places
    ]
    return [one for one in found if one.label or one.email]


@router.post("/o/{token}/reports/{period}/recipients/{mail}/again")
def send_again(
    request: Request, site: AtSite, holder: AsOfficer, period: str, mail: Id, form: Posted
) -> Response:
    """Sends one mail of the report again."""
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, AGAIN)
    now = site.clock.now()
    with site.store.reading() as tx:
        sequence = issue_of(tx, int(stamp.shown[0][0])).sequence
    try:
        with site.store.begin() as tx:
            head, _ = office_period(tx, holder, period)
            issue = held_issue(tx, int(stamp.shown[0][0]))
            if issue.period_id != head.id:
                raise NotFromThePage
            resend(tx, issue, mail, holder.person_id, now)
            holder.note(tx, f"report resent {head.code}", now)
    except Conflict as error:
        return _shown(request, site, holder, period, sequence=sequence, error=error)
    place = f"{holder.base}/reports/{quote(head.code)}/recipients?n={sequence}&done=again"
    return RedirectResponse(place, 303)
