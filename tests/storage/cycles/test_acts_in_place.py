"""Acting in an absent person's place, and never on what one sent oneself; on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.builders import (
    NOW,
    a_directory,
    a_plan,
    an_item,
    an_open_period,
    confirmed,
    stage_of,
    submitted,
    voted,
)
from workflow.domain.cycles.cycle import Choice, Stage, Verdict
from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.people.directory import Person, Role
from workflow.domain.rules.routing_rules import ApprovalRule, Override, Rules, Shows
from workflow.mail.letters.owed import owing_of
from workflow.storage.cycles import acts
from workflow.storage.cycles.acts import CastVote, SubmittedReport, UnitWord
from workflow.storage.cycles.history import history
from workflow.storage.duties.owed import owed_in
from workflow.storage.duties.persons_page import owed_by
from workflow.storage.people.absences import revoke, substitute
from workflow.storage.people.stand_ins import may_act_for
from workflow.storage.periods.watched import watched_period
from workflow.storage.sweeps.sweep import sweep
from workflow.storage.tables import ballots, confirmations, outbox, persons, submissions

TODAY = date(2026, 3, 2)
MEMBERS = ("bi-thu", "pho-bi-thu", "uy-vien-1", "uy-vien-2", "uy-vien-3")
DEPUTY = Person("Lê Thị Cúc", "thay@hoaxuan.example", "Chuyên viên")


def opened_with_deputy(store, **given):
    return an_open_period(store, directory=a_directory(extra=(DEPUTY,)), **given)


def stands_in(opened, absent: str, other: str, *, days: int = 3, votes: bool = False, from_on=TODAY) -> int:
    with opened.store.begin() as tx:
        return substitute(
            tx,
            opened.person(absent),
            opened.person(other),
            from_on,
            from_on + timedelta(days=days),
            NOW,
            votes=votes,
        )


def to_committee(opened, cycle):
    submitted(opened, cycle)
    confirmed(opened, cycle, "mttq", "cong-an")


def cast(opened, cycle, box, choice=Choice.APPROVE, member=None, now=NOW):
    with opened.store.begin() as tx:
        whose = opened.person(member) if member else None
        acts.vote(tx, opened.person(box), [CastVote(cycle, 1, choice, "Lý do", whose)], now)


def test_a_substitute_reports_and_both_names_stay_on_the_fact(store):
    opened = opened_with_deputy(store)
    stands_in(opened, "ubnd", "thay")
    with store.begin() as tx:
        report = SubmittedReport(opened.cycles[0], opened.units["ubnd"], 0, 50, "Đã làm xong đoạn 1.")
        acts.submit(tx, opened.person("thay"), [report], NOW)
    with store.reading() as tx:
        row = tx.execute(select(submissions)).one()
        told = history(tx, opened.organisation_id, opened.cycles[0])
    assert (row.person_id, row.acted_for) == (opened.person("thay"), opened.person("ubnd"))
    assert told.versions[0].report.person == "Lê Thị Cúc"
    assert told.versions[0].report.acted_for == "Nguyễn Thị Minh Hằng"


def test_a_substitute_confirms_for_the_unit_while_the_absence_lasts_and_not_after(store):
    opened = opened_with_deputy(store)
    submitted(opened, opened.cycles[0])
    stands_in(opened, "mttq", "thay", days=0)
    word = UnitWord(opened.cycles[0], opened.units["mttq"], 1, Verdict.CONFIRM)
    with store.begin() as tx, pytest.raises(NotAllowed):
        acts.confirm(tx, opened.person("thay"), [word], NOW + timedelta(days=1))
    with store.begin() as tx:
        acts.confirm(tx, opened.person("thay"), [word], NOW)
        row = tx.execute(select(confirmations)).one()
    assert (row.person_id, row.acted_for) == (opened.person("thay"), opened.person("mttq"))


def test_pending_work_moves_when_the_absence_begins_and_comes_back_after(store):
    opened = opened_with_deputy(store)
    stands_in(opened, "ubnd", "thay", days=1, from_on=TODAY + timedelta(days=1))

    def who_owes(now):
        with store.reading() as tx:
            return {
                box
                for box in ("ubnd", "thay")
                if owed_by(tx, opened.person(box), opened.period_id, now=now).to_report
                and owing_of(tx, opened.person(box), opened.period_id, now)
            }

    assert [who_owes(NOW + timedelta(days=n)) for n in range(4)] == [{"ubnd"}, {"thay"}, {"thay"}, {"ubnd"}]


def test_a_sweep_writes_to_the_substitute_when_the_absence_begins_and_to_both_when_it_ends_once(store):
    opened = opened_with_deputy(store)
    stands_in(opened, "ubnd", "thay", days=1, from_on=TODAY + timedelta(days=1))

    def told(now):
        with store.begin() as tx:
            tx.execute(outbox.update().where(outbox.c.state == "waiting").values(state="sent"))
            sweep(tx, now)
            found = tx.scalars(
                select(persons.c.email)
                .join(outbox, outbox.c.person_id == persons.c.id)
                .where(outbox.c.kind == "digest", outbox.c.state == "waiting")
            )
            return {email.split("@")[0] for email in found}

    assert told(NOW) == set()
    assert told(NOW + timedelta(days=1)) == {"ubnd", "thay"}
    assert told(NOW + timedelta(days=1, hours=1)) == set()
    assert told(NOW + timedelta(days=3)) == {"ubnd", "thay"}
    assert told(NOW + timedelta(days=3, hours=1)) == set()


def test_a_chain_goes_one_step_further_and_no_more(store):
    opened = opened_with_deputy(store)
    stands_in(opened, "ubnd", "mttq")
    stands_in(opened, "mttq", "thay")
    with store.reading() as tx:
        assert may_act_for(tx, opened.person("thay"), TODAY) == {
            opened.person("ubnd"): False,
            opened.person("mttq"): False,
        }
        assert may_act_for(tx, opened.person("mttq"), TODAY) == {}
    stands_in(opened, "thay", "doan")
    with store.reading() as tx:
        # Everyone in line for the first is absent: the work stays with her.
        owed = owed_in(tx, {opened.period_id: watched_period(tx, opened.period_id, NOW)})
        held = {person for one in owed for person in one.persons}
        assert held == {opened.person("ubnd")}


def test_a_person_has_one_substitute_at_a_time_until_it_is_ended(store):
    opened = opened_with_deputy(store)
    made = stands_in(opened, "ubnd", "thay")
    with pytest.raises(Conflict):
        stands_in(opened, "ubnd", "mttq")
    with store.begin() as tx:
        revoke(tx, made, NOW)
    stands_in(opened, "ubnd", "mttq")


def test_a_substitute_votes_for_an_absent_member_only_if_that_was_said(store):
    opened = opened_with_deputy(store, rules=Rules(approval=ApprovalRule(shows=Shows.NAMES)))
    cycle = opened.cycles[0]
    to_committee(opened, cycle)
    made = stands_in(opened, "bi-thu", "thay")
    with pytest.raises(NotAllowed):
        cast(opened, cycle, "thay")
    with store.begin() as tx:
        revoke(tx, made, NOW)
    stands_in(opened, "bi-thu", "thay", votes=True)
    with store.reading() as tx:
        (row,) = owed_by(tx, opened.person("thay"), opened.period_id, now=NOW).to_vote
        assert (row.member_id, row.member) == (opened.person("bi-thu"), "Hoàng Văn Thành")
        assert owed_by(tx, opened.person("bi-thu"), opened.period_id, now=NOW).to_vote == ()
    cast(opened, cycle, "thay")
    voted(opened, cycle, "pho-bi-thu", "uy-vien-1")
    assert stage_of(opened, cycle) is Stage.APPROVED
    with store.reading() as tx:
        row = tx.execute(select(ballots).where(ballots.c.acted_for.is_not(None))).one()
        told = history(tx, opened.organisation_id, cycle).versions[0].ballots.named
    assert (row.person_id, row.acted_for) == (opened.person("thay"), opened.person("bi-thu"))
    assert ("Hoàng Văn Thành", "Lê Thị Cúc") in {(one.person, one.acted_by) for one in told or ()}


def test_nobody_votes_twice(store):
    opened = opened_with_deputy(store)
    cycle = opened.cycles[0]
    to_committee(opened, cycle)
    stands_in(opened, "bi-thu", "pho-bi-thu", votes=True)
    with pytest.raises(NotAllowed, match="đã có phiếu của mình"):
        cast(opened, cycle, "pho-bi-thu", member="bi-thu")
    stands_in(opened, "uy-vien-1", "thay", votes=True)
    stands_in(opened, "uy-vien-2", "thay", votes=True)
    with pytest.raises(NotAllowed):
        cast(opened, cycle, "thay")  # for whom?
    cast(opened, cycle, "thay", member="uy-vien-1")
    with pytest.raises(NotAllowed, match="một phiếu"):
        cast(opened, cycle, "thay", member="uy-vien-2")


def test_where_members_vote_themselves_no_substitute_may(store):
    opened = opened_with_deputy(store, rules=Rules(approval=ApprovalRule(substitutes=False)))
    to_committee(opened, opened.cycles[0])
    stands_in(opened, "bi-thu", "thay", votes=True)
    with pytest.raises(NotAllowed):
        cast(opened, opened.cycles[0], "thay")
    with store.reading() as tx:
        assert owed_by(tx, opened.person("thay"), opened.period_id, now=NOW).to_vote == ()
        assert owing_of(tx, opened.person("thay"), opened.period_id, NOW) is None


def both_units() -> Person:
    roles = (("ubnd", Role.REPORTER), ("mttq", Role.REPORTER), ("btv", Role.MEMBER))
    return Person("Cao Văn Kiêm", "kiem@hoaxuan.example", "Ủy viên", roles)


def test_who_sent_a_report_neither_confirms_nor_votes_on_it_nor_is_asked_to(store):
    opened = an_open_period(store, directory=a_directory(extra=(both_units(),)))
    cycle, me = opened.cycles[0], opened.person("kiem")
    with store.begin() as tx:
        acts.submit(tx, me, [SubmittedReport(cycle, opened.units["ubnd"], 0, 50, "Đã làm xong.")], NOW)
    with store.begin() as tx, pytest.raises(NotAllowed, match="không xác nhận báo cáo đó"):
        acts.confirm(tx, me, [UnitWord(cycle, opened.units["mttq"], 1, Verdict.CONFIRM)], NOW)
    with store.reading() as tx:
        owed = owed_by(tx, me, opened.period_id, now=NOW)
        assert [one.cycle.id for one in owed.to_confirm] == []
    confirmed(opened, cycle, "mttq", "cong-an")
    with pytest.raises(NotAllowed, match="không biểu quyết báo cáo đó"):
        cast(opened, cycle, "kiem")
    with store.reading() as tx:
        assert owed_by(tx, me, opened.period_id, now=NOW).to_vote == ()


def test_a_substitute_does_not_vote_on_what_they_sent(store):
    opened = opened_with_deputy(store)
    cycle = opened.cycles[0]
    stands_in(opened, "ubnd", "thay")
    stands_in(opened, "bi-thu", "thay", votes=True)
    with store.begin() as tx:
        report = SubmittedReport(cycle, opened.units["ubnd"], 0, 50, "Đã làm xong.")
        acts.submit(tx, opened.person("thay"), [report], NOW)
    confirmed(opened, cycle, "mttq", "cong-an")
    with pytest.raises(NotAllowed, match="không biểu quyết báo cáo đó"):
        cast(opened, cycle, "thay")


def test_a_member_who_leads_the_item_or_its_unit_is_recused_where_the_rule_says_so(store):
    roles = (("btv", Role.MEMBER), ("ubnd", Role.REPORTER))
    extra = Person("Mai Xuân Bách", "bach@hoaxuan.example", "Phó Chủ tịch", roles)
    rule = Rules(
        overrides=(Override(section="I", approval=(("recuse_leader", True), ("recuse_unit", True))),)
    )
    leaders = ("Đ/c Phan Thị Hương",)
    plan = a_plan(items=[an_item(1, leaders=leaders), an_item(4, leaders=leaders)])
    opened = an_open_period(store, directory=a_directory(extra=(extra,)), plan=plan, rules=rule)
    recused, free = opened.cycles
    for cycle in opened.cycles:
        to_committee(opened, cycle)
    for box in ("uy-vien-2", "bach"):
        with pytest.raises(NotAllowed, match="không biểu quyết, theo quy tắc"):
            cast(opened, recused, box)
        cast(opened, free, box)
        with store.reading() as tx:
            owed = owed_by(tx, opened.person(box), opened.period_id, now=NOW).to_vote
            assert [one.cycle.id for one in owed if one.given is None] == []
