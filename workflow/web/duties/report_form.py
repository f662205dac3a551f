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
    why-progress, why-figure-{target_id}
                           the reason for what is odd there; asked for once it is
    evidence               files, several
    kept                   a file already uploaded, sealed; one checkbox each
    sure                   a box to tick, only where the form came filled in: then one blind click could send
    then                   a button's: `next` goes on to the next item still to report

Answer: 303 to `/l/{token}/done?receipt=...`, or to the next item's form, which shows the receipt. Errors are
shown beside their fields (422, or 409 where the item moved on meanwhile); the typed text and the files
accepted so far come back in the form.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.domain.errors import Conflict, NotAllowed, NotFound
from workflow.domain.results.figures import Figure
from workflow.domain.results.plausible import AskedFigure, Oddity, by_place, place_of
from workflow.domain.results.record import Reported
from workflow.domain.rules.routing_rules import Counts
from workflow.domain.words import Words
from workflow.storage.cycles import acts
from workflow.storage.cycles.acts import Evidence, SubmittedReport
from workflow.storage.cycles.drafts import drop
from workflow.storage.duties.persons_page import acts_of
from workflow.storage.duties.sheets import ReportSheet, led_places, report_sheet
from workflow.storage.periods.periods import period_of
from workflow.storage.post.receipts import given_before, intend_receipt, receipt_moment
from workflow.storage.rules import rules_of
from workflow.web.asked import Id
from workflow.web.duties.drafts import REPORT, ShownDraft, report_draft
from workflow.web.duties.evidence import EvidenceLimits, sealed_evidence, take_evidence
from workflow.web.duties.own_page import done
from workflow.web.duties.own_work import Steps, next_owed
from workflow.web.duties.report_reading import fields_of, figure_typed, read_report
from workflow.web.forms import Posted, text_of
from workflow.web.frames import context_of
from workflow.web.pages import page
from workflow.web.site import AsPerson, AtSite, Holder, Site
from workflow.web.stamps import NotFromThePage, Stamp

router = APIRouter(include_in_schema=False)


@dataclass(slots=True)
class FormDraft:
    """A form's state: the typed fields, the files stored so far, the errors by field, and what is odd."""

    typed: dict[str, str] = field(default_factory=dict)
    kept: list[Evidence] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    odd: tuple[Oddity, ...] = ()
    is_refused: bool = False
    """Whether it was posted to be sent and could not be."""

    def share(self, asked: AskedFigure, target_id: int) -> Figure:
        """The target compared with the value typed for it."""
        return figure_typed(asked, self.typed.get(place_of(target_id), ""))

    @property
    def odd_places(self) -> dict[str, list[Oddity]]:
        """What is odd by place; each gets one box for the reason."""
        return by_place(self.odd)

    @property
    def asks_only(self) -> bool:
        """Whether nothing is wrong and only reasons are missing."""
        return not self.problems and any(not one.reason for one in self.odd)


@router.api_route("/l/{token}/report/{cycle_id}", methods=["GET", "HEAD"])
def report_form(
    request: Request, site: AtSite, holder: AsPerson, cycle_id: Id, draft: str = "", receipt: str = ""
) -> HTMLResponse:
    """The form, with the draft filled in, else the version sent back; `?draft=other` shows the draft that
    another page's save replaced, `?receipt=` names the receipt of the item sent just before."""
    with site.store.reading() as tx:
        now = site.clock.now()
        sheet = report_sheet(tx, holder.person_id, holder.period_id, cycle_id, now=now)
        version = sheet.owed.cycle.version if sheet else 0
        saved = report_draft(tx, holder, cycle_id, version, other=draft == "other")
    if sheet is None:
        raise NotFound(
            Words("Nội dung này không chờ báo cáo từ đường dẫn này."),
            cure=Words("Có thể báo cáo đã được gửi rồi; xem ở trang các việc của kỳ."),
        )
    found = _filled(sheet, saved)
    is_filled = bool(found.typed.get("progress") or found.typed.get("body"))
    return _form(request, site, holder, sheet, found, saved, is_filled=is_filled, receipt=receipt)


def _filled(sheet: ReportSheet, saved: ShownDraft) -> FormDraft:
    """The form's fields before anything is typed on this page, and what was typed wrongly before."""
    if saved.saved_at is None:
        last = sheet.owed.last
        if last is None:
            return FormDraft()
        kept = [Evidence(file.sha256, file.name, file.media_type, file.size) for file in last.evidence]
        typed = fields_of(last)
        return FormDraft(typed, kept, odd=read_report(sheet, typed, kept).odd)
    typed = dict(saved.fields)
    reading = read_report(sheet, typed, saved.evidence)
    problems = {name: problem for name, problem in reading.problems.items() if typed.get(name)}
    if saved.refusals:
        problems["evidence"] = saved.refusals
    return FormDraft(typed, saved.evidence, problems, reading.odd)


