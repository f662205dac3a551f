"""The ASGI app: all routers, guards and error pages."""

from __future__ import annotations

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from workflow.clock import Clock
from workflow.domain.errors import Conflict, NotAllowed, NotFound, TiendoError
from workflow.domain.words import Words
from workflow.log_masking import mask_logs
from workflow.reports.values import PrintedReport
from workflow.settings import Settings
from workflow.storage import Store
from workflow.storage.files import Files
from workflow.web import health, static_files
from workflow.web.access import dead_links, held_links_pages, oidc_pages, record_links, sign_in_pages
from workflow.web.access.guards import BodyLimit, SecurityHeaders
from workflow.web.access.oidc import ProviderSilent
from workflow.web.access.proxies import Proxies
from workflow.web.api import app as api_app
from workflow.web.asked import status_of, storable_address
from workflow.web.duties import (
    decided_page,
    decision_forms,
    drafts,
    own_page,
    reading_view,
    recall_page,
    report_form,
    send_many,
)
from workflow.web.forms import MAX_BODY_MB
from workflow.web.limiting import Limits, TooMany
from workflow.web.office import (
    board_pages,
    difficulty_pages,
    item_pages,
    late_pages,
    live_numbers,
    mail_pages,
    table_pages,
    urging_pages,
    votes_pages,
    year_pages,
)
from workflow.web.pages import page
from workflow.web.people import absences, kind_pages, lists, people, personal_data_pages, units
from workflow.web.people import files as people_files
from workflow.web.periods import (
    days_off_pages,
    evaluation_pages,
    lock_pages,
    period_pages,
    planned_pages,
    rules_pages,
    summary_pages,
)
from workflow.web.plans import leader_pages, plan_pages, plan_previews, target_kind_pages
from workflow.web.reports import (
    approving_pages,
    editing_pages,
    issued_pages,
    issuing_pages,
    letterhead_pages,
    preview_pages,
    recipients_pages,
    rollup_pages,
)
from workflow.web.scores import (
    commendation_pages,
    council_pages,
    nomination_pages,
    official_pages,
    own_score_pages,
    score_pages,
)
from workflow.web.sheets import pages
from workflow.web.site import DeadLink, NotSignedIn, ReportOf, Site, note_refused
from workflow.web.stamps import Stamps

_STATUS = {NotFound: 404, NotAllowed: 403, Conflict: 409, TooMany: 429, ProviderSilent: 503}


def _none_made(_tx: Connection, _period_id: int) -> PrintedReport | None:
    return None


def create_app(
    store: Store,
    settings: Settings,
    clock: Clock,
    *,
    report_of: ReportOf = _none_made,
    limits: Limits | None = None,
) -> FastAPI:
    """The pages over a store. `report_of` returns a period's report for
    `reports/report.html`, or None where there is none yet."""
    mask_logs()
    app = FastAPI(
        title="tiendo",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(storable_address)],
    )
    files = Files(settings.where_files)
    app.state.site = Site(store, settings, clock, files, Stamps(store), report_of, limits or Limits())
    app.state.live = live_numbers.Live(store, clock)
    app.mount(api_app.BASE, api_app.create_api(app.state.site))
    for module in (
        own_page,
        report_form,
        recall_page,
        decision_forms,
        drafts,
        send_many,
        pages,
        issued_pages,
        approving_pages,
        issuing_pages,
        letterhead_pages,
        preview_pages,
        editing_pages,
        recipients_pages,
        lock_pages,
        difficulty_pages,
        late_pages,
        board_pages,
        item_pages,
        mail_pages,
        held_links_pages,
        lists,
        people,
        personal_data_pages,
        units,
        kind_pages,
        absences,
        people_files,
        votes_pages,
        reading_view,
        decided_page,
        plan_pages,
        leader_pages,
        target_kind_pages,
        plan_previews,
        evaluation_pages,
        period_pages,
        rules_pages,
        planned_pages,
        days_off_pages,
        score_pages,
        council_pages,
        nomination_pages,
        official_pages,
        own_score_pages,
        summary_pages,
        commendation_pages,
        rollup_pages,
        record_links,
        dead_links,
        oidc_pages,
        sign_in_pages,
        health,
        static_files,
        live_numbers,
        table_pages,
        urging_pages,
        year_pages,
    ):
        app.include_router(module.router)
    # Safe beside the stamps: whoever lacks the token can't make a browser ask for these pages.
    app.add_middleware(GZipMiddleware, minimum_size=2000, compresslevel=5)
    app.add_middleware(BodyLimit, limit=MAX_BODY_MB * 1_000_000)
    app.add_middleware(Proxies, settings=settings)
    app.add_middleware(SecurityHeaders, is_https=settings.is_https)
    app.add_exception_handler(DeadLink, dead_links.dead_link)
    app.add_exception_handler(NotSignedIn, sign_in_pages.not_signed_in)
    app.add_exception_handler(TiendoError, _refused_page)
    app.add_exception_handler(RequestValidationError, _wrong_address)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(500, _broken)
    return app


async def _refused_page(request: Request, error: Exception) -> HTMLResponse:
    assert isinstance(error, TiendoError)
    await run_in_threadpool(note_refused, request)
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 400)
    answer = page(request, "error.html", status=status, what=error.what, where=error.where, cure=error.cure)
    if isinstance(error, TooMany):
        answer.headers["Retry-After"] = str(error.seconds)
    return answer


async def _wrong_address(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    await run_in_threadpool(note_refused, request)
    return await _http(request, HTTPException(status_of(error)))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    what, cure = {
        404: (
            Words("Không có trang này."),
            Words("Kiểm tra lại địa chỉ, hoặc mở đường dẫn trong thư mới nhất."),
        ),
        405: (Words("Trang này không nhận yêu cầu như vậy."), Words("Mở lại đường dẫn trong thư.")),
        413: (
            Words("Dữ liệu gửi lên nặng quá %(limit)s MB nên chưa được ghi nhận.", limit=MAX_BODY_MB),
            Words("Quay lại trang trước (nội dung đã gõ vẫn còn), bớt hoặc thu nhỏ tệp rồi gửi lại."),
        ),
    }.get(
        error.status_code, (Words("Yêu cầu không hợp lệ."), Words("Mở lại đường dẫn trong thư rồi thử lại."))
    )
    return page(request, "error.html", status=error.status_code, what=what, where="", cure=cure)


async def _broken(request: Request, _error: Exception) -> HTMLResponse:
    return page(
        request,
        "error.html",
        status=500,
        what=Words("Hệ thống gặp lỗi, yêu cầu chưa được ghi nhận."),
        where="",
        cure=Words("Thử lại sau ít phút; nếu vẫn lỗi, báo cho văn phòng."),
    )
