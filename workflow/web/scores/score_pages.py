"""The office's pages of emulation scores: the ranking, each unit's points opened up, what people enter.

`GET /o/{token}/scores`                    the ranking in each cluster; `?period=`
`GET /o/{token}/scores/changes`            what each later version of a closed period's scores changed
`GET /o/{token}/scores/{unit_id}`          every line with its reasons, facts, days, evidence and rule
`POST /o/{token}/scores/{unit_id}/enter`   fields `stamp`, `what` (kind:code), `points`, `text`, `evidence`
`POST /o/{token}/scores/{unit_id}/decide`  fields `stamp`, `entry`, `minutes`, `met_on`, `ballot-{person}`
"""

from __future__ import annotations

from datetime import date
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.domain.cycles.cycle import Choice
from workflow.domain.errors import NotAllowed, TiendoError
from workflow.domain.scores.score_entries import EntryKind
from workflow.domain.scores.scoring_rules import Initiative
from workflow.domain.scores.span_scores import MEAN
from workflow.domain.typed import points_typed, whole_number
from workflow.domain.words import Words
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.periods.watched import watched_period
from workflow.storage.results.figures import SCORES, figures
from workflow.storage.rules import pinned_scoring
from workflow.storage.scores.entries import Meeting, NewEntry, council_of, enter, entries_put_to_vote
from workflow.storage.scores.reviews import answer_term, reviews_of
from workflow.storage.scores.sheets import UnitSheet, decide_entry, score_sheet, version_changes
from workflow.storage.scores.sitting_lists import sittings_of
from workflow.storage.scores.sittings import SCORES as COUNCIL_SCORES
from workflow.storage.scores.votes import titles_of, waiting_entries
from workflow.web.asked import Id
from workflow.web.forms import Posted, day_of, text_of
from workflow.web.frames import office_frame, office_period
from workflow.web.pages import page
from workflow.web.scores.council_pages import CLOSE, OPEN_SCORES
from workflow.web.site import AsOfficer, AtSite, Holder, Site
from workflow.web.stamps import NotFromThePage

router = APIRouter(include_in_schema=False)

ENTER, DECIDE = "score-enter", "score-decide"


@router.api_route("/o/{token}/scores", methods=["GET", "HEAD"])
def scores_page(request: Request, site: AtSite, holder: AsOfficer, period: str = "") -> HTMLResponse:
    """The ranking of a period, by cluster."""
    with site.store.reading() as tx:
        head, known = office_period(tx, holder, period)
        found = figures(tx, head.id, SCORES, site.clock.now())
        waiting = waiting_entries(tx, head.id)
        changes = version_changes(tx, head.id)
        held = sittings_of(tx, head.id, COUNCIL_SCORES)
        calendar = organisation_calendar(tx, head.organisation_id)
        rules = pinned_scoring(tx, head.id) if found.body else None
        watched = watched_period(tx, head.id, site.clock.now())
        reviews = reviews_of(tx, head.id) if rules else []
    council = rules.council if rules else None
    today = watched.today
    clusters: dict[str, list[Any]] = {}
    for one in found.body:
        clusters.setdefault(one["unit"]["cluster"], []).append(one)
    return page(
        request,
        "scores/scores.html",
        figures=found,
        clusters=clusters,
        waiting=waiting,
        reviews=[
            (one, one.state(rules.council), answer_term(watched, rules, one))
            for one in reviews
            if rules and not one.state(rules.council).is_answered
        ],
        changes=changes,
        held=held,
        today=today,
        until=calendar.add_working_days(today, council.working_days) if council else today,
        open_stamp=site.stamps.made(holder.link.id, OPEN_SCORES, [(head.id,)]),
        close_stamps={one.id: site.stamps.made(holder.link.id, CLOSE, [(one.id,)]) for one in held},
        **office_frame(holder, head, known, "scores"),
    )


@router.api_route("/o/{token}/scores/changes", methods=["GET", "HEAD"])
def changes_page(request: Request, site: AtSite, holder: AsOfficer, period: str = "") -> HTMLResponse:
    """What each later version of the period's scores changed, line by line."""
    with site.store.reading() as tx:
        head, known = office_period(tx, holder, period)
        changes = version_changes(tx, head.id)
    return page(
        request, "scores/score_changes.html", changes=changes, **office_frame(holder, head, known, "scores")
    )


@router.api_route("/o/{token}/scores/{unit_id}", methods=["GET", "HEAD"])
def unit_page(
    request: Request, site: AtSite, holder: AsOfficer, unit_id: Id, period: str = ""
) -> HTMLResponse:
    """One unit's points, each with where it comes from."""
    return _unit(request, site, holder, unit_id, period)


