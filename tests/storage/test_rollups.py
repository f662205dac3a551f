"""Closed periods summed by the database equal the domain's sums, which are the oracle; on both databases."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from sqlalchemy import Connection

from tests.builders import NOW
from tests.domain.spans import N_ITEMS, SPANS, records_over_a_year
from tests.reports.quarter import UNITS
from workflow.domain.period import Span
from workflow.domain.record import CycleRecord
from workflow.domain.spans import rollup_over
from workflow.storage import Store
from workflow.storage.kept_rows import keep_rows
from workflow.storage.rollups import rollup_of
from workflow.storage.tables import cycles, items, organisations, periods, plans, rules, units

on_one_store = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def a_year(tx: Connection, records: list[CycleRecord]) -> list[int]:
    """Closed periods with those records kept; nothing else of them is there. Gives the periods' ids."""
    row: dict[str, object] = {"name": "P", "is_party": True, "zone": "Asia/Ho_Chi_Minh"}
    tx.execute(organisations.insert().values(id=1, slug="p", days_off=[], days_worked=[], **row))
    for unit in UNITS.values():
        named = {"slug": f"u{unit.id}", "aliases": [], "is_committee": False, "is_active": True}
        tx.execute(
            units.insert().values(
                id=unit.id, organisation_id=1, name=unit.name, cluster=unit.cluster, **named
            )
        )
    head = {"number": "", "title": "", "issuer": "", "source_name": "", "source_sha256": "", "findings": []}
    tx.execute(plans.insert().values(id=1, organisation_id=1, year=2026, loaded_at=NOW, **head))
    texts = dict.fromkeys(
        ("content", "coordinating_text", "start_text", "deadline_text", "result", "note", "source"), ""
    )
    lists: dict[str, object] = {
        name: []
        for name in ("section_codes", "section_titles", "leaders", "lead_units", "coordinating_units")
    }
    tx.execute(
        items.insert(),
        [
            {"id": n, "plan_id": 1, "code": str(n), "position": n, **texts, **lists}
            for n in range(1, N_ITEMS + 1)
        ],
    )
    tx.execute(
        rules.insert().values(
            id=1, organisation_id=1, name="", version="", routing={}, scoring={}, sha256="", saved_at=NOW
        )
    )
    found = []
    for span in {record.span for record in records}:
        found.append(_a_closed_period(tx, span, [one for one in records if one.span == span]))
    return found


def _a_closed_period(tx: Connection, span: Span, records: list[CycleRecord]) -> int:
    period_id = SPANS.index(span) + 1
    days = dict.fromkeys(("opens_on", "due_on", "confirm_by", "approve_by", "cut_off"), span.last_day)
    tx.execute(
        periods.insert().values(
            id=period_id,
            plan_id=1,
            rules_id=1,
            code=span.code,
            label=span.label,
            committee={},
            opened_at=NOW,
            closed_at=NOW,
            **days,
        )
    )
    tx.execute(
        cycles.insert(),
        [
            {
                "id": one.cycle_id,
                "period_id": period_id,
                "item_id": one.item_id,
                "stage": one.stage.value,
                "stage_since": NOW,
                "standing": {},
            }
            for one in records
        ],
    )
    keep_rows(tx, records, 1, period_id)
    return period_id


@on_one_store
@given(records=records_over_a_year)
def test_periods_summed_by_the_database_equal_the_domains_sums(
    store: Store, records: list[CycleRecord]
) -> None:
    with store.reading() as tx:
        assert rollup_of(tx, a_year(tx, records)) == rollup_over(records)
