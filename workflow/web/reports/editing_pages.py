"""Editing a report's text: each passage in a field, the machine's words beside it; figures and tables stay.

`GET /o/{token}/reports/{period}/edit`    the passages
`POST /o/{token}/reports/{period}/edit`   fields `stamp`, `text-{key}`, `seen-{key}` (the machine's new words
                                          were looked at), `restore` (one key back to the machine's words)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.domain.errors import Conflict, NotFound, TiendoError
from workflow.domain.reports.passages import Look, PassageClash, looks, rebased
from workflow.domain.typed import whole_number
from workflow.domain.words import Words
from workflow.reports.issuing import looks_of, save_text
from workflow.reports.passages import sources_of, texts_of, titles_of
from workflow.reports.period_reports import kept_report
from workflow.storage.reports.approvals import asked_of, phase_of
from workflow.storage.reports.issues import (
    Issue,
    StaleDraft,
    draft_at,
    draft_versions,
    open_issue,
    results_version,
)
from workflow.web.forms import PostedLong, plain_text, text_of
from workflow.web.frames import office_frame, office_period
from workflow.web.pages import page
from workflow.web.site import AsOfficer, AtSite, Holder, Site
from workflow.web.stamps import NotFromThePage

router = APIRouter(include_in_schema=False)

EDIT = "report-edit"


@router.api_route("/o/{token}/reports/{period}/edit", methods=["GET", "HEAD"])
def edit_page(
    request: Request, site: AtSite, holder: AsOfficer, period: str, saved: str = ""
) -> HTMLResponse:
    """The draft's passages."""
    return _shown(request, site, holder, period, saved=whole_number(saved) or 0)


def _shown(
    request: Request,
    site: Site,
    holder: Holder,
    period: str,
    *,
    saved: int = 0,
    typed: Mapping[str, str] | None = None,
    clashes: Sequence[PassageClash] = (),
    error: TiendoError | None = None,
) -> HTMLResponse:
    with site.store.reading() as tx:
        head, known = office_period(tx, holder, period)
        issue = _open(tx, head.id)
        written = kept_report(tx, head.id)
        found = looks(issue.draft.passages, texts_of(written))
        phase = phase_of(tx, issue, asked_of(tx, issue))
        figures = results_version(tx, head.id)
        versions = draft_versions(tx, issue.id)
    return page(
        request,
        "reports/report_edit.html",
        status=409 if error else 200,
        issue=issue,
        phase=phase.value,
        looks=found,
        texts={one.kept.key: one.text for one in found} | dict(typed or {}),
        titles=titles_of(written),
        sources=sources_of(written),
        n_records=len(written.records),
        clashes={one.key: one for one in clashes},
        versions=versions,
        is_renewed=figures != issue.draft.results_version,
        saved=saved,
        error=error,
        stamp=site.stamps.made(holder.link.id, EDIT, [(issue.id, issue.draft.version, figures)]),
        **office_frame(holder, head, known, "reports"),
    )


def _open(tx: Connection, period_id: int) -> Issue:
    issue = open_issue(tx, period_id)
    if issue is None:
        raise NotFound(Words("Kỳ này không có bản thảo nào đang soạn."), cure=Words("Xem trang Báo cáo kỳ."))
    return issue


@router.post("/o/{token}/reports/{period}/edit")
def save_one(request: Request, site: AtSite, holder: AsOfficer, period: str, form: PostedLong) -> Response:
    """Saves what was typed as a new version; where another saved first, shows both."""
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, EDIT)
    ((issue_id, seen, figures),) = ((int(one) for one in shown) for shown in stamp.shown)
    typed = _typed(form)
    seen_too = {name.removeprefix("seen-") for name in form if name.startswith("seen-")}
    now = site.clock.now()
    try:
        with site.store.begin() as tx:
            head, _ = office_period(tx, holder, period)
            if _open(tx, head.id).id != issue_id:
                raise NotFromThePage
            issue = _open(tx, head.id)
            if restored := text_of(form, "restore"):
                machine = {one.kept.key: one.written or "" for one in looks_of(tx, issue)}
                typed |= {restored: machine.get(restored, "")}
            if figures != results_version(tx, head.id):
                raise Conflict(
                    Words("Số liệu của kỳ vừa tính lại nên chưa lưu; lời đã gõ vẫn còn trên trang."),
                    cure=Words("Xem các đoạn máy viết lại rồi lưu."),
                )
            draft = save_text(tx, issue_id, seen, typed, seen_too, holder.person_id, now)
            holder.note(tx, f"report draft {draft.version} {head.code}", now)
    except StaleDraft as error:
        return _both(request, site, holder, period, issue_id, (seen, figures), typed, error)
    except TiendoError as error:
        if isinstance(error, NotFromThePage):
            raise
        if isinstance(error, Conflict) and figures:
            return _both(request, site, holder, period, issue_id, (seen, figures), typed, error)
        return _shown(request, site, holder, period, typed=typed, error=error)
    place = f"{holder.base}/reports/{quote(head.code)}/edit?saved={draft.version}"
    anchor = f"#p-{quote(restored)}" if restored else ""
    return RedirectResponse(place + anchor, 303)


def _typed(form: FormData) -> dict[str, str]:
    return {
        name.removeprefix("text-"): plain_text(value, None)
        for name, value in form.items()
        if name.startswith("text-") and isinstance(value, str)
    }


def _both(
    request: Request,
    site: Site,
    holder: Holder,
    period: str,
    issue_id: int,
    base: tuple[int, int],
    typed: Mapping[str, str],
    error: TiendoError,
) -> HTMLResponse:
    """The page with what was typed brought onto what is saved now, and each passage both wrote marked."""
    version, figures = base
    with site.store.reading() as tx:
        head, _ = office_period(tx, holder, period)
        issue = _open(tx, head.id)
        written = texts_of(kept_report(tx, head.id, figures))
        was = _texts(looks(draft_at(tx, issue_id, version).passages, written))
        texts, clashes = rebased(was, typed, _texts(looks_of(tx, issue)))
    return _shown(request, site, holder, period, typed=texts, clashes=clashes, error=error)


def _texts(found: Sequence[Look]) -> dict[str, str]:
    return {one.kept.key: one.text for one in found}