def _unit(
    request: Request,
    site: Site,
    holder: Holder,
    unit_id: int,
    period: str,
    *,
    form: FormData | None = None,
    error: TiendoError | None = None,
) -> HTMLResponse:
    with site.store.reading() as tx:
        head, known = office_period(tx, holder, period)
        sheet = score_sheet(tx, head.id, unit_id, site.clock.now())
        council = council_of(tx, head.id)
        reviews = [one for one in reviews_of(tx, head.id) if one.unit.id == unit_id]
        asked = entries_put_to_vote(tx, head.id)
        today = organisation_calendar(tx, head.organisation_id).day_of(site.clock.now())
    shown = [(head.id, unit_id)]
    return page(
        request,
        "scores/score_unit.html",
        status=409 if error else 200,
        sheet=sheet,
        one=sheet.unit,
        choices=_choices(sheet),
        council=council,
        asked=asked,
        reviews=reviews,
        titles=titles_of(sheet.rules),
        today=today,
        error=error,
        typed={name: text_of(form, name) if form else "" for name in ("what", "points", "text", "evidence")},
        enter_stamp=site.stamps.made(holder.link.id, ENTER, shown),
        decide_stamp=site.stamps.made(holder.link.id, DECIDE, shown),
        **office_frame(holder, head, known, "scores"),
    )


def _choices(sheet: UnitSheet) -> list[tuple[EntryKind, list[tuple[str, str]]]]:
    """What may be entered about a unit: each kind with the codes and titles of the rules."""
    criteria = [(one.code, one.title) for one in sheet.rules.criteria]
    claims = [(one.code, one.title) for one in sheet.rules.criteria if isinstance(one.measure, Initiative)]
    extras = [(one.code, one.title) for one in sheet.rules.extras]
    found = (
        (EntryKind.INITIATIVE, claims),
        (EntryKind.EXTRA, extras),
        (EntryKind.SELF, criteria),
        (EntryKind.ADJUSTMENT, criteria),
    )
    # The mean of periods has no criteria of its own to enter anything about.
    is_mean = any(line["criterion"]["code"] == MEAN for line in sheet.unit["lines"])
    return [(kind, codes) for kind, codes in found if codes and (kind is EntryKind.EXTRA or not is_mean)]


@router.post("/o/{token}/scores/{unit_id}/enter")
def enter_one(
    request: Request, site: AtSite, holder: AsOfficer, unit_id: Id, form: Posted, period: str = ""
) -> Response:
    """Puts on record what is entered about the unit."""
    try:
        with site.store.begin() as tx:
            sheet, period_id = _checked(tx, site, holder, unit_id, period, form, ENTER)
            kind, _, code = text_of(form, "what").partition(":")
            if kind not in list(EntryKind):
                raise NotAllowed(
                    Words("Chưa chọn loại cần nhập."), cure=Words("Chọn một mục trong danh sách.")
                )
            new = NewEntry(
                unit_id,
                EntryKind(kind),
                code,
                text_of(form, "text"),
                points_typed(text_of(form, "points")),
                text_of(form, "evidence"),
                whole_number(text_of(form, "review")) if text_of(form, "review") else None,
            )
            now = site.clock.now()
            number = enter(tx, holder.person_id, period_id, new, sheet.rules, now)
            holder.note(tx, f"score entered {number}", now)
    except TiendoError as error:
        return _again(request, site, holder, unit_id, period, form, error)
    return RedirectResponse(f"{holder.base}/scores/{unit_id}?period={period}#entries", 303)


@router.post("/o/{token}/scores/{unit_id}/decide")
def decide_one(
    request: Request, site: AtSite, holder: AsOfficer, unit_id: Id, form: Posted, period: str = ""
) -> Response:
    """Puts the council's vote on an entry on record."""
    try:
        with site.store.begin() as tx:
            sheet, period_id = _checked(tx, site, holder, unit_id, period, form, DECIDE)
            entry = next((one for one in sheet.entries if str(one.id) == text_of(form, "entry")), None)
            if entry is None:
                raise NotAllowed(Words("Đơn vị không có đề nghị này."))
            said = {member: text_of(form, f"ballot-{member}") for member, _ in council_of(tx, period_id)}
            ballots = {member: Choice(one) for member, one in said.items() if one in list(Choice)}
            meeting = Meeting(text_of(form, "minutes"), _met_on(form), ballots)
            now = site.clock.now()
            decide_entry(tx, holder.person_id, entry.id, meeting, now)
            holder.note(tx, f"score decided {entry.id}", now)
    except TiendoError as error:
        return _again(request, site, holder, unit_id, period, form, error)
    return RedirectResponse(f"{holder.base}/scores/{unit_id}?period={period}#entries", 303)


def _checked(
    tx: Connection, site: Site, holder: Holder, unit_id: int, period: str, form: FormData, name: str
) -> tuple[UnitSheet, int]:
    """The score sheet the form was shown with; raises where the stamp is for another, or no box is ticked."""
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, name)
    head, _ = office_period(tx, holder, period)
    if stamp.shown != ((head.id, unit_id),):
        raise NotFromThePage
    if text_of(form, "sure") != "1":
        raise NotAllowed(Words("Chưa ghi nhận gì."), cure=Words("Đánh dấu vào ô xác nhận rồi bấm lại."))
    return score_sheet(tx, head.id, unit_id, site.clock.now()), head.id


def _again(
    request: Request,
    site: Site,
    holder: Holder,
    unit_id: int,
    period: str,
    form: FormData,
    error: TiendoError,
) -> HTMLResponse:
    if isinstance(error, NotFromThePage):
        raise error
    return _unit(request, site, holder, unit_id, period, form=form, error=error)


def _met_on(form: FormData) -> date:
    return day_of(text_of(form, "met_on"), Words("Chưa ghi ngày họp hội đồng."), Words("Chọn ngày họp."))
