"""A period's records summed by section, by unit, by leader and as a whole.

All sums are exact (integers and fractions) and add up, so that the order of records never shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import TypeVar

from workflow.domain.cycles.cycle import Stage, Verdict
from workflow.domain.results.record import CycleRecord, ItemKind, RecordedWord, Status, UnitRef
from workflow.domain.vietnamese import alphabetical
from workflow.domain.words import Words

K = TypeVar("K")

UNKNOWN_UNIT = UnitRef(0, Words("Chưa rõ đơn vị chủ trì"))


@dataclass(frozen=True, slots=True)
class Tally:
    """Records counted. Tallies of disjoint records add with `+`.

    `by_status` and `by_stage` hold every status and stage, zero included; `progress_sum` is in percent.
    """

    by_status: Mapping[Status, int]
    by_stage: Mapping[Stage, int]
    submitted: int = 0
    reports_on_time: int = 0
    returns_by_objection: int = 0
    returns_by_committee: int = 0
    figures: int = 0
    figures_reached: int = 0
    progress_sum: Fraction = Fraction(0)
    progress_count: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            {status: self.by_status[status] + other.by_status[status] for status in Status},
            {stage: self.by_stage[stage] + other.by_stage[stage] for stage in Stage},
            self.submitted + other.submitted,
            self.reports_on_time + other.reports_on_time,
            self.returns_by_objection + other.returns_by_objection,
            self.returns_by_committee + other.returns_by_committee,
            self.figures + other.figures,
            self.figures_reached + other.figures_reached,
            self.progress_sum + other.progress_sum,
            self.progress_count + other.progress_count,
        )

    @property
    def total(self) -> int:
        """The cycles followed in the period: all but the withdrawn ones."""
        return sum(self.by_status.values()) - self.by_status[Status.WITHDRAWN]

    @property
    def done(self) -> int:
        """Items finished, in time or not."""
        return self.by_status[Status.DONE_ON_TIME] + self.by_status[Status.DONE_LATE]

    @property
    def approved(self) -> int:
        """Cycles with an approved report."""
        return self.by_stage[Stage.APPROVED]

    @property
    def undecided(self) -> int:
        """Cycles whose report others had not answered when their time was over."""
        return self.by_stage[Stage.UNDECIDED]

    @property
    def lapsed(self) -> int:
        """Cycles closed without an approved report."""
        return self.by_stage[Stage.LAPSED]

    @property
    def reports_on_time_share(self) -> Fraction | None:
        """First reports in time over all cycles followed, 0 to 1; None where there are none."""
        return Fraction(self.reports_on_time, self.total) if self.total else None

    @property
    def done_on_time_share(self) -> Fraction | None:
        """Items finished in time over those finished or overdue, 0 to 1; None where there are none."""
        reached = self.done + self.by_status[Status.OVERDUE]
        return Fraction(self.by_status[Status.DONE_ON_TIME], reached) if reached else None

    @property
    def mean_progress(self) -> Fraction | None:
        """The mean progress of the reports that count, in percent, each item weighing the same."""
        return self.progress_sum / self.progress_count if self.progress_count else None


@dataclass(frozen=True, slots=True)
class Answers:
    """A coordinating unit's answers counted; `asked` is the sum of all but `on_time`."""

    asked: int
    confirmed: int
    partial: int
    objected: int
    deemed: int
    silent: int
    on_time: int


@dataclass(frozen=True, slots=True)
class SectionTotal:
    """A section with all it holds, its subsections included. `depth` is 1 for the outermost."""

    code: str
    title: str
    depth: int
    tally: Tally


@dataclass(frozen=True, slots=True)
class LeadTotal:
    """The records a unit leads as the main one; over all units they add up to the whole."""

    unit: UnitRef
    tally: Tally


@dataclass(frozen=True, slots=True)
class CoordinatingTotal:
    """The records a unit was asked to confirm, and its answers. A record counts for each unit asked."""

    unit: UnitRef
    tally: Tally
    answers: Answers


@dataclass(frozen=True, slots=True)
class LeaderTotal:
    """The records a leader answers for. A record with several leaders counts for each. `key` identifies the
    leader, also among namesakes."""

    name: str
    tally: Tally
    key: str = ""


@dataclass(frozen=True, slots=True)
class KindTotal:
    """The records of one kind of item; over all kinds they add up to the whole."""

    kind: ItemKind
    tally: Tally


@dataclass(frozen=True, slots=True)
class Rollup:
    """A period in figures: sections in plan order, units and leaders in alphabetical order."""

    whole: Tally
    sections: tuple[SectionTotal, ...]
    leads: tuple[LeadTotal, ...]
    coordinating: tuple[CoordinatingTotal, ...]
    leaders: tuple[LeaderTotal, ...]
    kinds: tuple[KindTotal, ...]


def tally(records: Iterable[CycleRecord]) -> Tally:
    """The records counted together. Withdrawn ones count in their status and stage, nowhere else."""
    by_status, by_stage = dict.fromkeys(Status, 0), dict.fromkeys(Stage, 0)
    submitted = on_time = by_objection = by_committee = figures = reached = progress_count = 0
    progress = Decimal(0)
    for record in records:
        by_status[record.status] += 1
        by_stage[record.stage] += 1
        if record.stage is Stage.WITHDRAWN:
            continue
        if record.first_submitted_on is not None:
            submitted += 1
            on_time += record.days_late == 0
        by_objection += record.returns_by_objection
        by_committee += record.returns_by_committee
        if not record.counts:
            continue
        for figure in record.figures:
            figures += 1
            reached += figure.is_reached
        if record.progress is not None and record.status is not Status.NOT_ARISEN:
            progress += record.progress
            progress_count += 1
    return Tally(
        by_status,
        by_stage,
        submitted,
        on_time,
        by_objection,
        by_committee,
        figures,
        reached,
        Fraction(progress),
        progress_count,
    )


