"""A plan's rows stand in the plan's own order wherever they are shown, whatever their codes look like."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select, update

from tests.builders import NOW, a_plan, an_item, an_open_period, confirmed, submitted, voted
from tests.reports.quarter import QUARTER
from workflow.domain.periods.period import Span
from workflow.domain.plans.plan import PlanItem
from workflow.reports.context import build_report
from workflow.reports.values import ReportHeading
from workflow.storage.amending.plan_changes import change_plan
from workflow.storage.cycles.heads import cycle_heads
from workflow.storage.duties.board import board
from workflow.storage.plans.plans import load_plan
from workflow.storage.results.closing import close_period
from workflow.storage.results.comparing import figures_of
from workflow.storage.results.records import load_records
from workflow.storage.tables import items

CODES = ("I.1", "I.1bis", "I.2", "A.B9", "A.B10", "A.12", "A.12a", "A.13", "x.d", "x.đ", "x.e")
"""None of these orders is that of the codes' letters or numbers."""
SECTIONS = ("d", "đ", "e", "B9", "B10", "XIV", "XIVbis", "V")


def coded(code: str, **changes: object) -> PlanItem:
    return an_item(1, **({"code": code, "content": f"Việc {code}"} | changes))


def opened_with(store, items_: list[PlanItem]):
    return an_open_period(store, plan=a_plan(items=items_))


def shown(opened) -> list[str]:
    """The codes on the board, which must be those of every other list."""
    with opened.store.reading() as tx:
        found = [row.cycle.code for row in board(tx, opened.period_id, NOW).rows]
        assert [one.code for one in cycle_heads(tx, opened.cycles).values()] == found[: len(opened.cycles)]
        assert [one.code for one in load_records(tx, opened.period_id, NOW.date())] == found
    return found


def test_rows_stand_as_in_the_plan_on_the_board_in_records_and_in_the_report(store):
    opened = opened_with(store, [coded(code) for code in CODES])
    assert shown(opened) == list(CODES)
    with store.reading() as tx:
        records = load_records(tx, opened.period_id, NOW.date())
        rollup = figures_of(tx, opened.organisation_id, Span.parse("2026-Q1"), NOW).rollup.items
    report = build_report(ReportHeading("P", "Kế hoạch"), QUARTER, records[::-1], rollup)
    assert [row.code for row in report.appendix if not row.is_heading] == list(CODES)


def test_headings_stand_as_in_the_plan_in_rollups_of_open_and_closed_periods(store):
    own = [coded(f"{one}.1", sections=(f"{one} Mục",), section_codes=(one,)) for one in SECTIONS]
    opened = opened_with(store, own)
    span = Span.parse("2026-Q1")
    with store.begin() as tx:
        now = figures_of(tx, opened.organisation_id, span, NOW).rollup.items.sections
        close_period(tx, opened.period_id, NOW, is_early=True)
        closed = figures_of(tx, opened.organisation_id, span, NOW).rollup.items.sections
    assert [one.code for one in now] == [one.code for one in closed] == list(SECTIONS)


def changed(opened, codes: list[str]) -> None:
    with opened.store.begin() as tx:
        plan = load_plan(tx, opened.plan_id)
        there = {item.code: item for item in plan.items}
        after = replace(plan, items=tuple(there.get(code) or coded(code) for code in codes))
        change_plan(tx, opened.plan_id, after, NOW)
        assert [item.code for item in load_plan(tx, opened.plan_id).items] == codes


def test_items_added_in_mid_year_stand_where_the_amendment_puts_them(store):
    opened = opened_with(store, [coded(code) for code in ("I.1", "I.2", "I.3")])
    changed(opened, ["I.0", "I.1", "I.1bis", "I.1ter", "I.2", "I.3", "I.4"])
    with store.reading() as tx:
        rows = [row.cycle.code for row in board(tx, opened.period_id, NOW).rows]
    assert rows == ["I.0", "I.1", "I.1bis", "I.1ter", "I.2", "I.3", "I.4"]


def test_what_was_decided_keeps_its_place_among_rows_that_came_later(store):
    opened = opened_with(store, [coded(code) for code in ("I.1", "I.2", "I.3")])
    submitted(opened, opened.cycles[1])
    confirmed(opened, opened.cycles[1], "mttq", "cong-an")
    voted(opened, opened.cycles[1], "bi-thu", "pho-bi-thu", "uy-vien-1")
    changed(opened, ["I.0a", "I.0b", "I.0c", "I.1", "I.2", "I.3"])
    with store.begin() as tx:
        plan = load_plan(tx, opened.plan_id)
        own = [replace(one, content="Lời mới") if one.code == "I.2" else one for one in plan.items]
        change_plan(tx, opened.plan_id, replace(plan, items=tuple(own)), NOW)
        rows = board(tx, opened.period_id, NOW).rows
    assert [row.cycle.code for row in rows] == ["I.0a", "I.0b", "I.0c", "I.1", "I.2", "I.3"]
    assert rows[4].cycle.content == "Việc I.2"


def test_an_item_that_was_moved_stands_where_it_was_moved_to(store):
    opened = opened_with(store, [coded(code) for code in ("I.1", "I.2", "I.3", "I.4")])
    changed(opened, ["I.4", "I.1", "I.3", "I.2"])
    with store.reading() as tx:
        assert [row.cycle.code for row in board(tx, opened.period_id, NOW).rows] == [
            "I.4",
            "I.1",
            "I.3",
            "I.2",
        ]


def test_where_there_is_no_room_left_the_plan_is_spread_and_its_order_stays(store):
    opened = opened_with(store, [coded(code) for code in ("I.1", "I.2", "I.3")])
    with store.begin() as tx:
        for at, code in enumerate(("I.1", "I.2", "I.3"), start=1):
            tx.execute(update(items).where(items.c.code == code).values(position=at))
    changed(opened, ["I.1", "I.1bis", "I.2", "I.3"])
    with store.reading() as tx:
        positions = tx.scalars(select(items.c.position).order_by(items.c.position)).all()
    assert len(set(positions)) == 4
