"""Which items a period asks about, and why: what a secretary expects, and the other modes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.domain.periods.asking import Because, Past, asked, comes_round, widest
from workflow.domain.periods.period import Span
from workflow.domain.periods.schedule import spans_of
from workflow.domain.plans.plan import Every, PlanItem, PlanPart, Schedule, ScheduleKind
from workflow.domain.rules.routing_rules import PeriodKind, PeriodRule, Reporting, Rules, ScheduleRule

YEAR = 2026
QUARTERS = Rules()
MONTH, QUARTER, HALF = PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.HALF_YEAR
ALL_KINDS = tuple(PeriodKind)


def rules(reporting: Reporting = Reporting.EXPECTED, *kinds: PeriodKind) -> Rules:
    return Rules(period=PeriodRule(reporting), schedule=ScheduleRule(kinds=kinds or (QUARTER,)))


def month(number: int, year: int = YEAR) -> Schedule:
    last = date(year + number // 12, number % 12 + 1, 1) - timedelta(days=1)
    return Schedule(ScheduleKind.MONTH, date(year, number, 1), last)


def every(one: Every) -> Schedule:
    return Schedule(ScheduleKind.CADENCE, every=one)


def rounds(*days: date) -> Schedule:
    return Schedule(ScheduleKind.MILESTONES, dates=days)


def an_item(start: Schedule | None = None, deadline: Schedule | None = None, *parts: PlanPart) -> PlanItem:
    return PlanItem("I.1", "Việc", start=start, deadline=deadline, parts=parts)


def a_part(letter: str, deadline: Schedule) -> PlanPart:
    return PlanPart(f"I.1.{letter}", "Phần việc", deadline=deadline)


def why(item: PlanItem, code: str, past: Past | None = None, by: Rules = QUARTERS) -> Because:
    return asked(item, Span.parse(code), by, YEAR, past).because


def over_the_year(item: PlanItem, by: Rules = QUARTERS, past: Past | None = None) -> list[str]:
    """The periods that ask about the item, of all the year has."""
    spans = spans_of(YEAR, by.schedule.kinds)
    return [span.code for span in spans if asked(item, span, by, YEAR, past).is_asked]


def done(code: str) -> Past:
    return Past(done_in=Span.parse(code))


def test_an_item_is_asked_from_its_beginning_until_it_is_finished():
    item = an_item(month(4), month(8))
    assert why(item, "2026-Q1") is Because.NOT_BEGUN
    assert why(item, "2026-Q2") is Because.RUNNING
    assert why(item, "2026-Q3") is Because.MILESTONE
    assert why(item, "2026-Q4", done("2026-Q3")) is Because.FINISHED


def test_an_item_past_its_deadline_and_not_done_is_still_asked():
    assert why(an_item(month(1), month(2)), "2026-Q2") is Because.OVERDUE


def test_an_item_finished_early_leaves_at_once():
    assert why(an_item(month(1), month(11)), "2026-Q3", done("2026-Q1")) is Because.FINISHED


def test_an_item_with_only_a_start_is_asked_from_there_and_due_at_the_years_end():
    item = an_item(month(3))
    assert over_the_year(item) == ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]
    assert why(item, "2026-Q3") is Because.RUNNING
    assert why(item, "2026-Q4") is Because.MILESTONE
    assert over_the_year(item, rules(Reporting.DUE)) == ["2026-Q4"]


@pytest.mark.parametrize("cells", [{"start": every(Every.ONGOING)}, {"deadline": every(Every.ONGOING)}])
def test_work_without_end_recurs_all_the_year_in_whichever_column_it_says_so(cells):
    item = an_item(**cells)
    assert [why(item, f"2026-Q{n}") for n in range(1, 5)] == [Because.RECURRING] * 4
    assert why(item, "2026-Q2", done("2026-Q1")) is Because.RECURRING, "done for that round only"


def test_recurring_work_ends_with_its_own_last_day():
    item = an_item(every(Every.MONTH), month(11))
    by = rules(Reporting.EXPECTED, MONTH)
    assert why(item, "2026-M12", done("2026-M10"), by) is Because.OVERDUE
    assert why(item, "2026-M12", done("2026-M11"), by) is Because.FINISHED


def test_every_round_of_a_cell_and_every_part_has_its_own_milestone():
    twice = an_item(None, rounds(date(YEAR, 4, 30), date(YEAR, 10, 31)))
    by = rules(Reporting.DUE)
    assert over_the_year(twice, by) == ["2026-Q2", "2026-Q4"]
    parts = an_item(None, month(12), a_part("a", month(3)), a_part("b", month(7)))
    assert over_the_year(parts, by) == ["2026-Q1", "2026-Q3", "2026-Q4"]
    assert "I.1.b" in asked(parts, Span.parse("2026-Q3"), QUARTERS, YEAR).reason


def test_a_round_done_in_april_leaves_the_one_of_october():
    twice = an_item(None, rounds(date(YEAR, 4, 30), date(YEAR, 10, 31)))
    assert why(twice, "2026-Q3", done("2026-Q2")) is Because.FINISHED
    assert why(twice, "2026-Q4", done("2026-Q2")) is Because.MILESTONE
    assert why(twice, "2026-Q4", done("2026-Q4")) is Because.FINISHED


def test_dates_in_the_start_cell_alone_are_rounds_as_well():
    item = an_item(rounds(date(YEAR, 6, 30), date(YEAR, 11, 30)))
    assert why(item, "2026-Q1") is Because.NOT_BEGUN
    assert over_the_year(item, past=done("2026-Q2"))[-1] == "2026-Q4"


def test_an_item_due_next_year_is_asked_in_the_last_period_of_the_plans_year():
    item = an_item(month(11), month(2, YEAR + 1))
    for kinds in ((QUARTER,), (MONTH,), (HALF,), (PeriodKind.YEAR,), ALL_KINDS):
        for mode in (Reporting.EXPECTED, Reporting.DUE):
            by = rules(mode, *kinds)
            last = over_the_year(item, by)[-1]
            assert Span.parse(last).last_day == date(YEAR, 12, 31)
            assert "28/02/2027" in asked(item, Span.parse(last), by, YEAR).reason


def test_an_item_that_names_no_time_is_asked_until_it_is_done():
    assert why(an_item(), "2026-Q1") is Because.RUNNING
    assert why(an_item(), "2026-Q2", done("2026-Q1")) is Because.FINISHED


def test_a_span_in_the_deadline_cell_begins_where_it_begins():
    third = Schedule(ScheduleKind.RANGE, date(YEAR, 7, 1), date(YEAR, 8, 15))
    assert why(an_item(None, third), "2026-Q2") is Because.NOT_BEGUN


def test_each_item_reports_in_the_periods_of_its_rhythm():
    def reporting(rhythm, kinds):
        return [span.code for span in spans_of(YEAR, kinds) if comes_round(rhythm, span, kinds)]

    months = [f"2026-M{n:02}" for n in range(1, 13) if n % 3]
    assert set(reporting(MONTH, (MONTH, QUARTER))) == {*months, *(f"2026-Q{n}" for n in range(1, 5))}
    assert reporting(QUARTER, (MONTH, QUARTER)) == ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]
    assert reporting(MONTH, (QUARTER,)) == ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]
    assert reporting(HALF, (MONTH, QUARTER)) == ["2026-Q2", "2026-Q4"]
    assert reporting(HALF, (QUARTER, PeriodKind.YEAR)) == ["2026-Q2", "2026"]


def test_of_periods_that_end_on_one_day_the_longest_asks_and_the_others_do_not():
    assert widest(Span.parse("2026-M12"), ALL_KINDS) == Span.parse("2026")
    assert widest(Span.parse("2026-M06"), (MONTH, QUARTER)) == Span.parse("2026-Q2")
    assert why(an_item(), "2026-Q2", by=rules(Reporting.ALL, *ALL_KINDS)) is Because.WIDER_PERIOD


def test_half_years_and_years_have_items_where_they_are_periods_of_their_own():
    by = rules(Reporting.CADENCE, QUARTER, HALF, PeriodKind.YEAR)
    assert over_the_year(an_item(), by) == ["2026-Q1", "2026-H1", "2026-Q3", "2026"]


def test_what_an_opened_period_with_the_same_last_day_asks_is_not_asked_again():
    past = Past(asked_in=Span.parse("2026-Q2"))
    assert why(an_item(), "2026-H1", past) is Because.ASKED_ALREADY


KINDS = st.sets(st.sampled_from(PeriodKind), min_size=1).map(tuple)
DAYS = st.dates(date(YEAR - 1, 1, 1), date(YEAR + 1, 12, 31))
CELLS = st.one_of(
    st.none(),
    st.integers(1, 12).map(month),
    st.sampled_from(Every).map(every),
    st.lists(DAYS, min_size=1, max_size=4).map(lambda days: rounds(*sorted(days))),
    DAYS.map(lambda day: Schedule(ScheduleKind.BEFORE, last=day)),
    DAYS.map(lambda day: Schedule(ScheduleKind.RANGE, first=day)),
    st.just(Schedule(ScheduleKind.PER_PROJECT)),
)
ITEMS = st.builds(an_item, CELLS, CELLS)


@given(ITEMS, KINDS, st.sampled_from(Reporting))
def test_nobody_is_asked_twice_about_one_item_on_one_day(item, kinds, mode):
    ends = [Span.parse(code).last_day for code in over_the_year(item, rules(mode, *kinds))]
    assert len(ends) == len(set(ends))


@given(ITEMS, KINDS)
def test_no_item_is_forgotten_all_year(item, kinds):
    found = over_the_year(item, rules(Reporting.EXPECTED, *kinds))
    begins_later = item.start is not None and item.start.first and item.start.first > date(YEAR, 12, 31)
    assert found or begins_later or "2027" in str(asked(item, Span.parse("2026"), QUARTERS, YEAR).reason)


@given(ITEMS, KINDS, DAYS)
def test_every_milestone_of_the_year_lies_in_a_period_that_asks(item, kinds, day):
    dated = replace(item, deadline=Schedule(ScheduleKind.DAY, day, day))
    by = rules(Reporting.EXPECTED, *kinds)
    asking = [Span.parse(code) for code in over_the_year(dated, by)]
    assert day.year != YEAR or any(span.first_day <= day <= span.last_day for span in asking)


@given(ITEMS, KINDS, st.sampled_from(Reporting), st.booleans())
def test_what_the_office_ticked_has_the_last_word_and_says_what_the_rule_said(item, kinds, mode, tick):
    by = rules(mode, *kinds)
    for span in spans_of(YEAR, kinds):
        rule, found = (asked(item, span, by, YEAR, None, one) for one in (None, tick))
        assert found.is_asked is tick
        assert found == rule or str(rule.reason) in found.reason


def test_the_rhythm_of_items_that_name_none_is_a_rule_and_may_differ_by_item():
    monthly = Rules(period=PeriodRule(rhythm=MONTH), schedule=ScheduleRule(kinds=(MONTH, QUARTER)))
    assert len(over_the_year(an_item(), monthly)) == 12
    assert len(over_the_year(an_item(), rules(Reporting.EXPECTED, MONTH, QUARTER))) == 4
    assert len(over_the_year(an_item(), rules(Reporting.EXPECTED, MONTH))) == 12


def test_which_items_report_follows_the_rule():
    later, running, due = (
        an_item(month(4), month(5)),
        an_item(month(2), month(11)),
        an_item(month(1), month(3)),
    )

    def first_quarter(mode):
        return [
            asked(one, Span.parse("2026-Q1"), rules(mode), YEAR).is_asked for one in (later, running, due)
        ]

    assert first_quarter(Reporting.ALL) == [True, True, True]
    assert first_quarter(Reporting.EXPECTED) == [False, True, True]
    assert first_quarter(Reporting.ACTIVE) == [False, True, True]
    assert first_quarter(Reporting.DUE) == [False, False, True]


def test_an_item_past_its_deadline_still_reports_while_active_items_do():
    assert (
        why(an_item(month(1), month(2)), "2026-Q2", done("2026-Q1"), rules(Reporting.ACTIVE)).value
        == "overdue"
    )
