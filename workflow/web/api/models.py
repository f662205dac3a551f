"""What the API's answers look like, apart from cycles (`api_cycle_models`) and webhooks (`api_webhooks`).

Exact numbers (points, targets) are decimal text, so that nothing is rounded on the way.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

from workflow.domain.cycles.cycle import Stage
from workflow.domain.people.directory import BodyKind, Role
from workflow.domain.people.organisations import OrganisationKind
from workflow.domain.periods.asking import Because
from workflow.domain.plans.plan import Comparison, PlanPart, Target
from workflow.domain.plans.target_kinds import TargetKind
from workflow.domain.results.record import Status
from workflow.domain.typed import GREATEST
from workflow.storage.duties.urging import Urged
from workflow.storage.periods.periods import Period
from workflow.web.asked import Id as Id

T = TypeVar("T")

Sha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
Limit = Annotated[int, Query(ge=1, le=200, description="how many at most")]
Cursor = Annotated[int | None, Query(ge=1, le=GREATEST, description="`next` of the page before")]


class ApiAnswer(BaseModel):
    """The base of all answers: read from the domain's values."""

    model_config = ConfigDict(from_attributes=True)


class ListPage(BaseModel, Generic[T]):
    """A page of a list."""

    entries: list[T]
    next: int | None = Field(description="the cursor of the next page; null on the last")


def page_of(found: list[T], ids: list[int], cursor: int | None, limit: int) -> ListPage[T]:
    """The page of a whole list after the entry whose id is the cursor; an id that is no longer in the
    list ends it."""
    start = 0
    if cursor is not None:
        start = ids.index(cursor) + 1 if cursor in ids else len(ids)
    entries = found[start : start + limit]
    has_more = start + limit < len(found)
    return ListPage(entries=entries, next=ids[start + limit - 1] if has_more else None)


def exact(value: Decimal | None) -> str | None:
    """A decimal as text without an exponent."""
    return None if value is None else format(value.normalize(), "f")


class OrganisationAnswer(ApiAnswer):
    """Whose plans the key sees."""

    id: int
    slug: str
    name: str
    kind: OrganisationKind
    zone: str = Field(description="the time zone its days are counted in")


class UnitAnswer(ApiAnswer):
    """A unit of the directory."""

    id: int
    slug: str
    name: str
    aliases: list[str]
    is_committee: bool
    body: BodyKind = Field(description="where it votes: committee (items, the report) or council (scores)")
    cluster: str = Field(description="the emulation cluster it is ranked in; may be empty")
    is_active: bool
    members: list[int] = Field(description="for a group: the units it stands for")


class RoleIn(BaseModel):
    """What a person is in a unit."""

    unit_id: int
    role: Role


class PersonAnswer(BaseModel):
    """A person of the directory."""

    id: int
    name: str
    email: str | None = Field(description="null without the scope `read:people`")
    title: str
    is_active: bool
    roles: list[RoleIn]


class PlanAnswer(ApiAnswer):
    """A plan."""

    id: int
    number: str
    title: str
    year: int
    issued_on: date | None
    issuer: str
    loaded_at: datetime
    items: int = Field(description="how many items it has now")


class ItemAskedAnswer(BaseModel):
    """Whether a period asks about an item, and why."""

    item_id: int
    code: str
    is_asked: bool
    because: Because
    reason: str = Field(description="in Vietnamese, as the office reads it")


class PeriodAsking(BaseModel):
    """A period that is not open yet: its dates if it opens today, and each item of the plan."""

    code: str
    label: str
    due_on: date
    confirm_by: date
    approve_by: date
    cut_off: date
    items: list[ItemAskedAnswer]


class TargetOut(BaseModel):
    """A measurable figure of an item."""

    text: str
    value: str
    upper: str | None
    comparison: Comparison
    measure: str
    scope: str
    kind: TargetKind

    @classmethod
    def of(cls, target: Target) -> TargetOut:
        """The target as the API returns it."""
        return cls(
            text=target.text,
            value=exact(target.value) or "0",
            upper=exact(target.upper),
            comparison=target.comparison,
            measure=target.measure,
            scope=target.scope,
            kind=target.kind,
        )


class PartAnswer(BaseModel):
    """A part of an item, with its own lead and deadline."""

    code: str
    content: str
    leaders: list[str]
    lead_units: list[str] = Field(description="as the plan prints them")
    lead_slugs: list[str] = Field(description="the units of the directory they are, where known")
    coordinating_units: list[str]
    coordinating_slugs: list[str]
    start: str
    deadline: str
    targets: list[TargetOut]
    result: str
    note: str


class Item(PartAnswer):
    """A numbered row of a plan."""

    id: int
    number: str | None
    section_codes: list[str] = Field(description="from the outermost heading in")
    section_titles: list[str]
    parts: list[PartAnswer]


def part_fields(row: PlanPart) -> dict[str, Any]:
    """What items and parts have in common."""
    return {
        "code": row.code,
        "content": row.content,
        "leaders": list(row.leaders),
        "lead_units": list(row.lead_units),
        "lead_slugs": [slug for slug in row.lead_ids if slug],
        "coordinating_units": list(row.coordinating_units),
        "coordinating_slugs": list(row.coordinating_ids),
        "start": row.start_text,
        "deadline": row.deadline_text,
        "targets": [TargetOut.of(target) for target in row.targets],
        "result": row.result,
        "note": row.note,
    }


