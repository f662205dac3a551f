"""A version put before the committee again, and a vote that closed without a decision called anew; on both
databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from tests.builders import (
    NOW,
    a_directory,
    an_open_period,
    confirmed,
    stage_of,
    submitted,
    voted,
)
from workflow.domain.cycles.cycle import Choice, Stage, Verdict
from workflow.domain.errors import Conflict, NotAllowed
from workflow.domain.people.directory import Person, Role
from workflow.domain.rules.routing_rules import ApprovalRule, Fallback, Rules, Shows
from workflow.storage.amending.second_words import drop, second
from workflow.storage.amending.votes_anew import to_vote
from workflow.storage.audit import verify
from workflow.storage.cycles import paper
from workflow.storage.cycles.acts import Evidence
from workflow.storage.cycles.held_votes import decided_votes, votes_of
from workflow.storage.cycles.history import history
from workflow.storage.cycles.paper import PaperVote
from workflow.storage.cycles.routing import advance_cycles
from workflow.storage.proof.fact_checks import check_facts
from workflow.storage.results.records import load_records
from workflow.storage.tables import duties, outbox
from workflow.storage.tables import orders as orders_table

SECOND = Person("Trương Thị Nga", "nga@hoaxuan.example", "Phó Văn phòng", (("van-phong", Role.OFFICE),))
UNTIL = date(2026, 3, 20)
MEMBERS = ("bi-thu", "pho-bi-thu", "uy-vien-1", "uy-vien-2", "uy-vien-3")
NAMED = Rules(approval=ApprovalRule(shows=Shows.NAMES))
BY_COUNT = Rules(approval=ApprovalRule(fallback=Fallback.COUNT))
LATE = NOW + timedelta(days=23)
"""25 March: the vote closed on the 24th."""


def opened_with_two(store, **given):
    return an_open_period(store, directory=a_directory(extra=(SECOND,)), **given)


def returned(opened, cycle):
    submitted(opened, cycle)
    confirmed(opened, cycle, "mttq", "cong-an")
    voted(opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1", choice=Choice.RETURN, reason="Thiếu số liệu")
    assert stage_of(opened, cycle) is Stage.WAITING_SUBMISSION


def asked(opened, cycle, by="van-phong", reason="Bí thư đề nghị xem lại", until=UNTIL, now=NOW):
    with opened.store.begin() as tx:
        return to_vote(tx, opened.person(by), cycle, reason, until, now)


def seconded(opened, receipt, by="nga", act=second):
    with opened.store.begin() as tx:
        return act(tx, opened.person(by), receipt.order_id, NOW)


def called_anew(opened, cycle):
    seconded(opened, asked(opened, cycle))


def owing(opened, cycle):
    boxes = {one: box.partition("@")[0] for box, one in opened.persons.items()}
    with opened.store.reading() as tx:
        found = tx.scalars(
            select(duties.c.person_id).where(duties.c.cycle_id == cycle, duties.c.duty == "vote")
        )
        return {boxes[one] for one in found}


def test_a_returned_version_goes_back_to_the_vote_only_when_a_second_person_confirms_it(store):
    opened = opened_with_two(store)
    cycle = opened.cycles[0]
    returned(opened, cycle)
    receipt = asked(opened, cycle)
    assert receipt.waits
    assert stage_of(opened, cycle) is Stage.WAITING_SUBMISSION
    with pytest.raises(NotAllowed, match="không tự xác nhận"):
        seconded(opened, receipt, by="van-phong")
    seconded(opened, receipt)
    assert stage_of(opened, cycle) is Stage.WAITING_APPROVAL
    assert owing(opened, cycle) == set(MEMBERS)
    voted(opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-2")
    assert stage_of(opened, cycle) is Stage.APPROVED
    with store.reading() as tx:
        verbs = [one.verb for one in history(tx, opened.organisation_id, cycle).entries]
        assert check_facts(tx)[1] == verify(tx)[1] == []
    assert "vote-anew-asked" in verbs
    assert "order-confirmed" in verbs


def test_two_of_the_first_vote_and_one_of_the_second_are_no_three(store):
    opened = opened_with_two(store)
    cycle = opened.cycles[0]
    submitted(opened, cycle)
    confirmed(opened, cycle, "mttq", "cong-an")
    voted(opened, cycle, "bi-thu", "pho-bi-thu")
    voted(opened, cycle, "uy-vien-1", "uy-vien-2", "uy-vien-3", choice=Choice.RETURN, reason="Thiếu số liệu")
    called_anew(opened, cycle)
    voted(opened, cycle, "uy-vien-1")
    assert stage_of(opened, cycle) is Stage.WAITING_APPROVAL
    assert owing(opened, cycle) == set(MEMBERS) - {"uy-vien-1"}


def test_a_request_that_was_taken_back_leaves_the_version_returned(store):
    opened = opened_with_two(store)
    cycle = opened.cycles[0]
    returned(opened, cycle)
    seconded(opened, asked(opened, cycle), by="van-phong", act=drop)
    assert stage_of(opened, cycle) is Stage.WAITING_SUBMISSION


def test_a_version_that_a_unit_objected_to_goes_to_the_vote_and_is_no_return_on_the_record(store):
    opened = opened_with_two(store)
    cycle = opened.cycles[0]
    submitted(opened, cycle)
    confirmed(opened, cycle, "mttq", verdict=Verdict.OBJECT, reason="Số liệu chưa khớp")
    assert stage_of(opened, cycle) is Stage.WAITING_SUBMISSION
    called_anew(opened, cycle)
    assert stage_of(opened, cycle) is Stage.WAITING_APPROVAL
    voted(opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-2")
    with store.reading() as tx:
        record = load_records(tx, opened.period_id, UNTIL)[0]
    assert (record.stage, record.returns_by_objection, record.returns_by_committee) == (Stage.APPROVED, 0, 0)


def test_once_a_newer_version_is_sent_the_request_is_not_confirmed_and_none_is_taken(store):
    opened = opened_with_two(store)
    cycle = opened.cycles[0]
    returned(opened, cycle)
    receipt = asked(opened, cycle)
    submitted(opened, cycle, version=1)
    with pytest.raises(Conflict, match="bản mới"):
        seconded(opened, receipt)
    with pytest.raises(Conflict, match="bị trả lại mà chưa gửi bản mới"):
        asked(opened, cycle)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"reason": " "}, "lý do"),
        ({"by": "ubnd"}, "Văn phòng"),
        ({"until": date(2026, 3, 28)}, "không được sau ngày cuối"),
        ({"until": date(2026, 3, 1)}, "đã qua"),
    ],
)
def test_a_vote_anew_needs_the_office_a_reason_and_a_day_that_still_counts(store, changed, why):
    opened = opened_with_two(store)
    returned(opened, opened.cycles[0])
    with pytest.raises(NotAllowed, match=why):
        asked(opened, opened.cycles[0], **changed)


def test_what_was_approved_or_waits_for_members_is_not_voted_on_anew(store):
    opened = opened_with_two(store)
    cycle = opened.cycles[0]
    submitted(opened, cycle)
    confirmed(opened, cycle, "mttq", "cong-an")
    with pytest.raises(Conflict, match="Chỉ đưa lại"):
        asked(opened, cycle)
    voted(opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1")
    with pytest.raises(Conflict, match="Chỉ đưa lại"):
        asked(opened, cycle)


def test_a_vote_without_a_decision_is_called_anew_by_one_officer_and_all_members_vote_by_link(store):
    opened = opened_with_two(store, rules=BY_COUNT)
    cycle = opened.cycles[0]
    submitted(opened, cycle)
    confirmed(opened, cycle, "mttq", "cong-an")
    with store.begin() as tx:
        advance_cycles(tx, [cycle], LATE)
    assert owing(opened, cycle) == set()
    assert not asked(opened, cycle, until=date(2026, 3, 26), now=LATE).waits
    assert owing(opened, cycle) == set(MEMBERS)
    with store.begin() as tx:
        assert check_facts(tx)[1] == []
        advance_cycles(tx, [cycle], LATE + timedelta(days=1, hours=20))
    assert owing(opened, cycle) == set()


def test_everyone_a_vote_anew_concerns_gets_one_mail(store):
    opened = opened_with_two(store)
    cycle = opened.cycles[0]
    returned(opened, cycle)
    receipt = asked(opened, cycle)
    with store.begin() as tx:
        tx.execute(outbox.delete())
    seconded(opened, receipt)
    boxes = {one: box.partition("@")[0] for box, one in opened.persons.items()}
    with store.reading() as tx:
        told = sorted(boxes[one] for one in tx.scalars(select(outbox.c.person_id)))
        assert set(tx.scalars(select(outbox.c.kind))) == {"notice"}
    assert told == sorted({*MEMBERS, "ubnd", "mttq", "cong-an", "van-phong"})


def test_pages_and_minutes_keep_the_first_vote_and_show_the_second_without_it(store):
    opened = opened_with_two(store, rules=NAMED)
    cycle = opened.cycles[0]
    returned(opened, cycle)
    called_anew(opened, cycle)
    voted(opened, cycle, "uy-vien-2")
    with store.reading() as tx:
        shown = history(tx, opened.organisation_id, cycle).versions[0].ballots
        first, running = votes_of(tx, opened.period_id, NOW).votes
        (told,) = decided_votes(tx, opened.period_id, {opened.person("bi-thu")}, NOW)
    assert [one.person for one in shown.named] == ["Phan Thị Hương"]
    assert (first.poll.choice, first.poll.count.back, first.is_open) == (Choice.RETURN, 3, False)
    assert (running.poll.choice, running.poll.count.approve, running.is_open) == (None, 1, True)
    assert told.choice is Choice.RETURN


def test_a_paper_entered_before_the_vote_anew_is_not_confirmed_into_it(store):
    opened = opened_with_two(store)
    cycle = opened.cycles[0]
    submitted(opened, cycle)
    confirmed(opened, cycle, "mttq", "cong-an")
    scan = Evidence("a" * 64, "phieu.pdf", "application/pdf", 1000)

    def entered():
        with store.begin() as tx:
            vote = PaperVote(cycle, 1, opened.person("uy-vien-3"), Choice.APPROVE, scan)
            return paper.enter(tx, opened.person("van-phong"), vote, NOW)

    before = entered()
    voted(opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1", choice=Choice.RETURN, reason="Thiếu số liệu")
    called_anew(opened, cycle)
    with store.begin() as tx, pytest.raises(Conflict, match="lần biểu quyết trước"):
        paper.countersign(tx, opened.person("nga"), before, NOW)
    after = entered()
    with store.begin() as tx:
        paper.countersign(tx, opened.person("nga"), after, NOW)
    assert owing(opened, cycle) == set(MEMBERS) - {"uy-vien-3"}


def test_a_second_request_is_refused_while_one_waits(store):
    opened = opened_with_two(store)
    returned(opened, opened.cycles[0])
    asked(opened, opened.cycles[0])
    with pytest.raises(Conflict, match="đang chờ người thứ hai"):
        asked(opened, opened.cycles[0], by="nga")
    with store.reading() as tx:
        assert tx.scalar(select(func.count()).select_from(orders_table)) == 1
