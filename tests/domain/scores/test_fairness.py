"""The same progress at the same time is worth the same, whatever kind of item it is; what is not reached is
never worth as much as what is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.reports.quarter import UNITS, a_record, ready_rules
from workflow.domain.plans.plan import Comparison, Every
from workflow.domain.results.figures import Aggregation, Figure
from workflow.domain.results.record import CycleRecord, Reported
from workflow.domain.scores.score_lines import ScoreLine
from workflow.domain.scores.scoring import score

QUARTER_GONE: dict[str, Any] = {
    "start": date(2026, 1, 1),
    "as_of": date(2026, 4, 9),
    "report_due_on": date(2026, 4, 6),
}
"""Of a quarter whose reports are due after its end: they speak of the days until 31 March."""
RECURRING: dict[str, Any] = {**QUARTER_GONE, "due": None, "cadence": Every.QUARTER}
DATED: dict[str, Any] = {**QUARTER_GONE, "due": date(2026, 12, 31)}
values = st.integers(0, 20_000).map(lambda hundredths: Decimal(hundredths) / 100)


def _line(record: CycleRecord) -> ScoreLine:
    found = next(one for one in score([record], ready_rules()) if one.unit == UNITS["ubnd"])
    return next(line for line in found.lines if line.criterion.code == "ket-qua")


def a_flow(reached: int, **changes: Any) -> Figure:
    return replace(
        Figure("lớp", Decimal(100), Decimal(reached), "lớp", aggregation=Aggregation.SUM), **changes
    )


def test_a_recurring_item_at_a_quarter_of_its_work_scores_as_a_dated_one_does() -> None:
    quarter = Decimal(25)
    assert _line(a_record(**RECURRING, progress=quarter)).points == 50
    assert _line(a_record(**DATED, progress=quarter)).points == 50


def test_an_item_without_a_deadline_is_held_against_the_year() -> None:
    record = a_record(**{**DATED, "due": None}, progress=Decimal(25))
    assert _line(record).points == 50
    assert "thời gian của năm" in " ".join(
        one.text for one in _line(replace(record, progress=Decimal(10))).reasons
    )


def test_a_years_count_is_held_against_the_time_gone() -> None:
    assert _line(a_record(**RECURRING, figures=(a_flow(25),))).points == 50
    # 12 of 100 when 89 of 364 days are gone.
    assert _line(a_record(**RECURRING, figures=(a_flow(12),))).points == Decimal("24.54")


def test_a_report_due_before_the_cut_off_is_not_held_against_the_days_between() -> None:
    early = {"due": date(2026, 3, 31), "start": date(2026, 3, 2), "report_due_on": date(2026, 3, 16)}
    assert _line(a_record(**early, as_of=date(2026, 3, 26), progress=Decimal(49))).points == 50


def test_a_level_that_regular_work_keeps_has_to_be_there_in_every_period() -> None:
    streets = Figure("tuyến phố", Decimal(20), Decimal(10), "tuyến", aggregation=Aggregation.LAST)
    assert _line(a_record(**RECURRING, figures=(streets,))).points == 25


def test_a_rate_to_be_reached_by_a_day_is_on_its_way_until_then() -> None:
    rate = Figure("hộ", Decimal(80), Decimal(20), "%", aggregation=Aggregation.LAST)
    assert _line(a_record(**DATED, figures=(rate,))).points == 50


def test_one_target_ahead_does_not_make_up_for_another_behind() -> None:
    both = (a_flow(100), a_flow(0, text="buổi"))
    assert _line(a_record(**RECURRING, figures=both)).points == 25


def test_a_limit_that_was_broken_is_not_excused_by_how_early_it_is() -> None:
    fires = a_flow(20, expected=Decimal(10), comparison=Comparison.AT_MOST)
    assert _line(a_record(**DATED, figures=(fires,))).points == 25


def test_more_than_a_value_reached_exactly_is_not_worth_as_much_as_reached() -> None:
    beaten = Figure("điểm", Decimal("48.5"), Decimal("48.5"), "điểm", Comparison.MORE_THAN)
    assert (beaten.is_reached, beaten.attainment) == (False, Fraction(99, 100))


def test_more_than_a_value_is_not_reached_at_the_value_however_early_in_its_time() -> None:
    beaten = Figure("điểm", Decimal("48.5"), Decimal("48.5"), "điểm", Comparison.MORE_THAN)
    nearly = replace(beaten, reached=Decimal("48.4"))
    assert _line(a_record(**DATED, figures=(beaten,))).points == Decimal("49.50")
    assert _line(a_record(**DATED, figures=(nearly,))).points == Decimal("49.50")


@given(
    st.builds(Figure, st.just("x"), values, st.none() | values, st.just("lớp"), st.sampled_from(Comparison))
)
def test_a_strict_target_that_is_missed_never_has_full_marks(figure: Figure) -> None:
    strict = replace(figure, comparison=Comparison.MORE_THAN)
    assert strict.is_reached or strict.attainment < 1


@given(st.integers(0, 100), st.integers(0, 100), st.sampled_from([RECURRING, DATED]))
def test_more_progress_is_never_worth_less(one: int, other: int, kind: dict[str, Any]) -> None:
    low, high = sorted((one, other))
    points = [_line(a_record(**kind, progress=Decimal(done))).points for done in (low, high)]
    assert points[0] <= points[1]


def test_done_with_a_missed_target_scores_what_its_targets_are_worth() -> None:
    record = a_record(**DATED, figures=(a_flow(12),), reported=Reported.DONE, progress=Decimal(100))
    assert _line(record).points == Decimal("24.54")
