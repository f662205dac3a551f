"""An organisation's figures over a span of the calendar, beside the span before and the same a year ago.

Closed periods count, summed by `storage.results.rollups`. Of an open period the figures are those of its
facts at the moment, and are shown as provisional.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from workflow.domain.periods.period import Span
from workflow.domain.results.comparing import Compared, ComparedRow, Grouping, Moved, compared, groups
from workflow.domain.results.record import Status
from workflow.domain.results.spans import SpanRollup, once, rollup_over
from workflow.domain.rules.routing_rules import PeriodKind
from workflow.domain.words import Words
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.periods.periods import Period, all_periods, periods_within
from workflow.storage.results.records import load_records
from workflow.storage.results.rollups import Chosen, ItemFigure, each_item, every_report, summed
from workflow.storage.tables import cycles, items


@dataclass(frozen=True, slots=True)
class SpanState:
    """The state of an item over a span."""

    item_id: int
    code: str
    status: Status
    cycle_id: int


@dataclass(frozen=True, slots=True)
class SpanFigures:
    """The figures of a span. `counted` are the periods in them, `waiting` those inside the span that are not
    closed; `is_provisional`: the one period counted is still open."""

    span: Span
    rollup: SpanRollup
    states: tuple[SpanState, ...]
    targets: tuple[ItemFigure, ...]
    counted: tuple[Period, ...]
    waiting: tuple[Period, ...] = ()
    is_provisional: bool = False


@dataclass(frozen=True, slots=True)
class SpanComparison:
    """A span's figures by one grouping, beside those of the span before and of a year ago, where there are
    any. `moved` are the items whose state differs from the span before."""

    now: SpanFigures
    before: SpanFigures | None
    year_ago: SpanFigures | None
    by: Grouping
    rows: tuple[Compared, ...]
    whole: Compared
    moved: tuple[Moved, ...]


def spans_known(tx: Connection, organisation_ids: Iterable[int]) -> list[Span]:
    """The spans there may be figures of: each period's own, and the longer ones that hold a closed one. The
    latest first, the longer before what it holds."""
    of, found = set(organisation_ids), set()
    for period in all_periods(tx):
        if period.organisation_id in of:
            span = Span.parse(period.code)
            found |= set(span.holding if period.closed_at else (span,))
    kinds = list(PeriodKind)
    return sorted(found, key=lambda one: (-one.last_day.toordinal(), -kinds.index(one.kind)))


def figures_of(tx: Connection, organisation_id: int, span: Span, now: datetime) -> SpanFigures | None:
    """The figures of the span; None where it has no period to count."""
    closed, waiting = periods_within(tx, [organisation_id], span)
    own = next((one for one in waiting if one.code == span.code), None)
    if own is not None:
        return _open_figures(tx, own, span, now)
    if not closed:
        return None
    ids = [one.id for one in closed]
    chosen = each_item(tx, ids)
    found = SpanRollup(summed(tx, chosen), summed(tx, every_report(ids)))
    return SpanFigures(
        span, found, tuple(_states(tx, chosen)), chosen.figures or (), tuple(closed), tuple(waiting)
    )


def _open_figures(tx: Connection, period: Period, span: Span, now: datetime) -> SpanFigures:
    today = organisation_calendar(tx, period.organisation_id).day_of(now)
    records = load_records(tx, period.id, today)
    states = tuple(SpanState(one.item_id, one.code, one.status, one.cycle_id) for one in records)
    targets = tuple(
        ItemFigure(one.item_id, period.organisation_id, one.code, place, figure)
        for one in once(records)
        if one.counts
        for place, figure in enumerate(one.figures)
    )
    return SpanFigures(span, rollup_over(records), states, targets, (period,), is_provisional=True)


def _states(tx: Connection, chosen: Chosen) -> list[SpanState]:
    own = chosen.rows.c
    rows = tx.execute(select(own.item_id, own.code, own.status, own.cycle_id))
    return [SpanState(row.item_id, row.code, Status(row.status), row.cycle_id) for row in rows]


def compare(
    tx: Connection, organisation_id: int, span: Span, by: Grouping, now: datetime
) -> SpanComparison | None:
    """The span's figures by the grouping, with their changes; None where the span has no period."""
    found = figures_of(tx, organisation_id, span, now)
    if found is None:
        return None
    before = figures_of(tx, organisation_id, span.previous, now)
    # Of a year both are the same one.
    is_year = span.previous == span.year_ago
    year_ago = None if is_year else figures_of(tx, organisation_id, span.year_ago, now)
    return SpanComparison(
        found,
        before,
        year_ago,
        by,
        tuple(compared(groups(found.rollup, by), _groups(before, by), _groups(year_ago, by))),
        _whole(found, before, year_ago),
        tuple(_moved(tx, found, before)) if before else (),
    )


def _groups(found: SpanFigures | None, by: Grouping) -> list[ComparedRow] | None:
    return None if found is None else groups(found.rollup, by)


def _whole(now: SpanFigures, *others: SpanFigures | None) -> Compared:
    whole = ComparedRow("", "", Words("Tổng số"), 1, now.rollup.items.whole, now.rollup.reports.whole)
    return Compared(whole, *(one.rollup.items.whole if one else None for one in others))


def _moved(tx: Connection, now: SpanFigures, before: SpanFigures) -> list[Moved]:
    """The items whose state differs from before: the same item of the plan, else of another plan the item of
    that code."""
    by_item = {one.item_id: one.status for one in before.states}
    by_code = {one.code: one.status for one in before.states}
    found: dict[int, tuple[SpanState, Status]] = {}
    for one in now.states:
        was = by_item.get(one.item_id) or by_code.get(one.code)
        if was is not None and was is not one.status:
            found[one.cycle_id] = one, was
    rows = tx.execute(
        select(cycles.c.id, items.c.content)
        .join(items, items.c.id == cycles.c.item_id)
        .where(cycles.c.id.in_(found))
        .order_by(items.c.position, cycles.c.id)
    )
    return [
        Moved(found[row.id][0].code, row.content, found[row.id][1], found[row.id][0].status) for row in rows
    ]
