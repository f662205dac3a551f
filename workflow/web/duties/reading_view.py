"""The reading view: what is put to the vote, one item a screen in large type, for a tablet or a projector.

`GET /l/{token}/doc`   what the member is asked to vote on, or has voted on and may still change
`GET /o/{token}/doc`   everything of the period that waits for the committee; `?period=`

It only shows. Previous and next are links within the page, so it reads without scripts and prints.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse

from workflow.domain.cycles.cycle import Stage
from workflow.storage.access.sessions import is_shown_turnout
from workflow.storage.cycles.heads import CycleHead, cycle_heads
from workflow.storage.cycles.held_votes import VoteTally, tallies
from workflow.storage.cycles.said import ConfirmationRow, SubmissionRow, confirmations_of, submissions_of
from workflow.storage.duties.board import cycles_at
from workflow.storage.duties.persons_page import owed_by
from workflow.storage.periods.periods import period_of
from workflow.storage.results.earlier_reports import in_the_year
from workflow.web.frames import context_of, office_frame, office_period
from workflow.web.pages import page
from workflow.web.site import AsOfficer, AsPerson, AtSite

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class ReadingSheet:
    """One item as a screen shows it."""

    cycle: CycleHead
    report: SubmissionRow
    words: tuple[ConfirmationRow, ...]
    tally: VoteTally | None


def _sheets(
    tx: Connection, period_id: int, cycle_ids: Collection[int], now: datetime, *, knows_who: bool
) -> list[ReadingSheet]:
    """The items, those with an open objection first, then in the plan's order."""
    current = [versions[0] for versions in submissions_of(tx, cycle_ids).values()]
    reports = {one.cycle_id: one for one in in_the_year(tx, period_id, current)}
    words = confirmations_of(tx, cycle_ids)
    standing = tallies(tx, cycle_ids, now, knows_who=knows_who)
    found = [
        ReadingSheet(
            head,
            reports[head.id],
            tuple(word for word in words.get(head.id, ()) if word.version == head.version),
            standing.get(head.id),
        )
        for head in cycle_heads(tx, cycle_ids).values()
    ]
    return sorted(found, key=lambda one: not one.cycle.objections)


@router.api_route("/l/{token}/doc", methods=["GET", "HEAD"])
def member_reads(request: Request, site: AtSite, holder: AsPerson) -> HTMLResponse:
    """What the member votes on."""
    now = site.clock.now()
    with site.store.reading() as tx:
        owed = owed_by(tx, holder.person_id, holder.period_id, now=now)
        knows_who = is_shown_turnout(tx, holder.person_id)
        asked = {one.cycle.id for one in owed.to_vote}
        sheets = _sheets(tx, holder.period_id, asked, now, knows_who=knows_who)
        period = period_of(tx, holder.period_id)
    back = f"{holder.base}#bieu-quyet"
    return page(request, "duties/reading.html", sheets=sheets, back=back, **context_of(holder, period, now))


@router.api_route("/o/{token}/doc", methods=["GET", "HEAD"])
def office_projects(request: Request, site: AtSite, holder: AsOfficer, period: str = "") -> HTMLResponse:
    """What waits for the committee, to be shown in the meeting."""
    now = site.clock.now()
    with site.store.reading() as tx:
        head, known = office_period(tx, holder, period)
        sheets = _sheets(tx, head.id, cycles_at(tx, head.id, Stage.WAITING_APPROVAL), now, knows_who=True)
    back = f"{holder.base}/votes?period={head.code}"
    frame = office_frame(holder, head, known, "votes")
    return page(request, "duties/reading.html", sheets=sheets, back=back, **frame)