class PeriodAnswer(ApiAnswer):
    """A reporting period; each day is the last one of its step."""

    id: int
    plan_id: int
    code: str
    label: str
    opens_on: date
    due_on: date
    confirm_by: date
    approve_by: date
    cut_off: date
    opened_at: datetime
    closed_at: datetime | None


class PeriodCounted(PeriodAnswer):
    """A period with its cycles counted."""

    stages: dict[Stage, int]
    cycles: int

    @classmethod
    def counted(cls, period: Period, stages: dict[Stage, int]) -> PeriodCounted:
        """The period with these counts."""
        known = PeriodAnswer.model_validate(period).model_dump()
        return cls(**known, stages=stages, cycles=sum(stages.values()))


class TallyAnswer(BaseModel):
    """Cycles counted together."""

    total: int = Field(description="all but the withdrawn ones")
    by_status: dict[Status, int]
    by_stage: dict[Stage, int]
    submitted: int
    reports_on_time: int
    returns_by_objection: int
    returns_by_committee: int
    figures: int
    figures_reached: int
    mean_progress: float | None = Field(description="percent, of the approved reports")

    @classmethod
    def of(cls, kept: dict[str, Any]) -> TallyAnswer:
        """A tally as it is stored."""
        count = kept["progress_count"]
        known = {name: kept[name] for name in cls.model_fields if name in kept}
        return cls(
            **known,
            total=sum(n for status, n in kept["by_status"].items() if status != Status.WITHDRAWN),
            mean_progress=round(float(Fraction(kept["progress_sum"]) / count), 4) if count else None,
        )


class SectionTally(BaseModel):
    """A heading of the plan with all under it."""

    code: str
    title: str
    depth: int
    tally: TallyAnswer


class UnitTally(BaseModel):
    """What a unit leads as the main one; `unit_id` is 0 for items nobody is known to lead."""

    unit_id: int
    unit: str
    tally: TallyAnswer


class RollupAnswer(BaseModel):
    """A period's figures: final once it is closed, else computed from the current facts."""

    kept_at: datetime | None = Field(description="when it was made final; null while the period is open")
    whole: TallyAnswer
    sections: list[SectionTally]
    leads: list[UnitTally]


class ScoreLineAnswer(BaseModel):
    """One criterion of a unit's score, with the reasons behind its points."""

    code: str
    title: str
    points: str
    maximum: str
    reasons: list[str]


class UnitScoreAnswer(BaseModel):
    """A unit's score and its rank in its cluster; `rank` is null where it is not ranked."""

    unit_id: int
    unit: str
    cluster: str
    points: str
    maximum: str
    converted: str = Field(description="the points over the applicable maximum, on the scale of all criteria")
    total: str = Field(description="converted, with bonus and deduction: what grades and ranks look at")
    grade: str
    rank: int | None
    rank_reason: str
    lines: list[ScoreLineAnswer]


class Scores(BaseModel):
    """A period's emulation scores: final once it is closed, else computed from the current facts."""

    kept_at: datetime | None = Field(description="when it was made final; null while the period is open")
    units: list[UnitScoreAnswer]


class ReportFileAnswer(ApiAnswer):
    """A file of an issued report; its content is at `/periods/{id}/reports/{sha256}`."""

    name: str
    media_type: str
    sha256: str
    made_at: datetime


class MissingAnswer(ApiAnswer):
    """A place of a report that must not stay blank: `what` is missing, and its `cure`."""

    part: str
    what: str
    cure: str
    command: str = Field(description="the command that sets it; empty where only the office's page does")


class DebtorAnswer(BaseModel):
    """A person who owes something in a period, in their own right or in an absent person's place: how many
    reports, confirmations and votes, how many difficulties wait for them, whether the period's report does,
    how many scores and sittings of the council; and the earliest last day of it all."""

    person_id: int
    name: str
    email: str | None = Field(description="null without the scope `read:people`")
    title: str
    units: list[str]
    submit: int
    confirm: int
    vote: int
    answer: int = Field(description="difficulties that wait for their opinion or their unit's work")
    approve: int = Field(description="reports of the period that wait for their word")
    assess: int = Field(description="own scores to give, sittings of the council to vote in")
    acting_for: list[str] = Field(description="the absent persons in whose place some of it is owed")
    last_day: date = Field(description="the earliest last day of what is owed")
    is_late: bool = Field(description="whether that day is over")
    late_days: int = Field(description="how many working days ago that was, today among them")
    last_mail_at: datetime | None
    failed_mails: int


class ToUrge(BaseModel):
    """Whom to remind."""

    model_config = ConfigDict(extra="forbid")

    person_ids: list[Annotated[int, Field(ge=1, le=GREATEST, strict=True)]] | None = Field(
        default=None, max_length=1000, description="null or left out: everyone who owes something"
    )


class UrgedOut(ApiAnswer):
    """The result of urging one person."""

    person_id: int
    outcome: Urged
    goes_at: datetime | None
