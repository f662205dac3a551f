"""More time for an item, a unit or the period: board, mails, ladder and record all have the new day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest
from sqlalchemy import select

from tests.builders import NOW, a_plan, an_item, an_open_period, confirmed, stage_of, submitted, voted
from workflow.domain.cycles.advance import Duty
from workflow.domain.cycles.cycle import Choice, Stage
from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.periods.period import Timetable
from workflow.domain.rules.routing_rules import ApprovalRule, EarlyClose, Fallback, Rules
from workflow.storage.amending.extensions import ExtendedStep, Extent, MoreTime, extend
from workflow.storage.cycles.routing import advance_cycles
from workflow.storage.duties.board import board
from workflow.storage.duties.owed import owed_in
from workflow.storage.periods.watched import watched_periods
from workflow.storage.proof.fact_checks import check_facts
from workflow.storage.results.records import load_records
from workflow.storage.tables import outbox

LATER = date(2026, 3, 20)
AFTER_DUE = datetime(2026, 3, 18, 3, tzinfo=timezone.utc)
"""Two days after the period's own last day to report."""


def given(opened, cycle, step=ExtendedStep.REPORT, until=LATER, extent=Extent.ITEM, by="van-phong"):
    with opened.store.begin() as tx:
        more = MoreTime(step, until, "Chờ số liệu của Sở", extent)
        return extend(tx, opened.person(by), cycle, more, NOW)


def last_days(opened, duty, now=AFTER_DUE):
    """The last day of that duty on each cycle, as owed and as the board has it."""
    with opened.store.reading() as tx:
        owed = {
            one.cycle_id: (one.lateness.last_day, one.lateness.is_late)
            for one in owed_in(tx, watched_periods(tx, now))
            if one.duty is duty
        }
        shown = {row.cycle.id: row.last_day for row in board(tx, opened.period_id, now).rows}
    assert {cycle: day for cycle, (day, _) in owed.items()} == {cycle: shown[cycle] for cycle in owed}
    return owed


def test_an_item_with_more_time_to_report_is_late_only_after_its_new_day_and_others_stay(store):
    opened = an_open_period(store)
    first, *others = opened.cycles
    given(opened, first)
    days = last_days(opened, Duty.SUBMIT)
    assert days[first] == (LATER, False)
    assert {days[one] for one in others} == {(date(2026, 3, 16), True)}
    with store.reading() as tx:
        assert check_facts(tx)[1] == []


def test_a_report_within_its_new_day_is_on_record_as_in_time(store):
    opened = an_open_period(store)
    cycle = opened.cycles[0]
    given(opened, cycle)
    submitted(replace(opened, now=AFTER_DUE), cycle)
    with store.reading() as tx:
        record = next(one for one in load_records(tx, opened.period_id, LATER) if one.cycle_id == cycle)
    assert (record.report_due_on, record.days_late) == (LATER, 0)


def test_the_steps_after_keep_their_working_days_as_far_as_the_cut_off(store):
    opened = an_open_period(store)
    first, second = opened.cycles[:2]
    given(opened, first)
    for cycle in (first, second):
        submitted(opened, cycle)
    days = last_days(opened, Duty.CONFIRM, NOW)
    assert days[first][0] > days[second][0]
    given(opened, second, ExtendedStep.CONFIRM, date(2026, 3, 26))
    assert last_days(opened, Duty.CONFIRM, NOW)[second][0] == date(2026, 3, 26)


def test_units_that_were_given_more_time_to_confirm_are_not_taken_as_silent_before_it(store):
    opened = an_open_period(store)
    cycle = opened.cycles[0]
    submitted(opened, cycle)
    given(opened, cycle, ExtendedStep.CONFIRM, date(2026, 3, 25))
    with store.begin() as tx:
        advance_cycles(tx, [cycle], NOW + timedelta(days=22))
    assert stage_of(opened, cycle) is Stage.WAITING_CONFIRMATION
    with store.begin() as tx:
        advance_cycles(tx, [cycle], NOW + timedelta(days=24))
    assert stage_of(opened, cycle) is Stage.WAITING_APPROVAL


