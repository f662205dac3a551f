"""The kind of a target decides what periods and organisations make of it; changed later, they count again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.builders import (
    NOW,
    a_directory,
    a_plan,
    a_target,
    an_item,
    an_open_period,
    submitted,
    voted,
)
from tests.kinds_played import streets, two_quarters
from workflow.amending.target_kinds import KindChange, change_target_kind, look_at_kind, targets_of_plan
from workflow.domain.errors import Conflict, NotFound
from workflow.domain.periods.period import Span
from workflow.domain.plans.target_kinds import TargetKind
from workflow.domain.results.comparing import Grouping
from workflow.domain.results.figures import Figure
from workflow.domain.rules.routing_rules import FigureRule, Rules
from workflow.storage import Store
from workflow.storage.amending.plan_changes import change_plan
from workflow.storage.people.directory import save_directory
from workflow.storage.people.subordinates import all_organisations, attach, organisation_named
from workflow.storage.plans.plans import load_plan
from workflow.storage.results.closing import close_period
from workflow.storage.results.comparing import compare
from workflow.storage.results.figures import RECORDS, versions
from workflow.storage.results.kept_rows import differences
from workflow.storage.results.rollups_below import figures_below
from workflow.storage.tables import audit, cycles, items, targets

AFTER = NOW + timedelta(days=150)
WHY = "Đếm trùng các tuyến phố"


def the_year(store: Store, organisation_id: int) -> Figure:
    with store.reading() as tx:
        found = compare(tx, organisation_id, Span.parse("2026"), Grouping.SECTION, AFTER)
    assert found is not None
    (target,) = found.now.targets
    return target.figure


def changed(store: Store, plan_id: int, code: str, kind: TargetKind = TargetKind.LEVEL) -> KindChange:
    with store.begin() as tx:
        return change_target_kind(tx, plan_id, code, 1, kind, WHY, AFTER)


def test_streets_kept_in_two_quarters_are_as_many_as_in_the_last_one_and_not_twice_as_many(
    store: Store,
) -> None:
    first, _ = two_quarters(store, TargetKind.LEVEL)
    year = the_year(store, first.organisation_id)
    assert (year.so_far, year.is_reached, year.kind) == (10, False, TargetKind.LEVEL)


def test_a_kind_changed_later_counts_every_closed_period_again_beside_the_old_results(store: Store) -> None:
    first, second = two_quarters(store, TargetKind.FLOW)
    assert the_year(store, first.organisation_id).is_reached
    code = an_item(1).code
    found = changed(store, first.plan_id, code)
    assert found.year_before is not None
    assert found.year_after is not None
    assert (found.year_before.so_far, found.year_after.so_far) == (20, 10)
    assert the_year(store, first.organisation_id).so_far == 10
    with store.reading() as tx:
        kept = [versions(tx, one.period_id, RECORDS) for one in (first, second)]
        assert [len(one) for one in kept] == [2, 2]
        assert kept[0][-1].because == f"{code}: cộng dồn → mức giữ: {WHY}"
        assert kept[1][0].body[0]["figures"][0]["kind"] == "flow"
        assert differences(tx) == (2, [])


def test_a_look_says_what_the_change_does_and_does_nothing(store: Store) -> None:
    first, second = two_quarters(store, TargetKind.FLOW)
    code = an_item(1).code
    seen = look_at_kind(store, first.plan_id, code, 1, TargetKind.LEVEL, AFTER)
    with store.reading() as tx:
        assert len(versions(tx, second.period_id, RECORDS)) == 1
        assert targets_of_plan(tx, first.plan_id)[0].kind is TargetKind.FLOW
    assert seen == changed(store, first.plan_id, code)


def test_the_change_is_in_the_log_with_who_why_and_what_was_counted_again(store: Store) -> None:
    first, _ = two_quarters(store, TargetKind.FLOW)
    with store.begin() as tx:
        by = first.person("van-phong")
        change_target_kind(tx, first.plan_id, an_item(1).code, 1, TargetKind.LEVEL, WHY, AFTER, by=by)
        entry = tx.execute(select(audit).where(audit.c.verb == "target-kind-changed")).one()
    assert entry.person_id == by
    assert (entry.details["before"], entry.details["after"], entry.details["because"]) == (
        "flow",
        "level",
        WHY,
    )
    assert sorted(entry.details["results"].values()) == [2, 2]


def test_a_row_kept_for_decided_cycles_gets_the_kind_too(store: Store) -> None:
    first, _ = two_quarters(store, TargetKind.FLOW)
    with store.begin() as tx:
        plan = load_plan(tx, first.plan_id)
        reworded = replace(plan.items[0], content=plan.items[0].content + " (điều chỉnh)")
        change_plan(tx, first.plan_id, replace(plan, items=(reworded,)), AFTER)
        assert tx.scalar(select(items.c.replaced_by).where(items.c.replaced_by.is_not(None)))
    changed(store, first.plan_id, an_item(1).code)
    assert the_year(store, first.organisation_id).so_far == 10
    with store.reading() as tx:
        assert differences(tx) == (2, [])


def test_without_a_reason_or_with_another_kind_than_was_seen_nothing_is_changed(store: Store) -> None:
    first, _ = two_quarters(store, TargetKind.FLOW)
    code = an_item(1).code
    with pytest.raises(Conflict), store.begin() as tx:
        change_target_kind(tx, first.plan_id, code, 1, TargetKind.LEVEL, " ", AFTER)
    with pytest.raises(Conflict), store.begin() as tx:
        change_target_kind(tx, first.plan_id, code, 1, TargetKind.RATE, WHY, AFTER, seen=TargetKind.LEVEL)
    with pytest.raises(NotFound), store.begin() as tx:
        change_target_kind(tx, first.plan_id, code, 2, TargetKind.LEVEL, WHY, AFTER)


def test_a_plan_is_stored_with_the_kinds_of_its_targets(store: Store) -> None:
    first, _ = two_quarters(store, TargetKind.YES_NO)
    with store.reading() as tx:
        assert load_plan(tx, first.plan_id).items[0].targets == (streets(TargetKind.YES_NO),)


def test_rates_of_wards_are_weighed_by_what_each_is_a_rate_of(store: Store) -> None:
    weighed = Rules(figures=FigureRule(weights=("hồ sơ",)))
    aims = (a_target("90", "90% đúng hạn", "%"), a_target("50", "50 hồ sơ", "hồ sơ"))
    item = replace(an_item(1), coordinating_ids=(), coordinating_units=(), targets=aims)
    for ward, rate, papers in (("Phường Một", "90", "100"), ("Phường Hai", "100", "300")):
        opened = an_open_period(store, directory=a_directory(ward), plan=a_plan(items=[item]), rules=weighed)
        with store.reading() as tx:
            own = select(targets.c.id).join(cycles, cycles.c.item_id == targets.c.item_id)
            ids = tx.scalars(own.where(cycles.c.id == opened.cycles[0]).order_by(targets.c.id)).all()
        submitted(opened, opened.cycles[0], figures={str(ids[0]): rate, str(ids[1]): papers})
        voted(opened, opened.cycles[0], "bi-thu", "pho-bi-thu", "uy-vien-1")
        with store.begin() as tx:
            close_period(tx, opened.period_id, NOW + timedelta(days=60), is_early=True)
    with store.begin() as tx:
        city = save_directory(tx, a_directory("Thành ủy"))
        above = organisation_named(tx, "Thành ủy")
        for one in all_organisations(tx):
            if one.id != city:
                attach(tx, one, above, NOW)
        found = figures_below(tx, city, Span.parse("2026-Q1"), Grouping.SECTION)
    assert found is not None
    share, papers_of_all = found.targets
    assert (share.value, share.expected) == (Decimal("97.5"), None)
    assert (papers_of_all.value, papers_of_all.expected) == (400, 100)
