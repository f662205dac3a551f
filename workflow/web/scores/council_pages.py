"""The emulation council asked by link: a member's page of what to vote on, and the office's hand in it.

`GET /l/{token}/council`                  the sittings of which the holder is a member
`POST /l/{token}/council/{sitting_id}`    fields `stamp`, `choice-{motion}`, `rest` (`1`: in favour of what
                                          is not chosen), `sure`, and `code` where the rule asks for one
`POST /o/{token}/scores/vote`             puts entries to the council: `stamp`, `entry` (each), `until`,
                                          `sure`
`GET /o/{token}/sittings/minutes.docx`    the minutes of the council's votes; `?period=&matter=`
`POST /o/{token}/sittings/{sitting_id}`   ends a sitting: `stamp`, `sure`
"""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.domain.cycles.cycle import Choice
from workflow.domain.errors import Conflict, NotAllowed, NotFound
from workflow.domain.words import Words
from workflow.reports.commendations import council_minutes
from workflow.reports.period_reports import heading_of
from workflow.reports.report_files import DOCX
from workflow.reports.word.commendations_docx import write_council_minutes
from workflow.storage.periods.periods import period_of
from workflow.storage.periods.watched import watched_period
from workflow.storage.post.receipts import given_before
from workflow.storage.scores.sitting_lists import Sitting, sittings_for, sittings_of
from workflow.storage.scores.sittings import COMMENDATIONS, cast, close_sitting
from workflow.storage.scores.votes import open_score_vote
from workflow.web.asked import Id
from workflow.web.downloads import saved_as
from workflow.web.duties.vote_codes import ask_for_code
from workflow.web.forms import Posted, day_of, ids_of, text_of
from workflow.web.frames import context_of, office_period
from workflow.web.pages import page
from workflow.web.site import AsOfficer, AsPerson, AtSite, Holder, Site
from workflow.web.stamps import NotFromThePage

router = APIRouter(include_in_schema=False)

CAST, OPEN_SCORES, CLOSE = "council", "council-scores", "council-close"


@router.api_route("/l/{token}/council", methods=["GET", "HEAD"])
def council_page(request: Request, site: AtSite, holder: AsPerson) -> HTMLResponse:
    """The council's open motions and its decisions."""
    return _council(request, site, holder)


def _council(
    request: Request,
    site: Site,
    holder: Holder,
    *,
    at: int = 0,
    wrong: str = "",
    typed: dict[str, str] | None = None,
) -> HTMLResponse:
    now = site.clock.now()
    with site.store.reading() as tx:
        found = sittings_for(tx, holder.person_id, holder.period_id)
        today = watched_period(tx, holder.period_id, now).today
        head = period_of(tx, holder.period_id)
    is_open = {one.id: one.takes_ballots(today) for one in found}
    return page(
        request,
        "scores/council.html",
        status=409 if wrong else 200,
        sittings=sorted(found, key=lambda one: (not is_open[one.id], -one.id)),
        is_open=is_open,
        stamps={
            one.id: site.stamps.made(holder.link.id, CAST, [(one.id, len(one.motions))]) for one in found
        },
        me=holder.person_id,
        at_fault=at,
        wrong=wrong,
        typed=typed or {},
        **context_of(holder, head, now),
    )


@router.post("/l/{token}/council/{sitting_id}")
def vote(request: Request, site: AtSite, holder: AsPerson, sitting_id: Id, form: Posted) -> Response:
    """Records the holder's ballots on every motion of a sitting."""
    now = site.clock.now()
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, CAST)
    if [shown[0] for shown in stamp.shown] != [sitting_id]:
        raise NotFromThePage
    with site.store.reading() as tx:
        found = {one.id: one for one in sittings_for(tx, holder.person_id, holder.period_id)}
    if sitting_id not in found:
        raise NotFound(Words("Không có lần lấy phiếu này."))
    try:
        if text_of(form, "sure") != "1":
            raise NotAllowed(Words("Chưa ghi nhận gì."), cure=Words("Đánh dấu vào ô xác nhận rồi bấm lại."))
        choices = _choices(form, found[sitting_id])
        if asked := ask_for_code(request, site, holder, form, len(choices)):
            return asked
        with site.store.begin() as tx:
            if given_before(tx, holder.link.id, stamp.mark) is None:
                cast(tx, holder.person_id, sitting_id, choices, now)
                holder.note(tx, f"{stamp.mark} {sitting_id}", now)
    except (Conflict, NotAllowed) as error:
        typed = {name: value for name, value in form.items() if isinstance(value, str)}
        why = error.told
        return _council(request, site, holder, at=sitting_id, wrong=why, typed=typed)
    return RedirectResponse(f"{holder.base}/council#phien-{sitting_id}", 303)


