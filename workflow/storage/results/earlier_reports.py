"""What was reported of the same items in an earlier period: shown beside the boxes, carried over where a
person says that nothing changed, and counted where a figure adds up over the year.

The same item is the same row of the plan, the row that took its place when the plan was amended, or failing
that the row of the same code.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from workflow.domain.periods.period import Span
from workflow.domain.results.figures import is_total
from workflow.domain.results.plausible import AskedFigure
from workflow.storage.cycles.heads import TargetRow, parts_of, targets_of
from workflow.storage.cycles.said import SubmissionRow, submissions_of
from workflow.storage.plans.plans import rows_in_force
from workflow.storage.results.records import figures_asked
from workflow.storage.tables import cycles, items, periods


@dataclass(frozen=True, slots=True)
class Earlier:
    """The last report of an item in the latest earlier period that has one. `values` and `part_words` are by
    the ids that the target or part has now."""

    period: str
    is_approved: bool
    report: SubmissionRow
    values: dict[int, str]
    part_words: dict[int, tuple[int | None, str]]


def earlier_reports(tx: Connection, period_id: int, cycle_ids: Collection[int]) -> dict[int, Earlier]:
    """The earlier report by cycle, of those that have one; a fixed number of queries."""
    now = tx.execute(select(periods.c.plan_id, periods.c.code).where(periods.c.id == period_id)).one()
    before = {
        row.id: (Span.parse(row.code).place, row.label)
        for row in tx.execute(
            select(periods.c.id, periods.c.code, periods.c.label).where(periods.c.plan_id == now.plan_id)
        )
        if Span.parse(row.code).place < Span.parse(now.code).place
    }
    if not before:
        return {}
    same = rows_in_force(tx, now.plan_id)
    asked = select(cycles.c.id, cycles.c.item_id, cycles.c.period_id, cycles.c.stage, items.c.code).join(
        items, items.c.id == cycles.c.item_id
    )
    reported = tx.execute(asked.where(cycles.c.period_id.in_(before), cycles.c.version > 0)).all()
    reported = sorted(reported, key=lambda row: before[row.period_id][0])
    by_item = {same.get(row.item_id, row.item_id): row for row in reported}
    by_code = {row.code: row for row in reported}
    found = {}
    for row in tx.execute(asked.where(cycles.c.id.in_(cycle_ids))):
        last = by_item.get(same.get(row.item_id, row.item_id)) or by_code.get(row.code)
        if last is not None:
            found[row.id] = last
    reports = submissions_of(tx, [last.id for last in found.values()])
    ids = {*found, *(last.id for last in found.values())}
    aims, made_of = targets_of(tx, ids), parts_of(tx, ids)
    answer = {}
    for cycle_id, last in found.items():
        if last.id not in reports:
            continue
        report = reports[last.id][0]
        codes = {part.id: part.code for one in (cycle_id, last.id) for part in made_of.get(one, ())}
        old = {_name(aim, codes): report.values.get(aim.id, "") for aim in aims.get(last.id, ())}
        words = {one.part.code: (one.progress, one.body) for one in report.parts}
        answer[cycle_id] = Earlier(
            before[last.period_id][1],
            last.stage == "approved",
            report,
            {
                aim.id: value
                for aim in aims.get(cycle_id, ())
                if (value := report.values.get(aim.id) or old.get(_name(aim, codes)))
            },
            {part.id: words[part.code] for part in made_of.get(cycle_id, ()) if part.code in words},
        )
    return answer


def asked_figures(
    tx: Connection, period_id: int, cycle_ids: Collection[int], earlier: Mapping[int, Earlier]
) -> dict[int, AskedFigure]:
    """Each target that the forms of these cycles ask about, by its id: what the year's earlier periods add to
    it, what was reported last, and what the plan says of it."""
    known = figures_asked(tx, period_id, cycle_ids)
    last = {target: value for one in earlier.values() for target, value in one.values.items()}
    found = {}
    for aims in targets_of(tx, cycle_ids).values():
        for aim in aims:
            figure, rule = known[aim.id]
            found[aim.id] = AskedFigure(
                figure,
                aim.reached(last.get(aim.id, "")).reached,
                is_total(rule, figure.aggregation, figure.kind),
                f"{aim.text} {aim.scope}",
            )
    return found


def in_the_year(tx: Connection, period_id: int, reports: Sequence[SubmissionRow]) -> list[SubmissionRow]:
    """The period's reports with their figures held against the year's targets: what closed periods reached of
    a figure that adds up counts with the report's own value, as on the unit's form and in the results."""
    if not reports:
        return []
    asking = {one.cycle_id for one in reports}
    known, aims = figures_asked(tx, period_id, asking), targets_of(tx, asking)
    return [
        replace(
            one,
            figures=tuple(
                replace(known[aim.id][0], reached=figure.reached)
                for aim, figure in zip(aims[one.cycle_id], one.figures, strict=True)
            ),
        )
        if one.figures
        else one
        for one in reports
    ]


def _name(aim: TargetRow, codes: dict[int, str]) -> tuple[str, str, str]:
    return codes.get(aim.part_id or 0, ""), aim.label, aim.measure
