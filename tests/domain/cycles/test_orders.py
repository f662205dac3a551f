"""Which orders are in force: four eyes, whoever wrote the rows and in whatever order they are read; and the
timetable that more time gives."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from workflow.domain.calendar import Calendar
from workflow.domain.cycles.orders import BY_TWO, DROP, SECOND, WITHDRAW, Order, awaiting_second, in_force
from workflow.domain.periods.period import STEPS, Timetable, extended

AT = datetime(2026, 3, 2, 2, tzinfo=timezone.utc)
ASKED = Order(1, WITHDRAW, 1, 7, AT, "Thôi giao", {BY_TWO: True})
DATES = Timetable(
    date(2026, 3, 2), date(2026, 3, 16), date(2026, 3, 19), date(2026, 3, 24), date(2026, 3, 27)
)


def _answer(kind: str, person: int) -> Order:
    return Order(2, kind, 1, person, AT + timedelta(hours=1), about=1)


def test_an_order_by_two_has_effect_from_the_second_persons_word() -> None:
    (order,) = in_force([ASKED, _answer(SECOND, 8)])
    assert (order.kind, order.at) == (WITHDRAW, AT + timedelta(hours=1))


def test_nobody_is_their_own_second_person_even_if_a_row_says_so() -> None:
    assert in_force([ASKED, _answer(SECOND, 7)]) == ()


def test_an_order_that_was_taken_back_has_no_effect_and_waits_no_more() -> None:
    assert in_force([ASKED, _answer(DROP, 8)]) == awaiting_second([ASKED, _answer(DROP, 8)]) == ()
    assert awaiting_second([ASKED]) == (ASKED,)


@given(st.permutations([ASKED, _answer(SECOND, 8), Order(3, WITHDRAW, 1, 7, AT)]))
def test_the_order_in_which_orders_are_read_never_matters(rows: list[Order]) -> None:
    assert {(one.id, one.at) for one in in_force(rows)} == {(1, AT + timedelta(hours=1)), (3, AT)}


@given(st.dictionaries(st.sampled_from(STEPS), st.dates(date(2026, 1, 1), date(2026, 12, 31))))
def test_more_time_never_takes_a_day_away_and_never_passes_the_cut_off(wanted: dict[str, date]) -> None:
    found = extended(DATES, wanted, Calendar())
    for step in STEPS:
        assert getattr(DATES, step) <= getattr(found, step) <= DATES.cut_off
    assert (found.opens_on, found.cut_off) == (DATES.opens_on, DATES.cut_off)
