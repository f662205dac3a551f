"""Asking over a database: what opening asks about, what the office ticked, and dates that have gone by."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from sqlalchemy import select, update

from tests.builders import NOW, UNITS, a_directory, a_part, a_plan, an_item, an_open_period, submitted
from workflow.domain.calendar import Calendar
from workflow.domain.errors import NotAllowed, NotFound, WrongSetting
from workflow.domain.periods.asking import Because
from workflow.domain.periods.period import Span, Timetable
from workflow.domain.plans.plan import Every, Schedule, ScheduleKind
from workflow.domain.results.record import Reported
from workflow.domain.rules.routing_rules import Override, PeriodKind, Rules, ScheduleRule
from workflow.storage import Store
from workflow.storage.cycles.facts_of_cycles import load
from workflow.storage.opening.asking import ItemAsked, asking_of
from workflow.storage.opening.opening import open_period
from workflow.storage.opening.planned import tick
from workflow.storage.people.directory import save_directory
from workflow.storage.plans.plans import save_plan
from workflow.storage.rules import save_rules
from workflow.storage.sweeps.schedule_keeping import open_and_announce
from workflow.storage.sweeps.trials import opening_look
from workflow.storage.tables import audit, cycles, items, outbox, periods, planned_periods

Q1, Q2 = Span.parse("2026-Q1"), Span.parse("2026-Q2")
APRIL = NOW + timedelta(days=45)


def a_year(store: Store, rules: Rules | None = None, plan=None) -> tuple[int, int]:
    """A plan and rules that nobody has opened a period by: their ids."""
    with store.begin() as tx:
        organisation = save_directory(tx, a_directory())
        plan_id = save_plan(tx, organisation, plan or a_plan(), NOW)
        return plan_id, save_rules(tx, organisation, rules or Rules(), {}, NOW)


def answers(store: Store, plan_id: int, span: Span, rules: Rules | None = None) -> dict[str, ItemAsked]:
    with store.reading() as tx:
        return {one.code: one for one in asking_of(tx, plan_id, span, rules or Rules())}


def asked_items(store: Store, code: str) -> list[str]:
    with store.reading() as tx:
        return list(
            tx.scalars(
                select(items.c.code)
                .join(cycles, cycles.c.item_id == items.c.id)
                .join(periods, periods.c.id == cycles.c.period_id)
                .where(periods.c.code == code)
                .order_by(items.c.position)
            )
        )


def test_what_was_approved_as_done_is_not_asked_again_until_it_is_reopened(store):
    opened = an_open_period(store)
    first, second, _ = opened.cycles
    for cycle in (first, second):
        submitted(opened, cycle, reported=Reported.DONE, done_on=date(2026, 3, 1))
    with store.begin() as tx:
        tx.execute(update(cycles).where(cycles.c.id == first).values(stage="approved"))
    found = answers(store, opened.plan_id, Q2)
    assert [one.answer.because for one in found.values()] == [
        Because.FINISHED,
        Because.OVERDUE,
        Because.OVERDUE,
    ]
    with store.begin() as tx:
        tx.execute(update(cycles).where(cycles.c.id == first).values(stage="waiting-submission"))
    assert all(one.is_asked for one in answers(store, opened.plan_id, Q2).values())


@pytest.mark.parametrize("stage", ["undecided", "waiting-submission", "lapsed"])
def test_what_was_done_once_is_asked_again_where_a_later_report_says_otherwise_or_was_reopened(store, stage):
    opened = an_open_period(store)
    first = opened.cycles[0]
    submitted(opened, first, reported=Reported.DONE, done_on=date(2026, 3, 1))
    with store.begin() as tx:
        tx.execute(update(cycles).where(cycles.c.id == first).values(stage="approved"))
        tick(tx, opened.plan_id, Q2, {"I.1.1": True}, "Dân phản ánh", APRIL)
        rules_id = save_rules(tx, opened.organisation_id, Rules(), {}, APRIL)
        later = open_period(tx, opened.plan_id, Q2, rules_id, APRIL)
        again = tx.scalars(
            select(cycles.c.id).where(cycles.c.period_id == later).order_by(cycles.c.id)
        ).first()
    submitted(replace(opened, now=APRIL), again)
    with store.begin() as tx:
        tx.execute(update(cycles).where(cycles.c.id == again).values(stage=stage))
    assert answers(store, opened.plan_id, Span.parse("2026-Q3"))["I.1.1"].is_asked


def test_parts_bring_their_own_deadlines_to_the_opening(store):
    part = a_part("I.1.1.a", "Phần việc")
    april = Schedule(ScheduleKind.MONTH, date(2026, 4, 1), date(2026, 4, 30))
    later = Schedule(ScheduleKind.MONTH, date(2026, 10, 1), date(2026, 10, 31))

    item = an_item(1, start=later, deadline=later, parts=(replace(part, deadline=april),))
    plan_id, _ = a_year(store, plan=a_plan(items=[item]))
    assert not answers(store, plan_id, Q1)[item.code].is_asked
    assert "I.1.1.a" in answers(store, plan_id, Q2)[item.code].answer.reason


def test_what_the_office_ticked_is_opened_and_is_in_the_log_with_who_and_why(store):
    plan_id, rules_id = a_year(store)
    with store.begin() as tx:
        tick(tx, plan_id, Q1, {"I.1.1": False}, "Đã báo cáo riêng", NOW)
        open_period(tx, plan_id, Q1, rules_id, NOW)
        entry = tx.execute(select(audit).where(audit.c.verb == "schedule-changed")).one()
    assert asked_items(store, "2026-Q1") == ["I.2.1", "I.3.1"]
    assert entry.details["becomes"] == {"ticks": {"I.1.1": False}}
    assert entry.details["reason"] == "Đã báo cáo riêng"


def test_a_tick_needs_a_reason_and_an_item_of_the_plan(store):
    plan_id, _ = a_year(store)
    with store.begin() as tx:
        with pytest.raises(NotAllowed):
            tick(tx, plan_id, Q1, {"I.1.1": False}, " ", NOW)
        with pytest.raises(NotFound):
            tick(tx, plan_id, Q1, {"IX.9": True}, "Thử", NOW)
        assert tx.scalars(select(planned_periods.c.id)).all() == []


def test_a_period_opened_after_its_days_gets_days_that_are_fair(store):
    plan_id, rules_id = a_year(store)
    with store.begin() as tx:
        open_and_announce(tx, plan_id, Q1, rules_id, APRIL)
        period = tx.execute(select(periods)).one()
        stages = tx.scalars(select(cycles.c.stage)).all()
    calendar = Calendar()
    today = calendar.day_of(APRIL)
    assert calendar.working_days_between(today, period.due_on) == 5
    assert period.opens_on == today
    assert set(stages) == {"waiting-submission"}


def test_a_cut_off_that_has_gone_by_opens_nothing_and_says_what_to_do(store):
    plan_id, rules_id = a_year(store)
    gone = Timetable(*(date(2026, 3, day) for day in (2, 16, 19, 24, 27)))
    with store.begin() as tx, pytest.raises(NotAllowed) as refused:
        open_period(tx, plan_id, Q1, rules_id, APRIL, dates=gone)
    assert "27/03/2026" in str(refused.value)
    assert "từ hôm nay trở đi" in str(refused.value.cure)


def test_no_lead_unit_is_told_that_there_is_nothing_to_do(store):
    plan_id, rules_id = a_year(store)
    with store.begin() as tx:
        open_and_announce(tx, plan_id, Q1, rules_id, APRIL)
        told = tx.execute(select(outbox.c.kind, outbox.c.person_id)).all()
    digests = {row.person_id for row in told if row.kind == "digest"}
    assert digests
    assert not digests & {row.person_id for row in told if row.kind == "opened"}


def test_rhythm_and_mode_may_differ_by_section_and_item(store):
    yearly = Override(section="I.2", period=(("rhythm", "year"),))
    all_year = Override(item="I.1.1", period=(("reporting", "all"),))
    quarters = ScheduleRule(kinds=(PeriodKind.QUARTER,))
    rules = Rules(schedule=quarters, overrides=(yearly, all_year))
    running = Schedule(ScheduleKind.CADENCE, every=Every.ONGOING)
    plan = a_plan(items=[an_item(n, deadline=running) for n in (1, 2, 3)])
    plan_id, _ = a_year(store, rules, plan)
    found = answers(store, plan_id, Q1, rules)
    assert [one.answer.because for one in found.values()] == [
        Because.EVERY,
        Because.NOT_ITS_ROUND,
        Because.RECURRING,
    ]
    assert all(one.is_asked for one in answers(store, plan_id, Span.parse("2026-Q4"), rules).values())


def test_rhythm_and_mode_may_differ_by_the_unit_that_leads(store):
    members = replace(UNITS[5], members=("phu-nu", "tram-y-te"))
    staff = a_directory()
    staff = replace(
        staff,
        units=tuple(members if one.id == "doan" else one for one in staff.units),
        persons=tuple(one for one in staff.persons if not one.email.startswith("doan@")),
    )
    rules = Rules(
        schedule=ScheduleRule(kinds=(PeriodKind.QUARTER,)),
        overrides=(
            Override(unit="doan", period=(("rhythm", "year"),)),
            Override(unit="cong-an", period=(("reporting", "all"),)),
        ),
    )
    running = Schedule(ScheduleKind.CADENCE, every=Every.ONGOING)
    led = ("cong-an", "doan", "ubnd", "tram-y-te")
    items = [
        an_item(n, deadline=running, lead_units=(unit,), lead_ids=(unit,)) for n, unit in enumerate(led, 1)
    ]
    with store.begin() as tx:
        organisation = save_directory(tx, staff)
        plan_id = save_plan(tx, organisation, a_plan(items=items), NOW)
    found = answers(store, plan_id, Q1, rules)
    assert {code: one.answer.because for code, one in found.items()} == {
        items[0].code: Because.EVERY,
        items[1].code: Because.NOT_ITS_ROUND,
        items[2].code: Because.RECURRING,
        items[3].code: Because.NOT_ITS_ROUND,
    }


def test_what_is_opened_is_what_the_rule_for_its_unit_asks_and_routes_by(store):
    by_unit = Override(unit="mttq", approval=(("quorum", "2/3"),), confirmation=(("co_leads", False),))
    leads = ("mttq", "ubnd")
    item = an_item(1, lead_units=leads, lead_ids=leads)
    opened = an_open_period(store, rules=Rules(overrides=(by_unit,)), plan=a_plan(items=[item, an_item(2)]))
    with store.begin() as tx:
        found = load(tx, opened.cycles)
    assert [found[one].rules.approval.quorum for one in opened.cycles] == [Fraction(2, 3), 0]
    assert [found[one].rules.confirmation.co_leads for one in opened.cycles] == [False, True]


def test_rules_for_a_unit_that_the_directory_does_not_have_are_refused_with_the_nearest_one(store):
    opened = an_open_period(store)
    rules = Rules(overrides=(Override(unit="cong-ann", period=(("rhythm", "year"),)),))
    with store.begin() as tx, pytest.raises(WrongSetting, match="cong-ann") as refused:
        save_rules(tx, opened.organisation_id, rules, {}, NOW)
    assert refused.value.cure == "Có phải “cong-an”?"


def test_a_half_year_opened_beside_its_quarter_asks_nothing_twice_and_the_look_says_why(store):
    opened = an_open_period(store, span="2026-Q2")
    with store.begin() as tx:
        rules_id = tx.scalar(select(periods.c.rules_id))
        look = opening_look(tx, opened.plan_id, Span.parse("2026-H1"), rules_id, NOW)
    assert (look.n_cycles, look.people) == (0, ())
    assert {one.answer.because for one in look.asking} == {Because.ASKED_ALREADY}
