"""Difficulties on pages: those that concern a link's holder, and the office's list.

`GET /l/{token}/difficulties`                    those that concern the holder
`POST /l/{token}/difficulties/{id}/comment`      a member's remark: `text`
`POST /l/{token}/difficulties/{id}/opinion`      the chair's opinion: `text`, `unit`, `due_on`
`POST /l/{token}/difficulties/{id}/done`         the responsible unit's result: `text`
`GET /o/{token}/difficulties`                    the office's list; `?period=&state=`
`POST /o/{token}/difficulties/{id}/opinion`, `POST /o/{token}/difficulties/{id}/close` (`text`)

Every form carries `stamp`, made for one act on one difficulty as it was shown, and `sure`, a box to tick:
without it nothing is recorded, so that no blind click sends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.domain.cycles.difficulty import DifficultyState
from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.typed import whole_number
from workflow.domain.words import Words
from workflow.storage.cycles import difficulties
from workflow.storage.cycles.difficulties import Opinion, able_units
from workflow.storage.duties.difficulty_lists import DifficultyRow, difficulties_of, share_of, state_counts
from workflow.storage.periods.periods import period_of
from workflow.storage.periods.watched import watched_period
from workflow.storage.post.receipts import given_before, receipt_moment
from workflow.web.asked import Id
from workflow.web.forms import Posted, day_of, text_of
from workflow.web.frames import context_of, office_frame, office_period
from workflow.web.pages import page
from workflow.web.site import AsOfficer, AsPerson, AtSite, Holder, Site
from workflow.web.stamps import NotFromThePage

router = APIRouter(include_in_schema=False)

COMMENT, OPINION, DONE, CLOSE = "comment", "opinion", "done", "close"

Act = Callable[[Connection, int, datetime], str]
"""Records what a form asks for (transaction, steps seen, moment); returns the receipt's number."""


@dataclass(frozen=True, slots=True)
class DifficultyRefusal:
    """An act that could not be recorded: on which difficulty, why, and what was typed for it."""

    difficulty_id: int = 0
    act: str = ""
    why: str = ""
    text: str = ""
    unit: str = ""
    due_on: str = ""

    def of(self, difficulty_id: int, act: str) -> DifficultyRefusal | None:
        """The refusal, if it was of this form."""
        return self if (self.difficulty_id, self.act) == (difficulty_id, act) else None


NO_REFUSAL = DifficultyRefusal()


@router.api_route("/l/{token}/difficulties", methods=["GET", "HEAD"])
def own_page(request: Request, site: AtSite, holder: AsPerson, receipt: str = "") -> HTMLResponse:
    """What of the period's difficulties concerns the holder."""
    return _own(request, site, holder, receipt=receipt)


def _own(
    request: Request,
    site: Site,
    holder: Holder,
    refusal: DifficultyRefusal = NO_REFUSAL,
    *,
    receipt: str = "",
) -> HTMLResponse:
    now = site.clock.now()
    with site.store.reading() as tx:
        period = watched_period(tx, holder.period_id, now)
        share = share_of(tx, holder.person_id, period)
        head = period_of(tx, holder.period_id)
        able = able_units(tx, head.organisation_id) if share.is_chair else []
        at = receipt_moment(tx, holder.person_id, head.id, receipt)
    rows = (*share.to_decide, *share.to_solve, *share.raised, *share.others)
    return page(
        request,
        "duties/difficulties.html",
        status=409 if refusal.why else 200,
        share=share,
        stamps=_stamps(site, holder, rows, (COMMENT, OPINION, DONE)),
        able=able,
        refusal=refusal,
        receipt=receipt if at else "",
        **context_of(holder, head, now),
    )


@router.post("/l/{token}/difficulties/{difficulty_id}/comment")
def comment(request: Request, site: AtSite, holder: AsPerson, difficulty_id: Id, form: Posted) -> Response:
    """Records a member's remark."""

    def act(tx: Connection, _seen: int, now: datetime) -> str:
        return difficulties.comment(tx, holder.person_id, difficulty_id, text_of(form, "text"), now)

    return _recorded(request, site, holder, form, COMMENT, difficulty_id, act)


@router.post("/l/{token}/difficulties/{difficulty_id}/opinion")
def opinion(request: Request, site: AtSite, holder: AsPerson, difficulty_id: Id, form: Posted) -> Response:
    """Records the chair's opinion."""
    return _recorded(
        request, site, holder, form, OPINION, difficulty_id, _answering(holder, difficulty_id, form)
    )


@router.post("/l/{token}/difficulties/{difficulty_id}/done")
def done(request: Request, site: AtSite, holder: AsPerson, difficulty_id: Id, form: Posted) -> Response:
    """Records what the responsible unit has done."""

    def act(tx: Connection, seen: int, now: datetime) -> str:
        text = text_of(form, "text")
        return difficulties.report_done(tx, holder.person_id, difficulty_id, seen, text, now)

    return _recorded(request, site, holder, form, DONE, difficulty_id, act)


