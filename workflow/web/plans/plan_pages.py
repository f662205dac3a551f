"""The office's page of plans: what is loaded, and taking a file in. Looking it over is `plan_previews`.

`GET, POST /o/{token}/plan`     what is loaded, and the form to upload; fields `stamp`, `file`, `as`: `whole`
                                or `amendment`
`GET /o/{token}/plan.xlsx`      the plan that runs, as a workbook
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.domain.errors import NotAllowed, NotFound, TiendoError, UnreadablePlan
from workflow.domain.people.directory import Directory
from workflow.domain.plans.plan import Plan
from workflow.domain.typed import whole_number
from workflow.domain.words import Words
from workflow.importing import limits
from workflow.importing.amending.amending import Amended
from workflow.importing.form.as_json import form_bytes
from workflow.importing.form.checking import RefusedPlan
from workflow.importing.form.filling import form_of
from workflow.importing.form.form import PlanForm
from workflow.importing.form.reading import Accepted
from workflow.importing.form.workbook import write_workbook
from workflow.importing.offering import amendment_form, brings_directory, form_in, sha256_of
from workflow.storage.people.directory import load_directory, organisation_of
from workflow.storage.plans.offers import Upload, add_offer, open_offers, running_sha256
from workflow.storage.plans.plans import load_plan, running_plan
from workflow.web.downloads import saved_as
from workflow.web.duties.file_kinds import XLSX
from workflow.web.forms import Posted, files_of, name_of, text_of
from workflow.web.frames import plain_frame
from workflow.web.limiting import TooMany
from workflow.web.pages import page
from workflow.web.site import AsOfficer, AtSite, Holder, Site, note_refused

router = APIRouter(include_in_schema=False)

UPLOAD = "plan-upload"
AMENDMENT = "amendment"
LIMIT_MB = limits.BYTES // 2**20
WAIT_SECONDS = 30
_reading = BoundedSemaphore(1)


@router.api_route("/o/{token}/plan", methods=["GET", "HEAD"])
def plan_page(request: Request, site: AtSite, holder: AsOfficer) -> HTMLResponse:
    """What is loaded, and the form to upload another version."""
    return _upload_page(request, site, holder)


@router.post("/o/{token}/plan")
def upload(request: Request, site: AtSite, holder: AsOfficer, form: Posted) -> Response:
    """Reads the uploaded file and stores its form; an unreadable file is reported on the upload page."""
    site.stamps.read(text_of(form, "stamp"), holder.link.id, UPLOAD)
    try:
        chosen = next(iter(files_of(form, "file")), None)
        if chosen is None:
            raise UnreadablePlan(
                Words("Chưa chọn tệp nào."), cure=Words("Chọn tệp kế hoạch rồi bấm Đọc tệp.")
            )
        name = name_of(chosen)
        if (chosen.size or 0) > limits.BYTES:
            raise limits.too_large(Words("Tệp nặng quá %(limit_mb)s MB.", limit_mb=LIMIT_MB), name)
        with _one_at_a_time():
            content = chosen.file.read()
            found, kept = _taken_in(site, holder, content, name, text_of(form, "as") == AMENDMENT)
    except (UnreadablePlan, RefusedPlan, NotAllowed) as error:
        note_refused(request)
        return _upload_page(request, site, holder, error)
    now = site.clock.now()
    site.files.put(form_bytes(found))
    with site.store.begin() as tx:
        offer_id = add_offer(tx, holder.link.organisation_id, holder.person_id, kept, now)
        holder.note(tx, f"POST /plan {offer_id}", now)
    return RedirectResponse(f"{holder.base}/plan/{offer_id}", 303)


@router.api_route("/o/{token}/plan.xlsx", methods=["GET", "HEAD"])
def running_workbook(site: AtSite, holder: AsOfficer) -> Response:
    """The plan that runs, as a workbook to mend and upload."""
    with site.store.reading() as tx:
        head = running_plan(tx, holder.link.organisation_id)
        if head is None:
            raise NotFound(Words("Chưa có kế hoạch nào."), cure=Words("Tải kế hoạch lên trước."))
        plan, directory = load_plan(tx, head.id), load_directory(tx, head.organisation_id)
    return workbook_answer(form_of(plan, directory, head.findings, source=head.source_name), "ke-hoach")


def plan_frame(tx: Connection, holder: Holder) -> dict[str, Any]:
    """The office's frame; before the first period is opened there is a plan page all the same."""
    return plain_frame(tx, holder, "plan")


