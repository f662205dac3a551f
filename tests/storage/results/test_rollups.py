"""Closed periods summed by the database equal the domain's sums, which are the oracle; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from sqlalchemy import Connection, select

from tests.builders import NOW, Opened, a_plan, a_target, an_item, an_open_period, submitted, voted
from tests.domain.results.spans import N_ITEMS, SPANS, records_over_a_year
from tests.reports.quarter import UNITS
from workflow.domain.periods.period import Span
from workflow.domain.results.comparing import Grouping
from workflow.domain.results.figures import Figure
from workflow.domain.results.record import CycleRecord, Status
from workflow.domain.results.spans import rollup_over
from workflow.storage import Store
from workflow.storage.canonical import canonical, plain
from workflow.storage.cycles import orders
from workflow.storage.opening.opening import open_period
from workflow.storage.results.closing import close_period, refresh_reopened
from workflow.storage.results.comparing import compare
from workflow.storage.results.figures import versions
from workflow.storage.results.kept_rows import differences, keep_rows
from workflow.storage.results.records import load_records
from workflow.storage.results.rollups import rollup_of
from workflow.storage.tables import (
    cycles,
    items,
    kept_records,
    organisations,
    periods,
    persons,
    plans,
    rules,
    targets,
    units,
)

on_one_store = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def a_year(tx: Connection, records: list[CycleRecord]) -> list[int]:
    """Closed periods with those records kept; nothing else of them is there. Gives the periods' ids."""
    row: dict[str, object] = {"name": "P", "kind": "party-committee", "zone": "Asia/Ho_Chi_Minh"}
    tx.execute(organisations.insert().values(id=1, slug="p", days_off=[], days_worked=[], **row))
    for unit in UNITS.values():
        named = {"slug": f"u{unit.id}", "aliases": [], "is_committee": False, "is_active": True}
        tx.execute(
            units.insert().values(
                id=unit.id, organisation_id=1, name=unit.name, cluster=unit.cluster, **named
            )
        )
    for id_, name in ((1, "Mai"), (2, "Mai"), (3, "Đức")):
        named = {"name": name, "email": f"p{id_}@x.vn", "is_active": True}
        tx.execute(persons.insert().values(id=id_, organisation_id=1, **named))
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
            committee={"bodies": {}, "decide": {}},
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


LATER = NOW + timedelta(days=60)


def _approved(opened: Opened, cycle: int, reached: str, version: int = 0) -> None:
    with opened.store.reading() as tx:
        aims = select(targets.c.id).join(cycles, cycles.c.item_id == targets.c.item_id)
        aim = tx.scalar(aims.where(cycles.c.id == cycle))
    submitted(opened, cycle, version=version, figures={str(aim): reached})
    voted(opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1", version=version + 1)


def _next_quarter(opened: Opened, code: str, now: datetime) -> Opened:
    with opened.store.begin() as tx:
        rules_id = tx.scalar(select(periods.c.rules_id).where(periods.c.id == opened.period_id))
        period = open_period(tx, opened.plan_id, Span.parse(code), rules_id or 0, now)
        own = tx.scalars(select(cycles.c.id).where(cycles.c.period_id == period).order_by(cycles.c.id))
        return replace(opened, period_id=period, cycles=tuple(own), now=now)


def _closed(opened: Opened, now: datetime) -> None:
    with opened.store.begin() as tx:
        close_period(tx, opened.period_id, now, is_early=True)


def _two_quarters(store: Store) -> tuple[Opened, Opened]:
    """One item with a count of 100 for the year: 60 in the first quarter, 30 in the second, both closed."""
    target = a_target("100", "Trồng 100 cây", "cây")
    item = replace(an_item(1), coordinating_ids=(), coordinating_units=(), targets=(target,))
    first = an_open_period(store, plan=a_plan(items=[item]))
    _approved(first, first.cycles[0], "60")
    _closed(first, LATER)
    second = _next_quarter(first, "2026-Q2", NOW + timedelta(days=92))
    _approved(second, second.cycles[0], "30")
    _closed(second, NOW + timedelta(days=140))
    return first, second


def _figure(opened: Opened) -> Figure:
    with opened.store.reading() as tx:
        (record,) = load_records(tx, opened.period_id, date(2026, 12, 31))
    return record.figures[0]


def test_a_count_of_a_later_quarter_is_held_against_the_years_target_with_those_before(store: Store) -> None:
    first, second = _two_quarters(store)
    assert (_figure(first).so_far, _figure(second).so_far) == (60, 90)
    with store.reading() as tx:
        found = compare(tx, first.organisation_id, Span.parse("2026"), Grouping.SECTION, LATER)
    assert found is not None
    (target,) = found.now.targets
    assert (target.figure.reached, target.figure.before) == (90, 0)


def test_rows_are_what_the_facts_say_and_a_changed_row_is_found(store: Store) -> None:
    _two_quarters(store)
    with store.reading() as tx:
        assert differences(tx) == (2, [])
        tx.execute(kept_records.update().where(kept_records.c.first_day == date(2026, 4, 1)).values(due=None))
        checked, (found,) = differences(tx)
    assert checked == 2
    assert (found.period.code, found.codes) == ("2026-Q2", ("I.1.1",))


def test_an_earlier_quarter_decided_anew_recomputes_the_later_ones_with_the_reason(store: Store) -> None:
    first, second = _two_quarters(store)
    at = NOW + timedelta(days=150)
    with store.begin() as tx:
        until = (at + timedelta(days=10)).date()
        orders.reopen(tx, first.person("van-phong"), first.cycles[0], "Sót số liệu", until, at)
    _approved(replace(first, now=at + timedelta(days=1)), first.cycles[0], "75", version=1)
    with store.begin() as tx:
        refresh_reopened(tx, at + timedelta(days=2))
        assert [one.version for one in versions(tx, second.period_id, "records")] == [1, 2]
        assert differences(tx) == (2, [])
    assert _figure(second).so_far == 105


def test_changes_are_against_the_period_before_and_the_item_is_the_same_one(store: Store) -> None:
    first, _ = _two_quarters(store)
    with store.reading() as tx:
        found = compare(tx, first.organisation_id, Span.parse("2026-Q2"), Grouping.UNIT, LATER)
    assert found is not None
    assert found.year_ago is None
    assert found.whole.before is not None
    assert [(one.before, one.now) for one in found.moved] == [(Status.UNDER_WAY, Status.OVERDUE)]


def test_an_open_periods_figures_are_provisional_and_do_not_go_into_the_years(store: Store) -> None:
    first, _ = _two_quarters(store)
    _next_quarter(first, "2026-Q3", NOW + timedelta(days=184))
    with store.reading() as tx:
        third = compare(tx, first.organisation_id, Span.parse("2026-Q3"), Grouping.KIND, LATER)
        year = compare(tx, first.organisation_id, Span.parse("2026"), Grouping.KIND, LATER)
    assert third is not None
    assert third.now.is_provisional
    assert third.whole.now.items.by_status[Status.PENDING] == 1
    assert year is not None
    assert [one.code for one in year.now.waiting] == ["2026-Q3"]
    assert [one.code for one in year.now.counted] == ["2026-Q1", "2026-Q2"]


@given(records_over_a_year)
def test_the_text_that_is_kept_of_a_value_is_the_text_of_its_plain_form(records: list[CycleRecord]) -> None:
    for value in (records, rollup_over(records)):
        assert canonical(value) == canonical(plain(value))