@router.api_route("/o/{token}/difficulties", methods=["GET", "HEAD"])
def office_page(
    request: Request, site: AtSite, holder: AsOfficer, period: str = "", state: str = "", receipt: str = ""
) -> HTMLResponse:
    """The period's difficulties, to enter the committee's opinions and to follow them to their end."""
    return _office(request, site, holder, period, state, receipt=receipt)


def _office(
    request: Request,
    site: Site,
    holder: Holder,
    asked: str,
    state: str = "",
    refusal: DifficultyRefusal = NO_REFUSAL,
    *,
    receipt: str = "",
) -> HTMLResponse:
    now = site.clock.now()
    with site.store.reading() as tx:
        head, known = office_period(tx, holder, asked)
        every = difficulties_of(tx, watched_period(tx, head.id, now))
        counts = state_counts(tx, head.id)
        able = able_units(tx, head.organisation_id)
        at = receipt_moment(tx, holder.person_id, head.id, receipt)
        today = watched_period(tx, head.id, now).today
    rows = [row for row in every if not state or row.state == state]
    return page(
        request,
        "office/office_difficulties.html",
        status=409 if refusal.why else 200,
        rows=rows,
        states=[one for one in DifficultyState if one is not DifficultyState.WITHDRAWN],
        counts=counts,
        state=state,
        stamps=_stamps(site, holder, rows, (OPINION, CLOSE)),
        able=able,
        refusal=refusal,
        receipt=receipt if at else "",
        today=today,
        **office_frame(holder, head, known, "difficulties"),
    )


@router.post("/o/{token}/difficulties/{difficulty_id}/opinion")
def office_opinion(
    request: Request, site: AtSite, holder: AsOfficer, difficulty_id: Id, form: Posted, period: str = ""
) -> Response:
    """Records the committee's opinion as the office enters it."""
    act = _answering(holder, difficulty_id, form)
    return _recorded(request, site, holder, form, OPINION, difficulty_id, act, period)


@router.post("/o/{token}/difficulties/{difficulty_id}/close")
def close(
    request: Request, site: AtSite, holder: AsOfficer, difficulty_id: Id, form: Posted, period: str = ""
) -> Response:
    """Records that the difficulty is at its end."""

    def act(tx: Connection, seen: int, now: datetime) -> str:
        return difficulties.close(tx, holder.person_id, difficulty_id, seen, text_of(form, "text"), now)

    return _recorded(request, site, holder, form, CLOSE, difficulty_id, act, period)


def _answering(holder: Holder, difficulty_id: int, form: FormData) -> Act:
    def act(tx: Connection, seen: int, now: datetime) -> str:
        unit_id = whole_number(text_of(form, "unit"))
        if unit_id is None:
            raise NotAllowed(Words("Chưa chọn đơn vị giải quyết."), cure=Words("Chọn trong danh sách."))
        what = Words("Chưa chọn thời hạn giải quyết.")
        day = day_of(text_of(form, "due_on"), what, Words("Chọn một ngày."))
        answer = Opinion(difficulty_id, seen, text_of(form, "text"), unit_id, day)
        return difficulties.answer(tx, holder.person_id, answer, now)

    return act


def _stamps(
    site: Site, holder: Holder, rows: Iterable[DifficultyRow], acts: Iterable[str]
) -> dict[int, dict[str, str]]:
    """A stamp for each form of each difficulty that is still followed."""
    named = tuple(acts)
    return {
        row.id: {
            act: site.stamps.made(holder.link.id, _form(act), [(row.id, len(row.steps))]) for act in named
        }
        for row in rows
        if not row.state.is_final
    }


def _form(act: str) -> str:
    return f"matter-{act}"


def _recorded(
    request: Request,
    site: Site,
    holder: Holder,
    form: FormData,
    name: str,
    difficulty_id: int,
    act: Act,
    period: str = "",
) -> Response:
    """Records one act and leads back to the list; a refused one is shown again with what was typed."""
    now = site.clock.now()
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, _form(name))
    ((shown_id, seen),) = stamp.shown
    if shown_id != difficulty_id:
        raise NotFromThePage
    query = {"period": period} if period else {}
    try:
        if text_of(form, "sure") != "1":
            raise NotAllowed(
                Words("Chưa đánh dấu vào ô xác nhận."), cure=Words("Đánh dấu vào ô trên nút gửi rồi gửi lại.")
            )
        with site.store.begin() as tx:
            number = given_before(tx, holder.link.id, stamp.mark)
            if number is None:
                number = act(tx, int(seen), now)
                holder.note(tx, f"{stamp.mark} {number}", now)
    except (Conflict, NotAllowed) as error:
        with site.store.begin() as tx:
            holder.note(tx, f"{_form(name)} refused", now)
        why = error.told
        typed: dict[str, Any] = {field: text_of(form, field) for field in ("text", "unit", "due_on")}
        refusal = DifficultyRefusal(difficulty_id, name, why, **typed)
        if holder.base.startswith("/o/"):
            return _office(request, site, holder, period, refusal=refusal)
        return _own(request, site, holder, refusal)
    query["receipt"] = number
    query_string = "&".join(f"{key}={quote(value)}" for key, value in query.items())
    return RedirectResponse(f"{holder.base}/difficulties?{query_string}#kk-{difficulty_id}", 303)
