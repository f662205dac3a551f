"""What becomes of a record and a score when others are silent, and of what earlier periods said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.builders import (
    NOW,
    Opened,
    a_directory,
    a_plan,
    an_item,
    an_open_period,
    confirmed,
    stage_of,
    submitted,
    voted,
)
from tests.reports.quarter import ready_rules
from workflow.domain.cycles.cycle import Choice, Stage
from workflow.domain.people.directory import Person, Role
from workflow.domain.periods.period import Span
from workflow.domain.plans.plan import Schedule, ScheduleKind
from workflow.domain.results.record import CycleRecord, Excuse, Reported, Status
from workflow.domain.rules.routing_rules import (
    ApprovalRule,
    ConfirmationRule,
    Confirming,
    EarlyClose,
    Fallback,
    PeriodRule,
    Reporting,
    Rules,
    Shows,
    Undecided,
)
from workflow.domain.scores.scoring import score
from workflow.storage import Store
from workflow.storage.cycles import orders
from workflow.storage.cycles.held_votes import votes_of
from workflow.storage.opening.opening import open_period
from workflow.storage.results.closing import close_period, refresh_reopened
from workflow.storage.results.records import load_records
from workflow.storage.rules import save_rules
from workflow.storage.tables import cycles

AFTER = NOW + timedelta(days=40)
ONE = a_plan(items=[an_item(1)])
ALONE = Rules(confirmation=ConfirmationRule(required=Confirming.NONE))


def record_of(opened: Opened, when: datetime = AFTER) -> CycleRecord:
    with opened.store.reading() as tx:
        return load_records(tx, opened.period_id, when.date())[0]


def a_vote_of_two(store: Store, rule: ApprovalRule) -> Opened:
    """One item, done and reported in time, confirmed by both units; two of five members vote; closed."""
    opened = an_open_period(store, plan=ONE, rules=Rules(approval=rule))
    submitted(opened, opened.cycles[0], progress=100, reported=Reported.DONE)
    confirmed(opened, opened.cycles[0], "mttq", "cong-an")
    voted(opened, opened.cycles[0], "bi-thu", "uy-vien-1")
    with store.begin() as tx:
        close_period(tx, opened.period_id, AFTER)
    return opened


def test_the_committees_silence_costs_the_unit_nothing(store: Store) -> None:
    opened = a_vote_of_two(store, ApprovalRule())
    record = record_of(opened)
    assert (record.stage, record.status) == (Stage.UNDECIDED, Status.DONE_ON_TIME)
    decided = replace(record, stage=Stage.APPROVED, unheard=None)
    of_units = [{one.unit.name: one.total for one in score([it], ready_rules())} for it in (record, decided)]
    assert of_units[0] == of_units[1]


def test_the_score_names_who_did_not_act(store: Store) -> None:
    record = record_of(a_vote_of_two(store, ApprovalRule()))
    (ubnd,) = (one for one in score([record], ready_rules()) if one.unit.name == "UBND phường")
    reasons = [reason.text for line in ubnd.lines for reason in line.reasons]
    assert any("đã báo cáo, chưa quyết định: 03 thành viên chưa biểu quyết" in text for text in reasons)


@pytest.mark.parametrize(("shows", "n_names"), [(Shows.NOTHING, 0), (Shows.COUNTS, 0), (Shows.NAMES, 3)])
def test_silent_members_are_named_only_where_the_rule_shows_names(
    store: Store, shows: Shows, n_names: int
) -> None:
    unheard = record_of(a_vote_of_two(store, ApprovalRule(shows=shows))).unheard
    assert unheard
    assert (unheard.members, len(unheard.names)) == (3, n_names)


def test_by_rule_a_report_that_others_did_not_answer_counts_in_no_sum_and_no_score(store: Store) -> None:
    record = record_of(a_vote_of_two(store, ApprovalRule(undecided=Undecided.LEFT_OUT)))
    assert (record.stage, record.status, record.counts) == (Stage.UNDECIDED, Status.PENDING, False)
    assert score([record], ready_rules()) == ()


def test_by_rule_the_committee_decides_after_the_close_and_the_results_follow(store: Store) -> None:
    rule = ApprovalRule(undecided=Undecided.AFTERWARDS, undecided_working_days=20)
    opened = a_vote_of_two(store, rule)
    assert stage_of(opened, opened.cycles[0]) is Stage.WAITING_APPROVAL
    late = replace(opened, now=AFTER + timedelta(days=1))
    voted(late, opened.cycles[0], "uy-vien-2")
    with store.begin() as tx:
        assert refresh_reopened(tx, AFTER + timedelta(days=2)) == [opened.period_id]
    assert record_of(opened).status is Status.DONE_ON_TIME


def test_a_units_silence_is_not_the_leads_and_is_named(store: Store) -> None:
    opened = an_open_period(store, plan=ONE)
    submitted(replace(opened, now=datetime(2026, 3, 26, 2, tzinfo=NOW.tzinfo)), opened.cycles[0])
    with store.begin() as tx:
        close_period(tx, opened.period_id, AFTER)
    record = record_of(opened)
    assert record.stage is Stage.UNDECIDED
    assert record.note == (
        "Đã báo cáo, chưa quyết định: Công an phường và Ủy ban MTTQ Việt Nam phường chưa xác nhận"
    ) or record.note == (
        "Đã báo cáo, chưa quyết định: Ủy ban MTTQ Việt Nam phường và Công an phường chưa xác nhận"
    )


def test_a_unit_whose_days_the_cut_off_cut_short_is_not_scored_as_silent(store: Store) -> None:
    opened = an_open_period(store, plan=ONE)
    submitted(replace(opened, now=datetime(2026, 3, 26, 2, tzinfo=NOW.tzinfo)), opened.cycles[0])
    with store.begin() as tx:
        close_period(tx, opened.period_id, AFTER)
    words = record_of(opened).words
    assert {word.excuse for word in words} == {Excuse.CUT_SHORT}
    assert {word.due_on for word in words} == {date(2026, 3, 27)}


def test_a_unit_whose_only_reporter_sent_the_report_is_not_scored_as_silent(store: Store) -> None:
    both = Person(
        "Lê Văn Hai", "hai@hoaxuan.example", "Cán bộ", (("ubnd", Role.REPORTER), ("quan-su", Role.REPORTER))
    )
    staff = a_directory(extra=(both,))
    people = tuple(one for one in staff.persons if one.email != "quan-su@hoaxuan.example")
    item = an_item(1, coordinating_units=("Ban Chỉ huy Quân sự phường",), coordinating_ids=("quan-su",))
    opened = an_open_period(store, directory=replace(staff, persons=people), plan=a_plan(items=[item]))
    persons = opened.persons | {"ubnd@hoaxuan.example": opened.person("hai")}
    submitted(replace(opened, persons=persons), opened.cycles[0])
    with store.begin() as tx:
        close_period(tx, opened.period_id, AFTER)
    record = record_of(opened)
    assert [word.excuse for word in record.words] == [Excuse.NOBODY_ELSE]
    by_unit = {one.unit.name: one for one in score([record], ready_rules())}
    lines = by_unit["Ban Chỉ huy Quân sự phường"].lines
    assert not any("không trả lời" in reason.text for line in lines for reason in line.reasons)
    assert any("đã gửi báo cáo" in reason.text for line in lines for reason in line.reasons)


def test_a_report_recalled_and_sent_late_is_as_late_as_the_one_that_stands(store: Store) -> None:
    opened = an_open_period(store, plan=ONE)
    submitted(opened, opened.cycles[0])
    with store.begin() as tx:
        orders.recall(tx, opened.person("ubnd"), opened.cycles[0], 1, NOW)
    assert record_of(opened).first_submitted_on is None
    late = datetime(2026, 3, 25, 2, tzinfo=NOW.tzinfo)
    submitted(replace(opened, now=late), opened.cycles[0], version=1)
    record = record_of(opened)
    assert (record.first_submitted_on, record.days_late) == (date(2026, 3, 25), 7)


def test_a_report_sent_again_because_others_returned_it_keeps_its_first_day(store: Store) -> None:
    opened = an_open_period(store, plan=ONE)
    submitted(opened, opened.cycles[0])
    confirmed(opened, opened.cycles[0], "mttq", "cong-an")
    voted(
        opened, opened.cycles[0], "bi-thu", "uy-vien-1", "uy-vien-2", choice=Choice.RETURN, reason="Thiếu số"
    )
    submitted(replace(opened, now=datetime(2026, 3, 25, 2, tzinfo=NOW.tzinfo)), opened.cycles[0], version=1)
    assert record_of(opened).days_late == 0


def test_an_item_done_in_time_stays_so_when_a_later_report_names_no_day(store: Store) -> None:
    in_time = Schedule(ScheduleKind.DAY, date(2026, 3, 10), date(2026, 3, 10))
    asked_twice = replace(ALONE, period=PeriodRule(reporting=Reporting.ALL))
    opened = an_open_period(store, plan=a_plan(items=[an_item(1, deadline=in_time)]), rules=asked_twice)
    submitted(opened, opened.cycles[0], progress=100, reported=Reported.DONE)
    voted(opened, opened.cycles[0], "bi-thu", "uy-vien-1", "uy-vien-2")
    later = datetime(2026, 6, 8, 2, tzinfo=NOW.tzinfo)
    with store.begin() as tx:
        close_period(tx, opened.period_id, AFTER)
        rules_id = save_rules(tx, opened.organisation_id, asked_twice, {}, later)
        second = open_period(tx, opened.plan_id, Span.parse("2026-Q2"), rules_id, later)
        cycle = tx.scalar(select(cycles.c.id).where(cycles.c.period_id == second))
    second_quarter = replace(opened, period_id=second, cycles=(cycle,), now=later)
    submitted(second_quarter, cycle, progress=100, reported=Reported.DONE)
    voted(second_quarter, cycle, "bi-thu", "uy-vien-1", "uy-vien-2")
    assert record_of(opened).status is Status.DONE_ON_TIME
    assert record_of(second_quarter, later).status is Status.DONE_ON_TIME


def test_a_report_left_out_by_rule_says_nothing_of_the_day_an_item_was_done(store: Store) -> None:
    rules = Rules(confirmation=ALONE.confirmation, approval=ApprovalRule(undecided=Undecided.LEFT_OUT))
    in_time = Schedule(ScheduleKind.DAY, date(2026, 3, 10), date(2026, 3, 10))
    opened = an_open_period(store, plan=a_plan(items=[an_item(1, deadline=in_time)]), rules=rules)
    submitted(opened, opened.cycles[0], progress=100, reported=Reported.DONE)
    later = datetime(2026, 6, 8, 2, tzinfo=NOW.tzinfo)
    with store.begin() as tx:
        close_period(tx, opened.period_id, AFTER)
        rules_id = save_rules(tx, opened.organisation_id, rules, {}, later)
        second = open_period(tx, opened.plan_id, Span.parse("2026-Q2"), rules_id, later)
        cycle = tx.scalar(select(cycles.c.id).where(cycles.c.period_id == second))
    second_quarter = replace(opened, period_id=second, cycles=(cycle,), now=later)
    submitted(second_quarter, cycle, progress=100, reported=Reported.DONE)
    assert record_of(second_quarter, later).done_on is None


def test_the_minutes_decide_nothing_that_the_items_end_left_undecided(store: Store) -> None:
    rule = ApprovalRule(fallback=Fallback.COUNT, early_close=EarlyClose.NO)
    opened = an_open_period(store, plan=ONE, rules=Rules(approval=rule))
    late = replace(opened, now=datetime(2026, 3, 26, 3, tzinfo=NOW.tzinfo))
    submitted(late, opened.cycles[0])
    confirmed(late, opened.cycles[0], "mttq", "cong-an")
    voted(late, opened.cycles[0], "bi-thu", "pho-bi-thu", "uy-vien-1", "uy-vien-2")
    with store.begin() as tx:
        close_period(tx, opened.period_id, AFTER)
    assert stage_of(opened, opened.cycles[0]) is Stage.UNDECIDED
    with store.reading() as tx:
        (vote,) = votes_of(tx, opened.period_id, AFTER).votes
    assert (vote.poll.choice, vote.poll.ending) == (None, None)
