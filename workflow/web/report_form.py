"""The report of one item: its form, and what it sends.

`GET` and `POST /l/{token}/report/{cycle_id}` (multipart), with the fields

    stamp                  hidden: binds the form to the link, the cycle and the version shown
    version                hidden: the version shown, 0 for the first report
    unit                   the lead unit that reports (hidden, or a choice where the person has several)
    progress               percent, 0 to 100
    reported               done | under-way | not-started | not-arisen
    done-on                the day it was finished, `2026-03-05`; may be empty
    figure-{target_id}     the value reached, `98,5`; may be empty
    body                   results, needed
    difficulties, proposals
    part-progress-{part_id}, part-body-{part_id}
    evidence               files, several
    kept                   a file already uploaded, sealed; one checkbox each
    sure                   a box to tick, only where the form came filled in: then one blind click could send

Answer: 303 to `/l/{token}/done?receipt=...`. What can't be taken is said beside its field (422, or 409 where
the item moved on meanwhile); the typed words and the files taken so far come back in the form.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from workflow.domain.errors import Conflict, NotAllowed, NotFound, TiendoError
from workflow.domain.record import Reported
from workflow.storage import facts
from workflow.storage.drafts import drop
from workflow.storage.facts import Evidence, Report
from workflow.storage.owing import ReportSheet, report_sheet
from workflow.storage.receipts import given_before, intend_receipt
from workflow.storage.viewing import period_head
from workflow.web.drafts import REPORT, Shown, report_draft
from workflow.web.evidence import sealed_evidence, take_evidence
from workflow.web.forms import MAX_FILES, MEDIA_TYPES, Posted, decimal_of, text_of
from workflow.web.link_pages import context_of, done
from workflow.web.pages import page
from workflow.web.site import AsPerson, AtSite, Holder, Site
from workflow.web.stamps import NotFromThePage, Stamp

router = APIRouter(include_in_schema=False)


@dataclass(slots=True)
class Draft:
    """A form as it stands: the typed fields, the files kept so far, and what is wrong, by field."""

    typed: dict[str, str] = field(default_factory=dict)
    kept: list[Evidence] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)


@router.api_route("/l/{token}/report/{cycle_id}", methods=["GET", "HEAD"])
def report_form(
    request: Request, site: AtSite, holder: AsPerson, cycle_id: int, draft: str = ""
) -> HTMLResponse:
    """The form, with the draft filled in, else the version sent back; `?draft=other` shows the draft that
    another page's save replaced."""
    with site.store.reading() as tx:
        now = site.clock.now()
        sheet = report_sheet(tx, holder.person_id, holder.period_id, cycle_id, now=now)
        version = sheet.owed.cycle.version if sheet else 0
        saved = report_draft(tx, holder, cycle_id, version, other=draft == "other")
    if sheet is None:
        raise NotFound(
            "Nội dung này không chờ báo cáo từ đường dẫn này.",
            cure="Có thể báo cáo đã được gửi rồi; xem ở trang các việc của kỳ.",
        )
    found = Draft(dict(saved.fields), saved.evidence) if saved.saved_at else _draft_of_last(sheet)
    is_filled = bool(found.typed.get("progress") or found.typed.get("body"))
    return _form(request, site, holder, sheet, found, saved, is_filled=is_filled)


def _draft_of_last(sheet: ReportSheet) -> Draft:
    last = sheet.owed.last
    if last is None:
        return Draft()
    typed = {
        "progress": str(last.progress),
        "reported": last.reported.value,
        "done-on": last.done_on.isoformat() if last.done_on else "",
        "body": last.body,
        "difficulties": last.difficulties,
        "proposals": last.proposals,
    }
    typed |= {f"figure-{target}": value.replace(".", ",") for target, value in last.values.items()}
    for told in last.parts:
        typed[f"part-progress-{told.part.id}"] = "" if told.progress is None else str(told.progress)
        typed[f"part-body-{told.part.id}"] = told.body
    kept = [Evidence(file.sha256, file.name, file.media_type, file.size) for file in last.evidence]
    return Draft(typed, kept)


def _form(
    request: Request,
    site: Site,
    holder: Holder,
    sheet: ReportSheet,
    draft: Draft,
    saved: Shown,
    *,
    is_filled: bool,
    status: int = 200,
) -> HTMLResponse:
    cycle = sheet.owed.cycle
    stamp = site.stamps.made(holder.link.id, REPORT, [(cycle.id, cycle.version, int(is_filled))])
    return page(
        request,
        "report_form.html",
        status=status,
        sheet=sheet,
        cycle=cycle,
        draft=draft,
        saved=saved,
        is_filled=is_filled,
        kept=sealed_evidence(site, holder, cycle.id, draft.kept),
        stamp=stamp,
        statuses=list(Reported),
        max_files=MAX_FILES,
        kinds=",".join(MEDIA_TYPES),
        **context_of(holder, sheet.period, site.clock.now()),
    )


