"""The schedule over a database: periods open and close by themselves, once, and the office is told once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.builders import NOW, a_directory, a_plan, an_item
from workflow.domain.calendar import Calendar
from workflow.domain.errors import Conflict, NotAllowed, TiendoError
from workflow.domain.people.directory import Directory, Role
from workflow.domain.periods.period import Span, Timetable
from workflow.domain.periods.schedule import PeriodNotice, PeriodStanding
from workflow.domain.plans.plan import Every, Schedule, ScheduleKind
from workflow.domain.rules.routing_rules import (
    Close,
    PeriodKind,
    PeriodRule,
    ReportApproval,
    Reporting,
    ReportRule,
    Rules,
    ScheduleRule,
)
from workflow.reports.issuing import begin_by_hand, begin_report
from workflow.storage import Store
from workflow.storage.audit import verify
from workflow.storage.files import Files
from workflow.storage.opening.opening import open_period
from workflow.storage.opening.planned import hold, let_go, shift
from workflow.storage.opening.schedule import asked_of, year_of
from workflow.storage.people.directory import holders, save_directory
from workflow.storage.plans.plans import save_plan
from workflow.storage.reports.letterheads import set_letterhead
from workflow.storage.rules import adopt_rules, rules_in_force, save_rules
from workflow.storage.sweeps.schedule_keeping import ScheduleResult, keep_schedule, news_of
from workflow.storage.tables import audit, cycles, outbox, periods, schedule_notices

AUTOMATIC = Rules(schedule=ScheduleRule(automatic=True))
JANUARY = datetime(2026, 1, 9, 2, tzinfo=NOW.tzinfo)
Q1 = Span.parse("2026-Q1")
CLOSED = date(2026, 3, 28)


def on(day: date, hour: int = 8) -> datetime:
    return Calendar().moment(day, hour)


def a_year(store: Store, rules: Rules = AUTOMATIC, *, directory: Directory | None = None, plan=None) -> int:
    """A plan loaded in January under rules that nobody has opened a period by; its id."""
    with store.begin() as tx:
        organisation = save_directory(tx, directory or a_directory())
        plan_id = save_plan(tx, organisation, plan or a_plan(), JANUARY)
        save_rules(tx, organisation, rules, {}, JANUARY)
        return plan_id


def kept(store: Store, plan_id: int, day: date) -> ScheduleResult:
    with store.begin() as tx:
        return keep_schedule(tx, plan_id, on(day))


def standing(store: Store, plan_id: int, day: date, code: str = "2026-Q1") -> PeriodStanding:
    with store.reading() as tx:
        year = year_of(tx, plan_id, on(day))
        return year.standing(year.of(code))


def mails(store: Store) -> int:
    with store.reading() as tx:
        return len(tx.scalars(select(outbox.c.id).where(outbox.c.kind == "schedule")).all())


def test_a_quarter_opens_and_closes_by_itself_and_the_office_hears_of_each_thing_once(store):
    plan_id = a_year(store)
    day, did, told = date(2026, 1, 12), [], 0
    while day < date(2026, 4, 10):
        found = kept(store, plan_id, day)
        assert kept(store, plan_id, day) == replace(found, opened=(), closed=(), notices=0)
        did += [(day, "opened", label) for label in found.opened]
        did += [(day, "closed", label) for label in found.closed]
        told += found.notices
        day += timedelta(days=1)
    assert did == [
        (date(2026, 3, 2), "opened", "Quý I/2026"),
        (date(2026, 3, 28), "closed", "Quý I/2026"),
    ]
    assert told == 2  # three working days before the opening, and before the cut-off
    assert kept(store, plan_id, day).to_report == (1,)  # no report was drawn up yet


def a_closed_year(store: Store, approval: ReportApproval) -> int:
    plan_id = a_year(store, replace(AUTOMATIC, report=ReportRule(approval)))
    for day in (date(2026, 3, 2), CLOSED):
        kept(store, plan_id, day)
    return plan_id


def test_a_draft_that_waits_for_approval_is_not_asked_for_again(store, tmp_path):
    plan_id = a_closed_year(store, ReportApproval.CHAIR)
    assert kept(store, plan_id, CLOSED).to_report == (1,)
    assert begin_report(store, Files(f"file://{tmp_path}"), 1, on(CLOSED))
    assert kept(store, plan_id, CLOSED).to_report == ()


def test_a_draft_that_needs_no_approval_is_asked_for_until_it_is_issued(store, tmp_path):
    plan_id = a_closed_year(store, ReportApproval.NONE)
    with store.begin() as tx:
        set_letterhead(tx, 1, on(CLOSED), place="Hòa Xuân", no_superior=True)
        (office, *_) = holders(tx, 1, Role.OFFICE)
        begin_by_hand(tx, 1, office, on(CLOSED))
    assert kept(store, plan_id, CLOSED).to_report == (1,)
    assert begin_report(store, Files(f"file://{tmp_path}"), 1, on(CLOSED))
    assert kept(store, plan_id, CLOSED).to_report == ()


def test_a_machine_that_slept_over_the_opening_opens_late_while_the_time_is_fair(store):
    plan_id = a_year(store)
    assert kept(store, plan_id, date(2026, 3, 6)).opened == ("Quý I/2026",)
    with store.reading() as tx:
        assert tx.scalar(select(periods.c.due_on)) == date(2026, 3, 16)


def test_after_weeks_of_sleep_the_office_is_asked_once_for_all_and_nothing_opens(store):
    plan_id = a_year(store)
    found = kept(store, plan_id, date(2026, 7, 6))
    assert (found.opened, found.notices) == ((), 2)
    assert kept(store, plan_id, date(2026, 7, 7)).notices == 0
    assert mails(store) == 1
    assert standing(store, plan_id, date(2026, 7, 7)) is PeriodStanding.MISSED
    with store.reading() as tx:
        news = news_of(tx, 1, on(date(2026, 7, 7)))
    assert [(one.about, one.period.span.code) for one in news] == [
        (PeriodNotice.CHOICE, "2026-Q1"),
        (PeriodNotice.CHOICE, "2026-Q2"),
    ]


def test_the_office_chooses_new_dates_or_leaves_it(store):
    plan_id = a_year(store)
    today = date(2026, 7, 6)
    kept(store, plan_id, today)
    with store.begin() as tx:
        year = year_of(tx, plan_id, on(today))
        hold(tx, plan_id, Q1, "Đã báo cáo bằng văn bản", on(today))
        at = {"calendar": year.at.calendar}
        second = Span.parse("2026-Q2")
        shift(tx, plan_id, second, year.dates_today(year.of("2026-Q2")), "Máy chủ hỏng", on(today), **at)
    assert kept(store, plan_id, today).opened == ("Quý II/2026",)
    assert standing(store, plan_id, today) is PeriodStanding.HELD
    with store.reading() as tx:
        assert tx.scalar(select(periods.c.due_on)) == date(2026, 7, 13)
        said = tx.scalars(select(audit.c.details).where(audit.c.verb == "schedule-changed")).all()
        assert [one["reason"] for one in said] == ["Đã báo cáo bằng văn bản", "Máy chủ hỏng"]
        assert verify(tx)[1] == []


def test_shifted_dates_fall_on_working_days_and_need_a_reason(store):
    plan_id = a_year(store)
    wanted = Timetable(*(date(2026, 2, day) for day in (14, 21, 25, 27, 28)))
    with store.begin() as tx:
        with pytest.raises(NotAllowed):
            shift(tx, plan_id, Q1, wanted, " ", JANUARY, calendar=Calendar())
        found = shift(tx, plan_id, Q1, wanted, "Họp sớm", JANUARY, calendar=Calendar())
        # 14 February is a Saturday before a week of Tết, the 28th a Saturday.
        assert (found.opens_on, found.due_on) == (date(2026, 2, 23), date(2026, 2, 23))
        assert found.cut_off == date(2026, 3, 2)
        with pytest.raises(TiendoError):
            shift(tx, plan_id, Q1, wanted, "Muộn rồi", on(date(2026, 3, 3)), calendar=Calendar())
    assert kept(store, plan_id, date(2026, 2, 23)).opened == ("Quý I/2026",)
    with store.begin() as tx, pytest.raises(Conflict):
        hold(tx, plan_id, Q1, "Muộn rồi", on(date(2026, 2, 24)))


def test_a_held_period_opens_only_after_it_is_let_go(store):
    plan_id = a_year(store)
    with store.begin() as tx:
        hold(tx, plan_id, Q1, "Chờ ý kiến", JANUARY)
    assert kept(store, plan_id, date(2026, 3, 2)).opened == ()
    with store.begin() as tx:
        let_go(tx, plan_id, Q1, "Đã có ý kiến", on(date(2026, 3, 3)))
    assert kept(store, plan_id, date(2026, 3, 3)).opened == ("Quý I/2026",)


def test_of_two_callers_at_once_one_opens_and_the_office_gets_one_mail(store):
    plan_id = a_year(store)
    with ThreadPoolExecutor(4) as pool:
        days = [date(2026, 2, 25)] * 4
        assert sum(found.notices for found in pool.map(lambda day: kept(store, plan_id, day), days)) == 1
        days = [date(2026, 3, 2)] * 4
        found = list(pool.map(lambda day: kept(store, plan_id, day), days))
    assert sorted(one.opened for one in found) == [(), (), (), ("Quý I/2026",)]
    assert mails(store) == 1
    with store.reading() as tx:
        assert len(tx.scalars(select(cycles.c.id)).all()) == 3


def test_what_cannot_be_opened_is_told_once_and_opens_when_it_is_cured(store):
    directory = a_directory()
    without = replace(directory, persons=tuple(one for one in directory.persons if one.roles[0][0] != "btv"))
    plan_id = a_year(store, directory=without)
    first = kept(store, plan_id, date(2026, 3, 2))
    assert (first.opened, first.notices) == ((), 1)
    assert "Ban Thường vụ" in first.troubles[0]
    assert kept(store, plan_id, date(2026, 3, 3)).notices == 0
    with store.reading() as tx:
        assert [one.about for one in news_of(tx, 1, on(date(2026, 3, 3)))] == [PeriodNotice.TROUBLE]
        assert tx.scalar(select(periods.c.id)) is None
    with store.begin() as tx:
        save_directory(tx, directory)
    assert kept(store, plan_id, date(2026, 3, 3)).opened == ("Quý I/2026",)
    with store.reading() as tx:
        assert news_of(tx, 1, on(date(2026, 3, 3))) == []


def test_a_period_closed_by_hand_waits_for_the_office_which_is_told_once(store):
    plan_id = a_year(store, Rules(schedule=ScheduleRule(automatic=True, close=Close.BY_HAND)))
    kept(store, plan_id, date(2026, 3, 2))
    found = kept(store, plan_id, date(2026, 3, 28))
    assert (found.closed, found.notices) == ((), 1)
    assert kept(store, plan_id, date(2026, 4, 1)).notices == 0
    with store.reading() as tx:
        assert PeriodNotice.BY_HAND.value in tx.scalars(select(schedule_notices.c.about)).all()


def test_months_take_monthly_items_and_the_quarters_last_month_is_the_quarters(store):
    monthly = Schedule(ScheduleKind.CADENCE, every=Every.MONTH)
    plan = a_plan(items=[an_item(1), an_item(2, deadline=monthly)])
    rules = Rules(
        period=PeriodRule(reporting=Reporting.CADENCE),
        schedule=ScheduleRule(automatic=True, kinds=(PeriodKind.MONTH, PeriodKind.QUARTER)),
    )
    plan_id = a_year(store, rules, plan=plan)
    with store.reading() as tx:
        year = year_of(tx, plan_id, JANUARY)
    assert {one.span.code: one.n_items for one in year.periods if one.span.last_day.month < 4} == {
        "2026-M01": 1,
        "2026-M02": 1,
        "2026-Q1": 2,
    }
    assert len(year.periods) == 12


def test_the_next_period_opens_by_the_rules_used_last_or_saved_since(store):
    plan_id = a_year(store)
    other = Rules(name="Quy tắc khác")
    with store.begin() as tx:
        open_period(tx, plan_id, Q1, rules_in_force(tx, 1)[0], NOW)
        used = rules_in_force(tx, 1)
        adopt_rules(tx, 1, other, {}, NOW + timedelta(days=1))
        assert rules_in_force(tx, 1)[1] == other
        adopt_rules(tx, 1, AUTOMATIC, {}, NOW + timedelta(days=2))
        assert rules_in_force(tx, 1) == used


def test_what_stands_in_the_way_of_asking_is_known_before_the_opening(store):
    directory = a_directory()
    without = replace(
        directory,
        persons=tuple(
            replace(one, email="") if one.roles[0] == ("btv", Role.CHAIR) else one
            for one in directory.persons
            if one.roles[0][0] != "ubnd"
        ),
    )
    plan_id = a_year(store, directory=without)
    with store.reading() as tx:
        year = year_of(tx, plan_id, JANUARY)
        asked = asked_of(tx, year, year.of("2026-Q1"))
    assert asked.leads == asked.without_reporter == ("UBND phường",)
    assert asked.without_email == ("Hoàng Văn Thành",)
