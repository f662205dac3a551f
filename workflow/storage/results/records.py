"""A period's cycles as records: all that rollup, scores and reports see, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, select

from workflow.domain.cycles.lateness import late_working_days
from workflow.domain.cycles.orders import RECALL
from workflow.domain.people.directory import Role
from workflow.domain.periods.period import Span
from workflow.domain.plans.plan import Comparison, Schedule
from workflow.domain.plans.sections import SectionPath, section_paths
from workflow.domain.plans.target_kinds import TargetKind
from workflow.domain.results.figures import Aggregation, Figure, aggregation_of, figure_label
from workflow.domain.results.record import (
    CycleRecord,
    LeaderRef,
    Reported,
    UnitRef,
)
from workflow.domain.results.spans import outermost
from workflow.domain.rules.routing_rules import DoneBy, FigureRule, Undecided
from workflow.storage.cycles.facts_of_cycles import Routed, load
from workflow.storage.plans.item_leaders import leaders_of_items
from workflow.storage.results.done_before import done_before
from workflow.storage.results.recorded_answers import (
    Others,
    members_to_name,
    reopened,
    returns,
    unheard,
    vote_of,
    words_of,
)
from workflow.storage.rules import rules_of
from workflow.storage.tables import (
    LEAD,
    cycle_units,
    cycles,
    items,
    kept_figures,
    kept_records,
    orders,
    periods,
    persons,
    plans,
    roles,
    submissions,
    targets,
    units,
)

TargetKey = tuple[int, int, str]
"""A target through all periods: its item, its place there, its unit of measure."""


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Rows of the queries, by cycle or item."""

    leads: dict[int, list[UnitRef]]
    others: Others
    targets: dict[int, list[Any]]
    reports: dict[tuple[int, int], Any]
    first_rows: dict[int, int]
    """By each row that took another's place, the first row of its item."""
    before: dict[TargetKey, Decimal]
    led_by: dict[int, tuple[LeaderRef, ...]]
    done_before: dict[int, date]
    """By item, the day from which its earlier reports say that it is done."""


# Each query is built once: a period is loaded often, and building a query costs as much as running it.
_PERIOD = bindparam("period", type_=Integer)
_ITEMS = (
    select(
        items.c.id,
        items.c.code,
        items.c.content,
        items.c.leaders,
        items.c.section_codes,
        items.c.section_titles,
        items.c.start,
        items.c.start_text,
        items.c.coordinating_text,
        items.c.result,
        items.c.deadline_text,
        items.c.due,
        items.c.position,
        cycles.c.id.label("cycle_id"),
        cycles.c.stage_since,
    )
    .join(cycles, cycles.c.item_id == items.c.id)
    .where(cycles.c.period_id == _PERIOD)
    .order_by(items.c.position)
)
_HEAD = (
    select(periods.c.plan_id, periods.c.code, periods.c.cut_off, plans.c.organisation_id)
    .join(plans, plans.c.id == periods.c.plan_id)
    .where(periods.c.id == _PERIOD)
)
_RECALLED = (
    select(orders.c.id)
    .join(cycles, cycles.c.id == orders.c.cycle_id)
    .where(cycles.c.period_id == _PERIOD, orders.c.kind == RECALL)
    .limit(1)
)
_LEADS = (
    select(cycle_units.c.cycle_id, cycle_units.c.unit_id)
    .join(cycles, cycles.c.id == cycle_units.c.cycle_id)
    .where(cycles.c.period_id == _PERIOD, cycle_units.c.role == LEAD)
    .order_by(cycle_units.c.position)
)
_UNITS = select(units.c.id, units.c.name, units.c.cluster).where(
    units.c.organisation_id == bindparam("organisation")
)
_REPORTERS = (
    select(roles.c.unit_id, roles.c.person_id)
    .join(persons, persons.c.id == roles.c.person_id)
    .where(
        persons.c.organisation_id == bindparam("organisation"),
        persons.c.is_active,
        roles.c.role == Role.REPORTER.value,
    )
)
_TARGETS = (
    select(
        targets.c.id,
        targets.c.item_id,
        targets.c.text,
        targets.c.scope,
        targets.c.value,
        targets.c.measure,
        targets.c.comparison,
        targets.c.kind,
    )
    .join(cycles, cycles.c.item_id == targets.c.item_id)
    .where(cycles.c.period_id == _PERIOD)
    .order_by(targets.c.item_id, targets.c.id)
)
_REPORTS = (
    select(
        submissions.c.cycle_id,
        submissions.c.version,
        submissions.c.reported,
        submissions.c.done_on,
        submissions.c.progress,
        submissions.c.body,
        submissions.c.difficulties,
        submissions.c.proposals,
        submissions.c.figures,
    )
    .join(cycles, cycles.c.id == submissions.c.cycle_id)
    .where(cycles.c.period_id == _PERIOD)
)
_REPLACED = select(items.c.replaced_by, items.c.id).where(
    items.c.plan_id == bindparam("plan"), items.c.replaced_by.is_not(None)
)
_REACHED_BEFORE = (
    select(
        kept_records.c.item_id,
        kept_records.c.first_day,
        kept_records.c.last_day,
        kept_figures.c.place,
        kept_figures.c.measure,
        kept_figures.c.reached,
    )
    .join(kept_figures, kept_figures.c.cycle_id == kept_records.c.cycle_id)
    .join(periods, periods.c.id == kept_records.c.period_id)
    .where(
        periods.c.plan_id == bindparam("plan"),
        kept_records.c.first_day >= bindparam("from"),
        kept_records.c.last_day < bindparam("until"),
        kept_figures.c.aggregation == Aggregation.SUM.value,
        kept_figures.c.reached.is_not(None),
    )
)