def _form(
    request: Request,
    site: Site,
    holder: Holder,
    sheet: ReportSheet,
    draft: FormDraft,
    saved: ShownDraft,
    *,
    is_filled: bool,
    receipt: str = "",
    status: int = 200,
) -> HTMLResponse:
    cycle = sheet.owed.cycle
    stamp = site.stamps.made(holder.link.id, REPORT, [(cycle.id, cycle.version, int(is_filled))])
    with site.store.reading() as tx:
        counts = rules_of(tx, holder.period_id).figures.counts
        places = led_places(tx, holder.person_id, holder.period_id, now=site.clock.now())
        sent_at = receipt_moment(tx, holder.person_id, holder.period_id, receipt)
        sent = acts_of(tx, holder.person_id, holder.period_id, at=sent_at) if sent_at else ()
    return page(
        request,
        "duties/report_form.html",
        status=status,
        sheet=sheet,
        cycle=cycle,
        draft=draft,
        saved=saved,
        is_filled=is_filled,
        last=sheet.last,
        adds_up=counts is Counts.IN_PERIOD,
        steps=Steps.of(places, cycle.id),
        sent=sent,
        receipt=receipt,
        kept=sealed_evidence(site, holder, cycle.id, draft.kept),
        stamp=stamp,
        statuses=list(Reported),
        limits=EvidenceLimits.of(site.settings),
        **context_of(holder, sheet.period, site.clock.now()),
    )


@router.post("/l/{token}/report/{cycle_id}")
def report(request: Request, site: AtSite, holder: AsPerson, cycle_id: Id, form: Posted) -> Response:
    """Records the report as the item's next version."""
    now = site.clock.now()
    person_id, period_id = holder.person_id, holder.period_id
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, REPORT)
    version, is_filled = _shown_version(stamp, form, cycle_id)
    taken = take_evidence(site, holder, cycle_id, form)
    draft = FormDraft({name: text_of(form, name) for name in form}, taken.files, is_refused=True)
    if taken.refusals:
        draft.problems["evidence"] = taken.refusals
    if is_filled and text_of(form, "sure") != "1":
        draft.problems["sure"] = Words("Đánh dấu vào ô này rồi gửi.")
    with site.store.begin() as tx:
        before = given_before(tx, holder.link.id, stamp.mark)
        if before:
            return done(holder, before)
        sheet = report_sheet(tx, person_id, period_id, cycle_id, now=now)
        try:
            if sheet is None:
                raise Conflict(Words("Nội dung này không còn chờ báo cáo; bản vừa gửi chưa được ghi nhận."))
            report = _report(sheet, version, draft)
            if report:
                with tx.begin_nested():
                    receipt = acts.submit(tx, person_id, [report], now)
                drop(tx, person_id, period_id, f"{REPORT}-{cycle_id}")
                said = {cycle_id: Words("Đã gửi báo cáo, tiến độ %(progress)s%%", progress=report.progress)}
                organisation_id = sheet.period.organisation_id
                intend_receipt(tx, organisation_id, person_id, period_id, said, receipt.number, now)
                holder.note(tx, f"{stamp.mark} {receipt.number}", now)
                goes_on = text_of(form, "then") == "next"
                places = led_places(tx, person_id, period_id, now=now) if goes_on else []
                following = next_owed(places, cycle_id)
                if following is None:
                    return done(holder, receipt.number)
                place = f"{holder.base}/report/{following.id}?receipt={receipt.number}"
                return RedirectResponse(place, 303)
            status = 422
        except (Conflict, NotAllowed) as error:
            status = 409
            draft.problems[""] = error.told
        saved = report_draft(tx, holder, cycle_id, version, other=False)
        holder.note(tx, f"{REPORT} refused", now)
    if sheet is None:
        return _too_late(request, site, holder, draft)
    return _form(request, site, holder, sheet, draft, saved, is_filled=is_filled, status=status)


def _report(sheet: ReportSheet, version: int, draft: FormDraft) -> SubmittedReport | None:
    """The report on the version that was shown, or None with the errors added to the draft."""
    reading = read_report(sheet, draft.typed, draft.kept)
    draft.problems |= reading.problems
    draft.odd = reading.odd
    if draft.problems or reading.report is None:
        return None
    return replace(reading.report, seen_version=version)


def _shown_version(stamp: Stamp, form: FormData, cycle_id: int) -> tuple[int, bool]:
    """The version the page showed, and whether its form came filled in."""
    for cycle, version, is_filled in stamp.shown:
        if cycle == cycle_id and text_of(form, "version") == str(version):
            return int(version), bool(is_filled)
    raise NotFromThePage


def _too_late(request: Request, site: Site, holder: Holder, draft: FormDraft) -> HTMLResponse:
    """Answers that the item no longer waits for this person, with the typed text."""
    with site.store.reading() as tx:
        period = period_of(tx, holder.period_id)
    return page(
        request,
        "duties/report_gone.html",
        status=409,
        draft=draft,
        **context_of(holder, period, site.clock.now()),
    )
