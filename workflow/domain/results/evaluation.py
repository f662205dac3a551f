"""A half-year or a year evaluated from periods already closed: what it is made from and what it lacks. Nobody
is asked about an item again.

How an item stands over the span, and how its targets add up, is `workflow.domain.results.spans`; the points
are `workflow.domain.scores.span_scores`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from workflow.domain.results.record import CycleRecord
from workflow.domain.words import Words


class Lack(StrEnum):
    """Why a period inside an evaluated one cannot be counted, or not yet for good."""

    OPEN = "open"
    NOT_OPENED = "not-opened"
    REOPENED = "reopened"
    """It is closed, and an item of it was reopened and is under way: its kept results are counted."""

    @property
    def label(self) -> Words:
        """The reason in Vietnamese."""
        return _LACKS[self]


_LACKS = {
    Lack.OPEN: Words("đang mở, chưa khóa"),
    Lack.NOT_OPENED: Words("chưa mở"),
    Lack.REOPENED: Words("có nội dung mở lại chưa xong"),
}


@dataclass(frozen=True, slots=True)
class CountedPeriod:
    """A closed period that is counted, by the version of its results that was taken."""

    period_id: int
    code: str
    label: str
    version: int


@dataclass(frozen=True, slots=True)
class Lacking:
    """A period of the year inside the evaluated one that is missing, and why."""

    code: str
    label: str
    why: Lack

    @property
    def shown(self) -> Words:
        """The period with the reason: `Quý II/2026 (chưa mở)`."""
        return Words("%(label)s (%(why)s)", label=self.label, why=self.why.label)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an evaluated period is made from. `lacking` are the periods it was made without, `because` is the
    reason the office gave for that. `question`, where there is one, is asked of `units` until `answer_by`."""

    sources: tuple[CountedPeriod, ...]
    lacking: tuple[Lacking, ...] = ()
    because: str = ""
    question: str = ""
    answer_by: date | None = None
    units: tuple[int, ...] = ()


def units_leading(records: Sequence[CycleRecord]) -> tuple[int, ...]:
    """The units that led something in the periods, by id: who may be asked for a summary."""
    return tuple(sorted({unit.id for record in records for unit in record.leads}))
