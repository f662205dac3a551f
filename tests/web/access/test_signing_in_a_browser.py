"""Signing in in a real Chromium by the mail that came, with scripts off and on, and out again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import OFFICER, StoppedClock, a_store, an_open_period
from tests.web.browsing import MARKS, browsing, choose, press
from tests.web.serving import served
from tests.web.signing import link_in, mails_sent

pytestmark = MARKS


@pytest.mark.parametrize("scripts", [False, True], ids=["scripts off", "scripts on"])
def test_the_office_signs_in_by_its_mail_and_out(tmp_path: Path, scripts: bool) -> None:
    opened = an_open_period(a_store(tmp_path))
    with served(opened.store, tmp_path, opened.now) as url, browsing(scripts=scripts) as page:
        page.goto(f"{url}/o/me/owing")
        page.get_by_label("Địa chỉ thư").fill(OFFICER)
        press(page, "Gửi đường dẫn đăng nhập")
        assert page.get_by_role("heading", name="Mời xem hộp thư").is_visible()
        page.goto(link_in(mails_sent(opened, tmp_path, StoppedClock(opened.now), url)[OFFICER]))
        press(page, "Đăng nhập")
        assert page.url == f"{url}/o/me/owing"
        choose(page, "Kế hoạch, kỳ", "Các kỳ")
        page.get_by_label("Kỳ", exact=True).select_option("2026-Q2")
        press(page, "Xem trước")
        assert page.get_by_text("lập 3 lượt báo cáo").is_visible()
        press(page, "Đăng xuất")
        page.goto(f"{url}/o/me")
        assert page.url.startswith(f"{url}/sign-in")
