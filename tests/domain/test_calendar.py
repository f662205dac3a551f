"""Working days by the published Vietnamese holidays."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.domain.calendar import Calendar

CALENDAR = Calendar()
DAYS = st.dates(date(2023, 1, 1), date(2026, 12, 31))

# The official notices for civil servants: first and last day off, both included, as announced.
PUBLISHED = (
    # The Labour Ministry's notice for 2023 (Tết from 20 to 26 January); Labour Code 2019 art. 111(3) and 112.
    ("2022-12-31", "2023-01-02"),
    ("2023-01-20", "2023-01-26"),
    ("2023-04-29", "2023-05-03"),
    ("2023-09-01", "2023-09-04"),
    # The Labour Ministry's notice for 2024: Tết from 8 to 14 February, National Day from 31 August.
    ("2023-12-30", "2024-01-01"),
    ("2024-02-08", "2024-02-14"),
    ("2024-04-18", "2024-04-18"),
    # Official dispatch 2450/VPCP-KGVX of 2024: 29 April in exchange for 4 May.
    ("2024-04-27", "2024-05-01"),
    ("2024-08-31", "2024-09-03"),
    # Dispatch 8726/VPCP-KGVX, notice 6150/TB-BLĐTBXH of 2024: Tết Ất Tỵ; 2 May in exchange for 26 April.
    ("2025-01-01", "2025-01-01"),
    ("2025-01-25", "2025-02-02"),
    ("2025-04-05", "2025-04-07"),
    ("2025-04-30", "2025-05-04"),
    ("2025-08-30", "2025-09-02"),
    # Official dispatch 12729/VPCP-KGVX of 25 December 2025: 2 January in exchange for 10 January.
    ("2026-01-01", "2026-01-04"),
    # The Home Ministry's notice for 2026: Tết from 14 to 22 February; 31 August in exchange for 22 August.
    ("2026-02-14", "2026-02-22"),
    ("2026-04-25", "2026-04-27"),
    ("2026-04-30", "2026-05-03"),
    ("2026-08-29", "2026-09-02"),
    # Resolution 80-NQ/TW: Vietnam Cultural Day, from 2026.
    ("2026-11-24", "2026-11-24"),
)
WORKED_SATURDAYS = ("2024-05-04", "2025-04-26", "2026-01-10", "2026-08-22")


def days(first: str, last: str) -> list[date]:
    begins, ends = date.fromisoformat(first), date.fromisoformat(last)
    return [begins + timedelta(days=n) for n in range((ends - begins).days + 1)]


@pytest.mark.parametrize(("first", "last"), PUBLISHED)
def test_offices_are_closed_on_every_day_of_the_published_breaks(first, last):
    assert [day for day in days(first, last) if CALENDAR.is_working(day)] == []


@pytest.mark.parametrize("day", WORKED_SATURDAYS)
def test_a_saturday_worked_in_exchange_for_a_day_off_is_a_working_day(day):
    assert CALENDAR.is_working(date.fromisoformat(day))


@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026])
def test_on_every_other_weekday_offices_work_and_on_every_other_weekend_they_do_not(year):
    off = {day for first, last in PUBLISHED for day in days(first, last)}
    worked = {date.fromisoformat(day) for day in WORKED_SATURDAYS}
    expected = {
        day for day in days(f"{year}-01-01", f"{year}-12-31") if (day.weekday() < 5 and day not in off)
    } | {day for day in worked if day.year == year}
    found = {day for day in days(f"{year}-01-01", f"{year}-12-31") if CALENDAR.is_working(day)}
    assert found == expected


def test_a_deadline_over_tet_counts_no_day_of_it():
    assert CALENDAR.add_working_days(date(2026, 2, 13), 1) == date(2026, 2, 23)
    assert CALENDAR.working_days_between(date(2026, 2, 13), date(2026, 2, 22)) == 0


def test_the_organisations_own_days_win_over_the_public_ones():
    calendar = Calendar(
        days_off=frozenset({date(2026, 3, 10), date(2026, 8, 22)}),
        days_worked=frozenset({date(2026, 3, 7), date(2026, 2, 17)}),
    )
    assert not calendar.is_working(date(2026, 3, 10))
    assert not calendar.is_working(date(2026, 8, 22))
    assert calendar.is_working(date(2026, 3, 7))
    assert calendar.is_working(date(2026, 2, 17))


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
