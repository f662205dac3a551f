"""The draft of a report page by page, as it will be printed.

`GET /o/{token}/reports/{period}/preview`              the pages; while they are made, a page that asks again
`GET /o/{token}/reports/{period}/preview/{key}/{n}`    one of them as a picture
"""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from workflow.domain.errors import NotFound
from workflow.domain.words import Words
from workflow.reports.issuing import template_of
from workflow.reports.pdf.preview import Previews
from workflow.reports.period_reports import document_of
from workflow.reports.word.docx import shown, write_docx
from workflow.storage.canonical import body_hash
from workflow.storage.reports.issues import issues_of
from workflow.web.frames import office_frame, office_period
from workflow.web.pages import page
from workflow.web.site import AsOfficer, AtSite, Site

router = APIRouter(include_in_schema=False)

AGAIN_SECONDS = 2
_DAY = 24 * 60 * 60


def _previews(request: Request, site: Site) -> Previews:
    """One for the whole app: a document is made once, whoever asks."""
    state = request.app.state
    if not hasattr(state, "previews"):
        state.previews = Previews(site.settings.data / "previews")
    found: Previews = state.previews
    return found


@router.api_route("/o/{token}/reports/{period}/preview", methods=["GET", "HEAD"])
def preview_page(request: Request, site: AtSite, holder: AsOfficer, period: str) -> HTMLResponse:
    """The newest draft's pages."""
    with site.store.reading() as tx:
        head, known = office_period(tx, holder, period)
        found = issues_of(tx, head.id)
        if not found:
            raise NotFound(Words("Kỳ này chưa có bản thảo báo cáo."))
        report = document_of(tx, found[0])
        template = template_of(tx, site.files, head.organisation_id)
    # The transaction is over: what follows may take LibreOffice's time.
    figures = found[0].draft.results_version
    key = body_hash(
        {
            "issue": found[0].id,
            "figures": figures,
            "shown": shown(report),
            "template": sha256(template).hexdigest() if template else "",
        }
    )
    state = _previews(request, site).of(key, lambda: write_docx(report, template))
    answer = page(
        request,
        "reports/report_preview.html",
        state=state,
        again=AGAIN_SECONDS,
        **office_frame(holder, head, known, "reports"),
    )
    if not state.pages and not state.error:
        # Without scripts too.
        answer.headers["Refresh"] = str(AGAIN_SECONDS)
    return answer


Key = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


@router.api_route("/o/{token}/reports/{period}/preview/{key}/{number}", methods=["GET", "HEAD"])
def preview_picture(
    request: Request, site: AtSite, holder: AsOfficer, period: str, key: Key, number: int
) -> Response:
    """One page as a picture; the key changes with what is printed, so a browser may keep it for a day."""
    with site.store.reading() as tx:
        head, _ = office_period(tx, holder, period)
        if not issues_of(tx, head.id):
            raise NotFound(Words("Kỳ này chưa có bản thảo báo cáo."))
    kept = {"Cache-Control": f"private, max-age={_DAY}"}
    return Response(_previews(request, site).picture(key, number), media_type="image/png", headers=kept)
