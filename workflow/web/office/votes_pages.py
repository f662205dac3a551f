"""The office's pages of the votes: the state of each, the minutes, and ballots on paper.

`GET /o/{token}/votes`                       every vote of a period; `?period=`
`GET /o/{token}/minutes`                     the minutes as a Word document; `?period=`
`POST /o/{token}/minutes`                    assigns their number: `stamp`, `number`, `dated_on`, `sure`
`GET /o/{token}/paper`                       ballots on paper; `?member=` shows the form for that member's
`GET /o/{token}/paper/{sha256}`              a scan of a ballot
`POST /o/{token}/paper`                      enters ballots: `stamp`, `member`, `evidence` (one scan),
                                             `choice-{cycle}`, `reason-{cycle}`, `version-{cycle}`, `sure`
`POST /o/{token}/paper/confirm`              a second person confirms entries: `stamp`, `entry` (each), `sure`
`POST /o/{token}/paper/strike`               wrong entries that do not count yet are struck out: the same
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from workflow.domain.cycles.cycle import Choice, Stage
from workflow.domain.errors import Conflict, NotAllowed, NotFound
from workflow.domain.reports.document_number import proposed_number
from workflow.domain.typed import whole_number
from workflow.domain.words import Words
from workflow.reports.minutes import minutes_heading, minutes_of
from workflow.reports.period_reports import heading_of
from workflow.reports.report_files import DOCX
from workflow.reports.word.minutes_docx import write_minutes
from workflow.storage.cycles.heads import cycle_heads
from workflow.storage.cycles.held_votes import VotesOfPeriod, people, votes_of
from workflow.storage.cycles.paper import PaperEntry, PaperVote, countersign, enter, paper_entries, strike
from workflow.storage.cycles.said import EvidenceFile
from workflow.storage.duties.board import cycles_at
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.periods.periods import Period
from workflow.storage.reports.letterheads import letterhead_of
from workflow.storage.reports.minutes_numbers import give_number, is_over, last_minutes_number, numbered
from workflow.web.downloads import download, saved_as
from workflow.web.duties.evidence import EvidenceLimits, take_evidence
from workflow.web.duties.file_kinds import media_type_of
from workflow.web.forms import Posted, day_of, ids_of, is_sure, text_of
from workflow.web.frames import office_frame, office_period
from workflow.web.pages import page
from workflow.web.site import AsOfficer, AtSite, Holder, Site
from workflow.web.stamps import NotFromThePage

router = APIRouter(include_in_schema=False)

ENTER, CONFIRM, NUMBER = "paper", "countersign", "minutes-number"


@router.api_route("/o/{token}/votes", methods=["GET", "HEAD"])
def votes_page(request: Request, site: AtSite, holder: AsOfficer, period: str = "") -> HTMLResponse:
    """Every vote of a period with its count."""
    with site.store.reading() as tx:
        head, known = office_period(tx, holder, period)
        found = votes_of(tx, head.id, site.clock.now())
        n_waiting = sum(not one.countersigned_by for one in paper_entries(tx, head.id))
        numbering = _numbering(tx, head, found, site.clock.now())
    stamp = site.stamps.made(holder.link.id, NUMBER, [(head.id,)])
    frame = office_frame(holder, head, known, "votes")
    return page(
        request,
        "office/votes.html",
        votes=found.votes,
        n_waiting=n_waiting,
        stamp=stamp,
        **numbering,
        **frame,
    )


def _numbering(tx: Connection, head: Period, found: VotesOfPeriod, now: datetime) -> dict[str, Any]:
    """The number the minutes have, or what the form to give them one shows: once every vote has a result."""
    today = organisation_calendar(tx, head.organisation_id).day_of(now)
    series = letterhead_of(tx, head.organisation_id).minutes_series
    heading = heading_of(tx, head.id)
    last = last_minutes_number(tx, head.organisation_id, today.year)
    return {
        "numbered": numbered(tx, head.id),
        "may_number": bool(series) and is_over(tx, found),
        "proposed": proposed_number(
            last, heading.plan_number, is_party=heading.is_party, kind=series, symbol=heading.symbol
        ),
        "today": today,
    }


@router.api_route("/o/{token}/minutes", methods=["GET", "HEAD"])
def minutes(site: AtSite, holder: AsOfficer, period: str = "") -> Response:
    """The minutes of the period's votes so far."""
    now = site.clock.now()
    with site.store.reading() as tx:
        head, _ = office_period(tx, holder, period)
        found = votes_of(tx, head.id, now)
        if not found.votes:
            raise NotFound(Words("Kỳ này chưa có nội dung nào đưa ra biểu quyết nên chưa lập biên bản được."))
        made = write_minutes(minutes_of(found, minutes_heading(tx, head.id), now))
    return saved_as(f"bien-ban-kiem-phieu-{head.code.lower()}.docx", made, DOCX)


