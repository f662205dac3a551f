"""The page of days off in a real browser: a list pasted, looked at, recorded, a day removed again."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from tests.builders import a_link, a_store, an_open_period
from tests.web.browsing import MARKS, browsing, choose, press, serious_faults
from tests.web.serving import served
from workflow.domain.periods.days_off import DayKind
from workflow.storage.access.links import Purpose
from workflow.storage.people.groups import own_days

pytestmark = MARKS


@pytest.mark.parametrize("width", [390, 1280])
def test_a_clerk_pastes_a_list_looks_at_it_and_records_it(tmp_path: Path, width: int) -> None:
    opened = an_open_period(a_store(tmp_path))
    with served(opened.store, tmp_path, opened.now) as url, browsing(scripts=True, width=width) as page:
        page.goto(f"{url}/o/{a_link(opened, 'van-phong', Purpose.OFFICE)}")
        choose(page, "Kế hoạch, kỳ", "Ngày nghỉ")
        page.get_by_label("Dán danh sách").fill(
            "16/03/2026 Nghỉ bão số 5\n21/03/2026 làm bù\n02/09/2026 Quốc khánh\nmai nghỉ 30/2"
        )
        with page.expect_navigation():
            page.locator("form[action$='/days-off/list'] button").click()
        said = page.locator("main").inner_text()
        assert "Hạn báo cáo: từ thứ Hai, 16/03/2026 sang thứ Ba, 17/03/2026" in said
        assert "dòng 4: “mai nghỉ 30/2”" in said
        assert serious_faults(page) == []
        _picture(page, f"look-{width}")
        page.get_by_label("Tôi đã xem và ghi những ngày này").check()
        press(page, "Ghi")
        assert "Hạn của 1 người đổi theo" in page.locator("main").inner_text()
        assert serious_faults(page) == []
        _picture(page, f"list-{width}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with opened.store.reading() as tx:
        days = [(one.day, one.kind) for one in own_days(tx, opened.organisation_id)]
    assert days == [
        (date(2026, 3, 16), DayKind.OFF),
        (date(2026, 3, 21), DayKind.WORKED),
        (date(2026, 9, 2), DayKind.OFF),
    ]


def _picture(page, name: str) -> None:
    if folder := os.environ.get("PICTURES"):
        page.emulate_media(color_scheme="light")
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
