"""Periods: their names, their dates, and which items are due in them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.domain.calendar import Calendar
from workflow.domain.errors import TiendoError
from workflow.domain.periods.period import PeriodKind, Span, Timetable, is_due_in, timetable
from workflow.domain.plans.plan import PlanPart, Schedule, ScheduleKind
from workflow.domain.rules.routing_rules import PeriodRule, Reporting, Rules

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


def part(start: Schedule | None = None, deadline: Schedule | None = None) -> PlanPart:
    return PlanPart("I.1", "Việc", start=start, deadline=deadline)


def month(number: int) -> Schedule:
    return Schedule(ScheduleKind.MONTH, date(2026, number, 1), date(2026, number, 28))


def test_which_items_report_follows_the_rule():
    first = Span.parse("2026-Q1")
    later = part(month(4), month(5))
    running = part(month(2), month(11))
    due = part(month(1), month(3))
    assert all(is_due_in(one, first, Reporting.ALL) for one in (later, running, due))
    assert [is_due_in(one, first, Reporting.ACTIVE) for one in (later, running, due)] == [False, True, True]
    assert [is_due_in(one, first, Reporting.DUE) for one in (later, running, due)] == [False, False, True]


def test_an_item_past_its_deadline_still_reports_while_active_items_do():
    assert is_due_in(part(month(1), month(2)), Span.parse("2026-Q2"), Reporting.ACTIVE)


def test_rules_read_back_as_they_were_written():
    rules = Rules(name="phường", version="3")
    assert Rules.from_json(rules.as_json()) == rules