@router.post("/o/{token}/minutes")
def number_minutes(site: AtSite, holder: AsOfficer, form: Posted, period: str = "") -> Response:
    """Assigns the minutes their number and day, once."""
    stamp = site.stamps.read(text_of(form, "stamp"), holder.link.id, NUMBER)
    now = site.clock.now()
    with site.store.begin() as tx:
        head, _ = office_period(tx, holder, period)
        if stamp.shown != ((head.id,),):
            raise NotFromThePage
        if not is_sure(form):
            raise NotAllowed(Words("Chưa ghi nhận gì."), cure=Words("Đánh dấu vào ô xác nhận rồi bấm lại."))
        on = day_of(
            text_of(form, "dated_on"),
            Words("Chưa ghi ngày của biên bản."),
            Words("Chọn ngày, tháng, năm của văn bản."),
        )
        give_number(tx, head.id, text_of(form, "number"), on, holder.person_id, now)
        holder.note(tx, f"minutes numbered {head.code}", now)
    return RedirectResponse(f"{holder.base}/votes?{urlencode({'period': head.code})}", 303)


@router.api_route("/o/{token}/paper", methods=["GET", "HEAD"])
def paper_page(
    request: Request, site: AtSite, holder: AsOfficer, period: str = "", member: str = "", n: str = ""
) -> HTMLResponse:
    """Ballots on paper: those that wait for a second person first, then the form."""
    return _shown(request, site, holder, period, member, n_done=whole_number(n) or 0)


def _shown(
    request: Request,
    site: Site,
    holder: Holder,
    period: str,
    member: str = "",
    wrong: str = "",
    typed: dict[str, str] | None = None,
    n_done: int = 0,
) -> HTMLResponse:
    with site.store.reading() as tx:
        head, known = office_period(tx, holder, period)
        entries = paper_entries(tx, head.id)
        open_now = cycle_heads(tx, cycles_at(tx, head.id, Stage.WAITING_APPROVAL))
        codes = cycle_heads(tx, {one.cycle_id for one in entries})
        members = people(tx, head.members)
    chosen = number if (number := whole_number(member)) in members else 0
    return page(
        request,
        "office/paper.html",
        status=400 if wrong else 200,
        waiting=_by_paper(one for one in entries if not one.countersigned_by),
        counted=[one for one in entries if one.countersigned_by],
        codes=codes,
        members=sorted(members.items(), key=lambda one: one[1].name),
        chosen=chosen,
        items=list(open_now.values()),
        limits=EvidenceLimits.of(site.settings),
        wrong=wrong,
        typed=typed or {},
        n_done=n_done,
        stamps={name: site.stamps.made(holder.link.id, name) for name in (ENTER, CONFIRM)},
        **office_frame(holder, head, known, "votes"),
    )


def _by_paper(entries: Iterable[PaperEntry]) -> list[list[PaperEntry]]:
    """Entries from one paper together: of one member and one scan."""
    found: dict[tuple[str, str], list[PaperEntry]] = {}
    for one in entries:
        found.setdefault((one.member, one.scan_sha256), []).append(one)
    return list(found.values())


