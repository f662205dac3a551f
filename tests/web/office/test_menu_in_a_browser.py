"""The office's menu in a real browser: one row on a desk, within reach on a phone, without scripts too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.builders import a_link, a_store, an_open_period
from tests.web.browsing import MARKS, browsing, choose, serious_faults
from tests.web.serving import served
from workflow.storage.access.links import Purpose

pytestmark = MARKS


@contextmanager
def the_board(folder: Path, *, scripts: bool, width: int = 1280) -> Iterator[Any]:
    """The office's board in a browser."""
    opened = an_open_period(a_store(folder))
    with served(opened.store, folder, opened.now) as url, browsing(scripts=scripts, width=width) as page:
        page.goto(f"{url}/o/{a_link(opened, 'van-phong', Purpose.OFFICE)}")
        yield page


def test_the_menu_is_one_row_on_a_desk(tmp_path: Path) -> None:
    with the_board(tmp_path, scripts=False) as page:
        tops = page.eval_on_selector_all(
            ".tabs > *", "all => all.map(one => one.getBoundingClientRect().top)"
        )
        assert len(set(tops)) == 1


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scripts", [False, True], ids=["scripts off", "scripts on"])
def test_a_page_of_a_group_is_two_clicks_away(tmp_path: Path, scripts: bool, width: int) -> None:
    with the_board(tmp_path, scripts=scripts, width=width) as page:
        choose(page, "Kế hoạch, kỳ", "Quy tắc")
        assert page.get_by_role("heading", name="Quy tắc của Quý I/2026").is_visible()
        assert page.locator("summary.here").inner_text().startswith("Kế hoạch, kỳ")


def test_a_group_is_opened_and_closed_by_the_keyboard(tmp_path: Path) -> None:
    with the_board(tmp_path, scripts=True) as page:
        page.locator(".tabs summary").first.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Vướng mắc"
        page.keyboard.press("Escape")
        assert page.locator(".tabs [open]").count() == 0
        assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


@pytest.mark.parametrize("width", [390, 1280])
def test_an_open_group_is_in_sight_and_keeps_nobody_out(tmp_path: Path, width: int) -> None:
    with the_board(tmp_path, scripts=True, width=width) as page:
        page.locator(".tabs summary").last.click()
        box = page.locator(".tabs [open] ul").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert serious_faults(page) == []