def load_records(tx: Connection, period_id: int, today: date) -> list[CycleRecord]:
    """The period's cycles in the plan's order, as of `today` or, if it is earlier, the cut-off."""
    asked = {"period": period_id}
    rows = tx.execute(_ITEMS, asked).all()
    period = tx.execute(_HEAD, asked).one()
    # Ballots were counted when they decided; they are read only where a recall depends on what came before.
    has_recalls = tx.scalar(_RECALLED, asked) is not None
    ids = [row.cycle_id for row in rows]
    routed = load(tx, ids, is_for_writing=False, with_ballots=has_recalls)
    span = Span.parse(period.code)
    led_by = leaders_of_items(tx, ((row.id, row.leaders) for row in rows))
    shelf = _shelf(tx, period_id, period, span, led_by, members_to_name(routed.values()))
    undated = _undated(rows, routed, shelf)
    shelf.done_before.update(done_before(tx, period.plan_id, span, undated, shelf.first_rows))
    rule = rules_of(tx, period_id).figures
    as_of = min(today, period.cut_off)
    paths = section_paths((row.section_codes, row.section_titles) for row in rows)
    return [
        _record(row, path, routed[row.cycle_id], shelf, span, as_of, rule)
        for row, path in zip(rows, paths, strict=True)
    ]


def _undated(rows: Iterable[Any], routed: dict[int, Routed], shelf: _Shelf) -> set[int]:
    """The items reported as done without the day."""
    found = set()
    for row in rows:
        report = shelf.reports.get((row.cycle_id, routed[row.cycle_id].version))
        if report and report.reported == Reported.DONE.value and report.done_on is None:
            found.add(shelf.first_rows.get(row.id, row.id))
    return found


def _shelf(
    tx: Connection,
    period_id: int,
    period: Any,
    span: Span,
    led_by: dict[int, tuple[LeaderRef, ...]],
    members: Collection[int],
) -> _Shelf:
    asked = {"period": period_id}
    unit_of = {
        row.id: UnitRef(row.id, row.name, row.cluster)
        for row in tx.execute(_UNITS, {"organisation": period.organisation_id})
    }
    leads: dict[int, list[UnitRef]] = defaultdict(list)
    for cycle_id, unit_id in tx.execute(_LEADS, asked):
        leads[cycle_id].append(unit_of[unit_id])
    aims: dict[int, list[Any]] = defaultdict(list)
    for aim in tx.execute(_TARGETS, asked):
        aims[aim.item_id].append(aim)
    reports: dict[tuple[int, int], Any] = {
        (row.cycle_id, row.version): row for row in tx.execute(_REPORTS, asked)
    }
    plan_id = period.plan_id
    first_rows, before = _first_rows(tx, plan_id), _before(tx, plan_id, span)
    reporters: dict[int, set[int]] = defaultdict(set)
    for unit_id, person_id in tx.execute(_REPORTERS, {"organisation": period.organisation_id}):
        reporters[unit_id].add(person_id)
    named = select(persons.c.id, persons.c.name).where(persons.c.id.in_(members))
    names: dict[int, str] = dict(tx.execute(named).all()) if members else {}
    others = Others(unit_of, reporters, names)
    return _Shelf(leads, others, aims, reports, first_rows, before, led_by, {})


def _first_rows(tx: Connection, plan_id: int) -> dict[int, int]:
    earlier: dict[int, int] = dict(tx.execute(_REPLACED, {"plan": plan_id}).all())
    found = {}
    for row in earlier:
        first = row
        while first in earlier:
            first = earlier[first]
        found[row] = first
    return found


def _before(tx: Connection, plan_id: int, span: Span) -> dict[TargetKey, Decimal]:
    """What the closed periods of the year before this one have reached of the targets that add up."""
    reached: dict[TargetKey, list[tuple[date, date, Decimal]]] = defaultdict(list)
    asked = {"plan": plan_id, "from": date(span.year, 1, 1), "until": span.first_day}
    for row in tx.execute(_REACHED_BEFORE, asked):
        days = row.first_day, row.last_day
        reached[row.item_id, row.place, row.measure].append((*days, Decimal(row.reached)))
    return {key: sum(outermost(values), Decimal(0)) for key, values in reached.items()}


