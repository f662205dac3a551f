"""The last day of each duty, and how late it is."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as some

from workflow.domain.calendar import Calendar
from workflow.domain.cycles.advance import Duty
from workflow.domain.cycles.difficulty import DifficultyState
from workflow.domain.cycles.lateness import (
    Lateness,
    Term,
    difficulty_term,
    is_over_in_silence,
    lateness,
    report_approval_term,
)
from workflow.domain.periods.period import Timetable
from workflow.domain.rules.routing_rules import ConfirmationRule, Rules, Silence

CALENDAR = Calendar()
DATES = Timetable(
    date(2026, 3, 2), date(2026, 3, 16), date(2026, 3, 19), date(2026, 3, 24), date(2026, 3, 27)
)
moments = some.datetimes(datetime(2026, 2, 20), datetime(2026, 5, 20), timezones=some.just(timezone.utc))  # noqa: DTZ001
terms = some.builds(
    Term,
    some.sampled_from([Duty.SUBMIT, Duty.CONFIRM, Duty.VOTE]),
    moments,
    some.none() | moments,
)


def at(day: int, hour: int = 9) -> datetime:
    return CALENDAR.moment(date(2026, 3, day), hour)


def late_at(now: datetime, term: Term) -> Lateness:
    return lateness(term, DATES, CALENDAR, now)


@given(terms, moments)
def test_it_is_late_once_its_last_day_is_over_and_not_before(term: Term, now: datetime) -> None:
    found = late_at(now, term)
    assert found.is_late == (CALENDAR.day_of(now) > found.last_day)
    assert found.working_days == 0 or found.is_late


@given(terms)
def test_nobody_is_late_on_the_day_they_were_asked(term: Term) -> None:
    asked = Term(term.duty, term.since)
    assert not late_at(asked.since, asked).is_late


@given(terms, moments, some.integers(1, 400))
def test_the_last_day_stays_the_same_whenever_one_looks(term: Term, now: datetime, hours: int) -> None:
    assert late_at(now, term).last_day == late_at(now + timedelta(hours=hours), term).last_day


def test_a_word_on_a_report_sent_after_the_day_is_late_when_the_engine_waits_no_longer() -> None:
    # Sent on 18 March, three working days to answer: the period's own day, the 19th, binds nobody.
    term = Term(Duty.CONFIRM, at(18), CALENDAR.end_of(date(2026, 3, 23)))
    assert late_at(at(20), term) == Lateness(date(2026, 3, 23), False, 0)
    assert late_at(at(25), term) == Lateness(date(2026, 3, 23), True, 2)


def test_a_report_that_others_returned_has_days_of_its_own_up_to_the_cut_off() -> None:
    def again(day: int) -> date:
        return late_at(at(day), Term(Duty.SUBMIT, at(day), working_days=2)).last_day

    assert again(10) == DATES.due_on
    assert again(20) == date(2026, 3, 24)
    assert again(26) == DATES.cut_off
    assert again(30) == date(2026, 3, 30)


def test_a_vote_that_ends_at_an_hour_has_that_day_for_its_last() -> None:
    assert late_at(at(24, 18), Term(Duty.VOTE, at(20), at(24, 17))).last_day == date(2026, 3, 24)


def test_on_the_weekend_after_its_last_day_it_is_late_by_no_working_day() -> None:
    term = Term(Duty.SUBMIT, at(20))
    assert late_at(at(21), term) == Lateness(date(2026, 3, 20), True, 0)
    assert late_at(at(23), term) == Lateness(date(2026, 3, 20), True, 1)


@pytest.mark.parametrize(
    ("state", "due_on", "last"),
    [
        (DifficultyState.OPEN, None, date(2026, 3, 9)),
        (DifficultyState.ANSWERED, date(2026, 4, 10), date(2026, 4, 10)),
        (DifficultyState.DONE, date(2026, 4, 10), None),
        (DifficultyState.CLOSED, date(2026, 4, 10), None),
    ],
)
def test_a_difficulty_waits_for_an_opinion_then_for_the_work_then_for_nobody(
    state: DifficultyState, due_on: date | None, last: date | None
) -> None:
    term = difficulty_term(state, at(2), due_on, Rules())
    assert (late_at(at(30), term).last_day if term else None) == last


def test_a_reports_approval_counts_from_the_day_it_was_put_before_them() -> None:
    days = Rules().report.approve_working_days
    asked = report_approval_term(at(20, 23), Rules())
    assert late_at(at(30), asked).last_day == CALENDAR.add_working_days(date(2026, 3, 20), days)


@pytest.mark.parametrize(("silence", "is_over"), [(Silence.CONSENT, True), (Silence.BLOCK, False)])
def test_a_late_word_is_waited_for_where_silence_blocks(silence: Silence, is_over: bool) -> None:
    rules = Rules(confirmation=ConfirmationRule(silence=silence))
    found = late_at(at(20), Term(Duty.CONFIRM, at(3)))
    assert is_over_in_silence(Duty.CONFIRM, found, rules) is is_over
    assert not is_over_in_silence(Duty.VOTE, found, rules)
