"""Working days by the published Vietnamese holidays."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.domain.calendar import Calendar

CALENDAR = Calendar()
DAYS = st.dates(date(2023, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    "day",
    [
        date(2023, 1, 20),  # Tết Quý Mão, the official notice: 20 to 26 January
        date(2023, 1, 26),
        date(2024, 2, 8),  # Tết Giáp Thìn: 8 to 14 February
        date(2024, 2, 14),
        date(2025, 1, 29),  # the first day of Tết Ất Tỵ
        date(2026, 2, 17),  # the first day of Tết Bính Ngọ
        date(2023, 4, 30),
        date(2026, 9, 2),
        date(2026, 3, 7),  # a Saturday
    ],
)
def test_offices_are_closed_on_tet_national_days_and_weekends(day):
    assert not CALENDAR.is_working(day)


def test_the_organisations_own_days_win_over_the_public_ones():
    calendar = Calendar.of(days_off=[date(2026, 3, 10)], days_worked=[date(2026, 3, 7)])
    assert not calendar.is_working(date(2026, 3, 10))
    assert calendar.is_working(date(2026, 3, 7))


@given(DAYS, st.integers(1, 15))
def test_adding_working_days_and_counting_them_agree(day, count):
    assert CALENDAR.working_days_between(day, CALENDAR.add_working_days(day, count)) == count


@given(DAYS, st.integers(1, 15))
def test_going_back_and_forth_from_a_working_day_ends_there(day, count):
    start = CALENDAR.add_working_days(day, 0)
    assert CALENDAR.add_working_days(CALENDAR.add_working_days(start, count), -count) == start


@given(DAYS)
def test_a_day_ends_where_the_next_begins(day):
    assert CALENDAR.end_of(day) == CALENDAR.moment(day + timedelta(days=1))
    assert CALENDAR.day_of(CALENDAR.end_of(day) - timedelta(seconds=1)) == day
