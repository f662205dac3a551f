"""Periods: their names and their dates."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.domain.calendar import Calendar
from workflow.domain.errors import TiendoError
from workflow.domain.periods.period import PeriodKind, Span, Timetable, timetable
from workflow.domain.rules.routing_rules import PeriodRule, Rules

SPANS = st.one_of(
    st.builds(Span, st.just(PeriodKind.MONTH), st.integers(2023, 2027), st.integers(1, 12)),
    st.builds(Span, st.just(PeriodKind.QUARTER), st.integers(2023, 2027), st.integers(1, 4)),
    st.builds(Span, st.just(PeriodKind.HALF_YEAR), st.integers(2023, 2027), st.integers(1, 2)),
    st.builds(Span, st.just(PeriodKind.YEAR), st.integers(2023, 2027)),
)


@given(SPANS)
def test_a_periods_code_reads_back_to_the_period(span):
    assert Span.parse(span.code) == span


def test_a_quarter_is_named_as_documents_name_it():
    assert Span.parse("2026-Q1").label == "Quý I/2026"
    assert Span.parse("2026-q4").last_day == date(2026, 12, 31)


@pytest.mark.parametrize("code", ["2026-Q5", "quý 1", "2026-X1", ""])
def test_a_wrong_code_is_refused_in_words(code):
    with pytest.raises(TiendoError):
        Span.parse(code)


def test_units_report_by_the_15th_of_the_quarters_last_month():
    dates = timetable(Span.parse("2023-Q1"), PeriodRule(), Calendar())
    assert dates.due_on == date(2023, 3, 15)
    assert dates.opens_on == date(2023, 3, 1)
    assert dates.cut_off == date(2023, 3, 28)


@given(SPANS)
def test_a_periods_dates_are_in_order_and_on_working_days(span):
    calendar = Calendar()
    dates = timetable(span, PeriodRule(), calendar)
    found = [dates.opens_on, dates.due_on, dates.confirm_by, dates.approve_by, dates.cut_off]
    assert found == sorted(found)
    assert all(calendar.is_working(day) for day in found)


def test_dates_out_of_order_are_refused():
    day = date(2026, 3, 15)
    with pytest.raises(TiendoError):
        Timetable(day, date(2026, 3, 1), day, day, day)


def test_rules_read_back_as_they_were_written():
    rules = Rules(name="phường", version="3")
    assert Rules.from_json(rules.as_json()) == rules
