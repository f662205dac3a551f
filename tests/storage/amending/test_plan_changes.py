"""A changed plan over one that runs: what changes, what is kept, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.builders import (
    NOW,
    a_directory,
    a_part,
    a_plan,
    a_target,
    an_item,
    an_open_period,
    confirmed,
    stage_of,
    submitted,
    voted,
)
from workflow.domain.cycles.cycle import Stage
from workflow.domain.errors import Conflict
from workflow.domain.people.directory import Person, Role
from workflow.domain.periods.period import Span
from workflow.domain.plans.plan import Comparison, Schedule, ScheduleKind, Target
from workflow.domain.plans.plan_difference import difference
from workflow.domain.rules.routing_rules import PeriodRule, Reporting, Rules
from workflow.storage.amending.cycle_changes import CycleEffect
from workflow.storage.amending.plan_changes import change_plan
from workflow.storage.audit import verify
from workflow.storage.cycles import orders
from workflow.storage.opening.opening import open_period
from workflow.storage.people.directory import load_directory, save_directory
from workflow.storage.plans.plans import load_plan, save_plan
from workflow.storage.results.closing import close_period
from workflow.storage.results.records import load_records
from workflow.storage.rules import save_rules
from workflow.storage.tables import audit, confirmations, cycle_units, cycles, items, results, targets

MEMBERS = ("bi-thu", "pho-bi-thu", "uy-vien-1")


def changed(opened, plan, *, now=None, **given):
    with opened.store.begin() as tx:
        return change_plan(tx, opened.plan_id, plan, now or opened.now, **given)


def stored(opened):
    with opened.store.reading() as tx:
        return load_plan(tx, opened.plan_id)


def content_of(opened, cycle):
    with opened.store.reading() as tx:
        return tx.scalar(
            select(items.c.content).join(cycles, cycles.c.item_id == items.c.id).where(cycles.c.id == cycle)
        )


def seats(opened, cycle):
    slugs = {unit_id: slug for slug, unit_id in opened.units.items()}
    with opened.store.reading() as tx:
        rows = tx.execute(select(cycle_units).where(cycle_units.c.cycle_id == cycle)).all()
    return {(row.role, slugs[row.unit_id]) for row in rows}


def effects(found):
    return [(one.code, one.effect) for one in found.consequences]


def approved(opened, cycle):
    submitted(opened, cycle)
    confirmed(opened, cycle, "mttq", "cong-an")
    voted(opened, cycle, *MEMBERS)


def with_item(plan, code, **changes):
    return replace(
        plan,
        items=tuple(replace(item, **changes) if item.code == code else item for item in plan.items),
    )


def test_a_plan_comes_back_from_the_database_as_it_went_in(store):
    item = replace(
        an_item(1),
        lead_units=("UBND phường", "Hội Người cao tuổi"),
        lead_ids=("ubnd", None),
        coordinating_text="MTTQ, công an, các hộ dân",
        targets=(a_target("98.5"), Target(Decimal(100), Comparison.AT_LEAST, "hộ", upper=Decimal(120))),
        parts=(replace(a_part("I.1.1.a", "Đo đạc"), lead_units=("UBND phường",)),),
        result="Báo cáo",
        note="Ưu tiên",
    )
    plan = a_plan(items=[item, an_item(2)])
    with store.begin() as tx:
        organisation = save_directory(tx, a_directory())
        plan_id = save_plan(tx, organisation, plan, NOW)
        assert load_plan(tx, plan_id) == plan


def test_the_same_plan_again_changes_and_writes_nothing(store):
    opened = an_open_period(store, plan=a_plan(4))
    with store.reading() as tx:
        before = tx.execute(select(audit)).all()
    found = changed(opened, stored(opened))
    assert found.difference.is_empty
    assert found.consequences == ()
    with store.reading() as tx:
        assert tx.execute(select(audit)).all() == before


def test_an_open_cycle_follows_its_item(store):
    opened = an_open_period(store, plan=a_plan(3))
    plan = stored(opened)
    after = with_item(plan, plan.items[0].code, content="Lát lại vỉa hè", leaders=("Đ/c Ngô Thị Bích Thủy",))
    found = changed(opened, after)
    assert effects(found) == [(plan.items[0].code, CycleEffect.UPDATED)]
    assert content_of(opened, opened.cycles[0]) == "Lát lại vỉa hè"
    assert stored(opened) == after
    with store.reading() as tx:
        verbs = tx.scalars(select(audit.c.verb).where(audit.c.chain == f"c{opened.cycles[0]}")).all()
        assert "item-changed" in verbs
        assert verify(tx)[1] == []


def test_figures_reported_before_stay_with_their_target(store):
    item = replace(an_item(1), targets=(a_target("98"), a_target("50", "50 hộ", "hộ")))
    opened = an_open_period(store, plan=a_plan(items=[item]))
    with store.reading() as tx:
        first, second = tx.scalars(select(targets.c.id).order_by(targets.c.position)).all()
    submitted(opened, opened.cycles[0], figures={str(first): "97", str(second): "48"})
    changed(
        opened, with_item(stored(opened), item.code, targets=(a_target("60", "60 hộ", "hộ"), item.targets[0]))
    )
    with store.reading() as tx:
        record = load_records(tx, opened.period_id, date(2026, 3, 2))[0]
    assert {(figure.expected, figure.reached) for figure in record.figures} == {
        (Decimal(98), Decimal(97)),
        (Decimal(60), Decimal(48)),
    }


def test_other_units_are_seated_anew_and_what_the_old_one_said_stays_on_record(store):
    opened = an_open_period(store, plan=a_plan(1))
    cycle = opened.cycles[0]
    submitted(opened, cycle)
    confirmed(opened, cycle, "mttq")
    plan = stored(opened)
    found = changed(
        opened,
        with_item(
            plan,
            plan.items[0].code,
            coordinating_units=("Trạm Y tế phường", "Công an phường"),
            coordinating_ids=("tram-y-te", "cong-an"),
        ),
    )
    told = {one.effect: one.detail for one in found.consequences}
    assert "thêm xác nhận: Trạm Y tế phường" in told[CycleEffect.RESEATED]
    assert "bớt xác nhận: Ủy ban MTTQ Việt Nam phường (điều đã ghi vẫn lưu)" in told[CycleEffect.RESEATED]
    assert {unit for role, unit in seats(opened, cycle) if role == "confirming"} == {
        "ubnd",
        "cong-an",
        "tram-y-te",
    }
    with store.reading() as tx:
        assert tx.scalars(select(confirmations.c.unit_id)).all() == [opened.units["mttq"]]
    confirmed(opened, cycle, "cong-an", "tram-y-te")
    assert stage_of(opened, cycle) is Stage.WAITING_APPROVAL


def test_a_withdrawn_item_withdraws_its_open_cycle(store):
    opened = an_open_period(store, plan=a_plan(3))
    plan = stored(opened)
    found = changed(opened, replace(plan, items=plan.items[1:]))
    assert effects(found) == [(plan.items[0].code, CycleEffect.WITHDRAWN)]
    assert [stage_of(opened, cycle) for cycle in opened.cycles] == [
        Stage.WITHDRAWN,
        Stage.WAITING_SUBMISSION,
        Stage.WAITING_SUBMISSION,
    ]


def test_an_added_item_gets_a_cycle_in_the_open_period_if_it_is_due_there(store):
    rules = Rules(period=PeriodRule(reporting=Reporting.DUE))
    opened = an_open_period(store, plan=a_plan(2), rules=rules)
    later = Schedule(ScheduleKind.QUARTER, date(2026, 7, 1), date(2026, 9, 30))
    plan = stored(opened)
    after = replace(plan, items=(*plan.items, an_item(3), replace(an_item(4), start=later, deadline=later)))
    found = changed(opened, after)
    assert effects(found) == [(an_item(3).code, CycleEffect.OPENED)]
    with store.reading() as tx:
        assert len(tx.scalars(select(cycles.c.id)).all()) == 3


def test_an_approved_cycle_keeps_the_item_as_it_was_approved(store):
    opened = an_open_period(store, plan=a_plan(2))
    plan = stored(opened)
    approved(opened, opened.cycles[0])
    found = changed(opened, with_item(plan, plan.items[0].code, content="Việc khác", lead_ids=("mttq",)))
    assert effects(found) == [(plan.items[0].code, CycleEffect.KEPT_DECIDED)]
    assert content_of(opened, opened.cycles[0]) == plan.items[0].content
    assert stage_of(opened, opened.cycles[0]) is Stage.APPROVED
    assert stored(opened).items[0].content == "Việc khác"
    assert ("lead", "ubnd") in seats(opened, opened.cycles[0])


def test_a_closed_period_never_changes_and_the_next_one_follows(store):
    opened = an_open_period(store, plan=a_plan(2))
    approved(opened, opened.cycles[0])
    later = opened.now + timedelta(days=31)
    with store.begin() as tx:
        close_period(tx, opened.period_id, later, is_early=True)
        rules_id = save_rules(tx, opened.organisation_id, Rules(), {}, later)
        second = open_period(tx, opened.plan_id, Span.parse("2026-Q2"), rules_id, later)
        before = load_records(tx, opened.period_id, date(2026, 4, 2))
        kept = tx.execute(select(results)).all()
    plan = stored(opened)
    code = plan.items[0].code
    found = changed(opened, with_item(plan, code, content="Việc khác", targets=(a_target("50"),)), now=later)
    assert {(one.period, one.effect) for one in found.consequences} == {
        ("Quý I/2026", CycleEffect.KEPT_CLOSED),
        ("Quý II/2026", CycleEffect.UPDATED),
    }
    with store.reading() as tx:
        assert load_records(tx, opened.period_id, date(2026, 4, 2)) == before
        assert tx.execute(select(results)).all() == kept
        assert load_records(tx, second, date(2026, 4, 2))[0].content == "Việc khác"
    assert [item.code for item in stored(opened).items] == [item.code for item in plan.items]


def test_a_report_under_way_keeps_the_words_it_answers_where_the_old_ones_must_be_kept(store):
    opened = an_open_period(store, plan=a_plan(1))
    approved(opened, opened.cycles[0])
    later = opened.now + timedelta(days=31)
    with store.begin() as tx:
        close_period(tx, opened.period_id, later, is_early=True)
        rules_id = save_rules(tx, opened.organisation_id, Rules(), {}, later)
        second = open_period(tx, opened.plan_id, Span.parse("2026-Q2"), rules_id, later)
        cycle = tx.scalar(select(cycles.c.id).where(cycles.c.period_id == second))
    submitted(replace(opened, now=later), cycle)
    plan = stored(opened)
    found = changed(
        opened,
        with_item(plan, plan.items[0].code, content="Việc khác", coordinating_ids=("mttq",)),
        now=later,
    )
    assert {one.effect for one in found.consequences if one.period == "Quý II/2026"} == {
        CycleEffect.KEPT_REPORTED,
        CycleEffect.RESEATED,
    }
    assert content_of(opened, cycle) == plan.items[0].content
    assert ("confirming", "cong-an") not in seats(opened, cycle)


def test_two_items_may_change_codes_with_each_other(store):
    opened = an_open_period(store, plan=a_plan(2))
    plan = stored(opened)
    one, other = plan.items
    after = replace(plan, items=(replace(other, code=one.code), replace(one, code=other.code)))
    found = changed(opened, after, renumbered={one.code: other.code, other.code: one.code})
    assert not found.difference.added
    assert not found.difference.withdrawn
    assert stored(opened) == after
    assert content_of(opened, opened.cycles[0]) == one.content


def test_a_withdrawn_code_may_be_used_again(store):
    opened = an_open_period(store, plan=a_plan(2))
    plan = stored(opened)
    changed(opened, replace(plan, items=plan.items[1:]))
    again = replace(plan.items[0], content="Việc mới hẳn")
    found = changed(opened, replace(plan, items=(again, *plan.items[1:])))
    assert effects(found) == [(again.code, CycleEffect.OPENED)]
    assert stored(opened).items[0] == again


def test_a_unit_that_gets_its_first_reporter_is_asked(store):
    item = replace(an_item(1), coordinating_ids=("mttq", "van-phong"))
    opened = an_open_period(store, plan=a_plan(items=[item]))
    assert ("confirming", "van-phong") not in seats(opened, opened.cycles[0])
    clerk = Person("Tạ Văn An", "an@hoaxuan.example", roles=(("van-phong", Role.REPORTER),))
    with store.begin() as tx:
        save_directory(tx, a_directory(extra=[clerk]))
    found = changed(opened, stored(opened))
    assert [one.effect for one in found.consequences] == [CycleEffect.RESEATED]
    assert ("confirming", "van-phong") in seats(opened, opened.cycles[0])


def test_a_cycle_the_office_gave_to_other_units_stays_with_them(store):
    opened = an_open_period(store, plan=a_plan(1))
    cycle = opened.cycles[0]
    with store.begin() as tx:
        units = (opened.units["mttq"],), (opened.units["doan"],)
        orders.reassign(tx, opened.person("van-phong"), cycle, *units, "Đổi đầu mối", opened.now)
    assert changed(opened, stored(opened)).consequences == ()
    code = an_item(1).code
    found = changed(
        opened, with_item(stored(opened), code, lead_units=("Công an phường",), lead_ids=("cong-an",))
    )
    assert (code, CycleEffect.KEPT_REASSIGNED) in effects(found)
    assert ("lead", "mttq") in seats(opened, cycle)


def test_what_someone_else_changed_meanwhile_is_not_overwritten_unseen(store):
    opened = an_open_period(store, plan=a_plan(2))
    plan = stored(opened)
    after = with_item(plan, plan.items[0].code, content="Của tôi")
    seen = difference(plan, after)
    changed(opened, with_item(plan, plan.items[1].code, content="Của người khác"))
    with pytest.raises(Conflict):
        changed(opened, after, seen=seen)


def test_a_unit_dropped_from_the_directory_is_gone_from_it_but_kept(store):
    opened = an_open_period(store)
    directory = a_directory()
    fewer = replace(directory, units=tuple(unit for unit in directory.units if unit.id != "doan"))
    with store.begin() as tx:
        save_directory(tx, fewer)
        assert load_directory(tx, opened.organisation_id).unit("doan") is None
        save_directory(tx, directory)
        assert load_directory(tx, opened.organisation_id).unit("doan") is not None
