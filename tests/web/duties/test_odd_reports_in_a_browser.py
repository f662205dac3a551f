"""What is odd asked about once on a phone-wide page in a real Chromium, with scripts and without."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from tests.builders import a_link, a_plan, a_store, a_target, an_item, an_open_period
from tests.web.browsing import MARKS, browsing, press, serious_faults
from tests.web.serving import served
from workflow.storage.tables import submissions

pytestmark = MARKS


@pytest.mark.parametrize("scripts", [True, False])
def test_the_odd_is_asked_about_once_on_a_phone_and_the_year_is_reckoned_while_it_is_typed(
    tmp_path: Path, scripts: bool
) -> None:
    plan = a_plan(items=[an_item(1, targets=(a_target("120", "Camera an ninh", "camera"),))])
    opened = an_open_period(a_store(tmp_path), plan=plan)
    with served(opened.store, tmp_path, opened.now) as url, browsing(scripts=scripts) as page:
        page.goto(f"{url}/l/{a_link(opened, 'ubnd')}/report/{opened.cycles[0]}")
        page.get_by_label("Tiến độ thực hiện").fill("100")
        page.get_by_label("Camera an ninh").fill("20")
        reckoned = page.get_by_text("Từ đầu năm: 0 + 20 = 20 trên kế hoạch 120 camera")
        assert reckoned.count() == (1 if scripts else 0)
        page.get_by_label("Kết quả thực hiện trong kỳ").fill("Lắp xong đợt một.")
        press(page, "Gửi báo cáo")
        assert page.get_by_text("Báo cáo chưa được gửi.").is_visible()
        assert page.get_by_text("chỉ tiêu mới đạt 16,7%").is_visible()
        assert reckoned.is_visible()
        if scripts:
            # axe is a script itself.
            assert serious_faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        for place, reason in (("progress", "Biên bản chờ ký."), ("figure-1", "Phần còn lại chuyển năm sau.")):
            page.locator(f"#why-{place}").fill(reason)
        press(page, "Gửi báo cáo")
        assert page.get_by_role("heading", name="Đã ghi nhận", exact=True).is_visible()
    with opened.store.reading() as tx:
        (told,) = tx.scalars(select(submissions.c.oddities)).all()
    assert [one["reason"] for one in told] == ["Biên bản chờ ký.", "Phần còn lại chuyển năm sau."]
