"""The office's pages of periods and of their rules.

`GET /o/{token}/periods`                    the year's periods, planned, open and closed; the form to open one
`POST /o/{token}/periods/open`              fields `stamp`, `plan`, `code`, `rules`, `scoring` (a version's
                                            id, `ward`, `agency`; empty for that of the rules), those of
                                            `opening_form`; without `sure` a look at what it would do, with
                                            it the opening
`GET, POST /o/{token}/periods/{id}/close`   what closing would do: what lapses, which scores; fields `stamp`,
                                            `sure`
`GET /o/{token}/rules`                      the rules in sentences, and how points are given; `?period=`
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.domain.errors import Conflict, NotAllowed, TiendoError
from workflow.domain.people.organisations import ReadyRules
from workflow.domain.periods.period import Span
from workflow.domain.periods.schedule import spans_of
from workflow.domain.rules.explained import TITLES, Sentence
from workflow.domain.rules.in_force import in_force
from workflow.domain.rules.routing_rules import PeriodKind
from workflow.domain.scores.scoring_explained import scoring_in_words
from workflow.domain.typed import whole_number
from workflow.domain.words import Words
from workflow.importing.files.rules_file import read_routing, read_scoring
from workflow.reports.issuing import begin_report
from workflow.reports.pdf.signing import pdf_signer
from workflow.sample import agency_scoring_path, peoples_committee_routing_path, routing_path, scoring_path
from workflow.storage.opening.schedule import Year, years_of
from workflow.storage.people.directory import kind_of
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.periods.periods import own_period
from workflow.storage.plans.plans import plan_choices
from workflow.storage.rules import pinned_rules, rules_versions, save_rules, scoring_of
from workflow.storage.sweeps.schedule_keeping import close_and_announce
from workflow.storage.sweeps.trials import OpeningLook, closing_look, closing_trial
from workflow.web.asked import Id
from workflow.web.forms import Posted, text_of
from workflow.web.frames import office_frame, office_period, plain_frame
from workflow.web.pages import page
from workflow.web.periods.opening_form import OpeningForm
from workflow.web.site import AsOfficer, AtSite, Holder, Site
from workflow.web.stamps import NotFromThePage

router = APIRouter(include_in_schema=False)

OPEN, CLOSE = "period-open", "period-close"
READY = {
    ReadyRules.PARTY.value: routing_path,
    ReadyRules.PEOPLE.value: peoples_committee_routing_path,
}
"""The ready rules a first period may be opened by, beside those of earlier periods."""
READY_SCORING = {"ward": scoring_path, "agency": agency_scoring_path}
"""The ready ways of scoring, beside those of earlier periods."""


@router.api_route("/o/{token}/periods", methods=["GET", "HEAD"])
def periods_page(request: Request, site: AtSite, holder: AsOfficer) -> HTMLResponse:
    """The periods there are, and the form to open one."""
    return _periods(request, site, holder)


def _periods(
    request: Request,
    site: Site,
    holder: Holder,
    form: FormData | None = None,
    *,
    look: OpeningLook | None = None,
    error: TiendoError | None = None,
) -> HTMLResponse:
    with site.store.reading() as tx:
        organisation_id = holder.link.organisation_id
        years = years_of(tx, organisation_id, site.clock.now())
        plan_list = plan_choices(tx, organisation_id)
        versions = rules_versions(tx, organisation_id)
        today = organisation_calendar(tx, organisation_id).day_of(site.clock.now())
        frame = plain_frame(tx, holder, "periods")
        kind = kind_of(tx, organisation_id)
    opened = {one.span.code for year in years for one in year.periods if one.begun}
    return page(
        request,
        "periods/periods.html",
        status=409 if error else 200,
        years=years,
        evaluable={year.plan_id: _evaluable(year) for year in years},
        plans=plan_list,
        spans=[one for one in _spans({year for _, _, year in plan_list}) if one.code not in opened],
        versions=versions,
        kind=kind,
        # What is nearest to the organisation's kind is offered first.
        ready_rules=sorted(READY, key=lambda one: one != kind.words.rules),
        today=today,
        typed={name: text_of(form, name) if form else "" for name in ("plan", "code", "rules", "scoring")},
        look=look,
        typed_reason=text_of(form, "reason") if form else "",
        error=error,
        stamp=site.stamps.made(holder.link.id, OPEN),
        **frame,
    )


def _evaluable(year: Year) -> list[Span]:
    """The halves and the year that may be evaluated: they have no period yet, and hold a closed one."""
    begun = {one.span for one in year.periods if one.begun}
    closed = [one.span for one in year.periods if one.begun and one.begun.is_closed]
    return [
        span
        for span in spans_of(year.year, (PeriodKind.HALF_YEAR, PeriodKind.YEAR))
        if span not in begun and any(span.holds(one) for one in closed)
    ]


def _spans(years: Iterable[int]) -> list[Span]:
    """The periods one may open of plans of those years: quarters first, as most report."""
    kinds = [f"Q{n}" for n in range(1, 5)] + [f"M{n:02}" for n in range(1, 13)] + ["H1", "H2"]
    return [
        Span.parse(code)
        for year in sorted(years, reverse=True)
        for code in (*(f"{year}-{kind}" for kind in kinds), f"{year}")
    ]


@router.post("/o/{token}/periods/open")
def open_one(request: Request, site: AtSite, holder: AsOfficer, form: Posted) -> Response:
    """Shows what opening would do or, once that was looked at, opens."""
    site.stamps.read(text_of(form, "stamp"), holder.link.id, OPEN)
    now, organisation_id = site.clock.now(), holder.link.organisation_id
    try:
        with site.store.begin() as tx:
            span = Span.parse(text_of(form, "code"))
            known = {plan for plan, _, _ in plan_choices(tx, organisation_id)}
            chosen = whole_number(text_of(form, "plan"))
            if chosen is None or chosen not in known:
                raise NotAllowed(
                    Words("Chưa chọn kế hoạch."), cure=Words("Chọn một kế hoạch trong danh sách.")
                )
            with tx.begin_nested() as trial:
                opening = OpeningForm(chosen, span, _rules_chosen(tx, organisation_id, form, now), form)
                look, wrong = opening.done(tx, now, holder.link.person_id)
                if look is not None or wrong is not None:
                    trial.rollback()
                else:
                    holder.note(tx, f"period opened {span.code}", now)
    except TiendoError as error:
        if isinstance(error, NotFromThePage):
            raise
        return _periods(request, site, holder, form, error=error)
    if look is not None or wrong is not None:
        return _periods(request, site, holder, form, look=look, error=wrong)
    return RedirectResponse(f"{holder.base}?period={span.code}", 303)


def _rules_chosen(tx: Connection, organisation_id: int, form: FormData, now: datetime) -> int:
    """The rules of an earlier version or, where they are named, the ready ones; with their own scoring or
    that of another version; stored once."""
    versions = {str(version.id): version for version in rules_versions(tx, organisation_id)}
    chosen, scored_by = text_of(form, "rules"), text_of(form, "scoring")
    if chosen not in READY and chosen not in versions:
        raise NotAllowed(Words("Chưa chọn quy tắc."), cure=Words("Chọn một bộ quy tắc trong danh sách."))
    if scored_by and scored_by not in READY_SCORING and scored_by not in versions:
        raise NotAllowed(Words("Chưa chọn cách chấm điểm."), cure=Words("Chọn một cách trong danh sách."))
    if chosen in versions and scored_by in ("", chosen):
        return versions[chosen].id
    routing = versions[chosen].routing if chosen in versions else read_routing(READY[chosen]())
    if scored_by in versions:
        scoring = versions[scored_by].scoring
    else:
        scoring = read_scoring(READY_SCORING[scored_by or "ward"]())
    return save_rules(tx, organisation_id, routing, scoring, now)


@router.api_route("/o/{token}/periods/{period_id}/close", methods=["GET", "HEAD"])
def closing_page(request: Request, site: AtSite, holder: AsOfficer, period_id: Id) -> HTMLResponse:
    """What closing the period would do."""
    return _closing(request, site, holder, period_id)


def _closing(
    request: Request, site: Site, holder: Holder, period_id: int, error: TiendoError | None = None
) -> HTMLResponse:
    # A trial close writes and is undone, so it waits its turn as a writer.
    with site.store.begin() as tx:
        period = own_period(tx, holder.link.organisation_id, period_id)
        look = closing_look(tx, period, site.clock.now())
        trial = None if period.closed_at else closing_trial(tx, period_id, site.clock.now())
        frame = plain_frame(tx, holder, "periods")
    return page(
        request,
        "periods/period_close.html",
        status=409 if error else 200,
        look=look,
        trial=trial,
        error=error,
        stamp=site.stamps.made(holder.link.id, CLOSE, [(period_id, look.live)]),
        **frame,
    )


@router.post("/o/{token}/periods/{period_id}/close")
def close_one(request: Request, site: AtSite, holder: AsOfficer, period_id: Id, form: Posted) -> Response:
    """Closes the period as it was looked at, and issues its reports."""
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, CLOSE)
    now = site.clock.now()
    try:
        ((shown_id, live),) = stamp.shown
        if shown_id != period_id:
            raise NotFromThePage
        if text_of(form, "sure") != "1":
            raise NotAllowed(Words("Chưa khóa kỳ."), cure=Words("Đánh dấu vào ô xác nhận rồi bấm lại."))
        with site.store.begin() as tx:
            period = own_period(tx, holder.link.organisation_id, period_id)
            look = closing_look(tx, period, site.clock.now())
            if look.live != live and not period.closed_at:
                raise Conflict(
                    Words("Số lượt chưa xong vừa thay đổi."), cure=Words("Xem lại rồi bấm khóa lần nữa.")
                )
            close_and_announce(tx, period_id, now, is_early=look.is_early)
            holder.note(tx, f"period closed {period.code}", now)
    except (Conflict, NotAllowed) as error:
        if isinstance(error, NotFromThePage):
            raise
        return _closing(request, site, holder, period_id, error)
    begin_report(site.store, site.files, period_id, now, signer=pdf_signer(site.settings))
    return RedirectResponse(f"{holder.base}/reports?period={period.code}", 303)


@router.api_route("/o/{token}/rules", methods=["GET", "HEAD"])
def rules_page(request: Request, site: AtSite, holder: AsOfficer, period: str = "") -> HTMLResponse:
    """The rules pinned for a period: each as a sentence, and the scoring criteria."""
    with site.store.reading() as tx:
        head, known = office_period(tx, holder, period)
        found = pinned_rules(tx, head.id)
    scoring = scoring_of(found.scoring) if found.scoring else None
    groups: dict[tuple[str, str], list[Sentence]] = {}
    for sentence in in_force(found.routing):
        groups.setdefault((TITLES[sentence.group], sentence.scope), []).append(sentence)
    return page(
        request,
        "periods/rules.html",
        rules=found,
        groups=list(groups.items()),
        scoring=scoring,
        scoring_told=scoring_in_words(scoring) if scoring else [],
        **office_frame(holder, head, known, "rules"),
    )
