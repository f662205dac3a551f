"""The kind of a target decides what periods and organisations make of it; changed later, they count again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.builders import NOW, an_item
from tests.kinds_played import streets, two_quarters
from workflow.amending.target_kinds import KindChange, change_target_kind, look_at_kind, targets_of_plan
from workflow.domain.errors import Conflict, NotFound
from workflow.domain.periods.period import Span
from workflow.domain.plans.target_kinds import TargetKind
from workflow.domain.results.comparing import Grouping
from workflow.domain.results.figures import Figure
from workflow.storage import Store
from workflow.storage.amending.plan_changes import change_plan
from workflow.storage.plans.plans import load_plan
from workflow.storage.results.comparing import compare
from workflow.storage.results.figures import RECORDS, versions
from workflow.storage.results.kept_rows import differences
from workflow.storage.tables import audit, items

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
