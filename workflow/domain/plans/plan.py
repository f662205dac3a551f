"""A plan as a careful person reads it: sections, items, parts, targets and their schedules.

How a document is read into these values is `workflow.importing`; how they are stored, `workflow.storage`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from workflow.domain.plans.target_kinds import TargetKind, kind_by_measure
from workflow.domain.typed import sent_day


class ScheduleKind(StrEnum):
    """The kinds of schedule that a time cell can contain."""

    MONTH = "month"
    MONTHS = "months"
    QUARTER = "quarter"
    QUARTERS = "quarters"
    HALF_YEAR = "half-year"
    YEAR = "year"
    DAY = "day"
    RANGE = "range"
    BEFORE = "before"
    MILESTONES = "milestones"
    CADENCE = "cadence"
    PER_PLAN = "per-plan"
    """Bound to something outside the plan: another plan, a guideline to come."""
    PER_PROJECT = "per-project"
    """Bound to the progress of a project."""


class Every(StrEnum):
    """How often a cadence comes round."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half-year"
    YEAR = "year"
    ONGOING = "ongoing"


@dataclass(frozen=True, slots=True)
class Schedule:
    """A time cell, read: a span of days (both ends included), some dates, or a cadence."""

    kind: ScheduleKind
    first: date | None = None
    last: date | None = None
    dates: tuple[date, ...] = ()
    every: Every | None = None

    @property
    def due(self) -> date | None:
        """The last day something may be done, or None where the cell names no day.

        A month or quarter is due on its last day; `Trước ngày D` on the day before D (`last` holds
        that day already); milestones on the last of them.
        """
        if self.kind is ScheduleKind.MILESTONES:
            return max(self.dates, default=None)
        return self.last

    def as_json(self) -> dict[str, Any]:
        """The JSON form stored in the database and in gold readings."""
        found: dict[str, Any] = {"kind": self.kind.value}
        if self.first:
            found["from"] = self.first.isoformat()
        if self.last:
            found["to"] = self.last.isoformat()
        if self.dates:
            found["dates"] = [day.isoformat() for day in self.dates]
        if self.every:
            found["every"] = self.every.value
        return found

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Schedule:
        """The inverse of `as_json`; raises ValueError, TypeError or KeyError for any other value."""
        return cls(
            kind=ScheduleKind(found["kind"]),
            first=_day(found["from"]) if found.get("from") else None,
            last=_day(found["to"]) if found.get("to") else None,
            dates=tuple(_day(day) for day in found.get("dates", ())),
            every=Every(found["every"]) if found.get("every") else None,
        )


def _day(text: str) -> date:
    day = sent_day(text)
    if day is None:
        raise ValueError(text)
    return day


class Comparison(StrEnum):
    """How a result is compared with a target's value."""

    AT_LEAST = "at-least"
    MORE_THAN = "more-than"
    AT_MOST = "at-most"
    LESS_THAN = "less-than"
    EXACTLY = "exactly"
    RANK = "rank"

    @property
    def label(self) -> str:
        """What a document writes before the value."""
        return _COMPARISONS[self]


_COMPARISONS = {
    Comparison.AT_LEAST: "từ",
    Comparison.MORE_THAN: "trên",
    Comparison.AT_MOST: "không quá",
    Comparison.LESS_THAN: "dưới",
    Comparison.EXACTLY: "đúng",
    Comparison.RANK: "hạng",
}


@dataclass(frozen=True, slots=True)
class Target:
    """A measurable figure inside an item: value, comparison, unit of measure, what it is of, and its kind;
    without one, the kind its unit of measure says."""

    value: Decimal
    comparison: Comparison
    measure: str
    scope: str = ""
    text: str = ""
    upper: Decimal | None = None
    kind: TargetKind = field(default=None)  # type: ignore[assignment]

    def __post_init__(self) -> None:
        if self.kind is None:
            is_rank = self.comparison is Comparison.RANK
            object.__setattr__(self, "kind", kind_by_measure(self.measure, is_rank=is_rank))


NOBODY = ""
"""Among `leader_ids`: somebody answered that this leader is not in the directory."""


@dataclass(frozen=True, slots=True)
class PlanPart:
    """A part of an item (1.4.a) with its own leaders, units and times; its code is unique in the plan."""

    code: str
    content: str
    leaders: tuple[str, ...] = ()
    """As printed; `leader_ids` has the persons."""
    leader_ids: tuple[str | None, ...] = ()
    """The address of each leader's person in the directory, NOBODY, or None where nobody has answered yet;
    without the Nones at the end (`without_last_nones`)."""
    lead_units: tuple[str, ...] = ()
    lead_ids: tuple[str | None, ...] = ()
    coordinating_units: tuple[str, ...] = ()
    coordinating_ids: tuple[str, ...] = ()
    coordinating_text: str = ""
    start_text: str = ""
    start: Schedule | None = None
    deadline_text: str = ""
    deadline: Schedule | None = None
    targets: tuple[Target, ...] = ()
    result: str = ""
    """The product or result the table asks for, where it has such a column."""
    note: str = ""

    @property
    def due(self) -> date | None:
        """The day the deadline cell names, None where it names none."""
        return self.deadline.due if self.deadline else None

    @property
    def led_by(self) -> tuple[tuple[str, str | None], ...]:
        """Each leader as printed, with the person as `leader_ids` has it."""
        missing = len(self.leaders) - len(self.leader_ids)
        return tuple(zip(self.leaders, (*self.leader_ids, *(None,) * missing), strict=False))


def without_last_nones(ids: Sequence[str | None]) -> tuple[str | None, ...]:
    """The ids without the None values at the end, as `leader_ids` stores them, so that equal plans compare
    equal."""
    known = list(ids)
    while known and known[-1] is None:
        known.pop()
    return tuple(known)


@dataclass(frozen=True, slots=True)
class PlanItem(PlanPart):
    """One row of the plan's table. `sections` are its headings from the outermost in, as printed."""

    number: str | None = None
    sections: tuple[str, ...] = ()
    section_codes: tuple[str, ...] = ()
    parts: tuple[PlanPart, ...] = ()
    source: str = ""
    """Where the row was read from, for a person to find it again: `dòng 214-219`."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A count a heading promises: 5 `chỉ tiêu`."""

    count: int
    of: str


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the plan's table: `I.2.1 Cải cách hành chính (04 chỉ tiêu)`."""

    code: str
    title: str
    declared: tuple[Declared, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan document, read."""

    title: str
    year: int
    number: str = ""
    issued_on: date | None = None
    issuer: str = ""
    sections: tuple[Section, ...] = ()
    items: tuple[PlanItem, ...] = field(default=())
