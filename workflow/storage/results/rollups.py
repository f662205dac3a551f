"""Closed periods summed by the database: one or many periods, of one or many organisations.

The rows summed are `kept_records` and what hangs from it. SQL chooses and counts; targets' values, exact
decimals that SQLite has no numbers for, are added in Python from the rows SQL has chosen. What the sums mean
is `workflow.domain.results.spans`, which they equal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Any

from sqlalchemy import CTE, ColumnElement, Connection, FromClause, case, func, literal_column, select

from workflow.domain.cycles.cycle import Stage, Verdict
from workflow.domain.plans.plan import Comparison
from workflow.domain.plans.target_kinds import TargetKind
from workflow.domain.results.figures import Aggregation, Figure, made_one, weight_over
from workflow.domain.results.record import ItemKind, LeaderRef, Status, UnitRef
from workflow.domain.results.rollup import (
    UNKNOWN_UNIT,
    Answers,
    CoordinatingTotal,
    KindTotal,
    LeaderTotal,
    LeadTotal,
    Rollup,
    Tally,
    leader_totals,
    section_totals,
    tally,
)
from workflow.domain.results.spans import SpanRollup
from workflow.domain.vietnamese import alphabetical
from workflow.storage.plans.item_leaders import distinct_names
from workflow.storage.tables import (
    items,
    kept_answers,
    kept_figures,
    kept_leaders,
    kept_records,
    units,
)

EMPTY = tally(())
_SUMS = (
    "submitted",
    "reports_on_time",
    "returns_by_objection",
    "returns_by_committee",
    "figures",
    "figures_reached",
    "progress_sum",
    "progress_count",
)
_DONE = (Status.DONE_ON_TIME.value, Status.DONE_LATE.value)
_IN_TIME = (Status.UNDER_WAY.value, Status.NOT_STARTED.value, Status.DONE_SHORT.value)


@dataclass(frozen=True, slots=True)
class ItemFigure:
    """A target of an item over the periods summed; `code` is the item's."""

    item_id: int
    organisation_id: int
    code: str
    place: int
    figure: Figure


@dataclass(frozen=True, slots=True)
class Chosen:
    """The rows to sum: all of the periods, or each item once. `reached` are the targets of each item, where
    items are counted once; else rows bring their own counts."""

    rows: FromClause
    figures: tuple[ItemFigure, ...] | None = None

    def targets(self) -> dict[int, tuple[int, int]]:
        """How many targets each item has, and how many of them are reached."""
        found: dict[int, tuple[int, int]] = {}
        for one in self.figures or ():
            count, reached = found.get(one.item_id, (0, 0))
            found[one.item_id] = count + 1, reached + one.figure.is_reached
        return found


def every_report(period_ids: Sequence[int]) -> Chosen:
    """Every record of the periods: each was a report to be made."""
    rows = select(kept_records).where(kept_records.c.period_id.in_(period_ids))
    return Chosen(rows.cte("chosen"))


def each_item(tx: Connection, period_ids: Sequence[int]) -> Chosen:
    """Each item of the periods once, by the record that decides, as of the latest day of its records."""
    own = kept_records.c
    order = (own.precedence, own.last_day.desc(), own.first_day)
    # Only what ranks is sorted; the rows themselves are fetched once they are chosen.
    ranked = (
        select(
            own.cycle_id,
            func.row_number().over(partition_by=own.item_id, order_by=order).label("place"),
            func.max(own.as_of).over(partition_by=own.item_id).label("judged_on"),
            func.min(own.done_on).over(partition_by=own.item_id).label("done_first"),
        )
        .where(own.period_id.in_(period_ids))
        .cte("ranked")
    )
    is_past = own.status.in_(_IN_TIME) & (own.due < ranked.c.judged_on)
    is_done = own.status.in_(_DONE) & own.due.is_not(None)
    judged = (
        (is_past, Status.OVERDUE.value),
        (is_done & (ranked.c.done_first <= own.due), Status.DONE_ON_TIME.value),
        (is_done & (ranked.c.done_first > own.due), Status.DONE_LATE.value),
    )
    columns: list[ColumnElement[Any]] = [
        case(*judged, else_=column).label("status") if column.name == "status" else column
        for column in kept_records.columns
    ]
    met = kept_records.join(ranked, ranked.c.cycle_id == own.cycle_id)
    chosen = select(*columns).select_from(met).where(ranked.c.place == 1).cte("chosen")
    return Chosen(chosen, tuple(_figures_over(tx, chosen, period_ids)))


