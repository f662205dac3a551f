"""Several periods as one: what counts once, what adds up, and what is never added."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.results.spans import records_over_a_year
from tests.reports.quarter import a_done_record, a_lapsed_record, a_record
from workflow.domain.cycles.cycle import Stage
from workflow.domain.periods.period import Span
from workflow.domain.plans.plan import Comparison
from workflow.domain.plans.target_kinds import TargetKind, kind_by_measure
from workflow.domain.results.figures import Aggregation, Figure, aggregation_of, made_one
from workflow.domain.results.record import CycleRecord, Reported, Status
from workflow.domain.results.rollup import rollup, tally
from workflow.domain.results.spans import as_one, once, rollup_over
from workflow.domain.rules.routing_rules import Counts, FigureRule, Rates


def told(span: str, value: str | None = None, way: Aggregation = Aggregation.SUM, **changes) -> CycleRecord:
    """An approved report on item 1 in that period, of one target of 100."""
    over = Span.parse(span)
    reached = None if value is None else Decimal(value)
    figure = Figure("Hộ", Decimal(100), reached, "hộ", aggregation=way)
    given = {"figures": (figure,), "item_id": 1, "span": over, "as_of": over.last_day}
    return a_record(**(given | changes))


def value(*records: CycleRecord) -> Decimal | None:
    return as_one(records).figures[0].reached


@given(records_over_a_year, st.randoms(use_true_random=False))
def test_the_order_of_periods_and_reports_does_not_matter(records: list[CycleRecord], random: Random) -> None:
    assert rollup_over(random.sample(records, len(records))) == rollup_over(records)


@given(records_over_a_year)
def test_an_item_counts_once_however_often_it_is_reported(records: list[CycleRecord]) -> None:
    found = rollup_over(records)
    assert sum(found.items.whole.by_status.values()) == len({record.item_id for record in records})
    assert sum(found.reports.whole.by_status.values()) == len(records)


@given(records_over_a_year, st.integers(0, 12))
def test_reports_of_parts_of_a_year_add_up_to_the_years(records: list[CycleRecord], cut: int) -> None:
    assert tally(records[:cut]) + tally(records[cut:]) == rollup_over(records).reports.whole


@given(records_over_a_year, st.integers(1, 3))
def test_items_of_parts_of_a_plan_add_up_to_the_plans(records: list[CycleRecord], cut: int) -> None:
    parts = (
        rollup_over([one for one in records if (one.item_id <= cut) is is_first]).items.whole
        for is_first in (True, False)
    )
    first, second = parts
    assert first + second == rollup_over(records).items.whole


@given(records_over_a_year)
def test_one_period_over_all_periods_is_that_period(records: list[CycleRecord]) -> None:
    for span in {record.span for record in records}:
        own = [record for record in records if record.span == span]
        assert rollup_over(own).items == rollup_over(own).reports == rollup(own)


@given(st.lists(st.integers(0, 10**9).map(lambda n: Decimal(n) / 100), min_size=3, max_size=3))
def test_months_add_up_to_the_quarter_that_reports_their_sum(months: list[Decimal]) -> None:
    by_month = [told(f"2026-M0{n}", str(one)) for n, one in enumerate(months, 1)]
    quarter = told("2026-Q1", str(sum(months)))
    assert value(*by_month) == value(quarter) == value(*by_month, quarter)


@given(st.lists(st.integers(0, 1000), min_size=12, max_size=12))
def test_months_into_quarters_into_half_years_into_the_year(months: list[int]) -> None:
    by_month = [told(f"2026-M{n:02}", str(one)) for n, one in enumerate(months, 1)]
    quarters = [told(f"2026-Q{n + 1}", str(sum(months[3 * n : 3 * n + 3]))) for n in range(4)]
    halves = [told(f"2026-H{n + 1}", str(sum(months[6 * n : 6 * n + 6]))) for n in range(2)]
    everything = [*by_month, *quarters, *halves]
    for some in (by_month, quarters, halves, everything, [*by_month[:6], halves[1]]):
        assert value(*some) == sum(months)


def test_a_quarter_without_a_value_leaves_its_months_to_count() -> None:
    months = [told("2026-M01", "10"), told("2026-M02", "20")]
    assert value(*months, told("2026-Q1")) == 30
    assert value(*months, told("2026-Q1", "5", stage=Stage.LAPSED)) == 30
    assert value(*months, told("2026-Q1", "5")) == 5


@pytest.mark.parametrize(
    ("way", "found"),
    [
        (Aggregation.SUM, "270"),
        (Aggregation.LAST, "95"),
        (Aggregation.MEAN, "90"),
        (Aggregation.HIGHEST, "95"),
        (Aggregation.LOWEST, "80"),
    ],
)
def test_each_measure_in_its_own_way(way: Aggregation, found: str) -> None:
    quarters = [told(f"2026-Q{n}", one, way) for n, one in ((1, "80"), (2, "95"), (3, "95"))]
    assert value(*quarters) == Decimal(found)


def test_a_mean_is_weighed_where_every_period_has_a_weight() -> None:
    assert made_one(Aggregation.MEAN, [(Decimal(90), Decimal(100)), (Decimal(100), Decimal(300))]) == Decimal(
        "97.5"
    )
    assert made_one(Aggregation.MEAN, [(Decimal(90), None), (Decimal(100), Decimal(300))]) == 95


@pytest.mark.parametrize(
    ("measure", "comparison", "rule", "way"),
    [
        ("hộ", Comparison.AT_LEAST, FigureRule(), Aggregation.SUM),
        ("vụ", Comparison.AT_MOST, FigureRule(), Aggregation.SUM),
        ("triệu đồng", Comparison.AT_LEAST, FigureRule(), Aggregation.SUM),
        ("triệu đồng/người/năm", Comparison.AT_LEAST, FigureRule(), Aggregation.LAST),
        ("%", Comparison.AT_LEAST, FigureRule(), Aggregation.LAST),
        ("điểm", Comparison.AT_LEAST, FigureRule(), Aggregation.LAST),
        ("", Comparison.RANK, FigureRule(rates=Rates.MEAN), Aggregation.LAST),
        ("%", Comparison.AT_LEAST, FigureRule(rates=Rates.MEAN), Aggregation.MEAN),
        ("hộ", Comparison.AT_LEAST, FigureRule(counts=Counts.TO_DATE), Aggregation.LAST),
        ("hộ nghèo", Comparison.AT_MOST, FigureRule(last=("hộ nghèo",)), Aggregation.LAST),
        ("hộ", Comparison.AT_LEAST, FigureRule(last=("hộ",), highest=("I.1.1",)), Aggregation.HIGHEST),
    ],
)
def test_how_a_target_adds_up_follows_from_its_measure_unless_a_rule_says_otherwise(
    measure: str, comparison: Comparison, rule: FigureRule, way: Aggregation
) -> None:
    kind = kind_by_measure(measure, is_rank=comparison is Comparison.RANK)
    assert aggregation_of(rule, "I.1.1", measure, kind) is way


rules = st.builds(FigureRule, counts=st.sampled_from(Counts), rates=st.sampled_from(Rates))
reported = st.lists(st.decimals(0, 10**6, places=2), min_size=1, max_size=12)


@given(rules, st.sampled_from([one for one in TargetKind if one is not TargetKind.FLOW]), reported)
def test_only_a_flow_is_ever_added_over_periods(rule, kind, values):
    way = aggregation_of(rule, "I.1.1", "tuyến phố", kind)
    found = made_one(way, [(value, None) for value in values])
    assert way is not Aggregation.SUM
    assert found is not None
    assert min(values) <= found <= max(values)


@given(reported, st.randoms())
def test_a_flow_is_the_same_in_whatever_order_its_periods_come(values, random):
    way = aggregation_of(FigureRule(), "I.1.1", "hộ", TargetKind.FLOW)
    shuffled = random.sample(values, len(values))
    assert made_one(way, [(one, None) for one in values]) == made_one(way, [(one, None) for one in shuffled])


@given(reported)
def test_a_level_is_what_the_last_period_says(values):
    way = aggregation_of(FigureRule(), "I.1.1", "tuyến phố", TargetKind.LEVEL)
    assert made_one(way, [(one, None) for one in values]) == values[-1]


@pytest.mark.parametrize("kind", TargetKind)
def test_a_rule_of_the_office_goes_before_the_kind(kind):
    rule = FigureRule(sum=("I.1.1",), highest=("hộ",))
    assert aggregation_of(rule, "I.1.1", "hộ", kind) is Aggregation.SUM
    assert aggregation_of(rule, "I.1.2", "hộ", kind) is Aggregation.HIGHEST


def test_a_years_target_is_held_against_what_the_year_has_reached_so_far() -> None:
    third = Figure("Hộ", Decimal(100), Decimal(30), "hộ", aggregation=Aggregation.SUM, before=Decimal(60))
    assert third.share == Decimal("0.9")
    assert not third.is_reached
    assert replace(third, reached=Decimal(40)).is_reached


def test_what_was_done_stays_done_in_a_later_period_without_a_report() -> None:
    first = a_done_record("I.1.1", item_id=1)
    second = a_lapsed_record("I.1.1", item_id=1, span=Span.parse("2026-Q2"))
    assert [one.status for one in once([first, second])] == [Status.DONE_ON_TIME]


def test_a_deadline_passed_since_the_last_approved_report_makes_the_item_overdue() -> None:
    first = a_record(item_id=1, due=date(2026, 5, 1))
    second = a_lapsed_record(
        "I.1.1", item_id=1, due=date(2026, 5, 1), span=Span.parse("2026-Q2"), as_of=date(2026, 6, 25)
    )
    assert first.status is Status.UNDER_WAY
    assert as_one([first, second]).status is Status.OVERDUE


def test_nothing_arising_later_does_not_hide_what_was_done_before() -> None:
    first = a_done_record("I.1.1", item_id=1)
    later = a_record(item_id=1, reported=Reported.NOT_ARISEN, span=Span.parse("2026-Q2"))
    assert as_one([first, later]).status is Status.DONE_ON_TIME
    assert as_one([later]).status is Status.NOT_ARISEN


def test_an_item_taken_out_of_one_period_is_counted_by_the_others() -> None:
    gone = a_record(item_id=1, stage=Stage.WITHDRAWN, span=Span.parse("2026-Q2"))
    assert as_one([a_lapsed_record("I.1.1", item_id=1), gone]).status is Status.NO_REPORT
    assert as_one([gone]).status is Status.WITHDRAWN


def test_an_item_reported_done_again_was_done_on_the_earliest_day() -> None:
    due = date(2026, 3, 31)
    first = a_record(item_id=7, due=due, reported=Reported.DONE, done_on=date(2026, 3, 10))
    again = replace(first, span=Span.parse("2026-Q2"), cycle_id=2, done_on=date(2026, 6, 12))
    assert again.status is Status.DONE_LATE
    over = as_one([first, again])
    assert (over.cycle_id, over.done_on, over.status) == (2, date(2026, 3, 10), Status.DONE_ON_TIME)


def test_a_report_that_others_left_undecided_keeps_the_day_its_item_was_done() -> None:
    due = date(2026, 3, 31)
    first = a_record(
        item_id=7, due=due, reported=Reported.DONE, done_on=date(2026, 3, 10), stage=Stage.UNDECIDED
    )
    again = replace(first, span=Span.parse("2026-Q2"), cycle_id=2, done_on=date(2026, 6, 12))
    assert as_one([first, replace(again, stage=Stage.APPROVED)]).status is Status.DONE_ON_TIME
    assert as_one([replace(first, stage=Stage.APPROVED), again]).status is Status.DONE_ON_TIME
