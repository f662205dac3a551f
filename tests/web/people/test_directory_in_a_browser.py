"""The office adds a person in a real Chromium with scripts off, and the person gets the next mail."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.builders import NOW, StoppedClock, a_link, a_store, an_open_period
from tests.web.browsing import MARKS, browsing, follow, press
from tests.web.serving import served
from tests.web.signing import link_in, mails_sent
from workflow.storage.access.links import Purpose

pytestmark = MARKS


def test_a_person_added_and_given_a_role_without_scripts_gets_the_next_mail(tmp_path: Path) -> None:
    opened = an_open_period(a_store(tmp_path))
    desk = f"/o/{a_link(opened, 'van-phong', Purpose.OFFICE)}"
    with served(opened.store, tmp_path, NOW) as url, browsing(scripts=False) as page:
        page.goto(f"{url}{desk}/directory")
        follow(page, "Thêm người")
        page.get_by_label("Họ và tên").fill("Tạ Văn Nam")
        page.get_by_label("Địa chỉ thư").fill("nam@hoaxuan")
        press(page, "Thêm vào danh bạ")
        assert page.get_by_text("“nam@hoaxuan” không phải là một địa chỉ thư.").is_visible()
        page.get_by_label("Địa chỉ thư").fill("nam@hoaxuan.example")
        press(page, "Thêm vào danh bạ")
        assert page.get_by_text("Đã thêm vào danh bạ.").is_visible()
        page.locator("#unit-1").select_option(label="UBND phường")
        page.locator("#role-1").select_option(label="Báo cáo, xác nhận")
        press(page, "Ghi")
        assert page.get_by_text("Đã ghi.").is_visible()
        clock = StoppedClock(NOW + timedelta(days=1))
        told = mails_sent(opened, tmp_path, clock, url)
        page.goto(link_in(told["nam@hoaxuan.example"]))
        assert page.get_by_text("Tạ Văn Nam").first.is_visible()
        assert page.get_by_text("Cải tạo, lát gạch vỉa hè").first.is_visible()
