"""A closed period's records as narrow rows, so that many periods are summed by the database.

Written in the same transaction as the results; the facts stay the source, and `differences` compares the rows
with them. Summing the rows is `workflow.storage.results.rollups`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Table, delete, select

from workflow.domain.cycles.cycle import Stage
from workflow.domain.results.record import CycleRecord, Status
from workflow.domain.results.spans import done_day, precedence
from workflow.storage.people.groups import organisation_calendar
from workflow.storage.periods.periods import Period, all_periods
from workflow.storage.results.records import load_records
from workflow.storage.tables import (
    cycles,
    items,
    kept_answers,
    kept_figures,
    kept_leaders,
    kept_records,
)
from workflow.storage.writing import insert_many

_TABLES = (kept_records, kept_leaders, kept_answers, kept_figures)

Rows = dict[Table, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class KeptRowsDifference:
    """A closed period whose rows are not what its facts say: the codes of the items, where they are known."""

    period: Period
    codes: tuple[str, ...]


def rows_of(records: Iterable[CycleRecord], organisation_id: int, period_id: int) -> Rows:
    """The rows of the records."""
    found: Rows = {table: [] for table in _TABLES}
    for record in records:
        found[kept_records].append(_record_row(record, organisation_id, period_id))
        found[kept_leaders] += [
            {
                "cycle_id": record.cycle_id,
                "place": place,
                "person_id": one.person_id,
                "name": one.shown,
            }
            for place, one in enumerate({one.key: one for one in record.leaders}.values())
        ]
        found[kept_answers] += [
            {
                "cycle_id": record.cycle_id,
                "unit_id": word.unit.id,
                "verdict": word.verdict.value if word.verdict else "",
                "deemed": int(word.verdict is None and word.is_deemed),
                "on_time": int(word.is_on_time),
            }
            for word in record.words
        ]
        if record.counts:
            found[kept_figures] += [
                {
                    "cycle_id": record.cycle_id,
                    "place": place,
                    "text": figure.text,
                    "measure": figure.measure,
                    "comparison": figure.comparison.value,
                    "aggregation": figure.aggregation.value,
                    "kind": figure.kind.value,
                    "expected": _exact(figure.expected),
                    "reached": None if figure.reached is None else _exact(figure.reached),
                    "weight": None if figure.weight is None else _exact(figure.weight),
                    "before": _exact(figure.before),
                }
                for place, figure in enumerate(record.figures)
            ]
    return found


def _record_row(record: CycleRecord, organisation_id: int, period_id: int) -> dict[str, Any]:
    live = record.stage is not Stage.WITHDRAWN
    figures = record.figures if record.counts else ()
    counts_progress = record.counts and record.status is not Status.NOT_ARISEN
    return {
        "cycle_id": record.cycle_id,
        "period_id": period_id,
        "organisation_id": organisation_id,
        "item_id": record.item_id,
        "code": record.code,
        "first_day": record.span.first_day,
        "last_day": record.span.last_day,
        "as_of": record.as_of,
        "stage": record.stage.value,
        "status": record.status.value,
        "precedence": precedence(record)[0],
        "kind": record.kind.value,
        "section_codes": list(record.section_codes),
        "section_titles": list(record.section_titles),
        "lead_unit_id": record.leads[0].id if record.leads else None,
        "due": record.due,
        "done_on": done_day(record),
        "submitted": int(live and record.first_submitted_on is not None),
        "reports_on_time": int(live and record.is_report_on_time),
        "returns_by_objection": record.returns_by_objection if live else 0,
        "returns_by_committee": record.returns_by_committee if live else 0,
        "figures": len(figures),
        "figures_reached": sum(figure.is_reached for figure in figures),
        # Reports give whole percents.
        "progress": int(record.progress) if counts_progress and record.progress is not None else None,
    }


def _exact(value: Any) -> str:
    return f"{Decimal(value):f}"


def drop_rows(tx: Connection, period_id: int) -> None:
    """Deletes the period's rows, to be written again."""
    own = select(cycles.c.id).where(cycles.c.period_id == period_id)
    for table in reversed(_TABLES):
        tx.execute(delete(table).where(table.c.cycle_id.in_(own)))


def keep_rows(tx: Connection, records: Sequence[CycleRecord], organisation_id: int, period_id: int) -> None:
    """Writes the period's rows; there are none yet."""
    for table, rows in rows_of(records, organisation_id, period_id).items():
        insert_many(tx, table, rows)


def differences(tx: Connection) -> tuple[int, list[KeptRowsDifference]]:
    """How many closed periods were looked at, and those whose rows are not what their facts say. Passes over
    a period with a reopened cycle under way: its rows stay as they are until that is decided."""
    under_way = set(
        tx.scalars(select(cycles.c.period_id).where(cycles.c.stage.not_in(Stage.finals())).distinct())
    )
    closed = [
        one for one in all_periods(tx) if one.closed_at and one.id not in under_way and one.evaluation is None
    ]
    found = []
    for period in closed:
        facts = closed_rows(tx, period)
        kept = {table: _stored(tx, table, period.id) for table in _TABLES}
        expected = {table: {_key(table, row): row for row in rows} for table, rows in facts.items()}
        if expected != kept:
            found.append(KeptRowsDifference(period, _codes(tx, expected, kept)))
    return len(closed), found


def closed_rows(tx: Connection, period: Period) -> Rows:
    """A closed period's rows computed from its facts, as of the day it was closed."""
    assert period.closed_at is not None
    closed_on = organisation_calendar(tx, period.organisation_id).day_of(period.closed_at)
    return rows_of(load_records(tx, period.id, closed_on), period.organisation_id, period.id)


def _stored(tx: Connection, table: Table, period_id: int) -> dict[Any, dict[str, Any]]:
    own = select(cycles.c.id).where(cycles.c.period_id == period_id)
    rows = tx.execute(select(table).where(table.c.cycle_id.in_(own)))
    return {_key(table, dict(row._mapping)): dict(row._mapping) for row in rows}


def _key(table: Table, row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key.columns)


def _codes(tx: Connection, expected: Any, kept: Any) -> tuple[str, ...]:
    """The codes of the items that differ, in the plan's order."""
    ids = {
        key[0]
        for table in _TABLES
        for key in expected[table].keys() | kept[table].keys()
        if expected[table].get(key) != kept[table].get(key)
    }
    rows = [*expected[kept_records].values(), *kept[kept_records].values()]
    codes = {row["cycle_id"]: row["code"] for row in rows}
    asked = (
        select(cycles.c.id)
        .join(items, items.c.id == cycles.c.item_id)
        .where(cycles.c.id.in_(ids))
        .order_by(items.c.position, cycles.c.id)
    )
    return tuple(dict.fromkeys(codes[one] for one in tx.scalars(asked) if one in codes))