def rollup(records: Sequence[CycleRecord]) -> Rollup:
    """The records summed every way a report shows them."""
    by_leader = _grouped(records, lambda record: {one.key for one in record.leaders})
    names = {one.key: one.name for record in records for one in record.leaders}
    by_kind = _grouped(records, lambda record: (record.kind,))
    return Rollup(
        whole=tally(records),
        sections=_sections(records),
        leads=tuple(
            LeadTotal(unit, tally(theirs))
            for unit, theirs in sorted(_grouped(records, _main_lead).items(), key=_by_unit)
        ),
        coordinating=_coordinating(records),
        leaders=leader_totals((LeaderTotal(names[key], tally(own), key) for key, own in by_leader.items())),
        kinds=tuple(KindTotal(kind, tally(by_kind[kind])) for kind in ItemKind if kind in by_kind),
    )


def leader_totals(totals: Iterable[LeaderTotal]) -> tuple[LeaderTotal, ...]:
    """Leaders in the order of their names; those of one name in an order that is always the same."""
    return tuple(sorted(totals, key=lambda one: (alphabetical(one.name), one.key)))


def answers(words: Iterable[RecordedWord]) -> Answers:
    """A unit's words counted."""
    said = list(words)
    verdicts = Counter(word.verdict for word in said)
    deemed = sum(word.verdict is None and word.is_deemed for word in said)
    return Answers(
        asked=len(said),
        confirmed=verdicts[Verdict.CONFIRM],
        partial=verdicts[Verdict.PARTIAL],
        objected=verdicts[Verdict.OBJECT],
        deemed=deemed,
        silent=verdicts[None] - deemed,
        on_time=sum(word.is_on_time for word in said),
    )


def _sections(records: Sequence[CycleRecord]) -> tuple[SectionTotal, ...]:
    by_path = _grouped(records, lambda record: [(record.section_codes, record.section_titles)])
    return section_totals(
        [
            (path, titles, min(one.position for one in own), tally(own))
            for (path, titles), own in by_path.items()
        ]
    )


def section_totals(
    direct: Iterable[tuple[tuple[str, ...], tuple[str, ...], int, Tally]],
) -> tuple[SectionTotal, ...]:
    """Every section with all it holds, from (codes, titles, position, tally) of what stands directly under
    each. They come in the plan's own order: a section where the first of its items stands (its position)."""
    titles: dict[tuple[str, ...], str] = {}
    own: dict[tuple[str, ...], Tally] = {}
    first: dict[tuple[str, ...], int] = {}
    for codes, named, position, theirs in direct:
        own[codes] = own[codes] + theirs if codes in own else theirs
        for depth in range(1, len(codes) + 1) if codes else (0,):
            first[codes[:depth]] = min(first.get(codes[:depth], position), position)
        for depth, title in enumerate(named, 1):
            path = codes[:depth]
            titles[path] = min(titles.get(path, title), title)
    paths = sorted(titles | own, key=lambda path: _place(path, first))
    return tuple(
        SectionTotal(
            code=path[-1] if path else "",
            title=titles.get(path, ""),
            depth=max(len(path), 1),
            tally=reduce(Tally.__add__, (one for below, one in own.items() if _is_within(below, path))),
        )
        for path in paths
    )


def _place(path: tuple[str, ...], first: Mapping[tuple[str, ...], int]) -> list[tuple[int, str]]:
    # By the places of the headings above it, then its own; of two that begin at one item, by their codes.
    return [(first[path[:depth]], path[depth - 1]) for depth in range(1, len(path) + 1)] or [(first[()], "")]


def _is_within(below: tuple[str, ...], path: tuple[str, ...]) -> bool:
    # Records under no heading stand beside the sections, not above them.
    return below[: len(path)] == path if path else not below


def _coordinating(records: Sequence[CycleRecord]) -> tuple[CoordinatingTotal, ...]:
    live = [record for record in records if record.stage is not Stage.WITHDRAWN]
    by_unit = _grouped(live, lambda record: {word.unit for word in record.words})
    return tuple(
        CoordinatingTotal(
            unit,
            tally(theirs),
            answers(word for record in theirs for word in record.words if word.unit == unit),
        )
        for unit, theirs in sorted(by_unit.items(), key=_by_unit)
    )


def _main_lead(record: CycleRecord) -> tuple[UnitRef]:
    return (record.leads[0] if record.leads else UNKNOWN_UNIT,)


def _by_unit(found: tuple[UnitRef, list[CycleRecord]]) -> tuple[object, ...]:
    unit, _ = found
    return alphabetical(unit.name), unit.id, unit.cluster


def _grouped(
    records: Iterable[CycleRecord], keys: Callable[[CycleRecord], Iterable[K]]
) -> dict[K, list[CycleRecord]]:
    found: dict[K, list[CycleRecord]] = {}
    for record in records:
        for key in keys(record):
            found.setdefault(key, []).append(record)
    return found
