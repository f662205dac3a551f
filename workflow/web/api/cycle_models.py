"""What the API returns about cycles: the cycle, its versions with their confirmations, its history.

Ballots follow a stricter rule than the office's pages: nobody learns by the API how anyone voted while the
vote runs, and afterwards only with the scope `read:ballots`, by name only where the rule `shows` names them.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field

from workflow.domain.cycles.cycle import Choice, Stage, Verdict
from workflow.domain.plans.plan import Comparison
from workflow.domain.results.plausible import OddKind
from workflow.domain.results.record import Reported
from workflow.storage.cycles.ballot_secrecy import OF_BALLOTS, is_vote_over
from workflow.storage.cycles.heads import CycleHead
from workflow.storage.cycles.history import CycleEntry, History, Version
from workflow.storage.duties.board import BoardRow
from workflow.web.api.models import ApiAnswer, exact


class CycleRow(BaseModel):
    """One item in one period."""

    id: int
    period_id: int
    code: str
    content: str
    section_codes: list[str]
    section_titles: list[str]
    leaders: list[str]
    leads: list[str] = Field(description="the lead units")
    deadline: str
    due: date | None
    stage: Stage
    stage_since: datetime
    version: int = Field(description="the current version of the report; 0 for none yet")
    progress: int | None
    last_day: date | None = Field(
        description="the last day of the step it stands at, as mails and pages name it; null once decided"
    )
    is_late: bool = Field(description="whether that day is over")
    late_days: int = Field(description="how many working days ago that was, today among them")

    @classmethod
    def of(cls, row: BoardRow) -> CycleRow:
        """The cycle as the board shows it."""
        return cls(
            **_of_head(row.cycle),
            progress=row.progress,
            last_day=row.last_day,
            is_late=row.is_late,
            late_days=row.late_days,
        )


class FigureOut(BaseModel):
    """A target and the value a report gives for it."""

    text: str
    expected: str
    reached: str | None
    measure: str
    comparison: Comparison


class PartToldOut(BaseModel):
    """What a report says of one part."""

    code: str
    content: str
    progress: int | None
    body: str


class OddityOut(ApiAnswer):
    """Something odd about a report, and the reason its unit gave."""

    kind: OddKind
    about: str = Field(description="what the figure is of; empty where it is the report as a whole")
    told: str = Field(description="what is odd, as the unit was asked about it")
    reason: str


class FileOut(ApiAnswer):
    """An evidence file; its content is at `/cycles/{id}/evidence/{sha256}`."""

    sha256: str
    name: str
    media_type: str
    size: int


class ConfirmationOut(ApiAnswer):
    """A coordinating unit's confirmation of a version."""

    unit_id: int
    unit: str
    person: str
    acted_for: str
    verdict: Verdict
    reason: str
    at: datetime


class BallotOut(ApiAnswer):
    """A member's ballot on a version."""

    person_id: int
    person: str
    acted_by: str
    choice: Choice
    reason: str
    at: datetime
    is_on_paper: bool


class VersionOut(BaseModel):
    """A version of the report with its confirmations and ballots."""

    version: int
    unit_id: int
    unit: str
    person: str
    acted_for: str
    at: datetime
    progress: int
    reported: Reported
    done_on: date | None
    body: str
    difficulties: str
    proposals: str
    figures: list[FigureOut]
    parts: list[PartToldOut]
    evidence: list[FileOut]
    oddities: list[OddityOut] = Field(
        description="what was odd about the report when it was sent, with the unit's reasons"
    )
    confirmations: list[ConfirmationOut]
    ballot_count: dict[Choice, int] | None = Field(
        description="null while the vote on this version may still run, and without the scope `read:ballots`"
    )
    ballots: list[BallotOut] | None = Field(
        description="null as `ballot_count` is, and where the period's rule `shows` is not `names`"
    )

    @classmethod
    def of(cls, version: Version, *, may_see_ballots: bool) -> VersionOut:
        """The version, with its ballots where they may be seen."""
        report = version.report
        cast = version.ballots if may_see_ballots and version.ballots.is_over else None
        return cls(
            version=report.version,
            unit_id=report.unit_id,
            unit=report.unit,
            person=report.person,
            acted_for=report.acted_for,
            at=report.at,
            progress=report.progress,
            reported=report.reported,
            done_on=report.done_on,
            body=report.body,
            difficulties=report.difficulties,
            proposals=report.proposals,
            figures=[
                FigureOut(
                    text=one.text,
                    expected=exact(one.expected) or "0",
                    reached=exact(one.reached),
                    measure=one.measure,
                    comparison=one.comparison,
                )
                for one in report.figures
            ],
            parts=[
                PartToldOut(
                    code=one.part.code, content=one.part.content, progress=one.progress, body=one.body
                )
                for one in report.parts
            ],
            evidence=[FileOut.model_validate(one) for one in report.evidence],
            oddities=[OddityOut.model_validate(one) for one in report.oddities],
            confirmations=[ConfirmationOut.model_validate(one) for one in version.words],
            ballot_count=cast.count if cast else None,
            ballots=[BallotOut.model_validate(one) for one in cast.named]
            if cast and cast.named is not None
            else None,
        )


