"""Orders about a cycle, ballots on paper, and rules tried on open cycles; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from tests.builders import (
    NOW,
    a_directory,
    a_part,
    a_plan,
    an_item,
    an_open_period,
    confirmed,
    stage_of,
    submitted,
    voted,
)
from workflow.domain.cycles.cycle import Choice, Stage, Verdict
from workflow.domain.errors import Conflict, NotAllowed, TiendoError
from workflow.domain.people.directory import Person, Role
from workflow.domain.rules.routing_rules import (
    ApprovalRule,
    BodiesRule,
    Carry,
    ConfirmationRule,
    Fallback,
    Override,
    Rules,
    Shows,
)
from workflow.storage.amending import second_words
from workflow.storage.audit import verify
from workflow.storage.cycles import orders, paper
from workflow.storage.cycles.acts import Evidence
from workflow.storage.cycles.history import history
from workflow.storage.cycles.paper import PaperVote, paper_entries
from workflow.storage.cycles.routing import advance_cycles
from workflow.storage.duties.order_lists import orders_awaiting_second
from workflow.storage.opening.rules_tried import replayed
from workflow.storage.proof.fact_checks import check_facts
from workflow.storage.results.closing import close_period
from workflow.storage.results.records import load_records
from workflow.storage.tables import audit, cycles, item_units, outbox, parts, units
from workflow.storage.tables import orders as orders_table

SCAN = Evidence("a" * 64, "phieu.pdf", "application/pdf", 1000)
SECOND = Person("Trương Thị Nga", "nga@hoaxuan.example", "Phó Văn phòng", (("van-phong", Role.OFFICE),))
UNTIL = date(2026, 4, 10)


def opened_with_two(store, **given):
    return an_open_period(store, directory=a_directory(extra=(SECOND,)), **given)


def to_committee(opened, cycle, version=1):
    submitted(opened, cycle, version=version - 1)
    confirmed(opened, cycle, "mttq", "cong-an", version=version)


def entered(opened, cycle, member, choice=Choice.APPROVE, by="van-phong", scan=SCAN) -> int:
    with opened.store.begin() as tx:
        vote = PaperVote(cycle, 1, opened.person(member), choice, scan, "Lý do")
        return paper.enter(tx, opened.person(by), vote, NOW)


def countersigned(opened, entry, by="nga"):
    with opened.store.begin() as tx:
        paper.countersign(tx, opened.person(by), entry, NOW)


def test_a_ballot_on_paper_needs_two_persons_of_the_office_and_a_scan(store):
    opened = opened_with_two(store, rules=Rules(approval=ApprovalRule(shows=Shows.NAMES)))
    cycle = opened.cycles[0]
    to_committee(opened, cycle)
    voted(opened, cycle, "bi-thu", "pho-bi-thu")
    with pytest.raises(NotAllowed, match="bản chụp"):
        entered(opened, cycle, "uy-vien-1", scan=replace(SCAN, sha256=""))
    with pytest.raises(NotAllowed, match="Văn phòng"):
        entered(opened, cycle, "uy-vien-1", by="ubnd")
    entry = entered(opened, cycle, "uy-vien-1")
    assert stage_of(opened, cycle) is Stage.WAITING_APPROVAL
    with pytest.raises(NotAllowed, match="không tự xác nhận"):
        countersigned(opened, entry, by="van-phong")
    countersigned(opened, entry)
    assert stage_of(opened, cycle) is Stage.APPROVED
    with pytest.raises(Conflict):
        countersigned(opened, entry)
    with store.reading() as tx:
        (told,) = paper_entries(tx, opened.period_id)
        ballots = history(tx, opened.organisation_id, cycle).versions[0].ballots.named
        assert verify(tx)[1] == []
    assert (told.entered_by, told.countersigned_by) == ("Trịnh Thu Hà", "Trương Thị Nga")
    assert [one.person for one in ballots if one.is_on_paper] == ["Đặng Quốc Khánh"]


def test_a_ballot_on_paper_that_was_not_confirmed_before_the_vote_moved_on_never_counts(store):
    opened = opened_with_two(store)
    cycle = opened.cycles[0]
    to_committee(opened, cycle)
    entry = entered(opened, cycle, "uy-vien-1", Choice.RETURN)
    voted(opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-2")
    with pytest.raises(Conflict):
        countersigned(opened, entry)


def test_a_report_is_recalled_before_the_first_confirmation_and_not_after(store):
    opened = an_open_period(store)
    first, second = opened.cycles[:2]
    for cycle in (first, second):
        submitted(opened, cycle)
    confirmed(opened, second, "mttq")
    with store.begin() as tx:
        orders.recall(tx, opened.person("ubnd"), first, 1, NOW)
    assert stage_of(opened, first) is Stage.WAITING_SUBMISSION
    with store.begin() as tx, pytest.raises(Conflict):
        orders.recall(tx, opened.person("ubnd"), second, 1, NOW)
    with store.begin() as tx, pytest.raises(NotAllowed):
        orders.recall(tx, opened.person("mttq"), second, 1, NOW)
    submitted(opened, first, version=1)
    assert stage_of(opened, first) is Stage.WAITING_CONFIRMATION


def test_a_recalled_report_is_no_return_on_the_record(store):
    opened = an_open_period(store)
    cycle = opened.cycles[0]
    submitted(opened, cycle)
    with store.begin() as tx:
        orders.recall(tx, opened.person("ubnd"), cycle, 1, NOW)
    to_committee(opened, cycle, version=2)
    with store.reading() as tx:
        record = load_records(tx, opened.period_id, date(2026, 3, 20))[0]
    assert (record.returns_by_objection, record.returns_by_committee) == (0, 0)


def test_an_approved_cycle_is_reopened_with_a_reason_and_approved_again_past_the_close(store):
    opened = opened_with_two(store)
    cycle = opened.cycles[0]
    to_committee(opened, cycle)
    voted(opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1")
    with store.begin() as tx:
        close_period(tx, opened.period_id, NOW, is_early=True)
    with store.begin() as tx, pytest.raises(NotAllowed, match="lý do"):
        orders.reopen(tx, opened.person("van-phong"), cycle, " ", UNTIL, NOW)
    with store.begin() as tx, pytest.raises(NotAllowed, match="Văn phòng"):
        orders.reopen(tx, opened.person("ubnd"), cycle, "Số liệu sai", UNTIL, NOW)
    with store.begin() as tx:
        orders.reopen(tx, opened.person("van-phong"), cycle, "Số liệu sai", UNTIL, NOW)
    assert stage_of(opened, cycle) is Stage.WAITING_SUBMISSION
    to_committee(opened, cycle, version=2)
    voted(opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1", version=2)
    assert stage_of(opened, cycle) is Stage.APPROVED
    with store.reading() as tx:
        versions = history(tx, opened.organisation_id, cycle).versions
    assert [one.ballots.total for one in versions] == [3, 3]


def test_a_version_approved_before_a_reopening_stands_again_after_its_last_day(store):
    opened = opened_with_two(store)
    cycle = opened.cycles[0]
    to_committee(opened, cycle)
    voted(opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1")
    with store.begin() as tx:
        orders.reopen(tx, opened.person("van-phong"), cycle, "Số liệu sai", UNTIL, NOW)
        advance_cycles(tx, [cycle], NOW + timedelta(days=38))
    assert stage_of(opened, cycle) is Stage.WAITING_SUBMISSION
    with store.begin() as tx:
        advance_cycles(tx, [cycle], NOW + timedelta(days=41))
        (record, *_) = load_records(tx, opened.period_id, date(2026, 4, 20))
    assert stage_of(opened, cycle) is Stage.APPROVED
    assert record.text
    assert record.reopened == (
        "mở lại ngày 02/03/2026, đến hết ngày 10/04/2026 không có bản mới: "
        "bản đã duyệt trước đó vẫn giữ nguyên"
    )


def test_a_version_sent_after_a_reopening_and_not_approved_leaves_the_approved_one_and_its_figures(store):
    opened = opened_with_two(store)
    cycle = opened.cycles[0]
    to_committee(opened, cycle)
    voted(opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1")
    with store.begin() as tx:
        orders.reopen(tx, opened.person("van-phong"), cycle, "Số liệu sai", UNTIL, NOW)
    submitted(opened, cycle, version=1, progress=10, body="Bản sau")
    after = NOW + timedelta(days=41)
    with store.begin() as tx:
        advance_cycles(tx, [cycle], after)
        (record, *_) = load_records(tx, opened.period_id, after.date())
        assert (record.stage, record.progress, record.vote.approve) == (Stage.APPROVED, 60, 3)
        assert "bản gửi sau đó chưa được duyệt" in record.reopened
        orders.reopen(
            tx, opened.person("van-phong"), cycle, "Vẫn sai", (after + timedelta(days=9)).date(), after
        )
    submitted(replace(opened, now=after), cycle, version=2, body="Bản thứ ba")
    assert stage_of(opened, cycle) is Stage.WAITING_CONFIRMATION


def test_a_vote_that_ended_without_a_result_may_be_reopened(store):
    opened = opened_with_two(store, rules=Rules(approval=ApprovalRule(fallback=Fallback.COUNT)))
    cycle = opened.cycles[0]
    to_committee(opened, cycle)
    late = NOW + timedelta(days=23)  # 25 March: nobody voted by the 24th
    with store.begin() as tx:
        advance_cycles(tx, [cycle], late)
        orders.reopen(tx, opened.person("van-phong"), cycle, "Không ai biểu quyết", UNTIL, late)
    assert stage_of(opened, cycle) is Stage.WAITING_SUBMISSION


def test_the_office_withdraws_an_item_from_the_period_with_a_reason(store):
    opened = opened_with_two(store)
    with store.begin() as tx:
        orders.withdraw(tx, opened.person("van-phong"), opened.cycles[0], "Tỉnh thôi giao", NOW)
    assert stage_of(opened, opened.cycles[0]) is Stage.WITHDRAWN
    with store.begin() as tx:
        assert advance_cycles(tx, opened.cycles, NOW) == []
        assert tx.scalar(select(audit.c.details).where(audit.c.verb == "withdrawn"))["reason"] == (
            "Tỉnh thôi giao"
        )


def approved(opened, cycle):
    to_committee(opened, cycle)
    voted(opened, cycle, "bi-thu", "pho-bi-thu", "uy-vien-1")
    assert stage_of(opened, cycle) is Stage.APPROVED


def withdrawal(opened, cycle, by="van-phong", reason="Tỉnh thôi giao"):
    with opened.store.begin() as tx:
        return orders.withdraw(tx, opened.person(by), cycle, reason, NOW)


def seconded(opened, order_id, by="nga", act=second_words.second):
    with opened.store.begin() as tx:
        return act(tx, opened.person(by), order_id, NOW)


def mailed_about(opened, kind):
    """Who gets a mail about orders of that kind, by box, each as often as mails wait for them."""
    boxes = {one: box.partition("@")[0] for box, one in opened.persons.items()}
    with opened.store.reading() as tx:
        rows = tx.execute(
            select(outbox.c.person_id, outbox.c.context)
            .where(outbox.c.kind == "notice")
            .order_by(outbox.c.id)
        ).all()
        of = dict(tx.execute(select(orders_table.c.id, orders_table.c.kind)).all())
    return [boxes[row.person_id] for row in rows if of.get(row.context.get("order")) == kind]


def test_an_approved_item_leaves_the_period_only_when_a_second_person_of_the_office_confirms_it(store):
    opened = opened_with_two(store)
    cycle = opened.cycles[0]
    approved(opened, cycle)
    asked = withdrawal(opened, cycle)
    assert asked.waits
    assert stage_of(opened, cycle) is Stage.APPROVED
    with pytest.raises(NotAllowed, match="không tự xác nhận"):
        seconded(opened, asked.order_id, by="van-phong")
    with pytest.raises(NotAllowed, match="Văn phòng"):
        seconded(opened, asked.order_id, by="ubnd")
    assert stage_of(opened, cycle) is Stage.APPROVED
    seconded(opened, asked.order_id)
    assert stage_of(opened, cycle) is Stage.WITHDRAWN
    with pytest.raises(Conflict):
        seconded(opened, asked.order_id)
    with store.reading() as tx:
        assert check_facts(tx)[1] == []
        assert verify(tx)[1] == []


def test_an_item_that_was_reopened_needs_two_persons_to_leave_the_period_too(store):
    opened = opened_with_two(store)
    cycle = opened.cycles[0]
    approved(opened, cycle)
    with store.begin() as tx:
        orders.reopen(tx, opened.person("van-phong"), cycle, "Số liệu sai", UNTIL, NOW)
    assert withdrawal(opened, cycle).waits
    assert stage_of(opened, cycle) is Stage.WAITING_SUBMISSION


def test_where_the_office_has_one_person_an_approved_item_stays_and_the_cure_is_named(store):
    opened = an_open_period(store)
    cycle = opened.cycles[0]
    approved(opened, cycle)
    with pytest.raises(NotAllowed, match="chỉ có một") as refused:
        withdrawal(opened, cycle)
    assert "danh bạ" in refused.value.cure
    assert stage_of(opened, cycle) is Stage.APPROVED


def test_an_order_that_waits_is_taken_back_and_stays_on_record(store):
    opened = opened_with_two(store)
    cycle = opened.cycles[0]
    approved(opened, cycle)
    asked = withdrawal(opened, cycle)
    with pytest.raises(Conflict, match="đang chờ người thứ hai"):
        withdrawal(opened, cycle, by="nga")
    seconded(opened, asked.order_id, by="nga", act=second_words.drop)
    with pytest.raises(Conflict, match="đã bỏ"):
        seconded(opened, asked.order_id)
    assert stage_of(opened, cycle) is Stage.APPROVED
    with store.reading() as tx:
        verbs = [entry.verb for entry in history(tx, opened.organisation_id, cycle).entries]
        assert orders_awaiting_second(tx, cycle) == ()
        assert check_facts(tx)[1] == []
    assert verbs[-2:] == ["withdrawal-asked", "order-dropped"]
    assert mailed_about(opened, "drop") == ["van-phong"]


def test_an_order_on_a_version_that_was_replaced_is_not_confirmed(store):
    opened = opened_with_two(store)
    cycle = opened.cycles[0]
    approved(opened, cycle)
    asked = withdrawal(opened, cycle)
    with store.begin() as tx:
        orders.reopen(tx, opened.person("van-phong"), cycle, "Số liệu sai", UNTIL, NOW)
    submitted(opened, cycle, version=1)
    with pytest.raises(Conflict, match="bản mới"):
        seconded(opened, asked.order_id)


def test_a_report_is_recalled_by_the_office_with_a_reason_too(store):
    opened = an_open_period(store)
    cycle = opened.cycles[0]
    submitted(opened, cycle)
    office = opened.person("van-phong")
    with store.begin() as tx, pytest.raises(NotAllowed, match="lý do"):
        orders.recall(tx, office, cycle, 1, NOW)
    with store.begin() as tx:
        orders.recall(tx, office, cycle, 1, NOW, reason="Đơn vị điện thoại xin sửa")
    assert stage_of(opened, cycle) is Stage.WAITING_SUBMISSION


def test_everyone_whom_an_order_concerns_gets_one_mail_and_who_gave_it_none(store):
    opened = opened_with_two(store)
    cycle = opened.cycles[0]
    to_committee(opened, cycle)
    with store.begin() as tx:
        tx.execute(outbox.delete())
        orders.reassign(
            tx,
            opened.person("van-phong"),
            cycle,
            [opened.units["doan"]],
            [opened.units["mttq"]],
            "Đổi đầu mối",
            NOW,
        )
    concerned = {"ubnd", "mttq", "cong-an", "doan", "bi-thu", "pho-bi-thu"}
    concerned |= {"uy-vien-1", "uy-vien-2", "uy-vien-3"}
    assert sorted(mailed_about(opened, "reassign")) == sorted(concerned)
    with store.reading() as tx:
        assert set(tx.scalars(select(outbox.c.kind))) == {"notice"}


def test_the_lead_of_a_reopened_item_gets_the_mail_about_it_and_no_digest_beside_it(store):
    opened = opened_with_two(store)
    cycle = opened.cycles[0]
    approved(opened, cycle)
    with store.begin() as tx:
        tx.execute(outbox.delete())
        orders.reopen(tx, opened.person("van-phong"), cycle, "Số liệu sai", UNTIL, NOW)
        lead = opened.person("ubnd")
        assert tx.scalars(select(outbox.c.kind).where(outbox.c.person_id == lead)).all() == ["notice"]
    assert {"mttq", "cong-an", "bi-thu"} < set(mailed_about(opened, "reopen"))


def test_units_that_have_the_item_already_are_no_change(store):
    opened = opened_with_two(store)
    cycle, named = opened.cycles[0], opened.units
    with store.begin() as tx, pytest.raises(Conflict, match="đúng các đơn vị ấy"):
        same = [named["mttq"], named["cong-an"]]
        orders.reassign(tx, opened.person("van-phong"), cycle, [named["ubnd"]], same, "Đổi đầu mối", NOW)


def test_a_cycle_is_given_to_other_units_and_the_order_tells_what_it_was(store):
    opened = opened_with_two(store)
    cycle, named = opened.cycles[0], opened.units
    with store.begin() as tx:
        orders.reassign(
            tx, opened.person("van-phong"), cycle, [named["doan"]], [named["phu-nu"]], "Đổi đầu mối", NOW
        )
    submitted(opened, cycle, unit="doan")
    confirmed(opened, cycle, "phu-nu")
    assert stage_of(opened, cycle) is Stage.WAITING_APPROVAL
    with store.reading() as tx:
        told = tx.scalar(select(orders_table.c.details))
    assert told["before"]["leads"] == [named["ubnd"]]


def test_a_rule_for_a_unit_follows_the_item_to_another_lead(store):
    nobody = Override(unit="doan", confirmation=(("required", "none"),))
    opened = opened_with_two(store, rules=Rules(overrides=(nobody,)))
    cycle, named = opened.cycles[0], opened.units
    with store.begin() as tx:
        asked = [named["phu-nu"]]
        orders.reassign(tx, opened.person("van-phong"), cycle, [named["doan"]], asked, "Đổi đầu mối", NOW)
    submitted(opened, cycle, unit="doan")
    submitted(opened, opened.cycles[1])
    assert stage_of(opened, cycle) is Stage.WAITING_APPROVAL
    assert stage_of(opened, opened.cycles[1]) is Stage.WAITING_CONFIRMATION


def test_confirmations_of_units_beside_an_unchanged_part_carry_over(store):
    item = replace(
        an_item(1),
        coordinating_ids=(),
        parts=(
            replace(a_part("1.4.a", "Phần a"), coordinating_ids=("mttq",)),
            replace(a_part("1.4.b", "Phần b"), coordinating_ids=("cong-an",)),
        ),
    )
    rules = Rules(confirmation=ConfirmationRule(carry=Carry.UNTOUCHED))
    opened = an_open_period(store, plan=a_plan(items=[item]), rules=rules)
    (cycle,) = opened.cycles
    with store.reading() as tx:
        a, b = tx.scalars(select(parts.c.id).order_by(parts.c.position))
        assert tx.scalar(select(func.count()).select_from(item_units)) >= 3
    first = {str(a): {"progress": 50, "body": "Đang làm"}, str(b): {"progress": 10, "body": "Mới làm"}}
    submitted(opened, cycle, parts=first)
    confirmed(opened, cycle, "mttq")
    confirmed(opened, cycle, "cong-an", verdict=Verdict.OBJECT, reason="Phần b sai số liệu")
    submitted(opened, cycle, version=1, parts=first | {str(b): {"progress": 5, "body": "Đã sửa"}})
    with store.reading() as tx:
        told = tx.scalar(select(cycles.c.standing).where(cycles.c.id == cycle))
    assert (told["units"], told["carried"]) == ([opened.units["cong-an"]], [opened.units["mttq"]])


def test_a_rule_may_give_some_items_to_another_committee(store):
    from workflow.domain.people.directory import Unit

    base = a_directory()
    council = Unit("thuong-truc", "Thường trực Đảng ủy", is_committee=True)
    people = tuple(
        replace(person, roles=(*person.roles, ("thuong-truc", Role.MEMBER)))
        if person.email.startswith(("bi-thu", "pho-bi-thu"))
        else person
        for person in base.persons
    )
    directory = replace(base, units=(*base.units, council), persons=people)
    rules = Rules(
        bodies=BodiesRule(items="btv"),
        overrides=(Override(section="I.1", approval=(("committee", "thuong-truc"),)),),
    )
    opened = an_open_period(store, directory=directory, rules=rules)
    cycle = opened.cycles[0]
    to_committee(opened, cycle)
    voted(opened, cycle, "bi-thu", "pho-bi-thu")
    assert stage_of(opened, cycle) is Stage.APPROVED


def test_a_rule_that_names_no_committee_of_the_directory_opens_no_period(store):
    with pytest.raises(TiendoError, match="khong-co"):
        an_open_period(store, rules=Rules(approval=ApprovalRule(committee="khong-co")))


def test_new_rules_are_tried_on_the_open_cycles_without_writing_anything(store):
    opened = an_open_period(store)
    first, second = opened.cycles[:2]
    to_committee(opened, first)
    voted(opened, first, "bi-thu", "pho-bi-thu")
    submitted(opened, second)
    with store.reading() as tx:
        before = tx.scalar(select(func.count()).select_from(audit))
        new = Rules(overrides=(Override(section="I.1", approval=(("more_than", "1/5"),)),))
        found = replayed(tx, opened.period_id, new, NOW)
        assert tx.scalar(select(func.count()).select_from(audit)) == before
        assert tx.scalar(select(units.c.id).limit(1))
    assert [(one.cycle_id, one.after.stage) for one in found.effects] == [(first, Stage.APPROVED)]
    assert found.open_cycles == 3
    assert stage_of(opened, first) is Stage.WAITING_APPROVAL