def _record(
    item: Any, path: SectionPath, cycle: Routed, shelf: _Shelf, span: Span, as_of: date, rule: FigureRule
) -> CycleRecord:
    facts, calendar = cycle.facts, cycle.calendar
    standing, item_id = cycle.standing, shelf.first_rows.get(item.id, item.id)
    # Of a reopened cycle in which nothing new was approved, the version that stands again is an earlier one.
    current = next((one for one in facts.submissions if one.version == cycle.version), None)
    report = shelf.reports.get((cycle.id, current.version)) if current else None
    done_on = report.done_on if report else None
    if report and done_on is None and report.reported == Reported.DONE.value:
        done_on = shelf.done_before.get(item_id)
    first = facts.first_that_stands
    first_on = calendar.day_of(first.at) if first else None
    due_on = facts.report_due_on
    start = Schedule.from_json(item.start) if item.start else None
    by_objection, by_committee = returns(cycle)
    return CycleRecord(
        cycle_id=cycle.id,
        code=item.code,
        content=item.content,
        span=span,
        as_of=as_of,
        stage=cycle.stage,
        report_due_on=due_on,
        leads=tuple(shelf.leads.get(cycle.id, ())),
        words=words_of(cycle, current, shelf.others, standing, calendar.end_of(as_of)) if current else (),
        leaders=shelf.led_by.get(item.id, ()),
        section_codes=path.codes,
        section_titles=path.titles,
        start=start.first if start else None,
        due=item.due,
        cadence=start.every if start else None,
        start_text=item.start_text,
        deadline_text=item.deadline_text,
        coordinating_text=item.coordinating_text,
        product=item.result,
        first_submitted_on=first_on,
        days_late=late_working_days(due_on, first_on, calendar) if first_on else 0,
        reported=Reported(report.reported) if report else None,
        done_on=done_on,
        progress=Decimal(report.progress) if report else None,
        text=report.body if report else "",
        difficulties=report.difficulties if report else "",
        proposals=report.proposals if report else "",
        figures=_figures(item, shelf, report.figures if report else {}, rule),
        returns_by_objection=by_objection,
        returns_by_committee=by_committee,
        vote=vote_of(cycle, calendar.day_of(item.stage_since)),
        item_id=item_id,
        position=item.position,
        unheard=unheard(cycle, shelf.others),
        is_left_out=cycle.rules.approval.undecided is Undecided.LEFT_OUT,
        is_word_enough=rule.done is DoneBy.REPORT,
        reopened=reopened(cycle),
    )


def _figures(item: Any, shelf: _Shelf, reached: dict[str, str], rule: FigureRule) -> tuple[Figure, ...]:
    aims = shelf.targets.get(item.id, ())
    values = [_number(reached.get(str(aim.id))) for aim in aims]
    weight = next(
        (value for aim, value in zip(aims, values, strict=True) if aim.measure in rule.weights), None
    )
    first_row = shelf.first_rows.get(item.id, item.id)
    found = []
    for place, (aim, value) in enumerate(zip(aims, values, strict=True)):
        kind = TargetKind(aim.kind)
        way = aggregation_of(rule, item.code, aim.measure, kind)
        adds = way is Aggregation.SUM
        found.append(
            Figure(
                text=figure_label(aim.text, aim.scope),
                expected=Decimal(aim.value),
                reached=value,
                measure=aim.measure,
                comparison=Comparison(aim.comparison),
                aggregation=way,
                weight=weight if way is Aggregation.MEAN or kind is TargetKind.RATE else None,
                before=shelf.before.get((first_row, place, aim.measure), Decimal(0)) if adds else Decimal(0),
                kind=kind,
            )
        )
    return tuple(found)


def figures_asked(
    tx: Connection, period_id: int, cycle_ids: Collection[int]
) -> dict[int, tuple[Figure, FigureRule]]:
    """What the forms of these cycles ask, by target: the target without a value, with what earlier periods
    add to one, and the rule it is aggregated by."""
    asked = {"period": period_id}
    aims: dict[int, list[Any]] = defaultdict(list)
    for aim in tx.execute(_TARGETS.where(cycles.c.id.in_(cycle_ids)), asked):
        aims[aim.item_id].append(aim)
    period = tx.execute(_HEAD, asked).one()
    first_rows, before = _first_rows(tx, period.plan_id), _before(tx, period.plan_id, Span.parse(period.code))
    shelf = _Shelf({}, Others({}, {}, {}), aims, {}, first_rows, before, {}, {})
    rule = rules_of(tx, period_id).figures
    found: dict[int, tuple[Figure, FigureRule]] = {}
    for item in tx.execute(select(items.c.id, items.c.code).where(items.c.id.in_(aims))):
        figures = _figures(item, shelf, {}, rule)
        found |= {aim.id: (one, rule) for aim, one in zip(aims[item.id], figures, strict=True)}
    return found


def _number(text: str | None) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return None
