"""Since when an item is done, as the reports of earlier periods say: the day that holds where a later report
says "done" and names none.

The reports looked at are those that count, from the period just before backwards, as long as each of them
says "done".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, select

from workflow.domain.cycles.cycle import Stage
from workflow.domain.cycles.lateness import late_working_days
from workflow.domain.periods.period import Span
from workflow.domain.results.record import UNFINISHED, Reported, is_met_undated
from workflow.domain.rules.routing_rules import Undecided
from workflow.storage.cycles.facts_of_cycles import Routed, load
from workflow.storage.tables import cycles, items, kept_records, periods, submissions


def done_before(
    tx: Connection, plan_id: int, span: Span, wanted: Collection[int], first_rows: Mapping[int, int]
) -> dict[int, date]:
    """The day by item (the first row the plan had it in), of the wanted ones that were done before."""
    if not wanted:
        return {}
    found: dict[int, list[tuple[Span, Any]]] = defaultdict(list)
    for row in tx.execute(
        select(
            cycles.c.id,
            cycles.c.item_id,
            cycles.c.stage,
            periods.c.code,
            items.c.due,
            submissions.c.reported,
            submissions.c.done_on,
            kept_records.c.status,
        )
        .join(periods, periods.c.id == cycles.c.period_id)
        .join(items, items.c.id == cycles.c.item_id)
        .join(
            submissions,
            and_(submissions.c.cycle_id == cycles.c.id, submissions.c.version == cycles.c.version),
        )
        .outerjoin(kept_records, kept_records.c.cycle_id == cycles.c.id)
        .where(
            periods.c.plan_id == plan_id,
            cycles.c.stage.in_([Stage.APPROVED.value, Stage.UNDECIDED.value]),
        )
    ):
        item, earlier = first_rows.get(row.item_id, row.item_id), Span.parse(row.code)
        if item in wanted and earlier.last_day < span.first_day:
            found[item].append((earlier, row))
    left_out = _left_out(
        tx, [row.id for rows in found.values() for _, row in rows if row.stage == Stage.UNDECIDED.value]
    )
    first: dict[int, tuple[Span, Any]] = {}
    for item, rows in found.items():
        for earlier, row in sorted(rows, key=lambda one: one[0].last_day, reverse=True):
            if row.id in left_out:
                continue
            if row.reported != Reported.DONE.value or row.status in UNFINISHED:
                break
            first[item] = earlier, row
    routed = load(tx, [row.id for _, row in first.values()], is_for_writing=False)
    return {item: _day(earlier, row, routed[row.id]) for item, (earlier, row) in first.items()}


def _left_out(tx: Connection, undecided: Collection[int]) -> set[int]:
    """Those whose report counts nowhere, by the rules of their item."""
    routed = load(tx, undecided, is_for_writing=False, with_ballots=False) if undecided else {}
    return {one.id for one in routed.values() if one.rules.approval.undecided is Undecided.LEFT_OUT}


def _day(span: Span, row: Any, cycle: Routed) -> date:
    """The day the report names; else the day it came, or the deadline that it is taken to have met."""
    if row.done_on is not None:
        return row.done_on  # type: ignore[no-any-return]
    sent, due_on = cycle.facts.first_that_stands, cycle.facts.report_due_on
    day = cycle.calendar.day_of(sent.at) if sent else due_on
    late = late_working_days(due_on, day, cycle.calendar)
    if row.due is not None and is_met_undated(row.due, span, due_on, late):
        return min(day, row.due)  # type: ignore[no-any-return]
    return day
