"""Subordinates summed for their superior: matched by code or mapping, nothing dropped, nothing leaked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.builders import NOW, Opened, a_directory, a_plan, an_item, an_open_period, submitted, voted
from workflow.domain.errors import NotAllowed, NotFound
from workflow.domain.periods.period import Span
from workflow.domain.plans.plan import PlanItem
from workflow.domain.results.comparing import Grouping
from workflow.domain.results.record import Status
from workflow.storage import Store
from workflow.storage.canonical import plain
from workflow.storage.people.directory import save_directory
from workflow.storage.people.subordinates import (
    ItemMatch,
    all_organisations,
    attach,
    match_faults,
    organisation_named,
    save_matches,
    subordinates,
)
from workflow.storage.plans.plans import save_plan
from workflow.storage.results.closing import close_period
from workflow.storage.results.rollups_below import Below, figures_below
from workflow.storage.tables import cycles, targets

LATER = NOW + timedelta(days=60)
Q1 = Span.parse("2026-Q1")
CITY = "Thành ủy Hoa Lư"


def item(code: str, section: str = "I.1") -> PlanItem:
    changed = {"code": code, "coordinating_ids": (), "coordinating_units": ()}
    return replace(an_item(2), section_codes=("I", section), sections=("Phần I", f"Mục {section}"), **changed)


def a_ward(store: Store, name: str, *codes: str, is_closed: bool = True, reached: str = "99") -> Opened:
    """A ward whose first item is approved; the others lapse when its quarter is closed."""
    plan = a_plan(items=[item(code) for code in codes])
    opened = an_open_period(store, directory=a_directory(name), plan=plan)
    with store.reading() as tx:
        aim = tx.scalar(
            select(targets.c.id)
            .join(cycles, cycles.c.item_id == targets.c.item_id)
            .where(cycles.c.id == opened.cycles[0])
        )
    submitted(opened, opened.cycles[0], figures={str(aim): reached}, body="Lời báo cáo riêng của phường")
    voted(opened, opened.cycles[0], "bi-thu", "pho-bi-thu", "uy-vien-1")
    if is_closed:
        with store.begin() as tx:
            close_period(tx, opened.period_id, LATER, is_early=True)
    return opened


def a_city(store: Store, *codes: str) -> int:
    with store.begin() as tx:
        city = save_directory(tx, a_directory(CITY))
        if codes:
            save_plan(tx, city, a_plan(items=[item(code, "I.2") for code in codes]), NOW)
        above = organisation_named(tx, CITY)
        for one in all_organisations(tx):
            if one.id != city:
                attach(tx, one, above, NOW)
    return city


def below(store: Store, city: int, by: Grouping) -> Below:
    with store.reading() as tx:
        found = figures_below(tx, city, Q1, by)
    assert found is not None
    return found


def test_items_match_by_code_and_what_matches_nothing_is_counted_apart_and_listed(store: Store) -> None:
    a_ward(store, "Phường Một", "A.1", "A.2")
    a_ward(store, "Phường Hai", "A.1", "A.9")
    found = below(store, a_city(store, "A.1", "A.2"), Grouping.SECTION)
    rows = {row.now.key: row.now.items.total for row in found.rows}
    assert rows == {"I": 3, "I.2": 3, "~": 1}
    assert found.whole.now.items.total == 4
    assert [(one.organisation, one.code) for one in found.unmatched] == [("Phường Hai", "A.9")]


def test_a_mapping_says_which_item_is_which_and_what_is_none(store: Store) -> None:
    a_ward(store, "Phường Một", "A.1", "B.1")
    city = a_city(store, "A.1", "A.2")
    with store.begin() as tx:
        save_matches(
            tx, city, 2026, [ItemMatch("Phường Một", "B.1", "A.2"), ItemMatch("Phường Một", "A.1")], NOW
        )
    found = below(store, city, Grouping.SECTION)
    assert {row.now.key: row.now.items.total for row in found.rows} == {"I": 1, "I.2": 1, "~": 1}
    assert [one.code for one in found.unmatched] == ["A.1"]


def test_a_wrong_mapping_is_told_line_by_line_and_changes_nothing(store: Store) -> None:
    a_ward(store, "Phường Một", "A.1")
    city = a_city(store, "A.1")
    wrong = [
        ItemMatch("Phường Lạ", "A.1", "A.1"),
        ItemMatch("Phường Một", "A.7", "A.1"),
        ItemMatch("Phường Một", "A.1", "Z"),
    ]
    with store.begin() as tx:
        assert len(match_faults(tx, city, 2026, wrong)) == 3
        with pytest.raises(NotFound):
            save_matches(tx, city, 2026, wrong, NOW)


def test_the_superior_sees_closed_figures_alone(store: Store) -> None:
    a_ward(store, "Phường Một", "A.1")
    a_ward(store, "Phường Hai", "A.1", is_closed=False)
    found = below(store, a_city(store, "A.1"), Grouping.ORGANISATION)
    assert [row.now.name for row in found.rows] == ["Phường Một"]
    assert [one.name for one in found.missing] == ["Phường Hai"]
    assert "Lời báo cáo riêng" not in str(plain(found))


def test_rates_of_several_organisations_are_never_added(store: Store) -> None:
    a_ward(store, "Phường Một", "A.1", reached="99")
    a_ward(store, "Phường Hai", "A.1", reached="95")
    (target,) = below(store, a_city(store, "A.1"), Grouping.SECTION).targets
    assert (target.count, target.reached) == (2, 1)
    assert (target.value, target.expected) == (97, None)
    assert (target.lowest, target.highest) == (95, 99)


def test_each_grouping_adds_up_to_the_whole(store: Store) -> None:
    a_ward(store, "Phường Một", "A.1", "A.2")
    a_ward(store, "Phường Hai", "A.1")
    city = a_city(store, "A.1", "A.2")
    for by in Grouping:
        found = below(store, city, by)
        outermost = [row.now.items for row in found.rows if row.now.depth == 1]
        assert sum(one.total for one in outermost) == found.whole.now.items.total == 3, by
        assert sum(one.by_status[Status.NO_REPORT] for one in outermost) == 1


def test_no_organisation_stands_under_itself(sqlite_store: Store) -> None:
    a_ward(sqlite_store, "Phường Một", "A.1")
    city = a_city(sqlite_store)
    with sqlite_store.begin() as tx:
        (ward,) = subordinates(tx, city)
        with pytest.raises(NotAllowed):
            attach(tx, organisation_named(tx, CITY), ward, NOW)