def check_own(tx: Connection, holder: Holder, form: PlanForm) -> None:
    """A workbook or YAML file names the organisation it is for: no other's plan is touched by this page."""
    named = form.about().get("organisation", "")
    if organisation_of(tx, named) != holder.link.organisation_id:
        raise NotAllowed(
            Words("Tệp này là của “%(named)s”, không phải của đơn vị anh/chị.", named=named),
            cure=Words("Ở trang Thông tin của tệp, ghi đúng tên đơn vị sử dụng như trên đầu trang này."),
        )


def workbook_answer(form: PlanForm, name: str) -> Response:
    """A form as a workbook to download."""
    return saved_as(f"{name}.xlsx", write_workbook(form), XLSX.media_type)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Reading may take some hundred megabytes of memory: one file at a time, others wait."""
    if not _reading.acquire(timeout=WAIT_SECONDS):
        raise TooMany(WAIT_SECONDS)
    try:
        yield
    finally:
        _reading.release()


def _taken_in(
    site: Site, holder: Holder, content: bytes, name: str, is_amendment: bool
) -> tuple[PlanForm, Upload]:
    """The form of a file, and what is stored of it."""
    with site.store.reading() as tx:
        directory = load_directory(tx, holder.link.organisation_id)
        running = _running(tx, holder, directory) if is_amendment else None
        head = running_plan(tx, holder.link.organisation_id)
        same = load_plan(tx, head.id) if head else None
        before = running_sha256(tx, holder.link.organisation_id)
    amending: dict[str, Any] | None = None
    if running is None:
        found = form_in(content, name, directory, running=same)
        with site.store.reading() as tx:
            check_own(tx, holder, found)
    else:
        plan_id, accepted = running
        amended, found = amendment_form(content, name, accepted)
        amending = _amending(plan_id, accepted.plan, amended)
    return found, Upload(
        name,
        sha256_of(content),
        sha256_of(form_bytes(found)),
        is_document=is_amendment or not brings_directory(content, name),
        running_sha256=before,
        amending=amending,
    )


def _running(tx: Connection, holder: Holder, directory: Directory) -> tuple[int, Accepted]:
    head = running_plan(tx, holder.link.organisation_id)
    if head is None:
        raise NotAllowed(
            Words("Chưa có kế hoạch nào để bổ sung, điều chỉnh."),
            cure=Words("Tải cả kế hoạch lên trước, rồi tải văn bản này."),
        )
    return head.id, Accepted(load_plan(tx, head.id), directory, head.findings)


def _amending(plan_id: int, running: Plan, found: Amended) -> dict[str, Any]:
    """How an amendment was applied to the plan, as stored and shown."""
    contents = {item.code: item.content for item in (*running.items, *found.plan.items)}
    return {
        "plan": plan_id,
        "kind": found.kind.value,
        "taken": [
            {
                "place": one.place,
                "code": one.code,
                "content": contents.get(one.code, ""),
                "how": one.how.value,
                "likeness": one.likeness,
                "unsure": one.is_unsure,
            }
            for one in found.taken
        ],
        "unmatched": list(found.unmatched),
    }


def _upload_page(
    request: Request, site: Site, holder: Holder, error: TiendoError | None = None
) -> HTMLResponse:
    with site.store.reading() as tx:
        frame = plan_frame(tx, holder)
        head = running_plan(tx, holder.link.organisation_id)
        plan = load_plan(tx, head.id) if head else None
        waiting = open_offers(tx, holder.link.organisation_id)
    asked = request.query_params
    counts = {name: asked.get(name, "") for name in ("added", "changed", "withdrawn", "cycles")}
    return page(
        request,
        "plans/plan_upload.html",
        status=400 if error else 200,
        plan=plan,
        head=head,
        waiting=waiting,
        error=error,
        problems=error.problems if isinstance(error, RefusedPlan) else (),
        done=counts if all(whole_number(count) is not None for count in counts.values()) else None,
        limit_mb=LIMIT_MB,
        stamp=site.stamps.made(holder.link.id, UPLOAD),
        **frame,
    )