def _figures_over(tx: Connection, chosen: CTE, period_ids: Sequence[int]) -> Iterable[ItemFigure]:
    """The targets of the approved deciding records, each with the value its periods make."""
    values_of = _values(tx, period_ids)
    rows = tx.execute(
        select(chosen.c.item_id, chosen.c.organisation_id, chosen.c.code, kept_figures)
        .join(kept_figures, kept_figures.c.cycle_id == chosen.c.cycle_id)
        .order_by(chosen.c.organisation_id, chosen.c.item_id, kept_figures.c.place)
    )
    for row in rows:
        values, before = values_of.get((row.item_id, row.place, row.measure), ((), Decimal(0)))
        way = Aggregation(row.aggregation)
        figure = Figure(
            row.text,
            Decimal(row.expected),
            made_one(way, values),
            row.measure,
            Comparison(row.comparison),
            way,
            weight_over(way, values) if values else _decimal(row.weight),
            before if values else Decimal(row.before),
            TargetKind(row.kind),
        )
        yield ItemFigure(row.item_id, row.organisation_id, row.code, row.place, figure)


_Values = tuple[list[tuple[Decimal, Decimal | None]], Decimal]


def _values(tx: Connection, period_ids: Sequence[int]) -> dict[tuple[int, int, str], _Values]:
    """The values that count, in the order of their periods, with what came before the first. A period inside
    a longer one that has a value too is left out: sorted by first day, the longest first, a span lies inside
    an earlier one exactly where it does not end after all of them."""
    own, of = kept_records.c, kept_figures.c
    target = (own.item_id, of.place, of.measure)
    ranked = (
        select(
            *target,
            own.first_day,
            own.last_day,
            of.reached,
            of.weight,
            of.before,
            func.max(own.last_day)
            .over(partition_by=target, order_by=(own.first_day, own.last_day.desc()), rows=(None, -1))
            .label("until"),
        )
        .join(kept_figures, of.cycle_id == own.cycle_id)
        .where(own.period_id.in_(period_ids), of.reached.is_not(None))
        .subquery()
    )
    outermost = select(ranked).where(ranked.c.until.is_(None) | (ranked.c.last_day > ranked.c.until))
    found: dict[tuple[int, int, str], _Values] = {}
    for row in tx.execute(outermost.order_by(ranked.c.first_day)):
        key = row.item_id, row.place, row.measure
        values, _ = found.setdefault(key, ([], Decimal(row.before)))
        values.append((Decimal(row.reached), _decimal(row.weight)))
    return found


def _decimal(exact: str | None) -> Decimal | None:
    return None if exact is None else Decimal(exact)


def rollup_of(tx: Connection, period_ids: Sequence[int]) -> SpanRollup:
    """The closed periods summed every way a report shows them."""
    return SpanRollup(
        summed(tx, each_item(tx, period_ids)),
        summed(tx, every_report(period_ids)),
    )


def summed(tx: Connection, chosen: Chosen) -> Rollup:
    """The rows summed as a whole and by each grouping."""
    own = chosen.rows.c
    known = units_of(tx, chosen)
    sections = tallies(tx, chosen, own.section_codes, own.section_titles)
    leads = tallies(tx, chosen, own.lead_unit_id)
    leaders = tallies(tx, chosen, *LEADER, source=hung(chosen, kept_leaders))
    persons_named = names_of_leaders(tx, leaders)
    places = section_places(tx, chosen)
    kinds = tallies(tx, chosen, own.kind)
    return Rollup(
        whole=reduce(Tally.__add__, leads.values(), EMPTY),
        sections=section_totals(
            [(codes, titles, places[codes, titles], one) for (codes, titles), one in sections.items()]
        ),
        leads=tuple(
            sorted(
                (LeadTotal(known.get(unit, UNKNOWN_UNIT), found) for (unit,), found in leads.items()),
                key=_by_unit,
            )
        ),
        coordinating=_coordinating(tx, chosen, known),
        leaders=leader_totals(
            LeaderTotal(ref.name, found, ref.key)
            for ref, found in ((persons_named[key], found) for key, found in leaders.items())
        ),
        kinds=tuple(KindTotal(kind, kinds[kind.value,]) for kind in ItemKind if (kind.value,) in kinds),
    )


Key = tuple[Any, ...]
LEADER: tuple[ColumnElement[Any], ...] = (
    kept_leaders.c.person_id,
    case((kept_leaders.c.person_id.is_(None), kept_leaders.c.name), else_=literal_column("''")),
)
"""A leader's identity: the person, else the printed name."""


def names_of_leaders(tx: Connection, keys: Collection[Key]) -> dict[Key, LeaderRef]:
    """The leaders by their identity in `LEADER` (the last two of each key), with their names in the
    directory."""
    ids = {key[-2] for key in keys if key[-2] is not None}
    found = distinct_names(tx, ids)
    return {key: LeaderRef(key[-1] if key[-2] is None else found[key[-2]], key[-2]) for key in keys}


def section_places(tx: Connection, chosen: Chosen) -> dict[Key, int]:
    """Where each section of the rows begins in its plan, by its codes and titles."""
    own = chosen.rows.c
    sections = (own.section_codes, own.section_titles)
    rows = tx.execute(
        select(*sections, func.min(items.c.position))
        .select_from(chosen.rows.join(items, items.c.id == own.item_id))
        .group_by(*sections)
    )
    return {_key(row[:2]): row[2] for row in rows}


