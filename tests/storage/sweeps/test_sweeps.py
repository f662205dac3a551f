"""Sweeps: who is told of what is late, once a step, on the record; and the inspection committee's list."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from tests.builders import NOW, a_directory, a_plan, an_item, an_open_period, confirmed, submitted
from workflow.domain.calendar import Calendar
from workflow.domain.cycles.cycle import Verdict
from workflow.domain.people.directory import Person, Role
from workflow.domain.periods.period import Span
from workflow.domain.rules.routing_rules import (
    ConfirmationRule,
    EscalateTo,
    EscalationRule,
    EscalationStep,
    Rules,
    Silence,
)
from workflow.storage.audit import verify
from workflow.storage.duties.late_list import late_for
from workflow.storage.duties.overdue_units import overdue_units
from workflow.storage.opening.opening import open_period
from workflow.storage.people.absences import substitute
from workflow.storage.periods.watched import watched_period
from workflow.storage.rules import save_rules
from workflow.storage.sweeps.sweep import sweep
from workflow.storage.tables import audit, escalations, outbox, persons

HEAD = Person("Phạm Trung Kiên", "chu-tich@hoaxuan.example", "Chủ tịch UBND", (("ubnd", Role.HEAD),))
LEADER = Person("Đào Mạnh Cường", "pho-chu-tich@hoaxuan.example", "Phó Chủ tịch")
INSPECTOR = Person("Cao Thị Vân", "ubkt@hoaxuan.example", "Chủ nhiệm UBKT", (("btv", Role.INSPECTOR),))
DIRECTORY = a_directory(extra=(HEAD, LEADER, INSPECTOR))


def led_by(name: str = LEADER.name, **changes: object):
    return a_plan(items=[an_item(1, leaders=(name,), **changes), an_item(2, leaders=(name,), **changes)])


def working_days_after(due: date, count: int, hour: int = 9) -> datetime:
    return Calendar().moment(Calendar().add_working_days(due, count), hour)


DUE = date(2026, 3, 16)


def swept(opened, *, days: int):
    with opened.store.begin() as tx:
        return sweep(tx, working_days_after(DUE, days))


def told(opened, *, state: str = "waiting"):
    """Who has a mail about what is late, by mailbox."""
    with opened.store.reading() as tx:
        found = tx.scalars(
            select(persons.c.email)
            .join(outbox, outbox.c.person_id == persons.c.id)
            .where(outbox.c.kind == "escalation", outbox.c.state == state)
            .order_by(persons.c.email)
        )
        return [email.split("@")[0] for email in found]


def count(opened, table, *where):
    with opened.store.reading() as tx:
        return tx.scalar(select(func.count()).select_from(table).where(*where))


def test_the_ladder_is_climbed_step_by_step(store):
    opened = an_open_period(store, directory=DIRECTORY, plan=led_by())
    assert swept(opened, days=1).escalated == 0
    assert swept(opened, days=2).escalated == 2
    assert told(opened) == ["chu-tich"]
    swept(opened, days=4)
    assert told(opened) == ["chu-tich", "pho-chu-tich"]
    swept(opened, days=6)
    assert told(opened) == ["chu-tich", "pho-chu-tich", "ubkt"]


def test_running_twice_changes_nothing(store):
    opened = an_open_period(store, directory=DIRECTORY, plan=led_by())
    first = swept(opened, days=6)
    before = [count(opened, table) for table in (audit, escalations, outbox)]
    again = swept(opened, days=6)
    assert (first.escalated, again.escalated) == (6, 0)
    assert [count(opened, table) for table in (audit, escalations, outbox)] == before


def test_each_step_leaves_one_entry_on_the_cycle_and_the_chain_holds(store):
    opened = an_open_period(store, directory=DIRECTORY, plan=led_by())
    for days in (2, 3, 4, 5, 6, 7):
        swept(opened, days=days)
    with store.reading() as tx:
        entries = tx.execute(
            select(audit.c.details)
            .where(audit.c.chain == f"c{opened.cycles[0]}", audit.c.verb == "escalated")
            .order_by(audit.c.seq)
        ).scalars()
        assert [(entry["to"], entry["late_working_days"]) for entry in entries] == [
            ("head", 2),
            ("leader", 4),
            ("inspectors", 6),
        ]
        assert verify(tx)[1] == []


def test_a_person_has_one_such_mail_waiting_however_much_is_late(store):
    opened = an_open_period(store, directory=DIRECTORY, plan=a_plan(8))
    swept(opened, days=2)
    swept(opened, days=3)
    assert told(opened) == ["chu-tich"]


def test_the_next_mail_keeps_a_day_from_the_last(store):
    rules = Rules(escalation=EscalationRule((step(2, EscalateTo.HEAD), step(3, EscalateTo.HEAD))))
    opened = an_open_period(store, directory=DIRECTORY, plan=led_by(), rules=rules)
    swept(opened, days=2)
    sent = working_days_after(DUE, 2, 20)
    with store.begin() as tx:
        tx.execute(outbox.update().where(outbox.c.kind == "escalation").values(state="sent", not_before=sent))
    swept(opened, days=3)
    with store.reading() as tx:
        again = tx.scalar(
            select(outbox.c.not_before).where(outbox.c.kind == "escalation", outbox.c.state == "waiting")
        )
    assert again >= sent + timedelta(hours=rules.mail.gap_hours)


def test_a_digest_sent_late_keeps_the_gap_from_when_it_went(store):
    an_open_period(store)
    went = working_days_after(DUE, 1, 15)
    with store.begin() as tx:
        long_ago = went - timedelta(days=3)
        tx.execute(outbox.update().values(state="sent", not_before=long_ago, sent_at=went))
        sweep(tx, went + timedelta(hours=16))
        again = tx.scalar(select(outbox.c.not_before).where(outbox.c.state == "waiting"))
    assert again >= went + timedelta(hours=Rules().mail.gap_hours)


def digest_days(opened, days: range) -> set[int]:
    """On which of the working days around the last one digests go out, where a sweep runs in the early
    morning and again after the day's mails went."""
    went = set()
    for count_of_days in days:
        for hour in (6, 9, 17):
            now = working_days_after(DUE, count_of_days, hour)
            with opened.store.begin() as tx:
                sweep(tx, now)
                due = (outbox.c.state == "waiting") & (outbox.c.not_before <= now)
                sent = tx.execute(outbox.update().where(due).values(state="sent", sent_at=now))
                went |= {count_of_days} if sent.rowcount else set()
    return went