class ReturnedAnswer(BaseModel):
    """Why the last version went back to the lead; the committee's members are not named."""

    by_committee: bool
    reasons: list[str]


class CycleWhole(BaseModel):
    """A cycle with every version of its report."""

    id: int
    period_id: int
    code: str
    content: str
    section_codes: list[str]
    section_titles: list[str]
    leaders: list[str]
    leads: list[str]
    confirming: list[str] = Field(description="the units asked to confirm")
    awaited: list[str] = Field(description="the units or persons waited for now")
    deadline: str
    due: date | None
    stage: Stage
    stage_since: datetime
    version: int
    returned: ReturnedAnswer | None
    deemed: list[str] = Field(description="units whose silence counted as consent")
    silent_leads: list[str] = Field(
        description="co-lead units that had to tell their own result and did not in time"
    )
    versions: list[VersionOut] = Field(description="the newest first")

    @classmethod
    def of(cls, history: History, *, may_see_ballots: bool) -> CycleWhole:
        """The cycle as read from its history."""
        head = history.cycle
        back = head.returned
        return cls(
            **_of_head(head),
            confirming=list(history.confirming),
            awaited=list(history.awaited),
            returned=ReturnedAnswer(by_committee=back.by_committee, reasons=_reasons(back.reasons))
            if back
            else None,
            deemed=list(head.deemed),
            silent_leads=list(head.silent_leads),
            versions=[VersionOut.of(one, may_see_ballots=may_see_ballots) for one in history.versions],
        )


def _of_head(head: CycleHead) -> dict[str, Any]:
    """The fields of a cycle that every answer with a cycle has."""
    return {
        "id": head.id,
        "period_id": head.period_id,
        "code": head.code,
        "content": head.content,
        "section_codes": list(head.section_codes),
        "section_titles": list(head.section_titles),
        "leaders": [one.shown for one in head.leaders],
        "leads": list(head.leads),
        "deadline": head.deadline_text,
        "due": head.due,
        "stage": head.stage,
        "stage_since": head.stage_since,
        "version": head.version,
    }


def _reasons(said: tuple[tuple[str, str], ...]) -> list[str]:
    return [f"{name}: {reason}" if name else reason for name, reason in said]


class HistoryEntry(BaseModel):
    """A recorded act. Entries about ballots are left out where ballots may not be seen, so `seq` may have
    gaps."""

    seq: int
    at: datetime
    verb: str
    person: str
    acted_for: str
    unit: str
    version: int
    reason: str
    before: Stage | None = Field(description="where the stage changed: the one before")
    after: Stage | None

    @classmethod
    def of(cls, entry: CycleEntry) -> HistoryEntry:
        """The entry, without the address and browser it came from."""
        return cls(
            seq=entry.seq,
            at=entry.at,
            verb=entry.verb,
            person=entry.person,
            acted_for=entry.acted_for,
            unit=entry.unit,
            version=entry.version,
            reason=str(entry.details.get("reason", "")),
            before=entry.before,
            after=entry.after,
        )


def entries_seen(history: History, *, may_see_ballots: bool) -> list[HistoryEntry]:
    """The history's entries that may be seen."""
    return [
        HistoryEntry.of(entry)
        for entry in history.entries
        if entry.verb not in OF_BALLOTS or (may_see_ballots and _is_entry_over(history.cycle, entry))
    ]


def _is_entry_over(cycle: CycleHead, entry: CycleEntry) -> bool:
    # Also where the rule names them: the API returns no ballots of a vote that is still open.
    return is_vote_over(cycle, entry.version or cycle.version)
