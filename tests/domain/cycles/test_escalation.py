"""Which steps of the ladder are due, what is late, who is overdue repeatedly, what a field says."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from workflow.domain.calendar import Calendar
from workflow.domain.cycles.advance import Duty
from workflow.domain.cycles.difficulty import DifficultyState, Step, after, words_of
from workflow.domain.cycles.escalation import is_to_be_reminded, steps_due
from workflow.domain.cycles.lateness import Term, last_day, late_working_days
from workflow.domain.cycles.overdue import LateReport, overdue
from workflow.domain.periods.period import Timetable
from workflow.domain.rules.routing_rules import EscalateTo, EscalationRule, EscalationStep, Rules

CALENDAR = Calendar()
DATES = Timetable(
    date(2026, 3, 2), date(2026, 3, 16), date(2026, 3, 19), date(2026, 3, 24), date(2026, 3, 27)
)
ladders = some.builds(
    EscalationRule,
    some.lists(
        some.builds(EscalationStep, some.integers(1, 12), some.sampled_from(EscalateTo)), max_size=6
    ).map(tuple),
)
lateness = some.integers(0, 20)


@given(ladders, lateness)
def test_taking_what_is_due_leaves_nothing_due(rule: EscalationRule, late: int) -> None:
    assert steps_due(rule, late, steps_due(rule, late)) == ()


@given(ladders, lateness, lateness)
def test_the_later_it_is_the_more_steps_are_due(rule: EscalationRule, one: int, other: int) -> None:
    sooner, later = sorted((one, other))
    assert set(steps_due(rule, sooner)) <= set(steps_due(rule, later))


@given(ladders, some.lists(lateness, max_size=6))
def test_however_often_one_looks_each_step_is_taken_once(rule: EscalationRule, looks: list[int]) -> None:
    taken: list[EscalationStep] = []
    for late in sorted(looks):
        taken += steps_due(rule, late, taken)
    assert len(taken) == len(set(taken))
    assert set(taken) == set(steps_due(rule, max(looks, default=0)))


@given(ladders)
def test_nothing_is_due_in_time(rule: EscalationRule) -> None:
    assert steps_due(rule, 0) == ()


@given(some.dates(date(2025, 12, 1), date(2026, 6, 1)), some.integers(0, 60))
def test_a_day_more_never_makes_it_less_late(last: date, days: int) -> None:
    today = last + timedelta(days=days)
    assert late_working_days(last, today, CALENDAR) <= late_working_days(
        last, today + timedelta(days=1), CALENDAR
    )


def test_a_weekend_does_not_count() -> None:
    assert late_working_days(date(2026, 3, 13), date(2026, 3, 15), CALENDAR) == 0
    assert late_working_days(date(2026, 3, 13), date(2026, 3, 17), CALENDAR) == 2


def test_a_duty_that_arose_after_the_periods_date_is_late_only_from_then() -> None:
    def of(duty: Duty, day: int, until: datetime | None = None) -> date:
        return last_day(Term(duty, CALENDAR.moment(date(2026, 3, day), 9), until), DATES, CALENDAR)

    assert of(Duty.SUBMIT, 3) == DATES.due_on
    assert of(Duty.SUBMIT, 20) == date(2026, 3, 20)
    assert of(Duty.CONFIRM, 18, CALENDAR.end_of(date(2026, 3, 23))) == date(2026, 3, 23)
    assert of(Duty.VOTE, 20) == DATES.approve_by


def test_reminders_come_on_the_days_of_the_rule_and_every_working_day_after() -> None:
    last = date(2026, 3, 16)
    reminded = [
        day
        for day in (date(2026, 3, 9) + timedelta(days=n) for n in range(15))
        if is_to_be_reminded(last, day, (3, 1, 0), CALENDAR)
    ]
    assert reminded == [date(2026, 3, day) for day in (11, 13, 16, 17, 18, 19, 20, 23)]


def test_the_ladder_survives_the_pinned_form() -> None:
    rules = Rules(escalation=EscalationRule((EscalationStep(1, EscalateTo.CHAIR),), repeated_times=3))
    assert Rules.from_json(rules.as_json()) == rules
    assert Rules.from_json({}).escalation == EscalationRule()


def _late(unit: int, period: str, days: int, *, missing: bool = False) -> LateReport:
    return LateReport(unit, period, 1, "I.1.1", "Nội dung", days, missing)


def test_a_unit_is_overdue_repeatedly_by_periods_not_by_items() -> None:
    rule = EscalationRule(repeated_times=2, long_working_days=5)
    assert overdue([_late(1, "2026-Q1", 1), _late(1, "2026-Q1", 2)], rule) == ()
    (found,) = overdue([_late(1, "2026-Q2", 1), _late(1, "2026-Q1", 2), _late(2, "2026-Q1", 5)], rule)
    assert (found.unit_id, found.is_repeated, found.is_long) == (1, True, False)


def test_one_long_delay_is_enough_and_the_worst_comes_first() -> None:
    rule = EscalationRule(repeated_times=2, long_working_days=5)
    late = [_late(1, "2026-Q1", 6), _late(2, "2026-Q1", 1), _late(2, "2026-Q2", 1, missing=True)]
    first, second = overdue(late, rule)
    assert (first.unit_id, first.missing, second.unit_id, second.is_long) == (2, 1, 1, True)


@pytest.mark.parametrize(
    "text",
    ["", "Không", "không có.", "Không có khó khăn, vướng mắc.", "Chưa phát sinh", "-", "0", "KHÔNG CÓ GÌ",
     "Hiện không có kiến nghị, đề xuất gì", "Không gặp khó khăn nào đáng kể"],
)  # fmt: skip
def test_words_that_say_there_is_nothing_raise_nothing(text: str) -> None:
    assert words_of(text) == ""


@pytest.mark.parametrize(
    "text",
    ["Không có kinh phí", "Chưa bàn giao mặt bằng", "Thiếu 02 biên chế", "Không có cán bộ chuyên trách"],
)
def test_a_lack_of_something_is_a_difficulty(text: str) -> None:
    assert words_of(text) == text


@given(some.sampled_from(DifficultyState), some.sampled_from(Step))
def test_what_is_closed_or_withdrawn_stays_so(state: DifficultyState, step: Step) -> None:
    if state.is_final:
        assert after(state, step) is None


def test_what_was_answered_is_not_withdrawn_and_an_answer_sends_it_back() -> None:
    assert after(DifficultyState.OPEN, Step.WITHDRAWN) is DifficultyState.WITHDRAWN
    assert after(DifficultyState.ANSWERED, Step.WITHDRAWN) is None
    assert after(DifficultyState.OPEN, Step.DONE) is None
    assert after(DifficultyState.DONE, Step.ANSWERED) is DifficultyState.ANSWERED