def test_reminders_go_on_the_days_the_rule_names_and_daily_after_the_last(store):
    opened = an_open_period(store, rules=Rules(escalation=EscalationRule(())))
    with store.begin() as tx:
        tx.execute(outbox.update().values(state="sent", sent_at=NOW))
    assert digest_days(opened, range(-6, 4)) == {-3, -1, 0, 1, 2, 3}


def test_what_arises_after_the_days_digest_is_told_by_the_next(store):
    opened = an_open_period(store, plan=a_plan(1))
    went = working_days_after(DUE, -3, 8)
    with store.begin() as tx:
        tx.execute(outbox.update().values(state="sent", sent_at=went))
    submitted(replace(opened, now=went + timedelta(hours=1)), opened.cycles[0])
    with store.begin() as tx:
        sweep(tx, went + timedelta(hours=2))
    assert count(opened, outbox, outbox.c.kind == "digest", outbox.c.state == "waiting")


def step(days: int, to: EscalateTo) -> EscalationStep:
    return EscalationStep(days, to)


def test_a_leader_the_directory_does_not_know_is_stood_for_by_the_chair(store):
    opened = an_open_period(store, directory=DIRECTORY, plan=led_by("Người Ở Nơi Khác"))
    swept(opened, days=4)
    assert told(opened) == ["bi-thu", "chu-tich"]


def test_a_receiver_who_is_away_is_stood_for_by_their_substitute(store):
    opened = an_open_period(store, directory=DIRECTORY, plan=led_by())
    with store.begin() as tx:
        away = (date(2026, 3, 16), date(2026, 3, 20))
        substitute(tx, opened.person("chu-tich"), opened.person("doan"), *away, NOW)
    swept(opened, days=2)
    assert told(opened) == ["doan"]


def test_a_step_without_receivers_is_not_taken_until_there_is_one(store):
    opened = an_open_period(store, plan=led_by(), directory=a_directory(extra=(LEADER,)))
    assert swept(opened, days=2).escalated == 0
    assert count(opened, audit, audit.c.verb == "escalated") == 0


