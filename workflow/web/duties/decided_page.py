"""What the committee decided in the period, for its members: whoever voted, and whoever had not yet.

`GET /l/{token}/decided`   each vote that is over: result, how it came, the count, reasons, one's own ballot

How much of the ballots is told follows the rule `shows`, as on every page (`storage.cycles.ballot_secrecy`).
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from workflow.domain.errors import NotFound
from workflow.domain.words import Words
from workflow.storage.cycles.held_votes import decided_votes
from workflow.storage.duties.persons_page import held_in
from workflow.storage.periods.periods import period_of
from workflow.web.frames import context_of
from workflow.web.pages import page
from workflow.web.site import AsPerson, AtSite

router = APIRouter(include_in_schema=False)


@router.api_route("/l/{token}/decided", methods=["GET", "HEAD"])
def decided(request: Request, site: AtSite, holder: AsPerson) -> HTMLResponse:
    """The votes that are over, of the rolls the person has a seat on, their own or an absent member's."""
    now = site.clock.now()
    with site.store.reading() as tx:
        period = period_of(tx, holder.period_id)
        held = held_in(tx, holder.person_id, period, now)
        if period.members.isdisjoint(held.votes_for):
            raise NotFound(Words("Ông/bà không có trong danh sách biểu quyết của kỳ này."))
        votes = decided_votes(tx, period.id, held.votes_for, now)
    return page(
        request,
        "duties/decided.html",
        votes=votes,
        **context_of(holder, period, now),
    )
