from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import a_part, a_plan, a_target, an_item
from workflow.domain.people.directory import Directory, Person, Role, Unit
from workflow.domain.people.directory_difference import directory_difference
from workflow.domain.plans.plan import Plan, PlanItem
from workflow.domain.plans.plan_difference import applied, difference

codes = st.lists(st.sampled_from([f"I.{n}" for n in range(1, 9)]), unique=True)
contents = st.sampled_from(["Trồng cây", "Sửa đường", "Tuần tra đêm", "Tặng quà"])


@st.composite
def items(draw) -> tuple[PlanItem, ...]:
    return tuple(
        PlanItem(
            code,
            draw(contents),
            lead_ids=draw(st.sampled_from([("ubnd",), ("mttq",), ()])),
            deadline_text=draw(st.sampled_from(["", "Tháng 6", "Quý II"])),
            targets=draw(st.sampled_from([(), (a_target(),), (a_target("90"),)])),
            parts=tuple(
                a_part(f"{code}.{letter}", draw(contents))
                for letter in draw(st.sampled_from(["", "a", "ab"]))
            ),
            source=draw(st.sampled_from(["dòng 1", "dòng 2"])),
        )
        for code in draw(codes)
    )


plans = st.builds(
    Plan,
    title=st.sampled_from(["Kế hoạch năm 2026", "Kế hoạch trọng tâm"]),
    year=st.just(2026),
    number=st.sampled_from(["", "12-KH/ĐU"]),
    items=items(),
)


@given(plans, plans)
def test_applying_the_difference_of_two_plans_to_the_first_gives_the_second(one, other):
    assert applied(one, difference(one, other)) == other


@given(plans)
def test_a_plan_does_not_differ_from_itself(plan):
    assert difference(plan, plan).is_empty


@given(plans, plans, st.data())
def test_renumbered_items_are_changed_rather_than_withdrawn_and_added(one, other, data):
    pairs = min(len(one.items), len(other.items))
    chosen = data.draw(st.permutations([item.code for item in one.items]))[:pairs]
    renumbered = dict(zip([item.code for item in other.items], chosen, strict=False))
    found = difference(one, other, renumbered)
    assert applied(one, found) == other
    assert not {item.code for item in found.withdrawn} & set(renumbered.values())
    assert not {item.code for item in found.added} & set(renumbered)


def test_each_changed_field_is_told_with_its_part():
    before = replace(an_item(1), parts=(a_part("I.1.1.a", "Đo đạc"),))
    after = replace(
        before,
        content="Cải tạo vỉa hè",
        parts=(a_part("I.1.1.a", "Đo đạc, cắm mốc"), a_part("I.1.1.b", "Thi công")),
    )
    found = difference(a_plan(items=[before]), a_plan(items=[after]))
    told = [(change.code, change.field) for change in found.changed[0].fields]
    assert told == [("I.1.1", "content"), ("I.1.1.a", "content"), ("I.1.1.b", "part")]


def test_of_one_item_put_elsewhere_only_that_one_is_moved():
    plan = a_plan(6)
    last = plan.items[-1]
    other = replace(plan, items=(last, *plan.items[:-1]))
    assert difference(plan, other).moved == (last.code,)


def test_a_row_read_from_another_line_is_no_change_a_person_is_told_of():
    plan = a_plan(1)
    other = replace(plan, items=(replace(plan.items[0], source="dòng 99"),))
    found = difference(plan, other)
    assert len(found.changed) == 1
    assert found.shown_changes == ()


def test_the_order_of_roles_members_and_aliases_is_no_change_of_a_directory():
    def directory(members, roles):
        group = Unit("cac-tdp", "Các TDP", members=members)
        return Directory("Phường", (group,), (Person("An", "an@p.example", roles=roles),))

    roles = (("btv", Role.MEMBER), ("btv", Role.RECIPIENT))
    one, other = directory(("tdp-1", "tdp-2"), roles), directory(("tdp-2", "tdp-1"), roles[::-1])
    assert directory_difference(one, other).is_empty


def test_a_person_with_another_address_is_one_who_came_and_one_who_went():
    one = Directory("Phường", persons=(Person("An", "an@p.example"),))
    other = Directory("Phường", persons=(Person("An", "an@q.example"),))
    found = directory_difference(one, other).persons
    assert (len(found.added), len(found.changed), len(found.dropped)) == (1, 0, 1)
