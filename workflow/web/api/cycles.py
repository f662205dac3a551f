"""`/periods/{id}/cycles`, `/cycles/{id}`: items in a period, what was reported and said, on record."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from workflow.domain.cycles.cycle import Stage
from workflow.domain.errors import NotFound
from workflow.domain.events import KeyScope
from workflow.domain.typed import GREATEST
from workflow.domain.words import Words
from workflow.storage.cycles.history import History, evidence_of, history
from workflow.storage.duties.board import Filter, board
from workflow.storage.periods.periods import own_period
from workflow.web.api.cycle_models import CycleRow, CycleWhole, HistoryEntry, entries_seen
from workflow.web.api.keys import AsReaderKey, Caller
from workflow.web.api.models import Cursor, Id, Limit, ListPage, Sha256, page_of
from workflow.web.api.periods import FILE
from workflow.web.api.plans import Code
from workflow.web.api.problems import answers
from workflow.web.downloads import download

router = APIRouter(tags=["cycles"])


@router.get("/periods/{period_id}/cycles", responses=answers(404))
def cycles(
    caller: AsReaderKey,
    period_id: Id,
    stage: Stage | None = None,
    section: Code = None,
    unit: Annotated[
        int | None, Query(ge=1, le=GREATEST, description="only cycles this unit leads or confirms")
    ] = None,
    is_late: Annotated[bool, Query(description="only cycles past the last day of their step")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ListPage[CycleRow]:
    """The period's cycles in the plan's order."""
    wanted = Filter(stage=stage, unit_id=unit, section=section or "", late=is_late)
    with caller.site.store.reading() as tx:
        own_period(tx, caller.organisation_id, period_id)
        rows = [row for row in board(tx, period_id, caller.site.clock.now()).rows if wanted.lets(row)]
    return page_of([CycleRow.of(row) for row in rows], [row.cycle.id for row in rows], cursor, limit)


@router.get("/cycles/{cycle_id}", responses=answers(404))
def cycle(caller: AsReaderKey, cycle_id: Id) -> CycleWhole:
    """One cycle: every version of its report with the confirmations and, where they may be seen, the
    ballots."""
    return CycleWhole.of(_history(caller, cycle_id), may_see_ballots=caller.may(KeyScope.READ_BALLOTS))


@router.get("/cycles/{cycle_id}/history", responses=answers(404))
def cycle_history(caller: AsReaderKey, cycle_id: Id) -> list[HistoryEntry]:
    """What was done about a cycle, from its chain of the log, the oldest first."""
    return entries_seen(_history(caller, cycle_id), may_see_ballots=caller.may(KeyScope.READ_BALLOTS))


def _history(caller: Caller, cycle_id: int) -> History:
    with caller.site.store.reading() as tx:
        found = history(tx, caller.organisation_id, cycle_id)
    if found is None:
        raise NotFound(Words("Không có lượt báo cáo này."), where=str(cycle_id))
    return found


@router.get(
    "/cycles/{cycle_id}/evidence/{sha256}",
    responses=FILE | answers(404),
    response_class=Response,
    response_model=None,
)
def evidence(caller: AsReaderKey, cycle_id: Id, sha256: Sha256) -> Response:
    """An evidence file of a cycle."""
    with caller.site.store.reading() as tx:
        file = evidence_of(tx, caller.organisation_id, cycle_id, sha256)
    if file is None:
        raise NotFound(Words("Không có tệp này."))
    return download(caller.site, file)