@router.post("/o/{token}/paper")
def enter_paper(
    request: Request, site: AtSite, holder: AsOfficer, form: Posted, period: str = ""
) -> Response:
    """Enters a member's ballots on paper, with the scan."""
    site.stamps.read(text_of(form, "stamp"), holder.link.id, ENTER)
    member = text_of(form, "member")
    chosen = {
        cycle: Choice(value)
        for name, value in form.items()
        if (cycle := whole_number(name.removeprefix("choice-"))) is not None and value in list(Choice)
    }
    typed = {name: value for name, value in form.items() if isinstance(value, str)}
    taken = take_evidence(site, holder, 0, form)
    wrong = taken.refusals or _lacking(form, len(taken.files), len(chosen), member)
    member_id = whole_number(member)
    if wrong or member_id is None:
        return _shown(request, site, holder, period, member, wrong, typed)

    def entering(tx: Connection) -> int:
        for cycle, choice in sorted(chosen.items()):
            version = text_of(form, f"version-{cycle}")
            reason = text_of(form, f"reason-{cycle}")
            seen = whole_number(version) or 0
            vote = PaperVote(cycle, seen, member_id, choice, taken.files[0], reason)
            enter(tx, holder.person_id, vote, site.clock.now())
        return len(chosen)

    return _acted(request, site, holder, period, member, typed, entering)


def _lacking(form: Posted, n_files: int, n_chosen: int, member: str) -> str:
    if whole_number(member) is None:
        return Words("Chưa chọn phiếu của ai.")
    if n_files != 1:
        return Words("Phiếu giấy phải kèm một bản chụp.")
    if not n_chosen:
        return Words("Chưa ghi lựa chọn cho nội dung nào.")
    return (
        ""
        if text_of(form, "sure") == "1"
        else Words("Chưa ghi nhận gì: xin đánh dấu vào ô xác nhận rồi gửi.")
    )


@router.post("/o/{token}/paper/confirm")
def confirm_paper(
    request: Request, site: AtSite, holder: AsOfficer, form: Posted, period: str = ""
) -> Response:
    """Confirms entries typed by another person: from now on they count."""
    return _on_entries(request, site, holder, form, period, countersign)


@router.post("/o/{token}/paper/strike")
def strike_paper(
    request: Request, site: AtSite, holder: AsOfficer, form: Posted, period: str = ""
) -> Response:
    """Strikes out wrong entries that do not count yet."""
    return _on_entries(request, site, holder, form, period, strike)


def _on_entries(
    request: Request,
    site: Site,
    holder: Holder,
    form: FormData,
    period: str,
    act: Callable[[Connection, int, int, datetime], object],
) -> Response:
    site.stamps.read(text_of(form, "stamp"), holder.link.id, CONFIRM)
    asked = sorted(ids_of(form, "entry"))
    if not asked or text_of(form, "sure") != "1":
        wrong = Words("Chưa ghi nhận gì: chọn các dòng, đánh dấu vào ô xác nhận rồi gửi.")
        return _shown(request, site, holder, period, wrong=wrong)

    def acting(tx: Connection) -> int:
        for entry in asked:
            act(tx, holder.person_id, entry, site.clock.now())
        return len(asked)

    return _acted(request, site, holder, period, "", {}, acting)


def _acted(
    request: Request,
    site: Site,
    holder: Holder,
    period: str,
    member: str,
    typed: dict[str, str],
    act: Callable[[Connection], int],
) -> Response:
    """All or nothing: the entries of one paper ballot are recorded together."""
    try:
        with site.store.begin() as tx:
            head, _ = office_period(tx, holder, period)
            n_done = act(tx)
            holder.note(tx, f"POST {request.url.path.removeprefix(holder.base)}", site.clock.now())
    except (Conflict, NotAllowed) as error:
        why = Words.joined((error.what, error.where, error.cure))
        return _shown(request, site, holder, period, member, why, typed)
    return RedirectResponse(f"{holder.base}/paper?{urlencode({'period': head.code, 'n': n_done})}", 303)


@router.api_route("/o/{token}/paper/{sha256}", methods=["GET", "HEAD"])
def scan(site: AtSite, holder: AsOfficer, sha256: str, period: str = "") -> Response:
    """A ballot's scan, while it is checked; later only where the rule names who voted how."""
    with site.store.reading() as tx:
        head, _ = office_period(tx, holder, period)
        found = next(
            (one for one in paper_entries(tx, head.id) if one.scan_sha256 == sha256 and one.is_told), None
        )
    if found is None:
        raise NotFound(Words("Không có bản chụp này."))
    return download(site, EvidenceFile(sha256, found.scan_name, media_type_of(found.scan_name), 0))
