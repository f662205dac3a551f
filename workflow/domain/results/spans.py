"""Several periods as one: each item once, by the record that decides how it stands.

Which record that is, and which values of a target count, are `docs/rollups.md`'s rules; summing them is
`domain.results.rollup`. The same in SQL is `storage.results.rollups`, held to this by its tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from workflow.domain.cycles.cycle import Stage
from workflow.domain.results.figures import Figure, made_one, weight_over
from workflow.domain.results.record import CycleRecord, Reported
from workflow.domain.results.rollup import Rollup, rollup

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SpanRollup:
    """Several periods summed: `items` counts each item once, `reports` every report that was owed."""

    items: Rollup
    reports: Rollup


def rollup_over(records: Sequence[CycleRecord]) -> SpanRollup:
    """The records of any periods, summed; of one period, both sums are that period's rollup."""
    return SpanRollup(rollup(once(records)), rollup(records))


def once(records: Iterable[CycleRecord]) -> list[CycleRecord]:
    """Each item's records as one, in any order."""
    by_item: dict[int, list[CycleRecord]] = {}
    for record in records:
        by_item.setdefault(record.item_id, []).append(record)
    return [as_one(own) for own in by_item.values()]


def as_one(records: Sequence[CycleRecord]) -> CycleRecord:
    """One item's records of several periods as the one that decides, on the last day any of them stands for,
    with its targets' values over all of them. What is done was done on the earliest day that a report which
    counts says: reporting it done again does not make it late."""
    deciding = min(records, key=precedence)
    figures = tuple(
        _over_periods(place, figure, deciding, records) for place, figure in enumerate(deciding.figures)
    )
    done = [day for record in records if (day := done_day(record)) is not None]
    return replace(
        deciding,
        as_of=max(record.as_of for record in records),
        figures=figures,
        falls_short=deciding.misses_a_target,
        done_on=min(done) if done and deciding.is_done else deciding.done_on,
    )


def done_day(record: CycleRecord) -> date | None:
    """The day a report that counts says the item was done; None where none does."""
    return record.done_on if record.is_done else None


def precedence(record: CycleRecord) -> tuple[int, int, int]:
    """A sort key; the record with the least decides: a report that counts before none, one in which something
    arose before one in which nothing did, a later period before an earlier; of two that end on one day the
    longer one."""
    if record.counts:
        rank = 1 if record.reported is Reported.NOT_ARISEN else 0
    else:
        rank = 3 if record.stage is Stage.WITHDRAWN else 2
    return rank, -record.span.last_day.toordinal(), record.span.first_day.toordinal()


def _over_periods(
    place: int, figure: Figure, deciding: CycleRecord, records: Sequence[CycleRecord]
) -> Figure:
    """A target of the deciding record, with its value aggregated over the periods."""
    known = [
        (record.span.first_day, record.span.last_day, record.figures[place])
        for record in records
        if record.counts and _is_same(record, place, figure)
    ]
    counted = outermost([(first, last, one) for first, last, one in known if one.reached is not None])
    if not counted or not deciding.counts:
        return figure
    values = [(one.reached, one.weight) for one in counted if one.reached is not None]
    return replace(
        figure,
        reached=made_one(figure.aggregation, values),
        weight=weight_over(figure.aggregation, values),
        before=counted[0].before,
    )


def _is_same(record: CycleRecord, place: int, figure: Figure) -> bool:
    """Whether the record has the same target: at the same place of the item, in the same unit of measure."""
    return len(record.figures) > place and record.figures[place].measure == figure.measure


def outermost(spans: Iterable[tuple[date, date, T]]) -> list[T]:
    """Returns the values of (first day, last day, value) in chronological order, without those whose days lie
    inside another span: a quarter's value replaces those of its months. Two spans must be nested or disjoint,
    as periods are."""
    kept: list[T] = []
    until = date.min
    for _, last, one in sorted(spans, key=lambda span: (span[0], -span[1].toordinal())):
        if last > until:
            kept.append(one)
            until = last
    return kept
