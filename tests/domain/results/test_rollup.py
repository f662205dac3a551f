from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.results.records import any_records
from tests.reports.quarter import a_done_record, a_lapsed_record, a_quarter, a_record
from workflow.domain.cycles.cycle import Stage
from workflow.domain.plans.plan import Comparison, Every
from workflow.domain.results.figures import Figure
from workflow.domain.results.record import CycleRecord, Reported, Status
from workflow.domain.results.rollup import Tally, rollup, tally


@given(any_records, st.integers(0, 6))
def test_the_rollup_of_parts_equals_the_rollup_of_the_whole(records: list[CycleRecord], cut: int) -> None:
    assert tally(records[:cut]) + tally(records[cut:]) == tally(records)


@given(any_records, st.randoms(use_true_random=False))
def test_the_order_of_records_does_not_matter(records: list[CycleRecord], random: Random) -> None:
    shuffled = random.sample(records, len(records))
    assert rollup(shuffled) == rollup(records)


@given(any_records)
def test_outermost_sections_add_up_to_the_whole(records: list[CycleRecord]) -> None:
    found = rollup(records)
    outermost = [section.tally for section in found.sections if section.depth == 1]
    assert reduce(Tally.__add__, outermost, tally([])) == found.whole


@given(any_records)
def test_a_section_is_the_sum_of_its_children_and_its_own_items(records: list[CycleRecord]) -> None:
    found = rollup(records)
    for section in found.sections:
        children = [
            other.tally
            for other in found.sections
            if other.depth == section.depth + 1 and section.code and other.code.startswith(f"{section.code}.")
        ]
        own = tally(r for r in records if (r.section_codes or ("",))[-1] == section.code)
        assert reduce(Tally.__add__, children, own) == section.tally


@given(any_records)
def test_main_lead_units_add_up_to_the_whole(records: list[CycleRecord]) -> None:
    found = rollup(records)
    assert reduce(Tally.__add__, (lead.tally for lead in found.leads), tally([])) == found.whole


@given(any_records)
def test_every_record_has_one_status_and_shares_stay_between_none_and_all(records: list[CycleRecord]) -> None:
    whole = rollup(records).whole
    assert sum(whole.by_status.values()) == sum(whole.by_stage.values()) == len(records)
    for share in (whole.reports_on_time_share, whole.done_on_time_share):
        assert share is None or 0 <= share <= 1
    assert whole.mean_progress is None or 0 <= whole.mean_progress <= 100


@pytest.mark.parametrize(
    ("record", "status"),
    [
        (a_done_record("I.1.1"), Status.DONE_ON_TIME),
        (a_done_record("I.1.1", done_on=date(2026, 3, 1)), Status.DONE_LATE),
        (a_done_record("I.1.1", due=None, done_on=None), Status.DONE_ON_TIME),
        (a_record(), Status.UNDER_WAY),
        (a_record(due=date(2026, 3, 26)), Status.UNDER_WAY),
        (a_record(due=date(2026, 3, 25)), Status.OVERDUE),
        (a_record(due=None), Status.UNDER_WAY),
        (a_record(reported=Reported.NOT_STARTED), Status.NOT_STARTED),
        (a_record(reported=Reported.NOT_STARTED, due=date(2026, 2, 28)), Status.OVERDUE),
        (a_record(cadence=Every.ONGOING, due=None), Status.ONGOING),
        (a_record(cadence=Every.MONTH, due=date(2026, 11, 30)), Status.UNDER_WAY),
        (a_record(reported=Reported.NOT_ARISEN), Status.NOT_ARISEN),
        (a_lapsed_record("I.1.1"), Status.NO_REPORT),
        (a_record(stage=Stage.WAITING_APPROVAL), Status.PENDING),
        (a_record(stage=Stage.WITHDRAWN), Status.WITHDRAWN),
    ],
)
def test_the_official_word_for_an_item(record: CycleRecord, status: Status) -> None:
    assert record.status is status


@pytest.mark.parametrize(
    ("due", "days_late", "status"),
    [
        (date(2026, 2, 28), 0, Status.DONE_ON_TIME),
        (date(2026, 2, 28), 1, Status.DONE_LATE),
        (date(2026, 3, 31), 1, Status.DONE_ON_TIME),
        # After the last quarter's report (about 15 December): this report is the first to tell.
        (date(2025, 12, 31), 0, Status.DONE_ON_TIME),
        (date(2025, 11, 30), 0, Status.DONE_LATE),
    ],
)
def test_without_a_day_of_finishing_a_report_in_time_meets_a_deadline_since_the_last_report(
    due: date, days_late: int, status: Status
) -> None:
    assert a_done_record("I.1.1", due=due, done_on=None, days_late=days_late).status is status


def test_the_quarter_is_counted_by_hand() -> None:
    whole = rollup(a_quarter()).whole
    assert whole.total == 16
    assert whole.by_status[Status.DONE_ON_TIME] == 4
    assert whole.by_status[Status.NO_REPORT] == whole.lapsed == 2
    assert (whole.submitted, whole.reports_on_time) == (15, 12)
    assert whole.done_on_time_share == Fraction(4, 6)
    # Thirteen approved reports with progress; one approved item did not arise.
    assert whole.mean_progress == Fraction(920, 13)


@pytest.mark.parametrize(
    ("comparison", "reached", "attainment"),
    [
        (Comparison.AT_LEAST, "8", Fraction(4, 5)),
        (Comparison.AT_LEAST, "12", Fraction(1)),
        (Comparison.AT_MOST, "8", Fraction(1)),
        (Comparison.AT_MOST, "20", Fraction(1, 2)),
        (Comparison.EXACTLY, "20", Fraction(1, 2)),
        (Comparison.RANK, "3", Fraction(1)),
        (Comparison.AT_LEAST, "-1", Fraction(0)),
    ],
)
def test_how_much_of_a_target_is_met(comparison: Comparison, reached: str, attainment: Fraction) -> None:
    figure = Figure("", Decimal(10), Decimal(reached), comparison=comparison)
    assert figure.attainment == attainment
