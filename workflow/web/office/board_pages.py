"""The office's pages: the board of a period, who owes what.

`GET /o/{token}`                        the board; `?period=&stage=&unit=&leader=&section=&q=&late=1&page=`
`GET /o/{token}/owing`                  who owes what
`GET /o/{token}/evidence/{cycle_id}/{sha256}`
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from workflow.domain.cycles.advance import Duty
from workflow.domain.cycles.cycle import Stage
from workflow.domain.errors import NotFound
from workflow.domain.words import Words
from workflow.reports.charts import StackedBars, stacked, timeliness
from workflow.storage.cycles.history import evidence_of
from workflow.storage.duties.board import Board, SectionRow, board
from workflow.storage.duties.board_numbers import first_reports, late_name, number_name
from workflow.storage.duties.debtors import debtors
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.post.office_mails import undelivered_count
from workflow.web.access.record_links import remember_office
from workflow.web.asked import Id
from workflow.web.downloads import download
from workflow.web.frames import AtPage, office_frame, office_period
from workflow.web.office.filters import fields_of, filter_of
from workflow.web.office.urging import URGE, UrgedCount
from workflow.web.pages import page
from workflow.web.paging import paged
from workflow.web.site import AsOfficer, AtSite

router = APIRouter(include_in_schema=False)

FIRST = (Duty.SUBMIT, Duty.CONFIRM, Duty.VOTE)
"""The duties the list of who owes what always has a column for; the others where somebody owes them."""


@router.api_route("/o/{token}", methods=["GET", "HEAD"])
def board_page(
    request: Request, site: AtSite, holder: AsOfficer, period: str = "", page_number: AtPage = ""
) -> HTMLResponse:
    """The board of a period."""
    wanted = filter_of(request.query_params)
    with site.store.reading() as tx:
        head, known = office_period(tx, holder, period)
        calendar = organisation_calendar(tx, head.organisation_id)
        today = calendar.day_of(site.clock.now())
        found = board(tx, head.id, site.clock.now())
        came = first_reports(tx, head.id, calendar)
        failed = undelivered_count(tx, head.id)
    stages = _stages(found)
    matrix = found.matrix()
    fields = fields_of(wanted)
    answer = page(
        request,
        "office/board.html",
        board=found,
        pages=paged([row for row in found.rows if wanted.lets(row)], page_number),
        matrix=matrix,
        stages=stages,
        wanted=wanted,
        fields=fields,
        query=urlencode({"period": head.code} | fields),
        today=today,
        failed=failed,
        by_section=_by_section(matrix, stages),
        by_day=timeliness(came, head.opens_on, head.due_on, today, found.followed),
        number_name=number_name,
        late_name=late_name,
        told=UrgedCount.read(request.query_params),
        stamp=site.stamps.made(holder.link.id, URGE, [(head.id,)]),
        **office_frame(holder, head, known, "board"),
    )
    remember_office(answer, holder.base, is_https=site.is_https)
    return answer


def _stages(found: Board) -> list[Stage]:
    """The stages to show: withdrawn only where something was."""
    return [one for one in Stage if one is not Stage.WITHDRAWN or found.counts[one]]


def _by_section(matrix: Iterable[SectionRow], stages: Iterable[Stage]) -> StackedBars:
    rows = [
        (f"{row.codes[-1]} {row.title}", {f"stage-{one.value}": count for one, count in row.counts.items()})
        for row in matrix
        if row.depth == 1
    ]
    # Finished ones come first, at the left of the bar.
    kinds = [(f"stage-{one.value}", one.label) for one in stages]
    return stacked(rows, sorted(kinds, key=lambda kind: kind[0] != "stage-approved"))


@router.api_route("/o/{token}/owing", methods=["GET", "HEAD"])
def owing_page(request: Request, site: AtSite, holder: AsOfficer, period: str = "") -> HTMLResponse:
    """Who owes what in a period."""
    with site.store.reading() as tx:
        head, known = office_period(tx, holder, period)
        found = debtors(tx, head.id, site.clock.now())
    return page(
        request,
        "office/owing.html",
        debtors=found,
        n_late=sum(one.is_late for one in found),
        used=[duty for duty in Duty if duty in FIRST or any(one.counts.get(duty) for one in found)],
        told=UrgedCount.read(request.query_params),
        stamp=site.stamps.made(holder.link.id, URGE, [(head.id,)]),
        **office_frame(holder, head, known, "owing"),
    )


@router.api_route("/o/{token}/evidence/{cycle_id}/{sha256}", methods=["GET", "HEAD"])
def evidence(site: AtSite, holder: AsOfficer, cycle_id: Id, sha256: str) -> Response:
    """An evidence file of one of the organisation's cycles."""
    with site.store.reading() as tx:
        file = evidence_of(tx, holder.link.organisation_id, cycle_id, sha256)
    if file is None:
        raise NotFound(Words("Không có tệp này."))
    return download(site, file)
