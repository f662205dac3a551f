"""What the schedule does: the same whoever asks, however often, in whatever order and after any gap."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.domain.calendar import Calendar
from workflow.domain.periods.period import Span, moved, timetable
from workflow.domain.periods.schedule import (
    Begun,
    PeriodNotice,
    PeriodStanding,
    Situation,
    YearPeriod,
    fair_dates,
    spans_of,
    standing,
    what_is_due,
)
from workflow.domain.rules.routing_rules import Close, PeriodRule, ScheduleRule

CALENDAR = Calendar()
RULE = ScheduleRule(automatic=True)
FIRST = date(2026, 1, 1)


def at(day: date, rule: ScheduleRule = RULE, since: date = FIRST) -> Situation:
    return Situation(rule, CALENDAR, day, since)


def a_year(rule: ScheduleRule = RULE) -> dict[str, YearPeriod]:
    return {
        span.code: YearPeriod(span, timetable(span, PeriodRule(), CALENDAR))
        for span in spans_of(2026, rule.kinds)
    }


def kept(year: dict[str, YearPeriod], situation: Situation, told: list[PeriodNotice] | None = None):
    """The year after one call."""
    year = dict(year)
    # In whatever order the database gives them.
    found = what_is_due(random.sample(list(year.values()), len(year)), situation)
    for span in found.open:
        year[span.code] = replace(year[span.code], begun=Begun(len(year), situation.rule, live=1))
    for period_id in found.close:
        for code, one in year.items():
            if one.begun and one.begun.period_id == period_id and not one.begun.is_closed:
                year[code] = replace(one, begun=replace(one.begun, is_closed=True, live=0))
    for notice, span in found.tell:
        year[span.code] = replace(year[span.code], told=year[span.code].told | {notice})
        if told is not None:
            told.append(notice)
    return {
        code: replace(one, begun=replace(one.begun, period_id=ord(code[-1]))) if one.begun else one
        for code, one in year.items()
    }


def stands(year: dict[str, YearPeriod], situation: Situation) -> dict[str, PeriodStanding]:
    return {code: standing(one, situation) for code, one in year.items()}


DAYS = st.integers(0, 400).map(lambda n: FIRST + timedelta(days=n))


@given(st.lists(DAYS, max_size=12), st.sampled_from(Close))
def test_a_second_call_at_the_same_moment_changes_nothing(days, close):
    rule = replace(RULE, close=close)
    year = a_year(rule)
    for day in sorted(days):
        year = kept(year, at(day, rule))
        assert kept(year, at(day, rule)) == year


@given(st.lists(st.integers(1, 9), min_size=60, max_size=90))
def test_whoever_calls_every_few_days_ends_where_daily_calls_end(steps):
    # Ten working days lie between opening and due day, five are fair: a week's sleep loses nothing.
    daily, seldom, day = a_year(), a_year(), FIRST
    for step in (min(step, 6) for step in steps):
        for passed in range(1, step + 1):
            daily = kept(daily, at(day + timedelta(days=passed)))
        day += timedelta(days=step)
        seldom = kept(seldom, at(day))
        assert stands(seldom, at(day)) == stands(daily, at(day))


@given(st.lists(DAYS, max_size=8), DAYS)
def test_after_any_gap_every_period_whose_day_came_is_open_closed_or_asked_about_once(days, last):
    told: list[PeriodNotice] = []
    year = a_year()
    for day in sorted([*(one for one in days if one < last), last]):
        before, year = year, kept(year, at(day), told)
        for code, one in year.items():
            if one.begun and not before[code].begun:
                assert CALENDAR.working_days_between(day, one.dates.due_on) >= 5
            if one.begun and not one.begun.is_closed:
                assert day <= one.dates.cut_off
            if not one.begun and day >= one.dates.opens_on:
                assert standing(one, at(day)) is PeriodStanding.MISSED
                assert PeriodNotice.CHOICE in one.told
            if one.begun and one.begun.is_closed and one.begun == before[code].begun:
                assert one.told == before[code].told, "nothing stale is told of a closed period"
    assert told.count(PeriodNotice.CHOICE) <= 4


def test_a_period_missed_by_little_opens_with_its_own_dates_and_by_much_asks():
    q1 = a_year()["2026-Q1"]
    assert (q1.dates.opens_on, q1.dates.due_on) == (date(2026, 3, 2), date(2026, 3, 16))
    assert what_is_due([q1], at(date(2026, 3, 9))).open == (q1.span,)
    late = what_is_due([q1], at(date(2026, 3, 10)))
    assert (late.open, late.tell) == ((), ((PeriodNotice.CHOICE, q1.span),))
    assert standing(q1, at(date(2026, 9, 1))) is PeriodStanding.MISSED


def test_rules_that_give_people_less_than_the_fair_time_still_open_on_the_day():
    rule = PeriodRule(open_working_days_before=3)
    q1 = replace(a_year()["2026-Q1"], dates=timetable(Span.parse("2026-Q1"), rule, CALENDAR))
    assert what_is_due([q1], at(q1.dates.opens_on)).open == (q1.span,)
    assert what_is_due([q1], at(q1.dates.opens_on + timedelta(days=1))).open == ()


def test_periods_due_before_the_plan_was_there_are_neither_opened_nor_asked_about():
    found = what_is_due(a_year().values(), at(date(2026, 8, 3), since=date(2026, 7, 1)))
    assert found.open == found.tell == ()
    assert standing(a_year()["2026-Q2"], at(date(2026, 8, 3), since=date(2026, 7, 1))) is PeriodStanding.PAST


def test_a_held_period_is_left_alone():
    q1 = replace(a_year()["2026-Q1"], is_held=True)
    for day in (date(2026, 2, 26), date(2026, 3, 2), date(2026, 4, 1)):
        assert what_is_due([q1], at(day)).tell == what_is_due([q1], at(day)).open == ()


def test_the_office_is_told_before_a_period_opens_and_before_the_cut_off():
    q1 = a_year()["2026-Q1"]
    assert what_is_due([q1], at(date(2026, 2, 24))).tell == ()
    assert what_is_due([q1], at(date(2026, 2, 25))).tell == ((PeriodNotice.OPENING, q1.span),)
    open_ = replace(q1, begun=Begun(1, RULE, live=3))
    assert q1.dates.cut_off == date(2026, 3, 27)
    assert what_is_due([open_], at(date(2026, 3, 23))).tell == ()
    assert what_is_due([open_], at(date(2026, 3, 24))).tell == ((PeriodNotice.CLOSING, q1.span),)
    nobody_owes = replace(open_, begun=Begun(1, RULE))
    assert what_is_due([nobody_owes], at(date(2026, 3, 24))).tell == ()


@pytest.mark.parametrize(("close", "told"), [(Close.AUTOMATIC, ()), (Close.BY_HAND, (PeriodNotice.BY_HAND,))])
def test_after_the_cut_off_a_period_closes_or_the_office_is_told_to_close_it(close, told):
    pinned = replace(RULE, close=close, close_working_days=2)
    q1 = replace(a_year()["2026-Q1"], begun=Begun(7, pinned, live=1))
    assert what_is_due([q1], at(date(2026, 3, 31))).close == ()
    found = what_is_due([q1], at(date(2026, 4, 1)))
    assert found.close == ((7,) if close is Close.AUTOMATIC else ())
    assert tuple(notice for notice, _ in found.tell) == told


def test_a_closed_period_without_a_report_gets_one_whoever_closed_it():
    q1 = replace(a_year()["2026-Q1"], begun=Begun(7, ScheduleRule(), is_closed=True))
    assert what_is_due([q1], at(date(2026, 5, 1), ScheduleRule())).report == (7,)


def test_where_nothing_is_automatic_nothing_happens():
    year = a_year()
    year["2026-Q1"] = replace(year["2026-Q1"], begun=Begun(7, ScheduleRule(), live=2))
    for day in (date(2026, 2, 26), date(2026, 5, 4), date(2026, 12, 31)):
        found = what_is_due(year.values(), at(day, ScheduleRule()))
        assert (found.open, found.close, found.tell) == ((), (), ())


def test_a_period_opened_in_time_keeps_its_own_dates():
    q1 = timetable(Span.parse("2026-Q1"), PeriodRule(), CALENDAR)
    assert fair_dates(q1, RULE, date(2026, 3, 2), CALENDAR) == q1
    assert fair_dates(q1, RULE, date(2026, 1, 5), CALENDAR) == q1


@given(DAYS, st.integers(0, 15))
def test_a_period_opened_late_gives_a_fair_time_to_report_and_every_later_step_its_own(today, fair):
    q1 = timetable(Span.parse("2026-Q1"), PeriodRule(), CALENDAR)
    rule = replace(RULE, fair_working_days=fair)
    found = fair_dates(q1, rule, today, CALENDAR)
    assert today <= found.due_on <= found.cut_off
    assert CALENDAR.working_days_between(today, found.due_on) >= min(fair, 10)
    steps = [(one.due_on, one.confirm_by, one.approve_by, one.cut_off) for one in (q1, found)]
    lengths = [[CALENDAR.working_days_between(a, b) for a, b in pairwise(days)] for days in steps]
    assert lengths[0] == lengths[1]


def test_steps_follow_the_one_before_unless_they_were_moved_themselves():
    before = a_year()["2026-Q2"].dates
    wanted = {name: getattr(before, name) for name in before.__slots__} | {"due_on": date(2026, 6, 19)}
    found = moved(before, wanted | {"approve_by": date(2026, 6, 30)}, CALENDAR)
    assert (found.confirm_by, found.approve_by, found.cut_off) == (
        date(2026, 6, 24),
        date(2026, 6, 30),
        date(2026, 7, 3),
    )
    assert found.opens_on == before.opens_on