def test_a_unit_or_the_whole_period_gets_more_time_in_one_act_and_each_person_one_mail(store):
    items = [an_item(1), an_item(2), an_item(3, lead_units=("Đoàn",), lead_ids=("doan",), leaders=())]
    opened = an_open_period(store, plan=a_plan(items=items))
    with store.begin() as tx:
        tx.execute(outbox.delete())
    given(opened, opened.cycles[0], extent=Extent.UNIT)
    days = last_days(opened, Duty.SUBMIT)
    assert [days[one][0] for one in opened.cycles] == [LATER, LATER, date(2026, 3, 16)]
    with store.reading() as tx:
        assert tx.scalars(select(outbox.c.person_id)).all() == [opened.person("ubnd")]
    given(opened, opened.cycles[0], until=date(2026, 3, 23), extent=Extent.PERIOD)
    assert {day for day, _ in last_days(opened, Duty.SUBMIT).values()} == {date(2026, 3, 23)}


def test_more_time_needs_the_office_a_reason_a_later_day_and_one_before_the_cut_off(store):
    opened = an_open_period(store)
    cycle = opened.cycles[0]
    with pytest.raises(NotAllowed, match="Văn phòng"):
        given(opened, cycle, by="ubnd")
    with pytest.raises(NotAllowed, match="ngày khóa"):
        given(opened, cycle, until=date(2026, 12, 31))
    with pytest.raises(Conflict, match="không sớm hơn"):
        given(opened, cycle, until=date(2026, 3, 16))
    with store.begin() as tx, pytest.raises(NotAllowed, match="lý do"):
        extend(tx, opened.person("van-phong"), cycle, MoreTime(ExtendedStep.REPORT, LATER, " "), NOW)
    submitted(opened, cycle)
    confirmed(opened, cycle, "mttq", "cong-an")
    with pytest.raises(Conflict):
        given(opened, cycle)


@pytest.mark.parametrize("step", list(ExtendedStep))
def test_more_time_after_a_return_is_the_next_versions_and_turns_no_return_back(sqlite_store, step):
    """Silence was taken for consent, and the vote closed on its last day with three of five against."""
    rules = Rules(approval=ApprovalRule(early_close=EarlyClose.NO, fallback=Fallback.COUNT))
    dates = Timetable(NOW.date(), date(2026, 3, 4), date(2026, 3, 9), date(2026, 3, 12), date(2026, 3, 26))
    opened = an_open_period(sqlite_store, rules=rules, dates=dates)
    cycle = opened.cycles[0]
    submitted(opened, cycle)
    later = replace(opened, now=NOW + timedelta(days=8))
    with sqlite_store.begin() as tx:
        advance_cycles(tx, [cycle], later.now)
    assert stage_of(opened, cycle) is Stage.WAITING_APPROVAL
    voted(later, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1", choice=Choice.RETURN, reason="Thiếu số liệu")
    last = replace(opened, now=NOW + timedelta(days=15))
    with sqlite_store.begin() as tx:
        advance_cycles(tx, [cycle], last.now)
    assert stage_of(opened, cycle) is Stage.WAITING_SUBMISSION
    with sqlite_store.begin() as tx:
        more = MoreTime(step, dates.cut_off, "Chờ số liệu của Sở")
        extend(tx, opened.person("van-phong"), cycle, more, last.now)
    assert stage_of(opened, cycle) is Stage.WAITING_SUBMISSION


def test_a_step_that_is_behind_gets_no_more_time(sqlite_store):
    """Units whose silence was consent, or who have all answered, are not asked anew."""
    opened = an_open_period(sqlite_store)
    cycle = opened.cycles[0]
    submitted(opened, cycle)
    confirmed(opened, cycle, "mttq", "cong-an")
    for step in (ExtendedStep.REPORT, ExtendedStep.CONFIRM):
        with pytest.raises(Conflict):
            given(opened, cycle, step, date(2026, 3, 26))
    assert stage_of(opened, cycle) is Stage.WAITING_APPROVAL