@router.post("/l/{token}/report/{cycle_id}")
def report(request: Request, site: AtSite, holder: AsPerson, cycle_id: int, form: Posted) -> Response:
    """Records the report as the item's next version."""
    now = site.clock.now()
    person_id, period_id = holder.person_id, holder.period_id
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, REPORT)
    version, is_filled = _shown_version(stamp, form, cycle_id)
    taken = take_evidence(site, holder, cycle_id, form)
    draft = Draft({name: value for name, value in form.items() if isinstance(value, str)}, taken.files)
    if taken.refusals:
        draft.problems["evidence"] = taken.refusals
    if is_filled and text_of(form, "sure") != "1":
        draft.problems["sure"] = "Đánh dấu vào ô này rồi gửi."
    with site.store.begin() as tx:
        before = given_before(tx, holder.link.id, stamp.mark)
        if before:
            return done(holder, before)
        sheet = report_sheet(tx, person_id, period_id, cycle_id, now=now)
        try:
            if sheet is None:
                raise Conflict("Nội dung này không còn chờ báo cáo; bản vừa gửi chưa được ghi nhận.")
            told = _report(sheet, version, form, draft)
            if told:
                with tx.begin_nested():
                    receipt = facts.submit(tx, person_id, [told], now)
                drop(tx, person_id, period_id, f"{REPORT}-{cycle_id}")
                said = {cycle_id: f"Đã gửi báo cáo, tiến độ {told.progress}%"}
                organisation_id = sheet.period.organisation_id
                intend_receipt(tx, organisation_id, person_id, period_id, said, receipt.number, now)
                holder.note(tx, f"{stamp.mark} {receipt.number}", now)
                return done(holder, receipt.number)
            status = 422
        except (Conflict, NotAllowed) as error:
            status = 409
            draft.problems[""] = _sentence(error)
        saved = report_draft(tx, holder, cycle_id, version, other=False)
        holder.note(tx, f"{REPORT} refused", now)
    if sheet is None:
        return _too_late(request, site, holder, draft)
    return _form(request, site, holder, sheet, draft, saved, is_filled=is_filled, status=status)


def _shown_version(stamp: Stamp, form: FormData, cycle_id: int) -> tuple[int, bool]:
    """The version the page showed, and whether its form came filled in."""
    for cycle, version, is_filled in stamp.shown:
        if cycle == cycle_id and text_of(form, "version") == str(version):
            return int(version), bool(is_filled)
    raise NotFromThePage


def _report(sheet: ReportSheet, version: int, form: FormData, draft: Draft) -> Report | None:
    """The report, or None with what is wrong put into the draft."""
    progress = _percent(form, "progress", draft)
    if progress is None and "progress" not in draft.problems:
        draft.problems["progress"] = "Ghi tiến độ bằng một số từ 0 đến 100."
    body = text_of(form, "body")
    if not body:
        draft.problems["body"] = "Ghi kết quả thực hiện trong kỳ."
    reported, done_on = _standing(form, progress, draft)
    figures = {}
    for target in sheet.targets:
        name = f"figure-{target.id}"
        if value := text_of(form, name):
            try:
                figures[str(target.id)] = f"{decimal_of(value):f}"
            except NotAllowed as error:
                draft.problems[name] = _sentence(error)
    parts: dict[str, Any] = {}
    for part in sheet.parts:
        said = {
            "progress": _percent(form, f"part-progress-{part.id}", draft),
            "body": text_of(form, f"part-body-{part.id}"),
        }
        if said["progress"] is not None or said["body"]:
            parts[str(part.id)] = said
    if draft.problems or progress is None:
        return None
    unit = text_of(form, "unit")
    return Report(
        cycle_id=sheet.owed.cycle.id,
        unit_id=int(unit) if unit.isdecimal() else sheet.owed.units[0][0],
        seen_version=version,
        progress=progress,
        body=body,
        reported=reported,
        done_on=done_on,
        difficulties=text_of(form, "difficulties"),
        proposals=text_of(form, "proposals"),
        figures=figures,
        parts=parts,
        evidence=tuple(draft.kept),
    )


def _standing(form: FormData, progress: int | None, draft: Draft) -> tuple[Reported, date | None]:
    reported = Reported.UNDER_WAY
    done_on = None
    try:
        reported = Reported(text_of(form, "reported") or Reported.UNDER_WAY)
    except ValueError:
        draft.problems["reported"] = "Chọn một trong các tình trạng trên trang."
    if reported is Reported.DONE:
        if progress is not None and progress < 100:
            draft.problems["reported"] = "Nội dung đã hoàn thành thì tiến độ là 100."
        if day := text_of(form, "done-on"):
            try:
                done_on = date.fromisoformat(day)
            except ValueError:
                draft.problems["done-on"] = "Ngày hoàn thành viết như 2026-03-05."
    return reported, done_on


def _percent(form: FormData, name: str, draft: Draft) -> int | None:
    value = text_of(form, name).removesuffix("%").strip()
    if not value:
        return None
    if value.isdecimal() and int(value) <= 100:
        return int(value)
    draft.problems[name] = f"Tiến độ là một số nguyên từ 0 đến 100, không phải “{value[:20]}”."
    return None


def _sentence(error: TiendoError) -> str:
    return " ".join(filter(None, (error.what, error.cure)))


def _too_late(request: Request, site: Site, holder: Holder, draft: Draft) -> HTMLResponse:
    """The item no longer waits for this person: say so, and give back what was typed."""
    with site.store.reading() as tx:
        period = period_head(tx, holder.period_id)
    return page(
        request, "report_gone.html", status=409, draft=draft, **context_of(holder, period, site.clock.now())
    )
