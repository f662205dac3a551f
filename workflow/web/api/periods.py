"""`/periods`: a period's state, its figures, scores and reports, who owes what, having them reminded."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from workflow.domain.events import KeyScope
from workflow.reports.letterhead import missing_of
from workflow.storage.cycles.heads import stages_of
from workflow.storage.duties.board import issued
from workflow.storage.duties.debtors import debtors
from workflow.storage.duties.urging import urge
from workflow.storage.periods.periods import own_period, own_periods
from workflow.storage.reports.issues import open_issue
from workflow.storage.results.figures import ROLLUP, SCORES, figures
from workflow.web.api.keys import AsReaderKey, AsUrgingKey
from workflow.web.api.models import (
    Cursor,
    DebtorAnswer,
    Id,
    Limit,
    ListPage,
    MissingAnswer,
    PeriodAnswer,
    PeriodCounted,
    ReportFileAnswer,
    RollupAnswer,
    ScoreLineAnswer,
    Scores,
    SectionTally,
    Sha256,
    TallyAnswer,
    ToUrge,
    UnitScoreAnswer,
    UnitTally,
    UrgedOut,
    page_of,
)
from workflow.web.api.problems import answers
from workflow.web.reports.issued_pages import issued_download, one_issued

router = APIRouter(tags=["periods"])

FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("/periods", responses=answers())
def periods(caller: AsReaderKey, limit: Limit = 50, cursor: Cursor = None) -> ListPage[PeriodAnswer]:
    """The organisation's periods, the one opened last first."""
    with caller.site.store.reading() as tx:
        found = own_periods(tx, caller.organisation_id)
    return page_of(
        [PeriodAnswer.model_validate(row) for row in found], [row.id for row in found], cursor, limit
    )


@router.get("/periods/{period_id}", responses=answers(404))
def period(caller: AsReaderKey, period_id: Id) -> PeriodCounted:
    """One period, its cycles counted by stage."""
    with caller.site.store.reading() as tx:
        found = own_period(tx, caller.organisation_id, period_id)
        return PeriodCounted.counted(found, stages_of(tx, period_id))


@router.get("/periods/{period_id}/rollup", responses=answers(404))
def rollup(caller: AsReaderKey, period_id: Id) -> RollupAnswer:
    """The period summed as a whole, by section and by lead unit."""
    with caller.site.store.reading() as tx:
        own_period(tx, caller.organisation_id, period_id)
        found = figures(tx, period_id, ROLLUP, caller.site.clock.now())
    kept = found.body
    return RollupAnswer(
        kept_at=found.kept_at,
        whole=TallyAnswer.of(kept["whole"]),
        sections=[
            SectionTally(
                code=one["code"], title=one["title"], depth=one["depth"], tally=TallyAnswer.of(one["tally"])
            )
            for one in kept["sections"]
        ],
        leads=[
            UnitTally(unit_id=one["unit"]["id"], unit=one["unit"]["name"], tally=TallyAnswer.of(one["tally"]))
            for one in kept["leads"]
        ],
    )


@router.get("/periods/{period_id}/scores", responses=answers(404))
def scores(caller: AsReaderKey, period_id: Id) -> Scores:
    """The units' emulation scores, best first within each cluster, with the reasons behind each point."""
    with caller.site.store.reading() as tx:
        own_period(tx, caller.organisation_id, period_id)
        found = figures(tx, period_id, SCORES, caller.site.clock.now())
    return Scores(kept_at=found.kept_at, units=[_scored(one) for one in found.body])


def _scored(kept: dict[str, Any]) -> UnitScoreAnswer:
    return UnitScoreAnswer(
        unit_id=kept["unit"]["id"],
        unit=kept["unit"]["name"],
        cluster=kept["unit"]["cluster"],
        points=kept["points"],
        maximum=kept["maximum"],
        converted=kept["converted"],
        total=kept["total"],
        grade=kept["grade"],
        rank=kept["rank"],
        rank_reason=kept["rank_reason"],
        lines=[
            ScoreLineAnswer(
                code=line["criterion"]["code"],
                title=line["criterion"]["title"],
                points=line["points"],
                maximum=line["maximum"],
                reasons=[reason["text"] for reason in line["reasons"]],
            )
            for line in kept["lines"]
        ],
    )


@router.get("/periods/{period_id}/reports", responses=answers(404))
def reports(caller: AsReaderKey, period_id: Id) -> list[ReportFileAnswer]:
    """The files of the period's issued reports, the newest first."""
    with caller.site.store.reading() as tx:
        own_period(tx, caller.organisation_id, period_id)
        return [ReportFileAnswer.model_validate(one) for one in issued(tx, period_id)]


@router.get("/periods/{period_id}/reports/missing", responses=answers(404))
def report_missing(caller: AsReaderKey, period_id: Id) -> list[MissingAnswer]:
    """What the period's draft report lacks to be issued; empty where it is complete or there is none."""
    with caller.site.store.reading() as tx:
        own_period(tx, caller.organisation_id, period_id)
        issue = open_issue(tx, period_id)
        return [MissingAnswer.model_validate(one) for one in (missing_of(tx, issue) if issue else ())]


@router.get(
    "/periods/{period_id}/reports/{sha256}",
    responses=FILE | answers(404),
    response_class=Response,
    response_model=None,
)
def report_file(caller: AsReaderKey, period_id: Id, sha256: Sha256) -> Response:
    """One file of an issued report."""
    with caller.site.store.reading() as tx:
        own_period(tx, caller.organisation_id, period_id)
        file = one_issued(tx, period_id, sha256)
    return issued_download(caller.site, file)


@router.get("/periods/{period_id}/owing", responses=answers(404))
def owing(caller: AsReaderKey, period_id: Id) -> list[DebtorAnswer]:
    """Who owes something in the period now, who owes the most first. A unit's duty is owed by each of its
    reporters, an absent person's by who stands in for them."""
    with caller.site.store.reading() as tx:
        own_period(tx, caller.organisation_id, period_id)
        found = debtors(tx, period_id, caller.site.clock.now())
    return [
        DebtorAnswer(
            person_id=one.person_id,
            name=one.name,
            email=one.email if caller.may(KeyScope.READ_PEOPLE) else None,
            title=one.title,
            units=list(one.units),
            submit=one.submit,
            confirm=one.confirm,
            vote=one.vote,
            answer=one.answer,
            approve=one.approve,
            assess=one.assess,
            acting_for=list(one.acting_for),
            last_day=one.last_day,
            is_late=one.is_late,
            late_days=one.lateness.working_days,
            last_mail_at=one.last_mail_at,
            failed_mails=one.failed_mails,
        )
        for one in found
    ]


@router.post("/periods/{period_id}/urge", responses=answers(400, 404, 409, 413))
def urge_people(caller: AsUrgingKey, period_id: Id, whom: ToUrge) -> list[UrgedOut]:
    """Has people reminded of what they owe: one mail a person a day at most, however often this is called.

    The mail goes within the hours the period's rules allow, as every reminder does.
    """
    now = caller.site.clock.now()
    with caller.site.store.begin() as tx:
        own_period(tx, caller.organisation_id, period_id)
        found = urge(tx, period_id, whom.person_ids, now, by=caller.by)
    return [UrgedOut.model_validate(one) for one in found]