def test_what_came_in_meanwhile_is_not_told(store):
    opened = an_open_period(store, directory=DIRECTORY, plan=led_by())
    swept(opened, days=2)
    submitted(replace(opened, now=working_days_after(DUE, 2)), opened.cycles[0])
    with store.reading() as tx:
        period = watched_period(tx, opened.period_id, working_days_after(DUE, 3))
        (left,) = late_for(tx, opened.person("chu-tich"), period)
        assert (left.cycle_id, left.working_days, left.debtors) == (opened.cycles[1], 3, ("UBND phường",))
        assert late_for(tx, opened.person("ubkt"), period) == ()


def test_silence_that_blocks_climbs_the_ladder_of_the_silent_unit(store):
    head = Person("Ngô Hải", "truong-ca@hoaxuan.example", "", (("cong-an", Role.HEAD),))
    rules = Rules(confirmation=ConfirmationRule(silence=Silence.BLOCK))
    opened = an_open_period(store, directory=a_directory(extra=(head,)), plan=a_plan(1), rules=rules)
    submitted(opened, opened.cycles[0])
    confirmed(opened, opened.cycles[0], "mttq")
    with store.begin() as tx:
        sweep(tx, working_days_after(date(2026, 3, 19), 2))
    assert told(opened) == ["truong-ca"]


def test_a_report_sent_back_after_the_date_is_late_only_after_two_working_days_of_its_own(store):
    opened = an_open_period(store, directory=DIRECTORY, plan=led_by())
    later = replace(opened, now=working_days_after(DUE, 0))
    for cycle in opened.cycles:
        submitted(later, cycle)
    back = replace(opened, now=working_days_after(DUE, 3))
    confirmed(back, opened.cycles[0], "mttq", verdict=Verdict.OBJECT, reason="Sai số liệu")
    assert swept(opened, days=6).escalated == 0
    assert swept(opened, days=7).escalated == 1


def test_a_day_off_sends_nothing_before_the_next_working_morning(store):
    an_open_period(store, directory=DIRECTORY, plan=led_by())
    with store.begin() as tx:
        sweep(tx, Calendar().moment(date(2026, 3, 21), 9))  # Saturday, four working days late
    with store.reading() as tx:
        moments = tx.scalars(select(outbox.c.not_before).where(outbox.c.kind == "escalation")).all()
    assert set(moments) == {Calendar().moment(date(2026, 3, 23), 7)}


def test_at_the_cut_off_everything_lapses_and_the_ladder_ends(store):
    opened = an_open_period(store, directory=DIRECTORY, plan=led_by())
    found = swept(opened, days=10)
    assert (len(found.changes), found.escalated) == (2, 0)


def _second_quarter(opened):
    with opened.store.begin() as tx:
        rules_id = save_rules(tx, opened.organisation_id, Rules(), {}, NOW)
        return open_period(tx, opened.plan_id, Span.parse("2026-Q2"), rules_id, NOW + timedelta(days=90))


def listed(opened, period_id, day: date):
    with opened.store.reading() as tx:
        return overdue_units(tx, watched_period(tx, period_id, Calendar().moment(day, 9)))


def test_a_unit_late_in_two_periods_is_on_the_inspectors_list(store):
    opened = an_open_period(store, directory=DIRECTORY, plan=led_by())
    for cycle in opened.cycles:
        submitted(replace(opened, now=working_days_after(DUE, 2)), cycle)
    assert listed(opened, opened.period_id, date(2026, 3, 20)).units == ()
    second = _second_quarter(opened)
    (unit,) = listed(opened, second, date(2026, 6, 17)).units
    assert (unit.name, unit.found.periods, unit.found.missing) == ("UBND phường", ("2026-Q2", "2026-Q1"), 2)


def test_a_report_that_never_came_is_a_long_delay_by_the_cut_off(store):
    opened = an_open_period(store, directory=DIRECTORY, plan=led_by())
    (unit,) = listed(opened, opened.period_id, date(2026, 5, 20)).units
    assert (unit.found.is_long, unit.found.longest, unit.found.missing) == (True, 9, 2)


def test_a_report_in_time_is_not_late_however_late_it_is_approved(store):
    opened = an_open_period(store, directory=DIRECTORY, plan=led_by())
    for cycle in opened.cycles:
        submitted(opened, cycle)
    assert listed(opened, opened.period_id, date(2026, 5, 20)).units == ()
