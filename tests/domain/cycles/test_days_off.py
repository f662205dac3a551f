"""Days off entered while cycles run: what has passed stands, what is still to come moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.cycles.test_advance import DATES, KNOWN, RULES, at, facts, sent, votes
from workflow.domain.calendar import VIETNAM, Calendar
from workflow.domain.cycles.advance import Duty, advance
from workflow.domain.cycles.cycle import Facts, Stage
from workflow.domain.cycles.lateness import Term, last_day, late_working_days
from workflow.domain.errors import NotAllowed
from workflow.domain.periods.days_off import (
    DayChange,
    DayKind,
    OwnDay,
    calendar_with,
    changed_days,
    doubts_of,
    moved_timetable,
)
from workflow.domain.rules.routing_rules import ApprovalRule, Fallback, Rules

MARCH = st.dates(date(2026, 3, 2), date(2026, 4, 10))
MOMENTS = st.integers(0, 39 * 24 * 60).map(lambda minutes: at(2, 0) + timedelta(minutes=minutes))
KINDS = st.sampled_from([DayKind.OFF, DayKind.OFF, DayKind.WORKED, None])
# Near the moment they are entered at: half of them days that have begun.
ENTERED = st.lists(st.tuples(MOMENTS, st.integers(-6, 6), KINDS), min_size=1, max_size=12).map(
    lambda found: [
        (moment, DayChange(Calendar().day_of(moment) + timedelta(days=away), kind, "Nghỉ bão"))
        for moment, away, kind in sorted(found, key=lambda one: one[0])
    ]
)


def off(day: int, month: int = 3) -> DayChange:
    return DayChange(date(2026, month, day), DayKind.OFF, "Nghỉ bão")


def entered(*changes: DayChange, now: datetime, days: tuple[OwnDay, ...] = ()) -> tuple[OwnDay, ...]:
    return changed_days(days, changes, now, VIETNAM)


def known_at(known: Facts, moment: datetime) -> Facts:
    """The facts there were at that moment."""
    names = ("submissions", "confirmations", "ballots", "recalls", "reopenings")
    return replace(
        known, **{name: tuple(one for one in getattr(known, name) if one.at <= moment) for name in names}
    )


def steps(entries):
    """The days before and after each change that may be made, with its moment."""
    days: tuple[OwnDay, ...] = ()
    for moment, change in entries:
        try:
            after = entered(change, now=moment, days=days)
        except NotAllowed:
            continue
        yield moment, days, after
        days = after


@settings(max_examples=150)
@given(KNOWN, RULES, ENTERED, st.lists(MOMENTS, min_size=3, max_size=6))
def test_whatever_days_are_entered_later_no_stage_of_the_time_before_changes(known, rules, entries, moments):
    known = replace(known, timetable=DATES)
    for moment, before, after in steps(entries):
        old, new = calendar_with(VIETNAM, before), calendar_with(VIETNAM, after)
        was = known_at(known, moment)
        becomes = replace(was, timetable=moved_timetable(was.timetable, rules, new, moment))
        for looked_at in (*(one for one in moments if one < moment), moment):
            then, now = advance(was, rules, looked_at, old), advance(becomes, rules, looked_at, new)
            assert (now.stage, now.version, now.returned, now.count, now.deemed, now.form) == (
                then.stage,
                then.version,
                then.returned,
                then.count,
                then.deemed,
                then.form,
            )
        known = replace(known, timetable=becomes.timetable)


@settings(max_examples=150)
@given(MARCH, st.integers(0, 12), ENTERED)
def test_a_limit_that_has_passed_never_moves_and_one_that_has_not_never_comes_to_lie_in_the_past(
    day, count, entries
):
    for moment, before, after in steps(entries):
        old, new = calendar_with(VIETNAM, before), calendar_with(VIETNAM, after)
        was, becomes = old.limit(day, count), new.limit(day, count)
        if old.end_of(was) <= moment:
            assert becomes == was
        else:
            assert new.end_of(becomes) > moment


@settings(max_examples=100)
@given(MARCH, MARCH, ENTERED)
def test_days_late_that_were_counted_stay_counted(last, day, entries):
    for moment, before, after in steps(entries):
        old, new = calendar_with(VIETNAM, before), calendar_with(VIETNAM, after)
        if day <= old.day_of(moment):
            assert late_working_days(last, day, new) == late_working_days(last, day, old)


@given(ENTERED)
def test_a_periods_dates_keep_their_order_and_only_those_to_come_move(entries):
    dates = DATES
    for moment, _, after in steps(entries):
        calendar = calendar_with(VIETNAM, after)
        moved = moved_timetable(dates, Rules(), calendar, moment)
        for was, becomes in zip(
            (dates.due_on, dates.confirm_by, dates.cut_off),
            (moved.due_on, moved.confirm_by, moved.cut_off),
            strict=True,
        ):
            assert becomes == was or (calendar.end_of(was) > moment and becomes > was)
        dates = moved


def test_a_limit_still_to_come_moves_with_a_day_off_entered_before_it():
    known = facts(submissions=(sent(day=17),))
    before = advance(known, Rules(), at(17), Calendar())
    after = advance(known, Rules(), at(17), calendar_with(VIETNAM, entered(off(18), now=at(17))))
    # Friday's end, and Monday's.
    assert (before.until, after.until) == (at(21, 0), at(24, 0))


def test_consent_by_silence_is_not_taken_back_by_a_day_off_entered_after_it():
    known = facts(submissions=(sent(day=16),))
    days = entered(off(17), off(18), now=at(20))
    standing = advance(known, Rules(), at(20), calendar_with(VIETNAM, days))
    assert standing.stage is Stage.WAITING_APPROVAL
    assert standing.deemed


def test_a_vote_that_ended_at_an_hour_does_not_go_on_because_that_day_became_a_day_off_in_the_afternoon():
    rules = Rules(
        approval=ApprovalRule(
            until=time(11),
            fallback=Fallback.WRITTEN,
            fallback_working_days=0,
            silence_is_consent=True,
        )
    )
    known = facts(submissions=(sent(),), confirming_units=frozenset(), ballots=votes("a"))
    assert advance(known, rules, at(24, 14), Calendar()).stage is Stage.APPROVED
    calendar = calendar_with(VIETNAM, entered(off(24), now=at(24, 14)))
    moved = replace(known, timetable=moved_timetable(DATES, rules, calendar, at(24, 14)))
    assert moved.timetable.approve_by == date(2026, 3, 24)
    assert advance(moved, rules, at(24, 15), calendar).stage is Stage.APPROVED


def test_a_storm_day_entered_the_day_after_gives_its_day_back_to_limits_that_had_not_passed():
    calendar = calendar_with(VIETNAM, entered(off(11), now=at(12)))
    assert calendar.limit(date(2026, 3, 10), 1) == date(2026, 3, 11)
    assert calendar.limit(date(2026, 3, 10), 2) == date(2026, 3, 13)


def test_the_days_a_difficulty_may_take_move_as_well():
    term = Term(Duty.ANSWER, at(10), working_days=2)
    assert last_day(term, DATES, calendar_with(VIETNAM, entered(off(11), now=at(10)))) == date(2026, 3, 13)


def test_a_date_of_an_open_period_that_becomes_a_day_off_moves_to_the_next_working_day():
    days = entered(off(16), off(17), now=at(9))
    moved = moved_timetable(DATES, Rules(), calendar_with(VIETNAM, days), at(9))
    assert moved == replace(DATES, due_on=date(2026, 3, 18))


def test_a_date_of_a_period_that_has_passed_stays_where_it_was():
    days = entered(off(16), now=at(17))
    assert moved_timetable(DATES, Rules(), calendar_with(VIETNAM, days), at(17)) == DATES


@pytest.mark.parametrize("change", [DayChange(date(2026, 3, 7), DayKind.WORKED, "Làm bù"), off(11)])
def test_a_day_that_has_begun_can_not_be_made_a_working_day(change):
    days = entered(off(11), now=at(9))
    wanted = replace(change, kind=None if change.kind is DayKind.OFF else change.kind)
    with pytest.raises(NotAllowed, match="đã bắt đầu hoặc đã qua"):
        entered(wanted, now=at(11), days=days)


def test_a_day_to_come_is_added_changed_and_removed_freely():
    days = entered(off(20), now=at(9))
    assert not calendar_with(VIETNAM, days).is_working(date(2026, 3, 20))
    days = entered(DayChange(date(2026, 3, 20), DayKind.WORKED, "Không nghỉ nữa"), now=at(10), days=days)
    assert calendar_with(VIETNAM, days).is_working(date(2026, 3, 20))
    assert entered(DayChange(date(2026, 3, 20), None), now=at(10), days=days) == ()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (DayChange(date(2026, 3, 20), DayKind.OFF, " "), "chưa có lý do"),
        (DayChange(date(2026, 3, 20), DayKind.OFF, "x" * 201), "dài quá"),
        (DayChange(date(2062, 3, 20), DayKind.OFF, "Nghỉ"), "quá xa"),
        (DayChange(date(2026, 3, 20), None), "không có trong danh sách"),
    ],
)
def test_what_can_not_be_entered_is_refused_with_the_day(change, what):
    with pytest.raises(NotAllowed, match=what) as error:
        entered(change, now=at(9))
    assert f"{change.day:%d/%m/%Y}" in str(error.value)


def test_what_changes_nothing_or_is_past_is_doubted():
    today = date(2026, 3, 9)
    assert "vốn đã nghỉ" in doubts_of(off(14), Calendar(), today)[0]
    assert "vốn là ngày làm việc" in doubts_of(replace(off(13), kind=DayKind.WORKED), Calendar(), today)[0]
    assert "đã qua" in doubts_of(off(6), Calendar(), today)[0]
    assert doubts_of(off(13), Calendar(), today) == ()