def _choices(form: FormData, sitting: Sitting) -> dict[int, Choice]:
    rest = Choice.APPROVE.value if text_of(form, "rest") == "1" else ""
    said = {one.id: text_of(form, f"choice-{one.id}") or rest for one in sitting.motions}
    return {motion: Choice(value) for motion, value in said.items() if value in list(Choice)}


@router.post("/o/{token}/scores/vote")
def open_scores(site: AtSite, holder: AsOfficer, form: Posted, period: str = "") -> RedirectResponse:
    """Puts the chosen entries to the council."""
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, OPEN_SCORES)
    now = site.clock.now()
    with site.store.begin() as tx:
        head, _ = office_period(tx, holder, period)
        if stamp.shown != ((head.id,),):
            raise NotFromThePage
        check_sure(form)
        entries = ids_of(form, "entry")
        open_score_vote(tx, holder.person_id, head.id, entries, last_day_of(form), now)
        holder.note(tx, "council asked on scores", now)
    return RedirectResponse(f"{holder.base}/scores?period={head.code}#lay-phieu", 303)


@router.post("/o/{token}/sittings/{sitting_id}")
def end(site: AtSite, holder: AsOfficer, sitting_id: Id, form: Posted, period: str = "") -> RedirectResponse:
    """Ends a sitting with the ballots cast."""
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, CLOSE)
    now = site.clock.now()
    with site.store.begin() as tx:
        head, _ = office_period(tx, holder, period)
        sitting = next((one for one in sittings_of(tx, head.id) if one.id == sitting_id), None)
        if sitting is None or stamp.shown != ((sitting_id,),):
            raise NotFromThePage
        check_sure(form)
        close_sitting(tx, holder.person_id, sitting_id, now)
        holder.note(tx, f"council closed {sitting_id}", now)
    return RedirectResponse(f"{holder.base}/{sitting.matter}?period={head.code}#lay-phieu", 303)


@router.api_route("/o/{token}/sittings/minutes.docx", methods=["GET", "HEAD"])
def minutes(site: AtSite, holder: AsOfficer, period: str = "", matter: str = COMMENDATIONS) -> Response:
    """The minutes of the council's votes on a matter that are over."""
    with site.store.reading() as tx:
        head, _ = office_period(tx, holder, period)
        found = [one for one in sittings_of(tx, head.id, matter) if one.closed_at]
        if not found:
            raise NotFound(Words("Chưa có lần lấy phiếu nào kết thúc nên chưa lập biên bản được."))
        made = write_council_minutes(council_minutes(found, heading_of(tx, head.id), head))
    return saved_as(f"bien-ban-hoi-dong-thi-dua-{head.code.lower()}.docx", made, DOCX)


def check_sure(form: FormData) -> None:
    """Refuses a form whose box is not ticked."""
    if text_of(form, "sure") != "1":
        raise NotAllowed(
            Words("Chưa ghi nhận gì."), cure=Words("Quay lại, đánh dấu vào ô xác nhận rồi bấm lại.")
        )


def last_day_of(form: FormData) -> date:
    """The day chosen for the vote's end."""
    return day_of(
        text_of(form, "until"), Words("Chưa chọn ngày cuối nhận phiếu."), Words("Quay lại và chọn một ngày.")
    )