def tallies(
    tx: Connection, chosen: Chosen, *by: ColumnElement[Any], source: FromClause | None = None
) -> dict[Key, Tally]:
    """A tally for each value of the columns; `source` is the rows with what is joined to them, where a column
    is of that."""
    own, source = chosen.rows.c, chosen.rows if source is None else source
    sums = {name: func.sum(own[name]) for name in _SUMS if not name.startswith("progress")} | {
        "progress_sum": func.coalesce(func.sum(own.progress), 0),
        "progress_count": func.count(own.progress),
    }
    question = select(*by, own.stage, own.status, func.count(), *(sums[name] for name in _SUMS))
    by_key: dict[Key, list[Any]] = defaultdict(list)
    for row in tx.execute(question.select_from(source).group_by(*by, own.stage, own.status)):
        by_key[_key(row[: len(by)])].append(row[len(by) :])
    found = {key: _tally(rows) for key, rows in by_key.items()}
    if chosen.figures is None:
        return found
    counts: dict[Key, tuple[int, int]] = defaultdict(lambda: (0, 0))
    of = chosen.targets()
    with_targets = select(*by, own.item_id).select_from(source).where(own.figures > 0)
    for row in tx.execute(with_targets):
        key = _key(row[: len(by)])
        count, reached = of.get(row.item_id, (0, 0))
        counts[key] = counts[key][0] + count, counts[key][1] + reached
    return {
        key: replace(one, figures=counts[key][0], figures_reached=counts[key][1])
        for key, one in found.items()
    }


def hung(chosen: Chosen, table: FromClause) -> FromClause:
    """The rows, each as often as something of the table hangs from it."""
    return chosen.rows.join(table, table.c.cycle_id == chosen.rows.c.cycle_id)


def _key(values: Iterable[Any]) -> Key:
    return tuple(tuple(one) if isinstance(one, list) else one for one in values)


def _tally(rows: Iterable[Sequence[Any]]) -> Tally:
    """A tally from counted rows, each of one stage and status."""
    by_status, by_stage = dict.fromkeys(Status, 0), dict.fromkeys(Stage, 0)
    sums = [0] * len(_SUMS)
    for stage, status, count, *rest in rows:
        by_status[Status(status)] += count
        by_stage[Stage(stage)] += count
        sums = [one + int(more) for one, more in zip(sums, rest, strict=True)]
    found = dict(zip(_SUMS, sums, strict=True))
    progress = Fraction(found.pop("progress_sum"))
    return Tally(by_status, by_stage, progress_sum=progress, **found)


def _coordinating(tx: Connection, chosen: Chosen, known: dict[int, UnitRef]) -> tuple[CoordinatingTotal, ...]:
    live = chosen.rows.c.stage != Stage.WITHDRAWN.value
    asked = kept_answers.c
    rows = select(chosen.rows).where(live).subquery("live")
    live_rows = Chosen(rows, chosen.figures)
    source = hung(live_rows, kept_answers)
    found = tallies(tx, live_rows, asked.unit_id, source=source)
    counted = select(
        asked.unit_id,
        asked.verdict,
        asked.deemed,
        func.count().label("n"),
        func.sum(asked.on_time).label("on_time"),
    ).select_from(source)
    said: dict[int, list[Any]] = defaultdict(list)
    for row in tx.execute(counted.group_by(asked.unit_id, asked.verdict, asked.deemed)):
        said[row.unit_id].append(row)
    totals = [CoordinatingTotal(known[unit], one, _answers(said[unit])) for (unit,), one in found.items()]
    return tuple(sorted(totals, key=_by_unit))


def _answers(rows: Sequence[Any]) -> Answers:
    def count(verdict: Verdict | None, deemed: int = 0) -> int:
        wanted = verdict.value if verdict else ""
        return sum(row.n for row in rows if (row.verdict, row.deemed) == (wanted, deemed))

    return Answers(
        asked=sum(row.n for row in rows),
        confirmed=count(Verdict.CONFIRM),
        partial=count(Verdict.PARTIAL),
        objected=count(Verdict.OBJECT),
        deemed=count(None, 1),
        silent=count(None),
        on_time=sum(int(row.on_time) for row in rows),
    )


def units_of(tx: Connection, chosen: Chosen) -> dict[int, UnitRef]:
    """The units of the organisations summed."""
    of = select(chosen.rows.c.organisation_id).distinct()
    return {
        row.id: UnitRef(row.id, row.name, row.cluster)
        for row in tx.execute(
            select(units.c.id, units.c.name, units.c.cluster).where(units.c.organisation_id.in_(of))
        )
    }


def _by_unit(found: LeadTotal | CoordinatingTotal) -> tuple[Hashable, ...]:
    return alphabetical(found.unit.name), found.unit.id, found.unit.cluster
