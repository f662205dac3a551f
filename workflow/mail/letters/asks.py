"""What a digest asks for beside the plan's own work: a unit's own score, a council member's votes, an
opinion on the period's report.

Read when the mail is composed; wording is `workflow.mail.letters.wording`'s and the templates'.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Connection

from workflow.domain.vietnamese import joined
from workflow.domain.words import Words
from workflow.storage.periods.watched import watched_period
from workflow.storage.reports.awaiting import awaited_from
from workflow.storage.results.unit_summaries import summaries_asked
from workflow.storage.scores.own_scores import own_sheets
from workflow.storage.scores.sitting_lists import sittings_owed


class RequestedAct(StrEnum):
    """What someone is asked for."""

    SELF_SCORE = "self-score"
    SCORES = "scores"
    COMMENDATIONS = "commendations"
    REPORT = "report"
    SUMMARY = "summary"


@dataclass(frozen=True, slots=True)
class Ask:
    """Something asked of a person until a day: `items` in words; `path` is its page below the person's own,
    `task` names it in a calendar. Only an opinion on the report is still asked for
    when it is late."""

    asked: RequestedAct
    due: date
    items: tuple[str, ...]
    path: str
    task: str
    is_late: bool = False

    @property
    def count(self) -> int:
        """How many things are asked."""
        return len(self.items)


def asks_of(tx: Connection, person_id: int, period_id: int, now: datetime) -> tuple[Ask, ...]:
    """What the person is asked for now: an opinion on the report first, then votes of the council."""
    period = watched_period(tx, period_id, now)
    found = []
    if report := awaited_from(tx, person_id, period):
        draft = Words("bản thảo báo cáo thứ %(n)s", n=report.asked.version)
        task = f"report-{report.asked.id}"
        found.append(
            Ask(RequestedAct.REPORT, report.until, (draft,), "/approve", task, report.lateness.is_late)
        )
    found += [
        Ask(
            RequestedAct(sitting.matter),
            sitting.until,
            tuple(motion.title for motion in sitting.motions),
            "/council",
            f"council-{sitting.id}",
        )
        for sitting in sittings_owed(tx, person_id, period)
    ]
    sheets = [one for one in own_sheets(tx, person_id, period) if one.is_asked]
    if sheets:
        names = tuple(one.unit.name for one in sheets)
        found.append(Ask(RequestedAct.SELF_SCORE, sheets[0].until, names, "/own-score", "self-score"))
    if summaries := [one for one in summaries_asked(tx, person_id, period) if one.is_asked]:
        first, whose = summaries[0], joined([one.unit for one in summaries])
        found.append(
            Ask(RequestedAct.SUMMARY, first.until, (f"{whose}: {first.question}",), "/summary", "summary")
        )
    return tuple(found)
