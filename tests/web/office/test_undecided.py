"""What the office is shown of a report that others did not answer before its time was over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.builders import NOW, a_link, a_plan, an_item, confirmed, submitted, voted
from tests.web.visiting import Visit, a_visit, text_of
from workflow.storage.access.links import Purpose
from workflow.storage.results.closing import close_period

AFTER = NOW + timedelta(days=40)


def an_undecided_quarter(folder: Path) -> Visit:
    """Of two items one was reported and confirmed, and two of five members voted; then the period closed."""
    visit = a_visit(folder, plan=a_plan(items=[an_item(1), an_item(2)]))
    opened = visit.opened
    submitted(opened, opened.cycles[0])
    confirmed(opened, opened.cycles[0], "mttq", "cong-an")
    voted(opened, opened.cycles[0], "bi-thu", "uy-vien-1")
    with opened.store.begin() as tx:
        close_period(tx, opened.period_id, AFTER)
    visit.clock.set(AFTER)
    visit.opened = replace(opened, now=AFTER)
    return visit


def test_the_items_page_and_the_board_say_that_it_is_undecided_and_by_whom(tmp_path: Path) -> None:
    visit = an_undecided_quarter(tmp_path)
    office = f"/o/{a_link(visit.opened, 'van-phong', Purpose.OFFICE)}"
    board = text_of(visit.client.get(office))
    item = text_of(visit.client.get(f"{office}/item/{visit.opened.cycles[0]}"))
    assert "Đã báo cáo, chưa quyết định" in board
    assert "Chưa trả lời khi hết kỳ" in item
    assert "Ngô Thị Bích Thủy" in item
