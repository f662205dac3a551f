"""Entering days off while a period runs: what moves, what stands, who is written to; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.builders import NOW, a_plan, an_open_period, stage_of, submitted, voted
from workflow.domain.calendar import Calendar
from workflow.domain.cycles.advance import Duty
from workflow.domain.cycles.cycle import Stage
from workflow.domain.errors import Conflict
from workflow.domain.periods.days_off import DayChange, DayKind
from workflow.domain.periods.period import Span, Timetable
from workflow.storage.audit import verify
from workflow.storage.duties.debtors import debtors
from workflow.storage.opening.planned import dates_of_the_office, shift
from workflow.storage.people.groups import own_days
from workflow.storage.periods.periods import period_of
from workflow.storage.results.closing import close_period
from workflow.storage.results.records import load_records
from workflow.storage.sweeps.days_off import change_days, version_of
from workflow.storage.sweeps.sweep import sweep
from workflow.storage.tables import audit, outbox, persons


def off(*days: date) -> list[DayChange]:
    return [DayChange(day, DayKind.OFF, "Nghỉ bão số 5") for day in days]


def entered(opened, changes, now=NOW, **more):
    with opened.store.begin() as tx:
        return change_days(tx, opened.organisation_id, changes, now, **more)


def period(opened):
    with opened.store.reading() as tx:
        return period_of(tx, opened.period_id)


def notices(opened):
    """The waiting notices that a day moved: mailbox and contents."""
    with opened.store.reading() as tx:
        rows = tx.execute(
            select(persons.c.email, outbox.c.context)
            .join(outbox, outbox.c.person_id == persons.c.id)
            .where(outbox.c.kind == "notice", outbox.c.state == "waiting")
        ).all()
    return {row.email.split("@")[0]: row.context for row in rows}


def test_a_due_day_that_becomes_a_day_off_moves_on_the_period_and_for_everybody_who_owes(store):
    opened = an_open_period(store)
    due = period(opened).due_on
    found = entered(opened, off(due))
    moved = period(opened).due_on
    assert moved > due
    assert [(one.step, one.was, one.becomes) for one in found.dates] == [("due_on", due, moved)]
    with store.reading() as tx:
        assert {one.last_day for one in debtors(tx, opened.period_id, NOW)} == {moved}


def test_those_who_owe_something_by_another_day_are_notified_once(store):
    opened = an_open_period(store)
    due = period(opened).due_on
    entered(opened, off(due))
    moved = period(opened).due_on
    ((_, told),) = notices(opened).items()
    assert told["moved"] == [{"duty": "submit", "n": 3, "was": due.isoformat(), "becomes": moved.isoformat()}]
    entered(opened, off(moved))
    ((_, told),) = notices(opened).items()
    last = period(opened).due_on
    assert told["moved"] == [{"duty": "submit", "n": 3, "was": due.isoformat(), "becomes": last.isoformat()}]
    assert [one["day"] for one in told["days"]] == [due.isoformat(), moved.isoformat()]


def test_a_day_off_that_moves_nobodys_day_writes_to_nobody(store):
    opened = an_open_period(store)
    found = entered(opened, off(period(opened).due_on - timedelta(days=3)))
    assert (found.dates, found.duties, notices(opened)) == ((), (), {})


def noon(day: date) -> datetime:
    return Calendar().moment(day, 12)


def swept(opened, now):
    with opened.store.begin() as tx:
        sweep(tx, now)


def test_a_limit_counted_in_working_days_moves_for_the_list_and_for_the_sweep(store):
    opened = an_open_period(store, plan=a_plan(1))
    late = noon(period(opened).confirm_by)
    submitted(replace(opened, now=late), opened.cycles[0])
    with store.reading() as tx:
        (was,) = {one.last_day for one in debtors(tx, opened.period_id, late)}
    found = entered(opened, off(was), now=late)
    ((duty, told, becomes),) = {(one.duty, one.was, one.becomes) for one in found.duties}
    assert (duty, told) == (Duty.CONFIRM, was)
    with store.reading() as tx:
        assert {one.last_day for one in debtors(tx, opened.period_id, late)} == {becomes}
    swept(opened, noon(was + timedelta(days=1)))
    assert stage_of(opened, opened.cycles[0]) is Stage.WAITING_CONFIRMATION
    swept(opened, noon(becomes + timedelta(days=1)))
    assert stage_of(opened, opened.cycles[0]) is Stage.WAITING_APPROVAL


def test_consent_by_silence_that_no_sweep_has_written_yet_is_not_taken_back(store):
    opened = an_open_period(store, plan=a_plan(1))
    submitted(opened, opened.cycles[0])
    last = period(opened).confirm_by
    after = noon(last + timedelta(days=1))
    entered(opened, off(last, last - timedelta(days=1)), now=after)
    assert stage_of(opened, opened.cycles[0]) is Stage.WAITING_APPROVAL
    assert period(opened).confirm_by == last


def test_what_lapsed_stays_lapsed_whatever_days_are_entered_later(store):
    opened = an_open_period(store, plan=a_plan(1))
    last = period(opened).cut_off
    after = noon(last + timedelta(days=1))
    swept(opened, after)
    assert stage_of(opened, opened.cycles[0]) is Stage.LAPSED
    entered(opened, off(last, *(last - timedelta(days=n) for n in range(1, 8))), now=after)
    swept(opened, after)
    assert stage_of(opened, opened.cycles[0]) is Stage.LAPSED
    assert period(opened).cut_off == last


def test_an_approved_item_stays_approved_whatever_days_are_entered_later(store):
    opened = an_open_period(store, plan=a_plan(1))
    cycle = opened.cycles[0]
    submitted(opened, cycle)
    after = noon(period(opened).confirm_by + timedelta(days=1))
    swept(opened, after)
    voted(replace(opened, now=after), cycle, "bi-thu", "pho-bi-thu", "uy-vien-1")
    assert stage_of(opened, cycle) is Stage.APPROVED
    entered(opened, off(*(after.date() - timedelta(days=n) for n in range(9))), now=after)
    assert stage_of(opened, cycle) is Stage.APPROVED


def test_a_late_mark_once_counted_stands_even_when_a_closed_period_is_counted_again(store):
    opened = an_open_period(store, plan=a_plan(1))
    due = period(opened).due_on
    submitted(replace(opened, now=noon(due + timedelta(days=2))), opened.cycles[0])
    closed_at = noon(period(opened).cut_off + timedelta(days=1))
    with store.begin() as tx:
        close_period(tx, opened.period_id, closed_at)
        (before,) = load_records(tx, opened.period_id, closed_at.date())
    assert before.days_late > 0
    entered(opened, off(due, due + timedelta(days=1), due + timedelta(days=2)), now=closed_at)
    with store.begin() as tx:
        (after,) = load_records(tx, opened.period_id, closed_at.date())
    assert (after.report_due_on, after.days_late) == (before.report_due_on, before.days_late)


def test_dates_that_the_office_set_for_a_period_to_come_move_off_a_day_off(store):
    opened = an_open_period(store)
    span, day = Span.parse("2026-Q2"), date(2026, 6, 10)
    dates = Timetable(*(day + timedelta(days=n) for n in (0, 1, 2, 5, 6)))
    with store.begin() as tx:
        shift(tx, opened.plan_id, span, dates, "Đại hội", NOW, calendar=Calendar())
    entered(opened, off(date(2026, 6, 11)))
    with store.reading() as tx:
        found = dates_of_the_office(tx, opened.plan_id, span)
    assert found == replace(dates, due_on=date(2026, 6, 12))


def test_each_change_is_in_the_log_with_who_made_it_and_what_moved(store):
    opened = an_open_period(store)
    due = period(opened).due_on
    entered(opened, off(due), by=opened.person("van-phong"))
    with store.reading() as tx:
        row = tx.execute(select(audit).where(audit.c.verb == "days-off-changed")).one()
        assert verify(tx)[1] == []
    assert row.person_id == opened.person("van-phong")
    assert row.details["days"] == [{"day": due.isoformat(), "becomes": "off", "reason": "Nghỉ bão số 5"}]
    assert row.details["moved"][0]["was"] == due.isoformat()


def test_a_list_that_somebody_changed_meanwhile_is_not_written_over(store):
    opened = an_open_period(store)
    entered(opened, off(date(2026, 5, 4)))
    with pytest.raises(Conflict, match="vừa được người khác sửa"):
        entered(opened, off(date(2026, 5, 5)), seen=version_of(()))
    with store.reading() as tx:
        assert [one.day for one in own_days(tx, opened.organisation_id)] == [date(2026, 5, 4)]
