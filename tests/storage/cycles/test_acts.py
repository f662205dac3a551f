"""A fact and its consequences, in one transaction, on both databases."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from tests.builders import NOW, a_plan, an_item, an_open_period, confirmed, stage_of, submitted, voted
from workflow.domain.calendar import Calendar
from workflow.domain.cycles.cycle import Choice, Stage, Verdict
from workflow.domain.errors import Conflict, NotAllowed, TiendoError
from workflow.domain.periods.period import Span
from workflow.domain.rules.routing_rules import Rules
from workflow.storage.audit import verify
from workflow.storage.cycles import acts
from workflow.storage.cycles.acts import CastVote, SubmittedReport, UnitWord
from workflow.storage.cycles.routing import advance_cycles
from workflow.storage.opening.opening import open_period
from workflow.storage.rules import save_rules
from workflow.storage.sweeps.sweep import sweep
from workflow.storage.tables import audit, cycles, duties, outbox, persons, submissions

MEMBERS = ("bi-thu", "pho-bi-thu", "uy-vien-1")


def owed(opened, cycle):
    with opened.store.reading() as tx:
        rows = tx.execute(select(duties).where(duties.c.cycle_id == cycle)).all()
    return {(row.duty, row.unit_id, row.person_id) for row in rows}


def digests(opened):
    """Who has a digest waiting, by mailbox."""
    with opened.store.reading() as tx:
        found = tx.scalars(
            select(persons.c.email)
            .join(outbox, outbox.c.person_id == persons.c.id)
            .where(outbox.c.kind == "digest", outbox.c.state == "waiting")
        )
        return sorted(email.split("@")[0] for email in found)


def test_opening_a_period_makes_a_cycle_for_each_item_and_one_digest_for_each_lead(store):
    opened = an_open_period(store, plan=a_plan(12))
    assert len(opened.cycles) == 12
    assert {stage_of(opened, cycle) for cycle in opened.cycles} == {Stage.WAITING_SUBMISSION}
    assert digests(opened) == ["ubnd"]


def test_opening_it_again_opens_nothing_new(store):
    opened = an_open_period(store)
    with store.begin() as tx:
        rules_id = save_rules(tx, opened.organisation_id, Rules(), {}, NOW)
        again = open_period(tx, opened.plan_id, Span.parse("2026-Q1"), rules_id, NOW)
        count = tx.scalar(select(func.count()).select_from(cycles))
    assert (again, count) == (opened.period_id, len(opened.cycles))


def test_a_cycle_goes_from_report_to_confirmation_to_vote_to_approved(store):
    opened = an_open_period(store)
    cycle = opened.cycles[0]
    submitted(opened, cycle)
    assert owed(opened, cycle) == {
        ("confirm", opened.units["mttq"], None),
        ("confirm", opened.units["cong-an"], None),
    }
    confirmed(opened, cycle, "mttq", "cong-an")
    assert stage_of(opened, cycle) is Stage.WAITING_APPROVAL
    assert len(owed(opened, cycle)) == 5
    voted(opened, cycle, *MEMBERS)
    assert stage_of(opened, cycle) is Stage.APPROVED
    assert owed(opened, cycle) == set()


def test_an_objection_sends_the_report_back_and_the_second_version_passes(store):
    opened = an_open_period(store)
    cycle = opened.cycles[0]
    submitted(opened, cycle)
    confirmed(opened, cycle, "mttq", verdict=Verdict.OBJECT, reason="Số liệu chưa khớp")
    assert stage_of(opened, cycle) is Stage.WAITING_SUBMISSION
    submitted(opened, cycle, version=1)
    confirmed(opened, cycle, "mttq", "cong-an", version=2)
    voted(opened, cycle, *MEMBERS, version=2)
    assert stage_of(opened, cycle) is Stage.APPROVED
    with store.reading() as tx:
        kept = tx.scalars(select(submissions.c.version).where(submissions.c.cycle_id == cycle)).all()
    assert sorted(kept) == [1, 2]


def test_a_person_with_many_things_to_do_has_one_digest_waiting(store):
    opened = an_open_period(store, plan=a_plan(10))
    for cycle in opened.cycles:
        submitted(opened, cycle)
    assert digests(opened) == ["cong-an", "mttq", "ubnd"]


def test_someone_who_just_voted_is_not_written_to_again(store):
    opened = an_open_period(store, plan=a_plan(1))
    cycle = opened.cycles[0]
    submitted(opened, cycle)
    confirmed(opened, cycle, "mttq", "cong-an")
    with store.begin() as tx:
        tx.execute(outbox.update().values(state="sent"))
    voted(opened, cycle, "bi-thu")
    assert digests(opened) == []


def test_a_digest_waits_until_a_day_after_the_last_one(store):
    opened = an_open_period(store, plan=a_plan(1))
    with store.begin() as tx:
        tx.execute(outbox.update().values(state="sent", not_before=NOW))
    submitted(opened, opened.cycles[0])
    confirmed(opened, opened.cycles[0], "mttq", verdict=Verdict.OBJECT, reason="Sai")
    with store.reading() as tx:
        again = tx.scalar(
            select(outbox.c.not_before).where(
                outbox.c.person_id == opened.person("ubnd"), outbox.c.state == "waiting"
            )
        )
    # Twenty hours on it is five in the morning: the mail waits until seven.
    assert again == NOW + timedelta(hours=Rules().mail.gap_hours + 2)


def test_nobody_is_written_to_at_night_or_on_a_day_off(store):
    saturday_night = NOW + timedelta(days=5, hours=13)
    opened = an_open_period(store, now=saturday_night)
    with store.reading() as tx:
        when = tx.scalar(select(outbox.c.not_before))
    assert when == Calendar().moment(date(2026, 3, 9), 7)
    assert digests(opened) == ["ubnd"]


def test_only_a_reporter_of_the_lead_unit_may_submit(store):
    opened = an_open_period(store)
    with store.begin() as tx, pytest.raises(NotAllowed):
        report = SubmittedReport(opened.cycles[0], opened.units["ubnd"], 0, 50, "Báo cáo hộ")
        acts.submit(tx, opened.person("mttq"), [report], NOW)


def test_only_a_coordinating_unit_may_confirm_and_only_a_member_may_vote(store):
    opened = an_open_period(store)
    cycle = opened.cycles[0]
    submitted(opened, cycle)
    with store.begin() as tx, pytest.raises(NotAllowed):
        acts.confirm(
            tx, opened.person("doan"), [UnitWord(cycle, opened.units["doan"], 1, Verdict.CONFIRM)], NOW
        )
    confirmed(opened, cycle, "mttq", "cong-an")
    with store.begin() as tx, pytest.raises(NotAllowed):
        acts.vote(tx, opened.person("ubnd"), [CastVote(cycle, 1, Choice.APPROVE)], NOW)


def test_a_vote_on_a_version_that_was_replaced_is_refused(store):
    opened = an_open_period(store)
    cycle = opened.cycles[0]
    submitted(opened, cycle)
    confirmed(opened, cycle, "mttq", "cong-an")
    voted(opened, cycle, *MEMBERS, choice=Choice.RETURN, reason="Thiếu minh chứng")
    submitted(opened, cycle, version=1)
    confirmed(opened, cycle, "mttq", "cong-an", version=2)
    with store.begin() as tx, pytest.raises(Conflict):
        acts.vote(tx, opened.person("bi-thu"), [CastVote(cycle, 1, Choice.APPROVE)], NOW)


def test_a_return_or_an_objection_needs_a_reason(store):
    opened = an_open_period(store)
    submitted(opened, opened.cycles[0])
    with store.begin() as tx, pytest.raises(NotAllowed, match="lý do"):
        word = UnitWord(opened.cycles[0], opened.units["mttq"], 1, Verdict.OBJECT, "  ")
        acts.confirm(tx, opened.person("mttq"), [word], NOW)


def test_a_refused_act_leaves_nothing_behind(store):
    opened = an_open_period(store)
    cycle = opened.cycles[0]
    words = [
        SubmittedReport(cycle, opened.units["ubnd"], 0, 50, "Được"),
        SubmittedReport(opened.cycles[1], opened.units["ubnd"], 7, 50, "Bản cũ"),
    ]
    with pytest.raises(Conflict), store.begin() as tx:
        acts.submit(tx, opened.person("ubnd"), words, NOW)
    assert stage_of(opened, cycle) is Stage.WAITING_SUBMISSION
    with store.reading() as tx:
        assert tx.scalar(select(func.count()).select_from(submissions)) == 0


def test_a_member_may_change_a_ballot_until_the_vote_is_decided(store):
    opened = an_open_period(store)
    cycle = opened.cycles[0]
    submitted(opened, cycle)
    confirmed(opened, cycle, "mttq", "cong-an")
    voted(opened, cycle, "bi-thu", "pho-bi-thu")
    voted(opened, cycle, "bi-thu", choice=Choice.ABSTAIN)
    voted(opened, cycle, "uy-vien-1")
    assert stage_of(opened, cycle) is Stage.WAITING_APPROVAL
    voted(opened, cycle, "uy-vien-2")
    assert stage_of(opened, cycle) is Stage.APPROVED


def test_advancing_again_changes_and_writes_nothing(store):
    opened = an_open_period(store)
    submitted(opened, opened.cycles[0])
    with store.begin() as tx:
        before = tx.scalar(select(func.count()).select_from(audit))
        assert advance_cycles(tx, opened.cycles, NOW) == []
        assert tx.scalar(select(func.count()).select_from(audit)) == before


def test_a_sweep_after_the_limits_takes_silence_for_consent_and_ends_all_after_the_cut_off(store):
    opened = an_open_period(store)
    submitted(opened, opened.cycles[0])
    with store.begin() as tx:
        sweep(tx, NOW + timedelta(days=19))  # 21 March, past confirm-by
    assert stage_of(opened, opened.cycles[0]) is Stage.WAITING_APPROVAL
    with store.begin() as tx:
        sweep(tx, NOW + timedelta(days=40))
    assert stage_of(opened, opened.cycles[0]) is Stage.UNDECIDED
    assert {stage_of(opened, cycle) for cycle in opened.cycles[1:]} == {Stage.LAPSED}


@pytest.mark.parametrize("nothing", [".", " … - ", "?!"])
def test_a_report_without_a_letter_or_a_digit_is_refused(store, nothing):
    opened = an_open_period(store)
    with pytest.raises(NotAllowed, match="không có chữ hoặc số nào"):
        submitted(opened, opened.cycles[0], body=nothing)


def test_reminders_go_out_on_the_days_of_the_rule_and_not_on_days_off(store):
    opened = an_open_period(store)
    with store.begin() as tx:
        tx.execute(outbox.update().values(state="sent", not_before=NOW))
        sweep(tx, NOW + timedelta(days=5))  # Saturday
    assert digests(opened) == []
    with store.begin() as tx:
        sweep(tx, NOW + timedelta(days=14))  # Monday 16 March, the day it is due
    assert digests(opened) == ["ubnd"]


def test_ten_people_acting_at_once_lose_nothing(store):
    """Five members and two units on three items, all from their own threads."""
    opened = an_open_period(store, plan=a_plan(3))
    for cycle in opened.cycles:
        submitted(opened, cycle)
    trouble: list[BaseException] = []

    def act(doing, *args):
        try:
            doing(*args)
        except BaseException as error:
            trouble.append(error)

    words = [
        threading.Thread(target=act, args=(confirmed, opened, cycle, unit))
        for cycle in opened.cycles
        for unit in ("mttq", "cong-an")
    ]
    ballots = [
        threading.Thread(target=act, args=(voted, opened, cycle, member))
        for cycle in opened.cycles
        for member in MEMBERS
    ]
    for crowd in (words, ballots):
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join()
    assert trouble == []
    assert {stage_of(opened, cycle) for cycle in opened.cycles} == {Stage.APPROVED}
    with store.reading() as tx:
        assert verify(tx)[1] == []


def test_a_group_is_asked_member_by_member_and_co_leads_confirm_each_other(store):
    item = replace(an_item(1), lead_ids=("ubnd", "mttq"), coordinating_ids=("cong-an",))
    opened = an_open_period(store, plan=a_plan(items=[item]))
    submitted(opened, opened.cycles[0])
    assert {unit for _, unit, _ in owed(opened, opened.cycles[0])} == {
        opened.units["mttq"],
        opened.units["cong-an"],
    }


def test_without_a_committee_no_period_opens(store):
    from tests.builders import a_directory

    directory = a_directory()
    nobody = tuple(
        person for person in directory.persons if not any(unit == "btv" for unit, _ in person.roles)
    )
    with pytest.raises(TiendoError, match="Ban Thường vụ"):
        an_open_period(store, directory=replace(directory, persons=nobody))
