"""Who leads an item is a person, not a spelling: what bars, what mails, what sums and what is bound later."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select, update

from tests.builders import NOW, a_directory, a_plan, an_item, an_open_period, confirmed, submitted, voted
from workflow.domain.calendar import Calendar
from workflow.domain.errors import NotAllowed, NotFound
from workflow.domain.people.directory import Person, Role
from workflow.domain.periods.period import Span
from workflow.domain.results.comparing import Grouping
from workflow.domain.rules.routing_rules import ApprovalRule, Rules
from workflow.importing.cells.leaders import bound
from workflow.storage.amending.leader_bindings import bind_leader, leaders_to_bind, printed_leaders
from workflow.storage.amending.plan_changes import change_plan
from workflow.storage.duties.board import Filter, board
from workflow.storage.plans.plans import load_plan
from workflow.storage.results.closing import close_period
from workflow.storage.results.comparing import compare
from workflow.storage.results.kept_rows import differences
from workflow.storage.results.rollups import rollup_of
from workflow.storage.sweeps.sweep import sweep
from workflow.storage.tables import audit, items, outbox, persons

MEMBER = (("btv", Role.MEMBER),)
RECUSING = Rules(approval=ApprovalRule(recuse_leader=True))
DUE = date(2026, 3, 16)


def member(name: str, box: str) -> Person:
    return Person(name, f"{box}@hoaxuan.example", "Ủy viên", MEMBER)


def led_by(*names: str):
    return a_plan(items=[an_item(1, leaders=names)])


def to_committee(opened, cycle=0):
    submitted(opened, opened.cycles[cycle])
    confirmed(opened, opened.cycles[cycle], "mttq", "cong-an")


def mailed_late(opened, days=4):
    """The mailboxes that are told when the item is that many working days late."""
    calendar = Calendar()
    with opened.store.begin() as tx:
        sweep(tx, calendar.moment(calendar.add_working_days(DUE, days), 9))
        found = tx.scalars(
            select(persons.c.email)
            .join(outbox, outbox.c.person_id == persons.c.id)
            .where(outbox.c.kind == "escalation")
        )
        return {email.split("@")[0] for email in found}


# --- who may not vote -----------------------------------------------------------------------------------


def test_a_member_whose_name_the_leaders_name_merely_begins_with_may_vote(store):
    an = member("Phạm Văn An", "an")
    opened = an_open_period(
        store, directory=a_directory(extra=(an,)), plan=led_by("Phạm Văn An Bình"), rules=RECUSING
    )
    to_committee(opened)
    voted(opened, opened.cycles[0], "an")


def test_a_leader_whose_tone_mark_stands_on_the_other_vowel_may_not_vote_on_their_item(store):
    hoa = member("Phạm Thị Hòa", "hoa")
    opened = an_open_period(
        store, directory=a_directory(extra=(hoa,)), plan=led_by("Đ/c Phạm Thị Hoà"), rules=RECUSING
    )
    to_committee(opened)
    with pytest.raises(NotAllowed, match="không biểu quyết, theo quy tắc"):
        voted(opened, opened.cycles[0], "hoa")


def test_a_leader_who_was_renamed_stays_barred(store):
    hoa = member("Phạm Thị Hòa", "hoa")
    opened = an_open_period(
        store, directory=a_directory(extra=(hoa,)), plan=led_by("Phạm Thị Hòa"), rules=RECUSING
    )
    with store.begin() as tx:
        tx.execute(update(persons).where(persons.c.id == opened.person("hoa")).values(name="Phạm Hòa Anh"))
        plan = load_plan(tx, opened.plan_id)
        change_plan(tx, opened.plan_id, replace(plan, items=(replace(plan.items[0], note="x"),)), NOW)
    to_committee(opened)
    with pytest.raises(NotAllowed, match="không biểu quyết, theo quy tắc"):
        voted(opened, opened.cycles[0], "hoa")


# --- who is told ----------------------------------------------------------------------------------------


def test_late_work_goes_to_the_leader_whose_tone_mark_stands_on_the_other_vowel(store):
    hoa = Person("Phạm Thị Hòa", "hoa@hoaxuan.example", "Phó Chủ tịch")
    opened = an_open_period(store, directory=a_directory(extra=(hoa,)), plan=led_by("Phạm Thị Hoà"))
    assert mailed_late(opened) == {"hoa"}


def test_of_two_namesakes_the_one_who_was_chosen_is_told_whatever_their_addresses(store):
    first, last = (Person("Lê Văn Hùng", f"{box}@hoaxuan.example", "Phó Chủ tịch") for box in ("a", "z"))
    people = a_directory(extra=(first, last))
    plan = bound(led_by("Lê Văn Hùng"), people)
    assert plan.items[0].leader_ids == ()
    chosen = replace(plan, items=(replace(plan.items[0], leader_ids=(first.email,)),))
    assert mailed_late(an_open_period(store, directory=people, plan=chosen)) == {"a"}


def test_a_leader_who_left_the_directory_is_not_told_but_the_chair_is(store):
    hoa = Person("Phạm Thị Hòa", "hoa@hoaxuan.example", "Phó Chủ tịch")
    opened = an_open_period(store, directory=a_directory(extra=(hoa,)), plan=led_by("Phạm Thị Hòa"))
    with store.begin() as tx:
        tx.execute(update(persons).where(persons.c.id == opened.person("hoa")).values(is_active=False))
    assert mailed_late(opened) == {"bi-thu"}


# --- what is summed and filtered ------------------------------------------------------------------------


def _closed_with_two_spellings(store):
    hoa = Person("Phạm Thị Hòa", "hoa@hoaxuan.example", "Phó Chủ tịch")
    hungs = [Person("Lê Văn Hùng", f"hung{n}@hoaxuan.example") for n in (1, 2)]
    people = a_directory(extra=(hoa, *hungs))
    leaders = ("Phạm Thị Hoà", "Phạm Thị Hòa", "Lê Văn Hùng", "Lê Văn Hùng")
    plan = bound(a_plan(items=[an_item(n + 1, leaders=(one,)) for n, one in enumerate(leaders)]), people)
    said = [item.leader_ids for item in plan.items[:2]] + [(one.email,) for one in hungs]
    own = tuple(replace(item, leader_ids=ids) for item, ids in zip(plan.items, said, strict=True))
    opened = an_open_period(store, directory=people, plan=replace(plan, items=own))
    with store.begin() as tx:
        close_period(tx, opened.period_id, NOW, is_early=True)
    return opened


def test_two_spellings_of_one_leader_are_one_row_and_two_namesakes_are_two(store):
    opened = _closed_with_two_spellings(store)
    with store.reading() as tx:
        found = rollup_of(tx, [opened.period_id]).items.leaders
        assert [(one.name, one.tally.total) for one in found] == [
            ("Lê Văn Hùng (hung1@hoaxuan.example)", 1),
            ("Lê Văn Hùng (hung2@hoaxuan.example)", 1),
            ("Phạm Thị Hòa", 2),
        ]
        compared = compare(tx, opened.organisation_id, Span.parse("2026-Q1"), Grouping.LEADER, NOW)
        assert len({row.now.key for row in compared.rows}) == 3
        assert differences(tx) == (1, [])


def test_the_board_filters_by_the_person(store):
    opened = _closed_with_two_spellings(store)
    with store.reading() as tx:
        found = board(tx, opened.period_id, NOW)
    asked = {one.key: one.name for one in found.leaders()}
    assert sorted(asked.values()) == [
        "Lê Văn Hùng (hung1@hoaxuan.example)",
        "Lê Văn Hùng (hung2@hoaxuan.example)",
        "Phạm Thị Hòa",
    ]
    counts = {key: sum(Filter(leader=key).lets(row) for row in found.rows) for key in asked}
    assert sorted(counts.values()) == [1, 1, 2]


# --- binding later --------------------------------------------------------------------------------------


def test_a_new_person_of_an_unbound_leaders_name_is_proposed_and_bound_only_by_somebody(store):
    opened = an_open_period(store, plan=led_by("Đ/c Mạc Thị Bưởi"), rules=RECUSING)
    with store.begin() as tx:
        values = {"name": "Mạc Thị Bưởi", "email": "buoi@hoaxuan.example", "is_active": True}
        new = tx.execute(
            persons.insert()
            .values(organisation_id=opened.organisation_id, title="", **values)
            .returning(persons.c.id)
        ).scalar_one()
        (asked,) = leaders_to_bind(tx, opened.plan_id, "Mạc Thị Bưởi")
        assert [one.id for one in asked.proposed] == [new]
        assert asked.person is None
        count, _ = bind_leader(tx, opened.plan_id, asked.name, new, NOW, by=opened.person("van-phong"))
        assert count == 1
        assert leaders_to_bind(tx, opened.plan_id, "Mạc Thị Bưởi") == ()
        entry = tx.execute(select(audit.c.person_id).where(audit.c.verb == "leader-bound")).scalar_one()
        assert entry == opened.person("van-phong")
    assert mailed_late(opened) == {"buoi"}


def test_binding_a_member_bars_them_from_the_open_vote(store):
    an = member("Phạm Văn An", "an")
    people = a_directory(extra=(an,))
    plan = led_by("Phạm V. An")
    opened = an_open_period(store, directory=people, plan=plan, rules=RECUSING)
    with store.begin() as tx:
        bind_leader(tx, opened.plan_id, "Phạm V. An", opened.person("an"), NOW)
    to_committee(opened)
    with pytest.raises(NotAllowed, match="không biểu quyết, theo quy tắc"):
        voted(opened, opened.cycles[0], "an")


def test_binding_changes_nothing_of_a_closed_period(store):
    opened = an_open_period(store, plan=led_by("Mạc Thị Bưởi"))
    with store.begin() as tx:
        close_period(tx, opened.period_id, NOW, is_early=True)
        before = rollup_of(tx, [opened.period_id])
        bind_leader(tx, opened.plan_id, "Mạc Thị Bưởi", opened.person("mttq"), NOW)
        assert rollup_of(tx, [opened.period_id]) == before
        assert differences(tx) == (1, [])
        assert tx.scalar(select(items.c.id).where(items.c.replaced_by.is_not(None))) is not None


def test_a_leader_said_to_be_no_one_is_not_asked_about_again(store):
    opened = an_open_period(store, plan=led_by("Mạc Thị Bưởi"))
    with store.begin() as tx:
        assert printed_leaders(tx, opened.plan_id)[0].is_asked
        bind_leader(tx, opened.plan_id, "Mạc Thị Bưởi", None, NOW)
        (one,) = printed_leaders(tx, opened.plan_id)
    assert (one.is_asked, one.is_no_one) == (False, True)


def test_a_leader_the_plan_does_not_have_and_a_person_of_elsewhere_are_refused(store):
    opened = an_open_period(store, plan=led_by("Mạc Thị Bưởi"))
    with store.begin() as tx, pytest.raises(NotFound):
        bind_leader(tx, opened.plan_id, "Cao Bá Quát", opened.person("mttq"), NOW)
    with store.begin() as tx, pytest.raises(NotFound):
        bind_leader(tx, opened.plan_id, "Mạc Thị Bưởi", 9_999, NOW)
